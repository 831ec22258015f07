"""Plain Python structures as YAML flow text, with every character that could be read as something else escaped."""

from __future__ import annotations

from decimal import Decimal


class Word(str):
    """A scalar written as it stands, such as a date or a duration."""

    __slots__ = ()


def dumped(value: object) -> str:
    """The YAML text of mappings, lists, texts, numbers and booleans."""
    match value:
        case Word():
            return str(value)
        case str():
            return '"' + "".join(_escaped(character) for character in value) + '"'
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            return format(value, "f")
        case dict():
            return "{" + ", ".join(f"{dumped(key)}: {dumped(item)}" for key, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(dumped(item) for item in value) + "]"
        case _:
            raise TypeError(f"{value!r} has no YAML text here")


def _escaped(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    code = ord(character)
    if 0x20 <= code < 0x7F:
        return character
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
