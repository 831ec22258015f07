"""The compiled SQL in the judgement of parsers that are not sqlglot: PostgreSQL's own grammar."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from segwh.plan import build
from segwh.sql import DIALECTS, evaluation_query, facts_query, left_out_query, literals, reasons_query, render
from segwh.sql.holes import RelationHole, hole_name
from tests.sql import stories

AS_OF = datetime(2026, 3, 31, 12, 30, tzinfo=UTC)
POSTGRES = DIALECTS["postgres"]


def statements(story: str) -> list[str]:
    """The queries of a story's models, with names of tables in their holes."""
    plan = build(stories.project(story), {"campaign": "hash of campaign"})

    def named(hole: RelationHole) -> str:
        return hole_name(hole).replace(".", "_").lower()

    fill = literals(named, AS_OF, plan.project.settings.calendar, POSTGRES)
    queries = [facts_query(plan, entity.entity.name, POSTGRES) for entity in plan.entities]
    for grain in plan.grains:
        queries += [evaluation_query(plan, grain, POSTGRES), reasons_query(plan, grain, POSTGRES)]
        left_out = left_out_query(plan, grain, POSTGRES)
        queries += [left_out] if left_out is not None else []
    return [render(query, POSTGRES, fill) for query in queries]


@pytest.mark.parametrize("story", stories.STORIES)
def test_postgresql_parses_every_construct(story: str) -> None:
    pglast = pytest.importorskip("pglast", reason="THE SQL FOR POSTGRESQL IS NOT PARSED: `pip install pglast` (group engines)")
    told = statements(story)
    assert told
    for statement in told:
        [parsed] = pglast.parse_sql(statement)
        assert type(parsed.stmt).__name__ == "SelectStmt"


def test_the_parser_refuses_what_is_no_sql() -> None:
    pglast = pytest.importorskip("pglast", reason="THE SQL FOR POSTGRESQL IS NOT PARSED: `pip install pglast` (group engines)")
    with pytest.raises(pglast.parser.ParseError):
        pglast.parse_sql("SELECT CAST(x AS) FROM t")
