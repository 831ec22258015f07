"""Data out of order through real runs: what depends on it keeps its last good version, all else is published, the run fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.engines.places import DuckFile, Schema
from tests.engines.postgres import Server
from tests.engines.shop import RULES, Shop, as_of, tables

MANY = 240
"""Customers: enough for the circuit breaker, which minds segments of 100 members or more."""
ALL = {
    "best", "big_spenders", "complainers", "everybody", "first_look", "no_consent", "northern", "phones", "readers",
    "staying", "tea",
}  # fmt: skip


def customers(day: int, *, city: str = "London", consents: bool = False) -> list[tuple[Any, ...]]:
    """Many customers; one in ten has said no, unless all have consented."""
    return [
        (one, city, f"+44 {one}", f"{one}@example.com", consents or one % 10 != 0, one / 4, "2026-02-01 12:00:00")
        for one in range(1, MANY + day)
    ]


@pytest.fixture(scope="module")
def day_three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop after a good run on day 3."""
    folder = tmp_path_factory.mktemp("isolation")
    shop = Shop.new(folder / "shop", DuckFile(folder / "shop.duckdb"))
    shop.connects_beside()
    shop.load(3, customers=customers(3))
    succeeds(shop, 3)
    assert len(shop.books()["customer_membership"]) > 500  # and to read it brings the file to rest, so that it can be copied
    return folder


@pytest.fixture
def shop(day_three: Path, tmp_path: Path) -> Shop:
    """A copy of it to break."""
    return Shop.copied(day_three, tmp_path)


def recorded(shop: Shop, day: int) -> dict[str, str]:
    """The status of each segment that was recorded on a day."""
    at = as_of(day).replace("T", " ").replace("Z", "+00")
    return dict(shop.place.rows(f"select segment, status from segwh_segment_sizes where as_of = '{at}'"))  # type: ignore[arg-type]


def members(shop: Shop, segment: str) -> set[Any]:
    rows = shop.place.rows(f"select customer_id from segwh_customer_membership where segment = '{segment}'")
    return {key for (key,) in rows}


def fails(shop: Shop, day: int, *why: str) -> None:
    """`segwh run` of the day ends with exit code 1 and says why, in plain words."""
    done = shop.segwh("run", "--as-of", as_of(day))
    assert done.code == 1, done.output
    printed = " ".join(done.output.split())
    for words in why:
        assert words in printed, done.output
    assert "Traceback" not in done.output


def succeeds(shop: Shop, day: int, *more: str) -> None:
    done = shop.segwh("run", "--as-of", as_of(day), *more)
    assert done.code == 0, done.output


def test_the_breaker_holds_one_segment_back_until_it_is_accepted_once(shop: Shop) -> None:
    shop.load(4, customers=customers(4, city="Lima"))
    before = members(shop, "northern")
    assert len(before) > 200
    fails(shop, 4, "northern", "it would lose too many members; accept it if that is right")
    statuses = recorded(shop, 4)
    assert statuses.pop("northern") == "kept"
    assert statuses.pop("phones") == "kept"  # it asks for the city, too
    assert set(statuses.values()) <= {"live", "static"}
    assert set(statuses) == ALL - {"northern", "phones"}
    assert members(shop, "northern") == before
    assert len(members(shop, "everybody")) > len(before)  # the new one is in
    succeeds(shop, 5, "--accept", "northern", "--accept", "phones")
    assert members(shop, "northern") == set()


@pytest.mark.slow
def test_what_was_accepted_then_is_not_accepted_now(shop: Shop) -> None:
    shop.load(4, customers=customers(4, city="Lima"))
    fails(shop, 4, "northern", "it would lose too many members; accept it if that is right")
    succeeds(shop, 5, "--accept", "northern", "--accept", "phones")
    shop.load(6, customers=customers(6))
    succeeds(shop, 6)
    shop.load(7, customers=customers(7, city="Lima"))
    fails(shop, 7, "northern")


def test_a_lookup_with_two_rows_for_a_key_holds_back_what_goes_through_it(shop: Shop) -> None:
    products = [*tables(4)["products"], ("p1", "phones")]
    shop.load(4, customers=customers(4), products=products)
    fails(shop, 4, "tea", "orders.product", "has 1 keys with more than one row")
    assert set(recorded(shop, 4)) == ALL - {"tea"}


@pytest.mark.slow
def test_a_lookup_of_the_entity_itself_with_two_rows_for_a_key_does_so_too(shop: Shop) -> None:
    cities = [*tables(4)["cities"], ("London", "west")]
    shop.load(4, customers=customers(4), cities=cities)
    fails(shop, 4, "northern", "customer.home", "has 1 keys with more than one row")
    assert set(recorded(shop, 4)) == ALL - {"northern"}
    assert len(members(shop, "everybody")) == len({row[0] for row in customers(4) if row[4]})


def test_two_rows_for_one_key_of_the_entity_hold_all_of_it_back(shop: Shop) -> None:
    shop.load(4, customers=[*customers(4), customers(4)[0]])
    before = shop.books()
    fails(shop, 4, "has keys with more than one row")
    assert recorded(shop, 4) == {}
    assert shop.books() == before


def test_a_source_that_stopped_loading_holds_back_its_readers(shop: Shop) -> None:
    visits = [row for row in tables(4)["visits"] if row[2] < "2026-03-02"]
    shop.load(4, customers=customers(4), visits=visits)
    before = members(shop, "readers")
    fails(shop, 4, "readers", "visits", "has no row of the last 2 days")
    assert set(recorded(shop, 4)) == ALL - {"readers"}
    assert members(shop, "readers") == before


def test_an_emptied_suppression_list_lets_nobody_in(shop: Shop) -> None:
    before = members(shop, "no_consent")
    assert len(before) == 24
    shop.load(4, customers=customers(4, consents=True))
    everybody = members(shop, "everybody")
    fails(shop, 4, "no_consent", "it would lose too many members", "a suppression segment is not up to date")
    assert members(shop, "no_consent") == before
    assert members(shop, "everybody") == everybody  # the new customer waits
    statuses = recorded(shop, 4)
    assert statuses["no_consent"] == "kept"
    assert {statuses[name] for name in ALL - {"no_consent", "first_look"}} == {"blocked"}
    succeeds(shop, 5, "--accept", "no_consent")
    assert members(shop, "no_consent") == set()
    assert members(shop, "everybody") == {row[0] for row in customers(4)}


def retype(shop: Shop, table: str, column: str, to: str) -> None:
    """Give a column of a loaded table another type, as a changed import would."""
    shop.place.execute(f"alter table {table} alter column {column} type {to}")


def test_a_column_of_another_type_holds_back_what_reads_it(shop: Shop) -> None:
    shop.load(4, customers=customers(4))
    retype(shop, "orders", "amount", "varchar")
    shop.place.execute("update orders set amount = 'twelve' where order_id = 1")
    before = {name: members(shop, name) for name in ("big_spenders", "staying", "best")}
    fails(shop, 4, "big_spenders", "column amount of source('shop', 'orders') is declared decimal and is character varying")
    # `staying` looks at big spenders, `best` is the top of ten by what was spent
    assert set(recorded(shop, 4)) == ALL - {"big_spenders", "staying", "best"}
    assert {name: members(shop, name) for name in before} == before


@pytest.mark.slow
def test_a_time_of_another_type_holds_back_all_readers_of_its_rows(shop: Shop) -> None:
    shop.load(4, customers=customers(4))
    retype(shop, "visits", "visited_at", "varchar")
    fails(shop, 4, "readers", "column visited_at of source('shop', 'visits') is declared timestamp and is character varying")
    assert set(recorded(shop, 4)) == ALL - {"readers"}


def test_a_consent_of_another_type_lets_nobody_in(shop: Shop) -> None:
    before = members(shop, "everybody")
    shop.load(4, customers=customers(4))
    retype(shop, "customers", "consent", "varchar")
    why = "column consent of source('shop', 'customers') is declared boolean and is character varying"
    fails(shop, 4, why, "a suppression segment is not up to date")
    statuses = recorded(shop, 4)
    assert "no_consent" not in statuses
    assert statuses["everybody"] == "blocked"
    assert members(shop, "everybody") == before


def scored(shop: Shop) -> None:
    """Declare as integers what is stored as doubles: the score, and the key of visits. Scores are quarters."""
    catalog = shop.folder / "segments" / "catalog.yml"
    catalog.write_text(catalog.read_text().replace("score: number", "score: integer"))
    rule = "  - {name: high, label: High, entity: customer, include: [{attribute: score, gte: 10}]}\n"
    shop.write_rules(RULES + rule)
    shop.place.execute("alter table visits alter column customer_id type double precision")


def in_bounds(shop: Shop, segment: str, least: int) -> bool:
    """Whether the members are those with such a score who have consented."""
    rows = shop.place.rows(f"select customer_id from customers where score >= {least} and consent is not false")
    return members(shop, segment) == {key for (key,) in rows}


def fractions_are_not_rounded(shop: Shop) -> None:
    scored(shop)
    shop.load(4, customers=customers(4))
    why = "column score of source('shop', 'customers') is declared integer and holds numbers that are not whole"
    done = shop.dbt(day=4)
    assert done.code == 1
    assert why in " ".join(done.output.split()), done.output
    assert set(recorded(shop, 4)) == ALL  # and not `high`; whole numbers among doubles are integers, so readers are there
    shop.place.execute("update customers set score = floor(score)")
    assert shop.dbt(day=5).code == 0
    assert set(recorded(shop, 5)) == ALL | {"high"}
    assert in_bounds(shop, "high", 10)
    retype(shop, "customers", "score", "decimal(12, 2)")
    done = shop.dbt(day=6)
    assert done.code == 1
    assert "column score of source('shop', 'customers') is declared integer and is " in " ".join(done.output.split())
    assert set(recorded(shop, 6)) == ALL


@pytest.mark.slow
def test_fractions_in_what_is_declared_integer_are_not_rounded(shop: Shop) -> None:
    fractions_are_not_rounded(shop)
    done = shop.segwh("preview", "high", "--as-of", as_of(6))
    assert done.code == 1
    assert "is declared integer and is DECIMAL(12,2)" in " ".join(done.output.split())
    retype(shop, "customers", "score", "double precision")
    shop.place.execute("update customers set score = 9.75 where customer_id = 1")
    done = shop.segwh("preview", "high", "--as-of", as_of(6))
    assert done.code == 1
    assert "is declared integer and holds 9.75, which is not whole" in " ".join(done.output.split())


def test_a_key_that_is_no_whole_number_stops_the_run(shop: Shop) -> None:
    shop.load(4, customers=customers(4))
    retype(shop, "customers", "customer_id", "double precision")
    succeeds(shop, 4)
    shop.place.execute("update customers set customer_id = 1.5 where customer_id = 1")
    fails(shop, 5, "(key of customer) is declared integer and holds 1.5, which is not whole")


@pytest.mark.slow
def test_on_postgres_fractions_are_not_rounded(postgres: Server, tmp_path: Path) -> None:
    shop = Shop.new(tmp_path / "shop", Schema(postgres, "fractions"))
    shop.run(3)
    fractions_are_not_rounded(shop)


def test_dbt_alone_does_the_same_and_knows_of_columns_that_are_away(shop: Shop) -> None:
    shop.load(4, customers=customers(4))
    shop.place.execute("alter table customers drop column phone")
    done = shop.dbt(day=4)
    assert done.code == 1
    assert "column phone of source('shop', 'customers') is not there" in " ".join(done.output.split())
    assert set(recorded(shop, 4)) == ALL - {"phones"}


def test_segwh_run_goes_on_without_a_column_where_dbt_does(shop: Shop) -> None:
    shop.load(4, customers=customers(4))
    shop.place.execute("alter table customers rename phone to phones", "alter table visits drop column page")
    fails(
        shop,
        4,
        "source('shop', 'customers') has no column `phone` (attribute of customer); `phones` might be meant "
        "(the segments that need it keep their last good version)",
        "source('shop', 'visits') has no column `page` (property of customer.visits) (no rule reads it)",
        "column phone of source('shop', 'customers') is not there",
    )
    assert set(recorded(shop, 4)) == ALL - {"phones"}
    shop.place.execute("alter table customers rename phones to phone", "alter table visits rename visited_at to seen_at")
    fails(shop, 5, "has no column `visited_at`", "column visited_at of source('shop', 'visits') is not there")
    assert set(recorded(shop, 5)) == ALL - {"readers"}
    shop.place.execute("alter table visits rename seen_at to visited_at", "alter table cities rename city to town")
    # rows are joined by it, so dbt alone could evaluate nobody either
    fails(shop, 6, "source('shop', 'cities') has no column `city` (key of customer.home)")
    assert recorded(shop, 6) == {}


@pytest.mark.slow
def test_segwh_run_goes_on_without_what_no_rule_reads(shop: Shop) -> None:
    shop.load(4, customers=customers(4))
    shop.place.execute("alter table cities rename city to town")
    shop.write_rules("".join(line + "\n" for line in RULES.splitlines() if "home.region" not in line))
    succeeds(shop, 6)
    assert set(recorded(shop, 6)) == ALL - {"northern"}
    shop.place.execute("drop table cities")
    succeeds(shop, 7)
    shop.place.execute("alter table customers rename email to mails")
    done = shop.segwh("run", "--as-of", as_of(8))
    assert done.code == 0, done.output
    assert "(aud_big_spenders, aud_phones will show no value of it for anybody)" in " ".join(done.output.split())


def test_on_postgres_too(postgres: Server, tmp_path: Path) -> None:
    shop = Shop.new(tmp_path / "shop", Schema(postgres, "isolation"))
    shop.run(3)
    shop.load(4, cities=[*tables(4)["cities"], ("London", "west")])
    retype(shop, "orders", "amount", "varchar(40)")
    shop.place.execute("update orders set amount = 'twelve' where order_id = 1")
    done = shop.dbt(day=4)
    assert done.code == 1
    printed = " ".join(done.output.split())
    assert "column amount of source('shop', 'orders') is declared decimal and is character varying" in printed
    assert "customer.home (source('shop', 'cities')) has 1 keys with more than one row" in printed
    assert set(recorded(shop, 4)) == ALL - {"big_spenders", "staying", "best", "northern"}
