"""Scans: the rows of an event or related relation that exist at as-of, once each, in canonical types (laws 1, 5, 8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlglot import exp, parse_one

from segwh import ir
from segwh.catalog.model import Column, Entity, Event, Lookup, Owner, Partition, Related, TimeColumn, Validity, way
from segwh.plan.names import Names, column_name
from segwh.plan.nodes import Scan
from segwh.semantics import AS_OF, Bound, Calendar, Duration, Fixed
from segwh.sql.dialects.base import SqlDialect, call
from segwh.sql.holes import Holes
from segwh.sql.predicates import all_of
from segwh.types import DataType


@dataclass(frozen=True, slots=True)
class Scanned:
    """A scan as a CTE: its name, its query, and how its columns are called.

    `tie` are the columns that settle which of two rows of the same time comes first (law 15), with their types.
    """

    name: str
    query: exp.Select
    key: str
    at: str
    day: str
    fields: dict[ir.Field, str]
    tie: tuple[tuple[str, DataType | None], ...]


@dataclass(frozen=True, slots=True)
class Source:
    """The place where scans are written: dialect, calendar, holes; and how long a row may be on its way (ir.Settings)."""

    dialect: SqlDialect
    calendar: Calendar
    holes: Holes
    load_delay: Duration = ir.LOAD_DELAY
    reads_utc: bool = False
    """Whether the relations that fill the holes hold instants as UTC timestamps without zone, where no zone is declared: then
    columns are compared as they are, and the engine skips what lies outside of the bounds."""

    def column(self, name: str, table: str) -> exp.Expr:
        """A physical column of an aliased relation."""
        return exp.Column(this=self.dialect.identifier(name), table=self.dialect.identifier(table))

    def key(self, name: str, table: str, data_type: DataType) -> exp.Expr:
        """A physical column that holds keys."""
        return self.dialect.key(self.column(name, table), data_type)

    def value(self, column: Column, table: str, zone: str | None) -> exp.Expr:
        """A catalog column in its canonical type."""
        if column.sql is None:
            physical = self.column(column.column, table)
        else:
            physical = exp.Paren(this=_qualified(column.sql, table, self.dialect))
        if column.type is DataType.TIMESTAMP and column.sql is None:
            return self._instant(physical, zone)
        return self.dialect.canonical(physical, column.type, zone)

    def clock(self, time: TimeColumn, table: str) -> exp.Expr:
        """A time column as a canonical instant; a date is its local midnight."""
        column = self.column(time.column, table)
        if time.type is DataType.DATE:
            return self.dialect.midnight(self.dialect.cast(column, DataType.DATE), self.calendar.timezone)
        return self._instant(column, time.timezone)

    def _instant(self, column: exp.Expr, zone: str | None) -> exp.Expr:
        return column if self.reads_utc and is_utc(zone) else self.dialect.instant(column, zone)

    def before_as_of(self, instant: exp.Expr) -> exp.Expr:
        """Law 1."""
        return exp.LT(this=instant, expression=self.holes.bound(AS_OF, "timestamp"))

    def valid(self, validity: Validity, table: str, zone: str | None) -> exp.Expr:
        """Whether a version is the one at as-of: `[start, end)`, a null end is open."""
        local = self.calendar.timezone
        start = self.dialect.validity_instant(self.column(validity.start, table), zone, local)
        end = self.dialect.validity_instant(self.column(validity.end, table), zone, local)
        as_of = self.holes.bound(AS_OF, "timestamp")
        is_open = self.column(validity.end, table).is_(exp.null())
        still = exp.or_(is_open, exp.GT(this=end, expression=as_of.copy()), copy=False)
        return exp.and_(exp.LTE(this=start, expression=as_of), still, copy=False)

    def in_partitions(self, partition: Partition, time: TimeColumn, table: str, earliest: exp.Expr | None) -> exp.Expr:
        """Whether a row's partition can hold a time from `earliest` (None: ever) to as-of.

        True of every row whose partition keeps its promise, and of those that have none: it only spares reading.
        """
        column, dialect = self.column(partition.column, table), self.dialect
        value = column if partition.type is DataType.DATE else dialect.instant(column, time.timezone)

        def edge(instant: exp.Expr, sign: int) -> exp.Expr:
            # A date may be of any zone, which is less than a day away.
            margin = partition.lag.most_seconds + (86_400 if partition.type is DataType.DATE else 0)
            moved = dialect.plus(instant, sign * margin, "SECOND")
            return dialect.cast(moved, DataType.DATE) if partition.type is DataType.DATE else moved

        inside: list[exp.Expr] = [exp.LTE(this=value, expression=edge(self.holes.bound(AS_OF, "timestamp"), 1))]
        if earliest is not None:
            inside.insert(0, exp.GTE(this=value.copy(), expression=edge(earliest, -1)))
        return exp.Paren(this=exp.or_(column.copy().is_(exp.null()), all_of(inside), copy=False))

    def joined(self, query: exp.Select, lookups: tuple[Lookup, ...], table: str) -> exp.Select:
        """The query with many-to-one joins, in the order of the way; each lookup is known by its alias."""
        aliases = {lookup.name: lookup.alias for lookup in lookups}
        for lookup in lookups:
            start = table if lookup.via is None else aliases[lookup.via]
            on: exp.Expr = exp.EQ(this=self.column(lookup.key, lookup.alias), expression=self.column(lookup.by, start))
            if lookup.validity is not None:
                on = exp.and_(on, self.valid(lookup.validity, lookup.alias, None), copy=False)
            query = query.join(self.holes.table(lookup.relation, lookup.alias), on=on, join_type="left", copy=False)
        return query


def is_utc(zone: str | None) -> bool:
    """Whether a column without zone, written in the declared `zone`, is in UTC."""
    return zone is None or zone == "UTC"


def _qualified(sql: str, table: str, dialect: SqlDialect) -> exp.Expr:
    """A catalog expression with its columns taken from an aliased relation."""
    tree = parse_one(sql, read=dialect.name)
    for column in tree.find_all(exp.Column):
        if not column.table:
            column.set("table", dialect.identifier(table))
    return tree


def alias_of(of: Entity | Event | Related) -> str:
    """The name under which a relation stands in its scan: its own, unless one of its lookups bears that."""
    return f"{of.name}_row" if of.lookup(of.name) is not None else of.name


def used_lookups(through: Iterable[str | None], of: Owner) -> tuple[Lookup, ...]:
    """The lookups on the way to those of the given names, each after the one that it starts from."""
    names = {lookup.name for name in through if name is not None for lookup in way(of, name)}
    return tuple(lookup for lookup in of.lookups if lookup.name in names)


Narrow = Callable[[exp.Select], exp.Select]
"""What makes a query of an event's rows read fewer of them, before rows with one id are told apart."""


def scanned(scan: Scan, entity: Entity, source: Source, narrow: Narrow | None = None) -> Scanned:
    """The CTE of a scan; `narrow` only of an event's."""
    event = entity.event(scan.name) if scan.kind == "event" else None
    if event is not None:
        return _event(scan, event, entity, source, narrow)
    related = entity.related_rows(scan.name)
    assert related is not None
    return _related(scan, related, entity, source)


def may_repeat(event: Event) -> bool:
    """Whether several rows of an event may have one id, of which the latest counts."""
    return event.id is not None and not event.id_unique


def exists(event: Event, source: Source) -> list[exp.Expr]:
    """What makes a row of an event exist at as-of (laws 1 and 8), of the relation under its alias."""
    table = alias_of(event)
    conditions = [
        source.column(event.key, table).is_(exp.null()).not_(),
        source.before_as_of(source.clock(event.time, table)),
    ]
    if event.loaded_at is not None:
        conditions.append(source.before_as_of(source.clock(event.loaded_at, table)))
    return conditions


def _event(scan: Scan, event: Event, entity: Entity, source: Source, narrow: Narrow | None) -> Scanned:
    table = alias_of(event)
    must_dedupe = may_repeat(event)
    names, fields, extra = _columns(scan, event, must_dedupe)
    key = names.take(entity.key.name, "key")
    at, day, row_id = names.take("happened_at", "at"), names.take("happened_on", "on"), names.take("row_id", "id")
    clock = source.clock(event.time, table)
    select = [_alias(source.key(event.key, table, entity.key.type), key, source), _alias(clock, at, source)]
    if scan.days:
        select.append(_alias(source.dialect.local_day(clock.copy(), source.calendar.timezone), day, source))
    if event.id is not None and (must_dedupe or scan.ordered):
        select.append(_alias(source.column(event.id, table), row_id, source))
    select += _values({**fields, **extra}, event, source, event.time.timezone)
    query = exp.select(*select, copy=False).from_(source.holes.table(event.relation, table), copy=False)
    query = source.joined(query, used_lookups((field.lookup for field in fields), event), table)
    conditions = exists(event, source)
    if scan.earliest:
        conditions.insert(2, exp.GTE(this=clock.copy(), expression=least(scan.earliest, source)))
    if event.partition is not None:
        earliest = least(scan.earliest, source) if scan.earliest else None
        conditions.append(source.in_partitions(event.partition, event.time, table, earliest))
    query = query.where(all_of(conditions), copy=False)
    if narrow is not None:
        query = narrow(query)
    own = tuple((name, field.type) for field, name in {**fields, **extra}.items() if field.lookup is None)
    declared = {column.name: number for number, column in enumerate(event.properties)}
    own = tuple(sorted(own, key=lambda pair: declared.get(pair[0], -1)))
    identity: tuple[tuple[str, DataType | None], ...] = () if event.id is None else ((row_id, None),)
    if must_dedupe:
        query = _latest(query, row_id, at, own, (key, entity.key.type), source, names)
    return Scanned(f"{event.name}_rows", query, key, at, day, fields, (*identity, *own))


def least(bounds: tuple[Bound, ...], source: Source) -> exp.Expr:
    """The least of some bounds, which nobody can order beforehand."""
    written = [
        source.dialect.timestamp(bound.at) if isinstance(bound, Fixed) else source.holes.bound(bound, "timestamp")
        for bound in bounds
    ]
    return written[0] if len(written) == 1 else call("LEAST", *written)


def _columns(scan: Scan, of: Event | Related, must_dedupe: bool) -> tuple[Names, dict[ir.Field, str], dict[ir.Field, str]]:
    """Names for the fields that measures read, and for the further properties that break ties."""
    names = Names()
    fields = {field: field.name for field in scan.fields if field.lookup is None}
    extra = {}
    if scan.ordered or must_dedupe:
        for column in of.properties:
            field = ir.Field(column.name, column.type)
            if field not in fields:
                extra[field] = column.name
    for name in (*fields.values(), *extra.values()):
        names.take(name, name)
    fields |= {field: names.take(column_name(field), field) for field in scan.fields if field.lookup is not None}
    return names, fields, extra


def _values(fields: dict[ir.Field, str], of: Event | Related, source: Source, zone: str | None) -> list[exp.Expr]:
    select = []
    for field, name in fields.items():
        if field.lookup is None:
            column, table, own_zone = of.property(field.name), alias_of(of), zone
        else:
            lookup = of.lookup(field.lookup)
            assert lookup is not None
            column, table, own_zone = lookup.property(field.name), lookup.alias, None
        assert column is not None
        select.append(_alias(source.value(column, table, own_zone), name, source))
    return select


def _alias(value: exp.Expr, name: str, source: Source) -> exp.Expr:
    return exp.Alias(this=value, alias=source.dialect.identifier(name))


def _latest(
    query: exp.Select,
    row_id: str,
    at: str,
    own: tuple[tuple[str, DataType | None], ...],
    key: tuple[str, DataType],
    source: Source,
    names: Names,
) -> exp.Select:
    """Of the rows with one id only the last in the order of law 15 counts; rows without id are rows of their own."""
    version = names.take("version_from_latest", "version")
    columns = [expression.alias for expression in query.expressions]
    query = exp.select(*(exp.Column(this=source.dialect.identifier(name)) for name in columns), copy=False).from_(
        exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier("found"))), copy=False
    )
    number = exp.Window(
        this=exp.RowNumber(),
        partition_by=[exp.Column(this=source.dialect.identifier(row_id))],
        order=exp.Order(expressions=[descending(name, kind, source.dialect) for name, kind in ((at, None), *own, key)]),
    )
    query = query.select(_alias(number, version, source), copy=False)
    outer = exp.select(*(exp.Column(this=source.dialect.identifier(name)) for name in columns), copy=False)
    outer = outer.from_(exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier("versions"))), copy=False)
    is_latest = exp.EQ(this=exp.Column(this=source.dialect.identifier(version)), expression=exp.Literal.number(1))
    has_no_id = exp.Column(this=source.dialect.identifier(row_id)).is_(exp.null())
    return outer.where(exp.or_(is_latest, has_no_id, copy=False), copy=False)


def descending(name: str, data_type: DataType | None, dialect: SqlDialect) -> exp.Ordered:
    """The order of law 15 from its end: greatest first, nulls last."""
    column = dialect.by_bytes(exp.Column(this=dialect.identifier(name)), data_type)
    return exp.Ordered(this=column, desc=True, nulls_first=False)


def ascending(name: str, data_type: DataType | None, dialect: SqlDialect) -> exp.Ordered:
    """The order of law 15: smallest first, nulls first."""
    column = dialect.by_bytes(exp.Column(this=dialect.identifier(name)), data_type)
    return exp.Ordered(this=column, desc=False, nulls_first=True)


def _related(scan: Scan, related: Related, entity: Entity, source: Source) -> Scanned:
    names, fields, _ = _columns(scan, related, False)
    table = alias_of(related)
    key = names.take(entity.key.name, "key")
    select = [_alias(source.key(related.key, table, entity.key.type), key, source), *_values(fields, related, source, None)]
    query = exp.select(*select, copy=False).from_(source.holes.table(related.relation, table), copy=False)
    query = source.joined(query, used_lookups((field.lookup for field in fields), related), table)
    query = query.where(source.column(related.key, table).is_(exp.null()).not_(), copy=False)
    if related.validity is not None:
        query = query.where(source.valid(related.validity, table, None), copy=False)
    return Scanned(f"{related.name}_rows", query, key, "", "", fields, ())
