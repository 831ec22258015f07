"""A preview as text: the reach, how many are left after each step, sample members."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from segwh import as_of
from segwh.commands.preview import Preview, Stage
from segwh.display.figures import grouped, instant, percent, plural
from segwh.display.terminal import Column, line, put, table

BAR, NARROW = 20, 80
"""Columns of the bar beside the number that is left, and those of a terminal below which it is half as long."""
STAGES = (Column("left", "right", "bold"), Column("", style="cyan"), Column("after", shrinks=True, wraps=True))


def show(preview: Preview, console: Console) -> None:
    """Print a preview."""
    share = f", {percent(preview.share)} of {grouped(preview.population)}" if preview.share is not None else ""
    members = plural(preview.members, "member")
    console.print(line((preview.segment, "bold"), f" as of {instant(preview.as_of)}: ", (members, "bold"), share))
    if preview.frozen is not None:
        console.print(line((preview.frozen.text, "yellow")))
    console.print()
    # The last stage, members, says the same as the line above unless members are not entities.
    stages = preview.stages if preview.share is None else preview.stages[:-1]
    bar = BAR if console.width >= NARROW else BAR // 2
    put(console, table(STAGES, [[grouped(s.left), _bar(s.left, preview.population, bar), _told(s)] for s in stages]))
    if preview.sample:
        console.print()
        headings = [Column(name, shrinks=True) for name in preview.sample[0]]
        put(console, table(headings, [[_cell(value) for value in row.values()] for row in preview.sample]))


def as_json(preview: Preview) -> dict[str, object]:
    """A preview as a mapping for tools; times in ISO 8601."""
    return {
        "segment": preview.segment,
        "grain": preview.grain,
        "as_of": as_of.written(preview.as_of),
        "members": preview.members,
        "population": preview.population,
        "share": preview.share,
        "frozen": preview.frozen.kind if preview.frozen is not None else None,
        "frozen_because": preview.frozen.text if preview.frozen is not None else None,
        "stages": [
            {"kind": stage.kind, "text": stage.text, "rule": stage.rule or None, "left": stage.left} for stage in preview.stages
        ],
        "sample": [dict(row) for row in preview.sample],
    }


def _told(stage: Stage) -> Text:
    return line((f"{stage.text} ", "dim"), stage.rule) if stage.rule else line(stage.text)


def _bar(left: int, most: int, longest: int) -> str:
    """A bar to scale; whoever is left at all shows at least a sliver."""
    return "█" * round(left / most * longest) or "▏" if left and most else ""


def _cell(value: object) -> Text | str:
    if value is None:
        return Text("null", style="dim")
    return str(value).lower() if isinstance(value, bool) else str(value)
