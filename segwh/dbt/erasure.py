"""Who is to be forgotten in, the statements that take every row of theirs out of segwh's tables out.

The log loses rows here, on purpose: replay of what is left still gives membership and history. The rows that say how large a
segment was at each as-of hold no key and stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

from segwh import ir
from segwh.dbt.following import CHANGED_FACTS, MADE_BY
from segwh.sql.dialects.base import SqlDialect

KEYED_TABLES = ("pending", "evaluation", "wide", "state", "log")
"""What a grain has with keys in it; the log last, so that what died half way is found again by the log."""


@dataclass(frozen=True, slots=True)
class Member:
    """A key of one grain: an entity's own key, or a value that aggregated segments count."""

    grain: str
    column: str
    value: str | int


def grains(project: ir.Project, entity: str) -> dict[str, str]:
    """The grains that an entity's segments have, the entity's own first -> the column that holds their members."""
    found = {entity: project.entity(entity).key.name}
    for segment in project.segments:
        if segment.entity == entity and segment.aggregate_on is not None:
            found.setdefault(segment.grain, segment.aggregate_on.name)
    return found


def is_key(member: Member, dialect: SqlDialect) -> exp.Expr:
    """Whether a row is the member's."""
    literal = exp.Literal.number(member.value) if isinstance(member.value, int) else dialect.string(member.value)
    return exp.EQ(this=exp.column(dialect.identifier(member.column)), expression=literal)


def deletions(members: Iterable[Member], entity: str, tables: Mapping[str, exp.Table], dialect: SqlDialect) -> list[exp.Delete]:
    """The statements that take members out of the tables that there are: model name -> table."""
    found: list[exp.Delete] = []
    for member in members:
        names = [f"segwh_{member.grain}_{what}" for what in KEYED_TABLES]
        if dialect.limits.unions is not None:
            # chunks of an evaluation that are tables of their own
            chunk = re.compile(rf"segwh_{member.grain}_evaluation_\d+")
            names = [*(name for name in tables if chunk.fullmatch(name)), *names]
        names = [f"segwh_{entity}_facts", *names] if member.grain == entity else names
        found += [
            exp.Delete(this=tables[name].copy(), where=exp.Where(this=is_key(member, dialect)))
            for name in names
            if name in tables
        ]
    return found


def unfollowed(facts: exp.Table, *, is_stamped: bool) -> list[exp.Expr]:
    """The statements after which the next run takes nothing over from facts that know what changed in them (dbt.following):
    it compares all members and counts them anew. What changed may speak of who is erased, so it goes too, also where later
    facts (not `is_stamped`) know nothing of it.
    """
    by_nobody = exp.EQ(this=exp.column(exp.to_identifier(MADE_BY)), expression=exp.Literal.number(0))
    statements: list[exp.Expr] = [exp.Update(this=facts.copy(), expressions=[by_nobody])] if is_stamped else []
    for suffix in CHANGED_FACTS:
        beside = facts.copy()
        beside.set("this", exp.to_identifier(f"{facts.name}{suffix}", quoted=facts.this.quoted))
        drop = sqlglot.parse_one("drop table if exists beside")
        drop.find(exp.Table).replace(beside)  # type: ignore[union-attr]
        statements.append(drop)
    return statements


def tombstone(ends: exp.Table, columns: Sequence[str], run_id: str, entity: str, at: str, segments: int) -> exp.Insert:
    """The row of segwh_runs that says that something was erased, and not what: an insert into the ends of the runs.

    `columns` are those that the table has, `at` is the time of day as the text of a UTC instant.
    """
    cells: dict[str, exp.Expr] = {
        "run_id": exp.Literal.string(run_id),
        "status": exp.Literal.string("erased"),
        "finished_at": exp.cast(exp.Literal.string(at), exp.DataType.Type.TIMESTAMPTZ),
        "segments": exp.Literal.number(segments),
        "entered": exp.Literal.number(0),
        "exited": exp.Literal.number(0),
        "held_back": exp.Literal.number(0),
        "note": exp.Literal.string(f"one {entity} was erased"),
    }
    cells = {name: cell for name, cell in cells.items() if name in columns}
    return exp.Insert(
        this=exp.Schema(this=ends.copy(), expressions=[exp.to_identifier(name) for name in cells]),
        expression=exp.select(*cells.values()),
    )
