"""A small shop as a dbt project on DuckDB, built once, and copies of it for tests that write."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from dbt_common.tests import enable_test_caching

from segwh.cli import cli
from tests.engines import templates

FIRST, SECOND = "2026-06-15T00:00:00Z", "2026-07-01T00:00:00Z"
"""When the shop of two runs was run."""

PROFILES = """\
shop:
  target: dev
  outputs:
    dev: {type: duckdb, path: "{{ env_var('SHOP_DUCKDB', 'SHOP_FILE') }}", threads: 1}
    nowhere: {type: postgres, host: 127.0.0.1, port: 1, user: u, password: p, dbname: d, schema: s, threads: 1}
    oracle: {type: oracle}
"""
FILES_OF_DBT = {"DBT_WRITE_JSON": "false", "DBT_LOG_LEVEL_FILE": "none"}
"""What keeps dbt from writing down its project and its log: a sixth of a small run's time, for files that few tests look at."""
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


def make(folder: Path) -> None:
    """Make the dbt project with its tables in a DuckDB file and nothing of segwh."""
    enable_test_caching()  # of dbt: a macro's text is parsed once
    templates.are_kept()
    for name, text in {**FILES, "profiles.yml": PROFILES.replace("SHOP_FILE", str(folder / "shop.duckdb"))}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute(RAW)


def enter(folder: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make it the current folder, in an environment that says nothing of dbt."""
    for variable in ("DBT_PROJECT_DIR", "DBT_PROFILES_DIR", "DBT_TARGET", "DBT_PROFILE", "NO_COLOR"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    for variable, value in FILES_OF_DBT.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.chdir(folder)


@pytest.fixture
def files_of_dbt(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of what is left in the folder, named after the shop: dbt leaves whatever it would leave to users."""
    for variable in FILES_OF_DBT:
        monkeypatch.delenv(variable)


@pytest.fixture
def bare_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The dbt project with its tables in a DuckDB file and nothing of segwh; it is the current folder."""
    folder = tmp_path / "shop"
    make(folder)
    enter(folder, tmp_path / "cache", monkeypatch)
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


def write_rules(folder: Path) -> None:
    """Write the rules: three segments of customers."""
    for name, text in RULES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


@pytest.fixture
def shop(bare_shop: Path) -> Path:
    """The shop with rules: three segments of customers."""
    write_rules(bare_shop)
    return bare_shop


@pytest.fixture(scope="session")
def shop_of_two_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop after two runs, between which customer 1 moved away and customer 3 bought something. Only to be copied."""
    tmp_path = tmp_path_factory.mktemp("recorded")
    folder = tmp_path / "shop"
    make(folder)
    write_rules(folder)
    with (folder / "segments/rules.yml").open("a") as rules:
        rules.write(
            "  - {name: long_in_leeds, label: Long, entity: customer,"
            " include: [{segment: in_leeds, for: 10 days}]}\n"
            "  - {name: of_the_list, label: Of the list, entity: customer, include: [{segment: spring_list}]}\n"
        )
    with pytest.MonkeyPatch.context() as monkeypatch:
        enter(folder, tmp_path / "cache", monkeypatch)
        connect_beside(folder)
        assert CliRunner().invoke(cli, ["run", "--as-of", FIRST], catch_exceptions=False).exit_code == 0
        with duckdb.connect("shop.duckdb") as connection:
            connection.execute("update raw_customers set city = 'Hull' where customer_id = 1")
            connection.execute("insert into raw_orders values (13, 3, timestamp '2026-06-20 10:00:00', 1)")
            connection.execute("create or replace table customers as from raw_customers")
            connection.execute("create or replace table orders as from raw_orders")
        assert CliRunner().invoke(cli, ["run", "--as-of", SECOND], catch_exceptions=False).exit_code == 0
        with duckdb.connect("shop.duckdb") as connection:
            connection.execute("checkpoint")  # so that the file alone holds it all
    return folder


@pytest.fixture
def recorded(shop_of_two_runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of it; it is the current folder."""
    folder = tmp_path / "shop"
    shutil.copytree(shop_of_two_runs, folder)
    enter(folder, tmp_path / "cache", monkeypatch)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def connect_beside(folder: Path) -> None:
    """Connect to the file in the current folder, whichever that is: so a copy connects to its own, and is for dbt the project
    that was parsed already.
    """
    (folder / "profiles.yml").write_text(PROFILES.replace("SHOP_FILE", "shop.duckdb"))
