"""`segwh run`: compile, build with dbt, and read back what is now published: who is in, who came and left, and where it is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import yaml

from segwh import as_of as instants
from segwh.commands.workspace import Workspace, compile_workspace, known_dialect
from segwh.errors import UserError, meant
from segwh.ir import Project, Segment
from segwh.plan.dependencies import dependencies, watched
from segwh.warehouse.build import Event, Note, Outcome, build
from segwh.warehouse.catalog_check import require_what_a_run_needs
from segwh.warehouse.complaints import ends_the_run, explain, is_fault_of_the_sql, is_too_late
from segwh.warehouse.connection import Warehouse
from segwh.warehouse.published import (
    CURVE_LENGTH,
    REGISTRY,
    RUNS,
    SIZES,
    Died,
    Orphan,
    RunRow,
    Size,
    died,
    grains_logged,
    is_built,
    last_as_ofs,
    newest_ended_run,
    newest_run,
    orphans,
    registered_grains,
    sizes,
    suppression_lists,
)
from segwh.warehouse.sql_columns import told_of_sql
from segwh.warehouse.target import find_target


@dataclass(frozen=True, slots=True)
class Stage:
    """What the run begins to do now."""

    text: str


Watch = Callable[[Event | Stage], None]

FAR = timedelta(days=366)
"""An as-of further ahead is taken for a slip: every run until then would be refused. Less may be meant, and is warned of."""


@dataclass(frozen=True, slots=True)
class SegmentResult:
    """A segment after the run: its newest size (None if it has none yet), earlier ones oldest first, and its marks.

    Whom it lost and won is the net of all runs at this run's as-of; nobody if the run was not about it.
    """

    name: str
    label: str
    grain: str
    size: Size | None
    history: tuple[int, ...]
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did. `run` is its row in segwh_runs, None if it did not get that far; `as_of` is what --as-of asked for."""

    as_of: datetime | None
    segments: tuple[SegmentResult, ...]
    outcomes: tuple[Outcome, ...]
    run: RunRow | None
    repeated: bool
    """The run before, of those that ended, recorded the same as-of already."""
    place: str
    """Where the tables are: database and schema, and the file if there is one."""
    relations: tuple[str, ...]
    seconds: float
    orphaned: tuple[Orphan, ...] = ()
    """Segments that are no longer in the rules, or have members of another kind now, and keep those that they had."""
    died: Died | None = None
    """What the run before had logged, if it died on the way."""

    @property
    def failures(self) -> tuple[Outcome, ...]:
        """The nodes that failed."""
        return tuple(outcome for outcome in self.outcomes if outcome.status == "failed")

    @property
    def has_failed(self) -> bool:
        """Whether a node failed or a segment kept its last good version."""
        return bool(self.failures) or (self.run is not None and self.run.held_back > 0)

    @property
    def came_too_late(self) -> bool:
        """Whether every segment was evaluated at a later as-of already, so that the run did not even begin."""
        return any(is_too_late(failure.message) for failure in self.failures)

    @property
    def is_fault(self) -> bool:
        """Whether a node failed that nobody but segwh can mend: the warehouse could not read its SQL."""
        return any(failure.is_compiled and is_fault_of_the_sql(failure.message) for failure in self.failures)

    @property
    def changed_nothing(self) -> bool:
        """Whether the run came to the very members that were recorded for its as-of before."""
        has_changes = self.run is None or self.run.entered != 0 or self.run.exited != 0
        return self.repeated and not self.finishes and not has_changes

    @property
    def finishes(self) -> bool:
        """Whether it wrote what a run at the same as-of, which died, had left to write."""
        return self.died is not None and self.run is not None and self.died.as_of == self.run.as_of


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the command line says; each as dbt's option of that name, as_of as ISO 8601 text."""

    project_dir: str | None = None
    profiles_dir: str | None = None
    target: str | None = None
    as_of: str | None = None
    select: tuple[str, ...] = ()
    threads: int | None = None
    variables: str = ""
    accept: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    refresh: tuple[str, ...] = ()
    full: bool = False
    """Whether nothing is taken over from the facts of the run before."""


def run(options: RunOptions, watch: Watch) -> RunReport:
    """Compile and build a project. Raises UserError, or RulesError for mistakes in the rules."""
    started = datetime.now(UTC)
    target = find_target(options.project_dir, options.profiles_dir, options.target)
    watch(Stage(f"compiling {target.project} for target {target.name} ({target.adapter})"))
    compiled = compile_workspace(Workspace(target.project_dir, known_dialect(target.dialect)))
    if compiled.warnings:
        watch(Note(compiled.warnings.rstrip(), is_warning=True))
    for name in compiled.drift.stale:
        if name.endswith("_log.sql"):
            grain = name.rsplit("/", 1)[-1].removeprefix("segwh_").removesuffix("_log.sql")
            text = f"no segment of {grain} is left in the rules: its tables stay as they are, and nobody looks after them"
            watch(Note(text, is_warning=True))
    if not compiled.project.segments and not compiled.project.traits:
        raise UserError(
            f"there is neither a segment nor a trait in {compiled.project.settings.rules_path}/: nothing is run",
            "write one, such as `segments: [{name: everyone, label: Everyone, entity: ..., include: everyone}]`",
        )
    settings = compiled.project.settings
    at = instants.asked(options.as_of, settings.calendar, settings.as_of_unit) if options.as_of is not None else None
    if at is not None and instants.lies_ahead(at, started + FAR):
        raise UserError(
            f"--as-of {options.as_of} lies more than a year ahead: until then every run would be refused",
            f"`segwh preview NAME --as-of {options.as_of}` shows who would be in, and writes nothing",
        )
    if at is not None and instants.lies_ahead(at, started):
        watch(Note(f"{options.as_of} lies ahead: after this run no earlier as-of is taken any more", is_warning=True))
    variables = _variables(options, compiled.project, at)
    watch(Stage("starting dbt"))
    # segwh's own variables matter when models run and not when they are parsed. Parsed without them, the project is for dbt
    # the same as in the last run, and only files that changed are read again.
    with Warehouse.open(target, variables=options.variables, write=True) as warehouse:
        watch(Stage("comparing the catalog with the warehouse"))
        for warning in require_what_a_run_needs(compiled.project, warehouse, unbuilt_is_fine=bool(options.select)):
            watch(Note(warning, is_warning=True))
        before = newest_run(warehouse) if is_built(warehouse) else None
        ended = newest_ended_run(warehouse) if before is not None else None
        left_behind = died(warehouse, before, ended)
        check_accepted(options.accept, compiled.project, warehouse, options.refresh)
        if options.remove:
            logged = last_as_ofs(warehouse) if before else ()
            check_removed(options.remove, compiled.project, logged, former_grains(options.remove, compiled.project, warehouse))
        watch(Stage("building"))
        outcomes = build(warehouse, select=options.select, threads=options.threads, variables=variables, watch=watch)
        outcomes = tuple(_told(outcome, compiled.project) for outcome in outcomes)
        if not outcomes:
            # nothing failed, but whoever asked for something got nothing of it
            if options.select:
                called = f"--select {' '.join(options.select)}: nothing in the project is called that"
                raise UserError(f"{called}, or all that is called so is disabled: nothing was built")
            models = compiled.project.settings.models_path
            raise UserError(
                f"dbt built nothing: the models in {models} are disabled in this project, or have lost their tag `segwh`",
                f"look for `+enabled: false` and `+tags` over {models} in dbt_project.yml",
            )
        refusal = next((outcome.message for outcome in outcomes if ends_the_run(outcome.message)), None)
        if refusal is not None:
            # Whatever else failed, failed for the same reason, and what the tables hold now is not this run's result.
            raise explain(refusal)
        after = newest_run(warehouse) if is_built(warehouse) else None
        histories = sizes(warehouse, CURVE_LENGTH) if after is not None else {}
        made = after if after is not None and (before is None or after.run_id != before.run_id) else None
        return RunReport(
            as_of=at,
            segments=segment_results(compiled.project, histories, made, options.refresh),
            outcomes=outcomes,
            run=made,
            repeated=made is not None and ended is not None and ended.as_of == made.as_of,
            place=warehouse.place_of(REGISTRY),
            relations=contract_relations(warehouse),
            seconds=(datetime.now(UTC) - started).total_seconds(),
            orphaned=orphans(warehouse, frozenset(one.name for one in compiled.project.segments)) if made is not None else (),
            died=left_behind if made is not None else None,
        )


def _told(outcome: Outcome, project: Project) -> Outcome:
    """What became of a node; where the warehouse complains of a column that a `sql:` names, with the place of that."""
    if outcome.status != "failed" or not outcome.is_compiled:
        return outcome
    error = explain(outcome.message)
    told = told_of_sql(error, project.catalog)
    return outcome if told is error else replace(outcome, hint=told.hint.removesuffix(error.hint).rstrip())


def former_grains(names: Collection[str], project: Project, warehouse: Warehouse) -> frozenset[str]:
    """Those of these segments that have members of one kind by the rules and are in the log of another, too.

    Raises UserError for one whose former kind of member no segment has any more.
    """
    kinds = {segment.name: segment.grain for segment in project.segments if segment.name in names}
    logs = set(grains_logged(kinds, warehouse)) if kinds else set()
    last = registered_grains(warehouse) if kinds else {}
    for name, kind in kinds.items():
        former = last.get(name, kind)
        if former not in {segment.grain for segment in project.segments}:
            raise UserError(
                f"--remove: the members that `{name}` had are in segwh_{former}_membership, and no segment of {former} is left",
                f"give `{name}` its former kind of member back, take it out of the rules, remove it, and then write it anew",
            )
    return frozenset(name for name, kind in kinds.items() if any(named == name and grain != kind for named, grain in logs))


def check_removed(names: Sequence[str], project: Project, logged: Collection[str], former: Collection[str] = ()) -> None:
    """Raises UserError if a name to remove is still in the rules, or is one that the log does not know.

    Of those that `former`ly had another kind of member the members of that kind go, and those that they have now stay.
    """
    known = {segment.name for segment in project.segments}
    for name in names:
        if name in known and name not in former:
            raise UserError(f"--remove: `{name}` is in the rules", "take it out first; then its members go with --remove")
        if name not in logged:
            gone = sorted(set(logged) - known)
            raise UserError(f"--remove: the log knows no segment `{name}`{meant(name, gone)}")


def check_accepted(names: Sequence[str], project: Project, warehouse: Warehouse, refresh: Collection[str] = ()) -> None:
    """Raises UserError if a name to accept is no segment that the run looks at, and was no suppression list either.

    One that left the rules may still be held back.
    """
    known = [segment.name for segment in project.segments]
    looked_at = {segment.name for segment in _looked_at(project, refresh)}
    if refresh and names:
        watches = watched(project, dependencies(project))
        looked_at = looked_at.union(*(watches[name] for name in looked_at))
    doubtful = [name for name in names if name not in looked_at]
    lists = suppression_lists(warehouse) if doubtful else frozenset()
    logged = last_as_ofs(warehouse) if doubtful and not refresh and is_built(warehouse) else {}
    for name in doubtful:
        if name in lists or name in logged:
            continue
        if name in known:
            raise UserError(f"--accept: `{name}` is not looked at with --refresh {' '.join(refresh)}", "run all of them")
        raise UserError(f"--accept: `{name}` is not a segment{meant(name, [*known, *sorted(lists)])}")


def segment_results(
    project: Project, histories: Mapping[str, tuple[Size, ...]], run: RunRow | None, refresh: Collection[str] = ()
) -> tuple[SegmentResult, ...]:
    """The segments of a project in the order of their grains and names, each with its sizes and how it fared in a run.

    With `refresh` those that such a run is about.
    """
    about = _looked_at(project, refresh)
    shown = sorted((segment for segment in about if not segment.hidden), key=lambda s: (s.grain, s.name))
    return tuple(_result(segment, histories.get(segment.name, ()), run) for segment in shown)


def _looked_at(project: Project, refresh: Collection[str]) -> list[Segment]:
    """The segments that a run is about: with `refresh` those of these words, and the suppression lists."""
    lists = {exclusion.segment for exclusion in project.exclusions}
    return [one for one in project.segments if not refresh or one.refresh in refresh or one.name in lists]


def contract_relations(warehouse: Warehouse) -> tuple[str, ...]:
    """The models that the warehouse contract promises, those that are in this project: their names, with the schema before
    it where that is not the registry's, as it may be of audiences.
    """
    names = [name for name in warehouse.models_tagged("segwh") if _is_public(name)]
    usual = warehouse.schema_of(REGISTRY)
    schemas = [warehouse.schema_of(name) for name in names]
    return tuple(name if schema == usual else f"{schema}.{name}" for name, schema in zip(names, schemas, strict=True))


def _result(segment: Segment, history: Sequence[Size], run: RunRow | None) -> SegmentResult:
    newest = history[-1] if history else None
    marks: list[str] = [mark for mark in (segment.type, segment.status) if mark in ("static", "inactive")]
    if newest is not None and newest.status not in ("live", *marks):
        marks.append(newest.status)
    if newest is not None and run is not None and newest.as_of != run.as_of:
        # The run has no size for it: refused, since it was evaluated at a later as-of, or not evaluated at all.
        marks.append("refused" if newest.as_of > run.as_of else "skipped")
    if newest is not None and (run is None or newest.as_of != run.as_of):
        newest = replace(newest, entered=0, exited=0)  # whoever came and left then did so in another run
    return SegmentResult(
        name=segment.name,
        label=segment.label,
        grain=segment.grain,
        size=newest,
        history=tuple(size.members for size in history),
        marks=tuple(marks),
    )


def _is_public(name: str) -> bool:
    endings = ("_changes", "_membership", "_history", "_wide", "_traits")
    return name in (REGISTRY, SIZES, RUNS) or name.startswith("aud_") or name.endswith(endings)


def _variables(options: RunOptions, project: Project, at: datetime | None) -> str:
    """The user's variables and segwh's own as one line of YAML for dbt. Without --as-of dbt takes the start of its run."""
    given = variables_given(options.variables)
    own: dict[str, Any] = {}
    if at is not None:
        own["segwh_as_of"] = instants.written(at)
    if options.accept:
        own["segwh_accept"] = list(with_variants(options.accept, project))
    words = sorted({segment.refresh for segment in project.segments if segment.refresh})
    for word in options.refresh:
        if word not in words:
            hint = f"there {'is' if len(words) == 1 else 'are'} {', '.join(words)}" if words else "`refresh: hourly` makes some"
            raise UserError(f"--refresh: no segment has `refresh: {word}`{meant(word, words)}", hint)
    if options.refresh:
        own["segwh_refresh"] = list(options.refresh)
    if options.remove:
        own["segwh_remove"] = list(options.remove)
    if options.full:
        own["segwh_full"] = True
    if not given and not own:
        return ""
    return str(yaml.safe_dump({**given, **own}, default_flow_style=True, width=10**9, sort_keys=True)).strip()


def with_variants(names: Sequence[str], project: Project) -> tuple[str, ...]:
    """The named segments, and those that they are split into."""
    variants = (segment.name for segment in project.segments if segment.variant_of and segment.variant_of[0] in names)
    return tuple(dict.fromkeys((*names, *variants)))


def variables_given(text: str) -> dict[str, Any]:
    """--vars as dbt reads it: a YAML mapping."""
    try:
        found = yaml.safe_load(text) if text.strip() else {}
    except yaml.YAMLError as error:
        raise UserError(f"--vars is not readable as YAML: {error}") from None
    if not isinstance(found, dict):
        raise UserError("--vars is no mapping", """such as --vars '{"campaign": "spring"}'""")
    return found
