"""The shop's data: the same everywhere and always, and as dirty as real data is."""

from __future__ import annotations

import hashlib
from pathlib import Path

import duckdb
import pytest

from tests.shop.conftest import build_shop

CHECKSUMS = Path(__file__).parent / "checksums.txt"


def checksums(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Table by table, a digest of all rows in an order of their own."""
    names = connection.execute("select table_name from duckdb_tables() order by 1").fetchall()
    return {name: digest(connection, name) for (name,) in names}


def digest(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """The first half of an MD5 over the rows' text, sorted."""
    rows = sorted(repr(row) for row in connection.execute(f'select * from "{table}"').fetchall())
    return hashlib.md5("\n".join(rows).encode(), usedforsecurity=False).hexdigest()[:16]


def test_the_data_are_the_ones_that_were_recorded(shop: duckdb.DuckDBPyConnection) -> None:
    """After a change of the shop that is meant, write the new digests into checksums.txt."""
    recorded = dict(line.split() for line in CHECKSUMS.read_text(encoding="utf-8").splitlines())
    assert checksums(shop) == recorded


@pytest.mark.slow  # that one thread makes what it always made is tested in each run
def test_four_threads_make_the_same_data_as_one(shop: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    with duckdb.connect(build_shop(tmp_path, threads=4), read_only=True) as other:
        assert checksums(other) == checksums(shop)


DIRT = {
    "telephones with spaces": "customers where phone like '% %'",
    "shared telephones": "customers where phone in (select phone from customers group by 1 having count(*) > 1 and phone > '')",
    "empty telephones": "customers where phone = ''",
    "no telephone": "customers where phone is null",
    "empty cities": "customers where city = ''",
    "no city": "customers where city is null",
    "cities with a space at the end": "customers where city like '% '",
    "cities in lower case": "customers where city ~ '[a-z ]+'",
    "mail in upper case": "customers where email <> lower(email)",
    "mail with spaces around": "customers where email <> trim(email)",
    "apostrophes": "customers where last_name like '%''%'",
    "names in other scripts": "customers where first_name = '小明'",
    "born on 29 February": "customers where strftime(birthday, '%m-%d') = '02-29'",
    "no sign-up time": "customers where signed_up_at is null",
    "empty lists": "customers where len(tags) = 0",
    "no list": "customers where tags is null",
    "customers of tomorrow": "customers where signed_up_at >= timestamp '2026-11-01'",
    "one source in two spellings": "customers where source = 'Google'",
    "orders delivered twice": "orders where order_id in (select order_id from orders group by 1 having count(*) > 1)",
    "orders of nobody": "orders where customer_id is null",
    "orders of unknown customers": "orders where customer_id not in (select customer_id from customers)",
    "orders without a time": "orders where ordered_at is null",
    "orders without a status": "orders where status is null",
    "orders that came days late": "orders where loaded_at > ordered_at + interval 1 day",
    "late over the as-of": "orders where ordered_at < timestamp '2026-11-01' and loaded_at >= timestamp '2026-11-01'",
    "orders after the as-of": "orders where ordered_at >= timestamp '2026-11-01'",
    "lines of a product that is gone": "order_lines where product_id not in (select product_id from products)",
    "anonymous views": "page_views where customer_id is null",
    "views counted twice": "page_views where view_id in (select view_id from page_views group by 1 having count(*) > 1)",
    "views without a time": "page_views where viewed_at is null",
    "percent and underscore in a link": "page_views where contains(url, '100%_off')",
    "empty links": "page_views where url = ''",
    "tickets without a priority": "tickets where priority is null",
    "consent without an answer": "consents where granted is null",
    "customers never asked": "customers where customer_id not in (select customer_id from consents where channel = 'email')",
    "leads with one telephone": "leads where phone in (select phone from leads group by 1 having count(*) > 1)",
    "products in lower case": "leads where product = 'simcard'",
    "closed versions of plans": "subscriptions where valid_to is not null",
}


@pytest.mark.parametrize("what", DIRT)
def test_dirt_is_there_but_not_everywhere(shop: duckdb.DuckDBPyConnection, what: str) -> None:
    table = DIRT[what].split()[0]
    ((dirty, rows),) = shop.execute(f"select (select count(*) from {DIRT[what]}), (select count(*) from {table})").fetchall()
    assert 0 < dirty < rows


def test_sizes_follow_from_one_number(shop: duckdb.DuckDBPyConnection) -> None:
    ((customers, leads, orders, views),) = shop.execute(
        "select (select count(*) from customers), (select count(*) from leads),"
        " (select count(*) from orders), (select count(*) from page_views)"
    ).fetchall()
    assert (customers, leads) == (1500, 400)
    assert 2 < orders / customers < 4
    assert 6 < views / customers < 12


def test_few_customers_bring_most_of_the_money(shop: duckdb.DuckDBPyConnection) -> None:
    ((share,),) = shop.execute(
        "with worth as (select sum(amount) as paid from orders where customer_id is not null group by customer_id),"
        " ranked as (select paid, ntile(10) over (order by paid desc) as tenth from worth)"
        " select sum(paid) filter (tenth = 1) / sum(paid) from ranked"
    ).fetchall()
    assert share > 0.5


def test_the_shop_grows_and_december_is_its_best_month(shop: duckdb.DuckDBPyConnection) -> None:
    orders = dict(shop.execute("select strftime(ordered_at, '%Y-%m'), count(*) from orders group by 1").fetchall())
    assert orders["2025-12"] > orders["2025-10"]
    assert orders["2025-12"] > orders["2026-01"]
    assert orders["2026-10"] > orders["2025-10"]
