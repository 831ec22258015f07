"""Statements timed on one DuckDB: wall-clock and processor seconds, the least of several runs."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass

import duckdb


@dataclass(frozen=True, slots=True)
class Seconds:
    """How long something took: by the clock, and of all processors together."""

    wall: float
    cpu: float

    def __add__(self, other: Seconds) -> Seconds:
        return Seconds(self.wall + other.wall, self.cpu + other.cpu)

    def times(self, factor: float) -> Seconds:
        """So many times as long."""
        return Seconds(self.wall * factor, self.cpu * factor)


def timed(connection: duckdb.DuckDBPyConnection, table: str, select: str, repeat: int = 1) -> Seconds:
    """The time to write the rows of a query into a table; of several runs the least of each kind."""
    found = []
    for _ in range(repeat):
        connection.execute(f"DROP TABLE IF EXISTS {table}")
        wall, cpu = time.perf_counter(), processor()
        connection.execute(f"CREATE TABLE {table} AS {select}")
        found.append(Seconds(time.perf_counter() - wall, processor() - cpu))
    return Seconds(min(one.wall for one in found), min(one.cpu for one in found))


def processor() -> float:
    """The processor seconds that this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
