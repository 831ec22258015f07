"""Rows as text: a small table with visible nulls in, typed rows out.

A line a row, cells between `|`, the first line names the columns, `name:type` where the catalog does not know the type.
`~` is null. A cell in double quotes is a JSON string (the empty text, spaces, newlines, bars); a list is a JSON array.
Anything else is the bare text of a string, number, boolean, date or time. A time with `Z` or an offset is an instant, one
without is written as it stands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from segwh.features import Feature
from segwh.sql.dialects.base import SqlDialect

CELL = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|(\[(?:"(?:[^"\\]|\\.)*"|[^\]"])*\])|([^|"\[]*?))\s*(?:\||$)')
SQL_TYPES = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "decimal": "DECIMAL(38, 4)",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMPTZ",
    "list<string>": "VARCHAR[]",
    "uuid": "UUID",
    "small": "SMALLINT",
    "float": "FLOAT",
    "money": "DECIMAL(10, 2)",
    "timestamp_s": "TIMESTAMP_S",
}
"""The types of a column and what they are in DuckDB; the last few are only how a warehouse stores others."""


Compute = Callable[[Mapping[str, object]], object]
"""What a computed column is for a row."""


@dataclass(frozen=True, slots=True)
class Table:
    """Typed columns, and rows by column name."""

    columns: Mapping[str, str]
    rows: tuple[Mapping[str, object], ...]


def parse(text: str, types: Mapping[str, str]) -> Table:
    """Read a table. `types` gives the type of known columns; those that the text leaves out are null in every row."""
    lines = [line for line in text.splitlines() if line.strip()]
    header = [cell.strip() for cell in lines[0].split("|")]
    typed = [name.partition(":") for name in header]
    named = {name: its_type or types.get(name, "string") for name, _, its_type in typed}
    columns = {**types, **named}
    rows = []
    for line in lines[1:]:
        cells = split(line)
        if len(cells) != len(header):
            raise ValueError(f"{len(cells)} cells under {len(header)} columns: {line}")
        values = {name: value(cell, columns[name]) for name, cell in zip(named, cells, strict=True)}
        rows.append({name: values.get(name) for name in columns})
    return Table(columns, tuple(rows))


def split(line: str) -> list[str]:
    """The cells of a line."""
    cells, at = [], 0
    while True:
        match = CELL.match(line, at)
        if match is None:
            raise ValueError(f"a cell is not understood: {line[at:]}")
        cells.append(next(group for group in match.groups() if group is not None))
        if not match.group(0).endswith("|"):
            return cells
        at = match.end()


def value(cell: str, column_type: str) -> object:
    """A cell as a Python value of a type."""
    if cell == "~":
        return None
    match column_type:
        case "string":
            return json.loads(cell) if cell.startswith('"') else cell
        case "uuid":
            return UUID(cell)
        case "integer" | "small":
            return int(cell)
        case "number" | "float":
            return float(cell)
        case "decimal" | "money":
            return Decimal(cell)
        case "boolean":
            return {"true": True, "false": False}[cell]
        case "date":
            return date.fromisoformat(cell)
        case "timestamp" | "timestamp_s":
            at = datetime.fromisoformat(cell)
            return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at
        case "timestamptz":
            at = datetime.fromisoformat(cell)
            if at.tzinfo is None:
                raise ValueError(f"an instant needs a zone: {cell}")
            return at
        case "list<string>":
            return json.loads(cell)
        case _:
            raise ValueError(f"unknown type {column_type}")


def held(table: Table, dialect: SqlDialect) -> Table:
    """The table as an engine can hold it: an empty list where none can be missing, another character where U+0000 cannot be."""
    lists = [] if dialect.lists_can_be_missing else [name for name, its in table.columns.items() if its == "list<string>"]
    texts = [name for name, its in table.columns.items() if its in ("string", "list<string>")]
    if Feature.NUL not in dialect.lacks:
        texts = []
    if not (lists or texts):
        return table

    def as_held(row: Mapping[str, object]) -> Mapping[str, object]:
        full = {**row, **{name: row[name] or [] for name in lists}}
        return {**full, **{name: _without_nul(full[name]) for name in texts}}

    return Table(table.columns, tuple(as_held(row) for row in table.rows))


def _without_nul(found: object) -> object:
    match found:
        case str():
            return found.replace("\0", "\N{SYMBOL FOR NULL}")
        case list():
            return [_without_nul(one) for one in found]
        case _:
            return found


def text(table: Table) -> str:
    """A table as text that `parse` reads back."""
    header = " | ".join(f"{name}:{its}" for name, its in table.columns.items())
    return "\n".join([header, *(" | ".join(cell(row[name]) for name in table.columns) for row in table.rows)])


def cell(found: object) -> str:
    """A value as the text of a cell."""
    match found:
        case None:
            return "~"
        case str() | list():
            return json.dumps(found)
        case bool():
            return "true" if found else "false"
        case datetime():
            return found.isoformat().replace("+00:00", "Z")
        case _:
            return str(found)
