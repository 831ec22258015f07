"""What init makes of the tables of a dbt project."""

from __future__ import annotations

from dataclasses import replace

import pytest

from segwh.init.propose import ProposedEntity, Table, TableColumn, propose, singular, thing_of, usable_name
from segwh.init.text import catalog
from segwh.types import DataType, Relation
from segwh.warehouse.column_types import data_type_of

INTEGER, STRING, TIMESTAMP, DATE, DECIMAL = (
    DataType.INTEGER, DataType.STRING, DataType.TIMESTAMP, DataType.DATE, DataType.DECIMAL,
)  # fmt: skip


def source(name: str, **columns: DataType | None) -> Table:
    return replace(table(name, **columns), relation=Relation("source", ("crm", name)))


def made_of(*parts: Table, made: Table) -> Table:
    return replace(made, reads=frozenset(part.relation for part in parts))


def table(name: str, unique: str = "", **columns: DataType | None) -> Table:
    made = tuple(TableColumn(column, kind, column == unique) for column, kind in columns.items())
    return Table(Relation("ref", (name,)), name, made)


CUSTOMERS = table(
    "dim_customers", "customer_id", customer_id=INTEGER, email=STRING, signed_up_at=TIMESTAMP, updated_at=TIMESTAMP
)
STAGED = table("stg_shop__customers", customer_id=INTEGER, email=STRING, raw=STRING, more=STRING, even_more=STRING)
ORDERS = table("orders", order_id=INTEGER, customer_id=INTEGER, product_id=STRING, ordered_at=TIMESTAMP, amount=DECIMAL)
PRODUCTS = table("products", product_id=STRING, category=STRING)
TICKETS = table("tickets", ticket_id=INTEGER, customer_id=INTEGER, status=STRING, updated_at=TIMESTAMP)
PLANS = table("plans", customer_id=INTEGER, plan=STRING, valid_from=TIMESTAMP, valid_to=TIMESTAMP, started_at=TIMESTAMP)


def only(*tables: Table) -> ProposedEntity:
    (entity,) = propose(tables)
    return entity


def test_the_customer_of_a_shop() -> None:
    entity = only(CUSTOMERS, STAGED, ORDERS, PRODUCTS, TICKETS, PLANS)
    assert (entity.name, entity.table.name, entity.key.name) == ("customer", "dim_customers", "customer_id")
    assert entity.created_at is not None
    assert entity.created_at.name == "signed_up_at"
    orders, plans, tickets = entity.rows
    assert (orders.name, orders.key, orders.time and orders.time.name, orders.id) == (
        "orders", "customer_id", "ordered_at", "order_id",
    )  # fmt: skip
    assert [(lookup.name, lookup.by, lookup.key) for lookup in orders.lookups] == [("product", "product_id", "product_id")]
    assert (tickets.name, tickets.time) == ("tickets", None)
    assert (plans.time, plans.validity) == (None, ("valid_from", "valid_to"))


def test_a_key_called_id_is_pointed_at_by_the_things_name() -> None:
    users = table("users", id=INTEGER, email=STRING)
    visits = table("visits", id=INTEGER, user_id=INTEGER, started_at=TIMESTAMP)
    entity = only(users, visits)
    assert (entity.name, entity.key.name) == ("user", "id")
    assert [(rows.name, rows.key, rows.id) for rows in entity.rows] == [("visits", "user_id", "id")]


def test_a_key_of_another_type_does_not_join() -> None:
    assert only(CUSTOMERS, table("orders", order_id=INTEGER, customer_id=STRING, ordered_at=TIMESTAMP)).rows == ()


def test_without_people_what_is_pointed_at_most_is_the_entity() -> None:
    devices = table("devices", device_id=STRING, model=STRING)
    readings = table("readings", device_id=STRING, measured_at=TIMESTAMP)
    assert only(devices, readings).name == "device"


def test_nothing_to_propose() -> None:
    assert propose([table("numbers", n=DataType.NUMBER)]) == ()
    assert propose([]) == ()


def test_columns_with_odd_names_and_types() -> None:
    people = table("people", "personId", personId=STRING, **{"E-Mail": STRING, "settings": None, "2nd name": STRING})
    text = catalog(propose([people]), [])
    assert "    key: {column: personId, name: person_id}" in text
    assert '      e_mail: {type: string, column: "E-Mail"}\n' in text
    assert "settings" not in text
    assert "2nd" not in text


def test_columns_with_names_that_are_taken() -> None:
    text = catalog(propose([table("venues", "Place", Place=STRING, evaluated_at=TIMESTAMP, city=STRING)]), [])
    assert "key: {column: Place, name: venue_key}" in text
    assert "city: string" in text
    assert "evaluated_at" not in text


def test_a_day_as_time_says_so() -> None:
    text = catalog(propose([CUSTOMERS, table("visits", customer_id=INTEGER, visited_on=DATE)]), [])
    assert "        time: {column: visited_on, type: date}\n" in text


def test_what_is_left_out_is_listed() -> None:
    staging = table("stg_shop__customers", customer_id=INTEGER)
    assert catalog(propose([CUSTOMERS]), [PRODUCTS, staging]).endswith(
        "\n# Left out, since a table above holds the same things:\n#   ref('stg_shop__customers')\n"
        "\n# Left out, since nothing in them points to an entity:\n#   ref('products')\n"
    )


EXPORT = source("purchase_export", purchase_id=INTEGER, customer_id=INTEGER, purchased_at=TIMESTAMP, amount=DECIMAL)


def test_a_model_is_proposed_and_not_the_source_that_it_selects_from() -> None:
    orders = made_of(EXPORT, made=ORDERS)
    assert [rows.name for rows in only(CUSTOMERS, ORDERS, EXPORT).rows] == ["orders", "purchase_export"]
    entities = propose([CUSTOMERS, orders, EXPORT])
    assert [rows.name for rows in entities[0].rows] == ["orders"]
    told = "\n# Left out, since a table above is made of them:\n#   source('crm', 'purchase_export')\n"
    assert catalog(entities, [EXPORT]).endswith(told)

    accounts = source("crm_accounts", crm_account_id=INTEGER, email=STRING)
    assert [entity.name for entity in propose([CUSTOMERS, accounts])] == ["crm_account", "customer"]
    assert only(made_of(accounts, made=CUSTOMERS), accounts).name == "customer"


def test_the_source_of_an_entity_is_no_event_of_it() -> None:
    people = source("people_1", customer_id=INTEGER, email=STRING, signed_up_at=TIMESTAMP)
    assert [rows.name for rows in only(CUSTOMERS, people).rows] == ["people_1"]
    assert only(made_of(people, made=CUSTOMERS), people).rows == ()
    buyers = table("customers", customer_id=INTEGER)  # select distinct customer_id
    assert [rows.name for rows in only(made_of(EXPORT, made=buyers), EXPORT).rows] == ["purchase_export"]


def test_a_model_that_adds_rows_up_or_joins_or_filters_them_stands_for_none_of_them() -> None:
    totals = made_of(EXPORT, made=table("purchase_totals", customer_id=INTEGER, amount=DECIMAL))
    assert {rows.table for rows in only(CUSTOMERS, totals, EXPORT).rows} == {totals, EXPORT}
    joined = made_of(EXPORT, TICKETS, made=ORDERS)
    assert {rows.table for rows in only(CUSTOMERS, joined, EXPORT).rows} == {joined, EXPORT}
    paid = made_of(ORDERS, made=replace(ORDERS, name="paid", relation=Relation("ref", ("paid",))))
    assert {rows.table for rows in only(CUSTOMERS, paid, ORDERS).rows} == {paid, ORDERS}


def test_what_a_proposed_table_is_made_of_is_no_stranger() -> None:
    person_extract = source("extract_7", number=STRING, mail=STRING)
    base = made_of(person_extract, made=table("base_extract", number=STRING, mail=STRING))
    customers = made_of(base, made=CUSTOMERS)
    told = catalog(propose([customers, base, person_extract, ORDERS]), [base, person_extract, PRODUCTS])
    assert told.endswith(
        "\n# Left out, since a table above is made of them:\n#   ref('base_extract')\n#   source('crm', 'extract_7')\n"
        "\n# Left out, since nothing in them points to an entity:\n#   ref('products')\n"
    )


@pytest.mark.parametrize(
    ("name", "thing"),
    [
        ("customers", "customer"), ("stg_shop__customers", "customer"), ("dim_people", "person"), ("companies", "company"),
        ("addresses", "address"), ("fct_order_lines", "order_line"), ("status", "status"), ("boxes", "box"), ("news", "new"),
    ],
)  # fmt: skip
def test_what_a_table_holds(name: str, thing: str) -> None:
    assert thing_of(name) == thing


def test_singular_of_a_singular() -> None:
    assert singular("basis") == "basis"


@pytest.mark.parametrize(
    ("column", "name"), [("Email Address", "email_address"), ("ID", "id"), ("a__b", "a_b"), ("1st", None), ("ñ", None)]
)
def test_names_of_the_language(column: str, name: str | None) -> None:
    assert usable_name(column) == name


@pytest.mark.parametrize(
    ("spelling", "data_type"),
    [
        ("INTEGER", INTEGER), ("HUGEINT", INTEGER), ("NUMBER(38,0)", INTEGER), ("numeric(12, 2)", DECIMAL),
        ("double precision", DataType.NUMBER), ("FLOAT64", DataType.NUMBER), ("uuid", STRING),
        ("character varying(256)", STRING), ("LowCardinality(Nullable(String))", STRING), ("DATE", DATE),
        ("TIMESTAMP WITH TIME ZONE", TIMESTAMP), ("TIMESTAMP_NTZ", TIMESTAMP), ("DateTime64(6, 'UTC')", TIMESTAMP),
        ("VARCHAR[]", DataType.STRING_LIST), ("_text", DataType.STRING_LIST), ("ARRAY<STRING>", DataType.STRING_LIST),
        ("bool", DataType.BOOLEAN), ("JSON", None), ("INTERVAL", None), ("INTEGER[]", None),
    ],
)  # fmt: skip
def test_types_as_engines_spell_them(spelling: str, data_type: DataType | None) -> None:
    assert data_type_of(spelling) is data_type
