"""The end of a test run as lines: each test, what differs with its place, and the sum."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from segwh.display.figures import plural
from segwh.fixtures.run import Difference, MembersDiffer, Outcome
from segwh.text.diagnostics import printable
from segwh.text.source import Span


def as_text(outcomes: Sequence[Outcome], sources: Mapping[str, str]) -> str:
    """What people read."""
    return "\n".join(_lines(outcomes, sources)) + "\n"


def _lines(outcomes: Sequence[Outcome], sources: Mapping[str, str]) -> Iterator[str]:
    for outcome in outcomes:
        fixture = outcome.fixture
        verb = "passed" if outcome.has_passed else "FAILED"
        yield f"{verb}  {_place(fixture.span)}  {printable(fixture.name)}"
        if outcome.problem:
            yield f"        {printable(outcome.problem)}"
        for difference in outcome.differences:
            yield from _difference(difference, sources)
    failed = sum(not outcome.has_passed for outcome in outcomes)
    yield f"{plural(len(outcomes), 'test')}: {len(outcomes) - failed} passed, {failed} failed"


def _difference(difference: Difference, sources: Mapping[str, str]) -> Iterator[str]:
    line = _source_line(difference.span, sources)
    if isinstance(difference, MembersDiffer):
        yield f"        {_place(difference.span)}  {difference.segment}"
        yield f"          | {line}"
        if difference.missing:
            yield f"          missing:    {_listed(difference.missing)}"
        if difference.unexpected:
            yield f"          unexpected: {_listed(difference.unexpected)}"
    else:
        yield f"        {_place(difference.span)}  {difference.trait} of {printable(difference.key)}"
        yield f"          | {line}"
        yield f"          expected: {printable(difference.expected)}"
        yield f"          found:    {printable(difference.found)}"


MOST_SHOWN = 20
"""Keys of one list that are shown; JSON has them all."""


def _listed(keys: Sequence[str]) -> str:
    more = f" and {len(keys) - MOST_SHOWN} more" if len(keys) > MOST_SHOWN else ""
    return printable(", ".join(keys[:MOST_SHOWN])) + more


def _place(span: Span) -> str:
    return f"{span.file}:{span.line}"


def _source_line(span: Span, sources: Mapping[str, str]) -> str:
    lines = sources.get(span.file, "").split("\n")
    return printable(lines[span.line - 1].strip()) if span.line <= len(lines) else ""


def as_json(outcomes: Iterable[Outcome]) -> str:
    """What tools read."""
    listed = [_as_json(outcome) for outcome in outcomes]
    failed = sum(not item["passed"] for item in listed)
    counts = {"passed": len(listed) - failed, "failed": failed}
    return json.dumps({**counts, "tests": listed}, indent=2, ensure_ascii=False) + "\n"


def _as_json(outcome: Outcome) -> dict[str, Any]:
    fixture = outcome.fixture
    found: dict[str, Any] = {"name": fixture.name, "file": fixture.span.file, "line": fixture.span.line}
    found |= {"passed": outcome.has_passed, "problem": outcome.problem, "differences": []}
    for difference in outcome.differences:
        place: dict[str, Any] = {"file": difference.span.file, "line": difference.span.line}
        if isinstance(difference, MembersDiffer):
            place |= {"segment": difference.segment}
            place |= {"missing": list(difference.missing), "unexpected": list(difference.unexpected)}
        else:
            place |= {"trait": difference.trait, "key": difference.key}
            place |= {"expected": difference.expected, "found": difference.found}
        found["differences"].append(place)
    return found
