"""Stories as text: rules, rows and the members that a person wrote down, held against every evaluator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from segwh import ir
from segwh.catalog.model import Catalog, Column, Owner, TimeColumn, Validity, origin
from segwh.project import load_texts
from segwh.reference.evaluate import Before
from segwh.reference.values import Key
from segwh.types import Relation
from tests.cases import tables

CASES = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Check:
    """What must be at one as-of. `before`, `exited` and `frozen` are what earlier runs left, by segment; `kept` names the
    segments that keep their last good version in this run.
    """

    as_of: datetime
    expect: Mapping[str, list[Key]]
    traits: Mapping[str, Mapping[Key, object]]
    reasons: Mapping[str, Mapping[Key, str]]
    representatives: Mapping[str, Mapping[Key, object]]
    before: Mapping[str, Mapping[Key, datetime]]
    exited: Mapping[str, Mapping[Key, datetime]]
    frozen: Mapping[str, list[Key]]
    kept: list[str]
    refused: str | None

    @property
    def state(self) -> Before:
        """What earlier runs left."""
        frozen = {segment: frozenset(keys) for segment, keys in self.frozen.items()}
        return Before(self.before, self.exited, frozen, frozenset(self.kept))


@dataclass(frozen=True, slots=True)
class Case:
    """One story. `settings` is the text of segwh.yml, `texts` the files of segments/ by path."""

    name: str
    story: str
    settings: str
    texts: Mapping[str, str]
    rows: Mapping[str, str]
    checks: tuple[Check, ...]
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def load(path: Path) -> Case:
    """Read the story of a file."""
    return read(path.relative_to(CASES).with_suffix("").as_posix(), path.read_text(encoding="utf-8"))


def read(name: str, text: str) -> Case:
    """Read a story."""
    raw: dict[str, Any] = yaml.safe_load(text)
    known = {"story", "as_of", "settings", "catalog", "project", "rows", "moments", *CHECK_KEYS}
    if unknown := set(raw) - known:
        raise ValueError(f"{name}: unknown {sorted(unknown)}")
    texts = {"segments/case.yml": raw["project"]}
    if "catalog" in raw:
        texts["segments/catalog.yml"] = (CASES / "catalogs" / f"{raw['catalog']}.yml").read_text(encoding="utf-8")
    moments = raw.get("moments") or [{key: raw[key] for key in ("as_of", *CHECK_KEYS) if key in raw}]
    settings = "\n".join(["version: 1", *(f"{key}: {value}" for key, value in (raw.get("settings") or {}).items())]) + "\n"
    checks = tuple(_check(moment, raw) for moment in moments)
    return Case(name, raw["story"], settings, texts, raw.get("rows", {}), checks)


CHECK_KEYS = ("expect", "traits", "reasons", "representatives", "before", "exited", "frozen", "kept", "refused")


def _check(moment: Mapping[str, Any], raw: Mapping[str, Any]) -> Check:
    if unknown := set(moment) - {"as_of", *CHECK_KEYS}:
        raise ValueError(f"unknown {sorted(unknown)}")
    found: Any = {key: moment.get(key, raw.get(key)) or {} for key in CHECK_KEYS[:-1]}
    refused = moment.get("refused", raw.get("refused"))
    for key in ("before", "exited"):
        found[key] = {segment: {who: instant(at) for who, at in keys.items()} for segment, keys in found[key].items()}
    if not found["expect"] and not found["traits"] and refused is None:
        raise ValueError("nothing is expected")
    return Check(as_of=instant(moment["as_of"]), refused=refused, **found)


def instant(value: object) -> datetime:
    """A time of a case file in UTC; one without zone is UTC."""
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def paths() -> list[Path]:
    """The files of all stories."""
    return sorted(path for path in CASES.rglob("*.yml") if path.parent.name != "catalogs")


def column_types(catalog: Catalog) -> dict[Relation, dict[str, str]]:
    """The physical columns that a catalog names, by relation, with their types as in `tables`."""
    found: dict[Relation, dict[str, str]] = {}
    for relation, column, column_type in _named_columns(catalog):
        columns = found.setdefault(relation, {})
        if columns.get(column, "string") == "string":
            columns[column] = column_type
    return found


def _named_columns(catalog: Catalog) -> Iterator[tuple[Relation, str, str]]:
    for entity in catalog.entities:
        yield from _columns(entity.relation, (entity.key, *entity.attributes))
        yield from _times(entity.relation, entity.created_at)
        yield from _validity(entity.relation, entity.validity)
        yield from _lookups(entity)
        for owner in (entity, *entity.events, *entity.related):
            yield from _led_to(owner, catalog)
        for event in entity.events:
            yield event.relation, event.key, str(entity.key.type)
            yield from _columns(event.relation, event.properties)
            yield from _times(event.relation, event.time, event.loaded_at)
            yield from _lookups(event)
            if event.id is not None:
                yield event.relation, event.id, "string"
            if event.partition is not None:
                yield event.relation, event.partition.column, str(event.partition.type)
        for related in entity.related:
            yield related.relation, related.key, str(entity.key.type)
            yield from _columns(related.relation, related.properties)
            yield from _validity(related.relation, related.validity)
            yield from _lookups(related)


def _led_to(owner: Owner, catalog: Catalog) -> Iterator[tuple[Relation, str, str]]:
    """The columns by which lookups find entities have the type of their key."""
    for lookup in owner.lookups:
        for entity in catalog.entities:
            if (entity.relation, entity.key.column) == (lookup.relation, lookup.key):
                yield origin(owner, lookup), lookup.by, str(entity.key.type)


def _columns(relation: Relation, columns: tuple[Column, ...]) -> Iterator[tuple[Relation, str, str]]:
    for column in columns:
        if column.sql is None:
            yield relation, column.column, str(column.type)


def _times(relation: Relation, *times: TimeColumn | None) -> Iterator[tuple[Relation, str, str]]:
    for time in times:
        if time is not None:
            yield relation, time.column, str(time.type)


def _validity(relation: Relation, validity: Validity | None) -> Iterator[tuple[Relation, str, str]]:
    if validity is not None:
        yield relation, validity.start, "timestamp"
        yield relation, validity.end, "timestamp"


def _lookups(owner: Owner) -> Iterator[tuple[Relation, str, str]]:
    for lookup in owner.lookups:
        yield origin(owner, lookup), lookup.by, "string"
        yield lookup.relation, lookup.key, "string"
        yield from _columns(lookup.relation, lookup.properties)
        yield from _validity(lookup.relation, lookup.validity)


def relation_name(relation: Relation) -> str:
    """The name under which a case gives the rows of a relation: its last part."""
    return relation.parts[-1]


def case_tables(case: Case, project: ir.Project) -> dict[Relation, tables.Table]:
    """The rows of a case by relation; a relation without rows is an empty table."""
    types = column_types(project.catalog)
    for relation in _listed(project):
        types.setdefault(relation, {})
    found = {}
    for relation, columns in types.items():
        text = case.rows.get(relation_name(relation), "|".join(columns))
        found[relation] = tables.parse(text, columns)
    if unknown := set(case.rows) - {relation_name(relation) for relation in types}:
        raise ValueError(f"{case.name}: rows of unknown relations {sorted(unknown)}")
    return found


def _listed(project: ir.Project) -> Iterator[Relation]:
    """Relations that only segments name: lists of keys or of values."""
    for segment in project.segments:
        if segment.always is not None:
            yield segment.always
        for rule in (*segment.include, *segment.exclude):
            yield from _lists(rule.predicate)


def _lists(predicate: ir.Predicate) -> Iterator[Relation]:
    match predicate:
        case ir.And(items) | ir.Or(items) | ir.AtLeast(_, items):
            for item in items:
                yield from _lists(item)
        case ir.Not(item):
            yield from _lists(item)
        case ir.OneOfRelation(_, relation, _, _):
            yield relation
        case _:
            for operand in ir.operands(predicate):
                if isinstance(operand, ir.Measured) and operand.rows.where is not None:
                    yield from _lists(operand.rows.where)


def bound(settings: str, texts: Mapping[str, str]) -> ir.Project:
    """The project of some texts. Raises ValueError with the diagnostics when it has errors."""
    loaded = load_texts(texts, settings)
    if loaded.project is None:
        raise ValueError(loaded.text)
    return loaded.project


def project_of(case: Case) -> ir.Project:
    """The bound project of a case."""
    return bound(case.settings, case.texts)


def calculated(project: ir.Project, names: Iterable[str], as_of: datetime, before: Before) -> list[str]:
    """The segments whose members a run computes: the others are frozen, their members are in the log."""
    return [name for name in names if not is_frozen(project, project.segment(name), as_of, before)]


def is_frozen(project: ir.Project, segment: ir.Segment, as_of: datetime, before: Before) -> bool:
    """Whether a segment keeps what earlier runs left."""
    if segment.variant_of is not None:
        return is_frozen(project, project.segment(segment.variant_of[0]), as_of, before)
    if before.kept & {segment.name, *project.suppressions(segment)}:
        return True
    expired = segment.expires_at is not None and as_of >= segment.expires_at
    return segment.status == "inactive" or expired or (segment.type == "static" and segment.name in before.frozen)
