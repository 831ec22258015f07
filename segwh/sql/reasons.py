"""Why keys are no members: for candidates (segment, key) the first reason that applies, null for who would be a member, or
where that is not asked for who leaves by the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from segwh.plan.nodes import EntityPlan, SegmentPlan
from segwh.sql.evaluation import NONE_READY, member_name, union
from segwh.sql.flags import representative_place
from segwh.sql.holes import BeforeEvaluated, Candidates, Facts
from segwh.sql.measures import alias, named
from segwh.sql.people import Person
from segwh.sql.predicates import all_of, any_of, either, negated, one_if, sure

Branches = Iterator[tuple[exp.Expr, str | None]]


@dataclass(frozen=True, slots=True)
class Judge:
    """How conditions on the facts are asked: of the key's own row, or of some row of the value."""

    person: Person
    grain: str
    whole: Callable[[str], SegmentPlan]
    """The plan of the segment that a variant was made from."""

    def some(self, plan: SegmentPlan, condition: exp.Expr) -> exp.Expr:
        """Whether a condition holds for the candidate; never null."""
        if isinstance(condition, exp.Boolean):
            return condition
        if plan.segment.aggregate_on is None:
            return either(condition)
        return exp.EQ(this=sure(exp.Max(this=one_if(condition))), expression=exp.Literal.number(1))

    def is_frozen(self, plan: SegmentPlan) -> exp.Expr:
        """Whether the segment keeps stored members, also where nobody refers to it."""
        frozen = self.person.is_frozen(plan)
        if plan.segment.type == "static" and plan.segment.status == "active" and plan.frozen is None:
            dialect = self.person.source.dialect
            same = exp.EQ(this=named("rule_hash", dialect, "evaluated"), expression=dialect.string(plan.rule_hash))
            frozen = any_of([frozen, same])
        return self.some(plan, frozen)


def reasons_tree(
    entity: EntityPlan,
    grain: str,
    person: Person,
    *,
    are_few: bool = False,
    asks_rules: bool = True,
    names_all: bool = True,
    ready: Mapping[str, exp.Expr] = NONE_READY,
) -> exp.Select:
    """The SELECT of (segment, the grain's key, reason) over the candidates of a grain; `are_few` of all that there are.

    Without `asks_rules` a null is also the answer for those who leave by a rule that nothing comes after. Without `names_all`
    segments whose reasons are the default's (gone, and suppressed by what is for all) have no branch of their own. What is
    `ready` of a segment stands for its reason.
    """
    plans = [plan for plan in entity.segments if plan.segment.grain == grain]
    source, dialect = person.source, person.source.dialect
    member = member_name(plans[0], entity)
    on = plans[0].segment.aggregate_on
    judge = Judge(person, grain, lambda name: next(plan for plan in entity.segments if plan.name == name))
    segment, key = named("segment", dialect, "candidates"), named(member, dialect, "candidates")
    orphaned = _of_an_orphan(plans[0], judge)
    branches = [(plan, ready.get(plan.name) or _reason(plan, judge, asks_rules)) for plan in plans]
    whens = [
        exp.If(this=dialect.string(plan.name), true=branch) for plan, branch in branches if names_all or branch != orphaned
    ]
    reason = exp.Case(this=segment.copy(), ifs=whens, default=orphaned) if whens else orphaned
    query = exp.select(segment, key, alias(reason, "reason", dialect), copy=False)
    query = query.from_(source.holes.table(Candidates(grain), "candidates"), copy=False)
    same = exp.EQ(this=person.member(plans[0]), expression=key.copy())
    facts = source.holes.table(Facts(entity.entity.name), "facts")
    if are_few:  # so that no wide row is kept for a key that nobody asks about
        keys = exp.select(key.copy(), copy=False).from_(source.holes.table(Candidates(grain), "candidates"), copy=False)
        keys = keys.group_by(key.copy(), copy=False)
        own = exp.select("facts.*", copy=False).from_(facts, copy=False)
        own = own.where(exp.In(this=person.member(plans[0]), query=exp.Subquery(this=keys)), copy=False)
        facts = exp.Subquery(this=own, alias=exp.TableAlias(this=exp.to_identifier("facts")))
    query = query.join(facts, on=same, join_type="left", copy=False)
    if any(_asks_the_log(plan) for plan in plans):
        on_segment = exp.EQ(this=named("segment", dialect, "evaluated"), expression=segment.copy())
        evaluated = source.holes.table(BeforeEvaluated(grain), "evaluated")
        query = query.join(evaluated, on=on_segment, join_type="left", copy=False)
    return query if on is None else query.group_by(segment.copy(), key.copy(), copy=False)


def _of_an_orphan(plan: SegmentPlan, judge: Judge) -> exp.Case:
    """Why a key leaves a segment that is no longer in the rules: it is gone, or in a suppression for all segments.

    Nobody knows its tags any more, so suppressions for some tags say nothing of it. `plan` is any segment of the grain.
    """
    person, entity = judge.person, judge.person.plan
    names = {each.segment for each in person.project.exclusions if each.entity == entity.entity.name and not each.tags}
    flags = sorted(each.flag for each in entity.segments if each.name in names and each.flag is not None)
    suppressed = judge.some(plan, any_of([person.flag(flag) for flag in flags]))
    ifs = [exp.If(this=negated(judge.some(plan, person.key.is_(exp.null()).not_())), true=exp.Literal.string("gone"))]
    if _may_hold(suppressed):
        ifs.append(exp.If(this=suppressed, true=exp.Literal.string("suppressed")))
    return exp.Case(ifs=ifs)


def _asks_the_log(plan: SegmentPlan) -> bool:
    return plan.segment.type == "static" and plan.segment.status == "active" and plan.frozen is None


def _reason(plan: SegmentPlan, judge: Judge, asks_rules: bool) -> exp.Case:
    return exp.Case(
        ifs=[
            exp.If(this=condition, true=exp.null() if reason is None else exp.Literal.string(reason))
            for condition, reason in _branches(plan, judge, asks_rules)
            if _may_hold(condition)
        ]
    )


def _may_hold(condition: exp.Expr) -> bool:
    return not isinstance(condition, exp.Boolean) or bool(condition.this)


def _branches(plan: SegmentPlan, judge: Judge, asks_rules: bool) -> Branches:
    """The reasons of a segment in the order in which they apply; what passes them all is a member, or leaves by its rule."""
    person = judge.person
    exists = person.key.is_(exp.null()).not_()
    yield negated(judge.some(plan, exists)), "gone"
    whole = plan if plan.segment.variant_of is None else judge.whole(plan.segment.variant_of[0])
    # who is hidden from a static set comes back when nothing is left to be said against it
    asks_rules = asks_rules or "static" in (plan.segment.type, whole.segment.type)
    yield from _listed_branches(plan, whole, judge)
    yield judge.some(whole, person.is_suppressed(whole)), "suppressed"
    yield from _frozen_branches(plan, whole, judge)
    yield judge.some(whole, person.is_excluded(whole)), "excluded"
    yield negated(judge.some(whole, person.is_young(whole))), "time_to_live"
    after = [(judge.some(whole, person.is_taken(whole)), "priority")]
    if whole.segment.limit is not None and whole.flag is not None:
        after.append((negated(judge.some(whole, person.flag(whole.flag))), "limit"))
    if asks_rules or any(_may_hold(condition) for condition, _ in after):
        yield negated(judge.some(whole, person.passes(whole))), "rule"
        yield judge.some(whole, person.is_kept_out(whole)), "rule"
    yield from after
    if asks_rules and whole is not plan:
        yield negated(judge.some(plan, person.in_buckets(plan))), "rule"


def _listed_branches(plan: SegmentPlan, whole: SegmentPlan, judge: Judge) -> Branches:
    """Who is always in a segment is so before suppression is asked; a frozen set takes nobody in."""
    if whole.segment.always is None:
        return
    person = judge.person
    listed = all_of([judge.some(whole, person.is_listed(whole)), negated(judge.is_frozen(whole))])
    if whole is not plan:
        in_buckets = judge.some(plan, person.in_buckets(plan))
        yield all_of([listed.copy(), negated(in_buckets)]), "rule"
    yield listed, None


def _frozen_branches(plan: SegmentPlan, whole: SegmentPlan, judge: Judge) -> Branches:
    frozen = judge.is_frozen(whole)
    yield all_of([frozen, judge.some(whole, judge.person.is_taken(whole))]), "priority"
    if whole is not plan:
        yield all_of([frozen.copy(), negated(judge.some(plan, judge.person.in_buckets(plan)))]), "rule"
    yield frozen.copy(), None


def left_out_tree(plans: Sequence[SegmentPlan], person: Person) -> exp.Query:
    """The SELECT of (segment, left_out): entities that would be members but miss the value of `aggregate_on`."""
    dialect = person.source.dialect
    queries = []
    for plan in plans:
        out = any_of([person.is_excluded(plan), person.is_suppressed(plan)])
        missing = person.member(plan).is_(exp.null())
        query = exp.select(
            alias(dialect.string(plan.name), "segment", dialect),
            alias(exp.Count(this=exp.Star()), "left_out", dialect),
            copy=False,
        )
        query = query.from_(person.source.holes.table(Facts(person.plan.entity.name), "facts"), copy=False)
        queries.append(query.where(all_of([missing, person.passes(plan), negated(out)]), copy=False))
    return union(queries)


def representatives_tree(plans: Sequence[SegmentPlan], person: Person) -> exp.Query:
    """The SELECT of (segment, value, the entity's key): who stands for each value, whether it is a member or not (law 12).

    Entities that make the value a member come first; then the latest created, then the smallest key.
    """
    dialect, queries = person.source.dialect, []
    key = person.plan.entity.key.name
    for plan in plans:
        value = member_name(plan, person.plan)
        place = alias(representative_place(plan, person), "place", dialect)
        placed = exp.select(
            alias(person.member(plan), "member_value", dialect), alias(person.key, "entity_key", dialect), copy=False
        )
        placed = placed.select(place, copy=False).from_(
            person.source.holes.table(Facts(person.plan.entity.name), "facts"), copy=False
        )
        placed = placed.where(person.has_member(plan), copy=False)
        query = exp.select(
            alias(dialect.string(plan.name), "segment", dialect),
            alias(exp.column("member_value"), value, dialect),
            alias(exp.column("entity_key"), key, dialect),
            copy=False,
        ).from_(exp.Subquery(this=placed, alias=exp.TableAlias(this=exp.to_identifier("placed"))), copy=False)
        queries.append(query.where(exp.EQ(this=exp.column("place"), expression=exp.Literal.number(1)), copy=False))
    return union(queries)
