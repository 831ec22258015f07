"""A Databricks in the making: dbt and statements on Spark with tables of Iceberg, whose rows are merged, changed and deleted.

A program for an environment of its own: Iceberg wants an older Spark than the one that the other tests run.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from datetime import UTC
from pathlib import Path
from typing import Any

import snowpark_connect_deps_iceberg
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
INSERT = re.compile(r"^insert into (\w+) values ")
"""Texts are not taken for times or numbers where tables are Iceberg's."""


def main() -> None:
    """Answer until the input ends."""
    with tempfile.TemporaryDirectory(prefix="segwh-iceberg-") as home:
        os.chdir(home)
        builder = SparkSession.builder.master("local[1]").appName("segwh").enableHiveSupport()
        for name, value in {**SETTINGS, "spark.sql.warehouse.dir": f"{home}/warehouse", "spark.local.dir": home}.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        session.sql(f"create schema {sys.argv[1]}")
        session.sql(f"use {sys.argv[1]}")

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
