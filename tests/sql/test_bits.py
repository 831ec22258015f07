"""Truths as bits mean what they meant: the stories on a DuckDB that is told them so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from sqlglot import exp, parse_one

from segwh.sql.dialects.bits import CONDITIONS, truths_as_bits
from segwh.sql.dialects.duckdb import DuckDb
from tests.cases import duck, harness
from tests.cases.test_cases import told
from tests.engines.stories import told_sometimes
from tests.property.test_members import compared


@dataclass(frozen=True, slots=True)
class WithBits(DuckDb):
    """A DuckDB whose statements compare truths with 1."""

    def finished(self, query: exp.Query) -> exp.Query:
        """With no condition as a value, nor the other way round."""
        changed = truths_as_bits(query)
        assert not list(misplaced(changed)), changed.sql("duckdb")
        return changed


WITH_BITS = WithBits(name="duckdb", title="DuckDB with bits")


def misplaced(tree: exp.Expr) -> list[exp.Expr]:
    """Conditions that stand where a value is wanted, and values where a condition is."""
    found = []
    for node in tree.walk():
        is_condition = isinstance(node, CONDITIONS) and not isinstance(node, exp.Boolean)
        parent, key = node.parent, node.arg_key
        while isinstance(parent, exp.Paren):
            parent, key = parent.parent, parent.arg_key
        if isinstance(node, exp.Paren) or parent is None:
            continue
        searched = isinstance(parent, exp.If) and key == "this" and parent.parent is not None and parent.parent.this is None
        wants = searched or isinstance(parent, exp.Connector | exp.Not) or (isinstance(parent, exp.Join) and key == "on")
        wants = wants or (isinstance(parent, exp.Where | exp.Having) and key == "this")
        if is_condition is not wants:
            found.append(node)
    return found


@told_sometimes(every=3)
def test_a_story_is_the_same_with_bits(path: Path) -> None:
    with duckdb.connect() as connection:
        told(harness.load(path), duck.Duck(connection, WITH_BITS))


EVERY_TRUTH = """
select a, b, a and b as both_, a or b as either_, not a as no, not not a as twice, a = b as same, a is null as nothing,
  coalesce(a and b, false) as surely, coalesce(a or b, true) as perhaps, case when a then b else not b end as chosen,
  case a when b then 'same' when true then 'true' else 'other' end as compared, (a or not b) and (b or a) as more,
  exists(select 1 where t.a) as some, a in (b, true) as listed, max(case when a then 1 else 0 end) over () = 1 as any_of_all
from t where not (a and b) or a is null or b or true order by 1, 2
"""


def test_every_truth_is_the_same() -> None:
    connection = duckdb.connect()
    three = "(values (true), (false), (null))"
    connection.execute(f"create table t as select x.a, y.b from {three} as x(a) cross join {three} as y(b)")
    tree = parse_one(EVERY_TRUTH, dialect="duckdb").assert_is(exp.Query)
    expected = connection.execute(EVERY_TRUTH).fetchall()
    once = truths_as_bits(tree)
    text = once.sql("duckdb")
    assert not misplaced(once)
    assert connection.execute(text).fetchall() == expected
    assert len(expected) == 9
    assert truths_as_bits(once).sql("duckdb") == text


@pytest.mark.parametrize("text", ["{{ not segwh__reads_part() }}", "{{ true if var('x', []) else false }}"])
def test_what_jinja_will_say_is_a_condition(text: str) -> None:
    word = exp.Var(this=text)
    word.meta["is_jinja"] = True
    query = truths_as_bits(exp.select("1").where(exp.Not(this=word)))
    assert query.sql() == truths_as_bits(query.copy()).sql()
    assert "'1 = 1' if (" in query.sql()


@pytest.mark.slow
def test_random_projects_are_the_same_with_bits() -> None:
    with duckdb.connect() as connection:
        assert compared(500, duck.Duck(connection, WITH_BITS)) >= 500
