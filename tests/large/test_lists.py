"""Lists of tens of thousands of values: a model of their own, in parts that fit into any statement, and the same members."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

import duckdb
import pytest

from segwh.dbt import lists
from segwh.dbt.fixed_queries import rendered
from segwh.sql import dialect_named, standalone
from segwh.types import DataType
from tests.histories.runner import Call, Compiled, Runner, compiled

AS_OF = datetime(2026, 10, 2, tzinfo=UTC)
NARROWEST_STATEMENT = 256 * 1024
"""Bytes of a statement that every engine takes (ClickHouse has the narrowest default)."""
CATALOG = """
entities:
  - name: customer
    relation: ref('customers')
    key: {column: customer_id, type: integer}
    attributes: {city: string, lead_score: integer, rate: number, spent: decimal}
    events:
      - {name: orders, relation: ref('orders'), key: customer_id, time: ordered_at, properties: {sku: string}}
segments:
"""
CUSTOMERS = {"customer_id": "bigint", "city": "varchar", "lead_score": "bigint", "rate": "double", "spent": "decimal(9, 2)"}
ORDERS = {"customer_id": "bigint", "ordered_at": "timestamp", "sku": "varchar"}


def rules(*segments: tuple[str, str]) -> str:
    """A project of segments, each with one condition."""
    items = (f"  - {{name: {name}, label: {name}, entity: customer, include: [{condition}]}}" for name, condition in segments)
    return CATALOG + "\n".join(items) + "\n"


def flow(values: Iterable[object]) -> str:
    """A list as YAML."""
    return f"[{', '.join(str(value) for value in values)}]"


def run(project: Compiled, customers: list[tuple[object, ...]], orders: list[tuple[object, ...]] = []) -> dict[str, set[int]]:  # noqa: B006
    """The members that one run of the compiled models gives, by segment."""
    runner = Runner()
    runner.fill("customers", CUSTOMERS, customers)
    runner.fill("orders", ORDERS, orders)
    assert runner.run(project, Call(AS_OF), raises=True)
    found: dict[str, set[int]] = {segment.name: set() for segment in project.project.segments}
    for name, key in runner.rows("select segment, customer_id from segwh_customer_membership"):
        found[name].add(key)
    return found


def list_models(project: Compiled) -> list[str]:
    """The names of the models of lists."""
    return sorted(name for name in project.models if name.startswith("segwh_list_"))


@pytest.mark.usefixtures("usual_collection")
def test_fifty_thousand_values_compile_to_statements_that_every_engine_takes() -> None:
    started = time.process_time()
    names, skus = (
        [f"Ort {number} {{{{ x }}}} '北京'" for number in range(50_000)],
        [f"sku-{number}" for number in range(50_000)],
    )
    listed = flow('"' + name + '"' for name in names)
    project = compiled(
        rules(
            ("listed", f"{{attribute: city, in: {listed}}}"),
            ("unlisted", f"{{attribute: city, not_in: {listed}}}"),
            ("any_case", f"{{attribute: city, in: {listed}, ignore_case: true}}"),
            ("twice", f"{{event: orders, where: {{attribute: sku, in: {flow(skus)}}}, count: {{gte: 2}}}}"),
        )
    )
    assert max(len(text.encode()) for text in project.models.values()) < NARROWEST_STATEMENT
    tables = list_models(project)
    assert len({name.split("_")[2] for name in tables}) == 2, "the same list is written once"
    at = datetime(2026, 1, 1)
    found = run(
        project,
        [
            (1, names[0], None, None, None),
            (2, names[-1].upper(), None, None, None),
            (3, "Ort", None, None, None),
            (4, None, 1, 1, 1),
        ],
        [(1, at, "sku-0"), (1, at, "sku-49999"), (2, at, "sku-1"), (2, at, "sku-50000"), (3, at, None)],
    )
    assert found == {"listed": {1}, "unlisted": {2, 3, 4}, "any_case": {1, 2}, "twice": {1}}
    assert time.process_time() - started < 120


@pytest.mark.parametrize(("count", "expected"), [(lists.LONGEST_LITERAL, 0), (lists.LONGEST_LITERAL + 1, 1)])
def test_only_a_list_that_is_too_long_is_a_model(count: int, expected: int) -> None:
    project = compiled(rules(("listed", f"{{attribute: lead_score, in: {flow(range(count))}}}")))
    assert len(list_models(project)) == expected
    assert run(project, [(1, None, 0, None, None), (2, None, count - 1, None, None), (3, None, count, None, None)]) == {
        "listed": {1, 2}
    }


def test_numbers_of_every_type_are_what_they_are_as_literals() -> None:
    many = list(range(10, 2_000))
    values = flow([*many, 0.1, "2.50", 7.125])
    whole = flow(many)
    project = compiled(
        rules(
            ("whole", f"{{attribute: lead_score, in: {whole}}}"),
            ("double", f"{{attribute: rate, in: {values}}}"),
            ("exact", f"{{attribute: spent, in: {values}}}"),
        )
    )
    assert len({name.split("_")[2] for name in list_models(project)}) == 3
    customers = [
        (1, None, 10, 0.1, "2.50"),
        (2, None, 2, 0.1 + 1e-12, "7.12"),
        (3, None, 1999, 7.125, "1999.00"),
        (4, *[None] * 4),
    ]
    by_models = run(project, customers)
    assert by_models == {"whole": {1, 3}, "double": {1, 3}, "exact": {1, 3}}
    with duckdb.connect() as connection:
        for name, columns, rows in (("customers", CUSTOMERS, customers), ("orders", ORDERS, [])):
            connection.execute(f"create table {name} ({', '.join(f'{column} {kind}' for column, kind in columns.items())})")
            for row in rows:
                connection.execute(f"insert into {name} values ({', '.join('?' for _ in row)})", row)
        sql = standalone(
            project.project, list(by_models), AS_OF, dialect_named("duckdb"), lambda relation, _: relation.parts[-1]
        )
        as_literals = connection.execute(sql).fetchall()
    assert {(name, int(key)) for name, key in as_literals} == {(name, key) for name, keys in by_models.items() for key in keys}


def test_decimals_of_many_digits_are_exact_beside_very_small_ones() -> None:
    """A number with an exponent is a double, and so were all beside it."""
    exact = ("0.0000001", "12345678901234567.89", "0.29")
    listed = lists.LongList("listed", DataType.DECIMAL, (*map(Decimal, exact), 5))
    (model,) = lists.list_models((listed,), dialect_named("duckdb"))
    found = duckdb.sql(rendered(model.query, dialect_named("duckdb"))).fetchall()
    assert found == [(Decimal(value),) for value in (*exact, "5")]


def test_what_a_rule_means_does_not_depend_on_the_length_of_its_list() -> None:
    long = rules(("listed", f"{{attribute: lead_score, in: {flow(range(1_001))}}}"))
    again = rules(("listed", f"{{attribute: lead_score, in: {flow([*reversed(range(1_001)), 5])}}}"))
    assert compiled(long).hashes == compiled(again).hashes


def test_lists_of_traits_and_limits_and_first_rows_are_found_too() -> None:
    listed = flow(f"s{number}" for number in range(1_500))
    project = compiled(
        CATALOG.replace("segments:\n", "")
        + f"""
traits:
  - {{name: marked, entity: customer, event: orders, where: {{attribute: sku, in: {listed}}}, count: rows}}
  - name: points
    entity: customer
    points: [{{when: {{event: orders, first: {{where: {{attribute: sku, in: {listed}}}}}}}, add: 5}}]
segments:
  - {{name: by_trait, label: a, entity: customer, include: [{{attribute: marked, gte: 1}}, {{attribute: points, is: 5}}]}}
  - name: in_order
    label: b
    entity: customer
    include:
      - sequence:
          - {{event: orders, where: {{attribute: sku, is: x}}}}
          - {{event: orders, where: {{attribute: sku, in: {listed}}}}}
"""
    )
    assert len(list_models(project)) == 1
    assert all(len(text) < 100_000 for text in project.models.values())
    first, then = datetime(2026, 1, 1), datetime(2026, 1, 2)
    orders = [(1, first, "s0"), (2, first, "x"), (2, then, "s1499"), (3, first, "x"), (3, then, "s1500")]
    found = run(project, [(key, None, None, None, None) for key in (1, 2, 3)], orders)
    assert found == {"by_trait": {1}, "in_order": {2}}
