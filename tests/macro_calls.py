"""How dbt lets a macro end early: with a value, by `return`, or with a complaint, by `exceptions.raise_compiler_error`."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn


class CompilerError(Exception):
    """What a macro raises by `exceptions.raise_compiler_error`."""


class _Returned(Exception):  # noqa: N818  it is no error: it carries the value out
    def __init__(self, value: object) -> None:
        self.value = value


def returned(value: object) -> NoReturn:
    """The `return` of macros."""
    raise _Returned(value)


def complain(message: str) -> NoReturn:
    """The `exceptions.raise_compiler_error` of macros."""
    raise CompilerError(message)


def called(macro: Callable[..., object], *arguments: object, **named: object) -> object:
    """What a macro returns, or else writes. Raises CompilerError where it complains."""
    try:
        return macro(*arguments, **named)
    except _Returned as found:
        return found.value
