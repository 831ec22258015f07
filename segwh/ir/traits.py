"""What is computed for every row of an entity: measures, formulas, scores, stages and rfm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal as OneWordOf

from segwh.ir.conditions import Field, Measured, Predicate, Rows, TraitValue
from segwh.text.source import Span
from segwh.types import DataType


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
