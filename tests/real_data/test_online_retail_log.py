"""A year of real orders, run month by month: membership, and the log replayed from empty, are the hand-written members."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from tests.histories.runner import Call, Compiled, Runner, compiled
from tests.opinions import bound
from tests.real_data.test_online_retail import LAST_ORDER, MONTHS, PROJECT, members_by_hand

Member = tuple[str, str]


@pytest.fixture(scope="module")
def project() -> Compiled:
    (rules,) = sorted((PROJECT / "segments").glob("*.yml"))
    return compiled(rules.read_text(encoding="utf-8"), (PROJECT / "segwh.yml").read_text(encoding="utf-8"))


@pytest.fixture
def warehouse(retail: duckdb.DuckDBPyConnection, tmp_path: Path) -> Runner:
    runner = Runner()
    for table in ("retail_orders", "buyers"):
        copy = tmp_path / f"{table}.parquet"
        retail.execute(f"copy {table} to '{copy}' (format parquet)")
        runner.connection.execute(f"create table {table} as from read_parquet('{copy}')")
        runner.known.add(table)
    return runner


def replayed(runner: Runner) -> set[Member]:
    """Who is in after every change of the log, taken from empty in the order of `sequence`."""
    members: set[Member] = set()
    for segment, key, change in runner.rows("select segment, customer_id, change from segwh_buyer_changes order by sequence"):
        if change == "entered":
            assert (segment, key) not in members
            members.add((segment, key))
        else:
            members.remove((segment, key))
    return members


def test_the_log_replays_to_the_members_of_each_month(
    project: Compiled, warehouse: Runner, retail: duckdb.DuckDBPyConnection
) -> None:
    names = [segment.name for segment in bound(PROJECT).segments]
    by_month: dict[datetime, set[Member]] = {}
    for as_of in [*MONTHS, LAST_ORDER]:
        # whom a month makes new is mostly gone the month after: that is no accident to stop at
        assert warehouse.run(project, Call(as_of, accept=names))
        by_month[as_of] = {(name, key) for name in names for key in members_by_hand(retail, name, as_of)}
        found = {
            (segment, str(key)) for segment, key in warehouse.rows("select segment, customer_id from segwh_buyer_membership")
        }
        assert found == by_month[as_of], as_of
        assert {(segment, str(key)) for segment, key in replayed(warehouse)} == found
    for as_of, expected in by_month.items():
        stays = warehouse.connection.execute(
            "select segment, customer_id from segwh_buyer_history"
            " where valid_from <= $as_of and (valid_to is null or valid_to > $as_of)",
            {"as_of": as_of},
        ).fetchall()
        assert {(segment, str(key)) for segment, key in stays} == expected, as_of
