"""Standard output that takes no more: its reader has gone, or there is no room where it goes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from segwh.errors import UserError


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
