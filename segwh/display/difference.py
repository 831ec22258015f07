"""What a change of the rules does, as a table for a terminal, as Markdown for a pull request and as JSON for tools."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from segwh import as_of
from segwh.commands.difference import Changed, Difference
from segwh.display.figures import grouped, instant, plural, signed
from segwh.display.terminal import Column, change, line, put, table

KINDS = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow"), "renamed": (">", "cyan")}
NAMES = (Column(""), Column("segment", style="bold", shrinks=True))
NUMBERS = (Column("before", "right"), Column("after", "right"), Column("enter", "right"), Column("leave", "right"))
WHAT = Column("what", shrinks=True)


def show(difference: Difference, console: Console) -> None:
    """Print a difference."""
    console.print(line(_heading(difference)))
    if difference.note:
        console.print(line((difference.note, "yellow")))
    if difference.changes:
        console.print()
        numbers = NUMBERS if _is_counted(difference) else ()
        put(console, table((*NAMES, *numbers, WHAT), [_row(one, bool(numbers)) for one in difference.changes]))


def as_markdown(difference: Difference) -> str:
    """A difference as Markdown."""
    lines = [f"**segwh**: {_heading(difference)}"]
    if difference.note:
        lines += ["", difference.note]
    if difference.changes:
        is_counted = _is_counted(difference)
        lines += ["", "| | segment | before | after | enter | leave | what |" if is_counted else "| | segment | what |"]
        lines.append("| --- | --- | ---: | ---: | ---: | ---: | --- |" if is_counted else "| --- | --- | --- |")
        for one in difference.changes:
            lines.append(f"| {' | '.join([one.kind, f'`{one.segment}`', *_numbers(one, is_counted), _what(one)])} |")
    return "\n".join(lines) + "\n"


def as_json(difference: Difference) -> dict[str, object]:
    """A difference as a mapping for tools; times in ISO 8601."""
    return {
        "base": difference.base,
        "commit": difference.commit,
        "as_of": as_of.written(difference.as_of),
        "unchanged": difference.unchanged,
        "note": difference.note or None,
        "changes": [
            {
                "segment": one.segment,
                "kind": one.kind,
                "was": one.was,
                "what": list(one.what),
                "note": one.note or None,
                "before": one.counts.before if one.counts else None,
                "after": one.counts.after if one.counts else None,
                "entering": one.counts.entering if one.counts else None,
                "leaving": one.counts.leaving if one.counts else None,
            }
            for one in difference.changes
        ],
    }


def _is_counted(difference: Difference) -> bool:
    return any(one.counts is not None for one in difference.changes)


def _heading(difference: Difference) -> str:
    since = f"since {difference.base} ({difference.commit})"
    if not difference.changes:
        return f"no segment changed {since}; {plural(difference.unchanged, 'segment')} as before"
    told = plural(len(difference.changes), "segment")
    at = f", as of {instant(difference.as_of)}" if _is_counted(difference) else ""
    return f"{told} changed {since}{at}; {difference.unchanged} as before"


def _row(one: Changed, is_counted: bool) -> list[Text | str]:
    if one.counts is None:
        return [line(KINDS[one.kind]), one.segment, *_numbers(one, is_counted), _what(one)]
    before, after, *_ = _numbers(one, is_counted)
    moved = [change(one.counts.entering, "green"), change(-one.counts.leaving, "red")]
    return [line(KINDS[one.kind]), one.segment, before, after, *moved, _what(one)]


def _numbers(one: Changed, is_counted: bool) -> list[str]:
    if one.counts is None:
        return [""] * 4 if is_counted else []
    before = "" if one.kind == "added" else grouped(one.counts.before)
    after = "" if one.kind == "removed" else grouped(one.counts.after)
    return [before, after, signed(one.counts.entering), signed(-one.counts.leaving)]


def _what(one: Changed) -> str:
    told = []
    if one.kind == "renamed":
        told.append(f"was {one.was}")
    if one.what:
        told.append(", ".join(one.what))
    return "; ".join([*told, *([one.note] if one.note else [])])
