"""What is remembered of files that hold nothing but segments: as long as all that they follow from is the same, they are
neither read nor bound again.

A bound segment follows from the text of its file, from the settings and the dialect, from all files that hold anything else
(catalog, conditions, traits, matrices, groups, exclusions), and from the entities of the segments that it refers to. What was
warned of in a file is remembered with it. Nothing is learnt where there is an error, nor are splits and renamed segments,
whose names others must know of.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from segwh.ir import Segment, Settings
from segwh.resolve.order import Edge
from segwh.resolve.plain import Row, nodes_of, rows_of
from segwh.text.diagnostics import Diagnostic
from segwh.text.source import Mapping as MappingNode
from segwh.text.source import Node


@dataclass(frozen=True, slots=True)
class Remembered:
    """A bound segment, what it refers to, and of which entity each segment was that it refers to."""

    segment: Segment
    edges: tuple[Edge, ...]
    referred: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class RememberedFile:
    """The segments of a file in the order written, and what was warned of in it."""

    segments: tuple[Remembered, ...]
    warnings: tuple[Diagnostic, ...] = ()


class StaleError(Exception):
    """What is remembered of a segment is no longer so."""


class Memory:
    """What is remembered of files, from earlier and for later. `kept` is what an earlier one told, or anything at all."""

    def __init__(self, kept: object = None) -> None:
        self.rest = ""
        self.files: dict[str, list[Row]] = {}
        self.is_new = False
        """Whether there is something to tell that was not kept before."""
        match kept:
            case {"rest": str(rest), "files": dict(files)}:
                self.rest, self.files = rest, files

    @property
    def told(self) -> Mapping[str, object]:
        """What is to be kept, as data for JSON."""
        return {"rest": self.rest, "files": self.files}

    def recall(self, files: Mapping[str, str]) -> dict[str, RememberedFile]:
        """What is remembered of the files (text by name)."""
        found: dict[str, RememberedFile] = {}
        for name, text in files.items():
            rows = self.files.get(_key(name, text))
            if rows is None:
                continue
            try:
                segments, warnings = nodes_of(rows)
                file = RememberedFile(tuple(Remembered(*parts) for parts in segments), warnings)
            except (ValueError, TypeError, LookupError, ArithmeticError):
                continue
            if all(isinstance(one.segment, Segment) for one in file.segments) and isinstance(file.warnings, tuple):
                found[name] = file
        return found

    def learn(
        self, rest: str, files: Mapping[str, str], recalled: Iterable[str], bound: Callable[[str], RememberedFile | None]
    ) -> None:
        """Remember files (text by name): those recalled stay, of the others `bound` says what there is to remember."""
        known, same = set(recalled), rest == self.rest
        learnt: dict[str, list[Row]] = {}
        for name, text in files.items():
            key = _key(name, text)
            if same and name in known:
                learnt[key] = self.files[key]
            elif (file := bound(name)) is not None:
                segments = tuple((one.segment, one.edges, one.referred) for one in file.segments)
                try:
                    learnt[key] = rows_of((segments, file.warnings))
                except TypeError:
                    continue
        self.is_new = self.is_new or not same or learnt != self.files
        self.rest, self.files = rest, learnt


def holds_segments_alone(root: Node | None) -> bool:
    """Whether a file has `segments` and no other section."""
    return isinstance(root, MappingNode) and [key.text for key, _ in root.entries] == ["segments"]


def rest_of(settings: Settings, dialect: str, others: Mapping[str, str]) -> str:
    """A digest of what all remembered segments follow from: `others` are the texts of files that hold anything else."""
    return _key(repr(settings), dialect, *(part for pair in others.items() for part in pair))


def _key(*parts: str) -> str:
    return hashlib.sha256("".join(f"{len(part)} {part}\n" for part in parts).encode()).hexdigest()[:32]
