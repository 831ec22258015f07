"""The end of a run as text: each segment's size, who came and left, its curve; then the sums and where the tables are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from segwh.commands.run import RunReport, SegmentResult
from segwh.display.figures import curve, grouped, instant, percent, plural, seconds, signed
from segwh.display.terminal import Column, change, grid, line, put, table
from segwh.warehouse.build import Outcome
from segwh.warehouse.complaints import explain
from segwh.warehouse.published import CURVE_LENGTH, RUNS, RunRow

MARK_STYLE = dict.fromkeys(("kept", "blocked", "refused", "skipped"), "bold yellow")
WIDE, NARROW = 110, 100
"""Columns from which on a table has room for labels, and below which it has none for shares and long curves."""
COLUMNS = (
    Column("segment", shrinks=True),
    Column("members", "right", "bold"),
    Column("share", "right", "dim"),
    Column("entered", "right"),
    Column("exited", "right"),
    Column("sizes", style="cyan"),
    Column(""),
    Column("label", style="dim", shrinks=True),
)
ROLES = (
    ("who is in", ("_membership",)),
    ("who came and left", ("_changes", "_history")),
    ("one row a key", ("_wide", "_traits")),
    ("registry", ("segwh_segments", "segwh_segment_sizes", "segwh_runs")),
    ("to sync", ()),
)
HELD_BACK = re.compile(r"segwh held back (?P<count>\d+) segments?, the others are published: (?P<reasons>.*)")
"""How the model segwh_runs says that a run is not as it should be."""
WHY = re.compile(r"(\w+) \((\w+: .*?)\)(?=; \w+ \(\w+: |$)")
"""How it names a segment and the reason."""
IF_RIGHT = "accept it if that is right"
HOW_TO_ACCEPT = "`segwh preview NAME` counts who would be in; `segwh run --accept NAME` publishes that, once"
"""What the circuit breaker says of a segment, and what can be done about it."""
NOBODY_NEW = re.compile(r"segwh takes no new members of (?P<entity>\w+): (?P<why>.*)")
"""How it says that it held nobody back, and would let nobody in."""
WHOLE_AS_OF = "the table shows who came and left at this as-of in all, the line above what this run changed"
"""What is said where an earlier run recorded changes at the same as-of: sizes hold the net of both."""
MOST_NAMES = 6
"""Relations of one role that are named; of more, the number."""
MOST_ALIKE = 3
"""Segments that are named of those that were held back for the same reason; of more, the number."""


def show(report: RunReport, console: Console) -> None:
    """Print a report."""
    console.print()
    if report.came_too_late:
        show_refusal(report, console)
        return
    for failure in report.failures:
        show_failure(failure, console)
    if any(result.size for result in report.segments):
        put(console, segments(report, console.width))
        console.print()
    show_orphans(report, console)
    console.print(summary(report))
    if does_not_add_up(report):
        console.print(line((f"  {WHOLE_AS_OF}", "dim")))
    if report.relations:
        console.print(line("tables in ", (report.place, "bold")))
        put(console, grid(relations(report)))


def show_failure(failure: Outcome, console: Console) -> None:
    """Print which node failed and why; what dbt says of its name and file is in the first line already."""
    message = re.sub(r"^.* Error in .*\n", "", failure.message.strip())
    held_back = HELD_BACK.search(message) if failure.name == RUNS else None
    nobody_new = NOBODY_NEW.search(message) if failure.name == RUNS else None
    if held_back:
        count = int(held_back["count"])
        named = WHY.findall(held_back["reasons"])
        console.print(line((f"{plural(count, 'segment')} held back, the others are published", "bold yellow")))
        put(console, grid(_by_reason(named)))
        if len(named) < count:
            console.print(line(f"  and {count - len(named)} more"))
        if any(why.endswith(IF_RIGHT) for _, why in named):
            console.print(line((f"  {HOW_TO_ACCEPT}", "dim")))
    elif nobody_new:
        console.print(line((f"no segment of {nobody_new['entity']} takes new members", "bold yellow")))
        console.print(line(f"  {nobody_new['why']}"))
    else:
        error = explain("\n".join(text.strip() for text in message.splitlines()))
        console.print(line((f"{failure.kind} {failure.name} failed", "bold red"), (f" ({failure.path})", "dim")))
        for text in error.message.splitlines():
            console.print(line(f"  {text}"))
        for text in (*failure.hint.splitlines(), *error.hint.splitlines()):
            console.print(line((f"  {text}", "dim")))
    console.print()


def _by_reason(named: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Segments and why they were held back: a line each, or one for many that have the same reason."""
    reasons: dict[str, list[str]] = {}
    for name, why in named:
        reasons.setdefault(why, []).append(name)
    for why, names in reasons.items():
        if len(names) <= MOST_ALIKE:
            yield from ((f"  {name}", why) for name in names)
        else:
            yield f"  {', '.join(names[:MOST_ALIKE])} and {len(names) - MOST_ALIKE} more", why


def show_orphans(report: RunReport, console: Console) -> None:
    """Print which segments are no longer in the rules, or have members of another kind, and keep those that they had."""
    for about, orphans in (
        ("no longer in the rules, with members", [one for one in report.orphaned if not one.is_in_rules]),
        ("with members of another kind now, and others", [one for one in report.orphaned if one.is_in_rules]),
    ):
        if not orphans:
            continue
        count = plural(len(orphans), "segment")
        console.print(line((f"{count} {about} that stay until it is removed", "bold yellow")))
        told = (
            (orphan.segment, f"{plural(orphan.members, 'member')}, which `--remove {orphan.segment}` lets go")
            for orphan in orphans
        )
        put(console, grid((f"  {name}", text) for name, text in told))
        console.print()


def show_refusal(report: RunReport, console: Console) -> None:
    """Print that nothing was recorded since the as-of of the run lies before what is recorded already."""
    newest = max((result.size.as_of for result in report.segments if result.size), default=None)
    until = f", the newest at {instant(newest)}" if newest else ""
    asked = f" {instant(report.as_of)}" if report.as_of else ""
    console.print(line((f"the as-of{asked} is refused, nothing was changed", "bold red")))
    console.print(line(f"  every segment was evaluated later already{until}"))
    console.print(line(("  the log goes forward only: give a later --as-of", "dim")))


def segments(report: RunReport, width: int) -> Table:
    """The table of segments for a terminal of so many columns, one block for each grain."""
    shown = [column for column in COLUMNS if _has_room(column, width)]
    rows: list[list[Text | str]] = []
    grains = [(grain, list(results)) for grain, results in groupby(report.segments, key=lambda result: result.grain)]
    for grain, results in grains:
        if len(grains) > 1:
            rows.extend([[""] * len(shown)] if rows else [])
            rows.append([Text(grain, style="bold dim"), *[""] * (len(shown) - 1)])
        for result in results:
            cells = zip(COLUMNS, _row(result, CURVE_LENGTH if width >= NARROW else CURVE_LENGTH // 2), strict=True)
            rows.append([cell for column, cell in cells if _has_room(column, width)])
    return table(shown, rows)


def _has_room(column: Column, width: int) -> bool:
    return width >= {"label": WIDE, "share": NARROW}.get(column.heading, 0)


def _row(result: SegmentResult, longest_curve: int) -> list[Text | str]:
    marks = Text(" ").join(Text(mark, style=MARK_STYLE.get(mark, "yellow")) for mark in result.marks)
    size = result.size
    if size is None:
        return [result.name, Text("—", style="dim"), "", "", "", "", marks, result.label]
    return [
        result.name,
        grouped(size.members),
        percent(size.share),
        change(size.entered, "green"),
        change(-size.exited, "red"),
        curve(result.history, longest_curve),
        marks,
        result.label,
    ]


def summary(report: RunReport) -> Text:
    """One line that says what the run did."""
    took = (f" in {seconds(report.seconds)}", "dim")
    run = report.run
    if run is None:
        word = "failed" if report.failures else "done"
        return line((f"{word}", "bold red" if report.failures else "bold"), f": {_nodes(report)}", took)
    at = f"as of {instant(run.as_of)}: "
    if run.status == "started":
        # something failed on the way to the end: who came and left is not summed up, and may not be known of every grain
        return line((at, "bold"), ("not finished", "bold red" if report.failures else "bold"), f": {_nodes(report)}", took)
    if report.changed_nothing and not run.held_back:
        return line((at, "bold"), "nothing changed", took, "; this as-of was recorded before and the data still says the same")
    count = plural(len(report.segments), "segment")
    moves = f"{count}, {_moves(run.entered, run.exited)}"
    if run.held_back:
        moves += f", {run.held_back} held back"
    again = "; it corrects an as-of that was recorded before" if report.repeated and not report.changed_nothing else ""
    return line((at, "bold"), moves, took, _of_who_died(report, run) or again)


def does_not_add_up(report: RunReport) -> bool:
    """Whether the table has what an earlier run at the same as-of changed, which the line below it does not count."""
    run = report.run
    if run is None or run.status == "started" or not (report.repeated or report.finishes):
        return False
    shown = [result.size for result in report.segments if result.size]
    return (sum(size.entered for size in shown), sum(size.exited for size in shown)) != (run.entered, run.exited)


def _of_who_died(report: RunReport, run: RunRow) -> str:
    """What a run that died had logged before this one, which segwh_runs does not count; empty if there was none."""
    died = report.died
    if died is None:
        return ""
    before = _moves(died.entered, died.exited)
    if not report.finishes:
        return f"; the run before, as of {instant(died.as_of)}, died when it had logged {before}"
    total = _moves(died.entered + run.entered, died.exited + run.exited)
    return f"; it finishes a run that died when it had logged {before}: in all {total}"


def _moves(entered: int, exited: int) -> str:
    return f"{signed_or_none(entered)} entered, {signed_or_none(-exited)} exited"


def signed_or_none(count: int) -> str:
    """A change as +31 or −12, and "none" for zero."""
    return signed(count) if count else "none"


def _nodes(report: RunReport) -> str:
    counts = {status: sum(o.status == status for o in report.outcomes) for status in ("ok", "warn", "failed", "skipped")}
    return ", ".join(f"{count} {status}" for status, count in counts.items() if count) or "nothing matches --select"


def _is_audience(name: str) -> bool:
    return name.rpartition(".")[2].startswith("aud_")


def relations(report: RunReport) -> Iterator[tuple[str, str]]:
    """What each kind of table is for, and the names of those there are."""
    for role, endings in ROLES:
        names = [name for name in report.relations if (name.endswith(endings) if endings else _is_audience(name))]
        if names:
            more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
            yield f"  {role}", ", ".join(names[:MOST_NAMES]) + more
