"""What the user wrote, with places, names unresolved: conditions, traits, segments and the rest of a project's sections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal as OneWordOf

from segwh.rules.measures import MeasureRow
from segwh.rules.operators import Operator
from segwh.semantics import Duration, Unit
from segwh.text.source import Node, Scalar, Span
from segwh.types import Relation

# --- arguments of operators -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OtherColumn:
    """`{attribute: OTHER}` as the argument of an operator."""

    name: Scalar


@dataclass(frozen=True, slots=True)
class ListColumn:
    """`{relation: ..., column: ...}`: the values are those of a column."""

    relation: Relation
    column: str


@dataclass(frozen=True, slots=True)
class Within:
    """A stretch before as-of, or before as-of minus `ending`."""

    duration: Duration
    ending: Duration | None = None


@dataclass(frozen=True, slots=True)
class CalendarUnits:
    """The unit that holds as-of, or `count` complete ones before or after it."""

    which: OneWordOf["this", "last", "next"]
    count: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class DaysOfYear:
    """A range of (month, day), both ends included, which may wrap the new year."""

    first: tuple[int, int]
    last: tuple[int, int]


@dataclass(frozen=True, slots=True)
class NextDaysOfYear:
    """Today and the local dates after it, `days` in all."""

    days: int


@dataclass(frozen=True, slots=True)
class DaysOfWeek:
    """Days of the week, 0 is Monday."""

    days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """A range of hours, both ends included, which may wrap midnight."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bounds of a whole number; all hold."""

    bounds: tuple[tuple[OneWordOf["is", "gt", "gte", "lt", "lte"], int], ...]


Argument = (
    Scalar
    | tuple[Scalar, ...]
    | bool
    | Duration
    | OtherColumn
    | ListColumn
    | Within
    | CalendarUnits
    | DaysOfYear
    | NextDaysOfYear
    | DaysOfWeek
    | Hours
    | Sizes
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """An operator with its argument. `span` is the operator's place, `value_span` the argument's."""

    operator: Operator
    argument: Argument
    span: Span
    value_span: Span


# --- windows --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Between:
    """From one date or time to another."""

    first: Scalar
    last: Scalar


@dataclass(frozen=True, slots=True)
class Since:
    """From a date or time on."""

    time: Scalar


@dataclass(frozen=True, slots=True)
class Until:
    """Through a date, or before a time."""

    time: Scalar


@dataclass(frozen=True, slots=True)
class BeforeAgo:
    """Earlier than as-of minus a duration."""

    duration: Duration


Window = Within | Between | Since | Until | CalendarUnits | BeforeAgo


# --- conditions -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Combined:
    """A combinator over conditions; `count` only of at_least."""

    how: OneWordOf["all", "any", "none", "not", "at_least"]
    items: tuple[Condition, ...]
    span: Span
    count: int = 0


@dataclass(frozen=True, slots=True)
class Everyone:
    """The word `everyone`."""

    span: Span


@dataclass(frozen=True, slots=True)
class AttributeCondition:
    """A comparison of an attribute, trait or property."""

    name: Scalar
    comparison: Comparison
    ignore_case: bool
    missing: OneWordOf["fails", "matches"] | None
    span: Span


@dataclass(frozen=True, slots=True)
class MeasureUse:
    """A measure with what it is compared to; `where` only of first and last."""

    row: MeasureRow
    of: Scalar | None
    bounds: tuple[Comparison, ...]
    where: Condition | None
    span: Span


@dataclass(frozen=True, slots=True)
class RowsCondition:
    """A condition on the entity's rows of an event or a related relation. No measure means at least one row."""

    kind: OneWordOf["event", "related"]
    name: Scalar
    where: Condition | None
    window: Window | None
    window_span: Span | None
    measure: MeasureUse | None
    missing: OneWordOf["fails", "matches"] | None
    span: Span


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a sequence."""

    event: Scalar
    negative: bool
    where: Condition | None
    within: Duration | None
    same: tuple[Scalar, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class SequenceCondition:
    """Steps in order."""

    steps: tuple[Step, ...]
    window: Window | None
    window_span: Span | None
    span: Span


@dataclass(frozen=True, slots=True)
class SegmentCondition:
    """Membership of another segment."""

    name: Scalar
    entered_within: Duration | None
    held_for: Duration | None
    span: Span


@dataclass(frozen=True, slots=True)
class NamedCondition:
    """A condition of the `conditions` section, by its name."""

    name: Scalar
    span: Span


@dataclass(frozen=True, slots=True)
class Broken:
    """What could not be read, and was complained about; `rest` is what is left to check of it."""

    span: Span
    rest: Condition | None = None


Condition = (
    Combined
    | Everyone
    | AttributeCondition
    | RowsCondition
    | SequenceCondition
    | SegmentCondition
    | NamedCondition
    | Broken
)


# --- sections -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConditionDeclaration:
    """An item of `conditions`: a condition with a name."""

    name: Scalar
    entity: Scalar
    when: Condition | None


@dataclass(frozen=True, slots=True)
class MeasureTrait:
    """A trait that is a measure; `of` None is the word `rows` (count, days) or `time` (first, last)."""

    kind: OneWordOf["event", "related"]
    rows: Scalar
    row: MeasureRow
    of: Scalar | None
    where: Condition | None
    window: Window | None
    window_span: Span | None
    span: Span


@dataclass(frozen=True, slots=True)
class FormulaTrait:
    """A trait that is arithmetic, as text."""

    formula: Scalar


@dataclass(frozen=True, slots=True)
class PointsTrait:
    """A score: conditions with what each adds."""

    entries: tuple[tuple[Condition, int | Decimal], ...]


@dataclass(frozen=True, slots=True)
class StagesTrait:
    """A life cycle: names with conditions; None is "no condition"."""

    entries: tuple[tuple[Scalar, Condition | None], ...]
    track: bool


@dataclass(frozen=True, slots=True)
class ScoringSyntax:
    """How an RFM measure becomes a score."""

    scores: int
    method: OneWordOf["quantile", "fixed", "rank"]
    cuts: tuple[int | Decimal, ...]


@dataclass(frozen=True, slots=True)
class RfmCell:
    """A named cell of an RFM trait."""

    name: str
    r: tuple[int, ...] | None
    f: tuple[int, ...] | None
    m: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class RfmTrait:
    """Recency, frequency and monetary value of an event."""

    event: Scalar
    value: Scalar
    where: Condition | None
    window: Window | None
    window_span: Span | None
    recency: ScoringSyntax
    frequency: ScoringSyntax
    monetary: ScoringSyntax
    named: tuple[RfmCell, ...]


TraitDefinition = MeasureTrait | FormulaTrait | PointsTrait | StagesTrait | RfmTrait


@dataclass(frozen=True, slots=True)
class TraitDeclaration:
    """An item of `traits`; `definition` None where it could not be read."""

    name: Scalar
    entity: Scalar
    description: str
    definition: TraitDefinition | None


@dataclass(frozen=True, slots=True)
class WrittenRule:
    """An entry of include or exclude: the condition and the node it was read from."""

    condition: Condition
    node: Node


@dataclass(frozen=True, slots=True)
class LimitSyntax:
    """`limit` as written."""

    by: Scalar
    order: OneWordOf["asc", "desc"]
    top: int | None
    percent: Decimal | None
    per: Scalar | None


@dataclass(frozen=True, slots=True)
class SplitSyntax:
    """`split` as written, shares in basis points."""

    seed: str
    variants: tuple[tuple[Scalar, int], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class StaySyntax:
    """`stay` as written."""

    at_most: Duration | None
    again_after: Duration | None


@dataclass(frozen=True, slots=True)
class SegmentOptions:
    """What a segment says beside its name, entity and rules; a matrix says it for all of its cells."""

    label: str = ""
    description: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()
    type: OneWordOf["dynamic", "static"] = "dynamic"
    status: OneWordOf["active", "inactive"] = "active"
    expires_on: Scalar | None = None
    time_to_live: Duration | None = None
    time_to_live_span: Span | None = None
    aggregate_on: Scalar | None = None
    exclude: tuple[WrittenRule, ...] = ()
    limit: LimitSyntax | None = None
    activate: tuple[Scalar, ...] | None = None
    analytics: bool = False
    refresh: str = ""
    hidden: bool = False
    stay: StaySyntax | None = None
    always: Relation | None = None
    max_exit_fraction: Decimal | None = None
    max_entry_fraction: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SegmentDeclaration:
    """An item of `segments`, or a cell of a matrix. `include` is empty where it could not be read."""

    name: Scalar
    entity: Scalar | None
    include: tuple[WrittenRule, ...]
    options: SegmentOptions
    split: SplitSyntax | None
    was: Scalar | None
    node: Node
    is_cell: bool = False


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """A row or a column of a matrix with its condition; with an event, a row filters and a column measures."""

    name: Scalar
    condition: Condition
    node: Node


@dataclass(frozen=True, slots=True)
class MatrixDeclaration:
    """An item of `matrices`."""

    name: Scalar
    entity: Scalar | None
    event: Scalar | None
    rows: tuple[MatrixCell, ...]
    columns: tuple[MatrixCell, ...]
    row_names: tuple[str, ...]
    column_names: tuple[str, ...]
    options: SegmentOptions
    node: Node


@dataclass(frozen=True, slots=True)
class GroupDeclaration:
    """An item of `groups`."""

    name: Scalar
    segments: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class ExclusionDeclaration:
    """An item of `exclusions`."""

    entity: Scalar
    segment: Scalar
    reason: str
    tags: Mapping[str, Span]
    """The tags and where they stand."""


@dataclass(frozen=True, slots=True)
class Sections:
    """All sections of all files but `entities`, in the order of files and then of writing."""

    conditions: tuple[ConditionDeclaration, ...] = ()
    traits: tuple[TraitDeclaration, ...] = ()
    segments: tuple[SegmentDeclaration, ...] = ()
    matrices: tuple[MatrixDeclaration, ...] = ()
    groups: tuple[GroupDeclaration, ...] = ()
    exclusions: tuple[ExclusionDeclaration, ...] = ()
