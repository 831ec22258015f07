"""An in-memory DuckDB that stories are told to."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from segwh.sql.dialects.base import SqlDialect
from segwh.sql.dialects.duckdb import DUCKDB
from tests.cases.tables import SQL_TYPES, Table


@dataclass(frozen=True, slots=True)
class Duck:
    """An open connection."""

    connection: duckdb.DuckDBPyConnection
    dialect: SqlDialect = DUCKDB

    def create(self, name: str, table: Table) -> str:
        """Creates one table."""
        columns = ", ".join(f"{quoted(column)} {SQL_TYPES[type_]}" for column, type_ in table.columns.items())
        self.connection.execute(f"CREATE OR REPLACE TABLE {name} ({columns})")
        if table.rows:
            marks = ", ".join(f"CAST(? AS {SQL_TYPES[type_]})" for type_ in table.columns.values())
            values = [row[column] for row in table.rows for column in table.columns]
            self.connection.execute(f"INSERT INTO {name} VALUES {', '.join([f'({marks})'] * len(table.rows))}", values)
        return name

    def keep(self, name: str, sql: str) -> None:
        """Creates a table of a query's rows."""
        self.connection.execute(f"CREATE OR REPLACE TABLE {name} AS {sql}")

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """The rows of a query."""
        found: list[tuple[object, ...]] = self.connection.execute(sql).fetchall()
        return found

    def columns(self, name: str) -> list[str]:
        """The names of a table's columns, in order."""
        return [column[0] for column in self.connection.execute(f"SELECT * FROM {name} LIMIT 0").description]


def quoted(name: str) -> str:
    """A quoted identifier."""
    return '"' + name.replace('"', '""') + '"'
