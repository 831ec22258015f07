"""A dbt model for each segment, as written by hand, against segwh: what a whole dbt run costs either way.

    python -m benchmarks.models_by_hand --customers 200000 --events 6000000 --segments 200

The same rules over the same tables on DuckDB. By hand each segment is a table of its own in a dbt project: conditions on events
are sets of customers, another segment is a ref(). `dbt run` builds these. segwh's `dbt build` is one that follows another: it
compares with who was in, logs, keeps members and history, and tests. Both projects are parsed beforehand. Processor seconds of
the whole process (and those of the clock); both must find the same members.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import duckdb

from benchmarks import data, rules
from benchmarks.compiled import DATABASE, FILES
from benchmarks.measured import Seconds
from segwh.commands.workspace import Workspace, compile_workspace

DBT = (sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--quiet")
BY_HAND = "by_hand_"
SOURCES = {"FROM events ": "FROM {{ source('shop', 'events') }} ", "FROM customers ": "FROM {{ source('shop', 'customers') }} "}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a table, write JSON. 1 where the members differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--events", type=int, default=6_000_000)
    parser.add_argument("--segments", type=int, default=200)
    parser.add_argument("--json", help="a file for the results")
    options = parser.parse_args(arguments)
    segments = rules.segments(options.segments)
    with tempfile.TemporaryDirectory() as scratch:
        ours, theirs = Path(scratch) / "segwh", Path(scratch) / "by_hand"
        write(ours, {"segments/segments.yml": rules.yaml_text(segments), "segwh.yml": "version: 1\nmax_exit_fraction: false\n"})
        write(theirs, {f"models/{BY_HAND}{one.name}.sql": model(one) for one in segments})
        for folder in (ours, theirs):
            with closing(duckdb.connect(folder / f"{DATABASE}.duckdb")) as connection:
                data.create(connection, options.customers, options.events)
        compile_workspace(Workspace(ours, "duckdb"))
        # the first run logs everybody; what is compared is one like many, with the words that dbt parsed the project with
        _dbt(ours, "build", "--select", "tag:segwh", **_at(data.AS_OF - timedelta(days=1)))
        _dbt(theirs, "parse")
        nodes = {"segwh": _nodes(ours), "by hand": len(segments)}
        _dbt(ours, "parse", **_at(data.AS_OF))
        seconds = {
            "segwh": _dbt(ours, "build", "--select", "tag:segwh", **_at(data.AS_OF)),
            "by hand": _dbt(theirs, "run"),
        }
        same = members(ours, "SELECT segment, customer_id FROM segwh_customer_membership") == members(
            theirs, " UNION ALL ".join(f"FROM {BY_HAND}{one.name}" for one in segments)
        )
    print(f"{options.customers:,} customers, {options.events:,} events, {options.segments} segments, processor seconds (clock)")
    for name, taken in seconds.items():
        ratio = taken.cpu / seconds["segwh"].cpu
        print(f"  {name:<10}{nodes[name]:6} nodes{taken.cpu:10.1f} s ({taken.wall:.1f}){ratio:8.1f} times segwh")
    print(f"members: {'the same' if same else 'DIFFERENT'}")
    if options.json:
        told = {name: asdict(taken) for name, taken in seconds.items()}
        Path(options.json).write_text(json.dumps({**told, "nodes": nodes, "same": same}, indent=2) + "\n", encoding="utf-8")
    return 0 if same else 1


def write(folder: Path, texts: dict[str, str]) -> None:
    """A dbt project of its own."""
    for name, text in {**FILES, **texts}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def model(segment: rules.Segment) -> str:
    """What a person writes for one segment, as a dbt model."""
    sql = rules.one_query(segment) + "\n"
    for table, source in SOURCES.items():
        sql = sql.replace(table, source)
    for one in segment.conditions:
        if isinstance(one, rules.Member):
            sql = sql.replace(f"FROM by_hand_{one.segment})", f"FROM {{{{ ref('{BY_HAND}{one.segment}') }}}})")
    return "{{ config(materialized='table') }}\n" + sql


def members(folder: Path, select: str) -> tuple[int, int]:
    """How many members there are, and a sum that no other set of them is likely to have."""
    with closing(duckdb.connect(folder / f"{DATABASE}.duckdb", read_only=True)) as connection:
        found = connection.execute(f"SELECT count(*), sum(hash(segment, customer_id)) FROM ({select})").fetchone()
    assert found is not None
    return int(found[0]), int(found[1])


def _at(as_of: object) -> dict[str, str]:
    return {"variables": f"segwh_as_of: '{as_of:%Y-%m-%dT%H:%M:%SZ}'"}


def _nodes(folder: Path) -> int:
    return len(json.loads((folder / "target" / "run_results.json").read_text(encoding="utf-8"))["results"])


def _dbt(folder: Path, command: str, *words: str, variables: str = "") -> Seconds:
    """The time of a dbt command in a process of its own. Raises CalledProcessError."""
    given = ["--vars", variables] if variables else []
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = {**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    subprocess.run([*DBT, command, *words, *given], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    return Seconds(time.perf_counter() - started, cpu)


if __name__ == "__main__":
    sys.exit(main())
