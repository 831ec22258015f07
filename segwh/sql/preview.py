"""Preview: one statement that counts who is left after each step of a segment's rule, and one that shows members."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlglot import exp

from segwh import ir
from segwh.plan.build import build
from segwh.plan.nodes import SegmentPlan
from segwh.plan.prune import pruned
from segwh.sql.compile import Before, RelationNames, complete, with_facts
from segwh.sql.dialects.base import SqlDialect
from segwh.sql.evaluation import member_name
from segwh.sql.flags import is_within_limit
from segwh.sql.holes import Facts, Holes
from segwh.sql.measures import alias, only_if
from segwh.sql.people import Person
from segwh.sql.predicates import all_of, certain, negated
from segwh.sql.render import sealed
from segwh.sql.scans import Source
from segwh.text.source import Span

Maker = Callable[[SegmentPlan, Person], tuple[exp.Query, tuple["Step", ...]]]
StepKind = Literal[
    "entities", "whole", "bucket", "time_to_live", "include", "exclude", "suppressed", "stay", "priority", "limit", "always",
    "members",
]
SAMPLE_SIZE = 10
SAMPLE_ATTRIBUTES = 4


@dataclass(frozen=True, slots=True)
class Step:
    """A column of the counts: how many entities are left after this step (members: how many there are of the grain)."""

    column: str
    kind: StepKind
    text: str = ""
    """The rule as written, for include and exclude."""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """`counts` gives one row with a column per step; `sample` the first members, key ascending, with a few attributes."""

    counts: str
    steps: tuple[Step, ...]
    sample: str


def preview_query(
    project: ir.Project,
    segment: str,
    as_of: datetime,
    dialect: SqlDialect,
    relation_names: RelationNames,
    before: Before | None = None,
    rule_hashes: Mapping[str, str] | None = None,
    sample_size: int = SAMPLE_SIZE,
    in_utc: Collection[str] = (),
) -> Preview:
    """The statements of a preview at `as_of` (aware), with `sample_size` members at most. `in_utc`: see with_facts.

    The segment is calculated by its rule even if it is frozen or expired. Raises KeyError for an unknown segment.
    """
    shown = tuple(column.name for column in project.entity(project.segment(segment).entity).attributes[:SAMPLE_ATTRIBUTES])
    warm = thawed(project, segment, shown)
    plan = build(pruned(warm, [segment]), rule_hashes or {}, flagged=[segment])
    entity = plan.entity(warm.segment(segment).entity)
    one = entity.segment(segment)
    assert one is not None

    def text(make: Maker) -> tuple[str, tuple[Step, ...]]:
        holes = Holes()
        source = Source(dialect, plan.project.settings.calendar, holes)
        tree, steps = make(one, Person(entity, plan.project, source))
        whole = with_facts(tree, [entity], plan, source, in_utc)
        return complete(sealed(whole, holes), plan, as_of, dialect, relation_names, before), steps

    counts, steps = text(_counts)
    sample, _ = text(lambda plan, person: _sample(plan, person, sample_size))
    return Preview(counts, steps, sample)


def thawed(project: ir.Project, name: str, shown: tuple[str, ...]) -> ir.Project:
    """The project with the segment calculated whatever its type and status, and attributes at hand to be shown."""

    def changed(segment: ir.Segment) -> ir.Segment:
        if segment.name != name:
            return segment
        return replace(segment, type="dynamic", status="active", expires_at=None, activate=shown)

    return replace(project, segments=tuple(changed(segment) for segment in project.segments))


def _counts(plan: SegmentPlan, person: Person) -> tuple[exp.Query, tuple[Step, ...]]:
    """How many are left after each step, all in one scan of the facts."""
    dialect = person.source.dialect
    select, steps, so_far = [], [], []
    for step, condition in _steps(plan, person):
        so_far.append(condition)
        counted = only_if(all_of([part.copy() for part in so_far]), exp.Literal.number(1))
        select.append(alias(exp.Count(this=counted), step.column, dialect))
        steps.append(step)
    assert plan.flag is not None
    if plan.segment.always is not None:
        # not a further condition: those that are listed come beside who is left
        select.append(alias(exp.Count(this=only_if(person.flag(plan.flag), exp.Literal.number(1))), "with_always", dialect))
        steps.append(Step("with_always", "always"))
    member = only_if(person.flag(plan.flag), person.member(plan))
    value: exp.Expr = member if plan.segment.aggregate_on is None else exp.Distinct(expressions=[member])
    select.append(alias(exp.Count(this=value), "members", dialect))
    query = exp.select(*select, copy=False).from_(_facts(person), copy=False)
    return query, (*steps, Step("members", "members"))


def _steps(plan: SegmentPlan, person: Person) -> Iterator[tuple[Step, exp.Expr]]:
    """The steps in order, each with what it asks of an entity's row; null counts as false."""
    segment = plan.segment
    yield Step("entities", "entities"), exp.true()
    if segment.variant_of is not None:
        yield Step("after_whole", "whole"), person.flag(plan.parent or "")
        yield Step("after_bucket", "bucket"), person.in_buckets(plan)
        return
    if segment.time_to_live is not None:
        yield Step("after_time_to_live", "time_to_live"), person.is_young(plan)
    for number, (rule, condition) in enumerate(zip(segment.include, person.includes(plan), strict=True), start=1):
        yield Step(f"after_include_{number}", "include", rule.text, rule.span), condition
    for number, rule in enumerate(segment.exclude, start=1):
        kept = negated(certain(rule.predicate, person.row))
        yield Step(f"after_exclude_{number}", "exclude", rule.text, rule.span), kept
    if plan.suppressed_by:
        yield Step("after_exclusions", "suppressed"), negated(person.is_suppressed(plan))
    if segment.stay is not None:
        yield Step("after_stay", "stay"), negated(person.is_kept_out(plan))
    if plan.earlier:
        yield Step("after_priority", "priority"), negated(person.is_taken(plan))
    if segment.limit is not None and plan.within_limit is not None:
        within = all_of([person.flag(plan.eligible or ""), is_within_limit(plan, person)])
        yield Step("after_limit", "limit"), within


def _sample(plan: SegmentPlan, person: Person, size: int) -> tuple[exp.Query, tuple[Step, ...]]:
    """The first members by key, with a few attributes; of an aggregated segment with the number of entities."""
    dialect = person.source.dialect
    on, entity = plan.segment.aggregate_on, person.plan.entity
    member = alias(person.member(plan), member_name(plan, person.plan), dialect)
    assert plan.flag is not None
    if on is None:
        attributes = [ir.Field(column.name, column.type) for column in entity.attributes[:SAMPLE_ATTRIBUTES]]
        query = exp.select(
            alias(person.key, entity.key.name, dialect), *(person.operand(one) for one in attributes), copy=False
        )
    else:
        query = exp.select(member, alias(exp.Count(this=exp.Star()), "entities", dialect), copy=False)
    query = query.from_(_facts(person), copy=False).where(person.flag(plan.flag), copy=False)
    if on is not None:
        query = query.group_by(person.member(plan), copy=False)
    key_type = entity.key.type if on is None else on.type
    order = exp.Ordered(this=dialect.by_bytes(person.key if on is None else person.member(plan), key_type), nulls_first=True)
    return query.order_by(order, copy=False).limit(size, copy=False), ()


def _facts(person: Person) -> exp.Expr:
    return person.source.holes.table(Facts(person.plan.entity.name), "facts")
