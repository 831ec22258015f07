"""The logical plan: which scans, columns, flags and memberships a project needs, before any SQL.

A plan is read from the bottom up. Per entity: scans of its events and related rows; columns measured from them, one value an
entity; then levels of derived columns (traits, and flags of the segments that others refer to), each level reading only
those before it. The last word, who is a member, is a predicate over those columns, kept per segment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from segwh import ir
from segwh.catalog.model import Entity
from segwh.semantics import Bound


@dataclass(frozen=True, slots=True)
class LookupKey:
    """The value by which a lookup of the entity finds its row, where it is asked of which segments that is a member."""

    lookup: str


FactKey = ir.Field | ir.Measured | ir.RowHolds | ir.Sequence | LookupKey
"""What a column of level 0 stands for: an attribute, a value measured over rows, a truth about them, the key of a lookup."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One pass over an event or related relation, shared by every measure of it.

    `fields` are the properties it must yield, in catalog order. `ordered`: some measure picks a first or last row, so the
    columns that break ties (id and every declared property) are needed too. `days`: the local day of each row is needed.
    `earliest`: no measure looks further back than the least of these bounds; empty when one looks at all time.
    """

    kind: Literal["event", "related"]
    name: str
    fields: tuple[ir.Field, ...]
    ordered: bool = False
    days: bool = False
    earliest: tuple[Bound, ...] = ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows of an event that pass one condition in one stretch of time, and what is measured over them."""

    rows: ir.Rows
    measured: tuple[ir.Measured, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """Measures put together from disjoint stretches (see plan.stretches). `parts`: a measure -> the places of its stretches."""

    stretches: tuple[Stretch, ...]
    parts: Mapping[ir.Measured, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Share:
    """Measures of rows that want a field to have one of some values (see plan.shares). `earliest`: none of them looks further
    back than the least of these; empty when one looks at all time. `asked`: a measure -> the rows that it is of, among those.
    """

    values: ir.OneOf
    earliest: tuple[Bound, ...]
    asked: Mapping[ir.Measured, ir.Rows]


@dataclass(frozen=True, slots=True)
class Stored:
    """When a key entered a segment according to the log: null for who is not in it. `grain` is that of the segment."""

    segment: str
    grain: str
    column: str


@dataclass(frozen=True, slots=True)
class Since:
    """When a key entered a segment that it was in before this as-of: null for who was not."""

    segment: str
    grain: str
    column: str


@dataclass(frozen=True, slots=True)
class Left:
    """When a key last left a segment before this as-of: null for who never did."""

    segment: str
    grain: str
    column: str


@dataclass(frozen=True, slots=True)
class Frozen:
    """Whether a static segment was already evaluated with this very rule."""

    segment: str
    grain: str
    rule_hash: str
    column: str


@dataclass(frozen=True, slots=True)
class TraitColumn:
    """A trait, or one part of an rfm trait, as a column."""

    column: str
    trait: str
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Bucket:
    """The bucket, 0 to 9999, of a row's member key under the seed of a split segment."""

    column: str
    segment: str


@dataclass(frozen=True, slots=True)
class Eligible:
    """Whether a row passes everything before the limit of a limited segment."""

    column: str
    segment: str


@dataclass(frozen=True, slots=True)
class WithinLimit:
    """Whether an eligible row is among the best of its group in a limited segment; null for the others.

    For an aggregated segment only the representative of each value competes.
    """

    column: str
    segment: str


@dataclass(frozen=True, slots=True)
class Representative:
    """Whether the row stands for its value in an aggregated, limited segment."""

    column: str
    segment: str


@dataclass(frozen=True, slots=True)
class Flag:
    """Membership of a segment that others refer to; for an aggregated one, whether the row's value is a member."""

    column: str
    segment: str


@dataclass(frozen=True, slots=True)
class Behind:
    """Whether the row that a lookup finds is a member of a segment of its own entity, which may be this one."""

    column: str
    reference: ir.MemberOf
    key: str
    """The column that holds the value by which the lookup finds it."""
    entity: str
    """Whose segment it is."""


Derived = TraitColumn | Bucket | Eligible | WithinLimit | Representative | Flag | Behind


@dataclass(frozen=True, slots=True)
class SegmentPlan:
    """Who is in a segment, in terms of the entity's columns. Names in `suppressed_by` and `earlier` are flag columns."""

    segment: ir.Segment
    rule_hash: str
    suppressed_by: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    flag: str | None = None
    eligible: str | None = None
    within_limit: str | None = None
    representative: str | None = None
    stored: str | None = None
    since: str | None = None
    left: str | None = None
    frozen: str | None = None
    parent: str | None = None
    """The flag of the segment that this one is a variant of."""
    bucket: str | None = None
    """The column of the bucket that decides about a variant."""

    @property
    def name(self) -> str:
        """The segment's name."""
        return self.segment.name


@dataclass(frozen=True, slots=True)
class EntityPlan:
    """Everything that is computed once per entity."""

    entity: Entity
    scans: tuple[Scan, ...]
    columns: Mapping[FactKey, str]
    """Level 0, in the order in which the columns stand in the facts."""
    means: Mapping[ir.Measured, tuple[str, str]]
    """Averages of exact numbers -> the columns of their sum and number, so that comparisons need no rounding."""
    cuts: Mapping[tuple[str, str], Cut]
    """(kind, name) of a scan -> how its measures may be cut into stretches, for engines where that is faster."""
    shares: Mapping[tuple[str, str], tuple[Share, ...]]
    """(kind, name) of a scan -> the parts that its measures may be grouped in, for engines where that is faster."""
    stored: tuple[Stored, ...]
    since: tuple[Since, ...]
    left: tuple[Left, ...]
    frozen: tuple[Frozen, ...]
    levels: tuple[tuple[Derived, ...], ...]
    traits: Mapping[tuple[str, str | None], str]
    """(trait, part) -> its column."""
    segments: tuple[SegmentPlan, ...]
    behind: Mapping[ir.MemberOf, str]
    """References through lookups -> their column."""
    created_at: str | None
    """The column that holds the canonical creation time, when the entity declares one."""

    @property
    def reads(self) -> tuple[str, ...]:
        """The other entities whose facts these are computed from."""
        found = (node.entity for level in self.levels for node in level if isinstance(node, Behind))
        return tuple(dict.fromkeys(name for name in found if name != self.entity.name))

    @property
    def fact_columns(self) -> tuple[str, ...]:
        """The columns of the facts, in order: key, creation, attributes and measures, the log's, traits and memberships."""
        columns = [self.entity.key.name, *([self.created_at] if self.created_at else []), *self.columns.values()]
        columns += [name for pair in self.means.values() for name in pair]
        columns += [one.column for known in (self.stored, self.since, self.left, self.frozen) for one in known]
        columns += [node.column for level in self.levels for node in level]
        return tuple(dict.fromkeys(columns))

    def segment(self, name: str) -> SegmentPlan | None:
        """The plan of the segment of that name, or None."""
        return next((segment for segment in self.segments if segment.name == name), None)


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan of a project, one entry per entity of the catalog."""

    project: ir.Project
    entities: tuple[EntityPlan, ...]

    def entity(self, name: str) -> EntityPlan:
        """The plan of the entity of that name. Raises KeyError."""
        for entity in self.entities:
            if entity.entity.name == name:
                return entity
        raise KeyError(name)

    def with_all_read(self, entities: Iterable[EntityPlan]) -> tuple[EntityPlan, ...]:
        """The given entities and those whose facts they are computed from, each after what it reads."""
        found: dict[str, EntityPlan] = {}
        for one in entities:
            before = self.with_all_read(self.entity(name) for name in one.reads)
            found |= {plan.entity.name: plan for plan in (*before, one)}
        return tuple(found.values())

    def grain_entity(self, grain: str) -> EntityPlan:
        """The plan of the entity whose rows make up a grain. Raises KeyError."""
        for entity in self.entities:
            if grain == entity.entity.name or any(plan.segment.grain == grain for plan in entity.segments):
                return entity
        raise KeyError(grain)

    @property
    def grains(self) -> tuple[str, ...]:
        """The grains that have segments, in the order of entities, then of segments."""
        return tuple(dict.fromkeys(plan.segment.grain for entity in self.entities for plan in entity.segments))
