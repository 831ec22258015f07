"""Who is a member: segments, and the groups and exclusions that bind them together."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal as OneWordOf

from segwh.ir.conditions import Field, Operand, Predicate
from segwh.semantics import Duration
from segwh.text.source import Span
from segwh.types import Relation


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
