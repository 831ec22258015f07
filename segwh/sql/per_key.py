"""What is measured of an entity's rows: scans in, CTEs of one row a key out, to be joined to the entity's own row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from sqlglot import exp

from segwh import ir
from segwh.plan.names import Names, rows_words
from segwh.plan.nodes import EntityPlan, Plan
from segwh.sql.measures import (
    Edge,
    PerKey,
    aggregated,
    edge_of,
    edge_rows,
    largest_group,
    most_frequent,
)
from segwh.sql.scans import Narrow, Scanned, Source, scanned
from segwh.sql.sequences import Reached, sequence
from segwh.sql.stretches import put_together


@dataclass(slots=True)
class Build:
    """A query of CTEs under construction."""

    plan: EntityPlan
    whole: Plan
    source: Source
    names: Names = field(default_factory=Names)
    ctes: list[tuple[str, exp.Query]] = field(default_factory=list)
    read_in_place: set[str] = field(default_factory=set)
    """CTEs that are filtered differently wherever they are read, and therefore must not be materialised whole."""
    values: dict[str, exp.Expr] = field(default_factory=dict)
    """Columns that are put together from several CTEs once these are joined."""

    @property
    def project(self) -> ir.Project:
        """The bound rules."""
        return self.whole.project

    def add(self, name: str, query: exp.Query) -> str:
        """Adds a CTE under a name already taken."""
        self.ctes.append((name, query))
        return name

    def take(self, name: str) -> str:
        """A free CTE name."""
        return self.names.take(name, name)


def measures(
    build: Build, plan: EntityPlan, prefix: str = "", narrows: Mapping[str, Narrow] = MappingProxyType({})
) -> list[PerKey]:
    """Adds the scans of a plan and what is computed from them; returns what is to be joined to the entity.

    `prefix` tells the CTEs from others of the same rows; `narrows`: event -> what its scan is narrowed by.
    """
    source = build.source
    scans: dict[tuple[str, str], Scanned] = {}
    for scan in plan.scans:
        found = scanned(scan, plan.entity, source, narrows.get(scan.name) if scan.kind == "event" else None)
        found = replace(found, name=build.take(f"{found.name}{prefix}"))
        scans[scan.kind, scan.name] = found
        build.add(found.name, found.query)
    per_key: list[PerKey] = []
    reached: Reached = {}
    for (kind, name), scan_of in scans.items():
        plain = {
            key: column
            for key, column in plan.columns.items()
            if isinstance(key, ir.Measured) and (key.rows.kind, key.rows.name) == (kind, name) and key.is_plain
        }
        cut = plan.cuts.get((kind, name)) if source.dialect.has_cheap_scans else None
        if cut is not None:
            together = put_together(cut, {key: plain.pop(key) for key in cut.parts}, scan_of, source, build.take)
            per_key += together.per_key
            build.values |= together.values
            build.read_in_place.add(scan_of.name)
        if source.dialect.parts_measures:
            for share in plan.shares.get((kind, name), ()):
                words = rows_words(ir.Rows("event", name, where=share.values))
                part = {key: plain.pop(key) for key in share.asked}
                per_key.append(aggregated(build.take(f"{name}_{words}{prefix}"), part, plan.means, scan_of, source, share))
                build.read_in_place.add(scan_of.name)
        if plain:
            per_key.append(aggregated(build.take(f"{name}_per_{plan.entity.name}{prefix}"), plain, plan.means, scan_of, source))
        per_key += _edges(build, plan, (kind, name), scan_of)
    for key, column in plan.columns.items():
        if isinstance(key, ir.Measured) and not key.is_plain:
            of = scans[key.rows.kind, key.rows.name]
            if isinstance(key.measure, ir.Count):
                per_key.append(largest_group(build.take(column), key, column, of, source))
            elif isinstance(key.measure, ir.MostFrequent):
                per_key.append(most_frequent(build.take(column), key, column, of, source))
        elif isinstance(key, ir.Sequence):
            ctes, passed = sequence(column, key, lambda event: scans["event", event], source, build.take, reached)
            build.ctes += ctes
            per_key.append(passed)
    for one in per_key:
        build.add(one.name, one.query)
    return per_key


def _edges(build: Build, plan: EntityPlan, of: tuple[str, str], scan: Scanned) -> list[PerKey]:
    """First and last rows: values and truths read from the same row share one CTE."""
    edges: dict[Edge, dict[ir.Measured | ir.RowHolds, str]] = {}
    for key, column in plan.columns.items():
        is_edge = isinstance(key, ir.RowHolds) or (isinstance(key, ir.Measured) and isinstance(key.measure, ir.EdgeValue))
        if is_edge and isinstance(key, ir.Measured | ir.RowHolds) and (key.rows.kind, key.rows.name) == of:
            edges.setdefault(edge_of(key), {})[key] = column
    found = []
    for edge, columns in edges.items():
        words = "_".join(word for word in (edge.rows.name, edge.edge, rows_words(edge.rows)) if word)
        found.append(edge_rows(build.names.take(words, edge), edge, columns, scan, build.source))
    return found
