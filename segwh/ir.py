"""Bound rules: what a project means, names resolved, types checked, sugar removed, references acyclic.

The floors below know text; the floors above (plan, reference) know only this. Equal means the same meaning: spans are left
out of equality, so a dict look-up merges what two rules share.

Values. An *operand* is what a condition looks at in one row: a field of the row, a trait, or a measure over an entity's rows.
Every operand is a value or missing (null). Law 7 lives here: a count, days, distinct or sum of no rows is 0; avg, min, max,
first, last and most_frequent of no rows are missing.

Truth. Every predicate is true or false (law 2): each test below is False on a missing operand. Negative operators do not
exist here: `is_not` is Not(OneOf), `missing: fails` is And(Not(OneOf), Not(IsMissing)), `missing: matches` is
Or(..., IsMissing). For a comparison of two fields, missing means either is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal as OneWordOf

from segwh.catalog.model import Catalog, Entity
from segwh.semantics import Calendar, Duration, Interval, Unit
from segwh.text.source import Span
from segwh.types import DataType, Relation

Scalar = str | int | Decimal | bool
"""A literal of a rule. Numbers are int or exact Decimal; dates and times never get here (they are Intervals)."""


# --- operands -----------------------------------------------------------------------------------------------------------


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


Operand = Field | TraitValue | Measured


# --- predicates ---------------------------------------------------------------------------------------------------------


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


# --- traits -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`left operator right` in doubles; division by zero and a missing operand give missing."""

    operator: OneWordOf["+", "-", "*", "/"]
    left: Formula
    right: Formula


@dataclass(frozen=True, slots=True)
class Constant:
    """A number in a formula."""

    value: Decimal


Formula = Arithmetic | Constant | Field | TraitValue


@dataclass(frozen=True, slots=True)
class Points:
    """A score: the sum of `points` of the entries whose predicate holds, starting from 0."""

    entries: tuple[tuple[Predicate, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Stages:
    """The name of the first stage whose predicate holds; missing if none does. Everyone() stands for "no condition"."""

    entries: tuple[tuple[str, Predicate], ...]


@dataclass(frozen=True, slots=True)
class Scoring:
    """How one RFM measure becomes a score 1 (worst) to `scores` (best).

    `cuts` (ascending, scores - 1 of them) only for fixed.
    """

    scores: int
    method: OneWordOf["quantile", "fixed", "rank"]
    cuts: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True)
class RfmName:
    """A named cell: it fits when every given score is in its tuple; None means any."""

    name: str
    r: tuple[int, ...] | None = None
    f: tuple[int, ...] | None = None
    m: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Rfm:
    """Recency (whole elapsed 24-hour days since the last row), frequency (rows) and monetary (sum of `value`) with scores.

    Missing for an entity without a row. For recency fewer days are better.
    """

    rows: Rows
    value: Field
    recency: Scoring
    frequency: Scoring
    monetary: Scoring
    named: tuple[RfmName, ...] = ()


@dataclass(frozen=True, slots=True)
class Trait:
    """A computed column of an entity.

    `definition` Measured, a formula, Points, Stages or Rfm; `type` is of the value (Rfm: STRING).
    """

    name: str
    entity: str
    type: DataType
    definition: Measured | Arithmetic | Constant | Field | TraitValue | Points | Stages | Rfm
    description: str = field(default="", compare=False)
    span: Span | None = field(default=None, compare=False)


RFM_PART_TYPES: Mapping[str, DataType] = {
    "recency": DataType.INTEGER,
    "frequency": DataType.INTEGER,
    "monetary": DataType.NUMBER,
    "recency_score": DataType.INTEGER,
    "frequency_score": DataType.INTEGER,
    "monetary_score": DataType.INTEGER,
    "cell": DataType.STRING,
    "name": DataType.STRING,
}
"""The parts of an rfm trait. `monetary` has the type of the summed field instead when that is integer or decimal."""


# --- segments -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of an include or exclude list: its meaning, and the text and place it came from (for preview and comments)."""

    predicate: Predicate
    text: str = field(default="", compare=False)
    """The condition as one line of YAML flow text."""
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Limit:
    """Keep the best `top` (or `percent` of those eligible, rounded up) by an operand, per group if `per` is given.

    Missing `by` comes last in both orders; a missing `per` is not a member; ties go to the smaller key.
    """

    by: Operand
    order: OneWordOf["asc", "desc"] = "desc"
    top: int | None = None
    percent: Decimal | None = None
    per: Operand | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """Variants in the order written with their share in basis points (10000 = everyone)."""

    seed: str
    variants: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Stay:
    """Caps on membership: leave after `at_most`, come back only `again_after` the last exit."""

    at_most: Duration | None = None
    again_after: Duration | None = None


Freeze = OneWordOf["inactive", "expired", "static"]


@dataclass(frozen=True, slots=True)
class Segment:
    """A bound segment. Member = exists, created within `time_to_live`, every include rule holds, no exclude rule holds, no
    project-wide exclusion applies, then group priority, then limit (law 11).
    """

    name: str
    entity: str
    include: tuple[Rule, ...]
    exclude: tuple[Rule, ...] = ()
    type: OneWordOf["dynamic", "static"] = "dynamic"
    status: OneWordOf["active", "inactive"] = "active"
    aggregate_on: Field | None = None
    expires_at: datetime | None = None
    """The UTC instant of the local midnight that begins `expires_on`."""
    time_to_live: Duration | None = None
    limit: Limit | None = None
    split: Split | None = None
    stay: Stay | None = None
    always: Relation | None = None
    variant_of: tuple[str, str] | None = None
    """(segment, variant) for a segment made by a split: member when in that segment and in the variant's buckets."""
    hidden: bool = False
    """Made only for tracking or reuse: in the log, not in the registry's listing for people."""
    max_exit_fraction: Decimal | None = field(default=None, compare=False)
    max_entry_fraction: Decimal | None = field(default=None, compare=False)
    label: str = field(default="", compare=False)
    description: str = field(default="", compare=False)
    owner: str = field(default="", compare=False)
    tags: tuple[str, ...] = field(default=(), compare=False)
    expires_on: str = field(default="", compare=False)
    activate: tuple[str, ...] | None = field(default=None, compare=False)
    """Columns beside the key in the audience view; () is the key alone; None: no view."""
    analytics: bool = field(default=False, compare=False)
    refresh: str = field(default="", compare=False)
    was: str | None = field(default=None, compare=False)
    text: str = field(default="", compare=False)
    """The rule as written (the YAML of this segment)."""
    span: Span | None = field(default=None, compare=False)

    @property
    def grain(self) -> str:
        """The name of its grain: the entity, or `<entity>_by_<attribute>`."""
        return self.entity if self.aggregate_on is None else f"{self.entity}_by_{self.aggregate_on.name}"

    def freeze(self, at: datetime) -> Freeze | None:
        """Why runs at an instant do not take whom the rule finds (law 13); a static segment takes them in its first run."""
        if self.status == "inactive":
            return "inactive"
        if self.expires_at is not None and at >= self.expires_at:
            return "expired"
        return "static" if self.type == "static" else None


@dataclass(frozen=True, slots=True)
class Group:
    """A waterfall: the first segment that has a key keeps it (priority is against the final members of the earlier ones)."""

    name: str
    segments: tuple[str, ...]
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A project-wide suppression: members of `segment` are in no segment of `entity` but those named in exclusions.

    With `tags`, only segments that carry one of them are suppressed.
    """

    entity: str
    segment: str
    reason: str = ""
    tags: tuple[str, ...] = ()
    span: Span | None = field(default=None, compare=False)


LOAD_DELAY = Duration(1, Unit.HOURS)
"""How long after its `loaded_at` a row is expected to be there to be read, where segwh.yml does not say."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What segwh.yml says."""

    calendar: Calendar = field(default_factory=Calendar)
    rules_path: str = "segments"
    models_path: str = "models/segwh"
    macros_path: str = "macros/segwh"
    max_exit_fraction: Decimal | None = Decimal("0.5")
    """None switches the circuit breaker off."""
    max_entry_fraction: Decimal | None = None
    """The same for those who come; there is none unless somebody asks for it."""
    as_of_unit: OneWordOf["day", "hour"] | None = None
    load_delay: Duration = LOAD_DELAY
    """How long after its `loaded_at` a row may come to be seen: what was loaded shortly before the last as-of is read again."""
    unit_tests: bool = False
    """Whether the users' fixtures are compiled to dbt's own unit tests."""
    storage: Mapping[str, Mapping[str, object]] = field(default_factory=dict, hash=False)
    """dbt's options for how the large tables lie (table -> option -> value of plain data); None takes an option away."""


@dataclass(frozen=True, slots=True)
class Project:
    """Everything bound. Traits and segments are in dependency order: each comes after what it refers to."""

    settings: Settings
    catalog: Catalog
    traits: tuple[Trait, ...] = ()
    segments: tuple[Segment, ...] = ()
    groups: tuple[Group, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()

    def entity(self, name: str) -> Entity:
        """The entity of that name. Raises KeyError."""
        found = self.catalog.entity(name)
        if found is None:
            raise KeyError(name)
        return found

    def segment(self, name: str) -> Segment:
        """The segment of that name. Raises KeyError."""
        for segment in self.segments:
            if segment.name == name:
                return segment
        raise KeyError(name)

    def trait(self, entity: str, name: str) -> Trait:
        """The trait of that entity and name. Raises KeyError."""
        for trait in self.traits:
            if (trait.entity, trait.name) == (entity, name):
                return trait
        raise KeyError((entity, name))

    def suppressions(self, segment: Segment) -> tuple[str, ...]:
        """Names of the suppression segments that apply to a segment: none for those named in exclusions themselves."""
        named = {exclusion.segment for exclusion in self.exclusions}
        if segment.name in named:
            return ()
        return tuple(
            exclusion.segment
            for exclusion in self.exclusions
            if exclusion.entity == segment.entity and (not exclusion.tags or set(exclusion.tags) & set(segment.tags))
        )

    def earlier_in_group(self, segment: str) -> tuple[str, ...]:
        """Names of the segments that go before a segment in its groups."""
        earlier: list[str] = []
        for group in self.groups:
            if segment in group.segments:
                earlier.extend(group.segments[: group.segments.index(segment)])
        return tuple(dict.fromkeys(earlier))


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
