"""What stories need of an engine: tables in, rows of queries out."""

from __future__ import annotations

from typing import Protocol

from segwh.sql.dialects.base import SqlDialect
from tests.cases.tables import Table


class Engine(Protocol):
    """An engine that stories are told to. Values come back as Python's own; a timestamp is naive, in UTC."""

    @property
    def dialect(self) -> SqlDialect:
        """What it speaks."""

    def create(self, name: str, table: Table) -> str:
        """Creates a table, in place of one of that name; its name."""

    def keep(self, name: str, sql: str) -> None:
        """Creates a table of a query's rows, in place of one of that name."""

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """The rows of a query."""

    def columns(self, name: str) -> list[str]:
        """The names of a table's columns, in order."""
