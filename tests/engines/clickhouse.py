"""ClickHouse: an engine that stories are told to, and a place that a test project is built into."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from segwh.sql.dialects.base import SqlDialect
from segwh.sql.dialects.clickhouse import CLICKHOUSE
from tests.cases.tables import Table
from tests.engines.clickhouse_server import HOST, Server, is_installed, running

TYPES = {
    "string": "Nullable(String)",
    "integer": "Nullable(Int64)",
    "number": "Nullable(Float64)",
    "decimal": "Nullable(Decimal(38, 4))",
    "boolean": "Nullable(Bool)",
    "date": "Nullable(Date32)",
    "timestamp": "Nullable(DateTime64(6))",
    "timestamptz": "Nullable(DateTime64(6, 'Asia/Tokyo'))",
    "list<string>": "Array(Nullable(String))",
    "uuid": "Nullable(UUID)",
    "small": "Nullable(Int16)",
    "float": "Nullable(Float32)",
    "money": "Nullable(Decimal(10, 2))",
    "timestamp_s": "Nullable(DateTime64(0))",
}
"""The types of `tests.cases.tables` as ClickHouse has them."""


@dataclass(frozen=True, slots=True)
class ClickHouse:
    """A connection."""

    client: Any
    dialect: SqlDialect = CLICKHOUSE

    def create(self, name: str, table: Table) -> str:
        """Creates one table."""
        columns = ", ".join(f"{quoted(column)} {TYPES[type_]}" for column, type_ in table.columns.items())
        self.client.command(f"CREATE OR REPLACE TABLE {name} ({columns}) ENGINE = Memory")
        if table.rows:
            cells = [[_cell(row[column], type_) for column, type_ in table.columns.items()] for row in table.rows]
            self.client.insert(name, cells)
        return name

    def keep(self, name: str, sql: str) -> None:
        """Creates a table of a query's rows, which may be literals of any length."""
        self.client.command(f"CREATE OR REPLACE TABLE {name} ENGINE = Memory AS {sql}", settings={"max_query_size": 2**30})

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """The rows of a query."""
        return list(self.client.query(sql).result_rows)

    def columns(self, name: str) -> list[str]:
        """The names of a table's columns, in order."""
        return [str(row[0]) for row in self.client.query(f"DESCRIBE TABLE {name}").result_rows]


@dataclass(frozen=True, slots=True)
class Database:
    """A database of a server, for a test project to build into (tests.engines.places)."""

    server: Server
    name: str
    adapter: str = "clickhouse"
    _open: list[Any] = field(default_factory=list)

    @property
    def output(self) -> dict[str, Any]:
        """The output of profiles.yml."""
        place = {"type": "clickhouse", "driver": "http", "host": HOST, "port": self.server.port, "schema": self.name}
        return {**place, "user": "default", "password": "", "threads": 1}

    def execute(self, *statements: str) -> None:
        """Run statements one by one; columns are nullable unless they say otherwise."""
        for statement in statements:
            # without a condition it takes no rows out
            self._client().command(re.sub("^delete from (?=[a-z_]+$)", "truncate table ", statement))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query; times are UTC."""
        return list(self._client().query(query).result_rows)

    def several(self, queries: Mapping[str, str]) -> Mapping[str, list[tuple[Any, ...]]]:
        """The rows of several queries by name."""
        return {name: self.rows(query) for name, query in queries.items()}

    def has(self, relation: str) -> bool:
        """Whether a table or view of that name is there."""
        return bool(self._client().command(f"exists {relation}"))

    def _client(self) -> Any:
        if not self._open:
            self.server.client().command(f"create database if not exists {self.name}")
            settings = {"data_type_default_nullable": "1", "default_table_engine": "MergeTree"}
            client = self.server.client(
                database=self.name, session_id=f"place {self.name}", tz_mode="aware", settings=settings
            )
            self._open.append(client)
        return self._open[0]


def quoted(name: str) -> str:
    """A quoted identifier."""
    return '"' + name.replace("\\", "\\\\").replace('"', '""') + '"'


def _cell(value: object, column_type: str) -> object:
    """A value to insert: a time without zone is UTC, and there is no list that is null."""
    if column_type == "list<string>":
        return value or []
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


@pytest.fixture(scope="session")
def clickhouse_server() -> Iterator[Server]:
    """The session's server. Without the package the test is skipped, and the reason says so."""
    if not is_installed():
        pytest.skip("CLICKHOUSE IS NOT TESTED: `pip install chdb-core dbt-clickhouse` (dependency group engines) brings it")
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def clickhouse(clickhouse_server: Server) -> Iterator[ClickHouse]:
    """A connection to the session's server."""
    client = clickhouse_server.client(session_id="stories")
    yield ClickHouse(client)
    client.close()
