"""How results look: tables that fit the terminal and lines that fit a pipe, with colour where there is a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from segwh.display.figures import signed
from segwh.display.output import written
from segwh.text.diagnostics import printable

PIPE_WIDTH = 1000
"""Columns of a pipe: nothing that goes into a file is cut to the width of a screen that is not there."""
GAP, SHORTEST = 2, 8
"""Columns between two columns of a table, and those that one keeps however little space there is."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, on which side its cells stand, and whether it gives way where space is short: by an
    ellipsis, or by lines below each other.
    """

    heading: str
    side: Literal["left", "right"] = "left"
    style: str = ""
    shrinks: bool = False
    wraps: bool = False


class Screen(Console):
    """A console that falls silent when its reader goes away: what it reports on has happened and goes on all the same."""

    def on_broken_pipe(self) -> None:
        """Say nothing any more."""
        self.quiet = True
        with written():
            raise BrokenPipeError

    def print(self, *objects: Any, **how: Any) -> None:
        """As rich does. Raises UserError where the output cannot be written."""
        with written():
            super().print(*objects, **how)

    def out(self, *objects: Any, **how: Any) -> None:
        """As rich does. Raises UserError where the output cannot be written."""
        with written():
            super().out(*objects, **how)


def console() -> Console:
    """A console on standard output that takes the terminal's width, or in a pipe no notice of any."""
    made = Screen(highlight=False, markup=False, emoji=False)
    return made if made.is_terminal else Screen(highlight=False, markup=False, emoji=False, width=PIPE_WIDTH, no_color=True)


def table(columns: Sequence[Column], rows: Iterable[Sequence[Text | str]]) -> Table:
    """Rows under headings, two spaces between columns and no frame. What a cell holds is never read as markup."""
    made = Table(box=None, show_edge=False, pad_edge=False, padding=(0, GAP, 0, 0), header_style="dim", show_header=True)
    cells = [[cell if isinstance(cell, Text) else Text(printable(cell)) for cell in row] for row in rows]
    for number, column in enumerate(columns):
        needed = max(cell_len(column.heading), *(row[number].cell_len for row in cells), 0)
        made.add_column(
            Text(column.heading),
            justify=column.side,
            style=column.style,
            no_wrap=not column.wraps,
            overflow="fold" if column.wraps else "ellipsis",
            width=None if column.shrinks else needed,
            max_width=needed,
        )
    for row in cells:
        made.add_row(*row)
    return made


def fit(shown: Table, width: int) -> None:
    """Let the columns that may shrink share what the others leave of a width; the longest give way first."""
    shrinking = [column for column in shown.columns if column.width is None and column.max_width is not None]
    fixed = sum(column.width or 0 for column in shown.columns) + GAP * (len(shown.columns) - 1)
    left = width - fixed
    for position, column in enumerate(sorted(shrinking, key=lambda column: column.max_width or 0)):
        needed = column.max_width or 0
        fair = max(left // (len(shrinking) - position), SHORTEST)
        column.width = min(needed, fair)
        left -= column.width


def grid(rows: Iterable[tuple[str, str]]) -> Table:
    """Words on the left, what they stand for on the right; long text on the right goes on below itself."""
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(style="dim", no_wrap=True)
    made.add_column()
    for word, text in rows:
        made.add_row(Text(printable(word)), Text(printable(text)))
    return made


def put(screen: Console, shown: Table) -> None:
    """Print a table; what goes into a pipe has no blanks at the ends of its lines."""
    if screen.is_terminal:
        fit(shown, screen.width)
        screen.print(shown)
        return
    with written(), screen.capture() as captured:
        screen.print(shown)
    screen.out("\n".join(row.rstrip() for row in captured.get().splitlines()), highlight=False)


def change(count: int, style: str) -> Text:
    """A change in its colour, dim where nothing changed."""
    return Text(signed(count), style=style if count else "dim")


def line(*parts: tuple[str, str] | str) -> Text:
    """One line of text from plain pieces and (piece, style) pairs; control characters in it are made visible."""
    made = Text()
    for part in parts:
        text, style = (part, "") if isinstance(part, str) else part
        made.append("\n".join(printable(piece) for piece in text.split("\n")), style)
    return made


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """Show on a terminal that something is being waited for; say nothing in a pipe."""
    screen = Console(stderr=True, highlight=False, markup=False, emoji=False)
    if not screen.is_terminal:
        yield
        return
    with screen.status(Text(text, style="dim"), spinner="dots", spinner_style="cyan"):
        yield
