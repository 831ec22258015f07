"""Where the catalog and the warehouse disagree: relations and columns that are not there, columns of another type."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from segwh.catalog.model import Column, Entity, Owner, TimeColumn, Validity, origin
from segwh.dbt.audiences import audience_name, has_audience
from segwh.dbt.columns import computed, read_by
from segwh.errors import UserError, meant
from segwh.ir import OneOfRelation, Project
from segwh.plan.prune import pruned
from segwh.plan.reads import lists_of_segment, lists_of_trait
from segwh.plan.sources import Source, sources_of_columns, sources_of_segments, sources_of_traits
from segwh.text.source import Span
from segwh.types import NUMERIC_TYPES, DataType, Relation
from segwh.warehouse.column_types import data_type_of, fits, may_be_long, may_hold_fractions
from segwh.warehouse.complaints import is_unbuilt
from segwh.warehouse.connection import Warehouse, WarehouseColumn


@dataclass(frozen=True, slots=True)
class Need:
    """A column that the catalog reads: in which relation, as which type (None: any), for what, and what it spoils."""

    relation: Relation
    column: str
    type: DataType | None
    purpose: str
    spoils: Source
    is_key: bool = False
    """Whether it is the key of an entity, without which nothing of the entity can be evaluated."""
    partition: str | None = None
    """The column that the relation is partitioned by."""
    is_list: bool = False
    """Whether a rule looks for values in it: the catalog says nothing of it, and no check of the models looks at it."""
    sql: str = ""
    """The expression of a computed column of whole numbers, which the engine makes an integer; `column` is its name then."""

    @property
    def is_apart(self) -> bool:
        """Whether the compiled models go on without it, and hold back what reads it alone."""
        return self.type is not None and not self.is_key and not self.is_list


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One thing in which the catalog and the warehouse disagree, as a sentence. `needs` are the columns that it is about."""

    kind: Literal["unknown", "unbuilt", "column", "type", "number", "computed"]
    text: str
    needs: tuple[Need, ...]


def disagreements(needed: Iterable[Need], warehouse: Warehouse) -> tuple[str, ...]:
    """Everything in which the catalog and the lists of rules disagree with the warehouse about what is needed, a sentence each.

    Raises UserError if the warehouse cannot be reached.
    """
    return tuple(one.text for one in _found(needed, warehouse, lambda need: True))


def require_what_is_read(project: Project, shown: Iterable[Source], warehouse: Warehouse) -> None:
    """Raises UserError with what the rules of a project, and the columns `shown` beside them, cannot be asked without.

    Of a project that is cut down to some segments: that is told of, as in a run, whatever is wrong with what others read.
    """
    _refuse(disagreements(_read_by(project, shown, warehouse), warehouse))


def what_cannot_be_asked(project: Project, names: Iterable[str], warehouse: Warehouse) -> Mapping[str, tuple[str, ...]]:
    """Those of some segments that read what is not there or of another type, each with a sentence for all of that."""
    asked = tuple(names)
    found = tuple(_found(_read_by(pruned(project, asked), (), warehouse), warehouse, lambda need: True)) if asked else ()
    wrong: dict[str, tuple[str, ...]] = {}
    for name in asked if found else ():
        read = frozenset(_read_by(pruned(project, [name]), (), warehouse))
        if texts := tuple(one.text for one in found if not read.isdisjoint(one.needs)):
            wrong[name] = texts
    return wrong


def _read_by(project: Project, shown: Iterable[Source], warehouse: Warehouse) -> tuple[Need, ...]:
    """What the rules of a project, and the columns `shown` beside them, cannot be asked without."""
    read = frozenset[Source](shown).union(*sources_of_segments(project).values())
    names = {one.entity for one in project.segments}
    entities = tuple(entity for entity in project.catalog.entities if entity.name in names)
    # All properties of rows that are read settle which of two rows comes first, whether or not a rule asks for them. Where it
    # is read as runs do, those of another type settle nothing, and others do.
    rows = {source.name for source in read if source.kind in ("event", "related") and not warehouse.reads_as_runs}

    def is_read(need: Need) -> bool:
        of = need.spoils
        return of in read or (of.kind == "entity" and of.name in names) or (of.kind == "column" and of.owner in rows)

    return (*filter(is_read, _of_catalog(entities, warehouse.dialect)), *lists(project))


def require_what_a_run_needs(project: Project, warehouse: Warehouse, *, unbuilt_is_fine: bool = False) -> tuple[str, ...]:
    """Raises UserError with what no run can do without: relations that are read, keys, the columns that join rows, and those in
    which rules look for values.

    Other columns that are away, and what nobody reads, are given as warnings: the compiled models hold back what reads them,
    and audiences show nothing in their place. Of columns of another type that segments read they tell themselves; of those that
    only traits read, or audiences show, it is told here. With `unbuilt_is_fine` relations that do not exist are passed over,
    for a run that builds them first.
    """
    by_segments = frozenset[Source]().union(*sources_of_segments(project).values())
    by_traits = sources_of_traits(project)
    of_columns = sources_of_columns(project)
    audiences = {audience_name(one): of_columns[one.name] for one in project.segments if has_audience(one)}
    with_rules = {one.entity for one in project.segments} | {one.entity for one in project.traits}
    by_others = by_traits.union(*audiences.values()) - by_segments

    def is_typed(need: Need) -> bool:
        return need.is_key or need.is_list or (need.spoils.kind == "column" and need.spoils in by_others)

    wanted = (*_of_catalog(project.catalog.entities, warehouse.dialect), *lists(project))
    found = tuple(_found(wanted, warehouse, is_typed))
    if not found:
        return ()

    def is_read(need: Need, sources: frozenset[Source]) -> bool:
        return need.is_list or need.spoils in sources or (need.spoils.kind == "entity" and need.spoils.name in with_rules)

    stops: list[str] = []
    warnings: list[str] = []
    for one in found:
        if one.kind == "unbuilt" and unbuilt_is_fine:
            continue
        read = [need for need in one.needs if is_read(need, by_segments | by_traits)]
        shown = [name for name, sources in audiences.items() if any(need.spoils in sources for need in one.needs)]
        if one.kind == "number" and all(need.is_apart for need in one.needs):
            told = "the traits that need it are wrong" if read else f"{', '.join(sorted(shown))} will be wrong"
            warnings.append(f"{one.text} ({told} or missing where it holds such a number)")
        elif not read and shown:
            warnings.append(f"{one.text} ({', '.join(sorted(shown))} will show no value of it for anybody)")
        elif not read:
            warnings.append(f"{one.text} (no rule reads it)")
        elif one.kind in ("unknown", "unbuilt", "computed") or not all(need.is_apart for need in read):
            stops.append(one.text)
        elif any(is_read(need, by_segments) for need in read):
            warnings.append(f"{one.text} (the segments that need it keep their last good version)")
        else:
            warnings.append(f"{one.text} (the traits that need it are missing for everyone)")
    _refuse([*stops, *warnings] if stops else [])
    return tuple(warnings)


def _of_catalog(entities: Iterable[Entity], dialect: str) -> Iterator[Need]:
    for entity in entities:
        found = tuple(needs(entity))
        yield from found
        yield from _in_expressions(entity, found, dialect)


def _in_expressions(entity: Entity, found: Iterable[Need], dialect: str) -> Iterator[Need]:
    """What computed columns read of what is declared, and those of whole numbers that read what is not."""
    declared: dict[tuple[Relation, str], list[Need]] = {}
    for need in found:
        declared.setdefault((need.relation, need.column.lower()), []).append(need)
    for relation, owner, column in computed(entity):
        spoils, read = Source("column", owner, column.name), read_by(column.sql or "", dialect)
        for name in read:
            yield from (replace(need, spoils=spoils) for need in declared.get((relation, name), ()) if need.is_apart)
        if column.type is DataType.INTEGER and not all((relation, name) in declared for name in read):
            purpose = f"`{column.name}` of {owner}"
            yield Need(relation, column.name, column.type, purpose, spoils, sql=column.sql or "")


def _found(needed: Iterable[Need], warehouse: Warehouse, is_typed: Callable[[Need], bool]) -> Iterator[Disagreement]:
    """Disagreements, with one look at each relation; types only of the columns of which `is_typed` says so."""
    wanted: dict[Relation, dict[Need, None]] = {}
    for need in needed:
        wanted.setdefault(need.relation, {})[need] = None
    for relation, columns in wanted.items():
        try:
            place = warehouse.relation_name(relation)
        except UserError as error:
            yield Disagreement("unknown", error.message, tuple(columns))
            continue
        try:
            there = warehouse.columns(place)
        except UserError as error:
            if not is_unbuilt(str(error.__cause__)):
                raise
            yield Disagreement("unbuilt", _unbuilt(relation, warehouse), tuple(columns))
            continue
        alike: dict[Need, list[Need]] = {}
        for need in columns:  # what is read for several things is looked at and told of once
            kind = Source(need.spoils.kind, "", "")
            alike.setdefault(replace(need, spoils=kind), []).append(need)
        for of_one in alike.values():
            need, asked = of_one[0], any(map(is_typed, of_one))
            if need.sql:
                if asked and (text := _beyond(need, there, warehouse)):
                    yield Disagreement("computed", text, tuple(of_one))
            elif text := _missing(need, there):
                yield Disagreement("column", text, tuple(of_one))
            elif asked and (text := _of_another_type(need, there, warehouse)):
                yield Disagreement("type", text, tuple(of_one))
            elif asked and (text := _not_whole(need, there, warehouse)):
                yield Disagreement("number", text, tuple(of_one))


def lists(project: Project) -> Iterator[Need]:
    """Every column in which a rule looks for values: `in: {relation, column}` and `always`."""
    for trait in project.traits:
        spoils = Source("entity", trait.entity, trait.entity)
        for listed in lists_of_trait(trait):
            yield _listed(listed, f"at {_place(trait.span)}", spoils)
    for segment in project.segments:
        spoils = Source("segment", segment.entity, segment.name)
        for rule, listed in lists_of_segment(segment):
            yield _listed(listed, f"at {_place(rule.span or segment.span)}", spoils)
        if segment.always is not None:
            entity, on = project.entity(segment.entity), segment.aggregate_on
            member = entity.key if on is None else entity.attribute(on.name) or entity.key
            purpose = f"`always` of {segment.name} at {_place(segment.span)}"
            yield Need(segment.always, member.column or member.name, member.type, purpose, spoils, is_list=True)


def _listed(test: OneOfRelation, place: str, spoils: Source) -> Need:
    return Need(test.relation, test.column, test.subject.type, f"list for `{test.subject}` {place}", spoils, is_list=True)


def _place(span: Span | None) -> str:
    return "" if span is None else f"{span.file}:{span.line}"


def _refuse(found: Sequence[str]) -> None:
    if found:
        unbuilt = any("dbt build" in sentence for sentence in found)
        unknown = any("the dbt project has no" in sentence for sentence in found)
        hint = "`segwh run --select +tag:segwh` builds what the rules read, too" if unbuilt else ""
        hint = hint or ("correct the catalog, or add the model, seed or source" if unknown else "")
        raise UserError(told_together(found), hint)


def told_together(found: Sequence[str]) -> str:
    """What disagrees: the one sentence, or all of them under a heading."""
    if len(found) == 1:
        return found[0]
    return "\n".join(["the catalog and the warehouse disagree:", *(f"  {sentence}" for sentence in found)])


def needs(entity: Entity) -> Iterator[Need]:
    """Every physical column that an entity's declaration names. Others inside `sql:` are the warehouse's to judge."""
    name, key_type = entity.name, entity.key.type
    itself = Source("entity", name, name)
    if entity.key.sql is None:
        yield Need(entity.relation, entity.key.column, key_type, f"key of {name}", itself, is_key=True)
    yield from _columns(entity.relation, entity.attributes, f"attribute of {name}", name)
    yield from _time(entity.relation, entity.created_at, f"created_at of {name}", itself)
    yield from _time(entity.relation, entity.updated_at, f"updated_at of {name}", itself)
    yield from _validity(entity.relation, entity.validity, name, itself)
    yield from _lookups(entity, name, name)
    for event in entity.events:
        what, rows = f"{name}.{event.name}", Source("event", event.name, event.name)
        partition = None if event.partition is None else event.partition.column
        yield Need(event.relation, event.key, key_type, f"key of {what}", rows, partition=partition)
        yield from _time(event.relation, event.time, f"time of {what}", rows)
        yield from _time(event.relation, event.loaded_at, f"loaded_at of {what}", rows)
        if event.partition is not None:
            yield Need(event.relation, event.partition.column, event.partition.type, f"partition of {what}", rows)
        if event.id is not None:
            yield Need(event.relation, event.id, None, f"id of {what}", rows)
        yield from _columns(event.relation, event.properties, f"property of {what}", event.name, partition)
        yield from _lookups(event, what, event.name)
    for related in entity.related:
        what, rows = f"{name}.{related.name}", Source("related", related.name, related.name)
        yield Need(related.relation, related.key, key_type, f"key of {what}", rows)
        yield from _columns(related.relation, related.properties, f"property of {what}", related.name)
        yield from _time(related.relation, related.updated_at, f"updated_at of {what}", rows)
        yield from _validity(related.relation, related.validity, what, rows)
        yield from _lookups(related, what, related.name)


def _columns(
    relation: Relation, columns: Iterable[Column], purpose: str, owner: str, partition: str | None = None
) -> Iterator[Need]:
    for column in columns:
        if column.sql is None:
            spoils = Source("column", owner, column.name)
            yield Need(relation, column.column, column.type, purpose, spoils, partition=partition)


def _time(relation: Relation, time: TimeColumn | None, purpose: str, spoils: Source) -> Iterator[Need]:
    if time is not None:
        yield Need(relation, time.column, time.type, purpose, spoils)


def _validity(relation: Relation, validity: Validity | None, what: str, spoils: Source) -> Iterator[Need]:
    if validity is not None:
        yield Need(relation, validity.start, None, f"validity of {what}", spoils)
        yield Need(relation, validity.end, None, f"validity of {what}", spoils)


def _lookups(owner: Owner, what: str, name: str) -> Iterator[Need]:
    for lookup in owner.lookups:
        whole, found = f"{what}.{lookup.name}", Source("lookup", name, lookup.name)
        yield Need(origin(owner, lookup), lookup.by, None, f"by of {whole}", found)
        yield Need(lookup.relation, lookup.key, None, f"key of {whole}", found)
        yield from _columns(lookup.relation, lookup.properties, f"property of {whole}", f"{name}.{lookup.name}")
        yield from _time(lookup.relation, lookup.updated_at, f"updated_at of {whole}", found)
        yield from _validity(lookup.relation, lookup.validity, whole, found)


def _column(need: Need, there: tuple[WarehouseColumn, ...]) -> WarehouseColumn | None:
    return next((column for column in there if column.name.casefold() == need.column.casefold()), None)


def _missing(need: Need, there: tuple[WarehouseColumn, ...]) -> str:
    if _column(need, there) is not None:
        return ""
    names = [column.name for column in there]
    return f"{need.relation} has no column `{need.column}` ({need.purpose}){meant(need.column, names)}"


def _of_another_type(need: Need, there: tuple[WarehouseColumn, ...], warehouse: Warehouse) -> str:
    column = _column(need, there)
    assert column is not None
    if need.type is None or fits(need.type, column.type, warehouse.knows_types):
        return ""
    if need.is_list:
        if need.type.is_numeric and data_type_of(column.type) in NUMERIC_TYPES:
            return ""
        return (
            f"column `{need.column}` of {need.relation} ({need.purpose}) is {column.type}, and what is looked for in it is "
            f"{need.type.value}: convert it in dbt"
        )
    return (
        f"column `{need.column}` of {need.relation} ({need.purpose}) is declared {need.type.value} and is {column.type}: "
        f"declare its own type, or convert it in dbt"
    )


def _not_whole(need: Need, there: tuple[WarehouseColumn, ...], warehouse: Warehouse) -> str:
    """Whole numbers may be stored as doubles; then it is asked whether they are whole, for none is rounded to be compared."""
    column = _column(need, there)
    assert column is not None
    refuses_long = warehouse.dialect in ("duckdb", "postgres")
    is_long = refuses_long and need.spoils.kind == "column" and not need.is_key and may_be_long(column.type)
    if need.type is not DataType.INTEGER or need.is_list or not (may_hold_fractions(column.type) or is_long):
        return ""
    number = warehouse.quoted(column.name)
    place = warehouse.relation_name(need.relation)
    by = next((one for one in there if need.partition and one.name.casefold() == need.partition.casefold()), None)
    where = "1 = 0" if is_long else f"{number} <> floor({number})"
    if refuses_long:
        # there a query ends in which a number becomes an integer that does not hold it (segwh__fits_bigint)
        where = f"({where} or not ({number} >= {-(2**63)} and {number} < {2**63}))"
    if by is not None and warehouse.dialect == "bigquery":
        # its tables may accept no query without a condition on their partitions (segwh__every_partition)
        name = warehouse.quoted(by.name)
        where = f"{where} and ({name} is null or {name} <= cast('9999-12-31' as {by.type}))"
    (row,) = warehouse.query(f"select min({number}) as found from {place} where {where}")
    if row["found"] is None:
        return ""
    is_beyond = math.isfinite(row["found"]) and abs(row["found"]) >= 2**63
    return (
        f"column `{need.column}` of {need.relation} ({need.purpose}) is declared integer and holds {row['found']}, "
        f"which is {'beyond 64 bits' if is_beyond else 'not whole'}: declare it number or decimal, or convert it in dbt"
    )


def _beyond(need: Need, there: tuple[WarehouseColumn, ...], warehouse: Warehouse) -> str:
    """The engine ends a query in which a number becomes an integer that does not hold it, and nothing holds back what reads a
    computed one. Asked only where the expression reads a type that has such numbers.
    """
    if warehouse.dialect not in ("duckdb", "postgres"):
        return ""
    read = [column for column in there if column.name.lower() in read_by(need.sql, warehouse.dialect)]
    if not any(may_be_long(column.type) or may_hold_fractions(column.type) for column in read):
        return ""
    place = warehouse.relation_name(need.relation)
    query = (
        f"select min(value) as found from (select ({need.sql}) as value from {place}) as every_row "
        f"where not (value >= {-(2**63)} and value < {2**63})"
    )
    try:
        (row,) = warehouse.query(query)
    except UserError:  # the expression is none of this engine, or comes to an error by itself: the run tells
        return ""
    if row["found"] is None:
        return ""
    computed_to = f"its `sql:` comes to {row['found']}, which no integer holds"
    return (
        f"{need.purpose} ({need.relation}) is declared integer, and {computed_to}: "
        "declare it number or decimal, or leave such numbers out in the expression"
    )


def _unbuilt(relation: Relation, warehouse: Warehouse) -> str:
    name = warehouse.relation_name(relation)
    plain = name.replace('"', "").replace("`", "")
    if relation.kind == "source":
        near = meant(plain.rsplit(".", 1)[-1], warehouse.beside(relation))
        return f"{relation} is not there: relation {plain} does not exist{near}; load it first, or correct the catalog"
    return f"{relation} is not built yet: relation {plain} does not exist; run `dbt build --select {relation.parts[-1]}` first"
