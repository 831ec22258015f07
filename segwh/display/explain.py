"""Why somebody is in a segment, as text: the answer, each step with what it found, the stays that are recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from math import isfinite

from rich.console import Console
from rich.text import Text

from segwh import as_of
from segwh.commands.explain import Explained, Told, ToldEntity, ToldStep
from segwh.commands.wording import Wording
from segwh.display.figures import instant
from segwh.display.terminal import Column, line, put, table
from segwh.semantics import Calendar
from segwh.warehouse.recorded import Stay

MARKS = {True: ("✓", "green"), False: ("✗", "red"), None: ("-", "dim")}
STAYS = (Column("entered"), Column("reason"), Column("exited"), Column("reason"))


def show(explained: Explained, console: Console) -> None:
    """Print an explanation."""
    words = Wording(explained.as_of, Calendar(explained.timezone))
    console.print(_answer(explained), soft_wrap=True)
    if explained.entities and explained.timezone != "UTC":
        console.print(line((f"times of conditions are those of {explained.timezone}", "dim")))
    for note in explained.notes:
        console.print(line((note, "yellow")))
    for entity in explained.entities:
        console.print()
        if explained.is_aggregated or len(explained.entities) > 1:
            console.print(line((str(entity.key), "bold")))
        for text in _entity(entity, words):
            console.print(text, soft_wrap=True)
    console.print()
    console.print(_recorded(explained))
    if explained.stays:
        put(console, table(STAYS, [_stay(stay) for stay in explained.stays]))


def as_json(explained: Explained) -> dict[str, object]:
    """An explanation as a mapping for tools; times in ISO 8601."""
    return {
        "segment": explained.segment,
        "key": explained.key,
        "as_of": as_of.written(explained.as_of),
        "is_member_by_rule": explained.is_member,
        "is_recorded_member": explained.is_recorded,
        "notes": list(explained.notes),
        "entities": [
            {
                "key": entity.key,
                "steps": [
                    {
                        "kind": step.kind,
                        "text": step.text,
                        "rule": step.rule or None,
                        "passes": step.passes,
                        "condition": None if step.condition is None else _condition_json(step.condition),
                    }
                    for step in entity.steps
                ],
            }
            for entity in explained.entities
        ],
        "stays": [
            {
                "entered_at": as_of.written(stay.entered_at),
                "entered_reason": stay.entered_reason,
                "exited_at": as_of.written(stay.exited_at) if stay.exited_at else None,
                "exited_reason": stay.exited_reason,
            }
            for stay in explained.stays
        ],
        "last_run_as_of": as_of.written(explained.last_run.as_of) if explained.last_run else None,
        "held_back": None if explained.held_back is None else asdict(explained.held_back),
    }


def _condition_json(told: Told) -> dict[str, object]:
    return {
        "text": told.text,
        "holds": told.holds,
        "found": {what: _plain(value) for what, value in told.found.items()},
        "parts": [_condition_json(part) for part in told.parts],
    }


def _plain(value: object) -> object:
    """A value as JSON has it: numbers as numbers, times in ISO 8601."""
    match value:
        case datetime():
            return as_of.written(value)
        case date():
            return value.isoformat()
        case Decimal() | float():
            return float(value) if isfinite(value) else str(value)
        case _:
            return value


def _answer(explained: Explained) -> Text:
    key = str(explained.key)
    who = f"{explained.key_name} {key if key and key == key.strip() else repr(key)}"
    heading = line((explained.segment, "bold"), f" as of {instant(explained.as_of)}: ", (who, "bold"))
    if not explained.entities:
        return heading.append_text(line((" is not there", "red"), ", so in no segment by the rules"))
    verdict = ("in by the rule", "green") if explained.is_member else ("not in by the rule", "red")
    return heading.append_text(line(" is ", verdict))


def _entity(entity: ToldEntity, words: Wording) -> Iterator[Text]:
    for step in entity.steps:
        yield _step(step)
        if step.condition is not None:
            yield from _condition(step.condition, words, 1)


def _step(step: ToldStep) -> Text:
    told = (f"{step.text} ", "dim") if step.rule else step.text
    return line(MARKS[step.passes], " ", told, step.rule)


def _condition(told: Told, words: Wording, depth: int) -> Iterator[Text]:
    found = list(told.found.items())
    value = ""
    if len(found) == 1:
        value = f": {words.value(found[0][1])}"
    elif found:
        value = f": {', '.join(f'{what} {words.value(one)}' for what, one in found)}"
    mark = ("yes", "green") if told.holds else ("no ", "red")
    yield line("  " * depth, mark, f"  {told.text}", (value, "bold"))
    for part in told.parts:
        yield from _condition(part, words, depth + 1)


def _stay(stay: Stay) -> tuple[str, ...]:
    exited = "" if stay.exited_at is None else instant(stay.exited_at)
    return instant(stay.entered_at), stay.entered_reason, exited, stay.exited_reason or ""


def _recorded(explained: Explained) -> Text:
    if explained.last_run is None:
        return line("nothing was run into this warehouse yet")
    run = f"the last run was as of {instant(explained.last_run.as_of)}"
    if explained.held_back is not None:
        run = f"{run} and held the segment back ({explained.held_back.status}: {explained.held_back.problem})"
    if explained.is_recorded:
        return line(f"recorded: in since {instant(explained.stays[-1].entered_at)}; {run}")
    return line(f"recorded: not in now; {run}" if explained.stays else f"recorded: never in; {run}")
