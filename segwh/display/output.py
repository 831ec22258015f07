"""Standard output: what programs read there, and that it takes no more, as its reader has gone or there is no room."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from segwh.errors import RulesError, UserError


@contextmanager
def written() -> Iterator[None]:
    """Fall silent when the reader of the output goes away: what it tells of has happened all the same. Any other trouble with
    it is a UserError.
    """
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise unwritable(error) from None


def unwritable(error: OSError) -> UserError:
    """What is said where the output could not be written."""
    return UserError(
        f"the output cannot be written: {error.strerror}",
        "make room there, or send it elsewhere; whatever the command did besides stands",
    )


def speak_utf8() -> None:
    """Write what programs read (JSON, rules, SQL) in UTF-8 where it goes into a file or a pipe: in a narrower encoding a value
    would be another one there, with question marks in it, and nobody would see that.
    """
    stream = sys.stdout
    if hasattr(stream, "reconfigure") and not stream.isatty():
        stream.reconfigure(encoding="utf-8", errors="replace")


def mistakes_as_json(error: RulesError | UserError) -> str:
    """Why there is no result, in the place of one: tools read one document whatever happened."""
    if isinstance(error, RulesError):
        found = [one.as_json() for one in error.diagnostics]
        told = {"error": "there are mistakes in the files", "hint": None, "diagnostics": found}
    else:
        told = {"error": error.message, "hint": error.hint or None, "diagnostics": []}
    return json.dumps(told, indent=2, ensure_ascii=False)
