"""Imported segments as a YAML file of rules, with what was left out as comments if asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import yaml

from segwh.text.source import Scalar, value_of

WIDTH = 120


class RulesDumper(yaml.SafeDumper):
    """Writes plain data so that rules are read back as the same data: YAML 1.2 has other numbers than the library."""


def _text(dumper: RulesDumper, text: str) -> yaml.ScalarNode:
    start = (0, 0)
    is_text = bool(text) and value_of(Scalar(text, True, "", start, start)) == text
    style = None if is_text else '"'
    if "\n" in text or not text.isprintable():
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _number(dumper: RulesDumper, number: Decimal) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:float", f"{number:f}")


def _mapping(dumper: RulesDumper, mapping: Mapping[str, Any]) -> yaml.MappingNode:
    """A condition that holds no others stands on one line."""
    is_leaf = "attribute" in mapping or set(mapping) == {"segment"}
    return dumper.represent_mapping("tag:yaml.org,2002:map", mapping.items(), flow_style=is_leaf or None)


RulesDumper.add_representer(str, _text)
RulesDumper.add_representer(Decimal, _number)
RulesDumper.add_representer(dict, _mapping)


def segment_text(segment: Mapping[str, Any]) -> str:
    """One segment as an item of the list `segments`, indented by two."""
    dumped = yaml.dump(
        [segment], Dumper=RulesDumper, sort_keys=False, allow_unicode=True, width=WIDTH, default_flow_style=False, indent=2
    )
    return "".join(f"  {line}" if line.strip() else line for line in dumped.splitlines(keepends=True))


def commented(text: str) -> str:
    """Lines as comments. Nothing in a comment can end it: characters that would start a line are written as escapes."""
    return "".join(f"  # {line}\n" for line in text.splitlines())


def file_text(source: str, kept: Iterable[str], left_out: Iterable[str]) -> str:
    """A file of rules from the texts of its segments; `left_out` are comments."""
    parts = [f"# Imported from {source}.", "segments:"]
    body = "\n".join(kept)
    tail = "\n".join(left_out)
    if not body:
        parts[-1] = "segments: []"
    return "\n".join(part for part in (*parts, body.rstrip("\n"), tail.rstrip("\n")) if part) + "\n"
