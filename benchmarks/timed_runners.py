"""Warehouses on which whole projects run and the seconds of each model are counted, each with a copy of itself."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measured import Seconds, processor
from benchmarks.warehouses import load_postgres
from tests.engines.postgres import Server, running
from tests.engines.postgres_runner import SCHEMA, PostgresRunner
from tests.histories.runner import Call, Runner


class TimedRunner(Runner):
    """Counts the seconds of each model's statements; writing them is dbt's and Jinja's work, and is not counted."""

    def watched(self) -> None:
        """Count from now on."""
        self.seconds: dict[str, Seconds] = {}
        self._model: str | None = None
        self.connection = _TimedConnection(self.connection, self._add)  # type: ignore[assignment]

    def execute(self, sql: str) -> None:
        """A statement of nobody's model."""
        self.connection.execute(sql)

    def sums(self, table: str, but: Sequence[str]) -> tuple[int, ...]:
        """Of a table without some columns how many rows it has, and sums of their hashes: there may be a hundred million."""
        raise NotImplementedError

    def _add(self, seconds: Seconds) -> None:
        if self._model is not None:
            self.seconds[self._model] = self.seconds.get(self._model, Seconds(0.0, 0.0)) + seconds

    def _build(self, name: str, text: str, shared: Mapping[str, Any], call: Call) -> None:
        self._model = name
        super()._build(name, text, shared, call)
        self._model = None


class _TimedConnection:
    """A connection that tells how long each statement took."""

    def __init__(self, connection: Any, tell: Callable[[Seconds], None]) -> None:
        self._connection, self._tell = connection, tell

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, sql: str) -> Any:
        wall, cpu = time.perf_counter(), processor()
        try:
            return self._connection.execute(sql)
        finally:
            self._tell(Seconds(time.perf_counter() - wall, processor() - cpu))


@dataclass(frozen=True, slots=True)
class Place:
    """Where an engine's warehouses are made."""

    first: Callable[[Mapping[str, Path]], TimedRunner]
    """A new warehouse with the tables of some Parquet files."""
    copied: Callable[[TimedRunner], Iterator[TimedRunner]]
    """The newest one, which is closed for it, and a copy of it as it was; each is to be closed before the next is asked for."""


class TimedDuck(TimedRunner):
    """A file of DuckDB."""

    def __init__(self, path: Path, threads: int) -> None:
        super().__init__(str(path))
        self.connection.execute(f"set threads = {threads}")
        self.watched()

    def sums(self, table: str, but: Sequence[str]) -> tuple[int, ...]:
        names = [name for name, *_ in self.rows(f"describe {table}") if name not in but]
        row = f"hash({', '.join(sorted(names))})"
        [found] = self.rows(f"select count(*), sum({row}::hugeint), bit_xor({row}) from {table}")
        return found


@contextmanager
def duckdb_in(folder: Path, threads: int) -> Iterator[Place]:
    """Two files in a folder."""
    one, two = folder / "first.duckdb", folder / "second.duckdb"

    def first(files: Mapping[str, Path]) -> TimedDuck:
        for path in (one, two):
            path.unlink(missing_ok=True)
        runner = TimedDuck(one, threads)
        for table, file in files.items():
            runner.execute(f"create table {table} as from '{file}'")
        runner.find_relations()
        return runner

    def copied(runner: TimedRunner) -> Iterator[TimedDuck]:
        runner.execute("checkpoint")
        runner.connection.close()
        shutil.copyfile(one, two)
        for path in (one, two):
            yield TimedDuck(path, threads)

    yield Place(first, copied)


class TimedPostgres(TimedRunner, PostgresRunner):
    """A database of PostgreSQL."""

    def __init__(self, server: Server, database: str, threads: int, *, template: str | None = None) -> None:
        super().__init__(server, database, template=template)  # type: ignore[call-arg,arg-type]
        self.connection.execute(f"set work_mem = '256MB'; set max_parallel_workers_per_gather = {threads - 1}")
        self.watched()

    def sums(self, table: str, but: Sequence[str]) -> tuple[int, ...]:
        names = sorted(name for name, _ in self.columns(table) if name not in but)
        row = f"hash_record_extended(row({', '.join(names)}), 0)"  # 0 and 0.00 are one number
        [found] = self.rows(f"select count(*), sum({row}), bit_xor({row}) from {table}")
        return found


@contextmanager
def postgres_in(folder: Path, threads: int) -> Iterator[Place]:
    """A server of its own, and two databases of it."""
    with running() as server:

        def first(files: Mapping[str, Path]) -> TimedPostgres:
            admin = server.connection()
            for name in ("first", "second", "third"):
                admin.cursor().execute(f"drop database if exists {name}")
            admin.close()
            runner = TimedPostgres(server, "first", threads)
            load_postgres(runner.connection.found.cursor(), dict(files), folder, SCHEMA)
            runner.find_relations()
            return runner

        def copied(runner: TimedRunner) -> Iterator[TimedPostgres]:
            runner.execute("vacuum")
            runner.connection.close()
            yield TimedPostgres(server, "second", threads, template="first")
            yield TimedPostgres(server, "third", threads, template="first")

        yield Place(first, copied)


PLACES: dict[str, Callable[[Path, int], AbstractContextManager[Place]]] = {"duckdb": duckdb_in, "postgres": postgres_in}
