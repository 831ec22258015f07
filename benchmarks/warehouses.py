"""The engines that the benchmarks run on, each behind the same few verbs: load, execute, ask."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from segwh.sql.dialects import DIALECTS, SqlDialect

THREADS = 2


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A running engine."""

    name: str
    version: str
    dialect: SqlDialect
    execute: Callable[[str], object]
    rows: Callable[[str], list[tuple[Any, ...]]]
    create: str
    """The head of a statement that writes a query's rows to the table {table}."""

    def write(self, table: str, select: str) -> None:
        """Write the rows of a query to a new table."""
        self.execute(f"DROP TABLE IF EXISTS {table}")
        self.execute(f"{self.create.format(table=table)} {select}")


def exported(connection: duckdb.DuckDBPyConnection, tables: tuple[str, ...], folder: Path) -> dict[str, Path]:
    """Write tables as Parquet files: table -> file."""
    files = {table: folder / f"{table}.parquet" for table in tables}
    for table, file in files.items():
        connection.execute(f"COPY {table} TO '{file}' (FORMAT parquet)")
    return files


@contextmanager
def duckdb_with(files: dict[str, Path], folder: Path) -> Iterator[Warehouse]:
    """DuckDB on a file."""
    with duckdb.connect(folder / "warehouse.duckdb", config={"threads": THREADS}) as connection:
        for table, file in files.items():
            connection.execute(f"CREATE TABLE {table} AS FROM '{file}'")
        yield Warehouse(
            "duckdb", duckdb.__version__, DIALECTS["duckdb"], connection.execute,
            lambda sql: connection.execute(sql).fetchall(), "CREATE TABLE {table} AS",
        )  # fmt: skip


@contextmanager
def postgres_with(files: dict[str, Path], folder: Path) -> Iterator[Warehouse]:
    """PostgreSQL with its usual settings but for what a crash would cost, and more memory for a sort or a hash."""
    from tests.engines.postgres import running

    with running() as server, closing(server.connection()) as connection, connection.cursor() as cursor:
        cursor.execute("SET work_mem = '256MB'; SET max_parallel_workers_per_gather = 1")
        load_postgres(cursor, files, folder)

        def rows(sql: str) -> list[tuple[Any, ...]]:
            cursor.execute(sql)
            return list(cursor.fetchall())

        [(version,)] = rows("SHOW server_version")
        yield Warehouse(
            "postgres", str(version).split()[0], DIALECTS["postgres"], cursor.execute, rows, "CREATE TABLE {table} AS"
        )


def load_postgres(cursor: Any, files: dict[str, Path], folder: Path, schema: str = "public") -> None:
    """Tables of PostgreSQL from Parquet files, with statistics; the folder is for what lies in between."""
    types = {"BIGINT": "bigint", "VARCHAR": "text", "DOUBLE": "double precision", "TIMESTAMP": "timestamp"}
    for table, file in files.items():
        columns = duckdb.sql(f"DESCRIBE FROM '{file}'").fetchall()
        described = ", ".join(f"{name} {types.get(kind, kind)}" for name, kind, *_ in columns)
        csv = folder / f"{table}.csv"
        duckdb.sql(f"COPY (FROM '{file}') TO '{csv}' (FORMAT csv, HEADER false)")
        cursor.execute(f"CREATE TABLE {schema}.{table} ({described})")
        with csv.open(encoding="utf-8") as lines:
            cursor.copy_expert(f"COPY {schema}.{table} FROM STDIN (FORMAT csv)", lines)
        csv.unlink()
        cursor.execute(f"VACUUM ANALYZE {schema}.{table}")


@contextmanager
def clickhouse_with(files: dict[str, Path], folder: Path) -> Iterator[Warehouse]:
    """ClickHouse, as the package `chdb-core` brings it, in a process of its own."""
    from tests.engines.clickhouse_server import running

    create = "CREATE TABLE {table} ENGINE = MergeTree ORDER BY tuple() AS"
    with running() as server:
        client = server.client(session_id="benchmark", send_receive_timeout=3600)
        client.command(f"SET max_threads = {THREADS}")
        client.command("SET max_query_size = 100000000")
        load_clickhouse(client, files)
        yield Warehouse(
            "clickhouse", str(client.command("SELECT version()")), DIALECTS["clickhouse"], client.command,
            lambda sql: list(client.query(sql).result_rows), create,
        )  # fmt: skip
        client.close()


def load_clickhouse(client: Any, files: dict[str, Path], database: str = "default") -> None:
    """Tables of ClickHouse from Parquet files, in the order of their first column."""
    types = {
        "BIGINT": "Int64", "VARCHAR": "Nullable(String)", "DOUBLE": "Nullable(Float64)", "TIMESTAMP": "DateTime64(6)",
        "VARCHAR[]": "Array(String)",
    }  # fmt: skip
    for table, file in files.items():
        columns = duckdb.sql(f"DESCRIBE FROM '{file}'").fetchall()
        described = ", ".join(f"{name} {types.get(kind, f'Nullable({kind})')}" for name, kind, *_ in columns)
        client.command(f"CREATE TABLE {database}.{table} ({described}) ENGINE = MergeTree ORDER BY {columns[0][0]}")
        client.command(f"INSERT INTO {database}.{table} SELECT * FROM file('{file}', Parquet)")


@contextmanager
def spark_with(files: dict[str, Path], folder: Path) -> Iterator[Warehouse]:
    """Spark, a session in this process, its tables as Parquet."""
    with running_spark() as session:
        load_spark(session, files)
        yield Warehouse(
            "spark", session.version, DIALECTS["spark"], session.sql,
            lambda sql: [tuple(row) for row in session.sql(sql).collect()], "CREATE TABLE {table} USING parquet AS",
        )  # fmt: skip


@contextmanager
def running_spark() -> Iterator[Any]:
    """A session set for rows in millions; a process has one."""
    from tests.engines.spark import running

    settings = {
        "spark.master": f"local[{THREADS}]", "spark.driver.memory": "8g", "spark.sql.shuffle.partitions": "4",
        "spark.driver.extraJavaOptions": "", "spark.sql.codegen.wholeStage": "true",
        "spark.sql.codegen.factoryMode": "FALLBACK", "spark.sql.adaptive.enabled": "true",
    }  # fmt: skip
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    with running(**settings) as session:
        yield session


def load_spark(session: Any, files: dict[str, Path], schema: str = "default") -> None:
    """Tables of Spark from Parquet files."""
    for table, file in files.items():
        session.sql(f"CREATE TABLE {schema}.{table} USING parquet AS SELECT * FROM parquet.`{file}`")


WAREHOUSES = {"duckdb": duckdb_with, "postgres": postgres_with, "clickhouse": clickhouse_with, "spark": spark_with}
"""Each loads Parquet files into tables; the folder is for what it writes."""
