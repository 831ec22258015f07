"""Segments over attributes beside another translator of segments to SQL, `flagsmith-sql-flag-engine`, on ClickHouse.

    pip install flagsmith-sql-flag-engine
    python -m benchmarks.peer --customers 500000 --segments 200

Both evaluate the same segments over the same customers, each with the table that it is made for: segwh reads columns, the other
reads its documented `IDENTITIES` table, attributes in one JSON column. Both write (segment, customer) rows for all
segments: segwh in its two statements, the other by one INSERT a segment, and once more with all its conditions in one
statement. The members must be the same. Seconds by the clock, the least of the repeats, in turns in one run. Loading is
not counted.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from benchmarks import data
from benchmarks.statements import FACTS, MEMBERS, statements
from benchmarks.warehouses import THREADS, Warehouse, clickhouse_with, exported

NUMBERS = tuple(f"n{number}" for number in range(8))
WORDS = tuple(f"w{number}" for number in range(8))
VOCABULARY = tuple(f"word {number}" for number in range(20))
ENVIRONMENT = "benchmark"
IDENTITIES = f"""
CREATE TABLE identities ENGINE = MergeTree ORDER BY (environment_id, id) AS
SELECT '{ENVIRONMENT}' AS environment_id, toUInt64(customer_id) AS id, toString(customer_id) AS identifier,
  toString(customer_id) AS identity_key, CAST(traits, 'JSON') AS traits
FROM traits
"""
SIZES = """
SELECT segment, count(*), sum(cityHash64(toString({key}))) FROM {table} WHERE {key} IS NOT NULL
GROUP BY segment ORDER BY segment
"""


@dataclass(frozen=True, slots=True)
class Test:
    """A comparison of an attribute: `is`, `in`, `gte` or `lt`."""

    attribute: str
    word: str
    value: int | str | tuple[str, ...]


Segments = dict[str, tuple[Test, ...]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a table, write JSON. 1 where the members differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=500_000)
    parser.add_argument("--segments", type=int, default=200)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", help="a file for the results")
    options = parser.parse_args(arguments)
    segments = drawn(options.segments)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with closing(duckdb.connect(config={"threads": THREADS})) as connection:
            connection.execute(f"CREATE TABLE customers AS {customers(options.customers)}")
            connection.execute(
                "CREATE TABLE traits AS SELECT customer_id, to_json(customers)::VARCHAR AS traits FROM customers"
            )
            files = exported(connection, ("customers", "traits"), folder)
        with clickhouse_with(files, folder) as warehouse:
            warehouse.execute(IDENTITIES)
            seconds = compared(warehouse, segments, options.repeat)
            found = [
                warehouse.rows(SIZES.format(key=key, table=table))
                for key, table in (("customer_id", MEMBERS), ("identifier", "one_by_one"), ("identifier", "at_once"))
            ]
            version = warehouse.version
    same = found[0] == found[1] == found[2]
    print(f"{options.customers:,} customers, {len(segments)} segments, ClickHouse {version}, {THREADS} threads")
    for name, taken in seconds.items():
        print(f"  {name:<34}{taken:8.2f} s{taken / seconds['segwh']:8.1f} times segwh")
    print(f"members: {sum(row[1] for row in found[0]):,}, {'the same' if same else 'DIFFERENT'}")
    if options.json:
        told = {"customers": options.customers, "segments": len(segments), "seconds": seconds, "same": same}
        Path(options.json).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return 0 if same else 1


def customers(count: int) -> str:
    """SQL of customers with eight numbers below 1,000 and eight words, none of them missing."""
    numbers = ", ".join(f"CAST({data.mixed('i', 100 + n)} % 1000 AS BIGINT) AS {name}" for n, name in enumerate(NUMBERS))
    words = ", ".join(f"{data.one_of(VOCABULARY, 'i', 200 + n)} AS {name}" for n, name in enumerate(WORDS))
    return f"SELECT i + 1 AS customer_id, {numbers}, {words} FROM range({count}) AS numbers(i)"


def drawn(count: int) -> Segments:
    """Segments of one to three comparisons each."""
    return {f"segment_{number:03}": tuple(_test(number, which) for which in range(1 + number % 3)) for number in range(count)}


def _test(number: int, which: int) -> Test:
    turn = number * 7 + which * 3
    match turn % 4:
        case 0:
            return Test(WORDS[turn % 8], "is", VOCABULARY[turn % 20])
        case 1:
            return Test(WORDS[turn % 8], "in", tuple(VOCABULARY[(turn + step * 3) % 20] for step in range(4)))
        case 2:
            return Test(NUMBERS[turn % 8], "gte", 100 + turn * 37 % 800)
        case _:
            return Test(NUMBERS[turn % 8], "lt", 100 + turn * 53 % 800)


def compared(warehouse: Warehouse, segments: Segments, repeat: int) -> dict[str, float]:
    """The least seconds of each way; the ways take turns."""
    ours = statements(catalog(), rules(segments), data.AS_OF, warehouse.dialect)
    theirs = peer_selects(segments)

    def segwh() -> None:
        warehouse.write(FACTS, ours.facts)
        warehouse.write(MEMBERS, ours.members)

    def one_by_one() -> None:
        warehouse.execute("DROP TABLE IF EXISTS one_by_one")
        warehouse.execute("CREATE TABLE one_by_one (segment String, identifier String) ENGINE = MergeTree ORDER BY tuple()")
        for select in theirs:
            warehouse.execute(f"INSERT INTO one_by_one {select}")

    def at_once() -> None:
        warehouse.write("at_once", " UNION ALL ".join(theirs))

    ways: dict[str, Callable[[], None]] = {
        "segwh": segwh, "the peer, one INSERT a segment": one_by_one, "the peer, one statement": at_once,
    }  # fmt: skip
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeat):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            taken[name].append(time.perf_counter() - started)
    return {name: min(times) for name, times in taken.items()}


# --- the same segments, as each wants them --------------------------------------------------------------------------------


def catalog() -> str:
    """The catalog of segwh."""
    attributes = ", ".join([*(f"{name}: integer" for name in NUMBERS), *(f"{name}: string" for name in WORDS)])
    return (
        "entities:\n  - name: customer\n    relation: source('shop', 'customers')\n"
        f"    key: {{column: customer_id, type: integer}}\n    attributes: {{{attributes}}}\n"
    )


def rules(segments: Segments) -> str:
    """The rules of segwh."""
    lines = ["segments:"]
    for name, tests in segments.items():
        lines += [f"  - name: {name}", f"    label: {name}", "    entity: customer", "    include:"]
        for test in tests:
            value = f"[{', '.join(test.value)}]" if isinstance(test.value, tuple) else test.value
            lines.append(f"      - {{attribute: {test.attribute}, {test.word}: {value}}}")
    return "\n".join(lines) + "\n"


def peer_selects(segments: Segments) -> list[str]:
    """The peer's condition of each segment, in the query that its documentation shows."""
    from flagsmith_sql_flag_engine import TranslateContext, translate_segment
    from flagsmith_sql_flag_engine.dialects import ClickHouseDialect

    context: Any = {"environment": {"key": ENVIRONMENT, "name": ENVIRONMENT}}
    operators = {"is": "EQUAL", "in": "IN", "gte": "GREATER_THAN_INCLUSIVE", "lt": "LESS_THAN"}
    selects = []
    for name, tests in segments.items():
        conditions = [
            {
                "operator": operators[test.word],
                "property": test.attribute,
                "value": ",".join(test.value) if isinstance(test.value, tuple) else str(test.value),
            }
            for test in tests
        ]
        segment: Any = {"key": name, "name": name, "rules": [{"type": "ALL", "conditions": conditions}]}
        where = translate_segment(segment, TranslateContext(evaluation_context=context, dialect=ClickHouseDialect()))
        assert where is not None
        where = f"i.environment_id = '{ENVIRONMENT}' AND ({where})"
        selects.append(f"SELECT '{name}' AS segment, identifier FROM identities AS i WHERE {where}")
    return selects


if __name__ == "__main__":
    sys.exit(main())
