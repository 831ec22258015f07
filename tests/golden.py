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


def differences(generic: str, own: str) -> list[str]:
    """The places in which a text differs from the generic one, without the lines around them and how far those are moved in."""
    lines = unified_diff(generic.splitlines(), own.splitlines(), "generic", "own", lineterm="", n=0)
    places: list[list[str]] = []
    for line in list(lines)[2:]:
        if line.startswith("@@"):
            places.append([])
        else:
            places[-1].append(line)
    return ["\n".join(_moved_out(place)) for place in places]


def _moved_out(lines: list[str]) -> list[str]:
    indent = min(len(line) - 1 - len(line[1:].lstrip()) for line in lines)
    return [line[0] + line[1 + indent :] for line in lines]
