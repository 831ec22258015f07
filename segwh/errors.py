"""Mistakes that the user can fix, as exceptions: those in the rules, each with its place, and all others with what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterable

from segwh.text import diagnostics


class UserError(Exception):
    """Something the user can fix. `message` says what is wrong, `hint` what to do; either may have several lines."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class RulesError(Exception):
    """The rules hold mistakes. `text` shows each with its place; `diagnostics` are the same for tools."""

    def __init__(self, text: str, found: Iterable[diagnostics.Diagnostic]) -> None:
        super().__init__(text)
        self.text = text
        self.diagnostics = tuple(found)


def meant(wrong: str, valid: Iterable[str]) -> str:
    """A tail for a message, "; `orders` might be meant", or nothing if no valid name is close."""
    hint = diagnostics.meant(wrong, valid)
    return f"; {hint}" if hint else ""


def how_to_write(error: OSError) -> str:
    """What to do where something could not be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "free some space on the disk, then run the command again"
    if error.errno == errno.EFBIG:
        return "raise the limit on the size of files (`ulimit -f`), then run the command again"
    if error.errno in (errno.ENOTDIR, errno.EEXIST, errno.EISDIR):
        return "something else has that name: move it out of the way"
    return "make the folder writable"
