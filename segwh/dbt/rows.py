"""Rows of literals: what the rules say of each segment, as queries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC
from decimal import Decimal
from typing import Any

from sqlglot import exp

from segwh import ir
from segwh.dbt.pieces import Pieces, digest

Cell = str | int | bool | Decimal | None
ColumnType = Any
"""A member of sqlglot's enumeration of types, which it does not export as a type."""


def _literal(cell: Cell) -> exp.Expr:
    match cell:
        case None:
            return exp.null()
        case bool():
            return exp.true() if cell else exp.false()
        case str():
            return exp.Literal.string(cell)
        case int() | Decimal():
            return exp.Literal.number(str(cell))


def row_of(cells: Sequence[Cell]) -> exp.Expr:
    """A row of literals."""
    return exp.Tuple(expressions=[_literal(cell) for cell in cells])


def table_of(
    columns: Mapping[str, ColumnType],
    rows: Iterable[Sequence[Cell]],
    made: Callable[[Sequence[Cell]], exp.Expr] = row_of,
) -> exp.Select:
    """A query of the given rows with typed columns. Without rows it is empty and typed all the same.

    `made` makes a row of its cells.
    """
    cells = [list(row) for row in rows]
    is_empty = not cells
    if is_empty:
        cells = [[None] * len(columns)]
    select = exp.select(
        *(exp.alias_(exp.cast(exp.column(name, table="given"), kind), name) for name, kind in columns.items()), copy=False
    ).from_(
        exp.Values(
            expressions=[made(row) for row in cells],
            alias=exp.TableAlias(this=exp.to_identifier("given"), columns=[exp.to_identifier(name) for name in columns]),
        ),
        copy=False,
    )
    return select.where(exp.EQ(this=exp.Literal.number(1), expression=exp.Literal.number(0))) if is_empty else select


TEXT, INT, BOOL, DOUBLE, INSTANT, DAY = (
    exp.DataType.Type.TEXT,
    exp.DataType.Type.BIGINT,
    exp.DataType.Type.BOOLEAN,
    exp.DataType.Type.DOUBLE,
    exp.DataType.Type.TIMESTAMPTZ,
    exp.DataType.Type.DATE,
)

RULES_COLUMNS: Mapping[str, ColumnType] = {
    "segment": TEXT,
    "label": TEXT,
    "description": TEXT,
    "owner": TEXT,
    "tags": TEXT,
    "entity": TEXT,
    "grain": TEXT,
    "type": TEXT,
    "status": TEXT,
    "expires_on": DAY,
    "expires_at": INSTANT,
    "time_to_live": TEXT,
    "rule_hash": TEXT,
    "rule": TEXT,
    "source_file": TEXT,
    "source_line": INT,
    "max_exit_fraction": DOUBLE,
    "max_entry_fraction": DOUBLE,
    "tag_list": TEXT,
    "is_suppression": BOOL,
    "hidden": BOOL,
    "was": TEXT,
    "refresh": TEXT,
    "depends_on": TEXT,
    "watches": TEXT,
}


def mark(word: str) -> str:
    """A tag as it stands in `tag_list`, or a segment in `depends_on`: delimited, so that it is not found inside another."""
    return f",{word},"


MOST_NAMED = 1_000
"""Segments that `depends_on` or `watches` names; ANY stands for more."""
ANY = "*"


def _listed(segments: Iterable[str]) -> str:
    names = sorted(segments)
    return ANY if len(names) > MOST_NAMED else "".join(mark(name) for name in names)


LONGEST_RULE = 20_000
"""Characters of a rule's text in the registry, which is one statement for all rules."""


def shortened(text: str) -> str:
    """A rule's text, cut where it is very long: lists of thousands of values are for machines, not for the registry."""
    if len(text) <= LONGEST_RULE:
        return text
    return f"{text[:LONGEST_RULE]}… (cut: {len(text):,} characters in all)"


def rules(
    project: ir.Project,
    rule_hashes: Mapping[str, str],
    depends_on: Mapping[str, frozenset[str]],
    watches: Mapping[str, frozenset[str]],
    pieces: Pieces,
) -> exp.Select:
    """One row for each segment of the rules; `depends_on`: segment name -> those that its members follow from, `watches`: and
    those that guard it.
    """
    suppressions = {exclusion.segment for exclusion in project.exclusions}

    def row(segment: ir.Segment) -> list[Cell]:
        fraction = segment.max_exit_fraction if segment.max_exit_fraction is not None else project.settings.max_exit_fraction
        growth = segment.max_entry_fraction if segment.max_entry_fraction is not None else project.settings.max_entry_fraction
        if segment.name in suppressions:
            growth = None  # who must not be written to is taken, however many they are
        expires_at = segment.expires_at and segment.expires_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S+00")
        return [
            segment.name,
            segment.label or None,
            segment.description or None,
            segment.owner or None,
            ",".join(segment.tags) or None,
            segment.entity,
            segment.grain,
            segment.type,
            segment.status,
            segment.expires_on or None,
            expires_at or None,
            str(segment.time_to_live) if segment.time_to_live else None,
            rule_hashes[segment.name],
            shortened(segment.text) or None,
            segment.span.file if segment.span else None,
            segment.span.line if segment.span else None,
            fraction,
            growth,
            "".join(mark(tag) for tag in segment.tags),
            segment.name in suppressions,
            segment.hidden,
            segment.was,
            segment.refresh or None,
            _listed(depends_on[segment.name]),
            _listed(watches[segment.name]),
        ]

    def made(cells: Sequence[Cell]) -> exp.Expr:
        if not pieces.is_on:
            return row_of(cells)
        key = digest("rule", repr(cells))
        return pieces.known(key) or pieces.written(key, row_of(cells))

    ordered = sorted(project.segments, key=lambda segment: segment.name)
    return table_of(RULES_COLUMNS, (row(segment) for segment in ordered), made)


def guards(project: ir.Project, entity: str) -> exp.Select:
    """The suppression segments of an entity, the grain each is kept in, and the tag it guards ('' for all)."""
    rows = [
        (exclusion.segment, project.segment(exclusion.segment).grain, mark(tag) if tag else "")
        for exclusion in project.exclusions
        if exclusion.entity == entity
        for tag in (exclusion.tags or ("",))
    ]
    return table_of({"suppression": TEXT, "grain": TEXT, "tag": TEXT}, rows)


def covered(segments: Iterable[ir.Segment], rule_hashes: Mapping[str, str]) -> exp.Select:
    """The segments that an evaluation covers and the hash of the rule that it stands for."""
    rows = sorted((segment.name, rule_hashes[segment.name]) for segment in segments)
    return table_of({"segment": TEXT, "rule_hash": TEXT}, rows)
