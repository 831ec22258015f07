"""A plan as text for people and golden tests: what is scanned, measured, derived, and who is in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from segwh import ir
from segwh.plan.names import bound_name
from segwh.plan.nodes import (
    Behind,
    Bucket,
    Derived,
    Eligible,
    EntityPlan,
    FactKey,
    Flag,
    LookupKey,
    Plan,
    Representative,
    Scan,
    SegmentPlan,
    TraitColumn,
    WithinLimit,
)
from segwh.semantics import Interval

SIGNS = {"is": "=", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def plan_text(plan: Plan) -> str:
    """The plan as lines of text, two spaces a level."""
    return "\n".join(line for entity in plan.entities for line in _entity(entity, plan.project)) + "\n"


def _entity(plan: EntityPlan, project: ir.Project) -> Iterator[str]:
    yield f"{plan.entity.name} by {plan.entity.key.name} from {plan.entity.relation}"
    for scan in plan.scans:
        yield f"  scan {_scan(scan)}"
    for key, column in plan.columns.items():
        yield f"  {column} = {fact_text(key)}"
    for mean, (total, count) in plan.means.items():
        yield f"  {total}, {count} = sum and number behind {fact_text(mean)}"
    for stored in plan.stored:
        yield f"  {stored.column} = entry in {stored.segment} before this run, by {stored.grain}"
    for since in plan.since:
        yield f"  {since.column} = entry in {since.segment} before this as-of, by {since.grain}"
    for left in plan.left:
        yield f"  {left.column} = last exit from {left.segment} before this as-of, by {left.grain}"
    for frozen in plan.frozen:
        yield f"  {frozen.column} = {frozen.segment} was evaluated by this very rule"
    for number, level in enumerate(plan.levels, start=1):
        yield f"  level {number}"
        for node in level:
            yield f"    {node.column} = {_derived(node, project, plan.entity.name)}"
    for segment in plan.segments:
        yield from _segment(segment)


def _scan(scan: Scan) -> str:
    words = [f"{scan.kind} {scan.name}"]
    if scan.fields:
        words.append("with " + ", ".join(str(field) for field in scan.fields))
    if scan.ordered:
        words.append("in order")
    if scan.days:
        words.append("by day")
    if scan.earliest:
        words.append("since " + " or ".join(bound_name(bound) for bound in scan.earliest))
    return " ".join(words)


def _derived(node: Derived, project: ir.Project, entity: str) -> str:
    match node:
        case TraitColumn(_, trait, part):
            return trait_text(project.trait(entity, trait)) + (f", its {part}" if part else "")
        case Bucket(_, segment):
            return f"bucket of the key under the seed of {segment}"
        case Eligible(_, segment):
            return f"passes everything but the limit of {segment}"
        case Representative(_, segment):
            return f"stands for its value in {segment}"
        case WithinLimit(_, segment):
            limit = project.segment(segment).limit
            assert limit is not None
            return _limit(limit)
        case Flag(_, segment):
            return f"member of {segment}"
        case Behind(_, reference, key, _):
            return f"{predicate_text(reference)} by {key}"
        case _:
            assert_never(node)


def _limit(limit: ir.Limit) -> str:
    count = f"first {limit.top}" if limit.top is not None else f"first {limit.percent} percent"
    per = "" if limit.per is None else f" per {operand_text(limit.per)}"
    return f"{count} by {operand_text(limit.by)} {limit.order}{per}"


def _segment(plan: SegmentPlan) -> Iterator[str]:
    segment = plan.segment
    yield f"  segment {segment.name} of {segment.grain}{'' if plan.flag is None else f' as {plan.flag}'}"
    if segment.variant_of is not None:
        yield f"    variant {segment.variant_of[1]} of {plan.parent} by {plan.bucket}"
        return
    for word in (segment.type if segment.type == "static" else "", segment.status if segment.status == "inactive" else ""):
        if word:
            yield f"    {word}"
    if segment.expires_at is not None:
        yield f"    until {segment.expires_at.isoformat()}"
    if segment.time_to_live is not None:
        yield f"    created within {segment.time_to_live}"
    for rule in segment.include:
        yield f"    include {predicate_text(rule.predicate)}"
    for rule in segment.exclude:
        yield f"    exclude {predicate_text(rule.predicate)}"
    if plan.suppressed_by:
        yield f"    suppressed by {', '.join(plan.suppressed_by)}"
    if segment.stay is not None:
        yield f"    stays at most {segment.stay.at_most}, again after {segment.stay.again_after}"
    if plan.earlier:
        yield f"    after {', '.join(plan.earlier)}"
    if segment.always is not None:
        yield f"    always {segment.always}"


# --- rules as text ------------------------------------------------------------------------------------------------------


def fact_text(key: FactKey) -> str:
    """What a column of level 0 stands for."""
    if isinstance(key, LookupKey):
        return f"what {key.lookup} is found by"
    return predicate_text(key) if isinstance(key, ir.RowHolds | ir.Sequence) else operand_text(key)


def operand_text(operand: ir.Operand) -> str:
    """An operand in words."""
    match operand:
        case ir.Field() | ir.TraitValue():
            return str(operand)
        case ir.Measured(rows, measure, _):
            return f"{measure_text(measure)} of {rows_text(rows)}"
        case _:
            assert_never(operand)


def measure_text(measure: ir.Measure) -> str:
    """A measure in words."""
    match measure:
        case ir.Count(by):
            return "count" if by is None else f"largest count by {by}"
        case ir.Days():
            return "days"
        case ir.Aggregate(function, of):
            return f"{function} {of}"
        case ir.EdgeTime(edge):
            return f"{edge} time"
        case ir.EdgeValue(edge, of):
            return f"{edge} {of}"
        case ir.MostFrequent(of):
            return f"most frequent {of}"
        case _:
            assert_never(measure)


def rows_text(rows: ir.Rows) -> str:
    """Which rows are meant."""
    window = "" if rows.window is None else f" in {interval_text(rows.window)}"
    where = "" if rows.where is None else f" where {predicate_text(rows.where)}"
    return f"{rows.name}{window}{where}"


def interval_text(interval: Interval) -> str:
    """A half-open interval by the names of its bounds."""
    start = "" if interval.start is None else bound_name(interval.start)
    end = "" if interval.end is None else bound_name(interval.end)
    return f"[{start}, {end})"


def predicate_text(predicate: ir.Predicate) -> str:
    """A predicate in words; equal text means equal meaning."""
    match predicate:
        case ir.And(items):
            return _joined(" and ", items, "everyone")
        case ir.Or(items):
            return _joined(" or ", items, "nobody")
        case ir.Not(item):
            return f"not {_nested(item)}"
        case ir.AtLeast(count, items):
            return f"at least {count} of ({', '.join(predicate_text(item) for item in items)})"
        case ir.Everyone():
            return "everyone"
        case ir.MemberOf(segment, within, held, through):
            since = f" entered within {within}" if within else f" for {held}" if held else ""
            return f"in {segment}{since}" if through is None else f"{through} in {segment}{since}"
        case ir.RowHolds(rows, edge, where):
            return f"{edge} of {rows_text(rows)} has {_nested(where)}"
        case ir.Sequence(steps, window):
            inside = "" if window is None else f" in {interval_text(window)}"
            return " then ".join(_step(step) for step in steps) + inside
        case ir.CompareFields(subject, operator, other, ignore_case):
            return f"{operand_text(subject)} {SIGNS.get(operator, operator)} {operand_text(other)}{_case(ignore_case)}"
        case _:
            return f"{operand_text(predicate.subject)} {_test(predicate)}"


def _joined(word: str, items: tuple[ir.Predicate, ...], none: str) -> str:
    return word.join(_nested(item) for item in items) if items else none


def _nested(predicate: ir.Predicate) -> str:
    text = predicate_text(predicate)
    return f"({text})" if isinstance(predicate, ir.And | ir.Or) else text


def _step(step: ir.Step) -> str:
    where = "" if step.where is None else f" where {_nested(step.where)}"
    within = "" if step.within is None else f" within {step.within}"
    same = "" if not step.same else f" same {', '.join(str(field) for field in step.same)}"
    return f"{'no ' if step.negative else ''}{step.event}{where}{within}{same}"


def _case(ignore_case: bool) -> str:
    return " ignoring case" if ignore_case else ""


def _test(test: ir.Test) -> str:
    match test:
        case ir.IsMissing():
            return "is missing"
        case ir.IsEmpty():
            return "is empty"
        case ir.OneOf(_, values, ignore_case):
            return (
                f"in {', '.join(repr(value) if isinstance(value, str) else str(value) for value in values)}{_case(ignore_case)}"
            )
        case ir.OneOfRelation(_, relation, column, ignore_case):
            return f"in {column} of {relation}{_case(ignore_case)}"
        case ir.Compare(_, operator, value):
            return f"{SIGNS[operator]} {value}"
        case ir.TextMatch(_, how, value, ignore_case):
            return f"{how} {value!r}{_case(ignore_case)}"
        case ir.Regex(_, pattern, ignore_case):
            return f"matches {pattern!r}{_case(ignore_case)}"
        case ir.InInterval(_, interval):
            return f"in {interval_text(interval)}"
        case ir.DayOfYearBetween(_, first, last):
            return f"on a day of the year from {first[0]:02}-{first[1]:02} to {last[0]:02}-{last[1]:02}"
        case ir.DayOfYearWithinNext(_, days):
            return f"has its day of the year within the next {days} days"
        case ir.DayOfWeekIn(_, days):
            return f"on weekday {', '.join(str(day) for day in days)}"
        case ir.HourBetween(_, first, last):
            return f"in hours {first} to {last}"
        case ir.ListHas(_, how, values):
            return f"has {how} of {', '.join(repr(value) for value in values)}"
        case ir.ListSize(_, operator, value):
            return f"has a size {SIGNS[operator]} {value}"
        case ir.CompareFields():
            return predicate_text(test)
        case _:
            assert_never(test)


def trait_text(trait: ir.Trait) -> str:
    """The definition of a trait in words."""
    match trait.definition:
        case ir.Measured():
            return operand_text(trait.definition)
        case ir.Arithmetic() | ir.Constant() | ir.Field() | ir.TraitValue():
            return formula_text(trait.definition)
        case ir.Points(entries):
            return "points " + ", ".join(f"{add} when {_nested(when)}" for when, add in entries)
        case ir.Stages(entries):
            return "stage " + ", ".join(f"{name} when {_nested(when)}" for name, when in entries)
        case ir.Rfm(rows, value, recency, frequency, monetary, _):
            scores = ", ".join(f"{one.method} {one.scores}" for one in (recency, frequency, monetary))
            return f"rfm of {rows_text(rows)} by {value} ({scores})"
        case _:
            assert_never(trait.definition)


def formula_text(formula: ir.Formula) -> str:
    """A formula, fully bracketed."""
    match formula:
        case ir.Arithmetic(operator, left, right):
            return f"({formula_text(left)} {operator} {formula_text(right)})"
        case ir.Constant(value):
            return str(value)
        case ir.Field() | ir.TraitValue():
            return str(formula)
        case _:
            assert_never(formula)
