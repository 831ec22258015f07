"""The physical columns that the catalog reads, each with its type and with what is spoilt if the warehouse has another one.

A column of the wrong type is read as null, and what depends on it keeps its last good version; without that one column
would stop every segment of the entity.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp, parse_one

from segwh import ir
from segwh.catalog.model import Column, Entity, Lookup, TimeColumn, declarations
from segwh.dbt.jinja import jinja_value, relation_text
from segwh.plan.carry import Carry
from segwh.plan.sources import Source
from segwh.sql.dialects.base import SqlDialect
from segwh.sql.scans import is_utc
from segwh.types import DataType, Relation


@dataclass(frozen=True, slots=True)
class Wanted:
    """A column as the catalog declares it. `spoils` is what is out of order when its type is another."""

    relation: Relation
    column: str
    type: DataType
    spoils: Source
    zone: str | None = None
    """The time zone in which instants without one are written there (None: UTC)."""


def wanted(entity: Entity, dialect: SqlDialect) -> tuple[Wanted, ...]:
    """Every physical column whose type an entity's declaration names, its key apart: without that there is no entity."""
    own = [column for column in entity.attributes if column.name != entity.key.name]
    found = [
        *_time(entity.relation, entity.created_at, Source("entity", entity.name, entity.name)),
        *_time(entity.relation, entity.updated_at, Source("entity", entity.name, entity.name)),
        *_columns(entity.relation, entity.name, own, entity.timezone),
        *_lookups(entity.name, entity.lookups),
    ]
    for event in entity.events:
        rows = Source("event", event.name, event.name)
        found.append(Wanted(event.relation, event.key, entity.key.type, rows))
        found += [*_time(event.relation, event.time, rows), *_time(event.relation, event.loaded_at, rows)]
        if event.partition is not None:
            found.append(Wanted(event.relation, event.partition.column, event.partition.type, rows))
        found += [
            *_columns(event.relation, event.name, event.properties, event.time.timezone),
            *_lookups(event.name, event.lookups),
        ]
    for related in entity.related:
        rows = Source("related", related.name, related.name)
        found += [Wanted(related.relation, related.key, entity.key.type, rows)]
        found += _time(related.relation, related.updated_at, rows)
        found += [
            *_columns(related.relation, related.name, related.properties),
            *_lookups(related.name, related.lookups),
        ]
    return tuple(dict.fromkeys((*found, *_in_expressions(entity, found, dialect))))


def _in_expressions(entity: Entity, found: Iterable[Wanted], dialect: SqlDialect) -> Iterator[Wanted]:
    """A computed column is as good as the declared columns that it reads, wherever in the entity these are declared."""
    declared: dict[tuple[Relation, str], list[Wanted]] = {}
    for one in found:
        declared.setdefault((one.relation, one.column.lower()), []).append(one)
    for relation, owner, column in computed(entity):
        for name in read_by(column.sql or "", dialect.name):
            for one in declared.get((relation, name), ()):
                yield replace(one, spoils=Source("column", owner, column.name))


def _time(relation: Relation, time: TimeColumn | None, spoils: Source) -> Iterator[Wanted]:
    if time is not None:
        yield Wanted(relation, time.column, time.type, spoils, time.timezone)


def _columns(
    relation: Relation, owner: str, columns: Iterable[Column], zone: str | None = None
) -> Iterator[Wanted]:
    for column in columns:
        if column.sql is None:
            yield Wanted(relation, column.column, column.type, Source("column", owner, column.name), zone)


def _lookups(owner: str, lookups: Iterable[Lookup]) -> Iterator[Wanted]:
    for lookup in lookups:
        yield from _time(lookup.relation, lookup.updated_at, Source("lookup", owner, lookup.name))
        yield from _columns(lookup.relation, f"{owner}.{lookup.name}", lookup.properties)


def can_read_utc(entity: Entity, dialect: SqlDialect) -> bool:
    """Whether the facts can be handed all instants of the catalog as UTC timestamps without zone.

    Not where a computed column reads one, since it was written for the column as it is, nor where one column is declared both
    in UTC and in another zone.
    """
    if not dialect.hands_in_utc:
        return False
    zones: dict[tuple[Relation, str], set[bool]] = {}
    for one in wanted(entity, dialect):
        if one.type is DataType.TIMESTAMP:
            zones.setdefault((one.relation, one.column.lower()), set()).add(is_utc(one.zone))
    in_sql = {(relation, name) for relation, _, one in computed(entity) for name in read_by(one.sql or "", dialect.name)}
    return all(len(found) == 1 for found in zones.values()) and not in_sql & zones.keys()


def computed(entity: Entity) -> Iterator[tuple[Relation, str, Column]]:
    """The computed columns of an entity: the relation, whose they are (as in Source), the column."""
    for owner, lookup, columns in declarations(entity):
        name = owner.name if lookup is None else f"{owner.name}.{lookup.name}"
        yield from (((lookup or owner).relation, name, column) for column in columns if column.sql is not None)


def read_by(sql: str, dialect: str) -> tuple[str, ...]:
    """The columns that an expression of the catalog reads, in lower case, once each."""
    return tuple(dict.fromkeys(column.name.lower() for column in parse_one(sql, read=dialect).find_all(exp.Column)))


def declared_columns(
    entity: Entity, needed: frozenset[Source], dialect: SqlDialect
) -> Mapping[tuple[Relation, str], Sequence[Wanted]]:
    """Each physical column with all that declare it. Where these are of several types the first says how the column is read:
    one that is `needed`, if there is any.
    """
    found: dict[tuple[Relation, str], list[Wanted]] = {}
    for one in wanted(entity, dialect):
        found.setdefault((one.relation, one.column.lower()), []).append(one)
    return {column: sorted(all_of_it, key=lambda one: one.spoils not in needed) for column, all_of_it in found.items()}


def exact_columns(update: Carry) -> str:
    """A Jinja list of what must be exact numbers in the warehouse for sums to be told off: [relation, its columns]."""
    wanted: dict[Relation, dict[str, None]] = {}
    for group in update.groups:
        events = {event.name: event for event in group.events}
        for measured in group.told_off:
            if isinstance(measured.measure, ir.Aggregate) and measured.measure.function == "sum":
                event = events[measured.rows.name]
                column = event.property(measured.measure.of.name)
                if column is not None and column.type is DataType.DECIMAL:
                    wanted.setdefault(event.relation, {})[column.column] = None
    listed = (f"[{called(relation)}, {jinja_value(list(columns))}]" for relation, columns in wanted.items())
    return f"[{', '.join(listed)}]"


def spelled(data_type: DataType, dialect: SqlDialect) -> str:
    """How the engine spells a type."""
    return dialect.type_of(data_type).sql(dialect=dialect.name)


def called(relation: Relation) -> str:
    """The call of ref() or source() that names a relation."""
    return relation_text(relation).removeprefix("{{ ").removesuffix(" }}")


def misfits(entity: Entity, sources: Iterable[Source], dialect: SqlDialect) -> str:
    """A relation (as Jinja) of (subject, problem): a row for each column of another type that spoils one of the sources."""
    needed = {*sources, Source("entity", entity.name, entity.name)}
    entries: dict[Relation, list[list[str]]] = {}
    declared = declared_columns(entity, frozenset(needed), dialect)
    for one in wanted(entity, dialect):
        if one.spoils in needed:
            # what declares it otherwise reads nulls where the type is not that by which the column is read
            types = dict.fromkeys((one.type.value, declared[one.relation, one.column.lower()][0].type.value))
            columns = entries.setdefault(one.relation, [])
            columns += [[one.column, kind, str(one.spoils)] for kind in types]
    if _is_key_asked(entity):
        entity_itself, key = str(Source("entity", entity.name, entity.name)), entity.key
        entries.setdefault(entity.relation, []).insert(0, [key.column, key.type.value, entity_itself, "key"])
    partitions = {event.relation: event.partition.column for event in entity.events if event.partition is not None}
    listed = ", ".join(
        f"[{called(relation)}, {jinja_value([str(relation), columns, partitions.get(relation, '')])[1:-1]}]"
        for relation, columns in entries.items()
    )
    return f"{{{{ segwh__misfit_rows([{listed}]) }}}}"


def _is_key_asked(entity: Entity) -> bool:
    """Whether the key of an entity may hold what is none: numbers where whole ones are declared."""
    return entity.key.type is DataType.INTEGER and entity.key.sql is None


def spoilt(entity: Entity, sources: Mapping[str, frozenset[Source]], segments: Iterable[str], dialect: SqlDialect) -> str:
    """A relation (as Jinja) of (segment, subject): who depends on the columns that are of another type, of those segments."""
    names = sorted(segments)
    subjects: dict[str, list[str]] = {}
    for one in wanted(entity, dialect):
        dependent = [name for name in names if one.spoils in sources[name] or one.spoils.kind == "entity"]
        if dependent:
            subjects[str(one.spoils)] = dependent
    if _is_key_asked(entity) and names:
        subjects[str(Source("entity", entity.name, entity.name))] = names
    checks = jinja_value(f"segwh_{entity.name}_checks")
    return f"{{{{ segwh__spoilt({checks}, {jinja_value(subjects)}) }}}}"
