"""What a condition looks at (operands), and what it asks (predicates). They name each other: rows are counted where a predicate
holds, and predicates compare operands.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal as OneWordOf

from segwh.semantics import Duration, Interval
from segwh.types import DataType, Relation

Scalar = str | int | Decimal | bool
"""A literal of a rule. Numbers are int or exact Decimal; dates and times never get here (they are Intervals)."""


# --- operands ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the row in question: an attribute of the entity, or inside `where` a property of the event or related row.

    `lookup` names the many-to-one join through which it is reached (`product.category`), None for the row's own column.
    """

    name: str
    type: DataType
    lookup: str | None = None

    def __str__(self) -> str:
        return f"{self.lookup}.{self.name}" if self.lookup else self.name


@dataclass(frozen=True, slots=True)
class TraitValue:
    """A computed trait of the entity; `part` is the piece of an rfm trait ("recency", "recency_score", "cell", "name", ...)."""

    trait: str
    type: DataType
    part: str | None = None

    def __str__(self) -> str:
        return f"{self.trait}.{self.part}" if self.part else self.trait


@dataclass(frozen=True, slots=True)
class Rows:
    """An entity's rows of one event (or one related relation): those that pass `where` and lie in `window`.

    `window` None means all time before as-of; related rows never have one.
    """

    kind: OneWordOf["event", "related"]
    name: str
    where: Predicate | None = None
    window: Interval | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """Number of rows.

    With `by`, the size of the largest group of rows that share a value of it (missing values form no group).
    """

    by: Field | None = None


@dataclass(frozen=True, slots=True)
class Days:
    """Number of distinct local calendar days with a row."""


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A sum, avg, min, max or number of distinct values of a field; nulls are passed over. sum and distinct of none are 0."""

    function: OneWordOf["sum", "avg", "min", "max", "distinct"]
    of: Field


@dataclass(frozen=True, slots=True)
class EdgeTime:
    """The time of the first or last row."""

    edge: OneWordOf["first", "last"]


@dataclass(frozen=True, slots=True)
class EdgeValue:
    """A field of the first or last row (law 15 breaks ties), null or not."""

    edge: OneWordOf["first", "last"]
    of: Field


@dataclass(frozen=True, slots=True)
class MostFrequent:
    """The value of a field that most rows have; of equals the one whose latest row is most recent, then the smallest.

    Nulls do not count.
    """

    of: Field


Measure = Count | Days | Aggregate | EdgeTime | EdgeValue | MostFrequent


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure over an entity's rows, used as a value."""

    rows: Rows
    measure: Measure
    type: DataType

    def __str__(self) -> str:
        return f"{type(self.measure).__name__.lower()} of {self.rows.name}"

    @property
    def is_exact_mean(self) -> bool:
        """Whether it is the average of numbers that add up exactly."""
        match self.measure:
            case Aggregate("avg", of):
                return of.type in (DataType.INTEGER, DataType.DECIMAL)
            case _:
                return False

    @property
    def is_plain(self) -> bool:
        """Whether one conditional aggregate computes it."""
        match self.measure:
            case Count(by):
                return by is None
            case Days() | Aggregate() | EdgeTime():
                return True
            case _:
                return False


Operand = Field | TraitValue | Measured


# --- predicates --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class And:
    """All hold. Of no items: true."""

    items: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one holds. Of no items: false."""

    items: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The complement."""

    item: Predicate


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least `count` of the items hold; 1 <= count <= len(items)."""

    count: int
    items: tuple[Predicate, ...]


@dataclass(frozen=True, slots=True)
class Everyone:
    """Always true."""


@dataclass(frozen=True, slots=True)
class IsMissing:
    """The operand is null."""

    subject: Operand


@dataclass(frozen=True, slots=True)
class IsEmpty:
    """The operand is null, the empty string or the empty list (law 3). `exists: true` is Not(IsEmpty)."""

    subject: Operand


@dataclass(frozen=True, slots=True)
class OneOf:
    """`is` and `in`: the operand equals one of the values (type string, numeric or boolean; temporal values are InInterval)."""

    subject: Operand
    values: tuple[Scalar, ...]
    ignore_case: bool = False


@dataclass(frozen=True, slots=True)
class OneOfRelation:
    """`in: {relation, column}`: the operand equals a non-null value of that column."""

    subject: Operand
    relation: Relation
    column: str
    ignore_case: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """A numeric operand against a number."""

    subject: Operand
    operator: OneWordOf["gt", "gte", "lt", "lte"]
    value: int | Decimal


@dataclass(frozen=True, slots=True)
class TextMatch:
    """A string operand contains, starts with or ends with a literal text (`%` and `_` are ordinary characters)."""

    subject: Operand
    how: OneWordOf["contains", "starts_with", "ends_with"]
    value: str
    ignore_case: bool = False


@dataclass(frozen=True, slots=True)
class Regex:
    """A string operand matches a regular expression somewhere (law 4, ruling B17).

    `pattern` was checked to be in the shared subset.
    """

    subject: Operand
    pattern: str
    ignore_case: bool = False


@dataclass(frozen=True, slots=True)
class InInterval:
    """A date or timestamp operand lies in a half-open interval.

    A date stands for its local midnight (see semantics.date_of).
    """

    subject: Operand
    interval: Interval


@dataclass(frozen=True, slots=True)
class DayOfYearBetween:
    """The operand's local (month, day) lies in a range, both ends included, that may wrap the new year (law 10, ruling B13)."""

    subject: Operand
    first: tuple[int, int]
    last: tuple[int, int]


@dataclass(frozen=True, slots=True)
class DayOfYearWithinNext:
    """The operand's local (month, day) is that of one of the next `days` local dates, today included (law 10, ruling B14)."""

    subject: Operand
    days: int


@dataclass(frozen=True, slots=True)
class DayOfWeekIn:
    """The operand's local day of the week is one of `days` (0 is Monday)."""

    subject: Operand
    days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class HourBetween:
    """The timestamp operand's local hour of the day lies in [first, last], both included; it may wrap midnight."""

    subject: Operand
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class ListHas:
    """A list operand has any or all of the values. Null elements equal nothing."""

    subject: Operand
    how: OneWordOf["any", "all"]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListSize:
    """The number of elements of a list operand against a number. A missing list has no size."""

    subject: Operand
    operator: OneWordOf["is", "gt", "gte", "lt", "lte"]
    value: int


@dataclass(frozen=True, slots=True)
class CompareFields:
    """Two operands of one row against each other: false when either is missing. Numeric types compare among each other, a date
    with a timestamp as its local midnight; contains, starts_with and ends_with take strings.
    """

    subject: Operand
    operator: OneWordOf["is", "gt", "gte", "lt", "lte", "contains", "starts_with", "ends_with"]
    other: Operand
    ignore_case: bool = False


@dataclass(frozen=True, slots=True)
class RowHolds:
    """A predicate on the first or last of an entity's rows; false without rows."""

    rows: Rows
    edge: OneWordOf["first", "last"]
    where: Predicate


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a sequence. `within` is measured from the last positive step; `same` lists fields equal to that step's (null
    equals nothing). A negative step always has `within`; the first step is positive and has neither.
    """

    event: str
    where: Predicate | None = None
    negative: bool = False
    within: Duration | None = None
    same: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Sequence:
    """Some choice of rows passes the steps in order, each strictly later than the one before (law 9).

    `window` binds every step.
    """

    steps: tuple[Step, ...]
    window: Interval | None = None


@dataclass(frozen=True, slots=True)
class MemberOf:
    """Membership of another segment at the same as-of: one of the same entity, or with `through` one of the entity to which
    that lookup leads: then whether the row that it finds is a member, false where it finds none.

    `entered_within` d: as_of - d < entered_at <= as_of. `held_for` d: entered_at <= as_of - d. At most one is set.
    Across grains of one entity: the value of the entity's row at that segment's grain is a member.
    """

    segment: str
    entered_within: Duration | None = None
    held_for: Duration | None = None
    through: str | None = None


Test = (
    IsMissing
    | IsEmpty
    | OneOf
    | OneOfRelation
    | Compare
    | TextMatch
    | Regex
    | InInterval
    | DayOfYearBetween
    | DayOfYearWithinNext
    | DayOfWeekIn
    | HourBetween
    | ListHas
    | ListSize
    | CompareFields
)
Combinator = And | Or | Not | AtLeast
Predicate = Combinator | Everyone | Test | RowHolds | Sequence | MemberOf


# --- walks -------------------------------------------------------------------------------------------------------------------


def operands(predicate: Predicate) -> Iterator[Operand]:
    """Every operand a predicate looks at on its own row (not those inside the `where` of measured rows)."""
    match predicate:
        case And(items) | Or(items) | AtLeast(_, items):
            for item in items:
                yield from operands(item)
        case Not(item):
            yield from operands(item)
        case CompareFields(subject, _, other, _):
            yield subject
            yield other
        case Everyone() | RowHolds() | Sequence() | MemberOf():
            return
        case _:
            yield predicate.subject


def references(predicate: Predicate) -> Iterator[MemberOf]:
    """Every reference to a segment in a predicate of an entity."""
    match predicate:
        case And(items) | Or(items) | AtLeast(_, items):
            for item in items:
                yield from references(item)
        case Not(item):
            yield from references(item)
        case MemberOf():
            yield predicate
        case _:
            return
