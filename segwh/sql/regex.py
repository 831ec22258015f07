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
