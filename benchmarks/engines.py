"""What evaluating segments costs on each engine, against that engine's own floor.

    python -m benchmarks.engines --customers 100000 --events 3000000 --segments 200 --engines duckdb,postgres,clickhouse,spark

The floor is what nobody can go below: one GROUP BY of the events by customer with one count and one sum, and a copy of the
member rows into a table. Every engine runs the statements that segwh compiles for it, on the same rows, and must find the same
number of members in each segment. The facts are measured the other ways, too: by one GROUP BY, by one for each type
(`parts_measures` of a dialect), and by one for each type and stretch of time (`has_cheap_scans`); and the members by a scan a
segment where the dialect asks each row once (`rows_of`). Then one in a hundred events is new and one in a hundred customers is
another, and the same is done for an as-of an hour later (`benchmarks.refresh` has the runs of DuckDB, which look at what
changed). Seconds are those of the clock, since servers work in processes of their
own; each time is the least of the repeats.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp

from benchmarks import data, rules
from benchmarks.statements import FACTS, MEMBERS, statements_of
from benchmarks.warehouses import THREADS, WAREHOUSES, Warehouse, exported
from segwh.sql.dialects import SqlDialect

GROUPED = "SELECT customer_id, count(*) AS events, sum(amount) AS amount FROM events GROUP BY customer_id"
COPIED = f"SELECT segment, customer_id FROM {MEMBERS} WHERE customer_id IS NOT NULL"
SIZES = f"SELECT segment, count(*) AS members FROM {MEMBERS} WHERE customer_id IS NOT NULL GROUP BY segment"

WAYS = {"one GROUP BY": (False, False), "one a type": (False, True), "one a type and stretch": (True, False)}
"""How the facts can be measured: what the dialect says of scans and of parts (`has_cheap_scans`, `parts_measures`)."""

HOUR = timedelta(hours=1)
Result = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a table, write JSON. 1 where two engines found different members."""
    options = _options().parse_args(arguments)
    segments = rules.segments(options.segments)
    sizes: dict[str, dict[str, int]] = {}
    results: list[Result] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with closing(duckdb.connect(config={"threads": THREADS})) as connection:
            data.create(connection, options.customers, options.events)
            _later(connection, options.customers, options.events)
            files = exported(connection, ("customers", "events", "customers_later", "events_later"), folder)
        for name in options.engines.split(","):
            with WAREHOUSES[name](files, folder) as warehouse:
                results.append(measured(warehouse, segments, options.repeat))
                sizes[name] = {str(segment): int(members) for segment, members in warehouse.rows(SIZES)}
            print(line(results[-1]), flush=True)
    told = {"customers": options.customers, "events": options.events, "segments": options.segments, "results": results}
    if options.json:
        Path(options.json).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    first = next(iter(sizes))
    differing = [name for name in sizes if sizes[name] != sizes[first]]
    print(
        f"members: {sum(sizes[first].values()):,}" + (f"; DIFFERENT on {', '.join(differing)}" if differing else ", the same")
    )
    return 1 if differing else 0


def _later(connection: duckdb.DuckDBPyConnection, customers: int, events: int) -> None:
    """Tables of what an hour changes: all customers as they are then, and the events that are new."""
    new = events // 100
    apart = int(HOUR / timedelta(microseconds=1)) // new
    connection.execute(
        f"CREATE TABLE customers_later AS SELECT * REPLACE (CASE WHEN {data.mixed('customer_id', 21)} % 100 = 0 THEN 'Oslo'"
        " ELSE city END AS city) FROM customers"
    )
    connection.execute(
        f"CREATE TABLE events_later AS SELECT {events} + i AS event_id, 1 + {data.mixed('i', 22)} % {customers} AS customer_id,"
        f" TIMESTAMP '{data.AS_OF:%Y-%m-%d}' + to_microseconds(i * {apart}) AS happened_at,"
        f" {data.one_of(data.TYPES, 'i', 12)} AS type, CAST({data.mixed('i', 13)} % 20000 AS DECIMAL(12, 2)) / 100 AS amount"
        f" FROM range({new}) AS numbers(i)"
    )


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=3_000_000)
    parser.add_argument("--segments", type=int, default=200)
    parser.add_argument("--engines", default=",".join(WAREHOUSES), help="with commas; the first is what others are held to")
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--json", help="a file for the results")
    return parser


def measured(warehouse: Warehouse, segments: tuple[rules.Segment, ...], repeat: int) -> Result:
    """The times of one engine in seconds, and segwh's in floors."""
    ours = statements_of(segments, data.AS_OF, warehouse.dialect)
    other_facts = {}
    for name, (cut, parted) in WAYS.items():
        dialect = replace(warehouse.dialect, has_cheap_scans=cut, parts_measures=parted)
        text = statements_of(segments, data.AS_OF, dialect).facts
        if text != ours.facts:
            other_facts[name] = best(warehouse, FACTS, text, repeat)
    facts = best(warehouse, FACTS, ours.facts, repeat)
    scans = statements_of(segments, data.AS_OF, scanning(warehouse.dialect)).members
    other_members = None if scans == ours.members else best(warehouse, MEMBERS, scans, repeat)
    members = best(warehouse, MEMBERS, ours.members, repeat)
    grouped = best(warehouse, "grouped", GROUPED, repeat)
    copied = best(warehouse, "copied", COPIED, repeat)
    floor = grouped + copied
    warehouse.write("customers", "SELECT * FROM customers_later")
    warehouse.execute("INSERT INTO events SELECT * FROM events_later")
    later = statements_of(segments, data.AS_OF + HOUR, warehouse.dialect)
    after = best(warehouse, FACTS, later.facts, repeat) + best(warehouse, MEMBERS, later.members, repeat)
    return {
        "engine": warehouse.name, "version": warehouse.version, "facts": facts, "members": members,
        "other facts": other_facts, "other members": other_members,
        "grouped": grouped, "copied": copied, "floor": floor, "floors": (facts + members) / floor,
        "after": after, "floors after": after / floor,
    }  # fmt: skip


def scanning(dialect: SqlDialect) -> SqlDialect:
    """The dialect, but that it reads the members of each segment by a scan of their own."""

    class Scanning(type(dialect)):  # type: ignore[misc]
        __slots__ = ()

        def rows_of(self, texts: exp.Expr) -> None:
            return None

    made: SqlDialect = Scanning(**{each.name: getattr(dialect, each.name) for each in fields(dialect)})
    return made


def best(warehouse: Warehouse, table: str, select: str, repeat: int) -> float:
    """The least time in seconds to write a query's rows."""
    taken = []
    for _ in range(repeat):
        started = time.perf_counter()
        warehouse.write(table, select)
        taken.append(time.perf_counter() - started)
    return min(taken)


def line(result: Result) -> str:
    """One engine's numbers for people."""
    return (
        f"{result['engine']:<11}{result['version']:<12} floor {result['floor']:7.2f} s   facts {result['facts']:7.2f} s   "
        f"members {result['members']:7.2f} s   {result['floors']:5.1f} floors   "
        f"after 1 % {result['floors after']:5.1f} floors   "
        f"facts by {', by '.join(f'{name} {seconds:.2f} s' for name, seconds in result['other facts'].items())}"
        + (f"   members the other way {result['other members']:7.2f} s" if result["other members"] else "")
    )


if __name__ == "__main__":
    sys.exit(main())
