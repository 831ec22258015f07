"""`segwh backfill`: run after run over a period that lies behind, in one process, from where the log ends.

The first and the last step are whole builds; those between leave out what only readers look at. What comes of it is what as
many runs of `segwh run` would have left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic

import yaml

from segwh import as_of as instants
from segwh.commands.run import Stage, check_accepted, variables_given, with_variants
from segwh.commands.workspace import Workspace, compile_workspace, known_dialect
from segwh.errors import UserError, meant
from segwh.ir import Project, Settings
from segwh.plan import pruned
from segwh.semantics import Calendar, Duration, Shift, Unit, shifted
from segwh.text.diagnostics import Complaints, RejectedError
from segwh.text.reading import Reader
from segwh.text.source import start_of
from segwh.warehouse.build import SEGWH_TAG, Event, Note, Outcome, build
from segwh.warehouse.catalog_check import require_what_a_run_needs, require_what_is_read
from segwh.warehouse.complaints import ends_the_run, explain
from segwh.warehouse.connection import Warehouse
from segwh.warehouse.published import first_as_ofs, is_built, last_as_ofs, newest_run
from segwh.warehouse.target import find_target

MOST_STEPS = 20_000


@dataclass(frozen=True, slots=True)
class BackfillOptions:
    """What the command line says: times as ISO 8601 text, `every` as a duration."""

    start: str
    end: str
    every: str = "1 day"
    segments: tuple[str, ...] = ()
    project_dir: str | None = None
    profiles_dir: str | None = None
    target: str | None = None
    threads: int | None = None
    variables: str = ""
    accept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StepDone:
    """One run of the backfill: which of how many, its as-of, what it changed, and how long it took in seconds."""

    number: int
    total: int
    as_of: datetime
    entered: int
    exited: int
    held_back: int
    seconds: float


@dataclass(frozen=True, slots=True)
class TooEarly:
    """Steps before the first run of a segment: the log goes forward only, and never will hold them."""

    steps: int
    segment: str
    first: datetime


@dataclass(frozen=True, slots=True)
class BackfillReport:
    """What a backfill did. `done` holds the steps of this call, `before` counts those that the log held already."""

    done: tuple[StepDone, ...]
    total: int
    before: int
    failures: tuple[Outcome, ...]
    """The nodes that failed in the step after the last one done."""
    too_early: TooEarly | None = None
    """Why steps of before are in no log, where none is left to do."""

    @property
    def held_back(self) -> tuple[StepDone, ...]:
        """The steps in which a segment kept an earlier version."""
        return tuple(step for step in self.done if step.held_back)

    @property
    def has_failed(self) -> bool:
        """Whether it stopped, or a segment was held back."""
        return self.has_stopped or bool(self.held_back)

    @property
    def has_stopped(self) -> bool:
        """Whether some steps are still to do."""
        return len(self.done) + self.before < self.total


Watch = Callable[[Event | Stage | StepDone], None]


def backfill(options: BackfillOptions, watch: Watch) -> BackfillReport:
    """Fill a period in steps. Raises UserError, or RulesError for mistakes in the rules."""
    target = find_target(options.project_dir, options.profiles_dir, options.target)
    watch(Stage(f"compiling {target.project} for target {target.name} ({target.adapter})"))
    project = compile_workspace(Workspace(target.project_dir, known_dialect(target.dialect))).project
    steps = planned(options, project.settings, datetime.now(UTC))
    wanted = wanted_segments(options.segments, project)
    if not wanted:
        raise UserError("the rules have no segments, and only these have a past to fill", "`segwh run` computes the traits")
    accepted = with_variants(options.accept, project)
    own = {"segwh_backfill": True, "segwh_accept": list(accepted), "segwh_only": list(wanted) if options.segments else []}
    given = {**variables_given(options.variables), **{name: value for name, value in own.items() if value}}

    def variables(at: datetime) -> str:
        asked = {**given, "segwh_as_of": instants.written(at)}
        return str(yaml.safe_dump(asked, default_flow_style=True, width=10**9, sort_keys=True)).strip()

    watch(Stage("starting dbt"))
    with Warehouse.open(target, variables=options.variables, write=True) as warehouse:
        # What is filled cannot be filled later, so whatever it reads is in order before the first step; what only others read
        # stops it where it would stop a run.
        require_what_is_read(pruned(project, wanted), (), warehouse)
        for warning in require_what_a_run_needs(project, warehouse):
            watch(Note(warning, is_warning=True))
        check_accepted(options.accept, project, warehouse)
        left = remaining(steps, wanted, last_as_ofs(warehouse) if is_built(warehouse) else {})
        if not left:
            return BackfillReport((), len(steps), len(steps), (), _too_early(steps, wanted, first_as_ofs(warehouse)))
        before = len(steps) - len(left)
        if before:
            watch(Note(f"the log ends after {before} of {len(steps)} steps: going on from there", is_warning=False))
        done: list[StepDone] = []
        for number, at in enumerate(left, start=before + 1):
            started = monotonic()
            is_whole = at in (left[0], left[-1])
            select = (SEGWH_TAG,) if is_whole else books_only(warehouse)
            outcomes = build(warehouse, select=select, threads=options.threads, variables=variables(at))
            ended = next((outcome.message for outcome in outcomes if ends_the_run(outcome.message)), None)
            if ended is not None:
                raise explain(ended)
            run = newest_run(warehouse) if is_built(warehouse) else None
            failures = tuple(outcome for outcome in outcomes if outcome.status == "failed")
            only_held_back = all(outcome.name == "segwh_runs" for outcome in failures)
            if run is None or run.as_of != at or (failures and not (only_held_back and run.held_back)):
                return BackfillReport(tuple(done), len(steps), before, failures)
            step = StepDone(number, len(steps), at, run.entered, run.exited, run.held_back, monotonic() - started)
            done.append(step)
            watch(step)
    return BackfillReport(tuple(done), len(steps), before, ())


def planned(options: BackfillOptions, settings: Settings, now: datetime) -> tuple[datetime, ...]:
    """The as-of of each step, from the start on up to the end; several steps of one as-of are one. Raises UserError."""
    calendar = settings.calendar
    start = instants.parsed(options.start, calendar, "--from")
    end = instants.parsed(options.end, calendar, "--to")
    if start > end:
        raise UserError(f"--from {options.start} is after --to {options.end}")
    if instants.lies_ahead(end, now):
        raise UserError(f"--to {options.end} lies ahead: a backfill is about the past")
    every = duration(options.every)
    steps: list[datetime] = []
    for at in stepped(start, every, calendar):
        if at > end:
            return tuple(dict.fromkeys(instants.rounded(step, settings.as_of_unit, calendar) for step in steps))
        steps.append(at)
        if len(steps) > MOST_STEPS:
            raise UserError(
                f"more than {MOST_STEPS:,} steps of {every} lie between --from and --to", "take longer steps with --every"
            )
    raise AssertionError("steps go on for ever")


def duration(text: str) -> Duration:
    """A duration as rules write it. Raises UserError."""
    complaints = Complaints()
    try:
        return Reader(complaints).duration_of(text.strip(), start_of("--every"))
    except RejectedError:
        raise UserError(f"--every `{text}` is not a duration", "such as `1 day`, `6 hours` or `1 month`") from None


def stepped(start: datetime, every: Duration, calendar: Calendar) -> Iterator[datetime]:
    """The instants from the start on. Days and longer step on the local calendar: what runs at midnight always does."""
    count = 0
    while True:
        whole = Duration(every.count * count, every.unit) if count else None
        if whole is None:
            yield start
        elif every.unit in (Unit.DAYS, Unit.WEEKS):
            days = whole.count * (7 if every.unit is Unit.WEEKS else 1)
            yield calendar.instant(calendar.local(start) + timedelta(days=days))
        else:
            yield shifted(start, Shift(1, whole), calendar)
        count += 1


def wanted_segments(names: Sequence[str], project: Project) -> tuple[str, ...]:
    """The named segments with their variants, or all. Raises UserError for an unknown name."""
    known = [segment.name for segment in project.segments]
    for name in names:
        if name not in known:
            raise UserError(f"--segment: `{name}` is not a segment{meant(name, known)}")
    return with_variants(names, project) if names else tuple(known)


def remaining(steps: Sequence[datetime], wanted: Sequence[str], ends: Mapping[str, datetime]) -> tuple[datetime, ...]:
    """The steps after the last one that the log holds of every wanted segment; `ends` has each segment's newest as-of."""
    if any(name not in ends for name in wanted):
        return tuple(steps)
    last = min(ends[name] for name in wanted)
    return tuple(at for at in steps if at > last)


def _too_early(steps: Sequence[datetime], wanted: Sequence[str], begins: Mapping[str, datetime]) -> TooEarly | None:
    """The steps before the log begins of one of the segments: of that for which they are most."""
    newest = max(wanted, key=lambda name: begins[name])
    count = sum(at < begins[newest] for at in steps)
    return TooEarly(count, newest, begins[newest]) if count else None


def books_only(warehouse: Warehouse) -> tuple[str, ...]:
    """The models that a step needs: all tables but those that only readers look at."""
    names = warehouse.models_tagged("segwh", tables_only=True)
    return tuple(name for name in names if not name.endswith(("_wide", "_segments", "segwh_rules")))
