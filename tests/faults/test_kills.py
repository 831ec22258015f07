"""A run may die at any moment: the next one leaves the books as if nothing had happened."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.engines.forked import Death
from tests.engines.places import DuckFile, Place, Rows, Schema
from tests.engines.postgres import Server
from tests.engines.shop import RULES, Shop
from tests.engines.undisturbed import FIRST, Undisturbed

LAST = 9
WRITES = r"segwh_customer(_by_phone)?_(log|state)|segwh_run_(starts|ends)"
KILLED = -9


BUILD = ("run", "--select", "tag:segwh", "--log-level-file", "none", "--no-write-json")


def deaths(nodes: int, count: int, chosen: random.Random) -> list[Death]:
    """`count` moments to die: half at the boundaries of nodes, half inside the writes of log, state and runs."""
    boundaries = [Death(event, nth) for nth in range(1, nodes + 1) for event in ("LogStartLine", "NodeFinished")]
    chosen.shuffle(boundaries)
    inside = [
        Death(event=chosen.choice(("SQLQuery", "SQLQueryStatus")), nth=chosen.randint(1, 30), node=WRITES, seconds=seconds)
        for seconds in (chosen.choice((0.0, chosen.uniform(0.0001, 0.03))) for _ in range(count))
    ]
    half = count // 2
    return [*(boundaries * (half // len(boundaries) + 1))[:half], *inside[: count - half]]


def survive(shop: Shop, undisturbed: Undisturbed, moments: list[Death]) -> int:
    """Kill a run at each moment, then run again. The number of runs that were really killed.

    The series begins anew when its days are used up, so that first runs are killed, too.
    """
    killed, day = 0, LAST
    for moment in moments:
        if day == LAST:
            wipe(shop)
            day = FIRST - 1
        day += 1
        shop.load(day)
        died = shop.dbt(*BUILD, day=day, death=moment)
        killed += died.code == KILLED
        print(f"{killed} killed, now day {day}: {moment}", flush=True)
        # A moment that never comes (a node has fewer statements) lets the run end; it has succeeded then.
        assert died.code in (KILLED, 0), died.output
        again = shop.dbt(*BUILD, day=day)
        assert again.code == 0, again.output
        assert (shop.books(), shop.views()) == undisturbed.after(day), moment
    return killed


def wipe(shop: Shop) -> None:
    """Take all that segwh made out of the warehouse, so that the next run is the first."""
    schema = shop.place.output["schema"]
    found = shop.place.rows(
        "select table_name, table_type from information_schema.tables "
        f"where table_schema = '{schema}' and (table_name like 'segwh%' or table_name like 'aud%')"
    )
    order = sorted(found, key=lambda row: row[1] == "BASE TABLE")
    shop.place.execute(*(f"drop {'view' if kind == 'VIEW' else 'table'} if exists {name} cascade" for name, kind in order))


def series(folder: Path, place: Place, undisturbed: Undisturbed, count: int, seed: int) -> int:
    shop = Shop.new(folder / "shop", place)
    return survive(shop, undisturbed, deaths(undisturbed.nodes, count, random.Random(seed)))


def test_three_deaths_on_duckdb(tmp_path: Path, undisturbed: Undisturbed) -> None:
    assert series(tmp_path, DuckFile(tmp_path / "shop.duckdb"), undisturbed, 3, seed=4) >= 2


def test_three_deaths_on_postgres(tmp_path: Path, postgres: Server, undisturbed: Undisturbed) -> None:
    assert series(tmp_path, Schema(postgres, "deaths"), undisturbed, 3, seed=5) >= 2


@pytest.mark.slow
def test_a_hundred_deaths_on_duckdb(tmp_path: Path, undisturbed: Undisturbed) -> None:
    killed = series(tmp_path, DuckFile(tmp_path / "shop.duckdb"), undisturbed, 112, seed=1)
    assert killed >= 100


@pytest.mark.slow
def test_a_hundred_deaths_on_postgres(tmp_path: Path, postgres: Server, undisturbed: Undisturbed) -> None:
    killed = series(tmp_path, Schema(postgres, "many_deaths"), undisturbed, 112, seed=2)
    assert killed >= 100


def deaths_in_renames(folder: Path, place: Place) -> int:
    """Rename two segments again and again and die on the way; nobody comes or goes. The number of runs that were killed."""
    shop = Shop.new(folder / "shop", place)
    shop.run(FIRST)
    shop.run(FIRST + 1)
    chosen = {"tea": ("customer", "customer_id"), "phones": ("customer_by_phone", "phone")}

    def stays(kind: str, name: str) -> Rows:
        grain, key = chosen[kind]
        columns = f"{key}, valid_from, valid_to, entered_reason, exited_reason"
        return place.rows(f"select {columns} from segwh_{grain}_history where segment = '{name}' order by 1, 2")

    names = {kind: kind for kind in chosen}
    before = {kind: stays(kind, kind) for kind in chosen}
    assert all(before.values())
    killed = 0
    for number, nth in enumerate((1, 3, 5, 7, 9, 12, 15)):
        rules, was = RULES, names
        names = {kind: f"{kind}_{number}" for kind in chosen}
        for kind, name in names.items():
            rules = rules.replace(f"name: {kind}\n", f"name: {name}\n    was: {was[kind]}\n")
        shop.write_rules(rules)
        moment = Death("SQLQuery", nth, node="segwh_customer(_by_phone)?_state")
        killed += shop.dbt(*BUILD, day=FIRST + 1, death=moment).code == KILLED
        again = shop.dbt(*BUILD, day=FIRST + 1)
        assert again.code == 0, again.output
        assert {kind: stays(kind, name) for kind, name in names.items()} == before, moment
        assert not any(stays(kind, name) for kind, name in was.items())
        notes = sorted(note for (note,) in place.rows("select note from segwh_runs where status = 'renamed'"))
        assert len(notes) == len(set(notes)) == 2 * (number + 1)
    return killed


@pytest.mark.slow
def test_deaths_in_renames_on_duckdb(tmp_path: Path) -> None:
    assert deaths_in_renames(tmp_path, DuckFile(tmp_path / "shop.duckdb")) >= 5


@pytest.mark.slow
def test_deaths_in_renames_on_postgres(tmp_path: Path, postgres: Server) -> None:
    assert deaths_in_renames(tmp_path, Schema(postgres, "renames")) >= 5
