"""What not every engine can do: words for it, and what a rule can ask instead."""

from __future__ import annotations

from enum import StrEnum


class Feature(StrEnum):
    """Something that a rule can ask for and that an engine may lack. The value says what it is, after "asks for"."""

    LISTS = "a list of strings"
    MISSING_LISTS = "a list of strings that can be missing"
    """One behind a lookup, or of the first or last row: an engine without null lists would take it for an empty one."""
    PATTERNS = "a regular expression"
    NUL = "a text with the character U+0000"
    LONG_DECIMALS = "an exact number of more than 28 digits, or 18 on one side of the point"
    """Beside decimals: these have 38 digits there, and a column's scale, a literal and a number of rows must all fit in."""


INSTEAD = {
    Feature.LISTS: "related rows, one for each element, or a boolean attribute that the model computes",
    Feature.MISSING_LISTS: "a list in a column of the row itself, or a boolean property behind the lookup",
    Feature.PATTERNS: "`contains`, `starts_with`, `ends_with`, or a boolean attribute that the model computes",
    Feature.NUL: "a text without it",
    Feature.LONG_DECIMALS: "a number of fewer digits, or a column of the type `number`",
}
"""What to write instead, for the line `expected` of the mistake."""
