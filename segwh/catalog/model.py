"""What the warehouse holds, as the catalog declares it: entities with attributes, events, related rows and lookups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from segwh.semantics import Duration
from segwh.types import DataType, Relation


@dataclass(frozen=True, slots=True)
class Column:
    """A named, typed value of a relation's row: a physical column, or a scalar SQL expression over its columns.

    `sql` is text in the target's dialect, parsed and checked when the catalog is loaded; then `column` is empty.
    """

    name: str
    type: DataType
    column: str
    sql: str | None = None


@dataclass(frozen=True, slots=True)
class Validity:
    """Columns that bound the life of a row version, `[start, end)`; a null end is open."""

    start: str
    end: str


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """The column that says when. `type` is timestamp, or date for a table that holds days only (then a local midnight).

    `timezone` is the zone in which a column without zone was written (None: UTC).
    """

    column: str
    type: DataType = DataType.TIMESTAMP
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class Lookup:
    """A many-to-one join: `by` is our column, `key` theirs. It never multiplies rows.

    One that starts from another lookup's row (`via`) bears the names of the whole way, `account.contract`; then `by` is a
    column there. Lookups are listed after the one that they start from.
    """

    name: str
    relation: Relation
    by: str
    key: str
    properties: tuple[Column, ...]
    validity: Validity | None = None
    via: str | None = None
    updated_at: TimeColumn | None = None
    max_lag: Duration | None = None

    @property
    def alias(self) -> str:
        """Its name as an identifier; two underscores in a row are in no declared name."""
        return self.name.replace(".", "__")

    def property(self, name: str) -> Column | None:
        """The property of that name, or None."""
        return next((column for column in self.properties if column.name == name), None)


@dataclass(frozen=True, slots=True)
class Partition:
    """A column by which a relation is partitioned, a date (of whatever zone) or a timestamp: in no row it is further from the
    time of the event than `lag`. It only spares reading: what is asked of it beside the time changes no answer.
    """

    column: str
    lag: Duration
    type: DataType = DataType.DATE


@dataclass(frozen=True, slots=True)
class Event:
    """Rows with a time that belong to an entity: orders, visits, campaign touches.

    `key` is the physical column that holds the entity's key; `id` makes rows with the same value count once;
    `loaded_at` hides rows that had not reached the warehouse by as-of. `max_lag` (with loaded_at, else time) holds back
    dependents when the newest row is older.
    """

    name: str
    relation: Relation
    key: str
    time: TimeColumn
    properties: tuple[Column, ...]
    id: str | None = None
    id_unique: bool = False
    lookups: tuple[Lookup, ...] = ()
    loaded_at: TimeColumn | None = None
    max_lag: Duration | None = None
    partition: Partition | None = None

    def lookup(self, name: str) -> Lookup | None:
        """The lookup of that name, or None."""
        return next((lookup for lookup in self.lookups if lookup.name == name), None)

    def property(self, name: str) -> Column | None:
        """The property of that name, or None."""
        return next((column for column in self.properties if column.name == name), None)


@dataclass(frozen=True, slots=True)
class Related:
    """Rows without a time that belong to an entity: subscriptions, tickets, cards.

    `updated_at` says when a row was last written; `max_lag` holds back dependents when the newest one is older.
    """

    name: str
    relation: Relation
    key: str
    properties: tuple[Column, ...]
    lookups: tuple[Lookup, ...] = ()
    validity: Validity | None = None
    updated_at: TimeColumn | None = None
    max_lag: Duration | None = None

    def lookup(self, name: str) -> Lookup | None:
        """The lookup of that name, or None."""
        return next((lookup for lookup in self.lookups if lookup.name == name), None)

    def property(self, name: str) -> Column | None:
        """The property of that name, or None."""
        return next((column for column in self.properties if column.name == name), None)


@dataclass(frozen=True, slots=True)
class Entity:
    """Who can be in a segment. The key is an attribute under its own name.

    `attributes` does not repeat the key. `created_at` is a physical column; without it an entity always exists.
    """

    name: str
    relation: Relation
    key: Column
    attributes: tuple[Column, ...]
    created_at: TimeColumn | None = None
    validity: Validity | None = None
    lookups: tuple[Lookup, ...] = ()
    events: tuple[Event, ...] = ()
    related: tuple[Related, ...] = ()
    timezone: str | None = None
    """Zone of timestamp columns without zone in the entity's own relation (None: UTC)."""
    updated_at: TimeColumn | None = None
    """When a row was last written."""
    max_lag: Duration | None = None
    """How old the newest row may be, by `updated_at`, else `created_at`."""

    def attribute(self, name: str) -> Column | None:
        """The attribute of that name, the key included, or None."""
        return next((column for column in (self.key, *self.attributes) if column.name == name), None)

    def event(self, name: str) -> Event | None:
        """The event of that name, or None."""
        return next((event for event in self.events if event.name == name), None)

    def related_rows(self, name: str) -> Related | None:
        """The related relation of that name, or None."""
        return next((related for related in self.related if related.name == name), None)

    def lookup(self, name: str) -> Lookup | None:
        """The lookup of that name, or None."""
        return next((lookup for lookup in self.lookups if lookup.name == name), None)


@dataclass(frozen=True, slots=True)
class Catalog:
    """All entities of a project, in the order written."""

    entities: tuple[Entity, ...] = field(default=())

    def entity(self, name: str) -> Entity | None:
        """The entity of that name, or None."""
        return next((entity for entity in self.entities if entity.name == name), None)


Owner = Entity | Event | Related
"""What lookups start from."""


def declarations(entity: Entity) -> Iterator[tuple[Owner, Lookup | None, tuple[Column, ...]]]:
    """Where an entity declares columns: its own and those of its events and related rows, each followed by its lookups; and the
    columns. The relation that has them is the lookup's, or else the owner's.
    """
    owners: tuple[Owner, ...] = (entity, *entity.events, *entity.related)
    for owner in owners:
        yield owner, None, owner.attributes if isinstance(owner, Entity) else owner.properties
        yield from ((owner, lookup, lookup.properties) for lookup in owner.lookups)


def origin(owner: Owner, lookup: Lookup) -> Relation:
    """The relation that holds the column `by` of a lookup."""
    before = owner.lookup(lookup.via) if lookup.via is not None else None
    return owner.relation if before is None else before.relation


def way(owner: Owner, name: str) -> tuple[Lookup, ...]:
    """The lookups on the way to the one of that name, itself last. Raises KeyError for one that is not declared."""
    lookup = owner.lookup(name)
    if lookup is None:
        raise KeyError(name)
    return (lookup,) if lookup.via is None else (*way(owner, lookup.via), lookup)
