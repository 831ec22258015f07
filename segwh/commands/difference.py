"""`segwh diff`: what a change of the rules does to the segments: which change, and how many come and go; writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Literal

from segwh import as_of as instants
from segwh import ir
from segwh.catalog.model import Catalog
from segwh.commands.revision import rules_at
from segwh.commands.workspace import Workspace, find_workspace, load
from segwh.errors import RulesError, UserError
from segwh.plan.prune import pruned
from segwh.plan.sources import Source, sources_of_segments
from segwh.project import SETTINGS_FILE
from segwh.resolve.rule_hash import RuleHashes
from segwh.sql.dialects import DIALECTS
from segwh.sql.difference import Version, difference_query
from segwh.warehouse.catalog_check import told_together, what_cannot_be_asked
from segwh.warehouse.connection import Warehouse
from segwh.warehouse.read import Read
from segwh.warehouse.recorded import Books
from segwh.warehouse.target import find_target

AT_ONCE = 50
"""Segments that one statement asks."""
NO_RULES = ir.Project(ir.Settings(), Catalog())
"""What there was before the rules."""
ANEW = "members of another kind: it starts anew, and those before stay until `segwh run --remove`"
OF_ANOTHER_KIND = ".before"
"""What the name of a segment ends with in a statement where its members before are of another kind than those after."""
WORDS = {"include": "include", "exclude": "exclude", "aggregate_on": "aggregate_on", "expires_at": "expires_on"}
"""What parts of a segment are called in its rules, where that is not their own name."""


@dataclass(frozen=True, slots=True)
class DiffOptions:
    """What the command line says; as_of as ISO 8601 text (None: now)."""

    base: str = "HEAD"
    project_dir: str | None = None
    profiles_dir: str | None = None
    target: str | None = None
    as_of: str | None = None
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """How many members a segment has before and after, and how many of them come and go."""

    before: int = 0
    after: int = 0
    entering: int = 0
    leaving: int = 0

    def and_also(self, other: Counts) -> Counts:
        """Those of other members of the same segment added."""
        return Counts(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Counts)))


@dataclass(frozen=True, slots=True)
class Changed:
    """A segment that is not what it was. `what` names the parts of it that changed, or else what it follows from that did."""

    segment: str
    kind: Literal["added", "removed", "changed", "renamed"]
    was: str
    """Its name before; the same but for renamed ones."""
    what: tuple[str, ...] = ()
    note: str = ""
    counts: Counts | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of the segments since a commit. `note` says why there are no counts, or nothing to compare with."""

    base: str
    commit: str
    as_of: datetime
    changes: tuple[Changed, ...]
    unchanged: int
    note: str = ""


def difference(options: DiffOptions) -> Difference:
    """Compare the rules with those of a revision. Raises UserError, or RulesError for mistakes in either."""
    workspace = find_workspace(options.project_dir, options.profiles_dir, options.target, needs_target=False)
    later = load(workspace)
    at = instants.asked(options.as_of, later.settings.calendar, later.settings.as_of_unit)
    with rules_at(workspace.project_dir, options.base) as revision:
        try:
            earlier = NO_RULES if revision.folder is None else load(Workspace(revision.folder, workspace.dialect))
        except RulesError as error:
            raise UserError(f"the rules at {options.base} ({revision.commit}) have mistakes", error.text) from None
    changes = tuple(_changes(earlier, later, at))
    shown = {segment.name for segment in later.segments if not segment.hidden}
    unchanged = len(shown - {change.segment for change in changes})
    notes = [f"there is no {SETTINGS_FILE} at {options.base}: all is new"] if revision.folder is None else []
    if changes and not options.offline:
        try:
            counts, unknown = _counts(earlier, later, changes, at, options)
        except UserError as error:
            notes.append(f"how many come and go is not known: {error.message}")
        else:
            asked = {one.segment: counts.get(one.segment, Counts()) for one in changes if one.segment not in unknown}
            changes = tuple(replace(one, counts=asked.get(one.segment)) for one in changes)
            for why in dict.fromkeys(unknown.values()):
                names = ", ".join(name for name in unknown if unknown[name] == why)
                notes.append(f"how many come and go of {names} is not known: {why}")
    return Difference(options.base, revision.commit, at, changes, unchanged, "\n".join(notes))


# --- which segments change ----------------------------------------------------------------------------------------------


def _changes(earlier: ir.Project, later: ir.Project, at: datetime) -> Iterator[Changed]:
    known = {segment.name: segment for segment in earlier.segments}
    now = {segment.name: segment for segment in later.segments}
    renamed = {one.was: one.name for one in now.values() if one.was in known and one.was not in now and one.name not in known}
    former = {new: old for old, new in renamed.items()}
    hashes = RuleHashes(earlier), RuleHashes(later)
    meanings = _meanings(hashes[0], renamed), _meanings(hashes[1], {})
    for name, segment in now.items():
        was = former.get(name, name)
        if segment.hidden and (was not in known or known[was].hidden):
            continue
        if was not in known:
            yield Changed(name, "added", name, note=_frozen(segment, at))
        elif meanings[0][name] != meanings[1][name] or was != name:
            parts = tuple(_parts(known[was], segment, hashes))
            parts += tuple(_causes(meanings[0][name], meanings[1][name], is_edited=bool(parts)))
            note = _frozen(segment, at) if known[was].grain == segment.grain else ANEW
            yield Changed(name, "changed" if was == name else "renamed", was, parts, note)
    for name, segment in known.items():
        if name not in now and name not in renamed and not segment.hidden:
            yield Changed(name, "removed", name, note="its members stay until `segwh run --remove`")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What decides who is in a segment, its own name apart; with the names of what suppresses it and goes before it."""

    rule_hash: str
    state: tuple[object, ...]
    """Of what kind its members are; whether and until when it takes anybody."""
    buckets: tuple[str, int, int] | None
    """Of a variant: the seed, and which buckets it takes."""
    promises: frozenset[object]
    """What the catalog says of the rows that it reads that no hash holds, since it changes nobody where it is true."""
    suppressions: frozenset[str]
    earlier: frozenset[str]


def _meanings(hashes: RuleHashes, renamed: Mapping[str, str]) -> Mapping[str, tuple[Meaning, Mapping[str, Meaning]]]:
    """Of each segment what decides who is in it, and the same of all that it follows from; by the names that they have now."""
    project = hashes.project
    sources = sources_of_segments(project)

    def now(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(renamed.get(name, name) for name in names)

    own = {
        segment.name: Meaning(
            hashes.of(segment),
            (segment.grain, segment.status, segment.expires_at, segment.type, segment.always),
            _buckets(project, segment),
            frozenset(_promises(project, segment, sources[segment.name])),
            frozenset(now(project.suppressions(segment))),
            frozenset(now(project.earlier_in_group(segment.name))),
        )
        for segment in project.segments
    }
    found = {}
    for segment in project.segments:
        behind = [one.name for one in pruned(project, [segment.name]).segments if one.name != segment.name]
        meanings = dict(zip(now(behind), (own[name] for name in behind), strict=True))
        found[renamed.get(segment.name, segment.name)] = (own[segment.name], meanings)
    return found


def _causes(
    earlier: tuple[Meaning, Mapping[str, Meaning]], later: tuple[Meaning, Mapping[str, Meaning]], *, is_edited: bool
) -> Iterator[str]:
    """Why a segment has another meaning, its own parts apart. Whether others count beside these (`is_edited`) no hash tells."""
    (own_before, behind_before), (own_now, behind_now) = earlier, later
    are_excluded = own_before.suppressions != own_now.suppressions
    if are_excluded:
        yield "exclusions"
    if own_before.earlier != own_now.earlier:
        yield "group"
    if own_before.buckets != own_now.buckets:
        yield "split"
        is_edited = True

    def counted(meaning: Meaning) -> Meaning:
        """What the same exclusions do to others is no further reason."""
        return replace(meaning, suppressions=frozenset()) if are_excluded else meaning

    both = [name for name in behind_now if name in behind_before]
    moved = [name for name in both if counted(behind_before[name]) != counted(behind_now[name])]
    if moved:
        yield f"follows from {', '.join(moved)}"
        return
    alike = replace(own_before, suppressions=own_now.suppressions, earlier=own_now.earlier)
    if are_excluded or own_before.earlier != own_now.earlier:
        # What the segments before it, or those that suppress it, read is another matter then.
        alike = replace(alike, promises=own_now.promises)
    if not is_edited and alike != own_now:
        yield "traits or catalog"


def _promises(project: ir.Project, segment: ir.Segment, sources: Iterable[Source]) -> Iterator[object]:
    entity = project.entity(segment.entity)
    zones = (project.settings.calendar.timezone, entity.timezone)
    if entity.validity is not None:
        yield zones
    for source in sources:
        match source.kind:
            case "event" if (event := entity.event(source.name)) is not None:
                yield (str(event.relation), event.id_unique, event.partition)
            case "related" if (related := entity.related_rows(source.name)) is not None and related.validity is not None:
                yield zones
            case "lookup":
                rows = entity.event(source.owner) or entity.related_rows(source.owner)
                lookup = (rows or entity).lookup(source.name)
                if lookup is not None and lookup.validity is not None:
                    yield zones


def _buckets(project: ir.Project, segment: ir.Segment) -> tuple[str, int, int] | None:
    split = project.segment(segment.variant_of[0]).split if segment.variant_of is not None else None
    if split is None or segment.variant_of is None:
        return None
    names = [name for name, _ in split.variants]
    place = names.index(segment.variant_of[1])
    return split.seed, sum(points for _, points in split.variants[:place]), split.variants[place][1]


def _parts(earlier: ir.Segment, later: ir.Segment, hashes: tuple[RuleHashes, RuleHashes]) -> Iterator[str]:
    """What is written of a segment that is not what it was; of a variant all is written of the whole."""
    if later.variant_of is not None:
        return
    for part in fields(ir.Segment):
        if part.compare and part.name != "name" and getattr(earlier, part.name) != getattr(later, part.name):
            if part.name in ("include", "exclude") and _is_said_alike(earlier, later, part.name, hashes):
                continue
            yield WORDS.get(part.name, part.name)


def _is_said_alike(earlier: ir.Segment, later: ir.Segment, part: str, hashes: tuple[RuleHashes, RuleHashes]) -> bool:
    """Whether a list of conditions is the same in another order, or of others by the names that they have now."""
    versions = (earlier, later)
    lists = [[rule.predicate for rule in (one.include if part == "include" else one.exclude)] for one in versions]
    before, now = (
        known.forms[one.entity].all_of(predicates, known.project.entity(one.entity))
        for one, predicates, known in zip(versions, lists, hashes, strict=True)
    )
    return before == now or (set(lists[0]) == set(lists[1]) and earlier.entity == later.entity)


def _frozen(segment: ir.Segment, at: datetime) -> str:
    freeze = segment.freeze(at)
    return f"{freeze}: it keeps the members that it has" if freeze in ("inactive", "expired") else ""


# --- how many come and go -----------------------------------------------------------------------------------------------


def _counts(
    earlier: ir.Project, later: ir.Project, changes: Sequence[Changed], at: datetime, options: DiffOptions
) -> tuple[Mapping[str, Counts], Mapping[str, str]]:
    """The counts of segments, and why those of others are not known. Raises UserError where none are."""
    target = find_target(options.project_dir, options.profiles_dir, options.target)
    dialect = DIALECTS[target.dialect]
    if not dialect.nests_named_queries:
        raise UserError(f"{dialect.title or dialect.name} has no named queries within others")
    found: dict[str, Counts] = {}
    with Warehouse.open(target) as warehouse:
        unknown = _unknown(earlier, later, changes, warehouse, options.base)
        changes = [change for change in changes if change.segment not in unknown]
        if not changes:
            raise UserError("\n".join(dict.fromkeys(unknown.values())))
        books = Books(warehouse, earlier, at).before(), Books(warehouse, later, at).before()
        hashes = _hashes(earlier), _hashes(later)
        read = Read(earlier, warehouse), Read(later, warehouse)
        for first in range(0, len(changes), AT_ONCE):
            some = changes[first : first + AT_ONCE]
            told = {one.was: _told_as(one, earlier, later) for one in some if one.kind != "added"}
            now = {one.segment: one.segment for one in some if one.kind != "removed"}
            before = Version(earlier, told, read[0], books[0], hashes[0], read[0].in_utc)
            after = Version(later, now, read[1], books[1], hashes[1], read[1].in_utc)
            for row in warehouse.query(difference_query(before, after, at, dialect)):
                numbers = (row[name] for name in ("members_before", "members_after", "entering", "leaving"))
                counts = Counts(*(int(number) for number in numbers))
                name = row["segment"].removesuffix(OF_ANOTHER_KIND)
                found[name] = found[name].and_also(counts) if name in found else counts
    return found, unknown


def _unknown(
    earlier: ir.Project, later: ir.Project, changes: Sequence[Changed], warehouse: Warehouse, base: str
) -> Mapping[str, str]:
    """Why some segments cannot be asked: what their rules read, now or before, is not in the warehouse as they read it."""
    asked = [change.segment for change in changes if change.kind != "removed"]
    unknown = {name: told_together(texts) for name, texts in what_cannot_be_asked(later, asked, warehouse).items()}
    told = {change.was: change.segment for change in changes if change.kind != "added" and change.segment not in unknown}
    for was, texts in what_cannot_be_asked(earlier, told, warehouse).items():
        unknown[told[was]] = f"by the rules at {base} {told_together(texts)}"
    return unknown


def _told_as(one: Changed, earlier: ir.Project, later: ir.Project) -> str:
    """The name by which the members before are compared with those after: not that of these where keys say something else."""
    if one.kind == "removed" or earlier.segment(one.was).grain == later.segment(one.segment).grain:
        return one.segment
    return f"{one.segment}{OF_ANOTHER_KIND}"


def _hashes(project: ir.Project) -> Mapping[str, str]:
    hashes = RuleHashes(project)
    return {segment.name: hashes.of(segment) for segment in project.segments}
