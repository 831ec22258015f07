"""Named queries of one name in different places of a statement get names of their own, and mean what they meant."""

from __future__ import annotations

import duckdb
from sqlglot import exp, parse_one

from segwh.sql.dialects.named_queries import uniquely_named

NESTED = """
with told as (select 1 as x),
  first as (with told as (select 2 as x), more as (select told.x + 10 as x from told)
    select told.x + more.x as x from told, more),
  second as (with told as (select 3 as x) select a.x from (select told.x from told) as a join told as b on a.x = b.x)
select told.x as a, first.x as b, second.x as c from told cross join first cross join second
"""


def test_no_two_bear_one_name_and_the_rows_stay() -> None:
    tree = parse_one(NESTED, dialect="duckdb").assert_is(exp.Query)
    before = duckdb.sql(tree.sql("duckdb")).fetchall()
    changed = uniquely_named(tree)
    names = [cte.alias for cte in changed.find_all(exp.CTE)]
    assert sorted(names) == ["first", "more", "second", "told", "told_2", "told_3"]
    assert duckdb.sql(changed.sql("duckdb")).fetchall() == before == [(1, 14, 3)]
    assert uniquely_named(changed).sql("duckdb") == changed.sql("duckdb")
    assert duckdb.sql(changed.sql("spark").replace("`", '"')).fetchall() == before
