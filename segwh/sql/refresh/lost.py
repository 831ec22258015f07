"""How many rows there are of those that the facts rest on, so that the next run sees whether some were lost or came back."""

from __future__ import annotations

from sqlglot import exp

from segwh.plan.carry import Watched
from segwh.semantics import AS_OF
from segwh.sql.measures import alias
from segwh.sql.refresh.before import seen_by
from segwh.sql.scans import Source, alias_of, least
from segwh.types import DataType

ROWS_THERE = "rows_there"
"""Two numbers, a blank between: the rows that happened before an as-of, which only become more; and those of them that were
loaded so long before it that none is still on its way, which only become fewer, when they are loaded again."""


def rows_there(watched: Watched, source: Source) -> exp.Select:
    """ROWS_THERE of a relation at the as-of of the source's holes.

    Rows that are loaded again keep their time, so the first goes by the time alone. Rows of which nobody says when they were
    loaded have not reached any run.
    """
    event, table = watched.event, alias_of(watched.event)
    assert event.loaded_at is not None
    clock, loaded = source.clock(event.time, table), source.clock(event.loaded_at, table)
    is_settled = exp.If(this=exp.LT(this=loaded, expression=seen_by(source)), true=exp.Literal.number(1))
    settled = exp.Count(this=exp.Case(ifs=[is_settled]))
    texts = [source.dialect.cast(count, DataType.STRING) for count in (exp.Count(this=exp.Star()), settled)]
    told = exp.DPipe(this=exp.DPipe(this=texts[0], expression=exp.Literal.string(" ")), expression=texts[1])
    query = exp.select(alias(told, ROWS_THERE, source.dialect), copy=False)
    query = query.from_(source.holes.table(event.relation, table), copy=False)
    query = query.where(exp.LT(this=clock, expression=source.holes.bound(AS_OF, "timestamp")), copy=False)
    if watched.since:
        query = query.where(exp.GTE(this=clock.copy(), expression=least(watched.since, source)), copy=False)
    return query
