"""The end of a run as text: each segment's size, who came and left, its curve; then the sums and where the tables are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from segwh.complaints import explain
from segwh.display.figures import curve, grouped, instant, percent, plural, seconds, signed
from segwh.display.terminal import Column, change, line, put, table
from segwh.run import RunReport, SegmentResult

MARK_STYLE = {"kept": "bold yellow", "blocked": "bold yellow", "refused": "bold yellow"}
COLUMNS = (
    Column("segment", shrinks=True),
    Column("members", "right", "bold"),
    Column("share", "right", "dim"),
    Column("entered", "right"),
    Column("exited", "right"),
    Column("sizes", style="cyan"),
    Column(""),
)
ROLES = (
    ("who is in", ("_membership",)),
    ("who came and left", ("_changes", "_history")),
    ("one row a key", ("_wide", "_traits")),
    ("registry", ("segwh_segments", "segwh_segment_sizes", "segwh_runs")),
    ("to sync", ()),
)
MOST_NAMES = 6
"""Relations of one role that are named; of more, the number."""


def show(report: RunReport, console: Console) -> None:
    """Print a report."""
    for failure in report.failures:
        error = explain(failure.message)
        console.print(line((f"{failure.kind} {failure.name} failed", "bold red"), f" ({failure.path})"))
        console.print(line("  " + error.message.replace("\n", "\n  ")))
        if error.hint:
            console.print(line(("  " + error.hint.replace("\n", "\n  "), "dim")))
    if report.failures:
        console.print()
    if any(result.size for result in report.segments):
        put(console, segments(report))
        console.print()
    console.print(summary(report))
    for told in relations(report):
        console.print(told)


def segments(report: RunReport) -> Table:
    """The table of segments, one block for each grain."""
    rows: list[list[Text | str]] = []
    grains = [(grain, list(results)) for grain, results in groupby(report.segments, key=lambda result: result.grain)]
    for grain, results in grains:
        if len(grains) > 1:
            rows.extend([[""] * len(COLUMNS)] if rows else [])
            rows.append([Text(grain, style="bold dim"), *[""] * (len(COLUMNS) - 1)])
        rows.extend(_row(result) for result in results)
    return table(COLUMNS, rows)


def _row(result: SegmentResult) -> list[Text | str]:
    marks = Text(" ").join(Text(mark, style=MARK_STYLE.get(mark, "yellow")) for mark in result.marks)
    size = result.size
    if size is None:
        return [result.name, Text("—", style="dim"), "", "", "", "", marks]
    return [
        result.name,
        grouped(size.members),
        percent(size.share),
        change(size.entered, "green"),
        change(-size.exited, "red"),
        curve(result.history),
        marks,
    ]


def summary(report: RunReport) -> Text:
    """One line that says what the run did."""
    took = (f" in {seconds(report.seconds)}", "dim")
    run = report.run
    if run is None:
        word = "failed" if report.failures else "done"
        return line((f"{word}", "bold red" if report.failures else "bold"), f": {_nodes(report)}", took)
    at = f"as of {instant(run.as_of)}: "
    if report.changed_nothing:
        return line((at, "bold"), "nothing changed; this as-of was recorded before and the data still says the same", took)
    count = plural(len(report.segments), "segment")
    moves = f"{count}, {signed_or_none(run.entered)} entered, {signed_or_none(-run.exited)} exited"
    again = "; corrections to an as-of recorded before" if report.repeated else ""
    return line((at, "bold"), moves + again, took)


def signed_or_none(count: int) -> str:
    """A change as +31 or −12, and "none" for zero."""
    return signed(count) if count else "none"


def _nodes(report: RunReport) -> str:
    counts = {status: sum(o.status == status for o in report.outcomes) for status in ("ok", "warn", "failed", "skipped")}
    return ", ".join(f"{count} {status}" for status, count in counts.items() if count) or "nothing selected"


def relations(report: RunReport) -> Iterator[Text]:
    """Where the tables are, by what they are for."""
    if not report.relations:
        return
    yield line("tables in ", (report.place, "bold"))
    width = max(len(role) for role, _ in ROLES)
    for role, endings in ROLES:
        names = [name for name in report.relations if name.endswith(endings)] if endings else []
        names = names or [name for name in report.relations if not endings and name.startswith("aud_")]
        if names:
            more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
            yield line((f"  {role:<{width}}  ", "dim"), ", ".join(names[:MOST_NAMES]) + more)
