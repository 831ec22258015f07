"""Conditions that nobody meets together, whatever the data is, and others that cannot mean what they say.

This looks for slips, and not for proofs: what it does not see is no mistake of the rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from segwh import ir
from segwh.resolve.possible import ANY, SIZE, Range, distance, verdict
from segwh.semantics import AS_OF, EXACT_SECONDS, Interval
from segwh.text.diagnostics import Code, Complaints
from segwh.text.source import Span
from segwh.types import DataType

EXISTING = ir.InInterval | ir.Compare | ir.OneOf | ir.TextMatch | ir.ListHas
"""Tests that are false on a missing value and, but for the values of a list, on the empty text."""
MOST_TESTS = 20
"""Bounds of one subject in a list up to which they are tried out, each time one comes; of more, some value is possible."""
NO_ONE = "nobody meets this, whatever the data is: "
A_PART = "a part of this never holds, whatever the data is: "
"""Of what is meant the other way round, is one of several, or is asked of rows that may be counted as none."""


def slips(test: ir.Predicate) -> Iterator[str]:
    """What is wrong with a condition and with the parts of it, one sentence each."""
    for where in _rows(test):
        yield from _inside(where)
    match test:
        case ir.And(items):
            found = together(items)
            if found:
                yield found
            for item in _flat(items):
                yield from slips(item)
        case ir.Or(items):
            for item in items:
                yield from _inside(item)
        case ir.AtLeast(_, items):
            if len(set(items)) < len(items):
                yield "one condition stands in the list twice, and counts twice"
            for item in items:
                yield from _inside(item)
        case ir.Not(item):
            yield from _inside(item)
        case ir.InInterval(ir.Measured(rows, ir.EdgeTime()) as subject, interval):
            asked = [ir.InInterval(subject, one) for one in (rows.window, interval) if one is not None]
            is_past = ir.InInterval(subject, Interval(end=AS_OF))
            # Times that are fixed are not put in order with those that follow from as-of: so without it, too.
            if "never" in (verdict(asked, ANY), verdict([*asked, is_past], ANY)):
                yield f"{NO_ONE}no row that counts here is one of that time"
        case ir.Sequence(steps, window) if window is not None:
            if any(_never_passes(step, window) for step in steps):
                yield f"{NO_ONE}the time of a negative step is longer than the window, and never has fully passed"
        case ir.CompareFields(first, _, second) if first == second:
            yield "a column is compared to itself"
        case _:
            return


def warn_of_slips(test: ir.Predicate, span: Span, complaints: Complaints) -> None:
    """Warn of what is wrong with a condition by itself."""
    for slip in slips(test):
        warn_of_contradiction(span, slip, complaints)


def warn_of_contradiction(span: Span, message: str, complaints: Complaints, hint: str = "") -> None:
    """Warn of one."""
    complaints.warning(Code.CONTRADICTION, span, message, "conditions that can hold together", hint)


def _inside(part: ir.Predicate) -> Iterator[str]:
    """What is wrong with a part of a condition, in words about the whole, which people may meet."""
    return (slip.replace(NO_ONE, A_PART) for slip in slips(part))


def _rows(test: ir.Predicate) -> Iterator[ir.Predicate]:
    """What a condition asks of single rows."""
    match test:
        case ir.RowHolds(rows, _, where):
            yield where
        case ir.Sequence(steps, _):
            yield from (step.where for step in steps if step.where is not None)
            return
        case ir.Compare(ir.Measured(rows)) | ir.OneOf(ir.Measured(rows)) | ir.InInterval(ir.Measured(rows)):
            pass
        case _:
            return
    if rows.where is not None:
        yield rows.where


class Together:
    """Conditions of one list, which all have to hold."""

    def __init__(self) -> None:
        self.known: set[ir.Predicate] = set()
        self.opposites: set[ir.Predicate] = set()
        self.by_subject: dict[ir.Operand, list[ir.Predicate]] = {}
        self.is_wrong = False

    def add(self, test: ir.Predicate) -> str:
        """What is wrong since a condition was added; "" where nothing is, or something was before."""
        found = [slip for part in _flat([test]) if (slip := self._added(part))]
        is_new = bool(found) and not self.is_wrong
        self.is_wrong = self.is_wrong or bool(found)
        return found[0] if is_new else ""

    def _added(self, item: ir.Predicate) -> str:
        self.known.add(item)
        if isinstance(item, ir.Not):
            self.opposites.add(item.item)
        if item in self.opposites or (isinstance(item, ir.Not) and item.item in self.known):
            return f"{NO_ONE}a condition and its opposite"
        subject = _subject(item)
        if subject is None:
            return ""
        tests = self.by_subject.setdefault(subject, [])
        tests.append(item)
        if len(tests) == 1 or not _excludes_all(subject, tests):
            return ""
        if isinstance(subject, ir.Field | ir.TraitValue):
            return f"{NO_ONE}no value of `{subject}` does"
        return f"{NO_ONE}bounds of one measure contradict each other"


def together(items: Sequence[ir.Predicate]) -> str:
    """What is wrong with conditions that all have to hold; "" where nothing is."""
    return Together().add(ir.And(tuple(items)))


def against(include: Together, exclude: ir.Predicate) -> bool:
    """Whether an exclusion leaves out everybody whom the list lets in."""
    return exclude in include.known


def _flat(items: Sequence[ir.Predicate]) -> Iterator[ir.Predicate]:
    for item in items:
        if isinstance(item, ir.And):
            yield from _flat(item.items)
        else:
            yield item


def _subject(test: ir.Predicate) -> ir.Operand | None:
    match test:
        case ir.Not(item):
            return _subject(item)
        case (
            ir.Compare()
            | ir.OneOf()
            | ir.InInterval()
            | ir.ListSize()
            | ir.IsEmpty()
            | ir.TextMatch()
            | ir.Regex()
            | ir.ListHas()
        ):
            return test.subject
        case _:
            return None


def _excludes_all(subject: ir.Operand, tests: Sequence[ir.Predicate]) -> bool:
    """Whether no value meets all tests, and a missing one does not either."""
    asked = [test for test in tests if isinstance(test, EXISTING)]
    if any(isinstance(test, ir.IsEmpty) for test in tests):
        # the empty text is a value that is not there, too
        return any(not (isinstance(test, ir.OneOf) and "" in test.values) for test in asked)
    measured = [test for test in tests if _is_ordered(test)]
    is_tried = 1 < len(measured) <= MOST_TESTS
    if subject.type is DataType.STRING_LIST:
        # a list that is missing has no size, and meets whatever is not asked of one
        exists = bool(asked) or any(isinstance(test, ir.ListSize) for test in tests)
        return exists and is_tried and verdict(measured, SIZE) == "never"
    if not asked:
        return False
    if subject.type in (DataType.STRING, DataType.BOOLEAN):
        return _no_word_is_left(tests)
    return is_tried and verdict(measured, Range(is_whole=subject.type is DataType.INTEGER)) == "never"


def _is_ordered(test: ir.Predicate) -> bool:
    test = test.item if isinstance(test, ir.Not) else test
    return isinstance(test, ir.Compare | ir.InInterval | ir.ListSize | ir.OneOf)


def _no_word_is_left(tests: Sequence[ir.Predicate]) -> bool:
    """Whether what some tests allow is forbidden by others; those without regard to case are passed over."""
    allowed: set[ir.Scalar] | None = None
    for test in tests:
        if isinstance(test, ir.OneOf) and not test.ignore_case:
            allowed = set(test.values) if allowed is None else allowed & set(test.values)
    for test in tests:
        if allowed is not None and isinstance(test, ir.Not) and isinstance(test.item, ir.OneOf) and not test.item.ignore_case:
            allowed -= set(test.item.values)
    return allowed is not None and not allowed


def _never_passes(step: ir.Step, window: Interval) -> bool:
    """Whether the time of a negative step is longer than the window in which the step before it has to lie."""
    if not step.negative or step.within is None or not step.within.unit.is_exact:
        return False
    back = distance(window.start)
    return back is not None and step.within.count * EXACT_SECONDS[step.within.unit] > -back
