"""Rows, bound rules and an as-of in; the members of every segment, why others left, and every trait out.

This is the second opinion on the compiled SQL, written from the laws alone: no plan, no SQL, no thought for speed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import md5

from segwh import ir
from segwh.reference.people import People
from segwh.reference.records import Expressions, Record, Row, Warehouse
from segwh.reference.values import Key, Value, key_text, order, shown
from segwh.reference.windows import Moment, moved
from segwh.types import Relation

Members = frozenset[Key]


@dataclass(frozen=True, slots=True)
class Before:
    """What earlier runs left: open stays with the instant of entry, last exits, and what a freeze keeps.

    Memory is that of before as-of: `exited_at` has no exit at it, `entered_at` has who left at it, and who entered at it counts
    as out until now.
    `frozen` holds a static segment once it was computed (as computed: suppression hides, it does not remove, ruling B21), and
    may hold any other frozen one; without an entry an inactive, expired or kept segment keeps its open stays. `kept` names
    segments that keep their last good version in this run.
    """

    entered_at: Mapping[str, Mapping[Key, datetime]] = field(default_factory=dict)
    exited_at: Mapping[str, Mapping[Key, datetime]] = field(default_factory=dict)
    frozen: Mapping[str, Members] = field(default_factory=dict)
    kept: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outcome:
    """One segment at as-of: members, why each former member is none any more, and what is shown beside."""

    members: Members
    reasons: Mapping[Key, str]
    left_out: int
    """Entities that would be members but have no value of `aggregate_on`."""
    representatives: Mapping[Key, Key]
    """The key of the entity that stands for each member of an aggregated segment."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything at one as-of: outcomes by segment, and traits by (entity, trait), then key; an rfm trait gives its parts."""

    segments: Mapping[str, Outcome]
    traits: Mapping[tuple[str, str], Mapping[Key, Value | Mapping[str, Value]]]

    def members(self, segment: str) -> Members:
        """The members of a segment. Raises KeyError for an unknown name."""
        return self.segments[segment].members


def evaluate(
    project: ir.Project,
    rows: Mapping[Relation, Sequence[Row]],
    as_of: datetime,
    before: Before | None = None,
    expressions: Expressions | None = None,
) -> Evaluation:
    """Evaluate every segment and trait of a project at an aware as-of.

    Rows hold Python values by physical column: str, int, float, Decimal, bool, date, datetime (UTC when naive), list.
    `expressions` says what the `sql` of a column gives for a row. Raises DuplicateRowsError for two rows of one key in an
    entity or in a lookup that is used, BadCellError for a cell of another type than its column's.
    """
    warehouse = Warehouse(rows, Moment(as_of.astimezone(UTC), project.settings.calendar), expressions or {})
    run = Run(project, warehouse, before or Before())
    segments = {segment.name: run.outcome(segment.name) for segment in project.segments}
    return Evaluation(segments, {(trait.entity, trait.name): run.trait_values(trait) for trait in project.traits})


@dataclass(frozen=True, slots=True)
class Candidates:
    """The keys of a grain and who of them stands where, before groups and limits."""

    existing: dict[Key, list[Record]]
    suppressed: Members
    excluded: Members
    in_time: Members
    included: dict[Key, list[Record]]
    """Keys that pass time to live and include, with the entities that pass."""
    left_out: int


class Run:
    """One evaluation: segments are worked out when first asked for, so references and groups find each other."""

    def __init__(self, project: ir.Project, warehouse: Warehouse, before: Before) -> None:
        self.project = project
        self.before = before
        self.moment = warehouse.moment
        self.warehouse = warehouse
        self._people: dict[str, People] = {}
        self._found: dict[str, Candidates] = {}
        self._outcomes: dict[str, Outcome] = {}

    def people(self, entity: str) -> People:
        """The entities of a kind."""
        if entity not in self._people:
            self._people[entity] = People(self.project, self.project.entity(entity), self.warehouse, self.refers)
        return self._people[entity]

    def trait_values(self, trait: ir.Trait) -> dict[Key, Value | Mapping[str, Value]]:
        """A trait of every entity that exists; an rfm trait as its parts, of those that have a row."""
        people = self.people(trait.entity)
        if isinstance(trait.definition, ir.Rfm):
            return dict(people.rfm(trait, trait.definition))
        return {record.key: shown(people.trait(trait, None, record)) for record in people.records}

    def outcome(self, name: str) -> Outcome:
        """The outcome of a segment."""
        if name not in self._outcomes:
            segment = self.project.segment(name)
            self._outcomes[name] = self._settled(segment) if segment.variant_of is None else self._variant(segment)
        return self._outcomes[name]

    # --- references ---

    def refers(self, reference: ir.MemberOf, record: Record) -> bool:
        """Whether an entity's record, or what a lookup finds for it, is a member of the referenced segment, at that segment's
        own grain (law 14).
        """
        segment = self.project.segment(reference.segment)
        if reference.through is not None:
            found = self.people(segment.entity).of_key(self.warehouse.key_behind(record, reference.through))
            if found is None:
                return False
            record = found
        key = self.grain_key(segment, record)
        if key is None or key not in self.outcome(segment.name).members:
            return False
        entered = self.before.entered_at.get(segment.name, {}).get(key, self.moment.as_of)
        if reference.entered_within is not None:
            return moved(self.moment.as_of, -1, reference.entered_within, self.moment) < entered <= self.moment.as_of
        if reference.held_for is not None:
            return entered <= moved(self.moment.as_of, -1, reference.held_for, self.moment)
        return True

    def grain_key(self, segment: ir.Segment, record: Record) -> Key | None:
        """What an entity's record counts as in a segment: its key, or its value of `aggregate_on`."""
        if segment.aggregate_on is None:
            return record.key
        value = self.people(segment.entity).value(segment.aggregate_on, record)
        assert value is None or isinstance(value, str | int)
        return value

    # --- members ---

    def _settled(self, segment: ir.Segment) -> Outcome:
        found = self.candidates(segment)
        kept = self._frozen(segment)
        if kept is not None:
            return self._outcome(segment, (kept & set(found.existing)) - found.suppressed - self._earlier(segment))
        eligible = self._within_stay(segment, set(found.included) - found.excluded - found.suppressed)
        if any(name in self.before.kept for name in self.project.suppressions(segment)):
            # Consent must not fail open: while a suppression segment is kept, nobody new comes in (ruling A5).
            eligible &= set(self.before.entered_at.get(segment.name, {}))
        free = eligible - self._earlier(segment)
        members = frozenset(free if segment.limit is None else self._best(segment, segment.limit, found, free))
        return self._outcome(segment, members | self._always(segment, found))

    def _earlier(self, segment: ir.Segment) -> Members:
        """The final members of the segments that go before one in its groups."""
        return frozenset[Key]().union(*(self.outcome(name).members for name in self.project.earlier_in_group(segment.name)))

    def candidates(self, segment: ir.Segment) -> Candidates:
        """Who stands where in a segment."""
        if segment.name not in self._found:
            self._found[segment.name] = self._candidates(segment)
        return self._found[segment.name]

    def _candidates(self, segment: ir.Segment) -> Candidates:
        people = self.people(segment.entity)
        existing: dict[Key, list[Record]] = {}
        included: dict[Key, list[Record]] = {}
        in_time, excluded, suppressed, left_out = set[Key](), set[Key](), set[Key](), 0
        for record in people.records:
            key = self.grain_key(segment, record)
            out = any(people.holds(rule.predicate, record) for rule in segment.exclude)
            hidden = any(self.refers(ir.MemberOf(name), record) for name in self.project.suppressions(segment))
            young = self._is_within_time_to_live(segment, record)
            passes = young and all(people.holds(rule.predicate, record) for rule in segment.include)
            if key is None:
                left_out += passes and not out and not hidden
                continue
            existing.setdefault(key, []).append(record)
            excluded |= {key} if out else set()
            suppressed |= {key} if hidden else set()
            in_time |= {key} if young else set()
            if passes:
                included.setdefault(key, []).append(record)
        return Candidates(existing, frozenset(suppressed), frozenset(excluded), frozenset(in_time), included, left_out)

    def _is_within_time_to_live(self, segment: ir.Segment, record: Record) -> bool:
        if segment.time_to_live is None:
            return True
        oldest = moved(self.moment.as_of, -1, segment.time_to_live, self.moment)
        return record.time is not None and oldest <= record.time

    def _frozen(self, segment: ir.Segment) -> Members | None:
        """The set that a frozen segment keeps; None for one that is calculated (law 13)."""
        expired = segment.expires_at is not None and self.moment.as_of >= segment.expires_at
        held = segment.status == "inactive" or expired or segment.name in self.before.kept
        if held or (segment.type == "static" and segment.name in self.before.frozen):
            return self.before.frozen.get(segment.name, frozenset(self.before.entered_at.get(segment.name, {})))
        return None

    def _within_stay(self, segment: ir.Segment, keys: set[Key]) -> set[Key]:
        """Those whose stay is not over, and whose last one is long enough ago."""
        if segment.stay is None:
            return keys
        entered = self.before.entered_at.get(segment.name, {})
        exited = self.before.exited_at.get(segment.name, {})
        too_long, too_soon = set[Key](), set[Key]()
        if segment.stay.at_most is not None:
            since = moved(self.moment.as_of, -1, segment.stay.at_most, self.moment)
            too_long = {key for key, at in entered.items() if at <= since}
        if segment.stay.again_after is not None:
            since = moved(self.moment.as_of, -1, segment.stay.again_after, self.moment)
            was_in = {key for key, at in entered.items() if at < self.moment.as_of}
            too_soon = {key for key, at in exited.items() if key not in was_in and at > since}
        return keys - too_long - too_soon

    def _always(self, segment: ir.Segment, found: Candidates) -> Members:
        """The listed keys that exist, whatever the rule says."""
        if segment.always is None:
            return frozenset()
        entity = self.project.entity(segment.entity)
        column = entity.key if segment.aggregate_on is None else entity.attribute(segment.aggregate_on.name)
        assert column is not None
        name = column.column if column.sql is None else column.name
        return frozenset(key for key in found.existing if key in self.warehouse.keys(segment.always, name))

    def _best(self, segment: ir.Segment, limit: ir.Limit, found: Candidates, keys: Collection[Key]) -> set[Key]:
        """The best by the limit's operand, within each group of `per`; the values are those of each key's representative."""
        people = self.people(segment.entity)
        stand_in = {key: self._representative(found.included[key]) for key in keys}
        groups: dict[object, list[Key]] = {}
        for key in keys:
            group = () if limit.per is None else people.value(limit.per, stand_in[key])
            if group is not None:
                groups.setdefault(group, []).append(key)
        best = set[Key]()
        for group_keys in groups.values():
            by = {key: shown(people.value(limit.by, stand_in[key])) for key in group_keys}
            ranked = sorted((key for key in group_keys if by[key] is not None), key=order)
            ranked.sort(key=lambda key: order(by[key]), reverse=limit.order == "desc")
            ranked += sorted((key for key in group_keys if by[key] is None), key=order)
            best |= set(ranked[: _room(limit, len(ranked))])
        return best

    def _representative(self, records: Iterable[Record]) -> Record:
        """The latest created, then the smallest key (law 12)."""
        ordered = sorted(records, key=lambda record: order(record.key))
        ordered.sort(key=lambda record: order(record.time), reverse=True)
        return ordered[0]

    def _variant(self, segment: ir.Segment) -> Outcome:
        """Members of the whole whose bucket belongs to the variant (law 16)."""
        assert segment.variant_of is not None
        whole, variant = segment.variant_of
        split = self.project.segment(whole).split
        assert split is not None
        return self._outcome(
            segment, frozenset(key for key in self.outcome(whole).members if _variant_name(split, key) == variant)
        )

    # --- what is shown beside ---

    def _outcome(self, segment: ir.Segment, members: Members) -> Outcome:
        found = self.candidates(self._whole(segment))
        representatives: dict[Key, Key] = {}
        if segment.aggregate_on is not None:
            representatives = {key: self._representative(found.included.get(key, found.existing[key])).key for key in members}
        former = self.before.entered_at.get(segment.name, {})
        reasons = {key: self._reason(segment, key) for key in former if key not in members}
        # Without a value there is no bucket: such an entity is left out of the whole, and of no variant.
        left_out = found.left_out if segment.variant_of is None else 0
        return Outcome(members, reasons, left_out, representatives)

    def _whole(self, segment: ir.Segment) -> ir.Segment:
        """The segment itself, or the one that a variant was made from."""
        return segment if segment.variant_of is None else self.project.segment(segment.variant_of[0])

    def _reason(self, segment: ir.Segment, key: Key) -> str:
        """Why a key is no member: the first reason that applies."""
        if segment.variant_of is not None:
            whole = self._whole(segment)
            return "rule" if key in self.outcome(whole.name).members else self._reason(whole, key)
        found, is_lost = self.candidates(segment), key in self._earlier(segment)
        if key not in found.existing:
            return "gone"
        if key in found.suppressed:
            return "suppressed"
        if self._frozen(segment) is not None:
            return "priority" if is_lost else "rule"
        if key in found.excluded:
            return "excluded"
        if key not in found.in_time:
            return "time_to_live"
        if key not in found.included or not self._within_stay(segment, {key}):
            return "rule"
        return "priority" if is_lost else "limit"


def _room(limit: ir.Limit, eligible: int) -> int:
    if limit.top is not None:
        return limit.top
    assert limit.percent is not None
    share = Decimal(eligible) * limit.percent / 100
    return int(share.to_integral_value("ROUND_CEILING"))


def bucket(seed: str, key: Key) -> int:
    """The bucket of a key: 0 to 9999 (law 16)."""
    return int(md5(f"{seed}:{key_text(key)}".encode(), usedforsecurity=False).hexdigest()[:7], 16) % 10_000


def _variant_name(split: ir.Split, key: Key) -> str | None:
    upper = 0
    for name, basis_points in split.variants:
        upper += basis_points
        if bucket(split.seed, key) < upper:
            return name
    return None
