"""A Databend of the test session's own, in this process: the engine from the package `databend`."""

from __future__ import annotations

import importlib.util
from contextlib import chdir
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Any

import pytest

from segwh.sql.dialects.base import SqlDialect
from segwh.sql.dialects.databend import DATABEND
from tests.cases.duck import quoted
from tests.cases.tables import Table

TYPES = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "decimal": "DECIMAL(38, 4)",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMP",
    "list<string>": "ARRAY(VARCHAR NULL)",
    "uuid": "VARCHAR",
    "small": "SMALLINT",
    "float": "FLOAT",
    "money": "DECIMAL(10, 2)",
    "timestamp_s": "TIMESTAMP",
}
"""The types of a story's columns in Databend."""


@dataclass(frozen=True, slots=True)
class DatabendEngine:
    """A session; `session` is the package's."""

    session: Any
    dialect: SqlDialect = DATABEND

    def create(self, name: str, table: Table) -> str:
        """Creates a table."""
        columns = ", ".join(f"{quoted(column)} {TYPES[its]} NULL" for column, its in table.columns.items())
        self._run(f"CREATE OR REPLACE TABLE {name} ({columns})")
        rows = [", ".join(literal(row[column]) for column in table.columns) for row in table.rows]
        if rows:
            self._run(f"INSERT INTO {name} VALUES {', '.join(f'({row})' for row in rows)}")
        return name

    def keep(self, name: str, sql: str) -> None:
        """Creates a table of a query's rows."""
        self._run(f"CREATE OR REPLACE TABLE {name} AS {sql}")

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """The rows of a query."""
        found = []
        for batch in self._run(sql):
            columns = [column.to_pylist() for column in batch.columns]
            found += list(zip(*columns, strict=True))
        return found

    def columns(self, name: str) -> list[str]:
        """The names of a table's columns, in order."""
        return [str(row[0]) for row in self.rows(f"DESCRIBE TABLE {name}")]

    def _run(self, sql: str) -> Any:
        return self.session.sql(sql).to_py_arrow()


def literal(value: object) -> str:
    """A value of a story as text of SQL."""
    match value:
        case None:
            return "NULL"
        case float() if not isfinite(value):
            return f"'{value}'::DOUBLE"
        case bool() | int() | float():
            return str(value)
        case list():
            return f"[{', '.join(literal(one) for one in value)}]"
        case datetime():
            at = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
            return f"'{at.isoformat(sep=' ', timespec='microseconds')}'"
        case _:
            return "'" + str(value).replace("\\", "\\\\").replace("'", "''") + "'"


@pytest.fixture(scope="session")
def databend(tmp_path_factory: pytest.TempPathFactory) -> DatabendEngine:
    """The session's engine. Without the package the test is skipped, and the reason says so."""
    if importlib.util.find_spec("databend") is None or importlib.util.find_spec("pyarrow") is None:
        pytest.skip("DATABEND IS NOT TESTED: `pip install databend pyarrow` (group engines) brings the engine")
    with chdir(tmp_path_factory.mktemp("databend")):  # it keeps its files in the current folder
        from databend import SessionContext

        return DatabendEngine(SessionContext())
