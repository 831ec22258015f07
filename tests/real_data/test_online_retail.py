"""A year of real orders: at the start of every month of 2011 the members are those of independent, hand-written SQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from segwh import ir
from tests.opinions import OPINIONS, bound

PROJECT = Path(__file__).parent / "retail"
MONTHS = [datetime(2011, month, 1, tzinfo=UTC) for month in range(1, 13)]
LAST_ORDER = datetime(2011, 12, 9, 12, 50, tzinfo=UTC)


@pytest.fixture(scope="module")
def project() -> ir.Project:
    return bound(PROJECT)


def members_by_hand(connection: duckdb.DuckDBPyConnection, segment: str, as_of: datetime) -> set[str]:
    query = (PROJECT / "members" / f"{segment}.sql").read_text(encoding="utf-8")
    rows = connection.execute(query, {"as_of": as_of.replace(tzinfo=None)}).fetchall()
    assert len(rows) == len(set(rows))
    return {str(key) for (key,) in rows}


def of_each_month() -> Iterator[Any]:
    """The (opinion, as_of) pairs. The naive evaluator takes its time: in each run it looks at some, by `-m slow` at all."""
    for number, as_of in enumerate([*MONTHS, LAST_ORDER]):
        for opinion in OPINIONS:
            marks = [pytest.mark.slow] if opinion == "naive" and number % 4 else []
            yield pytest.param(opinion, as_of, id=f"{as_of:%Y-%m-%d %H:%M}-{opinion}", marks=marks)


@pytest.mark.parametrize(("opinion", "as_of"), of_each_month())
def test_members_of_each_month(as_of: datetime, opinion: str, project: ir.Project, retail: duckdb.DuckDBPyConnection) -> None:
    by_hand = {segment.name: members_by_hand(retail, segment.name, as_of) for segment in project.segments}
    assert OPINIONS[opinion](project, retail, as_of) == by_hand


def test_the_months_are_worth_comparing(project: ir.Project, retail: duckdb.DuckDBPyConnection) -> None:
    """Every segment has members in most months, never everybody, and changes from month to month."""
    everybody = retail.execute("from buyers").fetchall()
    for segment in project.segments:
        months = [frozenset(members_by_hand(retail, segment.name, as_of)) for as_of in MONTHS]
        assert sum(bool(members) for members in months) >= 10, segment.name
        assert len(set(months)) >= 10, segment.name
        assert max(map(len, months)) < len(everybody), segment.name
