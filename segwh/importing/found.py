"""What the readers of other tools' files give: segments as far as they could be carried over, and what could not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

Json = Any
"""A value of a JSON file; numbers are int or Decimal."""
Condition = dict[str, Any]
"""A condition of the rule language as plain data, ready to be written as YAML."""

LOST = "not_carried_over"
"""The key that stands in place of a part that could not be carried over. The language does not know it, so that whoever puts
such a segment to use unread gets an error."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be carried over: where it stands in the file (`lists[3].filters[0].operator`) and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """A segment of another tool. With problems, `include` holds LOST where something is missing."""

    path: str
    title: str
    include: tuple[Condition, ...]
    description: str = ""
    is_active: bool = True
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()
    """What was carried over but for a detail."""
    identifiers: tuple[str, ...] = ()
    """What conditions of other segments call it by."""


class NotCarriedError(Exception):
    """A part has no counterpart here. `reason` says why."""

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path


@dataclass(slots=True)
class Notebook:
    """The problems and notes of the segment that is being read."""

    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    def lost(self, path: str, reason: str) -> Condition:
        """Note a part as lost; the condition that stands in its place."""
        self.problems.append(Problem(path, reason))
        return {LOST: f"{path}: {reason}"}

    def note(self, path: str, reason: str) -> None:
        """Note a detail that differs."""
        problem = Problem(path, reason)
        if problem not in self.notes:
            self.notes.append(problem)


@contextmanager
def at(path: str) -> Iterator[None]:
    """Say where a part stands, if what refuses it did not."""
    try:
        yield
    except NotCarriedError as error:
        raise NotCarriedError(error.reason, error.path or path) from None


def mapping(value: Json, what: str) -> dict[str, Json]:
    """A JSON object. Raises NotCarriedError for anything else."""
    if not isinstance(value, dict):
        raise NotCarriedError(f"{described(value)} stands where {what} is expected")
    return value


def items(value: Json, what: str) -> list[Json]:
    """A JSON array. Raises NotCarriedError for anything else."""
    if not isinstance(value, list):
        raise NotCarriedError(f"{described(value)} stands where {what} is expected")
    return value


def described(value: Json) -> str:
    """A JSON value in a few words."""
    match value:
        case None:
            return "nothing"
        case dict():
            return "an object"
        case list():
            return "a list"
        case bool():
            return "`true`" if value else "`false`"
        case _:
            text = str(value)
            return f"`{text if len(text) <= 40 else text[:39] + '…'}`"
