"""Where the catalog and the warehouse disagree: relations and columns that are not there, columns of another type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from segwh.catalog.model import Column, Entity, Owner, TimeColumn, Validity, origin
from segwh.errors import UserError, meant
from segwh.types import DataType, Relation
from segwh.warehouse.column_types import fits, may_hold_fractions
from segwh.warehouse.complaints import is_unbuilt
from segwh.warehouse.connection import Warehouse, WarehouseColumn


@dataclass(frozen=True, slots=True)
class Need:
    """A column that the catalog reads: in which relation, as which type (None: any), and for what."""

    relation: Relation
    column: str
    type: DataType | None
    purpose: str
    is_key: bool = False
    """Whether it is the key of an entity, without which nothing of the entity can be evaluated."""


def disagreements(
    entities: Iterable[Entity], warehouse: Warehouse, *, unbuilt_is_fine: bool = False, other_types_are_fine: bool = False
) -> tuple[str, ...]:
    """Everything in which entities of the catalog and the warehouse disagree, one sentence each; one look at each relation.

    `unbuilt_is_fine` passes over relations that do not exist, for a run that builds them first; `other_types_are_fine` over
    columns of another type, keys of entities apart, for a run that holds back what depends on them. Raises UserError if the
    warehouse cannot be reached or the dbt project does not know a relation.
    """
    wanted: dict[Relation, dict[Need, None]] = {}
    for entity in entities:
        for need in needs(entity):
            wanted.setdefault(need.relation, {})[need] = None
    found: list[str] = []
    for relation, columns in wanted.items():
        try:
            there = warehouse.columns(warehouse.relation_name(relation))
        except UserError as error:
            if not is_unbuilt(str(error.__cause__)):
                raise
            if not unbuilt_is_fine:
                found.append(_unbuilt(relation, warehouse))
            continue
        for need in columns:
            sentence = _missing(need, there)
            if not sentence and (need.is_key or not other_types_are_fine):
                sentence = _of_another_type(need, there) or _not_whole(need, there, warehouse)
            found.extend([sentence] if sentence else [])
    return tuple(found)


def require_agreement(
    entities: Iterable[Entity], warehouse: Warehouse, *, unbuilt_is_fine: bool = False, other_types_are_fine: bool = False
) -> None:
    """Raises UserError with everything in which the catalog and the warehouse disagree. Options as in `disagreements`."""
    found = disagreements(
        entities, warehouse, unbuilt_is_fine=unbuilt_is_fine, other_types_are_fine=other_types_are_fine
    )
    if found:
        unbuilt = any("dbt build" in sentence for sentence in found)
        hint = "`segwh run --select +tag:segwh` builds what the rules read, too" if unbuilt else ""
        heading = "the catalog and the warehouse disagree" if len(found) > 1 else ""
        lines = [f"{heading}:", *(f"  {sentence}" for sentence in found)] if heading else list(found)
        raise UserError("\n".join(lines), hint)


def needs(entity: Entity) -> Iterator[Need]:
    """Every physical column that an entity's declaration reads. Columns inside `sql:` are the warehouse's to judge."""
    name, key_type = entity.name, entity.key.type
    if entity.key.sql is None:
        yield Need(entity.relation, entity.key.column, key_type, f"key of {name}", is_key=True)
    yield from _columns(entity.relation, entity.attributes, f"attribute of {name}")
    yield from _time(entity.relation, entity.created_at, f"created_at of {name}")
    yield from _time(entity.relation, entity.updated_at, f"updated_at of {name}")
    yield from _validity(entity.relation, entity.validity, name)
    yield from _lookups(entity, name)
    for event in entity.events:
        what = f"{name}.{event.name}"
        yield Need(event.relation, event.key, key_type, f"key of {what}")
        yield from _time(event.relation, event.time, f"time of {what}")
        yield from _time(event.relation, event.loaded_at, f"loaded_at of {what}")
        if event.partition is not None:
            yield Need(event.relation, event.partition.column, event.partition.type, f"partition of {what}")
        if event.id is not None:
            yield Need(event.relation, event.id, None, f"id of {what}")
        yield from _columns(event.relation, event.properties, f"property of {what}")
        yield from _lookups(event, what)
    for related in entity.related:
        what = f"{name}.{related.name}"
        yield Need(related.relation, related.key, key_type, f"key of {what}")
        yield from _columns(related.relation, related.properties, f"property of {what}")
        yield from _time(related.relation, related.updated_at, f"updated_at of {what}")
        yield from _validity(related.relation, related.validity, what)
        yield from _lookups(related, what)


def _columns(relation: Relation, columns: Iterable[Column], purpose: str) -> Iterator[Need]:
    return (Need(relation, column.column, column.type, purpose) for column in columns if column.sql is None)


def _time(relation: Relation, time: TimeColumn | None, purpose: str) -> Iterator[Need]:
    if time is not None:
        yield Need(relation, time.column, time.type, purpose)


def _validity(relation: Relation, validity: Validity | None, what: str) -> Iterator[Need]:
    if validity is not None:
        yield Need(relation, validity.start, None, f"validity of {what}")
        yield Need(relation, validity.end, None, f"validity of {what}")


def _lookups(owner: Owner, what: str) -> Iterator[Need]:
    for lookup in owner.lookups:
        whole = f"{what}.{lookup.name}"
        yield Need(origin(owner, lookup), lookup.by, None, f"by of {whole}")
        yield Need(lookup.relation, lookup.key, None, f"key of {whole}")
        yield from _columns(lookup.relation, lookup.properties, f"property of {whole}")
        yield from _time(lookup.relation, lookup.updated_at, f"updated_at of {whole}")
        yield from _validity(lookup.relation, lookup.validity, whole)


def _column(need: Need, there: tuple[WarehouseColumn, ...]) -> WarehouseColumn | None:
    return next((column for column in there if column.name.casefold() == need.column.casefold()), None)


def _missing(need: Need, there: tuple[WarehouseColumn, ...]) -> str:
    if _column(need, there) is not None:
        return ""
    names = [column.name for column in there]
    return f"{need.relation} has no column `{need.column}` ({need.purpose}){meant(need.column, names)}"


def _of_another_type(need: Need, there: tuple[WarehouseColumn, ...]) -> str:
    column = _column(need, there)
    assert column is not None
    if need.type is None or fits(need.type, column.type):
        return ""
    return (
        f"column `{need.column}` of {need.relation} ({need.purpose}) is declared {need.type.value} and is {column.type}: "
        f"declare its own type, or convert it in dbt"
    )


def _not_whole(need: Need, there: tuple[WarehouseColumn, ...], warehouse: Warehouse) -> str:
    """Whole numbers may be stored as doubles; then it is asked whether they are whole, for none is rounded to be compared."""
    column = _column(need, there)
    assert column is not None
    if need.type is not DataType.INTEGER or not may_hold_fractions(column.type):
        return ""
    number = warehouse.quoted(column.name)
    place = warehouse.relation_name(need.relation)
    (row,) = warehouse.query(f"select min({number}) as found from {place} where {number} <> floor({number})")
    if row["found"] is None:
        return ""
    return (
        f"column `{need.column}` of {need.relation} ({need.purpose}) is declared integer and holds {row['found']}, "
        f"which is not whole: declare it number or decimal, or convert it in dbt"
    )


def _unbuilt(relation: Relation, warehouse: Warehouse) -> str:
    name = warehouse.relation_name(relation)
    plain = name.replace('"', "").replace("`", "")
    if relation.kind == "source":
        return f"{relation} is not there: relation {plain} does not exist; load it first"
    return f"{relation} is not built yet: relation {plain} does not exist; run `dbt build --select {relation.parts[-1]}` first"
