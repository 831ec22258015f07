"""The contract as plain Python: what a log holds after any series of runs. Who is a member comes from the reference."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from segwh.reference import evaluate as reference
from tests.histories.runner import Compiled
from tests.histories.shop import Shop

Key = str | int
Change = tuple[str, Key, str, datetime, str]
"""Segment, key, `entered` or `exited`, as-of, reason."""


@dataclass
class Stay:
    """One stay as history shows it."""

    start: datetime
    entered: str
    end: datetime | None = None
    exited: str | None = None


@dataclass
class Shelf:
    """What is known of one segment."""

    grain: str
    stays: dict[Key, list[Stay]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    computed_hash: str | None = None
    last: datetime | None = None
    is_removed: bool = False
    hidden: set[Key] = field(default_factory=set)
    """Who belongs to the static set that was computed last and is hidden from it."""

    def members(self) -> dict[Key, datetime]:
        return {key: stays[-1].start for key, stays in self.stays.items() if stays and stays[-1].end is None}

    def stays_before(self, at: datetime) -> dict[Key, datetime]:
        """Who was in before an instant, whatever was written at it."""
        lasts = {key: stays[-1] for key, stays in self.stays.items() if stays}
        return {key: stay.start for key, stay in lasts.items() if stay.start < at and stay.end in (None, at)}

    def exits_before(self, at: datetime) -> dict[Key, datetime]:
        ends = {key: [stay.end for stay in stays if stay.end and stay.end < at] for key, stays in self.stays.items()}
        return {key: max(own) for key, own in ends.items() if own}

    def enter(self, key: Key, at: datetime, reason: str) -> None:
        stays = self.stays.setdefault(key, [])
        self.hidden.discard(key)
        if stays and stays[-1].end == at:  # a correction: it never left
            stays[-1].end = stays[-1].exited = None
        else:
            stays.append(Stay(at, reason))
        self.changes.append(("", key, "entered", at, reason))

    def leave(self, key: Key, at: datetime, reason: str) -> None:
        stay = self.stays[key][-1]
        if stay.start == at:  # a correction: it was never in
            self.stays[key].pop()
        else:
            stay.end, stay.exited = at, reason
        self.changes.append(("", key, "exited", at, reason))

    def forget(self, key: Key) -> None:
        self.stays.pop(key, None)
        self.hidden.discard(key)
        self.changes = [change for change in self.changes if change[1] != key]


@dataclass
class Contract:
    """The books as they ought to be."""

    shelves: dict[str, Shelf] = field(default_factory=dict)
    lists: set[str] = field(default_factory=set)
    """The suppression lists that the newest run knew."""

    def begin(self, project: Compiled, accept: Collection[str], remove: Collection[str]) -> None:
        """What the start of a run does."""
        names = {segment.name for segment in project.project.segments}
        let_go = {*accept, *(name for name in remove if name not in names)}
        self.lists = _lists(project) | (self._known(project) - let_go)

    def lost(self, project: Compiled) -> set[str]:
        """The lists that the rules name no more."""
        return self._known(project) - _lists(project)

    def _known(self, project: Compiled) -> set[str]:
        present = {segment.was: segment.name for segment in project.project.segments if segment.was is not None}
        return {name if present.get(name) in (None, *self.lists) else present[name] for name in self.lists}

    def rename(self, project: Compiled, grain: str) -> None:
        """What the state of a grain does first."""
        for segment in project.project.segments:
            if segment.grain != grain or segment.was is None:
                continue
            if segment.was in self.shelves and segment.name not in self.shelves and self.shelves[segment.was].grain == grain:
                self.shelves[segment.name] = self.shelves.pop(segment.was)

    def comes_too_late(self, project: Compiled, at: datetime) -> bool:
        """Whether every segment was evaluated at a later as-of already, under its name or the one that it had before."""

        def last(name: str | None, grain: str) -> datetime | None:
            shelf = self.shelves.get(name or "")
            return shelf.last if shelf is not None and shelf.grain == grain else None

        segments = project.project.segments
        lasts = [last(segment.name, segment.grain) or last(segment.was, segment.grain) for segment in segments]
        return bool(lasts) and all(one is not None and one > at for one in lasts)

    def expected(self, shop: Shop, project: Compiled, at: datetime) -> reference.Evaluation:
        """What the reference says at an instant, given the books."""
        own = {name: shelf for name, shelf in self.shelves.items() if not shelf.is_removed}
        frozen = {}
        for segment in project.project.segments:
            shelf = own.get(segment.name)
            if shelf is None:
                continue
            if self._keeps_its_set(project, segment.name):
                frozen[segment.name] = frozenset({*shelf.members(), *shelf.hidden})
            elif segment.type != "static":
                # Asked only where it is inactive or expired: it keeps who is in now.
                frozen[segment.name] = frozenset(shelf.members())
        before = reference.Before(
            # Those who entered at this instant are named too: the reference gives reasons for these alone.
            entered_at={name: {**shelf.members(), **shelf.stays_before(at)} for name, shelf in self.shelves.items()},
            exited_at={name: shelf.exits_before(at) for name, shelf in self.shelves.items()},
            frozen=frozen,
        )
        return reference.evaluate(project.project, shop.rows(), at, before)

    def _keeps_its_set(self, project: Compiled, name: str) -> bool:
        shelf = self.shelves.get(name)
        is_static = project.project.segment(name).type == "static"
        return is_static and shelf is not None and not shelf.is_removed and shelf.computed_hash == project.hashes[name]

    def append(
        self,
        project: Compiled,
        found: reference.Evaluation,
        grain: str,
        at: datetime,
        remove: Collection[str],
        existing: dict[str, set[Key]],
    ) -> None:
        """What the append of one grain does. `existing` has the grain's keys that exist and those that are suppressed."""
        declared = {segment.name: segment for segment in project.project.segments if segment.grain == grain}
        lost = self.lost(project)
        for name in declared:
            self.shelves.setdefault(name, Shelf(grain))
        for name, shelf in self.shelves.items():
            if shelf.grain != grain or (shelf.last is not None and shelf.last > at):
                continue
            if name in declared:
                self._evaluated(project, name, shelf, found.segments[name], at, lost)
            elif name in remove:
                if shelf.is_removed:
                    continue
                for key in shelf.members():
                    shelf.leave(key, at, "segment_removed" if key in existing["all"] else "gone")
                shelf.is_removed, shelf.computed_hash, shelf.last, shelf.hidden = True, None, at, set()
            elif not shelf.is_removed:
                gone = [key for key in shelf.members() if key not in existing["all"]]
                hidden = [key for key in shelf.members() if key in existing["suppressed"] and key in existing["all"]]
                for key in gone:
                    shelf.leave(key, at, "gone")
                for key in hidden:
                    shelf.leave(key, at, "suppressed")
                if gone or hidden:
                    shelf.last = at

    def _evaluated(
        self, project: Compiled, name: str, shelf: Shelf, outcome: reference.Outcome, at: datetime, lost: Collection[str]
    ) -> None:
        segment = project.project.segment(name)
        rule_hash = project.hashes[name]
        keeps_its_set = self._keeps_its_set(project, name)
        is_expired = segment.expires_at is not None and segment.expires_at <= at
        is_frozen = segment.status == "inactive" or is_expired or keeps_its_set
        is_first = shelf.computed_hash is None
        is_redefined = not is_first and shelf.computed_hash != rule_hash
        takes_nobody = bool(lost) and name not in lost and name not in _lists(project)
        keeps_its_version = takes_nobody and is_redefined and not is_frozen
        members = shelf.members()
        for key in members:
            if key in outcome.members:
                continue
            reason = outcome.reasons[key]
            if lost and reason in ("priority", "limit"):
                continue
            if keeps_its_version and reason not in ("gone", "suppressed"):
                continue
            if is_frozen:
                assert reason in ("gone", "suppressed", "priority")
            elif is_redefined and reason != "gone" and not keeps_its_version:
                reason = "definition"
            shelf.leave(key, at, reason)
            if keeps_its_set:
                shelf.hidden.add(key)
        if (not is_frozen or keeps_its_set) and not takes_nobody:
            for key in outcome.members - set(members):
                shelf.enter(key, at, "first_run" if is_first else "definition" if is_redefined else "rule")
        if not is_frozen and not takes_nobody:
            shelf.computed_hash, shelf.hidden = rule_hash, set()
        shelf.is_removed = False
        shelf.last = at

    # --- what readers see ---

    def of(self, grain: str) -> Iterable[tuple[str, Shelf]]:
        return ((name, shelf) for name, shelf in self.shelves.items() if shelf.grain == grain)

    def membership(self, grain: str) -> dict[tuple[str, Key], datetime]:
        return {(name, key): start for name, shelf in self.of(grain) for key, start in shelf.members().items()}

    def history(self, grain: str) -> set[tuple[object, ...]]:
        return {
            (name, key, stay.start, stay.end, stay.entered, stay.exited)
            for name, shelf in self.of(grain)
            for key, stays in shelf.stays.items()
            for stay in stays
        }

    def changes(self, grain: str) -> dict[str, list[Change]]:
        return {name: [(name, *change[1:]) for change in shelf.changes] for name, shelf in self.of(grain) if shelf.changes}


def _lists(project: Compiled) -> set[str]:
    return {exclusion.segment for exclusion in project.project.exclusions}
