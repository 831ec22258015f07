"""How warehouses spell types, read as data types of the rule language."""

from __future__ import annotations

import re

from segwh.types import NUMERIC_TYPES, DataType

SPELLINGS: tuple[tuple[DataType, re.Pattern[str]], ...] = (
    (
        DataType.STRING_LIST,
        re.compile(r"^(varchar|text|string|char\S*|character varying)(\(\d+\))?\[\]$|^_(text|varchar|bpchar)$"),
    ),
    (DataType.STRING_LIST, re.compile(r"^(array|list)\s*[<(]\s*(string|varchar|text)")),
    (DataType.TIMESTAMP, re.compile(r"^(timestamp|datetime|smalldatetime)(?!.*\[\])")),
    (DataType.DATE, re.compile(r"^date(32)?$")),
    (DataType.BOOLEAN, re.compile(r"^(bool|boolean|bit)$")),
    (
        DataType.INTEGER,
        re.compile(r"^u?(tiny|small|medium|big|huge)?int(eger)?\d*$|^(big|small)?serial$|^(long|short|byteint)$"),
    ),
    (DataType.INTEGER, re.compile(r"^(number|numeric|decimal|fixed)\(\d+, ?0\)$")),
    (DataType.NUMBER, re.compile(r"^(double|float|real)( precision|\d+)?(\(\d+\))?$")),
    (DataType.DECIMAL, re.compile(r"^(big)?(decimal|numeric)(\d+)?(\(.*\))?$|^(number|fixed|money)(\(.*\))?$")),
    (
        DataType.STRING,
        re.compile(
            r"^(character varying|character|n?varchar|n?char|n?text|string|bpchar|citext|uuid|uniqueidentifier)(\(.*\))?$"
        ),
    ),
    (DataType.STRING, re.compile(r"^(enum|fixedstring)\b(?!.*\[\])|^(tiny|medium|long)text$")),
)
"""Each data type with what engines call it, once wrappers are taken off. What fits nowhere is not a type that rules can use."""

HAS_DECIMALS = re.compile(r"money|, *0*[1-9]\d*\)", re.IGNORECASE)
"""An exact type with a scale above 0; one without a scale may have any."""
OTHERS = re.compile(
    r"^(jsonb?|variant|object|super|hstore|xml|struct|map|tuple|nested|row|record|interval|time|timetz)\b"
    r"|^(blob|bytea|bytes|binary|varbinary|geometry|geography)\b"
)
"""What is known to be no type of the rule language. Of some of it engines make texts, which equal no value of a rule."""
OTHER_LISTS = re.compile(r"\[\]$|^(array|list)\s*[<(]|^_")
"""A list of whatever is no text, by its type: that may still be declared a list, for what it holds is not judged."""

NO_VALUES = re.compile(r"^(money|bit)\b")
"""Amounts of PostgreSQL are compared with no number, and its bits are no truths."""


def data_type_of(spelling: str) -> DataType | None:
    """The data type behind a warehouse's spelling of a column's type, None if rules have no such type (json, interval, ...)."""
    bare = _bare(spelling)
    return next((data_type for data_type, pattern in SPELLINGS if pattern.search(bare)), None)


def _bare(spelling: str) -> str:
    """A type without the wrappers that say nothing of what it holds."""
    bare = " ".join(spelling.lower().split())
    while wrapped := re.fullmatch(r"(?:nullable|lowcardinality)\((.*)\)", bare):
        bare = wrapped[1]
    return bare


def fits(declared: DataType, spelling: str, is_known: bool = False) -> bool:
    """Whether a column may be declared so without a conversion: numbers among each other, but no whole ones where the type of
    the column has decimals, else equals. What rules have no type for fits none. Not judged is what nothing is known of, and
    of a list what it holds. `is_known`: the type is spelled as PostgreSQL knows it, where it is judged as in segwh__misfit.
    """
    found = data_type_of(spelling)
    if is_known and NO_VALUES.search(_bare(spelling)):
        return False
    if is_known and found is None and not OTHER_LISTS.search(_bare(spelling)):
        return declared is DataType.STRING and not OTHERS.search(_bare(spelling))
    if declared is DataType.INTEGER and found is DataType.DECIMAL and HAS_DECIMALS.search(spelling):
        return False
    if found is None:
        bare = _bare(spelling)
        return declared is DataType.STRING_LIST if OTHER_LISTS.search(bare) else not OTHERS.search(bare)
    return declared == found or {declared, found} <= NUMERIC_TYPES


LONG = re.compile(r"^(u?hugeint|ubigint|uint64|u?int128)$|^(numeric|decimal)\((19|[2-9]\d|\d{3,}), ?0\)$")
"""Types of whole numbers that have some beyond 64 bits."""


def may_be_long(spelling: str) -> bool:
    """Whether a column of whole numbers can hold some beyond 64 bits (segwh__is_long)."""
    return LONG.search(_bare(spelling)) is not None


def may_hold_fractions(spelling: str) -> bool:
    """Whether a column of numbers can hold some that are not whole."""
    return data_type_of(spelling) in (DataType.NUMBER, DataType.DECIMAL)
