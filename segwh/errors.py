"""The one exception for a mistake that the user can fix outside of the rules: what is wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable

from segwh import diagnostics


class UserError(Exception):
    """Something the user can fix. `message` says what is wrong, `hint` what to do; either may have several lines."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


def meant(wrong: str, valid: Iterable[str]) -> str:
    """A tail for a message, "; `orders` might be meant", or nothing if no valid name is close."""
    hint = diagnostics.meant(wrong, valid)
    return f"; {hint}" if hint else ""
