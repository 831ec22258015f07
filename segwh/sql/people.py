"""The entity's own row: how operands, references and memberships are written over the columns of the facts."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from segwh import ir
from segwh.plan.nodes import EntityPlan, SegmentPlan
from segwh.semantics import Duration, Relative, Shift
from segwh.sql.measures import named
from segwh.sql.predicates import Mean, Row, all_of, any_of, certain, negated, never_null, one_if, possible, sure
from segwh.sql.scans import Source
from segwh.types import DataType


@dataclass(frozen=True, slots=True)
class Person:
    """A row of the facts, or of a step towards them."""

    plan: EntityPlan
    project: ir.Project
    source: Source
    table: str | None = None

    # --- columns ---

    def column(self, name: str) -> exp.Expr:
        """A column of the facts."""
        return named(name, self.source.dialect, self.table)

    def flag(self, name: str) -> exp.Expr:
        """A column of the facts that is true or false, never null."""
        return sure(self.column(name))

    @property
    def key(self) -> exp.Expr:
        """The entity's key."""
        return self.column(self.plan.entity.key.name)

    @property
    def row(self) -> Row:
        """Where predicates of the entity are asked."""
        return Row(self.source.dialect, self.source.calendar, self.source.holes, self.operand, self.truth, self.mean)

    def operand(self, of: ir.Operand) -> exp.Expr:
        """The value of an operand."""
        if isinstance(of, ir.TraitValue):
            return self.column(self.plan.traits[of.trait, of.part])
        value = self.column(self.plan.columns[of])
        if never_null(of):
            return sure(value)
        is_key = isinstance(of, ir.Field) and of.lookup is None and of.name == self.plan.entity.key.name
        return self.source.dialect.cast(value, DataType.STRING) if is_key and of.type is DataType.STRING else value

    def mean(self, of: ir.Operand) -> Mean | None:
        """An average of exact numbers, also behind a trait, as sum and number."""
        if isinstance(of, ir.TraitValue):
            definition = self.project.trait(self.plan.entity.name, of.trait).definition
            return self.mean(definition) if isinstance(definition, ir.Measured) else None
        if not isinstance(of, ir.Measured) or of not in self.plan.means:
            return None
        total, number = self.plan.means[of]
        return Mean(self.column(total), self.column(number))

    def truth(self, of: ir.RowHolds | ir.Sequence | ir.MemberOf) -> exp.Expr:
        """A truth that has a column: never null."""
        if not isinstance(of, ir.MemberOf):
            return sure(self.column(self.plan.columns[of]))
        if of.through is not None:
            return self.flag(self.plan.behind[of])
        plan = self.plan.segment(of.segment)
        assert plan is not None
        assert plan.flag is not None
        flag = self.flag(plan.flag)
        if plan.since is None:
            return flag
        entered = self.column(plan.since)
        if of.entered_within is not None:
            # Who is in and was not before enters at this very run.
            since = exp.GT(this=entered, expression=self._ago(of.entered_within))
            return exp.and_(flag, exp.or_(entered.copy().is_(exp.null()), since, copy=False), copy=False)
        if of.held_for is not None:
            long_ago = exp.LTE(this=entered, expression=self._ago(of.held_for))
            held = exp.and_(entered.copy().is_(exp.null()).not_(), long_ago, copy=False)
            return exp.and_(flag, held, copy=False)
        return flag

    def _ago(self, duration: Duration) -> exp.Expr:
        return self.row.bound(Relative((Shift(-1, duration),)), DataType.TIMESTAMP)

    # --- who is in ---

    def member(self, plan: SegmentPlan) -> exp.Expr:
        """What a segment of a grain counts: the entity's key, or its value of `aggregate_on`."""
        on = plan.segment.aggregate_on
        return self.key if on is None else self.operand(on)

    def is_young(self, plan: SegmentPlan) -> exp.Expr:
        """Created within the time to live; null when the creation is unknown."""
        if plan.segment.time_to_live is None:
            return exp.true()
        if self.plan.created_at is None:
            return exp.false()
        return exp.GTE(this=self.column(self.plan.created_at), expression=self._ago(plan.segment.time_to_live))

    def includes(self, plan: SegmentPlan) -> list[exp.Expr]:
        """The include rules; null counts as false."""
        return [possible(rule.predicate, self.row) for rule in plan.segment.include]

    def passes(self, plan: SegmentPlan) -> exp.Expr:
        """Within time to live, and every include rule holds; null counts as false."""
        return all_of([self.is_young(plan), *self.includes(plan)])

    def is_excluded(self, plan: SegmentPlan) -> exp.Expr:
        """Some exclude rule holds; never null."""
        return any_of([certain(rule.predicate, self.row) for rule in plan.segment.exclude])

    def is_suppressed(self, plan: SegmentPlan) -> exp.Expr:
        """Some project-wide exclusion applies; never null."""
        return any_of([self.flag(flag) for flag in plan.suppressed_by])

    def is_taken(self, plan: SegmentPlan) -> exp.Expr:
        """An earlier segment of its group has the key; never null."""
        return any_of([self.flag(flag) for flag in plan.earlier])

    def is_kept_out(self, plan: SegmentPlan) -> exp.Expr:
        """The caps on its stay keep the key out: in for too long, or out not long enough. Never null."""
        stay, parts = plan.segment.stay, []
        if stay is not None and stay.at_most is not None and plan.since is not None:
            entered = self.column(plan.since)
            too_long = exp.LTE(this=entered.copy(), expression=self._ago(stay.at_most))
            parts.append(exp.Paren(this=exp.and_(entered.is_(exp.null()).not_(), too_long, copy=False)))
        if stay is not None and stay.again_after is not None and plan.since is not None and plan.left is not None:
            left, is_out = self.column(plan.left), self.column(plan.since).is_(exp.null())
            too_soon = exp.GT(this=left.copy(), expression=self._ago(stay.again_after))
            parts.append(exp.Paren(this=exp.and_(is_out, left.is_(exp.null()).not_(), too_soon, copy=False)))
        return any_of(parts)

    def is_listed(self, plan: SegmentPlan) -> exp.Expr:
        """The member is listed in the relation of `always`; null counts as false."""
        segment, dialect = plan.segment, self.source.dialect
        if segment.always is None:
            return exp.false()
        entity = self.plan.entity
        column = entity.key if segment.aggregate_on is None else entity.attribute(segment.aggregate_on.name)
        assert column is not None
        listed = named(column.column or column.name, dialect, "always")
        query = exp.select(dialect.key(listed, column.type), copy=False)
        query = query.from_(self.source.holes.table(segment.always, "always"), copy=False)
        query = query.where(listed.copy().is_(exp.null()).not_(), copy=False)
        return exp.In(this=self.member(plan), query=exp.Subquery(this=query))

    def is_frozen(self, plan: SegmentPlan) -> exp.Expr:
        """Whether the segment keeps stored members in this run: inactive, expired, or static and evaluated before."""
        if plan.segment.status == "inactive":
            return exp.true()
        parts = [self.is_expired(plan)]
        if plan.frozen is not None:
            parts.append(self.flag(plan.frozen))
        return any_of(parts)

    def is_expired(self, plan: SegmentPlan) -> exp.Expr:
        """Whether as-of is at or past the segment's end."""
        if plan.segment.expires_at is None:
            return exp.false()
        return exp.GTE(this=self.row.as_of(), expression=self.source.dialect.timestamp(plan.segment.expires_at))

    def is_stored(self, plan: SegmentPlan) -> exp.Expr:
        """The log has the member in the segment."""
        return exp.false() if plan.stored is None else self.column(plan.stored).is_(exp.null()).not_()

    def in_variant(self, plan: SegmentPlan) -> exp.Expr:
        """The member is in the whole segment, and its bucket is one of the variant's (law 16)."""
        assert plan.segment.variant_of is not None
        assert plan.parent is not None
        return all_of([self.flag(plan.parent), self.in_buckets(plan)])

    def in_buckets(self, plan: SegmentPlan) -> exp.Expr:
        """The member's bucket is one of the variant's."""
        assert plan.segment.variant_of is not None
        assert plan.bucket is not None
        whole, variant = plan.segment.variant_of
        split = self.project.segment(whole).split
        assert split is not None
        names = [name for name, _ in split.variants]
        low = sum(points for _, points in split.variants[: names.index(variant)])
        high = low + split.variants[names.index(variant)][1]
        bucket = self.column(plan.bucket)
        from_low = exp.GTE(this=bucket, expression=exp.Literal.number(low))
        return exp.and_(from_low, exp.LT(this=bucket.copy(), expression=exp.Literal.number(high)), copy=False)

    # --- over the rows of one value ---

    def any_of_value(self, plan: SegmentPlan, condition: exp.Expr) -> exp.Expr:
        """Whether the condition holds for some entity with the same value of `aggregate_on`."""
        if isinstance(condition, exp.Boolean):
            return condition
        window = exp.Window(this=exp.Max(this=one_if(condition)), partition_by=[self.member(plan)])
        return exp.EQ(this=sure(window), expression=exp.Literal.number(1))

    def has_member(self, plan: SegmentPlan) -> exp.Expr:
        """The row has something to be a member by: a key, or a value of `aggregate_on`."""
        return exp.true() if plan.segment.aggregate_on is None else self.member(plan).is_(exp.null()).not_()

    def is_eligible(self, plan: SegmentPlan) -> exp.Expr:
        """Passes everything but the limit; true or null or false."""
        free = [negated(self.is_taken(plan)), negated(self.is_kept_out(plan))]
        if plan.segment.aggregate_on is None:
            bad = any_of([self.is_excluded(plan), self.is_suppressed(plan)])
            return all_of([self.passes(plan), negated(bad), *free])
        bad = any_of([self.is_excluded(plan), self.is_suppressed(plan)])
        some = [self.any_of_value(plan, self.passes(plan)), negated(self.any_of_value(plan, bad))]
        return all_of([self.has_member(plan), *some, *free])

    def is_kept(self, plan: SegmentPlan) -> exp.Expr:
        """Membership of a frozen segment: stored, and none of the three things that break a freeze (law 13)."""
        suppressed = self.is_suppressed(plan)
        if plan.segment.aggregate_on is not None:
            suppressed = self.any_of_value(plan, suppressed)
        return all_of([self.is_stored(plan), negated(suppressed), negated(self.is_taken(plan))])
