"""The compiled project through dbt on ClickHouse: the rows of DuckDB, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.engines.clickhouse import Database
from tests.engines.clickhouse_server import Server
from tests.engines.forked import Death
from tests.engines.results import note_series
from tests.engines.shop import RULES, Shop
from tests.engines.undisturbed import FIRST, Undisturbed

QUIETLY = ("build", "--select", "tag:segwh", "--log-level-file", "none", "--no-write-json")
KILLED = -9
DAYS = 6
"""Days that are each run twice."""
WRITES = (
    "segwh_run_starts",
    "segwh_customer_state",
    "segwh_customer_log",
    "segwh_customer_by_phone_log",
    "segwh_run_ends",
)
"""The models that the books are."""


def read(shop: Shop) -> object:
    """All that readers see."""
    return shop.books(), shop.views()


def test_the_rows_are_those_of_duckdb_after_a_death_and_a_repeat(
    clickhouse_server: Server, undisturbed: Undisturbed, tmp_path: Path
) -> None:
    shop = Shop.new(tmp_path, Database(clickhouse_server, "same"))
    shop.run(FIRST)
    assert read(shop) == undisturbed.after(FIRST)
    shop.load(FIRST + 1)
    # the log of one grain is written, the other's is not, nor is the run's end
    died = shop.dbt(*QUIETLY, day=FIRST + 1, death=Death("NodeFinished", node="segwh_customer_log"))
    assert died.code == KILLED, died.output
    again = shop.dbt(*QUIETLY, day=FIRST + 1)
    assert again.code == 0, again.output
    assert read(shop) == undisturbed.after(FIRST + 1)
    older = shop.dbt(*QUIETLY, day=FIRST)
    assert older.code == 1
    assert "is refused, nothing was changed" in older.output
    assert read(shop) == undisturbed.after(FIRST + 1)
    assert len(shop.place.rows("select 1 from segwh_customer_changes")) > 150


@pytest.mark.slow
def test_a_repeat_changes_no_row(
    clickhouse_server: Server, undisturbed: Undisturbed, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    note_series(record_property, "clickhouse", "ClickHouse", version("chdb-core"), 2 * DAYS)
    shop = Shop.new(tmp_path, Database(clickhouse_server, "repeated"))
    for day in range(FIRST, FIRST + DAYS):
        for _ in range(2):
            shop.run(day)
            assert read(shop) == undisturbed.after(day)


@pytest.mark.slow
def test_the_books_survive_any_death(clickhouse_server: Server, undisturbed: Undisturbed, tmp_path: Path) -> None:
    shop = Shop.new(tmp_path, Database(clickhouse_server, "deaths"))
    killed, day = 0, FIRST - 1
    for node in WRITES:
        for event, nth in (("SQLQuery", 2), ("SQLQuery", 5), ("SQLQueryStatus", 4), ("NodeFinished", 1)):
            day = day + 1 if day < FIRST + 6 else day
            shop.load(day)
            died = shop.dbt(*QUIETLY, day=day, death=Death(event, nth, node=node))
            assert died.code in (KILLED, 0), died.output
            killed += died.code == KILLED
            again = shop.dbt(*QUIETLY, day=day)
            assert again.code == 0, again.output
            assert read(shop) == undisturbed.after(day), (event, nth, node)
    assert killed >= 15


@pytest.mark.slow
def test_a_segment_is_renamed_and_a_trait_added(clickhouse_server: Server, tmp_path: Path) -> None:
    shop = Shop.new(tmp_path, Database(clickhouse_server, "renamed"))
    shop.run(FIRST)
    shop.run(FIRST + 1)
    members = "select segment, customer_id, entered_at from segwh_customer_membership order by segment, customer_id"
    before = shop.place.rows(members)
    renamed = RULES.replace("name: tea\n", "name: tea_lovers\n    was: tea\n")
    biggest = "traits:\n  - {name: biggest, entity: customer, event: orders, max: amount}\n"
    shop.write_rules(renamed.replace("traits:\n", biggest))
    shop.run(FIRST + 1)
    shop.run(FIRST + 1)
    wanted = sorted(("tea_lovers" if name == "tea" else name, *rest) for name, *rest in before)
    assert shop.place.rows(members) == wanted
    assert shop.place.rows("select note from segwh_runs where status = 'renamed'") == [("tea is called tea_lovers now",)]
    assert shop.place.rows("select count(*) from segwh_customer_changes where segment = 'tea'") == [(0,)]
    assert shop.place.rows("select max(biggest) from segwh_customer_traits") != [(None,)]
