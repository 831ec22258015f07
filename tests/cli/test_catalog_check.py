"""Where the catalog and the warehouse disagree."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from segwh.catalog.model import Column, Entity, Event, Lookup, TimeColumn
from segwh.errors import UserError
from segwh.types import DataType, Relation
from segwh.warehouse.catalog_check import disagreements, require_agreement
from segwh.warehouse.connection import Warehouse
from segwh.warehouse.target import find_target

CUSTOMERS, ORDERS = Relation("ref", ("customers",)), Relation("ref", ("orders",))


def customer(*attributes: Column, key: DataType = DataType.INTEGER, amount: DataType = DataType.NUMBER) -> Entity:
    properties = (Column("amount", amount, "amount"), Column("double", DataType.DECIMAL, "", sql="amount * 2"))
    orders = Event("orders", ORDERS, "customer_id", TimeColumn("ordered_at"), properties, id="order_id")
    return Entity("customer", CUSTOMERS, Column("customer_id", key, "customer_id"), attributes, events=(orders,))


def found(entity: Entity) -> tuple[str, ...]:
    with Warehouse.open(find_target()) as warehouse:
        return disagreements((entity,), warehouse)


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


def test_a_relation_that_is_not_built(bare_shop: Path) -> None:
    with duckdb.connect(str(bare_shop / "shop.duckdb")) as connection:
        connection.execute("drop table orders")
    with Warehouse.open(find_target()) as warehouse, pytest.raises(UserError) as caught:
        require_agreement((customer(),), warehouse)
    assert caught.value.message == (
        "ref('orders') is not built yet: relation shop.main.orders does not exist; run `dbt build --select orders` first"
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
