"""From tables to a proposed catalog: which hold entities, which hold their events or other rows, and what is looked up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from segwh.catalog.load import is_taken_by_facts
from segwh.types import KEY_TYPES, DataType, Relation

PEOPLE = (
    "customer", "user", "person", "people", "contact", "lead", "account", "member", "subscriber", "client", "visitor",
    "company", "organization", "organisation", "patient", "household", "guest", "player", "shopper", "buyer",
)  # fmt: skip
"""Who is usually segmented: what decides when several tables could be entities."""
LAYERS = ("stg_", "staging_", "base_", "raw_", "src_", "int_", "intermediate_", "dim_", "fct_", "fact_", "mart_", "rpt_")
"""Prefixes of model names that say the layer, not the thing."""
FINISHED_LAYERS = ("dim_", "fct_", "fact_", "mart_", "")
BOOKKEEPING = re.compile(
    r"^_|(^|_)(updated|modified|loaded|synced|inserted|extracted|ingested|processed|deleted|dbt|etl|valid)(_|$)|"
    r"(^|_)(birth|expir|renew)|birthday|_due(_|$)"
)
"""Times that say when a row was written or what it speaks of, not when something happened."""
CREATED = re.compile(
    r"^(created|signed_up|registered|joined|first_seen)(_at|_on|_date|_time)?$|^(signup|registration)_(date|time|at)$"
)
LOADED = re.compile(r"^_?(loaded|ingested|synced|extracted|inserted)(_at)?$")
MOST_PROPERTIES = 40


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column as init sees it; `type` None if rules have no such type."""

    name: str
    type: DataType | None
    is_unique: bool = False
    """A test of the dbt project says so."""


@dataclass(frozen=True, slots=True)
class Table:
    """A model, seed, snapshot or source with the columns that are known of it."""

    relation: Relation
    name: str
    columns: tuple[TableColumn, ...]
    reads: frozenset[Relation] = frozenset()
    """What its query reads; nothing of a source."""

    def column(self, name: str) -> TableColumn | None:
        """The column of that name, or None."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, slots=True)
class ProposedLookup:
    """A table that an event's or an entity's column points to."""

    name: str
    table: Table
    by: str
    key: str


@dataclass(frozen=True, slots=True)
class ProposedRows:
    """A table of rows that belong to an entity: events if `time` is given, related rows if not."""

    name: str
    table: Table
    key: str
    time: TableColumn | None
    id: str | None
    lookups: tuple[ProposedLookup, ...]
    properties: tuple[TableColumn, ...]
    loaded_at: TableColumn | None = None
    validity: tuple[str, str] | None = None
    """The columns that bound the life of a row version."""


@dataclass(frozen=True, slots=True)
class ProposedEntity:
    """A table of which each row is one who can be in a segment."""

    name: str
    table: Table
    key: TableColumn
    created_at: TableColumn | None
    attributes: tuple[TableColumn, ...]
    rows: tuple[ProposedRows, ...]


def propose(tables: Sequence[Table]) -> tuple[ProposedEntity, ...]:
    """The entities that tables seem to hold, the likeliest first; none if no table has a key that rules can use.

    Of a source and a model that is made of it alone and would be proposed for the same, the model is proposed.
    """
    entities = _proposed(tables)
    made_into_others = _made_into_others(entities)
    if not made_into_others:
        return entities
    return _proposed([table for table in tables if table.relation not in made_into_others])


def _made_into_others(entities: Sequence[ProposedEntity]) -> frozenset[Relation]:
    """The proposed sources of which another table in the same role is made: both are entities, or both are rows of the same
    entity, and either both have a time or neither. A model that adds rows up has no time of theirs, so it stands for none;
    nor does one that is made of another model, for it may hold a part of the rows: `paid_orders` beside `orders`.
    And the sources that point to an entity of which all columns stand in that entity's own table, which is made of them.
    """
    roles: dict[tuple[str, bool], list[Table]] = {}
    for entity in entities:
        roles.setdefault(("", False), []).append(entity.table)
        for rows in entity.rows:
            roles.setdefault((entity.name, rows.time is not None), []).append(rows.table)
    found = {table for alike in roles.values() for table in alike if any(_is_made_of(other, table) for other in alike)}
    for entity in entities:
        names = {column.name for column in entity.table.columns}
        found |= {
            rows.table
            for rows in entity.rows
            if _is_made_of(entity.table, rows.table) and all(column.name in names for column in rows.table.columns)
        }
    return frozenset(table.relation for table in found)


def _is_made_of(table: Table, source: Table) -> bool:
    return source.relation.kind == "source" and table.reads == {source.relation}


def _proposed(tables: Sequence[Table]) -> tuple[ProposedEntity, ...]:
    things = {thing: _best(group) for thing, group in _by_thing(tables).items()}
    keys = {thing: key for thing, table in things.items() if (key := _key(thing, table)) is not None}
    followers = {thing: _followers(thing, keys[thing], things, keys) for thing in keys}
    chosen = [thing for thing in keys if _is_person(thing) and thing not in _children_of_people(keys, things)]
    if not chosen:
        chosen = sorted((t for t in keys if followers[t]), key=lambda t: (-len(followers[t]), t))[:1] or sorted(keys)[:1]
    chosen.sort(key=lambda thing: (-len(followers[thing]), thing))
    return tuple(_entity(thing, things, keys, followers[thing], frozenset(chosen)) for thing in chosen)


def thing_of(name: str) -> str:
    """What a table holds, in the singular and without its layer: stg_shop__customers holds `customer`."""
    bare = name.lower()
    prefix = next((layer for layer in LAYERS if bare.startswith(layer) and len(bare) > len(layer)), "")
    bare = bare.removeprefix(prefix)
    if prefix and "__" in bare:
        bare = bare.split("__", 1)[1]
    return singular(bare)


def singular(noun: str) -> str:
    """The singular of an English plural in snake_case: orders, companies, addresses, people."""
    if noun == "people":
        return "person"
    if noun.endswith("ies") and len(noun) > 4:
        return noun[:-3] + "y"
    if noun.endswith(("sses", "xes", "ches", "shes")):
        return noun[:-2]
    return noun[:-1] if noun.endswith("s") and not noun.endswith(("ss", "us", "is")) else noun


def _is_refused(column: TableColumn) -> bool:
    return is_taken_by_facts(usable_name(column.name) or "")


def usable_name(name: str) -> str | None:
    """A column's name as a name of the language (snake_case, at most 48 bytes), None if none can be made."""
    made = re.sub(r"_+", "_", re.sub(r"[^a-z0-9]+", "_", re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower())).strip("_")
    return made if re.fullmatch(r"[a-z][a-z0-9_]{0,47}", made) else None


def _by_thing(tables: Iterable[Table]) -> dict[str, list[Table]]:
    grouped: dict[str, list[Table]] = {}
    for table in tables:
        if usable_name(thing_of(table.name)) is not None and table.columns:
            grouped.setdefault(thing_of(table.name), []).append(table)
    return dict(sorted(grouped.items()))


def _best(tables: Sequence[Table]) -> Table:
    """Of several layers of one thing the finished one; a source only where there is nothing else."""

    def rank(table: Table) -> tuple[int, int, int, str]:
        layer = next((prefix for prefix in LAYERS if table.name.lower().startswith(prefix)), "")
        finished = FINISHED_LAYERS.index(layer) if layer in FINISHED_LAYERS else len(FINISHED_LAYERS)
        return (table.relation.kind == "source", finished, -len(table.columns), table.name)

    return min(tables, key=rank)


def _key(thing: str, table: Table) -> TableColumn | None:
    """The column that tells rows of a table apart: named after the thing, or `id`, or the first one tested as unique."""
    usable = {column.name.lower(): column for column in table.columns if column.type in KEY_TYPES}
    names = [
        f"{thing}_id",
        f"{thing}_key",
        f"{thing}_uuid",
        f"{thing}_pk",
        f"{thing}id",
        f"{thing.split('_')[-1]}_id",
        "id",
        "uuid",
    ]
    named = [usable[name] for name in names if name in usable]
    unique = [column for column in usable.values() if column.is_unique]
    both = [column for column in named if column.is_unique]
    return next(iter((*both, *named, *unique)), None)


def _pointer(thing: str, key: TableColumn, table: Table) -> TableColumn | None:
    """The column of another table that holds a thing's key."""
    names = [key.name.lower()] if key.name.lower() not in ("id", "uuid") else []
    names += [f"{thing}_id", f"{thing}_key", f"{thing}_uuid", f"{thing}id"]
    by_name = {column.name.lower(): column for column in table.columns if column.type == key.type}
    return next((by_name[name] for name in names if name in by_name), None)


def _followers(
    thing: str, key: TableColumn, things: dict[str, Table], keys: dict[str, TableColumn]
) -> dict[str, tuple[Table, str]]:
    """The other things whose rows hold this thing's key, each with its table and that column."""
    found: dict[str, tuple[Table, str]] = {}
    for other, table in things.items():
        pointer = _pointer(thing, key, table)
        if other != thing and pointer is not None and pointer != keys.get(other):
            found[other] = (table, pointer.name)
    return found


def _is_person(thing: str) -> bool:
    return thing in PEOPLE or thing.split("_")[-1] in PEOPLE


def _children_of_people(keys: dict[str, TableColumn], things: dict[str, Table]) -> frozenset[str]:
    """Things that sound like people and only describe another: `customer_contact` rows that hold a customer's key."""
    people = [thing for thing in keys if thing in PEOPLE]
    return frozenset(
        thing
        for thing in keys
        if thing not in PEOPLE and any(_pointer(person, keys[person], things[thing]) for person in people)
    )


def _entity(
    thing: str,
    things: dict[str, Table],
    keys: dict[str, TableColumn],
    followers: dict[str, tuple[Table, str]],
    entities: frozenset[str],
) -> ProposedEntity:
    table, key = things[thing], keys[thing]
    created = next((column for column in table.columns if _is_time(column) and CREATED.search(column.name.lower())), None)
    rows = [
        _rows(other, followed, pointer, keys.get(other), things, keys)
        for other, (followed, pointer) in followers.items()
        if other not in entities
    ]
    return ProposedEntity(
        name=usable_name(thing) or thing,
        table=table,
        key=key,
        created_at=created,
        attributes=_properties(table, {key.name, *(column.name for column in table.columns if _is_refused(column))}),
        rows=tuple(sorted(rows, key=lambda row: (row.time is None, row.name))),
    )


def _rows(
    thing: str,
    table: Table,
    pointer: str,
    own_key: TableColumn | None,
    things: dict[str, Table],
    keys: dict[str, TableColumn],
) -> ProposedRows:
    by_name = {column.name.lower(): column.name for column in table.columns if _is_time(column)}
    versions = (by_name["valid_from"], by_name["valid_to"]) if {"valid_from", "valid_to"} <= by_name.keys() else None
    # A table of versions says how long something held, not that something happened.
    time = None if versions else _time(thing, table)
    loaded_at = next((c for c in table.columns if c.type is DataType.TIMESTAMP and LOADED.search(c.name.lower())), None)
    loaded_at = loaded_at if time is not None else None
    taken = {pointer, *(versions or ())}
    taken |= {column.name for column in (own_key, time, loaded_at) if column is not None}
    return ProposedRows(
        name=_plural_name(table),
        table=table,
        key=pointer,
        time=time,
        id=own_key.name if own_key is not None and time is not None else None,
        lookups=tuple(_lookups(thing, table, pointer, things, keys)),
        properties=_properties(table, taken),
        loaded_at=loaded_at,
        validity=versions,
    )


def _plural_name(table: Table) -> str:
    bare = table.name.lower()
    prefix = next((layer for layer in LAYERS if bare.startswith(layer) and len(bare) > len(layer)), "")
    bare = bare.removeprefix(prefix)
    return usable_name(bare.split("__", 1)[1] if prefix and "__" in bare else bare) or "rows"


def _lookups(
    thing: str, table: Table, pointer: str, things: dict[str, Table], keys: dict[str, TableColumn]
) -> list[ProposedLookup]:
    """What other columns of a table point to; of several things one column may point to, the one it is named after."""
    found: dict[str, ProposedLookup] = {}
    for other, key in keys.items():
        column, name = _pointer(other, key, table), usable_name(other)
        if other == thing or column is None or column.name == pointer or column == keys.get(thing) or name is None:
            continue
        if column.name not in found or column.name.lower().startswith(other):
            found[column.name] = ProposedLookup(name, things[other], column.name, key.name)
    return sorted(found.values(), key=lambda lookup: lookup.name)


def _properties(table: Table, taken: set[str]) -> tuple[TableColumn, ...]:
    """The columns that rules can use, each name once; the rest of a very wide table is left to the reader."""
    found: dict[str, TableColumn] = {}
    names = {usable_name(name) for name in taken}
    for column in table.columns:
        name = usable_name(column.name)
        if column.name not in taken and name and name not in names and name not in found and column.type is not None:
            found[name] = column
    return tuple(found.values())[:MOST_PROPERTIES]


def _is_time(column: TableColumn) -> bool:
    return column.type in (DataType.TIMESTAMP, DataType.DATE)


def _time(thing: str, table: Table) -> TableColumn | None:
    """When a row happened: a timestamp rather than a date, named after the thing rather than after bookkeeping."""

    def rank(column: TableColumn) -> tuple[bool, bool, bool]:
        name = column.name.lower()
        about = name.startswith((thing, thing.rstrip("e")[:5])) or name in ("timestamp", "occurred_at", "event_time", "time")
        return (column.type is not DataType.TIMESTAMP, not about, CREATED.search(name) is not None)

    times = [column for column in table.columns if _is_time(column) and not BOOKKEEPING.search(column.name.lower())]
    return min(times, key=rank, default=None)
