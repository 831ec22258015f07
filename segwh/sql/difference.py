"""Difference: one statement that counts, segment by segment, whom two versions of the rules have and who moves between them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp

from segwh import ir
from segwh.sql.compile import Before, RelationNames, standalone
from segwh.sql.dialects.base import SqlDialect
from segwh.sql.measures import alias, named
from segwh.sql.predicates import one_if

BEFORE, AFTER = "members_before", "members_after"
IS_BEFORE, IS_AFTER = "is_before", "is_after"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the rules: which of its segments are asked, each under the name by which the two are compared."""

    project: ir.Project
    asked: Mapping[str, str]
    """Segment -> its name in the result."""
    relation_names: RelationNames
    before: Before | None = None
    rule_hashes: Mapping[str, str] | None = None
    in_utc: Collection[str] = ()
    """See with_facts."""


def difference_query(earlier: Version, later: Version, as_of: datetime, dialect: SqlDialect) -> str:
    """Rows (segment, members_before, members_after, entering, leaving) at `as_of` (aware), of segments with anybody in either.

    A segment is asked for in one of the versions at least. For dialects that `nests_named_queries`.
    """
    named_queries, rows = [], []
    for name, version, flags in ((BEFORE, earlier, (1, 0)), (AFTER, later, (0, 1))):
        if version.asked:
            text = standalone(
                version.project, version.asked, as_of, dialect, version.relation_names, version.before,
                version.rule_hashes, version.in_utc,
            )  # fmt: skip
            named_queries.append(f"{name} AS (\n{text}\n)")
            rows.append(_told(name, version, flags, dialect))
    both = rows[0] if len(rows) == 1 else exp.union(rows[0], rows[1], distinct=False, copy=False)
    outer = dialect.finished(_counted(both, dialect)).sql(dialect=dialect.name, pretty=True)
    return f"WITH {', '.join(named_queries)}\n{outer}"


def _told(name: str, version: Version, flags: tuple[int, int], dialect: SqlDialect) -> exp.Select:
    """The members of a version with their names in the result, and in which version they are."""
    segment = named("segment", dialect, name)
    others = [(own, told) for own, told in version.asked.items() if own != told]
    ifs = [exp.If(this=segment.copy().eq(dialect.string(own)), true=dialect.string(told)) for own, told in others]
    shown = exp.Case(ifs=ifs, default=segment.copy()) if ifs else segment
    is_before, is_after = (exp.Literal.number(flag) for flag in flags)
    return exp.select(
        alias(shown, "segment", dialect), alias(named("key", dialect, name), "key", dialect),
        alias(is_before, IS_BEFORE, dialect), alias(is_after, IS_AFTER, dialect), copy=False,
    ).from_(exp.to_identifier(name), copy=False)  # fmt: skip


def _counted(both: exp.Query, dialect: SqlDialect) -> exp.Select:
    """Each member once, then the segments."""

    def column(name: str, table: str) -> exp.Expr:
        return named(name, dialect, table)

    keys = [column("segment", "told"), column("key", "told")]
    once = exp.select(
        *keys,
        alias(exp.Max(this=column(IS_BEFORE, "told")), IS_BEFORE, dialect),
        alias(exp.Max(this=column(IS_AFTER, "told")), IS_AFTER, dialect),
        copy=False,
    ).from_(both.subquery("told", copy=False), copy=False)
    once = once.group_by(*(key.copy() for key in keys), copy=False)

    def total(value: exp.Expr, name: str) -> exp.Expr:
        return alias(exp.Sum(this=value), name, dialect)

    nobody = exp.Literal.number(0)
    return (
        exp.select(
            column("segment", "once"),
            total(column(IS_BEFORE, "once"), "members_before"),
            total(column(IS_AFTER, "once"), "members_after"),
            total(one_if(exp.EQ(this=column(IS_BEFORE, "once"), expression=nobody)), "entering"),
            total(one_if(exp.EQ(this=column(IS_AFTER, "once"), expression=nobody.copy())), "leaving"),
            copy=False,
        )
        .from_(once.subquery("once", copy=False), copy=False)
        .group_by(column("segment", "once"), copy=False)
    )
