"""Two thousand segments run through dbt on real engines, in chunks where statements are bounded: the rows of DuckDB."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.engines.clickhouse import Database
from tests.engines.clickhouse_server import Server as ClickHouseServer
from tests.engines.places import DuckFile, Place, Rows, Schema
from tests.engines.postgres import Server
from tests.engines.shop import RULES, Shop
from tests.engines.undisturbed import FIRST

SEGMENTS = 2_000
PATIENCE = 900
"""Seconds that a run may take, on a machine that does other things too."""
DAYS = (FIRST, FIRST + 1)
KINDS = (
    "include: [{{attribute: score, between: [{1}, {2}]}}]",
    "include: [{{event: orders, within: {1} days, count: {{gte: 2}}}}], exclude: [{{attribute: city, is: Lima}}]",
    "include: [{{any: [{{attribute: email, contains: o'{1}}}, {{event: visits, within: 1 day}}]}}]",
    "include: [{{attribute: score, gte: {1}}}, {{segment: everybody}}], type: static",
    "include: [{{attribute: phone, ends_with: '{1}'}}], aggregate_on: phone",
)
RULED = (KINDS[at % len(KINDS)].format(at, at % 30, at % 30 + 3) for at in range(SEGMENTS))
MORE = "".join(
    f"  - {{name: many_{at}, label: One of many ({at}), entity: customer, {rule}}}\n" for at, rule in enumerate(RULED)
)


def runs(folder: Path, place: Place) -> tuple[Shop, list[Mapping[str, Rows]]]:
    """The shop with many more segments, and its books after each of two runs."""
    shop = Shop.new(folder, place, RULES + MORE)
    found = []
    for day in DAYS:
        shop.load(day)
        done = shop.start(day=day).done(PATIENCE)
        assert done.code == 0, done.output
        found.append(shop.books())
    return shop, found


@pytest.fixture(scope="module")
def on_duckdb(tmp_path_factory: pytest.TempPathFactory) -> list[Mapping[str, Rows]]:
    """The books on DuckDB."""
    folder = tmp_path_factory.mktemp("many")
    return runs(folder / "shop", DuckFile(folder / "shop.duckdb"))[1]


@pytest.mark.slow
def test_many_segments_have_members_on_duckdb(on_duckdb: list[Mapping[str, Rows]]) -> None:
    assert len({row[1] for row in on_duckdb[-1]["customer_membership"]}) > 1_000
    assert len(on_duckdb[-1]["customer_changes"]) > len(on_duckdb[0]["customer_changes"]) > 10_000


@pytest.mark.slow
def test_many_segments_are_the_same_on_postgres(
    postgres: Server, on_duckdb: list[Mapping[str, Rows]], tmp_path: Path
) -> None:
    assert runs(tmp_path, Schema(postgres, "many"))[1] == on_duckdb


@pytest.mark.slow
def test_many_segments_are_the_same_on_clickhouse(
    clickhouse_server: ClickHouseServer, on_duckdb: list[Mapping[str, Rows]], tmp_path: Path
) -> None:
    shop, found = runs(tmp_path, Database(clickhouse_server, "many"))
    assert found == on_duckdb
    names = {path.stem for path in (shop.folder / "models").rglob("*.sql")}
    chunked = {"segwh_rules_0", "segwh_customer_evaluation_0", "segwh_customer_pending_reasons_0"}
    assert {name.replace("_00", "_0") for name in names} >= chunked
