"""Regular expressions of the shared subset in a spelling that every engine reads alike (law 4, ruling B17)."""

from __future__ import annotations

CLASSES = {"d": "0-9", "w": "0-9A-Za-z_", "s": r" \t\n\r\f\v"}


def portable(pattern: str) -> str:
    r"""The pattern with ASCII classes spelled out, and neither `.` nor a negated class matching a newline.

    >>> portable(r"^a.[^b]\d$")
    '^a[^\\n][^\\nb][0-9]$'
    >>> portable("[^-a]")  # what comes before it does not make a range of the `-`
    '[^\\n\\-a]'
    """
    out: list[str] = []
    in_class = False
    at = 0
    while at < len(pattern):
        character = pattern[at]
        if character == "\\":
            ranges = CLASSES.get(pattern[at + 1])
            out.append(pattern[at : at + 2] if ranges is None else ranges if in_class else f"[{ranges}]")
            at += 2
            continue
        if not in_class and pattern.startswith("[^", at):
            is_dash = pattern.startswith("-", at + 2)
            out.append(r"[^\n\-" if is_dash else r"[^\n")
            in_class, at = True, at + 2 + is_dash
            continue
        if in_class:
            in_class = character != "]"
            # A bracket inside a class may open a POSIX class; escaped it is itself everywhere.
            out.append(r"\[" if character == "[" else character)
        elif character == ".":
            out.append(r"[^\n]")
        else:
            in_class = character == "["
            out.append(character)
        at += 1
    return "".join(out)


def in_lower_case(pattern: str) -> str:
    r"""The pattern that finds in a text's lower case what this one finds in the text whatever the case is (ruling B18).

    >>> in_lower_case(r"^\AB[^A-C\dÖ]$".replace("\\A", r"\."))
    '^\\.b[^A-Ca-c\\dö]$'
    >>> in_lower_case("[-+A-]I")
    '[\\-+a\\-]i'
    """
    out: list[str] = []
    at = 0
    while at < len(pattern):
        if pattern[at] == "[":
            end, letters = _class_in_lower_case(pattern, at)
            out.append(letters)
        else:
            end = at + 1 + (pattern[at] == "\\")
            out.append(_lower(pattern[at:end]) if end == at + 1 else pattern[at:end])
        at = end
    return "".join(out)


def _class_in_lower_case(pattern: str, at: int) -> tuple[int, str]:
    """Where the class that begins there ends, and the class. A range stays; the lower case of its letters comes beside it."""
    out = ["[^" if pattern.startswith("[^", at) else "["]
    at += len(out[0])
    while pattern[at] != "]":
        first, end = _item(pattern, at)
        if first in CLASS_ITEMS or pattern[end] != "-" or pattern[end + 1] == "]":
            out.append(r"\-" if first == "-" else first if len(first) > 1 else _lower(first))
        else:
            last, end = _item(pattern, end + 1)
            out += [f"{first}-{last}", *_lower_beside(first[-1], last[-1])]
        at = end
    return at + 1, "".join([*out, "]"])


CLASS_ITEMS = frozenset(f"\\{letter}" for letter in CLASSES)


def _item(pattern: str, at: int) -> tuple[str, int]:
    end = at + 1 + (pattern[at] == "\\")
    return pattern[at:end], end


def _lower(character: str) -> str:
    return "i" if character == "İ" else character.lower()


def _lower_beside(first: str, last: str) -> list[str]:
    """The lower case of a range, as ranges, where it lies outside of it."""
    beside = sorted({ord(_lower(chr(one))) for one in range(ord(first), ord(last) + 1)} - {*range(ord(first), ord(last) + 1)})
    ranges: list[list[int]] = []
    for one in beside:
        if ranges and ranges[-1][1] == one - 1:
            ranges[-1][1] = one
        else:
            ranges.append([one, one])
    return [chr(low) if low == high else f"{chr(low)}-{chr(high)}" for low, high in ranges]


def for_java(pattern: str) -> str:
    r"""A portable pattern for java.util.regex, where some of it means more than elsewhere.

    `$` would also match before a last newline, `\v` is all vertical space, `&&` in a class intersects.

    >>> for_java(r"a&&[&&]$")
    'a&&[\\&\\&]\\z'
    """
    out: list[str] = []
    in_class = False
    at = 0
    while at < len(pattern):
        character = pattern[at]
        if character == "\\":
            out.append(r"\x0B" if pattern[at + 1] == "v" else pattern[at : at + 2])
            at += 2
            continue
        if character in "[]":
            in_class = character == "["
        out.append({"$": "$", "&": r"\&"}.get(character, character) if in_class else {"$": r"\z"}.get(character, character))
        at += 1
    return "".join(out)
