"""Keys, and values as members, may bear any name but those of the columns that stand beside them, which are refused.

Which these are is read off the compiled queries of a project that has a bit of everything, for every engine. That the other
names do no harm is shown by compiling with each that comes near, and for some by running.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
import yaml
from sqlglot import exp

from segwh.catalog.load import BESIDE_KEYS, is_taken_beside_keys
from segwh.dbt.compile import compiled_files
from segwh.dbt.models import models
from segwh.dbt.pieces import Pieces
from segwh.dbt.placed import Project
from segwh.plan import build
from segwh.plan.dependencies import dependencies, watched
from segwh.plan.sources import sources_of_segments
from segwh.project import load_texts
from segwh.resolve.rule_hash import RuleHashes
from segwh.sql.dialects import DIALECTS
from tests.histories.runner import Call, Compiled, Runner, compiled

KEY, VALUE = "plain_key", "plain_value"
"""Names that nothing else has."""
ELSEWHERE = {"entities", "member_value", "next_from"}
"""Names beside keys in what is no model: previews, a subquery whose key is called otherwise, the test of stays."""
MUCH = """\
entities:
  - name: customer
    relation: ref('customers')
    key: {{column: the_key, type: integer, name: "{key}"}}
    attributes: {{score: integer, {value}: {{type: string, column: the_value}}}}
    events:
      - name: orders
        relation: ref('orders')
        key: customer
        time: ordered_at
        id: order_id
        loaded_at: loaded_at
        properties: {{amount: integer, source: string}}
      - name: visits
        relation: ref('visits')
        key: customer
        time: visited_at
        loaded_at: loaded_at
        properties: {{url: string}}
    related:
      - {{name: tickets, relation: ref('tickets'), key: customer, properties: {{topic: string}}}}
traits:
  - {{name: favourite, entity: customer, event: orders, most_frequent: source}}
segments:
  - {{name: high, label: H, entity: customer, analytics: true, activate: true, include: [{{attribute: score, gte: 5}}]}}
  - {{name: first_three, label: F, entity: customer, include: everyone, limit: {{top: 3, by: score}}}}
  - {{name: kept, label: K, entity: customer, type: static, include: [{{segment: high}}]}}
  - {{name: now_and_then, label: N, entity: customer, include: everyone, stay: {{at_most: 1 day, again_after: 1 day}}}}
  - name: buyers
    label: B
    entity: customer
    include:
      - any:
          - {{event: orders, within: 30 days, count: {{by: source, gte: 2}}}}
          - {{event: orders, last: {{where: {{attribute: source, is: web}}}}}}
          - {{event: orders, within: 30 days, days: {{gte: 2}}}}
          - {{event: visits, within: 30 days, count: {{gte: 9}}}}
          - {{attribute: favourite, is: web}}
          - {{related: tickets, count: {{gte: 2}}}}
          - {{sequence: [{{event: visits}}, {{event: orders, within: 2 days}}]}}
  - name: values
    label: V
    entity: customer
    aggregate_on: {value}
    include: [{{attribute: score, gte: 5}}]
    analytics: true
    activate: true
  - {{name: two_values, label: T, entity: customer, aggregate_on: {value}, include: everyone, limit: {{top: 2, by: score}}}}
"""


@cache
def selects(dialect: str, key: str = KEY, value: str = VALUE) -> tuple[tuple[str, ...], ...]:
    """The columns of every query of the project, and those that the plan names in the last place."""
    loaded = load_texts({"rules.yml": MUCH.format(key=key, value=value)}, dialect=dialect)
    assert loaded.project is not None, loaded.text
    bound, rule_hashes = loaded.project, RuleHashes(loaded.project)
    hashes = {segment.name: rule_hashes.of(segment) for segment in bound.segments}
    engine = DIALECTS[dialect]
    plan, pieces = build(bound, hashes), Pieces(bound, engine)
    follows = dependencies(bound)
    project = Project(
        bound, plan, hashes, sources_of_segments(bound), follows, watched(bound, follows), engine, pieces=pieces
    )
    found: list[tuple[str, ...]] = []
    for model in models(project):
        trees = [model.query] if model.update is None else [model.query, model.update.query]
        found += (tuple(select.named_selects) for tree in trees for select in tree.find_all(exp.Select))
    return (*found, tuple(plan.entity("customer").fact_columns))


@cache
def beside(dialect: str) -> frozenset[str]:
    """The names that stand beside a key or value in some query, but for those that are chosen so that they do not clash."""
    *found, facts = selects(dialect)
    names = {name for select in found if {KEY, VALUE} & set(select) for name in select}
    properties = {"amount", "source", "url", "topic", "in_high", "in_values", "*"}
    return frozenset(name for name in names - set(facts) - properties if name not in (KEY, VALUE))


def twice(columns: tuple[str, ...], name: str) -> bool:
    return Counter(each.lower() for each in columns)[name.lower()] > 1


def test_exactly_the_names_that_stand_beside_keys_are_refused() -> None:
    there = frozenset().union(*(beside(dialect) for dialect in DIALECTS))
    assert {name for name in BESIDE_KEYS if name not in there} == ELSEWHERE
    near = sorted(name for name in there if not is_taken_beside_keys(name))
    assert {"row_id", "happened_at", "version_from_latest"} <= set(near)
    for name in near:
        dialect = next(each for each in DIALECTS if name in beside(each))
        for key, value in ((name, VALUE), (KEY, name), (name.upper(), VALUE)):
            clashes = [columns for columns in selects(dialect, key, value) if twice(columns, name)]
            assert not clashes, (name, clashes)


@pytest.mark.parametrize("name", ["score", "favourite", "in_first_three", "amount", "orders_days_30_days"])
def test_a_key_is_told_from_columns_that_differ_from_it_by_case_only(name: str) -> None:
    if name == "score":
        with pytest.raises(AssertionError, match="SEG023"):
            selects("duckdb", name.upper())
    else:
        assert not [columns for columns in selects("duckdb", name.upper()) if twice(columns, name)]


SMALL = """\
entities:
  - name: customer
    relation: ref('customers')
    key: {{column: the_key, type: integer, name: {key}}}
    attributes: {{score: integer, {value}: {{type: string, column: the_value}}}}
segments:
  - {{name: high, label: H, entity: customer, analytics: true, include: [{{attribute: score, gte: 5}}]}}
  - {{name: first, label: F, entity: customer, include: [{{segment: high}}], limit: {{top: 2, by: score}}}}
  - {{name: kept, label: K, entity: customer, type: static, include: [{{segment: high}}]}}
  - {{name: values, label: V, entity: customer, aggregate_on: {value}, activate: true, include: [{{attribute: score, gte: 5}}]}}
"""


def small(key: str, value: str) -> Compiled:
    return compiled(SMALL.format(key=key, value=value))


@pytest.mark.parametrize("name", sorted({*BESIDE_KEYS, "evaluated_at", "segwh_base"}))
def test_a_name_that_is_taken_is_refused_at_its_line(name: str) -> None:
    for key in (name, name.upper()):
        with pytest.raises(ValueError, match=rf"rules.yml:4:\d+: error SEG024: the key `{key}`"):
            small(key, VALUE)
    with pytest.raises(ValueError, match=rf"rules.yml:\d+:\d+: error SEG024: the attribute `{name}`"):
        small(KEY, name)


def told(key: str, value: str) -> Iterator[list[tuple[object, ...]]]:
    """What readers see after three runs on changing rows."""
    runner, project, start = Runner(), small(key, value), datetime(2026, 5, 1, tzinfo=UTC)
    for day, scores in enumerate(((9, 8, 7, 1), (9, 1, 7, 8), (1, 9, None, 8))):
        rows = [(number, score, "abca"[number]) for number, score in enumerate(scores) if score is not None]
        runner.fill("customers", {"the_key": "bigint", "score": "bigint", "the_value": "varchar"}, rows)
        assert runner.run(project, Call(start + timedelta(days=day)), raises=True)
        for grain, column in (("customer", key), (f"customer_by_{value}", value)):
            yield runner.rows(f'select segment, "{column}" from segwh_{grain}_membership order by all')
            yield runner.rows(f'select "{column}", segment, change, reason, sequence from segwh_{grain}_changes order by all')
            yield runner.rows(f'select "{column}", segment, valid_from, valid_to from segwh_{grain}_history order by all')
        yield runner.rows(f'select "{key}", in_high from segwh_customer_wide order by all')
        yield runner.rows(f'select "{value}", "{key}" from aud_values order by all')


@cache
def plainly() -> list[list[tuple[object, ...]]]:
    return list(told(KEY, VALUE))


CLOSE = ("type", "owner", "row_id", "order")


@pytest.mark.parametrize(("key", "value"), list(zip(CLOSE, (*CLOSE[1:], CLOSE[0]), strict=True)))
def test_a_name_that_is_free_changes_nothing(key: str, value: str) -> None:
    assert not is_taken_beside_keys(key)
    assert list(told(key, value)) == plainly()


def test_what_the_contract_says_of_a_column_is_not_said_of_a_key() -> None:
    project = small("owner", "type")
    files = compiled_files(project.project, project.hashes, "duckdb")
    properties = next(text for text in files.values() if "stays_do_not_overlap" in text)
    said = {model["name"]: model for model in yaml.safe_load(properties)["models"]}
    for key, grain in (("owner", "customer"), ("type", "customer_by_type")):
        for what in ("changes", "membership", "history"):
            columns = {column["name"] for column in said[f"segwh_{grain}_{what}"]["columns"]}
            assert "segment" in columns
            assert key not in columns
        (test,) = said[f"segwh_{grain}_history"]["data_tests"]
        assert test["segwh__stays_do_not_overlap"]["arguments"] == {"key": key}
    assert "columns" not in said["aud_values"]
