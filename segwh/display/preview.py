"""A preview as text: the reach, how many are left after each step, sample members."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from segwh.display.figures import grouped, instant, percent, plural
from segwh.display.terminal import Column, line, table
from segwh.preview import Preview

BAR = 20
"""Columns of the bar beside the number that is left."""


def show(preview: Preview, console: Console) -> None:
    """Print a preview."""
    of = f" of {grouped(preview.population)}" if preview.population else ""
    console.print(
        line(
            (preview.segment, "bold"),
            f" as of {instant(preview.as_of)}: ",
            (f"{grouped(preview.members)} {preview.noun}", "bold"),
            f"{of}, {percent(preview.share)}" if preview.share is not None else of,
        )
    )
    console.print()
    most = max((stage.left for stage in preview.stages), default=0)
    columns = (Column("left", "right", "bold"), Column("", style="cyan"), Column("after"))
    rows = [[grouped(stage.left), _bar(stage.left, most), line(stage.text)] for stage in preview.stages]
    console.print(table(columns, rows))
    if preview.sample:
        console.print()
        console.print(line((f"{plural(len(preview.sample), 'sample member')}", "dim")))
        headings = [Column(name, shrinks=False) for name in preview.sample[0]]
        console.print(table(headings, [[_cell(value) for value in row.values()] for row in preview.sample]))


def as_json(preview: Preview) -> dict[str, object]:
    """A preview as a mapping for tools; times in ISO 8601."""
    return {
        "segment": preview.segment,
        "as_of": preview.as_of.isoformat(),
        "grain": preview.grain,
        "members": preview.members,
        "population": preview.population,
        "share": preview.share,
        "stages": [{"after": stage.text, "kind": stage.kind, "left": stage.left} for stage in preview.stages],
        "sample": [dict(row) for row in preview.sample],
    }


def _bar(left: int, most: int) -> str:
    return "█" * max(round(left / most * BAR), 1) if left and most else ""


def _cell(value: object) -> Text | str:
    return Text("null", style="dim") if value is None else str(value)
