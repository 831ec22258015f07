"""Bounds that no number of rows meets, or every one, are told from the others: held against trying all small numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from segwh import ir
from segwh.resolve.possible import COUNT, Range, verdict
from segwh.types import DataType

SUBJECT = ir.Field("n", DataType.INTEGER)
NUMBERS = range(12)
"""The bounds are smaller than the last of these."""

compares = st.builds(
    lambda word, bound: ir.Compare(SUBJECT, word, bound), st.sampled_from(("gt", "gte", "lt", "lte")), st.integers(-2, 9)
)
lists = st.builds(lambda values: ir.OneOf(SUBJECT, tuple(values)), st.lists(st.integers(-2, 9), min_size=1, max_size=3))
tests = st.one_of(compares, lists, st.one_of(compares, lists).map(ir.Not))


def holds(test: ir.Predicate, value: int) -> bool:
    match test:
        case ir.Not(item):
            return not holds(item, value)
        case ir.OneOf(_, values):
            return value in values
        case ir.Compare(_, operator, bound):
            return {"gt": value > bound, "gte": value >= bound, "lt": value < bound, "lte": value <= bound}[operator]
    raise AssertionError(test)


@given(st.lists(tests, min_size=1, max_size=3))
def test_a_verdict_is_what_trying_all_numbers_says(bounds: list[ir.Predicate]) -> None:
    met = [all(holds(test, value) for test in bounds) for value in NUMBERS]
    expected = "never" if not any(met) else "always" if all(met) else None
    assert verdict(bounds, COUNT) == expected


@given(st.lists(tests, min_size=1, max_size=3))
def test_what_can_be_missing_is_never_always_so(bounds: list[ir.Predicate]) -> None:
    assert verdict(bounds, Range(least=0, is_whole=True)) in ("never", None)
