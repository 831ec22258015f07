"""What evaluating many segments costs, against the floor of grouping the events once and writing the members.

    python benchmarks/segments.py --customers 1000000 --events 30000000 --segments 1000,200,50 --threads 2

In one run, for each number of segments:

- *floor*: one GROUP BY of the events by customer with one count and one sum, and a copy of the member rows into a table;
- *segwh*: the SQL of the models `facts` and `evaluation` as dbt compiles them;
- *one scan*: one GROUP BY with a conditional aggregate for each measure, then one UNION ALL over it, written by hand;
- *one query a segment*: as by hand, one table each; a sample is measured and multiplied.

All ways must find the same members. Each time is the least of the repeats. Where other work shares the machine, processor
seconds are steadier than the clock; both are shown.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import duckdb

from benchmarks import data, rules
from benchmarks.compiled import DATABASE, Compiled, compiled
from benchmarks.measured import Seconds, timed

SIZES = "SELECT segment, count(*) AS members, sum({mixed}) AS keys FROM {table} WHERE customer_id IS NOT NULL GROUP BY segment"


class DifferentMembersError(Exception):
    """Two ways to evaluate the same rules found different members."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print a table, write JSON."""
    options = _options().parse_args(arguments)
    counts = [int(count) for count in options.segments.split(",")]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(options.folder or scratch)
        folder.mkdir(parents=True, exist_ok=True)
        config = {"threads": options.threads}
        with duckdb.connect(folder / f"{DATABASE}.duckdb", config=config) as connection:
            data.create(connection, options.customers, options.events)
            results = [_compared(connection, count, folder / f"rules_{count}", options) for count in counts]
    told = {
        "customers": options.customers,
        "events": options.events,
        "threads": options.threads,
        "machine": f"{platform.machine()}, DuckDB {duckdb.__version__}",
        "results": results,
    }
    if options.json:
        Path(options.json).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    print(table(told))


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=30_000_000)
    parser.add_argument("--segments", default="1000,200,50", help="numbers of segments, with commas")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--sample", type=int, default=25, help="segments measured one by one")
    parser.add_argument("--folder", help="where the tables and projects are made; a temporary one otherwise")
    parser.add_argument("--json", help="a file for the results")
    return parser


def _compared(
    connection: duckdb.DuckDBPyConnection, count: int, folder: Path, options: argparse.Namespace
) -> dict[str, object]:
    """Every way to evaluate so many segments, and their ratios."""
    segments = rules.segments(count)
    ours = _ours(connection, compiled(segments, folder), options.repeat)
    members = _sizes(connection, "segwh_customer_evaluation")
    copied = "SELECT segment, customer_id FROM segwh_customer_evaluation WHERE customer_id IS NOT NULL"
    grouped = timed(
        connection,
        "grouped",
        "SELECT customer_id, count(*) AS events, sum(amount) AS amount FROM events GROUP BY customer_id",
        options.repeat,
    )
    floor = grouped + timed(connection, "copied", copied, options.repeat)
    one_scan = timed(connection, "one_row_each", rules.one_scan(segments))
    one_scan += timed(connection, "one_scan_members", rules.members_of_one_scan(segments))
    _same(members, _sizes(connection, "one_scan_members"), "one scan")
    each = _one_by_one(connection, segments, members, options.sample)
    ways = {"floor": floor, "segwh": ours["facts"] + ours["evaluation"], "one scan": one_scan, "one query a segment": each}
    return {
        "segments": count,
        "measures": len(rules.measures(segments)),
        "members": sum(size for size, _ in members.values()),
        "seconds": {name: asdict(seconds) for name, seconds in {**ways, **ours, "floor: grouping": grouped}.items()},
        "to the floor": {name: _ratio(seconds, floor) for name, seconds in ways.items()},
        "to segwh": {name: _ratio(seconds, ways["segwh"]) for name, seconds in ways.items()},
    }


def _ours(connection: duckdb.DuckDBPyConnection, of: Compiled, repeat: int) -> dict[str, Seconds]:
    return {name: timed(connection, f"segwh_customer_{name}", select, repeat) for name, select in of.models.items()}


def _one_by_one(
    connection: duckdb.DuckDBPyConnection,
    segments: tuple[rules.Segment, ...],
    members: dict[str, tuple[int, int]],
    wanted: int,
) -> Seconds:
    """The time that all segments would take one by one, from a sample spread over them."""
    sample = segments[:: max(1, len(segments) // wanted)][:wanted]
    by_name = {segment.name: segment for segment in segments}
    for segment in sample:
        _references_first(connection, segment, by_name)
    total = Seconds(0.0, 0.0)
    for segment in sample:
        total += timed(connection, f"by_hand_{segment.name}", rules.one_query(segment))
        found = _sizes(connection, f"by_hand_{segment.name}")
        _same({segment.name: members[segment.name]} if segment.name in members else {}, found, segment.name)
    return total.times(len(segments) / len(sample))


def _references_first(connection: duckdb.DuckDBPyConnection, segment: rules.Segment, by_name: dict[str, rules.Segment]) -> None:
    """The tables that a segment refers to; not part of its own time."""
    for condition in segment.conditions:
        if isinstance(condition, rules.Member):
            other = by_name[condition.segment]
            _references_first(connection, other, by_name)
            connection.execute(f"CREATE OR REPLACE TABLE by_hand_{other.name} AS {rules.one_query(other)}")


def _sizes(connection: duckdb.DuckDBPyConnection, place: str) -> dict[str, tuple[int, int]]:
    """Of each segment how many members it has, and a sum that no other set of keys is likely to have."""
    sizes = SIZES.format(table=place, mixed=data.mixed("customer_id", 99))
    return {segment: (members, keys) for segment, members, keys in connection.execute(sizes).fetchall()}


def _same(ours: dict[str, tuple[int, int]], theirs: dict[str, tuple[int, int]], way: str) -> None:
    differing = sorted(name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name))
    if differing:
        told = f"{differing[0]}: {ours.get(differing[0])}, {theirs.get(differing[0])}"
        raise DifferentMembersError(f"{way}: {len(differing)} segments differ, first {told}")


def _ratio(seconds: Seconds, to: Seconds) -> dict[str, float]:
    return {"wall": round(seconds.wall / to.wall, 2), "cpu": round(seconds.cpu / to.cpu, 2)}


def table(told: dict[str, object]) -> str:
    """The results for people."""
    lines = [f"{told['customers']:,} customers, {told['events']:,} events, {told['threads']} threads, {told['machine']}"]
    for result in told["results"]:  # type: ignore[attr-defined]
        lines.append(f"\n{result['segments']} segments, {result['measures']} measures, {result['members']:,} members")
        lines.append(f"  {'':<22}{'wall s':>9}{'cpu s':>9}{'floors':>9}{'in cpu':>9}")
        for name, seconds in result["seconds"].items():
            ratio = result["to the floor"].get(name)
            ratios = f"{ratio['wall']:>9.2f}{ratio['cpu']:>9.2f}" if ratio else ""
            lines.append(f"  {name:<22}{seconds['wall']:>9.2f}{seconds['cpu']:>9.2f}{ratios}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
