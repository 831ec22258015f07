"""The progress and the end of a backfill: a bar on a terminal, a line for each step in a pipe, then the sums."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from segwh.commands.backfill import BackfillReport, StepDone, Watch
from segwh.commands.run import Stage
from segwh.display.figures import instant, plural, seconds, signed
from segwh.display.run import show_failure
from segwh.display.terminal import line
from segwh.warehouse.build import Event, Note


@contextmanager
def watching(console: Console) -> Iterator[Watch]:
    """A watcher for a backfill."""
    if not console.is_terminal:
        yield lambda event: _told(event, console)
        return
    columns = (BarColumn(bar_width=24), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(TextColumn("{task.description}", markup=False), *columns, console=console, transient=True) as progress:
        task = progress.add_task("starting", total=None)

        def watch(event: Event | Stage | StepDone) -> None:
            match event:
                case StepDone():
                    progress.update(task, total=event.total, completed=event.number, description=instant(event.as_of))
                    if event.held_back:
                        _told(event, progress.console)
                case Stage(text):
                    progress.update(task, description=text)
                case _:
                    _told(event, progress.console)

        yield watch


def _told(event: Event | Stage | StepDone, console: Console) -> None:
    match event:
        case Stage(text):
            console.print(line(text))
        case Note(text, is_warning):
            console.print(line(f"warning: {text}" if is_warning else text))
        case StepDone():
            width = len(str(event.total))
            moves = f"{signed(event.entered)} entered, {signed(-event.exited)} exited"
            held = (f", {event.held_back} held back", "bold yellow") if event.held_back else ""
            place = f"{event.number:>{width}}/{event.total} "
            console.print(
                line(place, (instant(event.as_of), "bold"), f" {moves}", held, (f" in {seconds(event.seconds)}", "dim"))
            )
        case _:
            return


def show(report: BackfillReport, console: Console) -> None:
    """Print a report."""
    for failure in report.failures:
        show_failure(failure, console)
    took = (f" in {seconds(sum(step.seconds for step in report.done))}", "dim")
    if not report.done and not report.has_failed and report.before == report.total:
        early = report.too_early
        if early is None:
            console.print(line(f"nothing to do: the log holds all {plural(report.total, 'step')} already"))
            return
        console.print(line((f"nothing was done: {early.steps} of {plural(report.total, 'step')} come too late", "bold yellow")))
        first = instant(early.first)
        console.print(line(f"  {early.segment} was evaluated as of {first} first, and the log goes forward only"))
        return
    entered, exited = sum(step.entered for step in report.done), sum(step.exited for step in report.done)
    sums = f"{signed(entered)} entered, {signed(-exited)} exited"
    console.print(line((f"{plural(len(report.done), 'step')} of {report.total}", "bold"), f": {sums}", took))
    if report.held_back:
        console.print(line((f"segments were held back in {plural(len(report.held_back), 'step')}", "bold yellow")))
    if report.has_stopped:
        console.print(line("stopped; the same command goes on from there"))
