"""A whole project: its settings, and all that is bound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal as OneWordOf

from segwh.catalog.model import Catalog, Entity
from segwh.ir.segments import Exclusion, Group, Segment
from segwh.ir.traits import Trait
from segwh.semantics import Calendar, Duration, Unit

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
