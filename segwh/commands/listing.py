"""`segwh list`: the registry from the rules, with sizes and dates from the warehouse where it can be reached."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

from segwh import as_of as instants
from segwh.commands.workspace import find_workspace, load
from segwh.errors import UserError
from segwh.ir import Project, Segment
from segwh.warehouse.connection import Warehouse
from segwh.warehouse.published import CURVE_LENGTH, Gone, Registered, Size, gone, is_built, registry, sizes
from segwh.warehouse.target import find_target


@dataclass(frozen=True, slots=True)
class ListOptions:
    """What the command line says; every filter that is given has to hold."""

    project_dir: str | None = None
    profiles_dir: str | None = None
    target: str | None = None
    name: str | None = None
    """A glob: `*` any text, `?` one character."""
    tags: tuple[str, ...] = ()
    type: str | None = None
    min_size: int | None = None
    max_size: int | None = None
    created_since: str | None = None
    """ISO 8601: first evaluated at or after it."""
    offline: bool = False
    orphaned: bool = False
    """Only segments that are no longer in the rules and have members."""

    @property
    def needs_warehouse(self) -> bool:
        """Whether a filter asks for something that only the warehouse knows."""
        return self.orphaned or self.min_size is not None or self.max_size is not None or self.created_since is not None

    @property
    def asks_of_rules(self) -> bool:
        """Whether a filter asks for something that is not known of a segment which is not in the rules."""
        return bool(self.tags) or self.type is not None or self.created_since is not None


@dataclass(frozen=True, slots=True)
class Listed:
    """A segment as the rules and the registry have it; size and dates None where they are not known."""

    segment: Segment
    size: Size | None
    history: tuple[int, ...]
    first_evaluated_at: datetime | None
    last_evaluated_at: datetime | None

    def as_json(self) -> dict[str, object]:
        """The segment as a flat mapping for tools, times in ISO 8601."""
        segment, size, span = self.segment, self.size, self.segment.span
        return {
            "name": segment.name,
            "label": segment.label,
            "description": segment.description,
            "owner": segment.owner,
            "tags": list(segment.tags),
            "entity": segment.entity,
            "grain": segment.grain,
            "type": segment.type,
            "status": segment.status,
            "expires_on": segment.expires_on or None,
            "time_to_live": str(segment.time_to_live) if segment.time_to_live else None,
            "file": span.file if span else None,
            "line": span.line if span else None,
            "members": size.members if size else None,
            "share": size.share if size else None,
            "as_of": instants.written(size.as_of) if size else None,
            "first_evaluated_at": instants.written(self.first_evaluated_at) if self.first_evaluated_at else None,
            "last_evaluated_at": instants.written(self.last_evaluated_at) if self.last_evaluated_at else None,
        }


@dataclass(frozen=True, slots=True)
class Listing:
    """The segments that pass the filters, out of how many, and why sizes are missing if they are.

    `orphaned` are those that are no longer in the rules, have members and pass the filters.
    """

    segments: tuple[Listed, ...]
    total: int
    note: str = ""
    orphaned: tuple[Gone, ...] = ()

    def orphans_as_json(self) -> list[dict[str, object]]:
        """Those that are no longer in the rules for tools, times in ISO 8601."""
        return [{"name": one.segment, "members": one.members, "as_of": instants.written(one.as_of)} for one in self.orphaned]


def list_segments(options: ListOptions) -> Listing:
    """The registry. Raises UserError if a filter needs a warehouse that cannot be asked, RulesError for wrong rules."""
    if options.min_size is not None and options.max_size is not None and options.min_size > options.max_size:
        raise UserError(f"no segment has at least {options.min_size} members and at most {options.max_size}", "swap the two")
    if options.orphaned and (options.offline or options.asks_of_rules):
        raise UserError(
            "--orphaned is about segments that only the warehouse knows, and of which it knows members and no more",
            "leave out --offline, --tag, --type and --created-since",
        )
    workspace = find_workspace(options.project_dir, options.profiles_dir, options.target, needs_target=False)
    project = load(workspace)
    # what is renamed goes on by its new name
    names = {name for segment in project.segments for name in (segment.name, segment.was) if name}
    note, known, histories, orphaned = _ask(options, names)
    if note and options.orphaned:
        raise UserError(f"which segments left the rules is not known: {note}")
    if note and options.needs_warehouse:
        raise UserError(f"size and age of the segments are not known: {note}", "list without those filters")
    since = (
        instants.parsed(options.created_since, project.settings.calendar, "--created-since") if options.created_since else None
    )
    listed = _listed(project, known, histories)
    return Listing(
        tuple(item for item in listed if _passes(item, options, since)),
        len(listed),
        note,
        tuple(one for one in orphaned if not options.asks_of_rules and _is_asked_for(one.segment, one.members, options)),
    )


Answer = tuple[str, Mapping[str, Registered], Mapping[str, tuple[Size, ...]], tuple[Gone, ...]]


def _ask(options: ListOptions, rules: Collection[str]) -> Answer:
    """The registry, the sizes and who is not in the rules, or nothing and why."""
    if options.offline:
        return "they were not asked for (--offline)", {}, {}, ()
    try:
        target = find_target(options.project_dir, options.profiles_dir, options.target)
        with Warehouse.open(target) as warehouse:
            if is_built(warehouse):
                return "", registry(warehouse), sizes(warehouse, CURVE_LENGTH), gone(warehouse, rules)
    except UserError as error:
        return error.message, {}, {}, ()
    return "nothing was run into this warehouse yet", {}, {}, ()


def _listed(project: Project, known: Mapping[str, Registered], histories: Mapping[str, tuple[Size, ...]]) -> tuple[Listed, ...]:
    shown = sorted((segment for segment in project.segments if not segment.hidden), key=lambda s: (s.grain, s.name))
    unknown = Registered(None, None)
    return tuple(
        Listed(
            segment=segment,
            size=histories[segment.name][-1] if segment.name in histories else None,
            history=tuple(size.members for size in histories.get(segment.name, ())),
            first_evaluated_at=known.get(segment.name, unknown).first_evaluated_at,
            last_evaluated_at=known.get(segment.name, unknown).last_evaluated_at,
        )
        for segment in shown
    )


def _passes(item: Listed, options: ListOptions, since: datetime | None) -> bool:
    segment = item.segment
    return (
        _is_asked_for(segment.name, item.size.members if item.size else None, options)
        and all(tag in segment.tags for tag in options.tags)
        and (options.type is None or segment.type == options.type)
        and (since is None or (item.first_evaluated_at is not None and item.first_evaluated_at >= since))
    )


def _is_asked_for(name: str, members: int | None, options: ListOptions) -> bool:
    return (
        (options.name is None or fnmatchcase(name, options.name))
        and (options.min_size is None or (members is not None and members >= options.min_size))
        and (options.max_size is None or (members is not None and members <= options.max_size))
    )
