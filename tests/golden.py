"""Texts that are kept beside the tests. `UPDATE_GOLDEN=1 pytest ...` writes them anew; the diff is then read like code."""

from __future__ import annotations

import os
from difflib import unified_diff
from pathlib import Path


def check(path: Path, text: str) -> None:
    """The text is that of the file."""
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert path.is_file(), f"{path} does not exist; UPDATE_GOLDEN=1 writes it"
    assert text == path.read_text(encoding="utf-8")


def difference(generic: str, own: str) -> str:
    """The lines in which a text differs from the generic one, without those around them."""
    lines = list(unified_diff(generic.splitlines(), own.splitlines(), "generic", "own", lineterm="", n=0))
    return "".join(f"{line}\n" for line in lines[2:])
