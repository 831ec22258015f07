"""Columns that turn into something else overnight: what needs them keeps its last good version, and lets nobody in."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from tests.histories.runner import Call, Runner, compiled
from tests.macro_calls import CompilerError

RULES = """\
entities:
  - name: customer
    relation: ref('customers')
    key: {column: customer_id, type: integer}
    attributes: {score: integer, wish: string}
segments:
  - {name: mail, label: M, entity: customer, include: everyone, exclude: [{attribute: wish, is: no mail}]}
  - {name: rich, label: R, entity: customer, include: [{attribute: score, gte: 5}]}
"""


@pytest.mark.parametrize(
    ("type", "value"), [("json", '"no mail"'), ("struct(wish varchar)", {"wish": "no mail"}), ("varchar[]", ["no mail"])]
)
def test_a_column_of_a_type_that_rules_do_not_have_lets_nobody_in(type: str, value: object) -> None:
    """DuckDB makes texts of such values, which equal none of a rule: whoever was excluded would be in."""
    runner, project = Runner(), compiled(RULES)
    columns = {"customer_id": "bigint", "score": "bigint"}
    runner.fill("customers", {**columns, "wish": "varchar"}, [(1, 9, "no mail"), (2, 0, None)])
    assert runner.run(project, Call(datetime(2026, 5, 1, tzinfo=UTC)))
    runner.fill("customers", {**columns, "wish": type}, [(1, 9, value), (2, 9, None)])
    assert not runner.run(project, Call(datetime(2026, 5, 2, tzinfo=UTC)))
    members = runner.rows("select segment, customer_id from segwh_customer_membership order by all")
    assert members == [("mail", 2), ("rich", 1), ("rich", 2)]
    [(problem,)] = runner.rows("select problem from segwh_customer_pending where segment = 'mail' and kind = 'segment'")
    assert problem.startswith("column wish of ref('customers') is declared string and is ")


@pytest.mark.parametrize(
    ("type", "value"),
    [
        *(("double", value) for value in (float("nan"), float("inf"), float("-inf"), 1e30, -1e30, 2.0**63)),
        ("hugeint", 2**63), ("decimal(38, 0)", -(2**70)),
    ],
)  # fmt: skip
def test_a_number_that_no_integer_holds_stops_what_reads_it_and_nothing_else(type: str, value: float) -> None:
    """The engine would end the query that asks for all segments."""
    runner, project = Runner(), compiled(RULES)
    columns = {"customer_id": "bigint", "score": type, "wish": "varchar"}
    runner.fill("customers", columns, [(1, 9, None), (2, -(2**63), None)])
    assert runner.run(project, Call(datetime(2026, 5, 1, tzinfo=UTC)))
    runner.fill("customers", columns, [(1, value, None), (2, 9, None), (3, 9, None)])
    assert not runner.run(project, Call(datetime(2026, 5, 2, tzinfo=UTC)))
    members = runner.rows("select segment, customer_id from segwh_customer_membership order by all")
    assert members == [("mail", 1), ("mail", 2), ("mail", 3), ("rich", 1)]
    [(problem,)] = runner.rows("select problem from segwh_customer_pending where segment = 'rich' and kind = 'segment'")
    assert problem == (
        "column score of ref('customers') is declared integer and holds numbers that are none: "
        "infinite ones, NaN, or beyond 64 bits"
    )


def test_a_number_that_no_integer_holds_stops_no_run_where_only_traits_read_it() -> None:
    """The keys of rows that only traits read are compared as they are all the same."""
    text = RULES + """\
traits:
  - {name: twice, entity: customer, formula: height * 2}
  - {name: most, entity: customer, related: visits, max: pages}
  - {name: visited, entity: customer, related: visits, count: rows}
"""
    related = "    related: [{name: visits, relation: ref('visits'), key: customer_id, properties: {pages: integer}}]\n"
    text = text.replace("wish: string}\n", f"wish: string, height: integer}}\n{related}")
    runner, project = Runner(), compiled(text)
    columns = {"customer_id": "ubigint", "score": "bigint", "wish": "varchar", "height": "hugeint"}
    runner.fill("customers", columns, [(1, 9, None, 2**63), (2**64 - 1, 9, None, 4)])
    runner.fill("visits", {"customer_id": "ubigint", "pages": "ubigint"}, [(1, 5), (1, 2**63), (2**64 - 1, 2**63)])
    assert runner.run(project, Call(datetime(2026, 5, 1, tzinfo=UTC)))
    rows = runner.rows("select customer_id, twice, most, visited from segwh_customer_traits order by all")
    assert rows == [(1, None, 5, 2), (2**64 - 1, 8.0, None, 1)]


@pytest.mark.parametrize("declared", ["same: {type: integer, column: height}", "h: {type: integer, column: height}", ""])
def test_what_a_segment_reads_by_sql_is_as_good_as_what_is_declared_anywhere(declared: str) -> None:
    """Whatever case `sql:` names a column in, and if it is declared only for a lookup of the same relation. The number would be
    missing there, and who is not known to be tall would be in.
    """
    text = """\
entities:
  - name: customer
    relation: ref('customers')
    key: {column: customer_id, type: integer}
    attributes: {%s, is_tall: {type: boolean, sql: HEIGHT > 180}}
    lookups: {twin: {relation: ref('customers'), by: customer_id, key: customer_id, properties: {height: integer}}}
traits:
  - {name: twice, entity: customer, formula: twin.height * 2}
segments:
  - {name: small, label: S, entity: customer, include: [{attribute: is_tall, is_not: true}]}
""" % (declared or "wish: string")
    runner, project = Runner(), compiled(text)
    columns = {"customer_id": "bigint", "wish": "varchar", "height": "hugeint"}
    runner.fill("customers", columns, [(1, None, 190), (2, None, 170)])
    assert runner.run(project, Call(datetime(2026, 5, 1, tzinfo=UTC)))
    runner.fill("customers", columns, [(1, None, 2**70), (2, None, 170)])
    assert not runner.run(project, Call(datetime(2026, 5, 2, tzinfo=UTC)))
    assert runner.rows("select customer_id from segwh_customer_membership") == [(2,)]


def test_keys_of_a_longer_type_are_compared_as_they_are() -> None:
    """A hash, say: every other one of `ubigint` is beyond 64 bits."""
    runner, project = Runner(), compiled(RULES)
    columns = {"customer_id": "ubigint", "score": "bigint", "wish": "varchar"}
    runner.fill("customers", columns, [(1, 9, None), (2**64 - 1, 9, None)])
    assert runner.run(project, Call(datetime(2026, 5, 1, tzinfo=UTC)))
    members = runner.rows("select customer_id from segwh_customer_membership where segment = 'rich' order by all")
    assert members == [(1,), (2**64 - 1,)]


@pytest.mark.parametrize("value", [1.5, float("nan"), 1e30])
def test_a_key_that_no_integer_holds_stops_all_segments_of_its_entity(value: float) -> None:
    """Whether 1.5 is a customer nobody knows; nothing of the entity itself but its key has a type here."""
    runner, project = Runner(), compiled(RULES)
    columns = {"customer_id": "double", "score": "bigint", "wish": "varchar"}
    runner.fill("customers", columns, [(1.0, 9, None), (2.0, 9, None)])
    assert runner.run(project, Call(datetime(2026, 5, 1, tzinfo=UTC)))
    runner.fill("customers", columns, [(1.0, 0, None), (2.0, 9, None), (value, 9, None)])
    assert not runner.run(project, Call(datetime(2026, 5, 2, tzinfo=UTC)))
    members = runner.rows("select segment, customer_id from segwh_customer_membership order by all")
    assert members == [("mail", 1), ("mail", 2), ("rich", 1), ("rich", 2)]


@pytest.mark.parametrize("sql", ["alter wish type json using null", "drop wish"])
@pytest.mark.parametrize("since", ["a run that ended", "a run that died"])
def test_what_the_checks_have_not_seen_is_not_concluded_from(sql: str, since: str) -> None:
    """A part that is built again, `dbt retry` after hours, a table that another tool swaps while the run is under way."""
    runner, project = Runner(), compiled(RULES)
    columns = {"customer_id": "bigint", "score": "bigint", "wish": "varchar"}
    runner.fill("customers", columns, [(1, 9, "no mail"), (2, 0, None)])
    for day in (1, 2):
        assert runner.run(project, Call(datetime(2026, 5, day, tzinfo=UTC)))
    today = datetime(2026, 5, 3, tzinfo=UTC)
    if since == "a run that died":
        assert not runner.run(project, Call(today, stop_after="segwh_customer_checks"))
    runner.connection.execute(f"alter table customers {sql}")
    rest = list(project.models)[list(project.models).index("segwh_customer_facts") :]
    members = "select segment, customer_id from segwh_customer_membership order by all"
    before = runner.rows(members)
    with pytest.raises(CompilerError) as error:
        runner.run(project, Call(today, select=lambda name: name in rest), raises=True)
    became = "is json now" if "json" in sql else "is not there now"
    assert str(error.value) == (
        f"column wish of customers {became}, of which segwh_customer_checks does not know: run the whole project"
    )
    assert not runner.run(project, Call(today))
    assert runner.rows(members) == before
    assert not runner.run(project, Call(today, select=lambda name: name in rest))
    assert runner.rows(members) == before


def test_a_column_that_is_also_a_time_is_read_as_what_rules_need() -> None:
    """What nobody asks for is of no type that counts; where several do, a null in place of one is a null for all."""
    text = """\
entities:
  - name: customer
    relation: ref('customers')
    key: {column: customer_id, type: integer}
    attributes: {day: {type: date, column: Joined}}
    events: [{name: joins, relation: ref('customers'), key: customer_id, time: joined}]
segments:
  - {name: old, label: O, entity: customer, include: [{attribute: day, before: 2026-01-01}]}
"""
    runner = Runner()
    rows = [(1, datetime(2025, 5, 1, tzinfo=UTC).date()), (2, datetime(2026, 4, 1, tzinfo=UTC).date())]
    runner.fill("customers", {"customer_id": "bigint", "joined": "date"}, rows)
    members = "select segment, customer_id from segwh_customer_membership order by all"
    assert runner.run(compiled(text), Call(datetime(2026, 5, 1, tzinfo=UTC)))
    assert runner.rows(members) == [("old", 1)]
    both = text + "  - {name: late, label: L, entity: customer, include: [{event: joins, within: 99 days}]}\n"
    runner.connection.execute("alter table customers alter joined type timestamptz")
    assert not runner.run(compiled(both), Call(datetime(2026, 5, 2, tzinfo=UTC)))
    assert runner.rows(members) == [("old", 1)]
    statuses = runner.rows("select segment, status from segwh_customer_pending where kind = 'segment' order by all")
    assert statuses == [("late", "skipped"), ("old", "skipped")]


@pytest.mark.parametrize("engine", ["duckdb", "bigquery"])
def test_whether_numbers_are_whole_is_asked_of_every_partition(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """There are tables of BigQuery that accept no query without a condition on their partitions."""
    text = """\
entities:
  - name: customer
    relation: ref('customers')
    key: {column: customer_id, type: integer}
    events:
      - name: visits
        relation: ref('visits')
        key: customer_id
        time: seen_at
        partition: {column: day, lag: 1 days}
        properties: {points: integer}
segments:
  - {name: keen, label: K, entity: customer, include: [{event: visits, where: {attribute: points, gte: 5}}]}
"""
    runner, call = Runner(), Call(datetime(2026, 5, 2, tzinfo=UTC))
    context = runner._context
    monkeypatch.setattr(runner, "_context", lambda *given: context(*given) | {"target": SimpleNamespace(type=engine)})
    runner.fill("customers", {"customer_id": "bigint"}, [(1,)])
    columns = {"customer_id": "bigint", "seen_at": "timestamptz", "day": "date", "points": "double"}
    runner.fill("visits", columns, [(1, call.as_of, None, 7.5)])
    asked = runner.query(compiled(text), "segwh_customer_checks", call)
    filtered = """and ("day" is null or "day" <= cast('9999-12-31' as DATE))"""
    assert (filtered in asked) is (engine == "bigquery")
    assert ("visits: points", "column points of ref('visits') is declared integer and holds numbers that are not whole") in (
        runner.rows(asked)
    )
