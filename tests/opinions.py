"""Who is in each segment of a project over a DuckDB connection: by the compiled SQL, and by the naive evaluator."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import duckdb

from segwh import ir
from segwh.project import load_project
from segwh.reference.evaluate import evaluate
from segwh.reference.records import Row
from segwh.reference.values import key_text
from segwh.sql import dialect_named, standalone
from segwh.types import Relation

Members = dict[str, set[str]]
"""Keys as text, by segment."""


def bound(folder: Path) -> ir.Project:
    """The project of a folder, which has nothing to complain about."""
    loaded = load_project(folder, "duckdb")
    assert not loaded.diagnostics, loaded.text
    assert loaded.project is not None
    return loaded.project


def compiled(
    project: ir.Project, connection: duckdb.DuckDBPyConnection, as_of: datetime, segments: Collection[str] = ()
) -> Members:
    """By one compiled statement over the named segments, or all; a key that it gives twice is an error here."""
    names = list(segments) or [segment.name for segment in project.segments]
    sql = standalone(project, names, as_of, dialect_named("duckdb"), lambda relation, _: f'"{relation.parts[-1]}"')
    rows = connection.execute(sql).fetchall()
    assert len(rows) == len(set(rows))
    found: Members = {name: set() for name in names}
    for segment, key in rows:
        found[segment].add(key)
    return found


def naive(
    project: ir.Project, connection: duckdb.DuckDBPyConnection, as_of: datetime, segments: Collection[str] = ()
) -> Members:
    """By the naive evaluator over all rows."""
    found = evaluate(project, Tables(connection), as_of, expressions=EXPRESSIONS)
    names = list(segments) or [segment.name for segment in project.segments]
    return {name: {key_text(key) for key in found.members(name)} for name in names}


OPINIONS = {"compiled": compiled, "naive": naive}


class Tables(Mapping[Relation, list[Row]]):
    """The rows of every table; each is read when it is first asked for, and kept."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self.read: dict[Relation, list[Row]] = {}

    def __getitem__(self, relation: Relation) -> list[Row]:
        if relation not in self.read:
            answer = self.connection.execute(f'select * from "{relation.parts[-1]}"')
            names = [column[0] for column in answer.description]
            self.read[relation] = [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
        return self.read[relation]

    def __iter__(self) -> Iterator[Relation]:
        names = self.connection.execute("select table_name from duckdb_tables() order by 1").fetchall()
        return (Relation("ref", (name,)) for (name,) in names)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def line_worth(row: Row) -> Decimal | None:
    """What an order line's `quantity * unit_price` is."""
    quantity, price = row["quantity"], row["unit_price"]
    return None if quantity is None or price is None else Decimal(str(quantity)) * Decimal(str(price))


EXPRESSIONS: Mapping[str, Callable[[Row], object]] = {"quantity * unit_price": line_worth}
"""The `sql` columns of the projects under test, in Python."""
