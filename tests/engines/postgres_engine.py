"""A PostgreSQL that stories are told to: a schema of its own on the session's server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from psycopg2.extras import execute_values, register_uuid

from segwh.sql.dialects.base import SqlDialect
from segwh.sql.dialects.postgres import POSTGRES
from tests.cases.duck import quoted
from tests.cases.tables import Table
from tests.engines.postgres import Server

TYPES = {
    "string": "text",
    "integer": "bigint",
    "number": "double precision",
    "decimal": "numeric(38, 4)",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "timestamptz": "timestamptz",
    "list<string>": "text[]",
    "uuid": "uuid",
    "small": "smallint",
    "float": "real",
    "money": "numeric(10, 2)",
    "timestamp_s": "timestamp(0)",
}
"""The types of a story's columns in PostgreSQL."""


@dataclass(frozen=True, slots=True)
class PostgresEngine:
    """A connection whose tables live as long as it does, unless they are to stay."""

    connection: Any
    dialect: SqlDialect = POSTGRES
    kind: str = "TEMP TABLE"

    def create(self, name: str, table: Table) -> str:
        """Creates a table; views of the one that was there go."""
        columns = ", ".join(f"{quoted(column)} {TYPES[its]}" for column, its in table.columns.items())
        with self.connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {name} CASCADE; CREATE {self.kind} {name} ({columns})")
            if table.rows:
                rows = [tuple(row[column] for column in table.columns) for row in table.rows]
                casts = ", ".join(f"%s::{its}" for its in (TYPES[one] for one in table.columns.values()))
                execute_values(cursor, f"INSERT INTO {name} VALUES %s", rows, template=f"({casts})")
        return name

    def keep(self, name: str, sql: str) -> None:
        """Creates a temporary table of a query's rows."""
        with self.connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {name}")
            cursor.execute(f"CREATE TEMP TABLE {name} AS {sql}")

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """The rows of a query."""
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            found: list[tuple[object, ...]] = cursor.fetchall()
        return found

    def columns(self, name: str) -> list[str]:
        """The names of a table's columns, in order."""
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {name} LIMIT 0")
            return [column.name for column in cursor.description]


@pytest.fixture(scope="session")
def postgres_engine(postgres: Server) -> Iterator[PostgresEngine]:
    """The session's engine; its session's time zone has changes of DST, so that whatever depends on it shows."""
    register_uuid()
    connection = postgres.connection()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET TimeZone = 'America/Los_Angeles'")
        yield PostgresEngine(connection)
    finally:
        connection.close()
