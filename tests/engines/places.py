"""Places that a test project builds into: a DuckDB file or a schema on PostgreSQL, each read and written by plain SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import duckdb

from tests.engines.postgres import HOST, Server

Rows = list[tuple[Any, ...]]


class Place(Protocol):
    """Where a project is built."""

    @property
    def adapter(self) -> str:
        """Dbt's name for the kind of warehouse."""

    @property
    def output(self) -> dict[str, Any]:
        """The output of profiles.yml."""

    def execute(self, *statements: str) -> None:
        """Run statements in one transaction."""

    def rows(self, query: str) -> Rows:
        """The rows of a query; times are UTC."""

    def several(self, queries: Mapping[str, str]) -> Mapping[str, Rows]:
        """The rows of several queries by name."""

    def has(self, relation: str) -> bool:
        """Whether a table or view of that name is there."""


@dataclass(frozen=True, slots=True)
class DuckFile:
    """A DuckDB file, opened anew for every call: dbt wants it for itself."""

    path: Path
    adapter: str = "duckdb"

    @property
    def output(self) -> dict[str, Any]:
        return {"type": "duckdb", "path": str(self.path), "schema": "main", "threads": 1, "settings": {"threads": 1}}

    def execute(self, *statements: str) -> None:
        with duckdb.connect(str(self.path)) as connection:
            connection.begin()
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    def rows(self, query: str) -> Rows:
        return self.several({"": query})[""]

    def several(self, queries: Mapping[str, str]) -> Mapping[str, Rows]:
        with duckdb.connect(str(self.path)) as connection:
            connection.execute("set timezone = 'UTC'")
            return {name: connection.execute(query).fetchall() for name, query in queries.items()}

    def has(self, relation: str) -> bool:
        found = f"select 1 from information_schema.tables where table_schema = 'main' and table_name = '{relation}'"
        return self.path.exists() and bool(self.rows(found))


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema on a PostgreSQL."""

    server: Server
    name: str
    threads: int = 1
    adapter: str = "postgres"
    _open: list[Any] = field(default_factory=list)

    @property
    def output(self) -> dict[str, Any]:
        return {
            "type": "postgres", "host": HOST, "port": self.server.port, "user": "segwh", "password": "none",
            "dbname": "postgres", "schema": self.name, "threads": self.threads,
        }  # fmt: skip

    def execute(self, *statements: str) -> None:
        with self._connection().cursor() as cursor:
            cursor.execute(f'create schema if not exists "{self.name}"')
            for statement in ("begin", *statements, "commit"):
                cursor.execute(statement)

    def rows(self, query: str) -> Rows:
        with self._connection().cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def several(self, queries: Mapping[str, str]) -> Mapping[str, Rows]:
        return {name: self.rows(query) for name, query in queries.items()}

    def has(self, relation: str) -> bool:
        found = f"select 1 from information_schema.tables where table_schema = '{self.name}' and table_name = '{relation}'"
        return bool(self.rows(found))

    def _connection(self) -> Any:
        if not self._open:
            self._open.append(self.server.connection())
            with self._open[0].cursor() as cursor:
                cursor.execute(f"set timezone = 'UTC'; set search_path = \"{self.name}\"")
        return self._open[0]


def values(rows: Sequence[Sequence[Any]]) -> str:
    """Rows as the text of a VALUES list."""

    def literal(cell: Any) -> str:
        match cell:
            case None:
                return "null"
            case bool() | int() | float():
                return str(cell).lower()
            case _:
                return "'" + str(cell).replace("'", "''") + "'"

    return ", ".join("(" + ", ".join(literal(cell) for cell in row) + ")" for row in rows)
