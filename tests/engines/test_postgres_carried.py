"""Stories and random series of runs on PostgreSQL: what is brought up to date there is what is worked out in full."""

from __future__ import annotations

import os

import psycopg2
import pytest

from segwh.plan import shares
from segwh.sql.dialects.postgres import POSTGRES
from tests.engines.postgres import Server
from tests.engines.postgres_runner import PostgresRunner
from tests.histories.carrying import (
    AGAIN,
    DAY,
    GONE,
    HOUR,
    LIFELONG,
    START,
    Meddling,
    Shop,
    assert_found_again,
    assert_left_alone,
    order,
    rules,
)
from tests.histories.erasing import erase
from tests.histories.runner import Call
from tests.macro_calls import CompilerError
from tests.property.test_carried import Counted, Place, compare_all, run_series

CI_SERIES = 4
ROUNDS = 12
LONG_SERIES = 300


@pytest.fixture
def place(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Few measures are as good as many for what is told off by parts (plan.shares)."""
    monkeypatch.setattr(shares, "WORTHWHILE", float("-inf"))
    return Place(POSTGRES, lambda: PostgresRunner(postgres, "updated"), lambda: PostgresRunner(postgres, "worked_out"))


def test_a_few_series(place: Place) -> None:
    counted = Counted()
    for number in range(ROUNDS):
        found = run_series(CI_SERIES, fixed=False, number=number, place=place)
        counted.updates += found.updates
        counted.spared += found.spared
        if counted.updates and counted.spared:
            return
    pytest.fail(f"{ROUNDS} rounds, and no more than {counted}")


@pytest.mark.parametrize("stamp", ["segwh_made_by = 0", "evaluated_at = evaluated_at - interval '1 hour'"])
def test_facts_that_somebody_else_wrote_meanwhile_are_left_to_them(postgres: Server, stamp: str) -> None:
    assert_left_alone(shop_in(postgres, "meddled"), stamp)


def test_facts_that_another_run_made_for_the_same_as_of_are_taken_as_they_are(postgres: Server) -> None:
    """Or of two runs at once, each could come first in the log of another entity, and both would fail."""
    shop = shop_in(postgres, "meddled")
    shop.orders = [order("a", START, 200)]
    shop.run(START + DAY, compared=False)
    shop.orders += [order("b", START + 1.5 * DAY, 200)]
    shop.fill()
    other = f"update segwh_customer_facts set segwh_made_by = 7, evaluated_at = timestamptz '{START + 2 * DAY}'"
    shop.runner.connection = Meddling(shop.runner.connection, other)  # type: ignore[assignment]
    assert shop.runner.run(shop.project, Call(START + 2 * DAY), raises=True)
    assert shop.runner.rows("select distinct segwh_made_by, segwh_looked_at from segwh_customer_facts") == [(7, START + DAY)]
    assert shop.members("big") == {"a"}


def test_a_refresh_says_how_many_were_looked_at(postgres: Server) -> None:
    shop = shop_in(postgres, "told")
    shop.orders = [order("a", START, 200), order("b", START + 3 * HOUR)]
    assert shop.run(START + DAY, compared=False) == "segwh: customer: all looked at: for the first time"
    assert shop.run(START + 1.5 * DAY, compared=False) == AGAIN.format(0)
    shop.orders += [order("c", START + 1.6 * DAY, 300)]
    assert shop.run(START + 1.7 * DAY, compared=False) == AGAIN.format(1)
    assert shop.members("big") == {"a", "c"}
    del shop.orders[0]
    assert shop.run(START + 1.8 * DAY, compared=False) == GONE.format(1)
    assert shop.members("big") == {"c"}


def test_facts_that_were_made_by_other_rules_are_not_taken(postgres: Server) -> None:
    shop = shop_in(postgres, "meddled")
    shop.orders = [order("a", START, 200)]
    shop.run(START + DAY, compared=False)
    other = f"segwh_made_by = 7, segwh_compiled_as = 7, evaluated_at = timestamptz '{START + 2 * DAY}'"
    shop.runner.connection = Meddling(  # type: ignore[assignment]
        shop.runner.connection, f"update segwh_customer_facts set {other}"
    )
    with pytest.raises(CompilerError, match=r"another run of segwh, or an erasure, wrote to \S+ while .*: nothing is changed"):
        shop.runner.run(shop.project, Call(START + 2 * DAY), raises=True)


def test_rows_that_are_gone_while_facts_are_made_and_come_back(postgres: Server) -> None:
    shop = shop_in(postgres, "gone")
    shop.text = rules(LIFELONG)
    assert_found_again(shop)


@pytest.mark.parametrize("key_type", ["char(1)", "shop_key", "shop_letter", "varchar(3)"])
def test_keys_of_types_that_a_union_does_not_keep(postgres: Server, key_type: str) -> None:
    shop = shop_in(postgres, "keys")
    shop.runner.connection.execute("create domain shop_key as varchar(10)")
    shop.runner.connection.execute("create type shop_letter as enum ('a', 'b', 'c', 'd', 'e')")
    shop.key_type = key_type
    shop.orders = [order("a", START, 200), order("b", START + 3 * HOUR)]
    shop.fill()
    assert shop.runner.run(shop.project, Call(START + DAY), raises=True)
    shop.orders += [order("c", START + 1.6 * DAY, 300)]
    shop.fill()
    assert shop.runner.run(shop.project, Call(START + 1.7 * DAY), raises=True)
    assert shop.runner.told == [AGAIN.format(1)]
    assert shop.members("big") == {"a", "c"}


def test_an_erasure_takes_its_turn(postgres: Server) -> None:
    """Or a run that has read who is erased puts them back, or the two wait for each other."""
    shop = shop_in(postgres, "turns")
    shop.orders = [order("a", START, 200)]
    shop.run(START + DAY, compared=False)
    writer = postgres.connection("turns").cursor()
    name = "segwh_customer_facts"
    writer.execute(f"begin; select pg_advisory_xact_lock(hashtextextended('{name}', 0))")
    del shop.customers["a"]
    shop.fill()
    shop.runner.connection.execute("set lock_timeout = '200ms'")
    with pytest.raises(psycopg2.errors.LockNotAvailable):
        erase(shop.runner, shop.project, "customer", "a", "postgres")
    shop.runner.connection.execute("rollback")
    writer.execute("commit")
    erase(shop.runner, shop.project, "customer", "a", "postgres")
    assert shop.runner.rows(f"select count(*) from {name} where customer_id = 'a'") == [(0,)]


def test_who_is_erased_stays_out(postgres: Server) -> None:
    shop = shop_in(postgres, "erased")
    shop.orders = [order("a", START, 200), order("b", START, 200)]
    shop.run(START + DAY, compared=False)
    del shop.customers["a"]
    shop.fill()
    erase(shop.runner, shop.project, "customer", "a", "postgres")
    shop.run(START + 2 * DAY, compared=False)
    assert shop.members("big") == {"b"}


def shop_in(postgres: Server, database: str) -> Shop:
    """A shop of stories in a database of the server."""
    return Shop(runner=PostgresRunner(postgres, database), dialect="postgres")


@pytest.mark.slow
def test_many_series(place: Place) -> None:
    series = int(os.environ.get("SEGWH_CARRIED", LONG_SERIES))
    assert run_series(series, fixed=False, place=place).spared
    assert run_series(series // 5, fixed=False, compare=compare_all, place=place).updates
