"""Sequences: every choice of rows is tried (law 9)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from segwh import ir
from segwh.reference.measures import Read
from segwh.reference.records import Record
from segwh.reference.windows import Moment, moved

RowsOf = Callable[[ir.Step], Sequence[Record]]


def passes_steps(steps: Sequence[ir.Step], last: Record | None, rows_of: RowsOf, read: Read, moment: Moment) -> bool:
    """Whether the steps can be passed from the last positive step's row on. `rows_of` gives the rows that a step looks at."""
    if not steps:
        return True
    step, rest = steps[0], steps[1:]
    following = [row for row in rows_of(step) if last is None or _follows(row, last, step, read, moment)]
    if not step.negative:
        # Each time a choice fails, the next is tried; that is the whole search.
        return any(passes_steps(rest, row, rows_of, read, moment) for row in following)
    assert last is not None
    deadline = _deadline(last, step, moment)
    assert deadline is not None
    return deadline <= moment.as_of and not following and passes_steps(rest, last, rows_of, read, moment)


def _follows(row: Record, last: Record, step: ir.Step, read: Read, moment: Moment) -> bool:
    assert row.time is not None
    assert last.time is not None
    deadline = _deadline(last, step, moment)
    in_time = last.time < row.time and (deadline is None or row.time <= deadline)
    return in_time and all(_same(read(field, row), read(field, last)) for field in step.same)


def _same(value: object, other: object) -> bool:
    return value is not None and value == other


def _deadline(last: Record, step: ir.Step, moment: Moment) -> datetime | None:
    assert last.time is not None
    return None if step.within is None else moved(last.time, 1, step.within, moment)
