"""The progress of a run as it happens: a bar on a terminal, one line for each step in a pipe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from segwh.commands.run import Stage, Watch
from segwh.display.figures import seconds
from segwh.display.terminal import line
from segwh.errors import UserError
from segwh.text.diagnostics import printable
from segwh.warehouse.build import Event, Note, Step

STATUS_STYLE = {"ok": "green", "warn": "yellow", "failed": "bold red", "skipped": "dim"}


@contextmanager
def watching(console: Console) -> Iterator[Watch]:
    """A watcher for a run that draws on a console. When nobody reads any more (a broken pipe) the run goes on in silence."""
    if console.is_terminal:
        with _bar(console) as progress:
            yield _Quiet(_OnTerminal(progress))
    else:
        yield _Quiet(_InPipe(console))


def _bar(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(style="cyan"),
        TextColumn("{task.description}", style="bold", markup=False),
        BarColumn(bar_width=24, complete_style="cyan", finished_style="green"),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[step]}", style="dim", markup=False),
        console=console,
        transient=True,
    )


class _Quiet:
    """Keeps a watcher's trouble with its stream away from dbt, in whose threads it is called."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._is_heard = True

    def __call__(self, event: Event | Stage) -> None:
        if not self._is_heard:
            return
        try:
            self._watch(event)
        except (UserError, OSError, ValueError):
            self._is_heard = False


class _OnTerminal:
    """Moves the bar, and prints above it what went wrong and what macros say."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID = progress.add_task("starting", total=None, step="")
        self._done = 0

    def __call__(self, event: Event | Stage) -> None:
        match event:
            case Stage(text):
                self._progress.update(self._task, description=text, step="")
            case Note(text, is_warning):
                self._progress.console.print(line((text, "yellow" if is_warning else "")))
            case Step(status="running"):
                self._progress.update(self._task, total=event.total, step=printable(event.name))
            case Step():
                self._done += 1
                self._progress.update(self._task, completed=self._done)
                if event.status in ("failed", "warn"):
                    self._progress.console.print(_told(event))


class _InPipe:
    """Prints one line for each stage, finished step and note."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __call__(self, event: Event | Stage) -> None:
        match event:
            case Stage(text):
                self._console.print(line(text))
            case Note(text, is_warning):
                self._console.print(line(f"warning: {text}" if is_warning else text))
            case Step(status="running"):
                return
            case Step():
                width = len(str(event.total))
                self._console.print(Text(f"{event.number:>{width}}/{event.total} ").append_text(_told(event)))


def _told(step: Step) -> Text:
    took = f" in {seconds(step.seconds)}" if step.status != "skipped" else ""
    return line((f"{step.status:<7}", STATUS_STYLE[step.status]), f" {step.kind} {step.name}", (took, "dim"))
