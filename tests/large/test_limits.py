"""Thousands of segments on engines that take statements of a limited length: chunks that fit, and the same rows as without."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlglot import exp

from segwh.dbt.compile import compiled_files
from segwh.dbt.erasure import Member, deletions
from segwh.dbt.lists import LONGEST_LITERAL
from segwh.errors import UserError
from segwh.plan import build
from segwh.plan.width import NARROWEST, OWN
from segwh.project import collection_paused, load_texts
from segwh.resolve.rule_hash import RuleHashes
from segwh.sql.dialects import DIALECTS, DUCKDB
from segwh.sql.dialects.base import Limits
from tests.histories.runner import Call, Compiled, Runner, compiled

FIRST = datetime(2026, 10, 2, tzinfo=UTC)
CATALOG = """
entities:
  - name: customer
    relation: ref('customers')
    key: {column: customer_id, type: integer}
    created_at: signed_up_at
    attributes: {city: string, score: integer, email: string, signed_up_at: timestamp}
    events:
      - name: orders
        relation: ref('orders')
        key: customer_id
        time: ordered_at
        max_lag: 300 days
        properties: {sku: string, amount: decimal}
segments:
  - {name: blocked, label: b, entity: customer, include: [{attribute: city, is: nowhere}]}
"""
CUSTOMERS = {
    "customer_id": "bigint",
    "city": "varchar",
    "score": "bigint",
    "email": "varchar",
    "signed_up_at": "timestamp",
}
ORDERS = {"customer_id": "bigint", "ordered_at": "timestamp", "sku": "varchar", "amount": "decimal(9, 2)"}
KINDS = (
    "include: [{{attribute: city, is: c{0}}}]",
    "include: [{{event: orders, within: {1} days, count: {{gte: 2}}}}], exclude: [{{attribute: email, exists: false}}]",
    "include: [{{event: orders, where: {{attribute: sku, is: s{0}}}}}], activate: {{columns: [city]}}",
    "include: [{{segment: s{2}}}], type: static",
    "include: [{{attribute: score, between: [{0}, {3}]}}], limit: {{top: 3, by: score}}",
    "include: [{{event: orders, sum: {{of: amount, gte: {1}}}}}], tags: [mail]",
    "include: [{{segment: s{4}, for: 1 day}}], stay: {{at_most: 30 days}}",
    "include: [{{attribute: score, gte: {1}}}], aggregate_on: city",
)


MANY = (
    *KINDS[:3],
    "include: [{{segment: s{5}}}], type: static",
    "include: [{{attribute: score, between: [{0}, {3}]}}], exclude: [{{attribute: email, exists: false}}]",
    KINDS[5],
    "include: [{{any: [{{attribute: city, contains: x{0}}}, {{event: orders, last: {{within: {1} days}}}}]}}], analytics: true",
    "include: [{{attribute: score, gte: {1}}}], aggregate_on: city",
)
"""Kinds of which there are thousands: they share most of what they measure, and refer to a few."""


def rules(number: int, changed: int | None = None, kinds: Sequence[str] = KINDS) -> str:
    """A project of so many segments of all kinds; the one of that number asks for something else."""
    segments = []
    for at in range(number):
        kind = kinds[at % len(kinds)].format(at, at % 50 + 1, at - 3, at + 10, at - 6, at % 10 * 8)
        kind = "include: [{attribute: city, is: Rome}]" if at == changed else kind
        audience = "" if at % 80 == 2 else ", activate: {columns: [city]}"
        segments.append(f"  - {{name: s{at}, label: Segment {at}, entity: customer, {kind.replace(audience, '')}}}")
    exclusions = "exclusions:\n  - {entity: customer, segment: blocked, reason: no}\n"
    return CATALOG + "\n".join(segments) + "\n" + exclusions


def compiled_for(limits: Limits, text: str) -> Compiled:
    """A project compiled for a DuckDB with limits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(DIALECTS, "duckdb", replace(DUCKDB, limits=limits))
        return compiled.__wrapped__(text)


def series(project: Compiled) -> Iterator[dict[str, list[tuple[Any, ...]]]]:
    """What readers see after each of some runs over rows that change."""
    runner = Runner()
    for day in range(3):
        at = FIRST + timedelta(days=day)
        keys = [key for key in range(1, 60) if (key + day) % 11]
        runner.fill(
            "customers",
            CUSTOMERS,
            [
                (key, f"c{(key + day // 2) * 8 % 100}" if key % 13 else "nowhere", key + day, "e" if key % 3 else None,
                 datetime(2026, 1, key % 28 + 1))
                for key in keys
            ],
        )  # fmt: skip
        now = at.replace(tzinfo=None)
        orders = [(key, now - timedelta(days=key % 40 + 1), f"s{key * 2 + day}", key % 9) for key in keys * 2]
        runner.fill("orders", ORDERS, orders)
        runner.run(project, Call(at, accept=[segment.name for segment in project.project.segments]), raises=True)
        yield seen(runner)


def seen(runner: Runner) -> dict[str, list[tuple[Any, ...]]]:
    """The public tables, without what names the run or its time."""
    tables = {}
    for grain in ("customer", "customer_by_city"):
        for what in ("changes", "membership", "history"):
            tables[f"{grain} {what}"] = sorted(runner.rows(f"select * from segwh_{grain}_{what}"), key=str)
    tables["sizes"] = sorted(runner.rows("select * from segwh_segment_sizes"), key=str)
    tables["segments"] = sorted(runner.rows("select * from segwh_segments"), key=str)
    return tables


@pytest.mark.parametrize(
    "limits",
    [pytest.param(Limits(statement=24_000), id="length"), pytest.param(Limits(unions=9), id="unions", marks=pytest.mark.slow)],
)
def test_chunks_change_nothing_that_readers_see(limits: Limits) -> None:
    text = rules(96)
    plain, narrow = compiled_for(Limits(), text), compiled_for(limits, text)
    chunks = {re.sub(r"_\d+$", "", name) for name in set(narrow.models) - set(plain.models) if re.search(r"_\d+$", name)}
    expected = {"segwh_customer_evaluation"}
    if limits.statement is not None:
        expected |= {"segwh_rules", "segwh_customer_pending_reasons"}
    assert expected <= chunks
    found = 0
    for without, within in zip(series(plain), series(narrow), strict=True):
        assert within == without
        found += len(without["customer changes"])
    assert found > 300


def test_a_chunk_that_a_run_leaves_out_makes_nobody_leave() -> None:
    project = compiled_for(Limits(statement=24_000), rules(96))
    chunk = next(name for name in project.models if re.fullmatch(r"segwh_customer_evaluation_\d+", name))
    runner = Runner()
    runner.fill("customers", CUSTOMERS, [(key, f"c{key * 8}", key, "e", datetime(2026, 1, 1)) for key in range(40)])
    runner.fill("orders", ORDERS, [(1, datetime(2026, 10, 1), "s2", 3)])
    assert runner.run(project, Call(FIRST), raises=True)
    before = runner.rows("select segment, customer_id from segwh_customer_membership order by all")
    assert len(before) >= 40
    runner.run(project, Call(FIRST + timedelta(days=1), select=lambda name: name != chunk))
    assert runner.rows("select segment, customer_id from segwh_customer_membership order by all") == before
    assert runner.rows("select distinct status from segwh_customer_pending where kind = 'segment'") == [("skipped",)]


@pytest.mark.parametrize(
    ("edited", "more"),
    [
        pytest.param(45, [], id="its members leave by the rule alone"),
        pytest.param(44, ["segwh_customer_facts", "segwh_customer_pending_reasons"], id="or by a limit"),
    ],
)
def test_an_edited_rule_changes_one_chunk_of_each_kind(edited: int, more: list[str]) -> None:
    limits = Limits(statement=24_000)
    before, after = (compiled_for(limits, rules(96, changed)).models for changed in (None, edited))
    assert set(before) == set(after)
    changed = [name for name in before if before[name] != after[name]]
    kinds = [re.sub(r"_\d+$", "", name) for name in changed]
    assert sorted(kinds) == sorted(["segwh_customer_evaluated", "segwh_customer_evaluation", "segwh_rules", *more])


def test_what_does_not_fit_is_an_error() -> None:
    with pytest.raises(UserError) as columns:
        compiled_for(Limits(columns=19), rules(2))
    assert columns.value.message == "the model segwh_rules would have 25 columns, and DuckDB takes 19"
    with pytest.raises(UserError, match=r"the model segwh_\w+ would be a statement of [\d,]+ bytes, and DuckDB takes 4,000"):
        compiled_for(Limits(statement=4_000), rules(96))


def spenders(number: int) -> str:
    """A project with a segment of so many rules, a line each, whose average takes three columns of the facts."""
    rule = "      - {{event: orders, within: {0} days, avg: {{of: amount, gte: 1}}}}\n"
    head = "  - name: spenders\n    label: Spenders\n    entity: customer\n    include:\n"
    return CATALOG + head + "".join(rule.format(day + 1) for day in range(number))


def test_the_rule_that_asks_for_a_column_too_many_is_shown() -> None:
    whole = compiled_for(Limits(), spenders(9))
    [facts] = build(whole.project, {}).entities
    limits = Limits(columns=len(facts.fact_columns) + OWN + 2)  # the next rule asks for three
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(DIALECTS, "duckdb", replace(DUCKDB, limits=limits))
        patch.setattr("segwh.project.may_be_wide", lambda *_: True)
        loaded, fitting = (load_texts({"rules.yml": spenders(number)}) for number in (20, 9))
    assert fitting.project is not None, fitting.text
    assert "segwh_customer_facts" in compiled_for(limits, spenders(9)).models
    [found] = loaded.diagnostics
    assert found.code == "SEG091"
    assert "within: 10 days" in spenders(20).splitlines()[found.span.line - 1]


def test_chunks_that_hold_keys_are_erased_too() -> None:
    names = ("segwh_customer_evaluation_07", "segwh_customer_evaluation", "segwh_customer_evaluated_0", "segwh_customer_log")
    tables = {name: exp.to_table(name) for name in names}
    member = Member("customer", "customer_id", 7)
    for limits, expected in ((Limits(unions=100), names[:2]), (Limits(statement=100_000), names[1:2])):
        found = deletions([member], "customer", tables, replace(DUCKDB, limits=limits))
        assert tuple(deletion.this.name for deletion in found) == (*expected, "segwh_customer_log")


def test_no_engine_takes_fewer_columns_than_the_compiler_looks_for() -> None:
    assert min(one.limits.columns for one in DIALECTS.values() if one.limits.columns is not None) == NARROWEST


def of_every_engine() -> list[Any]:
    """The names of the dialects; in each run that of the engine with the shortest statements, all by `-m slow`."""
    return [pytest.param(name, marks=[] if name == "clickhouse" else pytest.mark.slow) for name in DIALECTS]


@pytest.mark.parametrize("dialect", of_every_engine())
def test_two_thousand_segments_stay_within_the_limits_of_every_engine(dialect: str) -> None:
    loaded = load_texts({"segments/rules.yml": rules(2_000, kinds=MANY)}, dialect=dialect)
    assert loaded.project is not None, loaded.text
    hashes = RuleHashes(loaded.project)
    with collection_paused():
        files = compiled_files(loaded.project, {one.name: hashes.of(one) for one in loaded.project.segments}, dialect)
    limits = DIALECTS[dialect].limits
    texts = [text for name, text in files.items() if name.endswith(".sql") and name.startswith("models/")]
    for text in texts:
        assert limits.statement is None or len(text.encode()) <= limits.statement * 0.9
        # rows of literals are a union on some engines, and cost no more there than rows; each other query reads the facts
        assert limits.unions is None or text.count(" AS facts") <= limits.unions
    lists = [len(found.split(",")) for text in texts for found in re.findall(r"\bIN \(([^()]*)\)", text)]
    assert max(lists, default=0) <= LONGEST_LITERAL
    assert len(files) < 200
