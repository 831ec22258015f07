"""How results look: tables that fit the terminal and lines that fit a pipe, with colour where there is a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from segwh.diagnostics import printable
from segwh.display.figures import signed

PIPE_WIDTH = 1000
"""Columns of a pipe: nothing that goes into a file is cut to the width of a screen that is not there."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, on which side its cells stand, and whether it gives way where space is short."""

    heading: str
    side: Literal["left", "right"] = "left"
    style: str = ""
    shrinks: bool = False


class Screen(Console):
    """A console that falls silent when its reader goes away: what it reports on has happened and goes on all the same."""

    def on_broken_pipe(self) -> None:
        """Say nothing any more."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def console() -> Console:
    """A console on standard output that takes the terminal's width, or in a pipe no notice of any."""
    made = Screen(highlight=False, markup=False, emoji=False)
    return made if made.is_terminal else Screen(highlight=False, markup=False, emoji=False, width=PIPE_WIDTH, no_color=True)


def table(columns: Sequence[Column], rows: Iterable[Sequence[Text | str]]) -> Table:
    """Rows under headings, two spaces between columns and no frame. What a cell holds is never read as markup."""
    made = Table(box=None, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", show_header=True)
    for column in columns:
        made.add_column(
            Text(column.heading),
            justify=column.side,
            style=column.style,
            no_wrap=True,
            overflow="ellipsis",
            ratio=1 if column.shrinks else None,
            min_width=8 if column.shrinks else None,
        )
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(printable(cell)) for cell in row))
    return made


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
        screen.print(shown)
        return
    with screen.capture() as captured:
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
