"""A dbt model before it is text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sqlglot import exp

from segwh.sql.dialects.base import StoredTable
from segwh.sql.holes import BoundHole
from segwh.types import Relation


@dataclass(frozen=True, slots=True)
class Update:
    """Another way to make a table, from what it holds. `lines` are Jinja that set `before`: the run that left what the table
    holds, as `{'as_of'}` (naive UTC), or none where the table is to be made in full. `doubts` are lines that may set it to none
    once the bounds are known.
    """

    query: exp.Query
    bounds: tuple[BoundHole, ...]
    lines: tuple[str, ...]
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """One dbt model before it is text.

    `keep` says what happens when dbt reads only a part of the data (--empty, --sample): "rows" keeps the table as it is,
    "none" adds nothing to an append-only table, "" needs no care (views, and what reads no data).
    """

    name: str
    folder: str
    materialized: str
    query: exp.Query
    bounds: tuple[BoundHole, ...] = ()
    """The bounds that stand in the SQL as `{{ name }}`."""
    relations: tuple[tuple[str, str], ...] = ()
    """Names that stand in the SQL as `{{ name }}` for relations that Jinja looks at first, with its expression for each."""
    update: Update | None = None
    lines: tuple[str, ...] = ()
    """Jinja lines before the SQL that need `run` and `as_of`."""
    keep: str = ""
    shows: tuple[str, ...] = ()
    """Columns that views show: a table that is kept as it is must have them."""
    config: Mapping[str, object] = field(default_factory=dict)
    depends_on: tuple[str | Relation, ...] = ()
    """Models (or relations of the catalog) that must be there first though the SQL does not name them by ref()."""
    speaks_of: Literal["run", "start", "fixture", "nothing"] = "run"
    """Whether the SQL speaks of the run in progress (its as-of, its id), starts it, is for unit tests, or needs neither."""
    tags: tuple[str, ...] = ()
    unique: str = ""
    """A column that must not repeat, for engines that can enforce it."""
    id: str = ""
    """The column that tells the rows of an append-only table apart, for engines that append by merging."""
    stores: StoredTable | None = None
    """Which of the large tables this is, for engines that let a table say how its rows lie."""
    key: str = ""
    """The key column of such a table, and of what readers see of a grain."""


APPEND_ONLY: Mapping[str, object] = {
    "full_refresh": False,
    "incremental_strategy": "append",
    "on_schema_change": "append_new_columns",
}
"""The config of a table that only ever grows, whatever flags dbt is called with."""
