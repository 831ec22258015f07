"""A Databricks in the making: dbt-databricks and statements on Spark with tables of Iceberg, which can be merged as Delta's.

A program for an environment of its own: Iceberg wants an older Spark than the one that the other tests run.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

import databricks.sql
import snowpark_connect_deps_iceberg
from dbt.adapters.databricks import connections
from dbt.adapters.databricks.credentials import DatabricksCredentialManager
from pyspark.sql import SparkSession
from worker_lines import serve

RUNTIME = "iceberg-spark-runtime-3.5_2.12-1.10.2.jar"
SETTINGS = {
    "spark.jars": str(Path(snowpark_connect_deps_iceberg.__file__).parent / "jars" / RUNTIME),
    "spark.sql.catalog.spark_catalog": "org.apache.iceberg.spark.SparkSessionCatalog",
    "spark.sql.catalog.spark_catalog.type": "hive",
    # Its tables of locks are not there in a metastore made on the spot; there is one writer.
    "spark.hadoop.iceberg.engine.hive.lock-enabled": "false",
    "spark.sql.sources.default": "iceberg",
    "spark.sql.legacy.createHiveTableByDefault": "false",
    # The version that the adapter is told: one of about the age of this Spark.
    "spark.databricks.clusterUsageTags.sparkVersion": "14.1.x-scala2.12",
    # The project's time zone is another one, so that whatever depends on the session's shows.
    "spark.sql.session.timeZone": "America/New_York",
    "spark.driver.memory": "2g",
    # A JVM that lives for minutes has little of its best compiler and of several collectors.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    # Compiling the code of a query takes longer than interpreting it on a few rows.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.log.level": "ERROR",
}
SPELLINGS = {
    r"\busing delta\b": "using iceberg",
    r"\bhive_metastore\b": "spark_catalog",
    r"^\s*(alter table \S+ cluster by|optimize) .*": "select 1",
    r"\bcluster by \([^)]*\)": "",
}
"""What the adapter says that only Databricks knows: its tables' format, its catalog, clusters of rows and their upkeep."""
INSERT = re.compile(r"^insert into (\w+) values ")
"""Texts are not taken for times or numbers where tables are Iceberg's."""


@dataclass(slots=True)
class Cursor:
    """A cursor of databricks.sql, as far as the adapter asks for it, and the connection that it belongs to."""

    session: SparkSession
    query_id: str = "none"
    description: Sequence[tuple[Any, ...]] = ()
    found: list[Any] = field(default_factory=list)

    @property
    def connection(self) -> Cursor:
        return self

    def cursor(self) -> Cursor:
        return Cursor(self.session)

    def get_session_id_hex(self) -> str:
        return "none"

    def execute(self, sql: str, bindings: object = None) -> Cursor:
        for found, spelling in SPELLINGS.items():
            sql = re.sub(found, spelling, sql, flags=re.IGNORECASE | re.MULTILINE)
        frame = self.session.sql(sql)
        self.description = [(one.name, one.dataType.simpleString(), *[None] * 5) for one in frame.schema.fields]
        self.found = frame.collect()
        if re.search(r"^\s*describe\b", sql, re.IGNORECASE | re.MULTILINE):
            self.found = [tuple("delta" if cell == "iceberg" else cell for cell in row) for row in self.found]
        return self

    def tables(self, catalog: str, schema: str) -> Cursor:
        views = f"show views in {schema}"
        known = {row.viewName for row in self.session.sql(views).collect()}
        there = [row for row in self.session.sql(f"show tables in {schema}").collect() if not row.isTemporary]
        self.description = [(name, "string", *[None] * 5) for name in ("TABLE_NAME", "TABLE_TYPE")]
        self.found = [(row.tableName, "VIEW" if row.tableName in known else "TABLE") for row in there]
        return self

    def fetchall(self) -> list[Any]:
        found, self.found = self.found, []
        return found

    def fetchmany(self, size: int) -> list[Any]:
        found, self.found = self.found[:size], self.found[size:]
        return found

    def fetchone(self) -> Any:
        return next(iter(self.fetchmany(1)), None)

    def close(self) -> None:
        self.found = []

    cancel = close

    def __enter__(self) -> Cursor:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def main() -> None:
    """Answer until the input ends."""
    with tempfile.TemporaryDirectory(prefix="segwh-databricks-") as home:
        os.chdir(home)
        builder = SparkSession.builder.master("local[1]").appName("segwh").enableHiveSupport()
        for name, value in {**SETTINGS, "spark.sql.warehouse.dir": f"{home}/warehouse", "spark.local.dir": home}.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        session.sql(f"create schema {sys.argv[1]}")
        session.sql(f"use {sys.argv[1]}")
        # The adapter stays as it is; what it reaches for over the network is here.
        databricks.sql.connect = lambda **given: Cursor(session)
        connections.check_spog_preconditions = lambda **given: None
        DatabricksCredentialManager.credentials_provider = None

        def rows(query: str) -> list[tuple[Any, ...]]:
            frame = session.sql(query)
            instants = [place for place, field in enumerate(frame.schema.fields) if field.dataType.typeName() == "timestamp"]
            return [
                tuple(cell.astimezone(UTC) if place in instants and cell else cell for place, cell in enumerate(row))
                for row in frame.collect()
            ]

        def execute(statement: str) -> None:
            session.sql(INSERT.sub(lambda found: f"insert into {found[1]} {cast(found[1])} from values ", statement))

        def cast(table: str) -> str:
            columns = enumerate(session.table(table).schema.fields, start=1)
            return f"select {', '.join(f'cast(col{place} as {column.dataType.simpleString()})' for place, column in columns)}"

        serve(execute, rows)
        session.stop()


if __name__ == "__main__":
    main()
