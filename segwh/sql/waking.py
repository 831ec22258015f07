"""Which segments are told by what changed in the facts: plan in; conditions by which as-of alone changes an answer out.

A segment asks a key's own row and compares it with bounds of as-of. Where the row is as it was, the answer can only be another
one if some comparison with a bound is: if it holds by the bound of now and did not by that of before, or the other way round.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from segwh import ir
from segwh.plan.nodes import EntityPlan, SegmentPlan
from segwh.sql.evaluation import own_condition
from segwh.sql.holes import BoundHole
from segwh.sql.people import Person
from segwh.sql.scans import Source

COMPARISONS = (exp.LT, exp.LTE, exp.GT, exp.GTE, exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Between)


@dataclass(frozen=True, slots=True)
class Waking:
    """`conditions` on the columns of the facts, null or true or false: whether one of the `told` segments may have another
    answer though a row is as it was. What the other segments of the grain say cannot be told from the facts.
    """

    conditions: tuple[exp.Expr, ...]
    told: frozenset[str]


def waking(entity: EntityPlan, project: ir.Project, source: Source) -> Waking:
    """For the active segments that count the entity itself. Columns stand without a table."""
    person = Person(entity, project, source)
    found: dict[str, exp.Expr] = {}
    told: set[str] = set()
    for plan in entity.segments:
        if plan.segment.aggregate_on is None and plan.segment.status == "active":
            compared = _compared(plan, person)
            if compared is not None:
                told.add(plan.name)
                found |= compared
    return Waking(tuple(_flips(each, source) for each in found.values()), frozenset(told))


def _compared(plan: SegmentPlan, person: Person) -> dict[str, exp.Expr] | None:
    """The comparisons with bounds that a segment makes, by their text; None where it asks more than the row and the bounds."""
    condition = own_condition(plan, person)
    if any(condition.find_all(exp.Query, exp.Window, exp.AggFunc)):
        return None
    found: dict[str, exp.Expr] = {}
    for hole in condition.find_all(exp.Placeholder):
        comparison = hole.find_ancestor(*COMPARISONS)
        if comparison is None or not any(comparison.find_all(exp.Column)):
            return None
        found[comparison.sql()] = comparison
    return found


def _flips(comparison: exp.Expr, source: Source) -> exp.Expr:
    """Whether a comparison has another answer by the bounds of now than by those of before."""
    before = comparison.copy()
    for hole in list(_bounds(before)):
        bound = source.holes.found[hole.name]
        assert isinstance(bound, BoundHole)
        hole.replace(source.holes.before().bound(bound.bound, bound.kind))
    return exp.NullSafeNEQ(this=exp.Paren(this=comparison.copy()), expression=exp.Paren(this=before))


def _bounds(tree: exp.Expr) -> Iterator[exp.Placeholder]:
    yield from tree.find_all(exp.Placeholder)
