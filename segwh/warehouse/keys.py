"""A key as it is typed on a command line, in the form that the warehouse gives it."""

from __future__ import annotations

from uuid import UUID

from segwh.catalog.model import Column, Entity
from segwh.errors import UserError
from segwh.warehouse.connection import Warehouse

UUIDS = {"uuid": str.lower, "uniqueidentifier": str.upper}
"""How engines call UUIDs, and in which letters they write them as text."""


def stored_key(key: str | int, column: Column, entity: Entity, warehouse: Warehouse) -> str | int:
    """The key as text of the column's own type: a UUID may be typed in any letters, and stands in one form there.

    Raises UserError where the column holds UUIDs and the key is none.
    """
    if not isinstance(key, str) or column.sql is not None:
        return key
    there = warehouse.columns(warehouse.relation_name(entity.relation))
    kind = next((one.type.lower() for one in there if one.name.casefold() == column.column.casefold()), "")
    if kind not in UUIDS:
        return key
    try:
        return UUIDS[kind](str(UUID(key.strip())))
    except ValueError:
        raise UserError(f"`{key}` is no {column.name}: that is a UUID") from None
