"""The log and the state have indexes on PostgreSQL, whatever happened to them, and a key too long for one stops nothing."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

import psycopg2
import pytest

from tests.engines.postgres import Server
from tests.engines.postgres_runner import PostgresRunner
from tests.histories.carrying import DAY, START, Shop, order, rules
from tests.histories.runner import Call, compiled

SEGMENTS = {"busy": "{event: orders}", "in_york": "{attribute: city, is: York}"}
OF_LOG = [("segwh_customer_log", True, ["sequence"])]
OF_STATE = [("segwh_customer_state", False, ["sequence"])]
OF_KEYS = [("segwh_customer_state", False, ["customer_id", "segment"])]
ALL = [*OF_LOG, *OF_KEYS, *OF_STATE]
LONG = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=9_000))
"""No compression makes it fit."""


def shop_in(postgres: Server) -> Shop:
    shop = Shop(rules(SEGMENTS), runner=PostgresRunner(postgres, "indexed"), dialect="postgres")
    shop.orders = [order("a", START)]
    return shop


def indexes(shop: Shop) -> list[tuple[str, bool, list[str]]]:
    """(table, whether it is unique, columns)."""
    return shop.runner.rows(
        "select indrelid::regclass::text, indisunique, array_agg(attname::text order by place) from pg_index"
        " cross join unnest(indkey::int2[]) with ordinality as keys (number, place)"
        " inner join pg_attribute on attrelid = indrelid and attnum = number"
        " where indrelid::regclass::text like 'segwh%' group by indexrelid, indrelid, indisunique order by 1, 3"
    )


def plan(shop: Shop, query: str) -> str:
    return "\n".join(line for (line,) in shop.runner.rows(f"explain {query}"))


def test_every_run_leaves_one_of_each(postgres: Server) -> None:
    shop = shop_in(postgres)
    for day in range(1, 4):
        shop.run(START + day * DAY, compared=False)
        assert indexes(shop) == ALL


def test_those_that_were_lost_are_made_again_whatever_they_are_called(postgres: Server) -> None:
    shop = shop_in(postgres)
    shop.run(START + DAY, compared=False)
    shop.runner.connection.execute(
        "create table copied as select * from segwh_customer_log; drop table segwh_customer_log cascade;"
        "alter table copied rename to segwh_customer_log; drop table segwh_customer_state cascade;"
    )
    shop.runner.views.clear()
    shop.runner.find_relations()
    shop.run(START + 2 * DAY, compared=False)
    assert indexes(shop) == ALL
    with pytest.raises(psycopg2.errors.UniqueViolation):
        shop.runner.connection.execute("insert into segwh_customer_log select * from segwh_customer_log")


def test_a_log_that_belongs_to_somebody_else_is_written_without(postgres: Server) -> None:
    shop = shop_in(postgres)
    shop.run(START + DAY, compared=False)
    connection = shop.runner.connection
    connection.execute(
        "drop index segwh_customer_log_sequence_idx; drop role if exists segwh_user; create role segwh_user;"
        " grant all on schema main to segwh_user; grant all on all tables in schema main to segwh_user"
    )
    for (name,) in shop.runner.rows("select table_name from information_schema.tables where table_schema = 'main'"):
        if name != "segwh_customer_log":
            connection.execute(f"alter table {name} owner to segwh_user")
    connection.execute("set role segwh_user")
    shop.customers["f"] = "York"
    shop.run(START + 2 * DAY, compared=False)
    connection.execute("reset role")
    assert "f" in shop.members("in_york")
    assert indexes(shop) == [*OF_KEYS, *OF_STATE]


class Crossing:
    """A connection over which an index is made only when somebody else, who wrote into the table, waits for this run."""

    def __init__(self, connection: Any, waits: Callable[[], None]) -> None:
        self._connection, self._waits, self.made = connection, waits, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, sql: str, *given: Any) -> Any:
        if sql.startswith("do $segwh$") and not self.made:
            self.made += 1
            self._waits()
        return self._connection.execute(sql, *given)


def test_an_erasure_and_a_new_index_do_not_end_each_other(postgres: Server) -> None:
    shop = shop_in(postgres)
    for day in range(1, 3):
        shop.run(START + day * DAY, compared=False)
    shop.customers["b"] = "Hull"
    shop.run(START + 3 * DAY, compared=False)  # the state takes it in with the next run, and puts a row in the place of another
    own, other = shop.runner.connection, postgres.connection("indexed")
    own.execute("drop index segwh_customer_state_customer_id_segment_idx")
    rows = shop.runner.rows("select count(*) from segwh_customer_state where customer_id = 'b'")
    other.autocommit = False

    def erases() -> None:
        with other.cursor() as cursor:
            cursor.execute("delete from main.segwh_customer_state where customer_id = 'b'")
        other.commit()

    waiting = Thread(target=erases)

    def waits() -> None:
        waiting.start()
        while not postgres_waits(own):
            time.sleep(0.01)

    shop.runner.connection = crossing = Crossing(own, waits)  # type: ignore[assignment]
    shop.run(START + 4 * DAY, compared=False)
    shop.runner.connection = own
    waiting.join(30)
    assert rows != [(0,)]
    assert crossing.made
    assert not waiting.is_alive()
    assert OF_KEYS[0] not in indexes(shop)
    shop.run(START + 5 * DAY, compared=False)
    assert indexes(shop) == ALL


def postgres_waits(connection: Any) -> bool:
    """Whether another session waits for this one."""
    [(found,)] = connection.execute(
        "select count(*) from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))"
    ).fetchall()
    return bool(found)


def test_a_key_that_is_too_long_takes_the_index_of_keys_away_for_as_long_as_it_is_there(postgres: Server) -> None:
    shop = shop_in(postgres)
    shop.run(START + DAY, compared=False)
    shop.customers |= {LONG: "York"}
    shop.orders.append(order(LONG, START))
    for day in range(2, 5):
        shop.run(START + day * DAY, compared=False)
        assert shop.members("busy") == {"a", LONG}
        # the state takes it in one run later
        assert indexes(shop) == (ALL if day == 2 else [*OF_LOG, *OF_STATE])
    del shop.customers[LONG]
    for day in range(5, 10):
        shop.run(START + day * DAY, compared=False)
        assert shop.members("busy") == {"a"}
    assert indexes(shop) == ALL


def test_a_key_whose_name_has_to_be_quoted_has_one_index_too(postgres: Server) -> None:
    shop = shop_in(postgres)
    text = rules({"in_york": SEGMENTS["in_york"]})
    events = text[text.index("    events:") : text.index("segments:")]
    project = compiled(text.replace(events, "").replace("customer_id", '"It\'s a Key"'), dialect="postgres")
    columns = {'"It\'s a Key"': "varchar", "created_at": "timestamptz", "city": "varchar"}
    shop.runner.fill("customers", columns, [("a", START - DAY, "York")])
    for day in range(1, 4):
        assert shop.runner.run(project, Call(START + day * DAY), raises=True)
        assert ("segwh_customer_state", False, ["It's a Key", "segment"]) in indexes(shop)
        assert len(indexes(shop)) == len(ALL)


def test_readers_find_by_them_what_they_ask_for(postgres: Server) -> None:
    """A log of many runs is not read to find its end, nor a state of many members to find those of one key."""
    shop = shop_in(postgres)
    shop.customers = dict.fromkeys(map(str, range(3_000)), "York")
    shop.orders = [order("1", START)]
    for day in range(1, 3):
        shop.run(START + day * DAY, compared=False)
    shop.orders = [order("2", START + day * DAY - timedelta(hours=1))]
    shop.run(START + 3 * DAY, compared=False)
    shop.runner.connection.execute("analyze segwh_customer_log; analyze segwh_customer_state")
    of_all = plan(shop, "select count(entered_at) from segwh_customer_membership")
    assert "Seq Scan on segwh_customer_log" not in of_all
    of_one = plan(shop, "select segment from segwh_customer_membership where customer_id = '7'")
    assert "segwh_customer_state_customer_id_segment_idx" in of_one
