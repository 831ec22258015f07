"""Pieces of the models' text that follow from one segment each: what did not change is neither built nor written anew.

Most of a large model is one piece a segment: a query of its members, a branch of its reasons, a row of what the rules say.
Each piece is written on its own, and the model around it, so the text is the same whether a piece was just made or is known
from before. A piece is known by a digest of everything that it is made from. What depends on more is no piece:

- a piece reads nothing but the facts: one with a bound or another relation is made anew, since the model must know of it;
- a variant follows from its whole, so it is made anew too;
- a dialect says whether a piece is written the same whatever stands around it (`SqlDialect.writes_pieces`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from sqlglot import Dialect, exp

from segwh import ir
from segwh.dbt.fixed_queries import LINE_BREAK, piece, woven
from segwh.plan.nodes import EntityPlan, SegmentPlan
from segwh.plan.reads import Read, of_segment, of_trait
from segwh.sql.dialects.base import Limits, SqlDialect
from segwh.sql.holes import ChangedFacts, Facts, IsChanged
from segwh.sql.render import Query
from segwh.sql.trees import every

Slots = Mapping[str, exp.Expr]
"""The part of a tree that each segment fills, by the segment's name."""


class Pieces:
    """The pieces of one compilation: those `known` from an earlier one with the very same code, and those it is `made` of.

    Both are texts by key. What is known is never trusted for more than its key says.
    """

    def __init__(self, project: ir.Project, dialect: SqlDialect, known: Mapping[str, str] | None = None) -> None:
        self.made: dict[str, str] = {}
        self.is_on = dialect.writes_pieces and _fits(project, dialect.limits)
        self._known = known or {}
        self._dialect = dialect
        self._generator = Dialect.get_or_raise(dialect.name).generator(pretty=True)
        self._digests: dict[str, Mapping[str, str]] = {}

    def keys(self, what: str, project: ir.Project, entity: EntityPlan, told: Iterable[str] = ()) -> Mapping[str, str]:
        """Segment -> the key of its piece of a kind, for the segments that have one. `told` as in evaluation_query."""
        if not self.is_on:
            return {}
        if entity.entity.name not in self._digests:
            self._digests[entity.entity.name] = dict(_followed(project, entity))
        names = frozenset(told)
        return {name: digest(what, own, str(name in names)) for name, own in self._digests[entity.entity.name].items()}

    def ready(self, keys: Mapping[str, str]) -> Slots:
        """The pieces of segments that are known, each a node to stand in its place."""
        return {name: node for name, key in keys.items() if (node := self.known(key)) is not None}

    def known(self, key: str) -> exp.Expr | None:
        """A node for the piece of a key; None for one that has to be made."""
        text = self._known.get(key)
        if text is None:
            return None
        self.made[key] = text
        return piece(text)

    def written(self, key: str, tree: exp.Expr) -> exp.Expr:
        """A node for a tree, which is written now and known from now on by a key; the tree itself where it cannot be."""
        self._generator.unsupported_messages = []
        text = woven(tree, lambda: self._generator.sql(tree).strip(), LINE_BREAK)
        if self._generator.unsupported_messages:
            return tree
        self.made[key] = text
        return piece(text)

    def cut(self, slots: Slots, keys: Mapping[str, str]) -> None:
        """Write the parts of a tree that segments fill, and leave nodes for them in their places."""
        for name, tree in slots.items():
            node = self.written(keys[name], tree)
            if node is not tree:
                tree.replace(node)


def digest(*parts: str) -> str:
    """A digest of texts, of each by itself."""
    return hashlib.sha256("".join(f"{len(part)} {part}\n" for part in parts).encode()).hexdigest()[:32]


def _fits(project: ir.Project, limits: Limits) -> bool:
    """Whether no statement comes near to being cut into chunks, which are made of trees."""
    if limits.statement is None:
        return limits.unions is None
    return limits.unions is None and sum(len(one.text) + AROUND for one in project.segments) * GROWTH < limits.statement


AROUND, GROWTH = 100, 100
"""More characters than a segment has beside its text, and more than are made of each of them."""


def _followed(project: ir.Project, entity: EntityPlan) -> Iterator[tuple[str, str]]:
    """Segment -> a digest of all that its pieces follow from: itself, its names for what it reads, and what all have in common.

    Of other segments a piece names those columns alone that tell of their members.
    """
    by_traits = {read for trait in project.traits for read in of_trait(trait)}
    common = replace(
        entity,
        segments=(),
        scans=(),
        cuts={},
        shares={},
        levels=(),
        columns={read: name for read, name in entity.columns.items() if read in by_traits},
        means={read: names for read, names in entity.means.items() if read in by_traits},
    )
    exclusions = [(each.entity, each.segment, each.tags) for each in project.exclusions]
    around = digest(*map(repr, (project.settings, project.catalog, project.traits, exclusions, common)))
    segments = {one.name: one for one in entity.segments}
    for one in entity.segments:
        if one.segment.variant_of is None:
            reads = [_named(read, entity, segments) for read in of_segment(one.segment)]
            yield one.name, digest(around, repr(one), repr(reads))


def _named(read: Read, entity: EntityPlan, segments: Mapping[str, SegmentPlan]) -> tuple[object, ...]:
    """By which columns of the facts something is read."""
    match read:
        case ir.MemberOf():
            other = segments.get(read.segment)
            return (None, None) if other is None else (other.flag, other.stored)
        case ir.TraitValue():
            return ()
        case ir.Measured():
            return entity.columns.get(read), entity.means.get(read)
        case _:
            return (entity.columns.get(read),)


def of_members(query: Query, plans: Iterable[SegmentPlan], wanted: Collection[str]) -> Slots:
    """What the `wanted` segments' members are read by, where that is nothing but the facts: a query each, of which the first
    tells the columns and stays, or a branch each of the one query.
    """
    arms: list[exp.Expr] = []
    node: exp.Expr = query.tree
    names = [plan.name for plan in plans]
    asked = node.args["from_"].this if isinstance(node, exp.Select) else None
    if isinstance(asked, exp.Subquery):
        return _plain(query, zip(names, asked.this.selects[0].this.expressions, strict=True), wanted)
    while isinstance(node, exp.Union):
        arms.append(node.expression)
        node = node.this
    return _plain(query, zip(names[1:], reversed(arms), strict=True), wanted)


def of_reasons(query: Query, wanted: Collection[str]) -> Slots:
    """The branches of reasons of the `wanted` segments that have one of their own, and one that reads nothing but the facts."""
    cases = (found for found in query.tree.find_all(exp.Case) if found.this is not None)
    branches = next(cases, exp.Case(ifs=[])).args["ifs"]
    return _plain(query, ((branch.this.name, branch.args["true"]) for branch in branches), wanted)


def _plain(query: Query, slots: Iterable[tuple[str, exp.Expr]], wanted: Collection[str]) -> Slots:
    def is_plain(tree: exp.Expr) -> bool:
        holes = (query.holes[hole.name] for hole in every(tree, exp.Placeholder))
        return all(isinstance(hole, Facts | ChangedFacts | IsChanged) for hole in holes)

    return {name: tree for name, tree in slots if name in wanted and is_plain(tree)}
