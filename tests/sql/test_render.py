"""Text out of trees: goldens, names that cannot be mistaken, and values that are never read as code."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import jinja2
import pytest

from segwh import ir
from segwh.errors import UserError
from segwh.plan import build
from segwh.plan.nodes import Plan
from segwh.project import load_project
from segwh.semantics import date_of, instant_of
from segwh.sql import (
    DIALECTS,
    Query,
    SqlDialect,
    evaluation_query,
    facts_query,
    literals,
    render,
    render_jinja,
    standalone,
)
from segwh.sql.holes import BoundHole, Facts, RelationHole
from segwh.sql.render import jinja_safe
from segwh.text.source import Span
from segwh.types import DataType, Relation
from tests import golden
from tests.sql import stories
from tests.sql.corpus import SHOP, possible

DUCKDB = DIALECTS["duckdb"]
GOLDEN = Path(__file__).parent / "golden"
AS_OF = datetime(2026, 3, 31, 12, 30, tzinfo=UTC)


def jinja_relation(hole: RelationHole) -> str:
    if isinstance(hole, Relation):
        return f"{{{{ ref('{hole.parts[-1]}') }}}}"
    if isinstance(hole, Facts) and hole.entity != "customer":
        return f"{{{{ {hole.entity}_facts }}}}"
    return f"{{{{ {type(hole).__name__.lower()} }}}}"


def facts_queries(plan: Plan, dialect: SqlDialect) -> list[Query]:
    """The facts of every entity that has rules."""
    entities = plan.with_all_read(plan.entities)
    return [facts_query(plan, one.entity.name, dialect) for one in entities if one.segments or one.traits]


GENERIC = replace(DUCKDB, has_cheap_scans=False)
"""What the SQL of most dialects is told as a difference from."""
LIKE = {"databricks": DIALECTS["spark"], "athena": DIALECTS["trino"], "fabric": DIALECTS["tsql"]}
"""Dialects that are told as a difference from another one."""


def models_sql(story: str, dialect: SqlDialect) -> str:
    """The queries of a story's facts and evaluations as they stand in the models."""
    plan = build(stories.project(story), {"campaign": "hash of campaign"})
    queries = [*facts_queries(plan, dialect), *(evaluation_query(plan, grain, dialect) for grain in plan.grains)]
    return "\n\n".join(render_jinja(query, dialect, jinja_relation) for query in queries) + "\n"


@pytest.mark.parametrize("story", stories.STORIES)
def test_the_generic_sql_is_as_it_was(story: str) -> None:
    golden.check(GOLDEN / f"{story}.sql", models_sql(story, GENERIC))


def shape_of(place: str) -> str:
    """A difference without the names and literals in it: of differences of one shape the first is told."""
    return re.sub(r"[a-z_]\w*|\d+", "x", re.sub(r"'[^']*'", "''", place))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_sql_of_a_dialect_differs_as_it_did(dialect: str) -> None:
    told, seen = [], set()
    for story in stories.STORIES:
        try:
            own = models_sql(story, DIALECTS[dialect]) if possible(stories.project(story), DIALECTS[dialect]) else None
        except UserError:
            own = None
        if own is None:
            told.append(f"=== {story}\nrefused\n")
            continue
        places = golden.differences(models_sql(story, LIKE.get(dialect, GENERIC)), own)
        new = {shape: place for place in reversed(places) if (shape := shape_of(place)) not in seen}
        seen.update(new)
        told.append("\n@@\n".join([f"=== {story}", *reversed(new.values())]) + "\n")
    golden.check(GOLDEN / f"{dialect}.diff", "".join(told))


@pytest.mark.parametrize("story", stories.STORIES)
def test_the_same_project_gives_the_same_bytes(story: str) -> None:
    runs = [facts_queries(build(stories.project(story), {}), DUCKDB) for _ in range(2)]
    once, again = ([render_jinja(query, DUCKDB, jinja_relation) for query in queries] for queries in runs)
    assert once == again


HOSTILE = [
    "it's",
    'say "hi"',
    "back\\slash\\",
    "{{ 1 + 1 }}",
    "{% raw %}",
    "{# gone #}",
    "}} %} #}",
    "{",
    "-- comment",
    "*/ select 1 /*",
    "line\nfeed",
    "carriage\rreturn",
    "both\r\n",
    "trailing\n",
    "tab\t",
    "nul\0byte",
    "\0",
    "$1 ? :x @y %s %(z)s",
    "hole_0_",
    "holex_0_ hole_1_",
    "bound_as_of",
    "{{ as_of }}",
    "ünï ☃ 𐍈",
    "",
    "%_",
    "\\'; drop table customers; --",
    "\u2028line\u0085next",
]


def hostile_project(value: str) -> ir.Project:
    """Members are those whose city is the value, by four tests that put it in literals."""
    project = stories.project("measures")
    field = ir.Field("city", DataType.STRING)
    tests: tuple[ir.Predicate, ...] = (
        ir.OneOf(field, (value,)),
        ir.TextMatch(field, "contains", value),
        ir.TextMatch(field, "starts_with", value),
        ir.TextMatch(field, "ends_with", value),
    )
    segment = ir.Segment("hostile", "customer", tuple(ir.Rule(test) for test in tests))
    other = ir.Segment("other", "customer", (ir.Rule(ir.Not(ir.MemberOf("hostile"))),))
    return ir.Project(project.settings, project.catalog, (), (segment, other))


@pytest.fixture
def warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("create table customers(customer_id bigint, created_at timestamp, city varchar)")
    rows = [(number, value) for number, value in enumerate(HOSTILE)]
    connection.executemany("insert into customers values (?, null, ?)", rows)
    return connection


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_is_data_whatever_it_holds(value: str, warehouse: duckdb.DuckDBPyConnection) -> None:
    project = hostile_project(value)
    sql = standalone(project, ["hostile"], AS_OF, DUCKDB, lambda relation, _: relation.parts[-1])
    assert warehouse.execute(sql).fetchall() == [("hostile", str(HOSTILE.index(value)))]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_comes_through_jinja_as_it_is(value: str, warehouse: duckdb.DuckDBPyConnection) -> None:
    plan = build(hostile_project(value), {})
    context = {"ref": lambda name: name, "facts": "facts_of_customer"}
    facts = rendered(facts_query(plan, "customer", DUCKDB), plan.project, context)
    warehouse.execute(f"create table facts_of_customer as {facts}")
    rows = warehouse.execute(rendered(evaluation_query(plan, "customer", DUCKDB), plan.project, context)).fetchall()
    assert [key for segment, key in rows if segment == "hostile"] == [HOSTILE.index(value)]


def rendered(query: Query, project: ir.Project, context: dict[str, object]) -> str:
    """What dbt would make of a query."""
    bounds = {hole.name: bound_text(hole, project) for hole in query.bounds.values()}
    template = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(render_jinja(query, DUCKDB, jinja_relation))
    return template.render(**context, **bounds)


def bound_text(hole: BoundHole, project: ir.Project) -> str:
    calendar = project.settings.calendar
    if hole.kind == "date":
        return DUCKDB.day(date_of(hole.bound, AS_OF, calendar)).sql("duckdb")
    return DUCKDB.timestamp(instant_of(hole.bound, AS_OF, calendar)).sql("duckdb")


@pytest.mark.parametrize("text", [*HOSTILE, "{{{{", "{%- raw -%}", "a{", "{#-"])
def test_text_made_safe_for_jinja_prints_as_itself(text: str) -> None:
    assert jinja2.Environment(keep_trailing_newline=True).from_string(jinja_safe(text)).render() == text


def test_a_file_name_cannot_end_the_comment_it_stands_in(warehouse: duckdb.DuckDBPyConnection) -> None:
    name = "segments/*/ select {{ 1 }} {# \n -- .yml"
    segment = ir.Segment("everyone", "customer", (ir.Rule(ir.Everyone()),), span=Span(name, 7, 1, 8, 1))
    project = stories.project("measures")
    project = ir.Project(project.settings, project.catalog, (), (segment,))
    sql = standalone(project, ["everyone"], AS_OF, DUCKDB, lambda relation, _: relation.parts[-1])
    assert "*/ select" not in sql
    assert ".yml:7 */" in sql
    assert len(warehouse.execute(sql).fetchall()) == len(HOSTILE)


def test_bounds_are_named_once_each() -> None:
    query = facts_query(build(stories.project("measures"), {}), "customer", DUCKDB)
    assert list(query.bounds) == ["as_of", "days_90_ago"]
    assert [str(relation) for relation in query.relations][:2] == ["ref('orders')", "ref('products')"]


def test_nothing_reads_the_clock() -> None:
    for story in stories.STORIES:
        for dialect in DIALECTS.values():
            plan = build(stories.project(story), {})
            fill = literals(lambda hole: "relation", AS_OF, plan.project.settings.calendar, dialect)
            with suppress(UserError):  # a time zone that the engine does not know
                text = "\n".join(render(query, dialect, fill).lower() for query in facts_queries(plan, dialect))
            assert not any(clock in text for clock in ("now(", "current_", "getdate", "today(", "localtime", "sysdate"))


def test_the_facts_of_each_entity_read_what_stands_for_a_relation_there() -> None:
    project = load_project(SHOP).project
    assert project is not None
    segments = [next(one.name for one in project.segments if one.entity == name) for name in ("customer", "lead")]
    read: set[tuple[str, str]] = set()

    def named(relation: Relation, entity: str) -> str:
        read.add((relation.parts[-1], entity))
        return f"{entity}_{relation.parts[-1]}"

    sql = standalone(project, segments, AS_OF, DUCKDB, named)
    assert {("customers", "customer"), ("leads", "lead")} <= read
    assert all(f"{entity}_{relation}" in sql for relation, entity in read)
