"""Conditions and segments as text again: a node as one line of YAML flow text, and the lines of a file it came from."""

from __future__ import annotations

import json
import re
from typing import assert_never

from segwh.text.source import Items, Mapping, Node, Scalar

SAFE = re.compile(r"[\w/.+=<>()$%^;~ -]+")
"""Plain scalars that mean the same inside { } and [ ]."""


def flow_text(node: Node) -> str:
    """A node as one line of YAML flow text."""
    match node:
        case Scalar(text, plain):
            return text if plain and SAFE.fullmatch(text) else json.dumps(text, ensure_ascii=False)
        case Mapping(entries):
            return "{" + ", ".join(f"{key.text}: {flow_text(value)}" for key, value in entries) + "}"
        case Items(items):
            return "[" + ", ".join(flow_text(item) for item in items) + "]"
        case _:
            assert_never(node)


def excerpt(node: Node, lines: list[str]) -> str:
    """The lines of a file that a node covers, without the indentation that they share."""
    (first, column), (last, end) = node.start, node.end
    written = [line.rstrip("\r") for line in lines[first : last + 1]]
    if not written:
        return ""
    written[-1] = written[-1][:end]
    written[0] = written[0][column:]
    margin = " " * column
    rest = [line.removeprefix(margin) if line.startswith(margin) else line.lstrip() for line in written[1:]]
    return "\n".join([written[0], *rest]).rstrip()
