"""Where the catalog and the warehouse disagree."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from segwh.catalog.model import Column, Entity, Event, Lookup, TimeColumn
from segwh.errors import UserError
from segwh.project import load_texts
from segwh.types import DataType, Relation
from segwh.warehouse.catalog_check import disagreements, needs, require_what_a_run_needs
from segwh.warehouse.connection import Warehouse
from segwh.warehouse.target import find_target
from tests.cli.conftest import RULES

CUSTOMERS, ORDERS = Relation("ref", ("customers",)), Relation("ref", ("orders",))


def customer(*attributes: Column, key: DataType = DataType.INTEGER, amount: DataType = DataType.NUMBER) -> Entity:
    properties = (Column("amount", amount, "amount"), Column("double", DataType.DECIMAL, "", sql="amount * 2"))
    orders = Event("orders", ORDERS, "customer_id", TimeColumn("ordered_at"), properties, id="order_id")
    return Entity("customer", CUSTOMERS, Column("customer_id", key, "customer_id"), attributes, events=(orders,))


def found(entity: Entity) -> tuple[str, ...]:
    with Warehouse.open(find_target()) as warehouse:
        return disagreements(needs(entity), warehouse)


def test_agreement(bare_shop: Path) -> None:
    assert (
        found(customer(Column("mail", DataType.STRING, "EMAIL"), Column("created_at", DataType.TIMESTAMP, "created_at"))) == ()
    )


def test_everything_wrong_is_said_at_once(bare_shop: Path) -> None:
    said = found(customer(Column("mail", DataType.STRING, "emial"), key=DataType.STRING, amount=DataType.STRING))
    assert said == (
        "column `customer_id` of ref('customers') (key of customer) is declared string and is INTEGER: "
        "declare its own type, or convert it in dbt",
        "ref('customers') has no column `emial` (attribute of customer); `email` might be meant",
        "column `customer_id` of ref('orders') (key of customer.orders) is declared string and is INTEGER: "
        "declare its own type, or convert it in dbt",
        "column `amount` of ref('orders') (property of customer.orders) is declared string and is DECIMAL(10,2): "
        "declare its own type, or convert it in dbt",
    )


@pytest.mark.parametrize(("number", "why"), [("nan", "NaN, which is not whole"), ("1e30", "1E+30, which is beyond 64 bits")])
def test_a_key_that_is_no_integer_is_said_as_it_is(bare_shop: Path, number: str, why: str) -> None:
    with duckdb.connect(str(bare_shop / "shop.duckdb")) as connection:
        connection.execute("alter table customers alter customer_id type double")
        connection.execute(f"insert into customers (customer_id) values ('{number}')")
    (said,) = found(customer())
    assert f"is declared integer and holds {why}: declare it number or decimal, or convert it in dbt" in said


def test_a_relation_that_is_not_built(bare_shop: Path) -> None:
    with duckdb.connect(str(bare_shop / "shop.duckdb")) as connection:
        connection.execute("drop table orders")
    assert found(customer()) == (
        "ref('orders') is not built yet: relation shop.main.orders does not exist; run `dbt build --select orders` first",
    )


def test_a_lookup_is_checked_too(bare_shop: Path) -> None:
    tickets = Lookup(
        "ticket", Relation("ref", ("tickets",)), "ticket", "ticket_id", (Column("state", DataType.STRING, "state"),)
    )
    entity = Entity("customer", CUSTOMERS, Column("customer_id", DataType.INTEGER, "customer_id"), (), lookups=(tickets,))
    assert found(entity) == (
        "ref('customers') has no column `ticket` (by of customer.ticket)",
        "ref('tickets') has no column `state` (property of customer.ticket); `status` might be meant",
    )


def test_no_file_yet(bare_shop: Path) -> None:
    (bare_shop / "shop.duckdb").unlink()
    assert "relation shop.main.customers does not exist; run `dbt build --select customers` first" in found(customer())[0]
    assert not (bare_shop / "shop.duckdb").exists()


LISTS = """\
traits:
  - {name: heat, entity: customer, points: [{when: {attribute: city, in: {relation: ref('tickets'), column: town}}, add: 1}]}
segments:
  - {name: a, label: A, entity: customer, include: [{attribute: customer_id, in: {relation: ref('customers'), column: email}}]}
  - name: b
    label: B
    entity: customer
    include:
      - {event: orders, where: [{attribute: amount, not_in: {relation: ref('orders'), column: customer_id}}]}
      - {event: orders, last: {where: {attribute: ordered_at, in: {relation: ref('orders'), column: ordered}}}}
  - {name: c, label: C, entity: customer, include: everyone, always: ref('nowhere')}
"""


def test_columns_in_which_rules_look_for_values_are_there_and_of_their_type(bare_shop: Path) -> None:
    project = load_texts({"segments/catalog.yml": RULES["segments/catalog.yml"], "segments/lists.yml": LISTS}).project
    assert project is not None
    with Warehouse.open(find_target()) as warehouse, pytest.raises(UserError) as caught:
        require_what_a_run_needs(project, warehouse)
    assert caught.value.message.splitlines() == [
        "the catalog and the warehouse disagree:",
        "  column `email` of ref('customers') (list for `customer_id` at segments/lists.yml:4) is VARCHAR, and what is looked "
        "for in it is integer: convert it in dbt",
        "  ref('orders') has no column `ordered` (list for `ordered_at` at segments/lists.yml:10); `ordered_at` might be meant",
        "  ref('tickets') has no column `town` (list for `city` at segments/lists.yml:2)",
        "  the dbt project has no ref('nowhere')",
    ]


ASIDE = """\
traits:
  - {name: biggest, entity: customer, event: orders, max: amount}
segments:
  - {name: a, label: A, entity: customer, include: everyone, activate: {columns: [city, biggest]}}
"""


def test_what_only_traits_and_audiences_read_is_told_before_a_run_and_stops_none(bare_shop: Path) -> None:
    catalog = RULES["segments/catalog.yml"].replace("amount: decimal", "amount: integer")
    project = load_texts({"segments/catalog.yml": catalog, "segments/aside.yml": ASIDE}).project
    assert project is not None
    with duckdb.connect(str(bare_shop / "shop.duckdb")) as connection:
        connection.execute("alter table orders alter amount type hugeint using amount * 10::hugeint ** 19")
        connection.execute("alter table customers alter city type integer using null")
        connection.execute("alter table customers alter email type integer using null")  # nobody reads it
    with Warehouse.open(find_target()) as warehouse:
        told = require_what_a_run_needs(project, warehouse)
    assert told == (
        "column `city` of ref('customers') (attribute of customer) is declared string and is INTEGER: "
        "declare its own type, or convert it in dbt (aud_a will show no value of it for anybody)",
        "column `amount` of ref('orders') (property of customer.orders) is declared integer and holds 50000000000000000000, "
        "which is beyond 64 bits: declare it number or decimal, or convert it in dbt "
        "(the traits that need it are wrong or missing where it holds such a number)",
    )


SQL = "amount: integer\n          twice: {type: integer, sql: AMOUNT * 2}\n          more: {type: integer, sql: quantity * 2}"
BY_SQL = """\
traits:
  - {name: biggest, entity: customer, event: orders, max: twice}
segments:
  - {name: a, label: A, entity: customer, include: everyone}
"""


def test_a_long_number_that_only_a_trait_by_sql_reads_is_told(bare_shop: Path) -> None:
    files = {"segments/catalog.yml": RULES["segments/catalog.yml"].replace("amount: decimal", SQL)}
    assert SQL in files["segments/catalog.yml"]

    def told(rules: str) -> tuple[str, ...]:
        project = load_texts({**files, "segments/rules.yml": rules}).project
        assert project is not None
        with Warehouse.open(find_target()) as warehouse:
            return require_what_a_run_needs(project, warehouse)

    with duckdb.connect(str(bare_shop / "shop.duckdb")) as connection:
        connection.execute("alter table orders alter amount type hugeint using amount * 10::hugeint ** 19")
        connection.execute("alter table orders add quantity hugeint")
        connection.execute("update orders set quantity = 10::hugeint ** 19")
    assert told(BY_SQL) == (
        "column `amount` of ref('orders') (property of customer.orders) is declared integer and holds 50000000000000000000, "
        "which is beyond 64 bits: declare it number or decimal, or convert it in dbt "
        "(the traits that need it are wrong or missing where it holds such a number)",
    )
    with pytest.raises(UserError) as caught:  # the engine would end the run
        told(BY_SQL.replace("twice", "more"))
    assert caught.value.message == (
        "`more` of orders (ref('orders')) is declared integer, and its `sql:` comes to 20000000000000000000, "
        "which no integer holds: declare it number or decimal, or leave such numbers out in the expression"
    )
    with duckdb.connect(str(bare_shop / "shop.duckdb")) as connection:
        connection.execute("update orders set quantity = 3")
    assert told(BY_SQL.replace("twice", "more")) == ()
