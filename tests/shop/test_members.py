"""The example's segments at one instant: members equal to hand-written SQL, sizes that make sense, fixtures that hold."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from segwh import ir
from tests.opinions import OPINIONS, Members, bound
from tests.shop.conftest import CUSTOMERS, PROJECT

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
MEMBERS = Path(__file__).parent / "members"
BY_HAND = sorted(path.stem for path in MEMBERS.glob("*.sql") if path.stem != "prelude")
EMPTY_AT_FIRST = {
    "spring_shoes_2026": "inactive before it was ever computed",
    "loyal_high_value": "nobody has been in for 30 days at the first run",
}


@pytest.fixture(scope="session")
def project() -> ir.Project:
    return bound(PROJECT)


@pytest.fixture(scope="session")
def members(project: ir.Project, shop_file: Path) -> Members:
    with duckdb.connect(shop_file, read_only=True) as connection:
        return OPINIONS["compiled"](project, connection, AS_OF)


@pytest.mark.parametrize("segment", BY_HAND)
def test_members_are_those_of_hand_written_sql(segment: str, shop: duckdb.DuckDBPyConnection, members: Members) -> None:
    shop.execute((MEMBERS / "prelude.sql").read_text(encoding="utf-8"))
    rows = shop.execute((MEMBERS / f"{segment}.sql").read_text(encoding="utf-8")).fetchall()
    by_hand = {str(key) for (key,) in rows}
    assert len(by_hand) == len(rows) > 0
    assert members[segment] == by_hand


def test_the_naive_evaluator_agrees_on_every_segment(
    project: ir.Project, shop: duckdb.DuckDBPyConnection, members: Members
) -> None:
    naive = OPINIONS["naive"](project, shop, AS_OF)
    assert {name for name in members if members[name] != naive[name]} == set()


def test_no_segment_is_empty_and_none_is_everybody(project: ir.Project, members: Members) -> None:
    sizes = {segment.name: len(members[segment.name]) for segment in project.segments}
    assert {name for name, size in sizes.items() if size == 0} == set(EMPTY_AT_FIRST)
    assert {name for name, size in sizes.items() if size > 0.8 * CUSTOMERS} == set()


def test_the_example_has_a_segment_for_every_use(project: ir.Project) -> None:
    in_files = [segment for segment in project.segments if "__" not in segment.name]
    assert len(in_files) >= 55
    assert all(segment.label and segment.description and segment.tags for segment in in_files)
    assert all(segment.owner.endswith("@example.com") for segment in in_files)


def fixtures() -> Iterator[Any]:
    for path in sorted((PROJECT / "segments" / "tests").glob("*.yml")):
        for fixture in yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]:
            yield pytest.param(fixture, id=f"{path.stem}: {fixture['name']}")


@pytest.mark.parametrize("opinion", OPINIONS)
@pytest.mark.parametrize("fixture", list(fixtures()))
def test_user_fixtures_hold(fixture: dict[str, Any], opinion: str, project: ir.Project, shop_file: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{shop_file}' as shop (read_only)")
        for (table,) in connection.execute("select table_name from duckdb_tables() where database_name = 'shop'").fetchall():
            connection.execute(f'create table "{table}" as from shop."{table}" limit 0')
        connection.execute("detach shop")
        for table, rows in fixture["given"].items():
            for row in rows:
                places = ", ".join("?" for _ in row)
                connection.execute(f"insert into {table} ({', '.join(row)}) values ({places})", [cell(v) for v in row.values()])
        found = OPINIONS[opinion](project, connection, fixture["as_of"], fixture["expect"])
    assert found == {segment: {str(key) for key in keys} for segment, keys in fixture["expect"].items()}


def cell(value: object) -> object:
    """A time as DuckDB's zoneless timestamps have it; anything else as it is."""
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


def test_a_third_of_the_segments_has_a_fixture(project: ir.Project) -> None:
    tested = {segment for fixture in fixtures() for segment in fixture.values[0]["expect"]}
    written = {segment.name for segment in project.segments if "__" not in segment.name}
    assert tested <= written
    assert 3 * len(tested) >= len(written)
