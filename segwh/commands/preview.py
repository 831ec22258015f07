"""`segwh preview`: who would be in a segment at an instant, step by step, by the rules as they are; nothing is written.

Rules that ask what was recorded (how long, since when, whether back again, who is in a frozen segment) read the log up to then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from segwh import as_of as instants
from segwh.commands.workspace import Workspace, known_dialect, load, shown_segments
from segwh.errors import UserError, meant
from segwh.ir import Freeze, Limit, Project, Segment
from segwh.plan import pruned
from segwh.plan.sources import Source
from segwh.resolve.rule_hash import RuleHashes
from segwh.sql import preview as statements
from segwh.sql.dialects import DIALECTS
from segwh.warehouse.catalog_check import require_what_is_read
from segwh.warehouse.connection import Row, Warehouse
from segwh.warehouse.read import Read
from segwh.warehouse.recorded import Books
from segwh.warehouse.sql_columns import telling_of_sql
from segwh.warehouse.target import find_target

STAGE_TEXTS: dict[statements.StepKind, str] = {
    "entities": "all there are",
    "include": "include",
    "exclude": "exclude",
    "suppressed": "project-wide exclusions",
    "stay": "stay",
    "priority": "earlier segments of its group",
}
"""How each kind of step is called; the rest is said with what the segment gives for it."""


@dataclass(frozen=True, slots=True)
class PreviewOptions:
    """What the command line says; as_of as ISO 8601 text (None: now), `limit` sample members at most."""

    name: str
    project_dir: str | None = None
    profiles_dir: str | None = None
    target: str | None = None
    as_of: str | None = None
    limit: int = 10


@dataclass(frozen=True, slots=True)
class Stage:
    """How many entities are left after a step. `rule` is the condition as written, for include and exclude."""

    kind: str
    text: str
    rule: str
    left: int


@dataclass(frozen=True, slots=True)
class Frozen:
    """Why runs do not take whom the rule finds: which kind of freeze (law 13), and that in a line."""

    kind: Freeze
    text: str


@dataclass(frozen=True, slots=True)
class Preview:
    """Who would be in a segment. `share` is of the existing entities, None for an aggregated segment."""

    segment: str
    grain: str
    as_of: datetime
    members: int
    population: int
    share: float | None
    stages: tuple[Stage, ...]
    sample: tuple[Row, ...]
    frozen: Frozen | None = None
    """Set where the segment does not take these people, or may not."""


def preview(options: PreviewOptions) -> Preview:
    """Ask the warehouse who would be in a segment. Raises UserError, or RulesError for mistakes in the rules."""
    project, at, workspace = _subject(options)
    segment = project.segment(options.name)
    with _open(options) as warehouse:
        shown = project.entity(segment.entity).attributes[: statements.SAMPLE_ATTRIBUTES] if options.limit else ()
        beside = [Source("column", segment.entity, column.name) for column in shown]
        require_what_is_read(asked_alone(project, options.name), beside, warehouse)
        asked = _statements(project, options.name, at, workspace.dialect, warehouse, options.limit)
        with telling_of_sql(project.catalog):
            (counts,) = warehouse.query(asked.counts)
            sample = warehouse.query(asked.sample) if options.limit else ()
    stages = tuple(_stage(step, project, options.name, int(counts[step.column])) for step in asked.steps)
    population, members = stages[0].left, int(counts["members"])
    share = members / population if population and segment.aggregate_on is None else None
    frozen = _frozen(segment, at)
    return Preview(options.name, segment.grain, at, members, population, share, stages, sample, frozen)


def preview_sql(options: PreviewOptions) -> str:
    """The statements that preview runs, as text that can be pasted into any client of the warehouse."""
    project, at, workspace = _subject(options)
    with _open(options) as warehouse:
        asked = _statements(project, options.name, at, workspace.dialect, warehouse, options.limit)
    heading = f"-- {options.name} as of {instants.written(at)}"
    counts = f"{heading}: how many are left after each step\n{asked.counts};\n"
    return f"{counts}\n{heading}: members\n{asked.sample};\n" if options.limit else counts


def _subject(options: PreviewOptions) -> tuple[Project, datetime, Workspace]:
    target = find_target(options.project_dir, options.profiles_dir, options.target)
    workspace = Workspace(target.project_dir, known_dialect(target.dialect))
    project = load(workspace)
    names = shown_segments(project)
    if options.name not in {segment.name for segment in project.segments}:
        raise UserError(f"`{options.name}` is not a segment{meant(options.name, names)}", "`segwh list` shows them all")
    return project, instants.asked(options.as_of, project.settings.calendar, project.settings.as_of_unit), workspace


def _frozen(segment: Segment, at: datetime) -> Frozen | None:
    keeps = "it keeps the members that it has, and takes none of these"
    computed = "it keeps the set computed at its first run, and takes these only if it has not run"
    match segment.freeze(at):
        case None:
            return None
        case "inactive":
            return Frozen("inactive", f"inactive: {keeps}")
        case "expired":
            return Frozen("expired", f"expired on {segment.expires_on}: {keeps}")
        case "static":
            return Frozen("static", f"static: {computed}")


def _open(options: PreviewOptions) -> Warehouse:
    return Warehouse.open(find_target(options.project_dir, options.profiles_dir, options.target))


def _statements(
    project: Project, name: str, at: datetime, dialect: str, warehouse: Warehouse, limit: int
) -> statements.Preview:
    read = Read(project, warehouse)
    return statements.preview_query(
        project, name, at, DIALECTS[dialect], read, books_of(project, name, at, warehouse).before(), rule_hashes(project),
        sample_size=limit, in_utc=read.in_utc,
    )  # fmt: skip


def books_of(project: Project, name: str, at: datetime, warehouse: Warehouse) -> Books:
    """The books of the grains that the segment's rule reads: what became of others is nothing to it."""
    return Books(warehouse, asked_alone(project, name), at)


def rule_hashes(project: Project) -> Mapping[str, str]:
    """The hash of each segment: a frozen one has the recorded members if they were computed by this very rule."""
    hashes = RuleHashes(project)
    return {segment.name: hashes.of(segment) for segment in project.segments}


def asked_alone(project: Project, segment: str) -> Project:
    """The project cut down to a segment that is asked by its rule, even if it is frozen."""
    return pruned(statements.thawed(project, segment, ()), [segment])


def _stage(step: statements.Step, project: Project, name: str, left: int) -> Stage:
    segment = project.segment(name)
    text = STAGE_TEXTS.get(step.kind, step.kind)
    if step.kind == "time_to_live":
        text = f"created within {segment.time_to_live}"
    elif step.kind == "limit" and segment.limit is not None:
        text = _limit(segment.limit)
    elif step.kind == "always":
        text = f"with those listed in {segment.always}, who are always in"
    elif step.kind == "whole" and segment.variant_of is not None:
        text = f"in {segment.variant_of[0]}, the whole segment"
    elif step.kind == "bucket" and segment.variant_of is not None:
        text = f"falls to the variant {segment.variant_of[1]}"
    elif step.kind == "members":
        text = "members" if segment.aggregate_on is None else f"members: one for each {segment.aggregate_on.name}"
    return Stage(step.kind, text, step.text, left)


def _limit(limit: Limit) -> str:
    best = f"the best {limit.top or f'{limit.percent} percent'}"
    group = "" if limit.per is None else f" of each {limit.per}"
    return f"{best}{group} by {limit.by}{', the lowest first' if limit.order == 'asc' else ''}"
