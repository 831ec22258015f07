"""A Spark of the test session's own, in this process: one session, everything on one core, small queries interpreted."""

from __future__ import annotations

import importlib.util
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlglot import exp

from segwh.sql.dialects.base import SqlDialect
from segwh.sql.dialects.spark import SPARK
from tests.cases.tables import Table

TYPES = {
    "string": "string",
    "integer": "bigint",
    "number": "double",
    "decimal": "decimal(38, 4)",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp_ntz",
    "timestamptz": "timestamp",
    "list<string>": "array<string>",
    "uuid": "string",
    "small": "smallint",
    "float": "float",
    "money": "decimal(10, 2)",
    "timestamp_s": "timestamp_ntz",
}
"""The types of a story's columns in Spark."""
SETTINGS = {
    "spark.driver.memory": "2g",
    # A JVM that lives for minutes has little of its best compiler and of several collectors.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.ui.enabled": "false",
    "spark.sql.adaptive.enabled": "false",
    # Compiling the code of a query takes longer than interpreting it on a few rows.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.legacy.createHiveTableByDefault": "false",
    "spark.sql.session.timeZone": "America/New_York",
    "spark.sql.storeAssignmentPolicy": "LEGACY",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.log.level": "ERROR",
}
"""How the session is set: its time zone has changes of DST, so that whatever depends on it shows."""


@dataclass(frozen=True, slots=True)
class SparkEngine:
    """A session that stories are told to."""

    session: Any
    dialect: SqlDialect = SPARK

    def create(self, name: str, table: Table) -> str:
        """Creates a view of literal rows."""
        names = ", ".join(f"`{column}`" for column in table.columns)
        rows = [[literal(row[column], its) for column, its in table.columns.items()] for row in table.rows]
        cells = rows or [[literal(None, its) for its in table.columns.values()]]
        values = ", ".join(f"({', '.join(row)})" for row in cells)
        limit = "" if rows else " WHERE FALSE"
        self.session.sql(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM VALUES {values} AS given({names}){limit}")
        return name

    def keep(self, name: str, sql: str) -> None:
        """Keeps the rows of a query in memory under a name."""
        self.session.sql(sql).localCheckpoint().createOrReplaceTempView(name)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """The rows of a query."""
        return [tuple(row) for row in self.session.sql(sql).collect()]

    def columns(self, name: str) -> list[str]:
        """The names of a view's columns, in order."""
        return list(self.session.table(name).columns)


def literal(value: object, its: str) -> str:
    """A value of a story as text of SQL."""
    match value:
        case None:
            told = "NULL"
        case list():
            told = f"ARRAY({', '.join(literal(one, 'string') for one in value)})"
        case bool() | int():
            told = str(value)
        case float():
            told = f"'{value!r}'"
        case _:
            told = exp.Literal.string(str(value)).sql("spark")
    return f"CAST({told} AS {TYPES[its]})"


@contextmanager
def running(**settings: str) -> Iterator[Any]:
    """A session for as long as the context lasts. A process has one."""
    from pyspark.sql import SparkSession

    with tempfile.TemporaryDirectory(prefix="segwh-spark-") as home:
        builder = SparkSession.builder.master("local[1]").appName("segwh")
        own = {"spark.sql.warehouse.dir": f"{home}/warehouse", "spark.local.dir": home}
        for name, value in {**SETTINGS, **own, **settings}.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        try:
            yield session
        finally:
            session.stop()


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkEngine]:
    """The session's Spark. Without the package the test is skipped, and the reason says so."""
    if importlib.util.find_spec("pyspark") is None or shutil.which("java") is None:
        pytest.skip("SPARK IS NOT TESTED: `pip install pyspark` (dependency group engines) brings it; it needs Java 17")
    with running() as session:
        yield SparkEngine(session)
