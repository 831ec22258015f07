"""A small shop as a dbt project on DuckDB, built once, and copies of it for tests that write."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from dbt_common.tests import enable_test_caching

PROFILES = """\
shop:
  target: dev
  outputs:
    dev: {type: duckdb, path: "{{ env_var('SHOP_DUCKDB', 'SHOP_FILE') }}", threads: 1}
    nowhere: {type: postgres, host: 127.0.0.1, port: 1, user: u, password: p, dbname: d, schema: s, threads: 1}
    oracle: {type: oracle}
"""
FILES = {
    "dbt_project.yml": "name: shop\nversion: '1.0'\nprofile: shop\nmodel-paths: [models]\n",
    "models/customers.sql": "{{ config(materialized='table') }}\nselect * from raw_customers\n",
    "models/orders.sql": "{{ config(materialized='table') }}\nselect * from raw_orders\n",
    "models/tickets.sql": "{{ config(materialized='table') }}\nselect * from raw_tickets\n",
    "models/schema.yml": (
        "models:\n  - name: customers\n    columns:\n      - name: customer_id\n        data_tests: [unique, not_null]\n"
    ),
}
RAW = """
create table raw_customers as select * from (values
  (1, 'ann@example.com', 'Leeds', timestamp '2026-01-05 09:00:00'),
  (2, 'bob@example.com', 'York', timestamp '2026-02-10 10:00:00'),
  (3, null, 'Leeds', timestamp '2026-03-15 11:00:00'),
  (4, 'dee@example.com', 'Hull', timestamp '2026-06-20 12:00:00')
) as t(customer_id, email, city, created_at);
create table raw_orders as select * from (values
  (10, 1, timestamp '2026-05-01 10:00:00', 20.50::decimal(10, 2)),
  (11, 1, timestamp '2026-06-01 10:00:00', 30.00::decimal(10, 2)),
  (12, 2, timestamp '2026-06-02 10:00:00', 5.00::decimal(10, 2))
) as t(order_id, customer_id, ordered_at, amount);
create table raw_tickets as select * from (values (100, 1, 'open'), (101, 3, 'closed')) as t(ticket_id, customer_id, status);
create table customers as from raw_customers;
create table orders as from raw_orders;
create table tickets as from raw_tickets;
"""


@pytest.fixture
def bare_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The dbt project with its tables in a DuckDB file and nothing of segwh; it is the current folder."""
    enable_test_caching()  # of dbt: a macro's text is parsed once
    folder = tmp_path / "shop"
    for name, text in {**FILES, "profiles.yml": PROFILES.replace("SHOP_FILE", str(folder / "shop.duckdb"))}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute(RAW)
    for variable in ("DBT_PROJECT_DIR", "DBT_PROFILES_DIR", "DBT_TARGET", "DBT_PROFILE", "NO_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(folder)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


RULES = {
    "segwh.yml": "version: 1\ntimezone: Europe/London\n",
    "segments/catalog.yml": """\
entities:
  - name: customer
    relation: ref('customers')
    key: {column: customer_id, type: integer}
    created_at: created_at
    attributes:
      email: string
      city: string
    events:
      - name: orders
        relation: ref('orders')
        key: customer_id
        time: ordered_at
        id: order_id
        properties:
          amount: decimal
    related:
      - name: tickets
        relation: ref('tickets')
        key: customer_id
        properties:
          status: string
""",
    "segments/rules.yml": """\
segments:
  - name: buyers
    label: Bought lately
    tags: [campaign]
    entity: customer
    time_to_live: 2 years
    include:
      - {event: orders, within: 90 days}
    exclude:
      - {related: tickets, where: {attribute: status, is: open}}
  - name: in_leeds
    label: Lives in Leeds
    entity: customer
    include:
      - {attribute: city, is: Leeds}
  - name: spring_list
    label: Spring list
    tags: [campaign]
    entity: customer
    type: static
    include:
      - {event: orders, count: {gte: 1}}
""",
}


@pytest.fixture
def shop(bare_shop: Path) -> Path:
    """The shop with rules: three segments of customers."""
    for name, text in RULES.items():
        (bare_shop / name).parent.mkdir(parents=True, exist_ok=True)
        (bare_shop / name).write_text(text)
    return bare_shop
