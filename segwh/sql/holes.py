"""Holes: the places of a tree that are decided at run time, which relation is read and which instant a bound is.

A hole is a placeholder node with a name of its own; what it stands for is kept beside the tree in the query. Renderers put
Jinja text or real names and literals in their place. Values of rules are string literals, never placeholders, so no value
can turn into a hole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

from segwh.plan.names import bound_name, normalised, slug
from segwh.semantics import Bound
from segwh.types import Relation

BoundKind = Literal["timestamp", "date"]


@dataclass(frozen=True, slots=True)
class BoundHole:
    """A bound, as the instant it is or as the first local day at or after it (semantics.instant_of, semantics.date_of).

    `before`: as it was at the as-of of the facts that are brought up to date.
    """

    bound: Bound
    kind: BoundKind
    before: bool = False

    @property
    def name(self) -> str:
        """Its name in SQL and Jinja: `days_30_ago`, `month_start_day`."""
        return bound_name(self.bound) + ("_day" if self.kind == "date" else "") + ("_before" if self.before else "")


@dataclass(frozen=True, slots=True)
class ReadBy:
    """A relation of the catalog as the facts of an entity read it, in a statement that has facts of several."""

    relation: Relation
    entity: str


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of an entity: one row a key."""

    entity: str


@dataclass(frozen=True, slots=True)
class ChangedFacts:
    """The facts of an entity, read for those of them alone that changed (IsChanged) where a run knows which these are."""

    entity: str


@dataclass(frozen=True, slots=True)
class IsChanged:
    """Whether a row of ChangedFacts changed since the run before; true where nobody knows."""

    entity: str


@dataclass(frozen=True, slots=True)
class FactsBefore:
    """The facts of an entity as an earlier run left them."""

    entity: str


@dataclass(frozen=True, slots=True)
class BeforeMembers:
    """Who was a member before this run: columns segment, the grain's key, entered_at."""

    grain: str


@dataclass(frozen=True, slots=True)
class BeforeStays:
    """Who was a member before this as-of, whatever earlier runs wrote at it: columns segment, the grain's key, entered_at."""

    grain: str


@dataclass(frozen=True, slots=True)
class BeforeEvaluated:
    """The last evaluation of each segment before this run: columns segment, rule_hash, first_evaluated_at."""

    grain: str


@dataclass(frozen=True, slots=True)
class BeforeExits:
    """The last exit from each segment before this as-of: columns segment, the grain's key, exited_at."""

    grain: str


@dataclass(frozen=True, slots=True)
class Candidates:
    """Keys in question: columns segment and the grain's key."""

    grain: str


RelationHole = (
    Relation | ReadBy | Facts | ChangedFacts | FactsBefore | BeforeMembers | BeforeStays | BeforeEvaluated | BeforeExits
    | Candidates
)
Hole = BoundHole | RelationHole | IsChanged


def hole_name(hole: Hole) -> str:
    """The placeholder's name; distinct for distinct holes of one query."""
    match hole:
        case BoundHole():
            return f"bound_{hole.name}"
        case Relation(kind, parts):
            # Slugs may collide (`a-b`, `a_b`); the exact text, as hex, cannot.
            return f"{kind}_{slug(parts[-1])}_{'.'.join(parts).encode().hex()}"
        case ReadBy(relation, entity):
            return f"{entity}_{hole_name(relation)}"
        case Facts(name) | ChangedFacts(name) | IsChanged(name) | FactsBefore(name) | Candidates(name):
            return f"{type(hole).__name__.lower()}_{name}"
        case BeforeMembers(name) | BeforeStays(name) | BeforeEvaluated(name) | BeforeExits(name):
            return f"{type(hole).__name__.lower()}_{name}"


class Holes:
    """Makes placeholders and remembers what they stand for."""

    def __init__(self) -> None:
        self._holes: dict[str, Hole] = {}

    def bound(self, bound: Bound, kind: BoundKind) -> exp.Expr:
        """A placeholder for a bound."""
        return self._placeholder(BoundHole(normalised(bound), kind))

    def before(self) -> Holes:
        """The same place, where bounds are those at the as-of of the facts that are brought up to date."""
        return _HolesBefore(self._holes)

    def of(self, entity: str) -> Holes:
        """The same place, where relations of the catalog are those that the facts of an entity read."""
        return _HolesOf(self._holes, entity)

    def table(self, relation: RelationHole, alias: str) -> exp.Expr:
        """A relation under an alias."""
        return exp.Table(this=self._placeholder(relation), alias=exp.TableAlias(this=exp.to_identifier(alias)))

    def is_changed(self, entity: str) -> exp.Expr:
        """A placeholder for the condition on rows of ChangedFacts."""
        return self._placeholder(IsChanged(entity))

    def _placeholder(self, hole: Hole) -> exp.Expr:
        name = hole_name(hole)
        self._holes[name] = hole
        return exp.Placeholder(this=name)

    @property
    def found(self) -> Mapping[str, Hole]:
        """All holes by placeholder name, in the order of first use."""
        return dict(self._holes)


class _HolesBefore(Holes):
    def __init__(self, holes: dict[str, Hole]) -> None:
        self._holes = holes

    def bound(self, bound: Bound, kind: BoundKind) -> exp.Expr:
        return self._placeholder(BoundHole(normalised(bound), kind, before=True))


class _HolesOf(Holes):
    def __init__(self, holes: dict[str, Hole], entity: str) -> None:
        self._holes, self._entity = holes, entity

    def table(self, relation: RelationHole, alias: str) -> exp.Expr:
        return super().table(ReadBy(relation, self._entity) if isinstance(relation, Relation) else relation, alias)
