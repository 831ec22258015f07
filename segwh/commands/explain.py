"""`segwh explain`: why somebody is in a segment or not, condition by condition, and when they came and went; writes nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from segwh import as_of as instants
from segwh import ir
from segwh.commands.preview import asked_alone, books_of, rule_hashes
from segwh.commands.wording import Wording
from segwh.commands.workspace import Workspace, known_dialect, load, shown_segments
from segwh.errors import UserError, meant
from segwh.sql import explanation as statements
from segwh.sql.dialects import DIALECTS
from segwh.types import DataType
from segwh.warehouse.catalog_check import require_what_is_read
from segwh.warehouse.connection import Row, Warehouse
from segwh.warehouse.keys import stored_key
from segwh.warehouse.published import HeldBack, RunRow, held_back, is_built, known, newest_run
from segwh.warehouse.read import Read
from segwh.warehouse.recorded import Books, Stay, key_name, key_type
from segwh.warehouse.sql_columns import telling_of_sql
from segwh.warehouse.target import find_target

LONGEST_NUMBER = 38
"""Digits of the longest integer that a warehouse has."""


@dataclass(frozen=True, slots=True)
class ExplainOptions:
    """What the command line says; as_of as ISO 8601 text (None: now)."""

    name: str
    key: str
    project_dir: str | None = None
    profiles_dir: str | None = None
    target: str | None = None
    as_of: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A condition of a rule: what it asks, whether it holds, what it found, and what it is made of."""

    text: str
    holds: bool
    found: Mapping[str, object]
    """What was looked at, in words -> its value; of one condition's several values each."""
    parts: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class ToldStep:
    """A step of the rule and whether it lets the entity pass. None: it was not asked, for an earlier step did not."""

    kind: str
    text: str
    rule: str
    passes: bool | None
    condition: Told | None = None


@dataclass(frozen=True, slots=True)
class ToldEntity:
    """An entity with the key, or with the value that the segment aggregates on."""

    key: object
    steps: tuple[ToldStep, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """Why somebody is in a segment or not. `is_member`: by the rule at the as-of, whatever is recorded."""

    segment: str
    key: str | int
    key_name: str
    as_of: datetime
    timezone: str
    is_member: bool
    is_aggregated: bool
    entities: tuple[ToldEntity, ...]
    stays: tuple[Stay, ...]
    last_run: RunRow | None
    notes: tuple[str, ...]
    """What keeps the recorded members from being those of the rule."""
    held_back: HeldBack | None = None
    """Why the last run did not publish the segment, where it did not: the members that are recorded are older then."""

    @property
    def is_recorded(self) -> bool:
        """Whether the newest stay is open."""
        return bool(self.stays) and self.stays[-1].exited_at is None


def explain(options: ExplainOptions) -> Explained:
    """Ask the warehouse why a key is in a segment or not. Raises UserError, or RulesError for mistakes in the rules."""
    project, at, key = _subject(options)
    segment = project.segment(options.name)
    with Warehouse.open(find_target(options.project_dir, options.profiles_dir, options.target)) as warehouse:
        require_what_is_read(asked_alone(project, options.name), (), warehouse)
        key = _stored(key, project, segment, warehouse)
        books = books_of(project, options.name, at, warehouse)
        asked = _statement(project, options.name, key, at, warehouse, books)
        with telling_of_sql(project.catalog):
            rows = warehouse.query(asked.sql)
        stays = books.stays(segment, key)
        last_run = newest_run(warehouse) if is_built(warehouse) else None
        held = None if last_run is None else held_back(warehouse, segment.name, segment.grain)
    words = Wording(at, project.settings.calendar, _measured_traits(project, segment.entity))
    own_key = project.entity(segment.entity).key.type
    return Explained(
        segment=options.name,
        key=key,
        key_name=key_name(project, segment),
        as_of=at,
        timezone=project.settings.calendar.timezone,
        is_member=any(int(row[statements.IS_MEMBER]) for row in rows),
        is_aggregated=segment.aggregate_on is not None,
        entities=tuple(_entity(row, asked, segment, own_key, words) for row in rows),
        stays=stays,
        last_run=last_run,
        notes=(*_notes(segment, at), *_doubled(segment, len(rows))),
        held_back=held,
    )


def explain_sql(options: ExplainOptions) -> str:
    """The statement that explain runs, as text that can be pasted into any client of the warehouse."""
    project, at, key = _subject(options)
    with Warehouse.open(find_target(options.project_dir, options.profiles_dir, options.target)) as warehouse:
        key = _stored(key, project, project.segment(options.name), warehouse)
        asked = _statement(project, options.name, key, at, warehouse, books_of(project, options.name, at, warehouse))
    return f"-- {options.name} as of {instants.written(at)}: the steps of the rule for one key\n{asked.sql};\n"


def _subject(options: ExplainOptions) -> tuple[ir.Project, datetime, str | int]:
    target = find_target(options.project_dir, options.profiles_dir, options.target)
    project = load(Workspace(target.project_dir, known_dialect(target.dialect)))
    if options.name not in {segment.name for segment in project.segments}:
        raise UserError(
            f"`{options.name}` is not a segment{meant(options.name, shown_segments(project))}", "`segwh list` shows them all"
        )
    segment = project.segment(options.name)
    key = _typed(options.key, key_type(project, segment), key_name(project, segment))
    return project, instants.asked(options.as_of, project.settings.calendar, project.settings.as_of_unit), key


def _typed(text: str, kind: DataType, name: str) -> str | int:
    if kind is not DataType.INTEGER:
        return text
    written = text.strip()
    if re.fullmatch(r"[+-]?[0-9]+", written) is None:
        raise UserError(f"`{text}` is no {name}: that is an integer")
    if len(written.lstrip("+-0")) > LONGEST_NUMBER:
        raise UserError(f"there is no such {name}: no warehouse has an integer of more than {LONGEST_NUMBER} digits")
    return int(written)


def _stored(key: str | int, project: ir.Project, segment: ir.Segment, warehouse: Warehouse) -> str | int:
    entity, on = project.entity(segment.entity), segment.aggregate_on
    column = entity.key if on is None else entity.attribute(on.name) if on.lookup is None else None
    return key if column is None else stored_key(key, column, entity, warehouse)


def _statement(
    project: ir.Project, name: str, key: str | int, at: datetime, warehouse: Warehouse, books: Books
) -> statements.Explanation:
    read = Read(project, warehouse)
    return statements.explanation_query(
        project, name, key, at, DIALECTS[warehouse.dialect], read, books.before(), rule_hashes(project), in_utc=read.in_utc
    )


def _measured_traits(project: ir.Project, entity: str) -> Mapping[str, ir.Measured]:
    own = [trait for trait in project.traits if trait.entity == entity]
    return {trait.name: trait.definition for trait in own if isinstance(trait.definition, ir.Measured)}


# --- what the rule says -------------------------------------------------------------------------------------------------


def _entity(row: Row, asked: statements.Explanation, segment: ir.Segment, key: DataType, words: Wording) -> ToldEntity:
    steps = tuple(_step(row, step, segment, words) for step in asked.steps)
    return ToldEntity(_read(row[statements.KEY], key), steps)


def _step(row: Row, step: statements.Step, segment: ir.Segment, words: Wording) -> ToldStep:
    name = step.names[0] if step.names else ""
    passes = bool(int(row[step.column]))
    match step.kind:
        case "include" | "exclude":
            assert step.rule is not None
            assert step.condition is not None
            return ToldStep(step.kind, step.kind, step.rule.text, passes, _condition(row, step.condition, words))
        case "time_to_live":
            created = row[step.value] if step.value else None
            when = "when is not known" if created is None else words.value(created)
            text = f"created within {segment.time_to_live}: {when}"
        case "suppressed":
            text = f"{'not ' if passes else ''}in {name}, a project-wide exclusion"
        case "stay":
            text = f"{'not ' if passes else ''}kept out by `stay`"
        case "priority":
            text = f"{'not ' if passes else ''}in {name}, which goes before it in its group"
        case "limit":
            assert segment.limit is not None
            text = _limit(segment, segment.limit, row, step, words)
            if not int(row[step.asked]):
                return ToldStep(step.kind, text, "", None)
        case "always":
            if not passes:
                return ToldStep(step.kind, f"not listed in {segment.always}, who are always in", "", None)
            text = f"listed in {segment.always}: in, whatever the rest says"
        case "whole":
            text = f"{'' if passes else 'not '}in {name}, the whole segment"
        case "bucket":
            text = f"{'falls' if passes else 'does not fall'} to the variant {name}"
        case "value":
            text = f"has {'a' if passes else 'no'} value of {segment.aggregate_on}"
    return ToldStep(step.kind, text, "", passes)


def _condition(row: Row, condition: statements.Condition, words: Wording) -> Told:
    holds = bool(int(row[condition.column]))
    predicate = condition.predicate
    if isinstance(predicate, ir.Not) and not condition.parts[0].parts:
        # read as one: `city is not 'Oslo'` rather than `not` above `city is 'Oslo'`
        return Told(words.condition(predicate), holds, _found(row, condition.parts[0], words))
    if condition.parts and isinstance(predicate, ir.And | ir.Or | ir.Not | ir.AtLeast):
        return Told(words.heading(predicate), holds, {}, tuple(_condition(row, part, words) for part in condition.parts))
    if isinstance(predicate, ir.Sequence):
        return Told(words.condition(predicate), holds, {}, tuple(_beginning(row, part, words) for part in condition.parts))
    return Told(words.condition(predicate), holds, _found(row, condition, words))


def _beginning(row: Row, condition: statements.Condition, words: Wording) -> Told:
    """A sequence as far as a step, told by that step."""
    assert isinstance(condition.predicate, ir.Sequence)
    *before, step = condition.predicate.steps
    ((last, column),) = condition.values
    latest = "the latest like that" if step.where is not None else f"the latest of {step.event}"
    text = f"{'then ' if before else ''}{words.step(step)}; {latest}"
    return Told(text, bool(int(row[condition.column])), {latest: _read(row[column], last.type)})


def _limit(segment: ir.Segment, limit: ir.Limit, row: Row, step: statements.Step, words: Wording) -> str:
    best = f"the best {limit.top or f'{limit.percent} percent'}"
    order = ", the lowest first" if limit.order == "asc" else ""
    by = f" by {words.operand(limit.by)}{order}"
    if step.stands and not int(row[step.stands]):
        # nobody stands for a value that the rest leaves out
        other = f": somebody else stands for this {segment.aggregate_on}" if int(row[step.asked]) else ""
        return f"among {best}{by}{other}"
    if limit.per is not None:
        best = f"{best} of its {words.operand(limit.per)} ({words.value(_read(row[step.group], limit.per.type))})"
    return f"among {best}{by}: {words.value(_read(row[step.value], limit.by.type))}"


def _found(row: Row, condition: statements.Condition, words: Wording) -> Mapping[str, object]:
    # what a trait measures is said in the condition: once is enough
    names = [str(operand) if isinstance(operand, ir.TraitValue) else words.operand(operand) for operand, _ in condition.values]
    read = [_read(row[column], operand.type) for operand, column in condition.values]
    if isinstance(condition.predicate, ir.RowHolds):
        # without a row there is nothing that could be asked of it
        names = ["time"] if read[0] is None else ["time", *(_property(operand) for operand, _ in condition.values[1:])]
    return dict(zip(names, read, strict=False))


def _property(operand: ir.Operand) -> str:
    assert isinstance(operand, ir.Measured)
    assert isinstance(operand.measure, ir.EdgeValue)
    return str(operand.measure.of)


def _read(value: object, kind: DataType) -> object:
    """A value as the type that it has in the rules: engines give truths as 0 and 1, dbt gives lists as text and doubles as
    exact numbers.
    """
    match kind, value:
        case _, None:
            return None
        case DataType.STRING_LIST, str():
            return json.loads(value)
        case DataType.STRING, _:
            return str(value)
        case DataType.BOOLEAN, int() | Decimal():
            return bool(value)
        case DataType.INTEGER, Decimal():
            return int(value)
        case DataType.NUMBER, int() | Decimal():
            return float(value)
        case DataType.DATE, datetime():
            return value.date()
        case DataType.TIMESTAMP, datetime():
            return known(value)
        case _:
            return value


def _notes(segment: ir.Segment, at: datetime) -> Iterator[str]:
    match segment.freeze(at):
        case "inactive":
            yield "it is inactive: it keeps the members that it has"
        case "expired":
            yield f"it expired on {segment.expires_on}: it keeps the members that it has"
        case "static":
            yield "it is static: it keeps the set of the first run with this rule"


def _doubled(segment: ir.Segment, rows: int) -> Iterator[str]:
    if segment.aggregate_on is None and rows > 1:
        yield f"there are {rows} rows with this key: no run publishes the segments of {segment.entity} until there is one"
