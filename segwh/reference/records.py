"""Rows of relations as the records that exist at as-of: laws 1 and 8, validity, late rows, one row for each id, lookups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from segwh.catalog.model import Column, Entity, Event, Lookup, Related, TimeColumn, Validity
from segwh.reference.values import BadCellError, Key, Value, order, typed
from segwh.reference.windows import Moment, utc_instant
from segwh.types import DataType, Relation

Row = Mapping[str, object]
Expressions = Mapping[str, Callable[[Row], object]]
"""What the `sql` text of a column gives for a row."""


class DuplicateRowsError(Exception):
    """A lookup or an entity has two rows for one key (law 8)."""

    def __init__(self, relation: Relation, key: object) -> None:
        super().__init__(f"{relation} has two rows for the key {key!r}")
        self.relation = relation
        self.key = key


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One row that exists: of what, its entity's key, its time if it has one, and its declared columns by name.

    The time of an entity is its `created_at`.
    """

    source: Entity | Event | Related
    key: Key
    values: Mapping[str, Value]
    raw: Row
    time: datetime | None = None
    id: Value = None


@dataclass(frozen=True, slots=True)
class Warehouse:
    """All rows, seen at one moment."""

    rows: Mapping[Relation, Sequence[Row]]
    moment: Moment
    expressions: Expressions = field(default_factory=dict)

    def entities(self, entity: Entity) -> list[Record]:
        """The entity's records, one for each key, in the order of the keys. Raises DuplicateRowsError."""
        found: dict[Key, Record] = {}
        for row in self.rows[entity.relation]:
            key = self.cell(row, entity.key, entity.timezone)
            if key is None or not self._valid(row, entity.validity, entity.timezone):
                continue
            created = None if entity.created_at is None else self.clock(row, entity.created_at)
            if created is not None and created >= self.moment.as_of:
                continue
            if key in found:
                raise DuplicateRowsError(entity.relation, key)
            assert isinstance(key, str | int)
            values = self._values(row, (entity.key, *entity.attributes), entity.timezone)
            found[key] = Record(entity, key, values, row, created)
        return [found[key] for key in sorted(found, key=order)]

    def events(self, event: Event) -> list[Record]:
        """The event's records before as-of, each id once, in the order of law 15."""
        records = []
        for row in self.rows[event.relation]:
            time, key = self.clock(row, event.time), _column(row, event.key)
            if time is None or key is None or time >= self.moment.as_of:
                continue
            if event.loaded_at is not None:
                loaded = self.clock(row, event.loaded_at)
                if loaded is None or loaded >= self.moment.as_of:
                    continue
            identity = None if event.id is None else _column(row, event.id)
            values = self._values(row, event.properties, event.time.timezone)
            records.append(Record(event, _key(key), values, row, time, _plain(identity)))
        records.sort(key=law_15)
        latest: dict[object, Record] = {}
        for number, record in enumerate(records):
            # A null id equals no other: each such row counts.
            latest[("row", number) if record.id is None else ("id", record.id)] = record
        return sorted(latest.values(), key=law_15)

    def related(self, related: Related) -> list[Record]:
        """The related records that are valid at as-of."""
        return [
            Record(related, _key(row[related.key]), self._values(row, related.properties, None), row)
            for row in self.rows[related.relation]
            if _column(row, related.key) is not None and self._valid(row, related.validity, None)
        ]

    def field(self, record: Record, name: str, through: str | None) -> Value:
        """A column of a record, its own or through a lookup; missing where the lookup finds nothing."""
        if through is None:
            return record.values[name]
        lookup = record.source.lookup(through)
        assert lookup is not None
        match = self._looked_up(record, lookup)
        column = lookup.property(name)
        assert column is not None
        return None if match is None else self.cell(match, column, None)

    def key_behind(self, record: Record, through: str) -> Value:
        """The key by which a lookup finds its row; missing where a lookup on the way to it finds nothing."""
        lookup = record.source.lookup(through)
        assert lookup is not None
        start = self._start(record, lookup)
        return None if start is None else _plain(_column(start, lookup.by))

    def _start(self, record: Record, lookup: Lookup) -> Row | None:
        """The row that a lookup starts from."""
        if lookup.via is None:
            return record.raw
        before = record.source.lookup(lookup.via)
        assert before is not None
        return self._looked_up(record, before)

    def _looked_up(self, record: Record, lookup: Lookup) -> Row | None:
        """The row that a lookup finds."""
        start = self._start(record, lookup)
        found: dict[object, Row] = {}
        for row in self.rows[lookup.relation]:
            key = _column(row, lookup.key)
            if key is None or not self._valid(row, lookup.validity, None):
                continue
            if key in found:
                raise DuplicateRowsError(lookup.relation, key)
            found[key] = row
        return None if start is None else found.get(_column(start, lookup.by))

    def keys(self, relation: Relation, column: str) -> set[Value]:
        """The non-null values of a column."""
        return {_plain(_column(row, column)) for row in self.rows[relation]} - {None}

    def cell(self, row: Row, column: Column, zone: str | None) -> Value:
        """The value of a declared column in a row."""
        if column.sql is not None:
            return typed(self.expressions[column.sql](row), column.type, zone)
        return typed(_column(row, column.column), column.type, zone)

    def clock(self, row: Row, column: TimeColumn) -> datetime | None:
        """The instant that a time column holds; a date is its local midnight."""
        value = typed(_column(row, column.column), column.type, column.timezone)
        assert value is None or isinstance(value, date)
        return None if value is None else self.moment.instant(value)

    def _values(self, row: Row, columns: Iterable[Column], zone: str | None) -> Mapping[str, Value]:
        return {column.name: self.cell(row, column, zone) for column in columns}

    def _valid(self, row: Row, validity: Validity | None, zone: str | None) -> bool:
        if validity is None:
            return True
        start, end = self._edge(row, validity.start, zone), self._edge(row, validity.end, zone)
        return start is not None and start <= self.moment.as_of and (end is None or self.moment.as_of < end)

    def _edge(self, row: Row, column: str, zone: str | None) -> datetime | None:
        value = _column(row, column)
        if isinstance(value, datetime):
            return value if value.tzinfo else utc_instant(value, zone or "UTC")
        if value is not None and not isinstance(value, date):
            raise BadCellError(f"{value!r} is not a time")
        return None if value is None else self.moment.midnight(value)


def law_15(record: Record) -> tuple[object, ...]:
    """The sort key of rows: time, id, then the declared properties in the order written, nulls first."""
    return (record.time, order(record.id), tuple(order(value) for value in record.values.values()))


def _column(row: Row, column: str) -> object:
    if column not in row:
        raise BadCellError(f"there is no column {column!r}")
    return row[column]


def _key(cell: object) -> Key:
    return typed_key if isinstance(typed_key := _plain(cell), int) else str(typed_key)


def _plain(cell: object) -> Value:
    """A cell of a column whose type the catalog does not name."""
    if isinstance(cell, list):
        return tuple(cell)
    for data_type in (DataType.BOOLEAN, DataType.INTEGER, DataType.STRING, DataType.DATE, DataType.TIMESTAMP, DataType.DECIMAL):
        try:
            return typed(cell, data_type, None)
        except BadCellError:
            continue
    return typed(cell, DataType.NUMBER, None)
