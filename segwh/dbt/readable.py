"""How the facts of an entity read the relations of the catalog: as they are, or what segwh__readable puts in their place.

One place says so for the compiled models and for the commands that ask the warehouse by themselves, so that both read the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from segwh import ir
from segwh.catalog.model import Entity, Owner, TimeColumn, origin
from segwh.dbt.columns import called, can_read_utc, declared_columns, spelled, wanted
from segwh.dbt.jinja import jinja_value
from segwh.plan.build import build
from segwh.plan.nodes import EntityPlan
from segwh.plan.sources import Source, sources_of_segments
from segwh.sql.dialects.base import SqlDialect
from segwh.sql.predicates import adds_doubles
from segwh.sql.scans import is_utc
from segwh.types import DataType, Relation

Compared = tuple[str, Relation, str, bool]
"""A column that is compared with another one: its name, the relation of the other, the other, whether that stays as it is."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What segwh__readable is told of a relation, under the names that things have there."""

    relation: Relation
    checks: str = ""
    columns: Mapping[str, list[str]] = field(default_factory=dict)
    """Column -> the type that it is declared with, how the engine spells that, and what is spoilt if it has another one."""
    keys: Mapping[str, str] = field(default_factory=dict)
    instants: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    compared: tuple[Compared, ...] = ()
    loose: tuple[str, ...] = ()
    """Columns of whole numbers that spoil nothing: what no integer holds is null there."""

    @property
    def is_plain(self) -> bool:
        """Whether nothing is known of it that could be out of order."""
        return not (self.columns or self.keys or self.compared)


@dataclass(frozen=True, slots=True)
class Readings:
    """How the facts of one entity read relations.

    What is `needed` has to be known to the checks, or nobody would hold back what reads the nulls that stand for columns of the
    wrong type. With `in_utc` (can_read_utc) instants are in UTC and without zone.
    """

    entity: Entity
    dialect: SqlDialect
    needed: frozenset[Source]
    in_utc: bool
    added: frozenset[tuple[Relation, str]]

    def of(self, relation: Relation) -> Reading:
        """How a relation is read: as it is, when all is in order.

        Else columns of the wrong type are nulls, and of the rows that a lookup of the entity finds for one key there is one, so
        that they do not become several entities.
        """
        entity, dialect = self.entity, self.dialect
        columns: dict[str, list[str]] = {}
        loose: list[str] = []
        for (read, _), declared in declared_columns(entity, self.needed, dialect).items():
            if read == relation:
                first = declared[0]
                spoilt = dict.fromkeys(str(one.spoils) for one in declared if one.spoils in self.needed)
                columns[first.column] = [first.type.value, spelled(first.type, dialect), *spoilt]
                # a key is compared as it is, whether or not a segment needs its rows
                if first.type is DataType.INTEGER and not spoilt and all(one.spoils.kind == "column" for one in declared):
                    loose.append(first.column)
        keys = {
            str(Source("lookup", entity.name, lookup.name)): dialect.identifier(lookup.key).sql(dialect=dialect.name)
            for lookup in entity.lookups
            if lookup.relation == relation
        }
        instants: list[str] = []
        if self.in_utc:
            times = [one for one in wanted(entity, dialect) if one.relation == relation and one.type is DataType.TIMESTAMP]
            instants = list(dict.fromkeys(one.column for one in times if is_utc(one.zone)))
        added = sorted(column for read, column in self.added if read == relation) if dialect.ends_at_overflow else []
        compared = compared_columns(relation, entity, self.needed) if dialect.compares_like_types else ()
        checks = f"segwh_{entity.name}_checks"
        numbers = tuple(loose) if dialect.refuses_long_numbers else ()
        return Reading(relation, checks, columns, keys, tuple(instants), tuple(added), compared, numbers)


def readings(plan: EntityPlan, sources: Mapping[str, frozenset[Source]], dialect: SqlDialect) -> Readings:
    """How the facts of an entity read relations; `sources` by the names of its segments."""
    entity = plan.entity
    needed = frozenset[Source]().union(*(sources[one.segment.name] for one in plan.segments))
    itself = {Source("entity", entity.name, entity.name)} if plan.segments else set[Source]()
    return Readings(entity, dialect, needed | itself, can_read_utc(entity, dialect), added_columns(plan))


def readings_of(project: ir.Project, dialect: SqlDialect) -> Mapping[str, Readings]:
    """The same of all entities by their names, as the models of a project have it."""
    sources = sources_of_segments(project)
    plan = build(project, {}, with_scans=False)
    return {one.entity.name: readings(one, sources, dialect) for one in plan.entities}


def added_columns(plan: EntityPlan) -> frozenset[tuple[Relation, str]]:
    """The columns of doubles that the facts of an entity add up."""
    found: set[tuple[Relation, str]] = set()
    for measured in plan.columns:
        if isinstance(measured, ir.Measured) and adds_doubles(measured.measure) and isinstance(measured.measure, ir.Aggregate):
            rows = plan.entity.event(measured.rows.name) or plan.entity.related_rows(measured.rows.name)
            of = measured.measure.of
            owner = rows if rows is None or of.lookup is None else rows.lookup(of.lookup)
            column = None if owner is None else owner.property(of.name)
            if owner is not None and column is not None and column.sql is None:
                found.add((owner.relation, column.column))
    return frozenset(found)


def compared_columns(relation: Relation, entity: Entity, needed: frozenset[Source]) -> tuple[Compared, ...]:
    """The columns of a relation that are compared with others: the keys of events and related rows, beside the entity's own,
    and both sides of lookups.
    """
    found: list[Compared] = []
    own = (entity.relation, entity.key.column)
    for read, key in (
        *((one.relation, one.key) for one in entity.events),
        *((one.relation, one.key) for one in entity.related),
    ):
        if read == relation and entity.key.sql is None:
            found.append((key, *own, True))
    owners: tuple[Owner, ...] = (entity, *entity.events, *entity.related)
    for owner in owners:
        for lookup in owner.lookups:
            start = (origin(owner, lookup), lookup.by)
            if Source("lookup", owner.name, lookup.name) in needed:
                if lookup.relation == relation:
                    found.append((lookup.key, *start, start == own))
                if start[0] == relation and start != own:
                    found.append((lookup.by, lookup.relation, lookup.key, False))
    return tuple(dict.fromkeys(found))


def readable(reading: Reading) -> str:
    """A Jinja expression of a relation as it is read."""
    if reading.is_plain:
        return called(reading.relation)
    given = [jinja_value(reading.checks), jinja_value(reading.columns), jinja_value(reading.keys)]
    if reading.instants:
        given.append(jinja_value(list(reading.instants)))
    if reading.added:
        given.append(f"added={jinja_value(list(reading.added))}")
    if reading.compared:
        parts = (
            f"[{jinja_value(column)}, {called(place)}, {jinja_value(other)}, {'true' if stays else 'false'}]"
            for column, place, other, stays in reading.compared
        )
        given.append(f"compared=[{', '.join(parts)}]")
    if reading.loose:
        given.append(f"loose={jinja_value(list(reading.loose))}")
    return f"segwh__readable({called(reading.relation)}, {', '.join(given)})"


def readable_clock(relation: Relation, when: TimeColumn, dialect: SqlDialect) -> str:
    """A Jinja expression of a relation as the checks read it that look at its time alone."""
    return readable(Reading(relation, columns={when.column: [when.type.value, spelled(when.type, dialect)]}))
