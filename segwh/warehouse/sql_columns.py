"""Columns that only a `sql:` of the catalog names: the warehouse complains of them without saying where they are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from segwh.catalog.model import Catalog, Column, Entity, Event, Lookup, Related
from segwh.errors import UserError

MISSING = re.compile(r"column (?P<name>\S+) does not exist in the warehouse$")
"""How segwh.warehouse.complaints says that there is no such column."""


def told_of_sql(error: UserError, catalog: Catalog) -> UserError:
    """The error as it is, or if it is about a column that a `sql:` of the catalog names, with the places of that."""
    found = MISSING.match(error.message)
    places = "" if found is None else "\n".join(_places(found["name"].rsplit(".", 1)[-1], catalog))
    return UserError(error.message, "\n".join(filter(None, (places, error.hint)))) if places else error


@contextmanager
def telling_of_sql(catalog: Catalog) -> Iterator[None]:
    """Tell of the catalog what the warehouse complains of inside. Raises UserError."""
    try:
        yield
    except UserError as error:
        raise told_of_sql(error, catalog) from error.__cause__


def _places(name: str, catalog: Catalog) -> Iterator[str]:
    is_named = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
    for entity in catalog.entities:
        for owner, column in _columns(entity):
            if column.sql is not None and is_named.search(column.sql):
                yield f"it stands in the `sql:` of `{column.name}` of {owner}: {' '.join(column.sql.split())}"


def _columns(entity: Entity) -> Iterator[tuple[str, Column]]:
    yield entity.name, entity.key
    yield from ((entity.name, column) for column in entity.attributes)
    yield from _behind(entity.name, entity.lookups)
    both: tuple[Event | Related, ...] = (*entity.events, *entity.related)
    for rows in both:
        yield from ((rows.name, column) for column in rows.properties)
        yield from _behind(rows.name, rows.lookups)


def _behind(owner: str, lookups: Iterable[Lookup]) -> Iterator[tuple[str, Column]]:
    for lookup in lookups:
        yield from ((f"{owner}.{lookup.name}", column) for column in lookup.properties)
