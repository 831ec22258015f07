"""The check of a regular expression: only what every engine spells and means alike (law 4)."""

from __future__ import annotations

PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
CLASSES = frozenset("dws")
MOST_REPEATS = 255
"""The largest count in `{m,n}` that all engines take: PostgreSQL's."""
MOST_IN_ALL = 1_000
"""How often something may be repeated by counts inside counts: RE2 takes no more, which is that of DuckDB and others."""
DEEPEST = 50


class PatternError(Exception):
    """What is outside of the subset, and at which character (from 0)."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


def check_pattern(pattern: str) -> None:
    r"""Raise PatternError unless the pattern is in the shared subset.

    Literals, `.`, classes, `\d \w \s`, `^ $`, plain groups, `|`, `* + ? {m,n}`, escaped punctuation.
    """
    if not pattern:
        raise PatternError("the pattern is empty", 0)
    end, _ = alternatives(pattern, 0, 0)
    if end < len(pattern):
        raise PatternError("`)` closes nothing", end)


Read = tuple[int, int]
"""Where something ends, and how often the counts in it repeat what they repeat most."""


def alternatives(pattern: str, at: int, depth: int) -> Read:
    """Read branches up to the end or an unopened `)`."""
    most = 1
    while True:
        at, times = branch(pattern, at, depth)
        most = max(most, times)
        if at >= len(pattern) or pattern[at] == ")":
            return at, most
        at += 1


def branch(pattern: str, at: int, depth: int) -> Read:
    """Read pieces up to `|`, `)` or the end."""
    start, most = at, 1
    while at < len(pattern) and pattern[at] not in "|)":
        anchor = pattern[at] in "^$"
        at, times = atom(pattern, at, depth)
        if at < len(pattern) and pattern[at] in "*+?{":
            if anchor:
                raise PatternError("an anchor cannot be repeated", at)
            end, count = repeat(pattern, at)
            times *= count
            if times > MOST_IN_ALL:
                raise PatternError(f"counts inside counts repeat something more than {MOST_IN_ALL:,} times", at)
            at = end
        most = max(most, times)
    if at == start:
        raise PatternError("an empty alternative or group", at)
    return at, most


def atom(pattern: str, at: int, depth: int) -> Read:
    """Read one literal, class, group or anchor."""
    character = pattern[at]
    if character == "(":
        if pattern[at + 1 : at + 2] == "?":
            raise PatternError("only plain groups `( )` are shared by all engines", at)
        if depth >= DEEPEST:
            raise PatternError(f"groups are nested more than {DEEPEST} deep", at)
        end, times = alternatives(pattern, at + 1, depth + 1)
        if end >= len(pattern):
            raise PatternError("`(` is not closed", at)
        return end + 1, times
    if character == "[":
        return bracket(pattern, at), 1
    if character == "\\":
        return escape(pattern, at), 1
    if character in "*+?{":
        raise PatternError(f"`{character}` repeats nothing; escaped, it is `\\{character}`", at)
    if character in "}]":
        raise PatternError(f"a lone `{character}` is read differently by engines; escaped, it is `\\{character}`", at)
    if character == "\n" or not character.isprintable():
        raise PatternError("a control character; white space is `\\s`", at)
    return at + 1, 1


def repeat(pattern: str, at: int) -> Read:
    """Read `*`, `+`, `?` or `{m,n}`, and refuse the lazy and possessive forms."""
    times = 1
    if pattern[at] == "{":
        close = pattern.find("}", at)
        counts = pattern[at + 1 : close].split(",") if close > 0 else []
        if len(counts) not in (1, 2) or not all(ascii_number(count) for count in counts if count) or not counts[0]:
            raise PatternError("a repeat is `{m}`, `{m,}` or `{m,n}`; a literal `{` is `\\{`", at)
        if any(count.startswith("0") and count != "0" for count in counts):
            raise PatternError("a count that begins with 0 is text to some engines", at)
        numbers = [int(count[:6]) for count in counts if count]
        if max(numbers) > MOST_REPEATS or numbers != sorted(numbers):
            raise PatternError(f"the counts of a repeat ascend, up to {MOST_REPEATS}", at)
        at, times = close + 1, max(1, *numbers)
    else:
        at += 1
    if at < len(pattern) and pattern[at] in "*+?{":
        raise PatternError("lazy, possessive and double repeats are not shared by all engines", at)
    return at, times


def ascii_number(text: str) -> bool:
    """Whether a text is made of the digits 0 to 9."""
    return text.isascii() and text.isdigit()


def escape(pattern: str, at: int) -> int:
    r"""Read `\d`, `\w`, `\s` or escaped punctuation."""
    following = pattern[at + 1 : at + 2]
    if not following:
        raise PatternError("a lone backslash at the end", at)
    if following in PUNCTUATION or following in CLASSES:
        return at + 2
    if following.isdigit():
        raise PatternError("back references are not shared by all engines", at)
    raise PatternError(f"`\\{following}` is not shared by all engines", at)


def bracket(pattern: str, at: int) -> int:
    r"""Read a class `[...]`: characters, ranges, `\d \w \s` and escaped punctuation."""
    start = at
    at += 2 if pattern[at + 1 : at + 2] == "^" else 1
    first = at
    previous: str | None = None
    while at < len(pattern) and pattern[at] != "]":
        character = pattern[at]
        if character == "[":
            raise PatternError("`[` inside a class is read differently by engines; escaped, it is `\\[`", at)
        if character == "-" and previous is not None and pattern[at + 1 : at + 2] not in ("]", ""):
            at = range_end(pattern, at, previous)
            previous = None
            continue
        if character == "-" and previous is None and at != first and pattern[at + 1 : at + 2] != "]":
            raise PatternError("a `-` after a range or a class is read differently by engines; escaped, it is `\\-`", at)
        if character in "&|~-" and pattern[at + 1 : at + 2] == character:
            raise PatternError(f"`{character}{character}` inside a class is a set operation in some engines", at)
        end = escape(pattern, at) if character == "\\" else at + 1
        if character == "\n" or not character.isprintable():
            raise PatternError("a control character; white space is `\\s`", at)
        previous = None if character == "\\" and pattern[at + 1] in CLASSES else pattern[end - 1]
        at = end
    if at >= len(pattern):
        raise PatternError("`[` is not closed", start)
    if at == first:
        raise PatternError("an empty class; a literal `]` is `\\]`", start)
    return at + 1


def range_end(pattern: str, at: int, first: str) -> int:
    """Read the end of a range `a-z` whose `-` is at a place."""
    end = at + 1
    if pattern[end] == "\\":
        after = escape(pattern, end)
        if pattern[end + 1] in CLASSES:
            raise PatternError("a range ends at a character, not at a class", end)
    else:
        after = end + 1
    if first > pattern[after - 1]:
        raise PatternError(f"the range `{first}-{pattern[after - 1]}` is reversed", at)
    return after
