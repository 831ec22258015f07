"""`segwh list`: the registry from the rules, with sizes and dates from the warehouse where it can be reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

from segwh import as_of as instants
from segwh.commands.workspace import find_workspace, load
from segwh.errors import UserError
from segwh.ir import Project, Segment
from segwh.warehouse.connection import Warehouse
from segwh.warehouse.published import CURVE_LENGTH, Registered, Size, is_built, registry, sizes
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

    @property
    def needs_warehouse(self) -> bool:
        """Whether a filter asks for something that only the warehouse knows."""
        return self.min_size is not None or self.max_size is not None or self.created_since is not None


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
    """The segments that pass the filters, out of how many, and why sizes are missing if they are."""

    segments: tuple[Listed, ...]
    total: int
    note: str = ""


def list_segments(options: ListOptions) -> Listing:
    """The registry. Raises UserError if a filter needs a warehouse that cannot be asked, RulesError for wrong rules."""
    if options.min_size is not None and options.max_size is not None and options.min_size > options.max_size:
        raise UserError(f"no segment has at least {options.min_size} members and at most {options.max_size}", "swap the two")
    workspace = find_workspace(options.project_dir, options.profiles_dir, options.target, needs_target=False)
    project = load(workspace)
    note, known, histories = _ask(options)
    if note and options.needs_warehouse:
        raise UserError(f"size and age of the segments are not known: {note}", "list without those filters")
    since = (
        instants.parsed(options.created_since, project.settings.calendar, "--created-since") if options.created_since else None
    )
    listed = _listed(project, known, histories)
    return Listing(tuple(item for item in listed if _passes(item, options, since)), len(listed), note)


def _ask(options: ListOptions) -> tuple[str, Mapping[str, Registered], Mapping[str, tuple[Size, ...]]]:
    """The registry and the sizes, or empty ones and why."""
    if options.offline:
        return "they were not asked for (--offline)", {}, {}
    try:
        target = find_target(options.project_dir, options.profiles_dir, options.target)
        with Warehouse.open(target) as warehouse:
            if is_built(warehouse):
                return "", registry(warehouse), sizes(warehouse, CURVE_LENGTH)
    except UserError as error:
        return error.message, {}, {}
    return "nothing was run into this warehouse yet", {}, {}


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
    segment, members = item.segment, item.size.members if item.size else None
    return (
        (options.name is None or fnmatchcase(segment.name, options.name))
        and all(tag in segment.tags for tag in options.tags)
        and (options.type is None or segment.type == options.type)
        and (options.min_size is None or (members is not None and members >= options.min_size))
        and (options.max_size is None or (members is not None and members <= options.max_size))
        and (since is None or (item.first_evaluated_at is not None and item.first_evaluated_at >= since))
    )
