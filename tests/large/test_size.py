"""Projects as large as they come: deep rules, a thousand segments, hundreds of attributes, names in any script."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from segwh.sql import dialect_named, standalone
from tests.histories.runner import Call, Compiled, Runner, compiled
from tests.large.test_lists import AS_OF, CATALOG, CUSTOMERS, ORDERS, rules, run


def test_a_rule_thirty_levels_deep() -> None:
    condition, holds = "{attribute: lead_score, is: 0}", {0}
    everyone = set(range(61))
    for level in range(1, 31):
        here = f"{{attribute: lead_score, is: {level}}}"
        if level % 3 == 0:
            condition, holds = f"{{not: {condition}}}", everyone - holds
        elif level % 3 == 1:
            condition, holds = f"{{any: [{condition}, {here}]}}", holds | {level}
        else:
            condition, holds = f"{{none: [{condition}, {here}]}}", everyone - holds - {level}
    project = compiled(rules(("deep", condition)))
    found = run(project, [(score, None, score, None, None) for score in everyone])
    assert found == {"deep": holds}
    assert 0 < len(holds) < len(everyone)


def test_a_chain_of_alternating_combinators_over_events() -> None:
    condition = "{event: orders, where: {attribute: sku, is: s0}}"
    for level in range(1, 31):
        word = "all" if level % 2 else "any"
        condition = f"{{{word}: [{condition}, {{event: orders, where: {{attribute: sku, is: s{level}}}}}]}}"
    project = compiled(rules(("deep", condition)))
    at = datetime(2026, 1, 1)
    # The outermost is an `any`, so that its own sku is enough; below it an `all` needs both.
    orders = [(1, at, "s30"), (2, at, "s29"), (3, at, "s29"), (3, at, "s28")]
    assert run(project, [(key, None, None, None, None) for key in (1, 2, 3, 4)], orders) == {"deep": {1, 3}}


def test_two_hundred_attributes() -> None:
    attributes = {f"a{number}": f"v{number}" for number in range(200)}
    catalog = CATALOG.replace(
        "{city: string, lead_score", f"{{{', '.join(f'{name}: string' for name in attributes)}, city: string, lead_score"
    )
    segments = "".join(
        f"""
  - name: s{number}
    label: s
    entity: customer
    include: [{{attribute: {name}, is: {value}}}]
    activate: {{columns: [{name}]}}
"""
        for number, (name, value) in enumerate(attributes.items())
    )
    project = compiled(catalog + segments)
    runner = Runner()
    columns = {**CUSTOMERS, **dict.fromkeys(attributes, "varchar")}
    runner.fill("customers", columns, [(1, *[None] * 4, *attributes.values()), (2, *[None] * 4, *["x"] * 199, "v199")])
    runner.fill("orders", ORDERS, [])
    assert runner.run(project, Call(AS_OF), raises=True)
    assert runner.rows("select count(*) from segwh_customer_membership where customer_id = 1") == [(200,)]
    assert runner.rows("select segment from segwh_customer_membership where customer_id = 2") == [("s199",)]
    assert runner.rows("select a7 from aud_s7") == [("v7",)]


NAMES = [
    "顧客 東京",
    "العملاء",
    "Клиенты",
    "ลูกค้า",
    "👩‍👩‍👧 family",
    "ß ﬁ İ",
    'o\'brien "x" \\ {{ y }} {% z %} -- /* */',
    "  lead ",
    "a\tb",
    "\u202eabc",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_in_any_script_in_labels_values_and_columns(name: str) -> None:
    quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"'
    catalog = CATALOG.replace("{city: string,", f"{{city: {{type: string, column: {quoted}}},")
    segment = f"""
  - name: here
    label: {quoted}
    description: {quoted}
    owner: {quoted}
    tags: [{quoted}]
    entity: customer
    include: [{{attribute: city, is: {quoted}}}, {{attribute: city, contains: {quoted}}}]
    activate: {{columns: [city]}}
"""
    project = compiled(catalog + segment)
    runner = Runner()
    columns = {'"' + name.replace('"', '""') + '"' if column == "city" else column: kind for column, kind in CUSTOMERS.items()}
    runner.connection.execute(f"create table customers ({', '.join(f'{column} {kind}' for column, kind in columns.items())})")
    for key, city in ((1, name), (2, f"{name}x"), (3, None)):
        runner.connection.execute("insert into customers values (?, ?, null, null, null)", [key, city])
    runner.fill("orders", ORDERS, [])
    runner.find_relations()
    assert runner.run(project, Call(AS_OF), raises=True)
    assert runner.rows("select customer_id, city from aud_here") == [(1, name)]
    assert runner.rows("select label, description, owner, tags from segwh_segments") == [(name,) * 4]


def thousand() -> Compiled:
    """A thousand segments: attributes, counts in windows, lists and references to each other."""
    kinds = (
        "{{attribute: lead_score, is: {0}}}",
        "{{event: orders, within: {1} days, count: {{gte: 2}}}}",
        "{{event: orders, where: {{attribute: sku, is: s{0}}}}}",
        "{{segment: s{2}}}",
    )
    return compiled(
        rules(*((f"s{number}", kinds[number % 4].format(number, number % 50 + 1, number - 3)) for number in range(1_000)))
    )


@pytest.mark.usefixtures("usual_collection")
def test_a_thousand_segments_compile_in_time() -> None:
    started = time.process_time()
    project = thousand()
    assert len(project.hashes) == 1_000
    assert len(project.models) < 40
    assert time.process_time() - started < 60


@pytest.mark.usefixtures("usual_collection")
def test_many_bounds_of_one_attribute_are_compared_in_time() -> None:
    bounds = "".join(f"{{attribute: lead_score, gte: {number}}}, " for number in range(300))
    started = time.process_time()
    compiled(rules(("old", f"all: [{bounds}]")))
    assert time.process_time() - started < 20


@pytest.mark.slow
def test_a_thousand_segments_run() -> None:
    project = thousand()
    rows = [(key, None, key, None, None) for key in range(1_000)]
    orders = [(key, datetime(2026, 10, 1) - timedelta(days=key % 60), f"s{key}") for key in range(1_000) for _ in range(2)]
    found = run(project, rows, orders)
    assert all(found[f"s{number}"] == {number} for number in range(0, 1_000, 4))
    assert all(found[f"s{number}"] == {key for key in range(1_000) if key % 60 <= number % 50} for number in range(1, 1_000, 4))
    assert all(found[f"s{number}"] == {number} for number in range(2, 1_000, 4))
    assert all(found[f"s{number}"] == found[f"s{number - 3}"] for number in range(3, 1_000, 4))


def test_a_preview_of_one_among_a_thousand_reads_only_what_it_needs() -> None:
    sql = standalone(
        thousand().project,
        ["s3"],
        datetime(2026, 10, 2, tzinfo=UTC),
        dialect_named("duckdb"),
        lambda relation, _: relation.parts[-1],
    )
    assert len(sql) < 2_000
    with duckdb.connect() as connection:
        for name, columns in (("customers", CUSTOMERS), ("orders", ORDERS)):
            connection.execute(f"create table {name} ({', '.join(f'{column} {kind}' for column, kind in columns.items())})")
        connection.execute("insert into customers values (0, null, 0, null, null), (1, null, 1, null, null)")
        assert connection.execute(sql).fetchall() == [("s3", "0")]
