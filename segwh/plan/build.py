"""Bound rules in, logical plan out: for each entity the needs are collected, named, and put in order of dependency."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeVar

from segwh import ir
from segwh.catalog.model import Entity
from segwh.plan import reads
from segwh.plan.names import Names, bound_name, column_name, measured_words, predicate_words
from segwh.plan.nodes import (
    Behind,
    Bucket,
    Cut,
    Derived,
    Eligible,
    EntityPlan,
    FactKey,
    Flag,
    Frozen,
    Left,
    LookupKey,
    Plan,
    Representative,
    Scan,
    SegmentPlan,
    Share,
    Since,
    Stored,
    TraitColumn,
    WithinLimit,
)
from segwh.plan.shares import shares
from segwh.plan.stretches import cut
from segwh.semantics import Bound

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Draft:
    """An entity's plan while the passes work on it; each pass fills in what the next one reads."""

    project: ir.Project
    entity: Entity
    rule_hashes: Mapping[str, str]
    flagged: frozenset[str]
    """Segments that need a column of their own."""
    asked: tuple[ir.MemberOf, ...]
    """The references to its segments, from wherever."""
    owners: Mapping[str, str]
    """Whose each segment is."""
    names: Names
    segments: tuple[ir.Segment, ...] = ()
    traits: tuple[ir.Trait, ...] = ()
    columns: Mapping[FactKey, str] = field(default_factory=dict)
    trait_columns: Mapping[tuple[str, str | None], str] = field(default_factory=dict)
    means: Mapping[ir.Measured, tuple[str, str]] = field(default_factory=dict)
    created_at: str | None = None
    stored: tuple[Stored, ...] = ()
    since: tuple[Since, ...] = ()
    left: tuple[Left, ...] = ()
    frozen: tuple[Frozen, ...] = ()
    plans: tuple[SegmentPlan, ...] = ()
    behind: Mapping[ir.MemberOf, str] = field(default_factory=dict)
    derived: tuple[Derived, ...] = ()
    levels: tuple[tuple[Derived, ...], ...] = ()
    scans: tuple[Scan, ...] = ()
    cuts: Mapping[tuple[str, str], Cut] = field(default_factory=dict)
    shares: Mapping[tuple[str, str], tuple[Share, ...]] = field(default_factory=dict)


Pass = Callable[[Draft], Draft]


def build(
    project: ir.Project, rule_hashes: Mapping[str, str], flagged: Iterable[str] = (), *, with_scans: bool = True
) -> Plan:
    """The plan of a project. `rule_hashes` by segment name; `flagged` asks for a membership column of more segments.

    Without scans it says which columns there are, and not how they are measured, which takes most of the time.
    """
    more, owners = frozenset(flagged), {segment.name: segment.entity for segment in project.segments}
    asked: dict[str, list[ir.MemberOf]] = {}
    for read in _all_reads(project.segments, project.traits):
        if isinstance(read, ir.MemberOf):
            asked.setdefault(owners[read.segment], []).append(read)
    planned = (
        _planned(
            Draft(project, entity, rule_hashes, more, tuple(asked.get(entity.name, ())), owners, _names(entity)),
            (*COLUMNS, *SCANS) if with_scans else COLUMNS,
        )
        for entity in project.catalog.entities
    )
    return Plan(project, tuple(planned))


def _names(entity: Entity) -> Names:
    return Names({entity.key.name, *(column.name for column in entity.attributes)})


def _planned(draft: Draft, rules: Iterable[Pass]) -> EntityPlan:
    for rule in rules:
        draft = rule(draft)
    return EntityPlan(
        entity=draft.entity,
        scans=draft.scans,
        columns=MappingProxyType(dict(draft.columns)),
        means=MappingProxyType(dict(draft.means)),
        cuts=MappingProxyType(dict(draft.cuts)),
        shares=MappingProxyType(dict(draft.shares)),
        stored=draft.stored,
        since=draft.since,
        left=draft.left,
        frozen=draft.frozen,
        levels=draft.levels,
        traits=MappingProxyType(dict(draft.trait_columns)),
        segments=draft.plans,
        behind=MappingProxyType(dict(draft.behind)),
        created_at=draft.created_at,
    )


# --- the passes, in order -----------------------------------------------------------------------------------------------


def select_rules(draft: Draft) -> Draft:
    """Takes the traits and segments of the entity, and finds the segments that others refer to."""
    segments = tuple(segment for segment in draft.project.segments if segment.entity == draft.entity.name)
    traits = tuple(trait for trait in draft.project.traits if trait.entity == draft.entity.name)
    flagged = {*draft.flagged, *(reference.segment for reference in draft.asked)}
    for segment in segments:
        flagged.update(draft.project.suppressions(segment))
        flagged.update(draft.project.earlier_in_group(segment.name))
        if segment.variant_of is not None:
            flagged.add(segment.variant_of[0])
        if segment.limit is not None or segment.split is not None or (segment.always and segment.aggregate_on):
            flagged.add(segment.name)
    return replace(draft, segments=segments, traits=traits, flagged=frozenset(flagged))


def name_traits(draft: Draft) -> Draft:
    """Gives every trait its column under its own name (`rfm__recency` for a part)."""
    columns: dict[tuple[str, str | None], str] = {}
    for trait in draft.traits:
        parts = tuple(ir.RFM_PART_TYPES) if isinstance(trait.definition, ir.Rfm) else (None,)
        for part in parts:
            name = trait.name if part is None else f"{trait.name}__{part}"
            columns[trait.name, part] = draft.names.take(name, trait)
    return replace(draft, trait_columns=columns)


def collect_columns(draft: Draft) -> Draft:
    """Lists attributes, measures, row truths once each. A measure that is a trait bears the trait's name."""
    columns: dict[FactKey, str] = {}
    for trait in draft.traits:
        if isinstance(trait.definition, ir.Measured):
            columns.setdefault(trait.definition, draft.trait_columns[trait.name, None])
    for read in (*_all_reads(draft.segments, draft.traits), *_audience_columns(draft)):
        if isinstance(read, ir.MemberOf):
            if read.through is None:
                continue
            read = LookupKey(read.through)
        if not isinstance(read, ir.TraitValue) and read not in columns:
            columns[read] = _column_name(read, draft)
    fields = {key: name for key, name in columns.items() if isinstance(key, ir.Field)}
    created_at = None if draft.entity.created_at is None else draft.names.take("created_at", draft.entity.created_at)
    averages = [key for key in columns if isinstance(key, ir.Measured) and key.is_exact_mean]
    means = {key: _mean_columns(key, columns[key], draft) for key in averages}
    return replace(draft, columns=fields | columns, means=means, created_at=created_at)


def plan_segments(draft: Draft) -> Draft:
    """Names the flags and their helpers, and says what is read from the log."""
    names = draft.names
    flags = {s.name: names.take(f"in_{s.name}", ("flag", s.name)) for s in draft.segments if s.name in draft.flagged}
    held = {one.segment for one in draft.asked if one.entered_within is not None or one.held_for is not None}
    buckets = {s.name: names.take(f"{s.name}__bucket", ("bucket", s.name)) for s in draft.segments if s.split is not None}
    plans, stored, since, left, frozen = [], [], [], [], []
    for segment in draft.segments:
        is_flag = segment.name in flags and segment.variant_of is None
        rule_hash = draft.rule_hashes.get(segment.name, "")
        plan = SegmentPlan(
            segment=segment,
            rule_hash=rule_hash,
            suppressed_by=tuple(flags[name] for name in _once(draft.project.suppressions(segment)) if name in flags),
            earlier=tuple(flags[name] for name in draft.project.earlier_in_group(segment.name)),
            flag=flags.get(segment.name),
            parent=None if segment.variant_of is None else flags[segment.variant_of[0]],
            bucket=buckets[segment.name if segment.variant_of is None else segment.variant_of[0]]
            if segment.split is not None or segment.variant_of is not None
            else None,
        )
        if segment.limit is not None:
            plan = replace(
                plan,
                eligible=names.take(f"{segment.name}__eligible", ("eligible", segment.name)),
                within_limit=names.take(f"{segment.name}__within_limit", ("within_limit", segment.name)),
            )
            if segment.aggregate_on is not None:
                wanted = f"{segment.name}__representative"
                plan = replace(plan, representative=names.take(wanted, ("representative", segment.name)))
        if is_flag and can_freeze(segment):
            column = names.take(f"{segment.name}__entered_at", ("entered_at", segment.name))
            plan = replace(plan, stored=column)
            stored.append(Stored(segment.name, segment.grain, column))
        if segment.name in held or segment.stay is not None:
            column = names.take(f"{segment.name}__member_since", ("member_since", segment.name))
            plan = replace(plan, since=column)
            since.append(Since(segment.name, segment.grain, column))
        if segment.stay is not None and segment.stay.again_after is not None:
            column = names.take(f"{segment.name}__left_at", ("left_at", segment.name))
            plan = replace(plan, left=column)
            left.append(Left(segment.name, segment.grain, column))
        if is_flag and segment.type == "static" and segment.status == "active":
            column = names.take(f"{segment.name}__is_frozen", ("is_frozen", segment.name))
            plan = replace(plan, frozen=column)
            frozen.append(Frozen(segment.name, segment.grain, rule_hash, column))
        plans.append(plan)
    return replace(draft, plans=tuple(plans), stored=tuple(stored), since=tuple(since), left=tuple(left), frozen=tuple(frozen))


def name_references(draft: Draft) -> Draft:
    """Gives every reference through a lookup its column."""
    reads_ = _all_reads(draft.segments, draft.traits)
    references = _once(read for read in reads_ if isinstance(read, ir.MemberOf) and read.through is not None)
    return replace(draft, behind={one: draft.names.take(predicate_words(one), one) for one in references})


def can_freeze(segment: ir.Segment) -> bool:
    """Whether a segment may, now or in another run, keep stored members instead of being calculated."""
    return segment.type == "static" or segment.status == "inactive" or segment.expires_at is not None


def collect_derived(draft: Draft) -> Draft:
    """Lists the columns that are computed from others: traits other than plain measures, then flags with their helpers."""
    derived: list[Derived] = []
    for (name, part), column in draft.trait_columns.items():
        definition = draft.project.trait(draft.entity.name, name).definition
        if not (isinstance(definition, ir.Measured) and draft.columns[definition] == column):
            derived.append(TraitColumn(column, name, part))
    for plan in draft.plans:
        if plan.segment.split is not None and plan.bucket is not None:
            derived.append(Bucket(plan.bucket, plan.name))
        if plan.flag is None:
            continue
        if plan.eligible is not None and plan.within_limit is not None:
            derived.append(Eligible(plan.eligible, plan.name))
            if plan.representative is not None:
                derived.append(Representative(plan.representative, plan.name))
            derived.append(WithinLimit(plan.within_limit, plan.name))
        derived.append(Flag(plan.flag, plan.name))
    for reference, column in draft.behind.items():
        key = draft.columns[LookupKey(reference.through or "")]
        derived.append(Behind(column, reference, key, draft.owners[reference.segment]))
    return replace(draft, derived=tuple(derived))


def order_levels(draft: Draft) -> Draft:
    """Puts each derived column one level above the highest that it reads."""
    by_column = {node.column: node for node in draft.derived}
    level: dict[str, int] = {}

    def height(column: str) -> int:
        if column not in level:
            below = [height(other) for other in _columns_read(by_column[column], draft) if other in by_column]
            level[column] = 1 + max(below, default=0)
        return level[column]

    top = max((height(column) for column in by_column), default=0)
    levels = tuple(tuple(node for node in draft.derived if level[node.column] == number) for number in range(1, top + 1))
    return replace(draft, levels=levels)


def plan_scans(draft: Draft) -> Draft:
    """Gathers the measures by event or related relation: one scan each, with the columns and the stretch of time they need."""
    return replace(draft, scans=scans_of(draft.entity, draft.columns))


def cut_measures(draft: Draft) -> Draft:
    """Says which measures may be added up from disjoint stretches of time instead (plan.stretches draws it), and which may be
    grouped apart (plan.shares does).
    """
    return replace(draft, cuts=cut(draft.entity, draft.columns), shares=shares(draft.entity, draft.columns))


COLUMNS: tuple[Pass, ...] = (
    select_rules,
    name_traits,
    collect_columns,
    plan_segments,
    name_references,
    collect_derived,
    order_levels,
)
"""The passes that say which columns there are."""
SCANS: tuple[Pass, ...] = (plan_scans, cut_measures)
"""The passes that say how they are measured."""


def scans_of(entity: Entity, columns: Iterable[FactKey]) -> tuple[Scan, ...]:
    """The scans that columns of level 0 are measured from, events first, in the order of the catalog."""
    uses: dict[tuple[str, str], list[_Use]] = {}
    for key in columns:
        for rows, use in _uses(key):
            uses.setdefault((rows.kind, rows.name), []).append(use)
    scans = [_scan(entity, "event", event.name, uses.get(("event", event.name))) for event in entity.events]
    scans += [_scan(entity, "related", rows.name, uses.get(("related", rows.name))) for rows in entity.related]
    return tuple(scan for scan in scans if scan is not None)


# --- helpers of the passes ----------------------------------------------------------------------------------------------


def _once(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))


def _all_reads(segments: Iterable[ir.Segment], traits: Iterable[ir.Trait]) -> Iterator[reads.Read]:
    for trait in traits:
        yield from reads.of_trait(trait)
    for segment in segments:
        yield from reads.of_segment(segment)


def _audience_columns(draft: Draft) -> Iterator[ir.Field]:
    """Attributes that audience views show beside the key."""
    for segment in draft.segments:
        for name in segment.activate or ():
            column = draft.entity.attribute(name)
            if column is not None:
                yield ir.Field(column.name, column.type)


def _mean_columns(key: ir.Measured, name: str, draft: Draft) -> tuple[str, str]:
    return draft.names.take(f"{name}__sum", ("sum", key)), draft.names.take(f"{name}__number", ("number", key))


def _column_name(key: FactKey, draft: Draft) -> str:
    match key:
        case ir.Field(name, _, None):
            return name
        case ir.Field():
            return draft.names.take(column_name(key), key)
        case ir.Measured():
            return draft.names.take(measured_words(key), key)
        case LookupKey(lookup):
            return draft.names.take(f"{lookup.replace('.', '__')}__key", key)
        case _:
            return draft.names.take(predicate_words(key), key)


def _columns_read(node: Derived, draft: Draft) -> Iterator[str]:
    """The columns that a derived column is computed from, as far as they are derived themselves."""
    if isinstance(node, TraitColumn):
        trait = draft.project.trait(draft.entity.name, node.trait)
        yield from _rfm_parts_read(node, draft)
        yield from _as_columns(reads.of_trait(trait), draft)
        return
    if isinstance(node, Behind):
        yield from (plan.flag for plan in draft.plans if plan.name == node.reference.segment and plan.flag is not None)
        return
    plan = next(plan for plan in draft.plans if plan.name == node.segment)
    if isinstance(node, Bucket):
        return
    if plan.bucket is not None and plan.parent is not None:
        yield plan.bucket
    yield from plan.suppressed_by
    yield from plan.earlier
    if plan.parent is not None:
        yield plan.parent
    yield from _as_columns(reads.of_segment(plan.segment), draft)
    helpers = (plan.eligible, plan.representative, plan.within_limit, plan.flag)
    for helper in helpers[: helpers.index(node.column)]:
        if helper is not None:
            yield helper


def _rfm_parts_read(node: TraitColumn, draft: Draft) -> Iterator[str]:
    if node.part in ("cell", "name"):
        for part in ("recency_score", "frequency_score", "monetary_score"):
            yield draft.trait_columns[node.trait, part]
    elif node.part is not None and node.part.endswith("_score"):
        yield draft.trait_columns[node.trait, node.part.removesuffix("_score")]


def _as_columns(found: Iterator[reads.Read], draft: Draft) -> Iterator[str]:
    for read in found:
        if isinstance(read, ir.TraitValue):
            yield draft.trait_columns[read.trait, read.part]
        elif isinstance(read, ir.MemberOf) and read.through is not None:
            yield draft.behind[read]
        elif isinstance(read, ir.MemberOf):
            flag = next(plan.flag for plan in draft.plans if plan.name == read.segment)
            assert flag is not None
            yield flag


@dataclass(frozen=True, slots=True)
class _Use:
    fields: tuple[ir.Field, ...]
    start: Bound | None
    ordered: bool = False
    days: bool = False


def _uses(key: FactKey) -> Iterator[tuple[ir.Rows, _Use]]:
    """What one level 0 column asks of the scans it reads."""
    match key:
        case ir.Field() | LookupKey():
            return
        case ir.Measured(rows, measure, _):
            of = measure.by if isinstance(measure, ir.Count) else getattr(measure, "of", None)
            fields = (*reads.of_rows(rows.where), *(() if of is None else (of,)))
            yield rows, _Use(fields, _start(rows), isinstance(measure, ir.EdgeValue), isinstance(measure, ir.Days))
        case ir.RowHolds(rows, _, where):
            yield rows, _Use((*reads.of_rows(rows.where), *reads.of_rows(where)), _start(rows), ordered=True)
        case ir.Sequence(steps, window):
            for number, step in enumerate(steps):
                # The property that a later step wants to be the same is read from this step's rows too.
                same = tuple(field for later in steps[number:] for field in later.same)
                rows = ir.Rows("event", step.event, step.where, window)
                yield rows, _Use((*reads.of_rows(step.where), *same), _start(rows))


def _start(rows: ir.Rows) -> Bound | None:
    return None if rows.window is None else rows.window.start


def _scan(entity: Entity, kind: str, name: str, uses: list[_Use] | None) -> Scan | None:
    if uses is None:
        return None
    source = entity.event(name) if kind == "event" else entity.related_rows(name)
    assert source is not None
    wanted = {(field.lookup, field.name) for use in uses for field in use.fields}
    own = [ir.Field(column.name, column.type) for column in source.properties]
    looked_up = [ir.Field(c.name, c.type, lookup.name) for lookup in source.lookups for c in lookup.properties]
    starts = [use.start for use in uses]
    earliest = () if None in starts else tuple({bound_name(start): start for start in starts if start is not None}.values())
    return Scan(
        kind="event" if kind == "event" else "related",
        name=name,
        fields=tuple(field for field in (*own, *looked_up) if (field.lookup, field.name) in wanted),
        ordered=any(use.ordered for use in uses),
        days=any(use.days for use in uses),
        earliest=earliest,
    )
