"""The list of segments as text."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from segwh.commands.listing import Listed, Listing
from segwh.display.figures import curve, grouped, instant, percent, plural
from segwh.display.terminal import Column, line, put, table

NARROW, NARROWEST = 100, 72
"""Columns of a terminal below which a list leaves out what is said elsewhere, and then tags: the names need their room."""
COLUMNS = (
    Column("segment", shrinks=True),
    Column("of"),
    Column("members", "right", "bold"),
    Column("share", "right", "dim"),
    Column("sizes", style="cyan"),
    Column("since"),
    Column("type", style="yellow"),
    Column("tags", style="dim", shrinks=True),
    Column("label", shrinks=True),
)
OF_SIZES = ("members", "share", "sizes", "since")
NOT_IF_NARROW = ("share", "since", "label")
NOT_IF_NARROWEST = ("tags",)
ORPHANED = (Column("segment", shrinks=True), Column("members", "right", "bold"), Column("counted"))
MOST_ORPHANS = 5
"""Segments that are named of those that are no longer in the rules; of more, the number."""


def show(listing: Listing, console: Console) -> None:
    """Print a listing; columns of sizes only where sizes are known."""
    with_sizes = any(item.size is not None for item in listing.segments)
    narrow = (NOT_IF_NARROW if console.width < NARROW else ()) + (NOT_IF_NARROWEST if console.width < NARROWEST else ())
    left_out = (() if with_sizes else OF_SIZES) + narrow
    places = [place for place, column in enumerate(COLUMNS) if column.heading not in left_out]
    if listing.segments:
        rows = [_row(item) for item in listing.segments]
        put(console, table([COLUMNS[place] for place in places], [[row[place] for place in places] for row in rows]))
        console.print()
    shown, total = len(listing.segments), listing.total
    count = plural(total, "segment") if shown == total else f"{grouped(shown)} of {plural(total, 'segment')}"
    console.print(line(count, (f"; sizes are missing: {listing.note}" if listing.note else "", "dim")))
    if listing.orphaned:
        console.print(line((orphans_told(listing), "bold yellow")))


def show_orphaned(listing: Listing, console: Console) -> None:
    """Print the segments that are no longer in the rules and have members, and nothing else."""
    if listing.orphaned:
        rows: list[list[Text | str]] = [
            [Text(one.segment, style="bold"), grouped(one.members), instant(one.as_of)] for one in listing.orphaned
        ]
        put(console, table(ORPHANED, rows))
        console.print()
    console.print(line(f"{plural(len(listing.orphaned), 'segment')} with members that are no longer in the rules"))


def orphans_told(listing: Listing) -> str:
    """One line on the segments that are no longer in the rules and have members; there is at least one."""
    orphaned = listing.orphaned
    named = ", ".join(f"{one.segment} ({grouped(one.members)})" for one in orphaned[:MOST_ORPHANS])
    more = f" and {len(orphaned) - MOST_ORPHANS} more" if len(orphaned) > MOST_ORPHANS else ""
    which = "it" if len(orphaned) == 1 else "each"
    count = plural(len(orphaned), "segment")
    return f"{count} no longer in the rules, with members that stay until {which} is removed: {named}{more}"


def _row(item: Listed) -> list[Text | str]:
    segment, size = item.segment, item.size
    since = f"{item.first_evaluated_at:%Y-%m-%d}" if item.first_evaluated_at else ""
    sizes = [grouped(size.members) if size else "—", percent(size.share) if size else "", curve(item.history), since]
    kind = " ".join(word for word in (segment.type, segment.status) if word not in ("dynamic", "active"))
    expiry = f"until {segment.expires_on}" if segment.expires_on else ""
    what = " ".join(word for word in (kind, expiry) if word)
    name = Text(segment.name, style="bold")
    return [name, segment.grain, *sizes, what, " ".join(segment.tags), segment.label]
