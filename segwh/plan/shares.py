"""Parts an event's measures by what they want of one field, so that a row meets the conditions of its own part alone.

A shared GROUP BY asks each row for the condition of every measure. Before:

    orders_rows -> GROUP BY key: count if type = a and at >= 90 days ago, sum if type = a and at >= 30 days ago,
                                 count if type = b and at >= 90 days ago, count if at >= 7 days ago, ...

After, no row is grouped for two of the values, and what wants none of them stays together:

    orders_rows where type = a -> GROUP BY key: count if at >= 90 days ago, sum if at >= 30 days ago
    orders_rows where type = b -> GROUP BY key: count if at >= 90 days ago
    orders_rows                -> GROUP BY key: count if at >= 7 days ago

Each part is a scan of its own, so the dialect says whether its engine gains by that (`parts_measures`). Engines for which scans
cost next to nothing cut by time as well (plan.stretches).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from segwh import ir
from segwh.catalog.model import Entity
from segwh.plan.nodes import FactKey, Share
from segwh.semantics import Bound

AGGREGATE, SCAN, GROUPING = 1, 3, 5
"""A conditional aggregate, a filtered scan with its join, and finding the row's group once more: what they cost a row, to each
other (docs/performance.md)."""
WORTHWHILE = 5
"""What the parts must save, in the same unit, to be worth the longer SQL."""
MOST_PARTS = 24
"""More joins than these take an optimiser longer than they save; what the smaller parts want stays together."""
MOST_VALUES = 100
"""Values of a part whose measures want different ones of them: all are written once more there, and some engines bound how long
a statement is."""

Subject = tuple[ir.Operand, bool]
"""A field that is compared with values, and whether case is ignored."""


def shares(entity: Entity, columns: Iterable[FactKey]) -> Mapping[tuple[str, str], tuple[Share, ...]]:
    """For each event whose measures are worth parting, the parts: (kind, name) of the scan -> them."""
    found: dict[tuple[str, str], tuple[Share, ...]] = {}
    for event in entity.events:
        if event.id is not None and not event.id_unique:
            continue  # rows are told apart first, which is too dear to be done for each part
        measured = [key for key in columns if isinstance(key, ir.Measured) and key.rows.name == event.name]
        plain = [key for key in measured if key.rows.kind == "event" and key.is_plain]
        ways = [(_saved(parts, len(plain)), parts) for parts in _ways(plain)]
        saved, parts = max(ways, key=lambda way: way[0], default=(0, ()))
        if parts and saved >= WORTHWHILE:
            found["event", event.name] = parts
    return found


def _saved(parts: Sequence[Share], measures: int) -> float:
    """What a row is spared on average: it meets its own part, at the worst the largest, and what is in none of them."""
    rest = measures - sum(len(part.asked) for part in parts)
    met = max((len(part.asked) for part in parts), default=0)
    return AGGREGATE * (measures - met - rest) - SCAN * len(parts) - (GROUPING if rest else 0)


def _ways(measured: Sequence[ir.Measured]) -> Iterator[tuple[Share, ...]]:
    """The ways to part measures: by each of the fields that some of them want certain values of."""
    by_subject: dict[Subject, dict[ir.Measured, ir.OneOf]] = {}
    for key in measured:
        for wanted in _wanted(key.rows.where):
            by_subject.setdefault((wanted.subject, wanted.ignore_case), {}).setdefault(key, wanted)
    for wants in by_subject.values():
        parts = sorted(filter(_is_short, _apart(wants)), key=len, reverse=True)[:MOST_PARTS]
        yield tuple(_share(part) for part in parts)


def _wanted(where: ir.Predicate | None) -> Iterator[ir.OneOf]:
    items = where.items if isinstance(where, ir.And) else (where,)
    yield from (item for item in items if isinstance(item, ir.OneOf) and isinstance(item.subject, ir.Field))


def _apart(wants: Mapping[ir.Measured, ir.OneOf]) -> Iterable[dict[ir.Measured, ir.OneOf]]:
    """The measures that want values of one field, such as have values in common together."""
    found: dict[int, dict[ir.Measured, ir.OneOf]] = {}
    place_of: dict[ir.Scalar, int] = {}
    for number, (key, wanted) in enumerate(wants.items()):
        values = [str(value).lower() for value in wanted.values] if wanted.ignore_case else wanted.values
        common = {place_of[value] for value in values if value in place_of}
        place = min(common, default=number)
        for other in sorted(common - {place}):
            found[place] |= found.pop(other)
            place_of |= {value: place for value, at in place_of.items() if at == other}
        place_of |= dict.fromkeys(values, place)
        found.setdefault(place, {})[key] = wanted
    return found.values()


def _is_short(wants: Mapping[ir.Measured, ir.OneOf]) -> bool:
    """Whether the values of a part are few, or are written once since all of its measures want the same."""
    lists = {wanted.values for wanted in wants.values()}
    return len(lists) == 1 or len({value for values in lists for value in values}) <= MOST_VALUES


def _share(wants: Mapping[ir.Measured, ir.OneOf]) -> Share:
    first = next(iter(wants.values()))
    values = replace(first, values=tuple(dict.fromkeys(value for wanted in wants.values() for value in wanted.values)))
    asked = {key: _rest(key.rows, wanted) if wanted.values == values.values else key.rows for key, wanted in wants.items()}
    starts = [None if key.rows.window is None else key.rows.window.start for key in asked]
    bounds: tuple[Bound, ...] = tuple(dict.fromkeys(start for start in starts if start is not None))
    return Share(values, () if None in starts else bounds, asked)


def _rest(rows: ir.Rows, wanted: ir.OneOf) -> ir.Rows:
    """The rows without the condition that the whole part is filtered by."""
    items = rows.where.items if isinstance(rows.where, ir.And) else (rows.where,)
    others = tuple(item for item in items if item is not None and item != wanted)
    return replace(rows, where=None if not others else others[0] if len(others) == 1 else ir.And(others))
