"""The texts that an expression of a property's `sql:` may come to, as far as they are written in it."""

from __future__ import annotations

import re
from functools import reduce
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlglot import exp

MOST = 64
"""So many texts of one expression are told apart."""
FROM_ROW = "\n"
"""What stands in a text for what the row says, or for what is no text; no word goes on behind it."""
TIME_FUNCTIONS = frozenset(
    {"make_date", "make_time", "make_timestamp", "make_timestamptz", "make_interval", "to_date", "to_timestamp", "date_trunc",
     "date_bin", "dateadd", "date_add", "date_sub", "last_day", "add_months", "timestamp_seconds", "timestamp_millis",
     "timestamp_micros", "timezone"}
)  # fmt: skip
"""Functions that sqlglot may not know, of which a time comes."""


def written(text: exp.Expr) -> str:
    """What a literal says, with the characters that PostgreSQL's `U&'...'` names by their numbers."""
    from sqlglot import exp

    if not isinstance(text, exp.UnicodeString):
        return text.name
    escape = text.args.get("escape")
    mark = re.escape(escape.name if isinstance(escape, exp.Literal) else "\\")
    return re.sub(f"{mark}(?:\\+([0-9a-fA-F]{{6}})|([0-9a-fA-F]{{4}}))", _character, text.name)


def _character(found: re.Match[str]) -> str:
    code = int(found[1] or found[2], 16)
    return chr(code) if code < 0x110000 else found[0]


def texts_of(value: exp.Expr) -> tuple[str | None, ...]:
    """The texts that may come of an expression, FROM_ROW in place of what the row says; None for one that is written there but
    not worked out.
    """
    from sqlglot import exp

    value = value.unnest()
    match value:
        case exp.Literal() | exp.ByteString() | exp.UnicodeString() | exp.RawString() | exp.National():
            return (written(value),)
        case exp.Null():
            return ("",)
        case exp.Cast() if value.to.this in exp.DataType.TEXT_TYPES:
            return texts_of(value.this)
        case exp.DPipe() | exp.Concat():
            return _together("", list(_parts(value)))
        case exp.ConcatWs(expressions=[exp.Literal() as between, *parts]):
            return _together(written(between), parts)
        case exp.Lower() | exp.Upper() | exp.Initcap() | exp.Collate():
            return texts_of(value.this)
        case exp.Trim(expression=None):
            return tuple(None if text is None else text.strip() for text in texts_of(value.this))
        case exp.Replace():
            return _replaced(value)
        case exp.Nullif():
            return texts_of(value.this)
        case exp.Coalesce() | exp.Case() | exp.If() | exp.Nvl2() | exp.Greatest() | exp.Least():
            return tuple(dict.fromkeys(text for one in results(value) for text in texts_of(one)))[: MOST + 1]
        case _ if is_no_text(value) or value.find(exp.Column) is not None:
            return (FROM_ROW,)
        case _:
            return (None,)


def _parts(value: exp.Expr) -> Iterator[exp.Expr]:
    """What `||` or concat() puts together; a chain of thousands is no recursion."""
    from sqlglot import exp

    waiting = [value]
    while waiting:
        part = waiting.pop().unnest()
        if isinstance(part, exp.DPipe | exp.Concat):
            waiting += reversed(list(part.iter_expressions()))
        else:
            yield part


def _together(between: str, parts: Iterable[exp.Expr]) -> tuple[str | None, ...]:
    def joined(before: tuple[str | None, ...], further: tuple[str | None, ...]) -> tuple[str | None, ...]:
        if len(before) * len(further) > MOST:
            return (None,)
        pairs = product(before, further)
        return tuple(None if one is None or two is None else one + between + two for one, two in pairs)

    texts = [texts_of(part) for part in parts]
    return reduce(joined, texts) if texts else ("",)


def _replaced(value: exp.Replace) -> tuple[str | None, ...]:
    from sqlglot import exp

    given = (value.this, value.expression, value.args.get("replacement"))
    if value.find(exp.Column) is not None:
        return (FROM_ROW,)
    texts = [texts_of(one) for one in given if one is not None]
    if len(texts) != 3 or any(len(one) != 1 or one[0] is None for one in texts):
        return (None,)
    (text,), (old,), (new,) = texts
    assert text is not None
    assert old is not None
    assert new is not None
    return (text.replace(old, new) if old else text,)


def results(value: exp.Expr) -> Iterator[exp.Expr]:
    """What may come out of a choice between values, the branches of the whole CASE included."""
    from sqlglot import exp

    if isinstance(value, exp.If) and isinstance(value.parent, exp.Case):
        value = value.parent
    match value:
        case exp.Case():
            yield from (one.args["true"] for one in value.args["ifs"])
            if value.args.get("default") is not None:
                yield value.args["default"]
        case exp.If() | exp.Nvl2():
            # half of an `a ? b : c` has no expression there
            yield from (one for one in (value.args.get("true"), value.args.get("false")) if isinstance(one, exp.Expr))
        case _:
            yield from value.iter_expressions()


def is_no_text(value: exp.Expr) -> bool:
    """Whether a number or a time comes of an expression, by what it is."""
    from sqlglot import exp

    times = (
        exp.Interval, exp.Extract, exp.StrToDate, exp.StrToTime, exp.UnixToTime, exp.DateTrunc, exp.TimestampTrunc, exp.DateBin,
        exp.DateFromParts, exp.TimeFromParts, exp.TimestampFromParts, exp.DateAdd, exp.DateSub, exp.TsOrDsAdd, exp.TsOrDsToDate,
        exp.Date, exp.Timestamp, exp.Datetime, exp.LastDay, exp.AddMonths, exp.AtTimeZone, exp.FromTimeZone,
        exp.ConvertTimezone, exp.TimestampAdd, exp.TimestampSub, exp.DateFromUnixDate,
    )  # fmt: skip
    numbers = (exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.IntDiv, exp.Boolean, exp.Predicate, exp.Connector)
    match value:
        case exp.Cast():
            kinds = exp.DataType.TEMPORAL_TYPES | exp.DataType.NUMERIC_TYPES | {exp.DataType.Type.INTERVAL}
            return value.to.this in kinds
        case exp.Anonymous():
            return value.name.lower() in TIME_FUNCTIONS
        case _:
            return isinstance(value, times + numbers)
