"""What whole runs cost, model by model, by the number of segments: the log, the books and the data tests with the evaluation.

    python -m benchmarks.whole_runs --engines duckdb,postgres --customers 50000 --events 1000000 --segments 50,200,1000

dbt builds the compiled project three times: for the first time, a day later on unchanged data, and another day later when one
customer in fifty is another. More segments have more members, so seconds are told for a million memberships, too: where those
grow with the number of segments, a model costs more than the rows that it reads and writes. Seconds are those of the clock,
without dbt's start.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

import duckdb

from benchmarks import data, rules
from benchmarks.warehouses import exported, load_postgres
from segwh.commands.workspace import Workspace, compile_workspace

RUNS = ("first", "unchanged", "changed")
CHANGED = "update shop.customers set city = 'Oslo', score = score + 7 where customer_id % 50 = 0"
FILES = {
    "dbt_project.yml": "name: bench\nprofile: bench\nflags: {send_anonymous_usage_stats: false}\n",
    "segwh.yml": "version: 1\nmax_exit_fraction: false\n",
    "models/sources.yml": "sources: [{name: shop, schema: shop, tables: [{name: customers}, {name: events}]}]\n",
    "segments/catalog.yml": rules.CATALOG,
}
MEMBERS = "select count(*) from {schema}.segwh_customer_membership"


@dataclass(frozen=True, slots=True)
class Place:
    """A database with the tables of the shop."""

    output: Mapping[str, object]
    schema: str
    """Where dbt builds."""
    execute: Callable[[str], None]
    count: Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Result:
    """Three runs of one project."""

    engine: str
    segments: int
    memberships: int
    seconds: Mapping[str, Mapping[str, float]]
    """Run -> model or data test -> seconds."""


@contextmanager
def on_duckdb(customers: int, events: int, folder: Path) -> Iterator[Place]:
    """A DuckDB file; dbt wants it for itself, so each call opens it anew."""
    file = folder / "warehouse.duckdb"

    def execute(sql: str) -> None:
        with duckdb.connect(file) as connection:
            connection.execute(sql)

    def count(sql: str) -> int:
        with duckdb.connect(file) as connection:
            return int(connection.execute(sql).fetchall()[0][0])

    with duckdb.connect(file) as connection:
        connection.execute("create schema shop; use shop")
        data.create(connection, customers, events)
    yield Place({"type": "duckdb", "path": str(file), "schema": "main", "threads": 1}, "main", execute, count)


@contextmanager
def on_postgres(customers: int, events: int, folder: Path) -> Iterator[Place]:
    """A PostgreSQL with its usual settings but for what a crash would cost."""
    from tests.engines.postgres import HOST, running

    with running() as server, closing(server.connection()) as connection, connection.cursor() as cursor:
        with duckdb.connect() as made:
            data.create(made, customers, events)
            files = exported(made, ("customers", "events"), folder)
        cursor.execute("create schema shop")
        load_postgres(cursor, files, folder, "shop")

        def count(sql: str) -> int:
            cursor.execute(sql)
            return int(cursor.fetchall()[0][0])

        output = {
            "type": "postgres", "host": HOST, "port": server.port, "user": "segwh", "password": "", "dbname": "postgres",
            "schema": "segwh", "threads": 1,
        }  # fmt: skip
        yield Place(output, "segwh", cursor.execute, count)


ENGINES = {"duckdb": on_duckdb, "postgres": on_postgres}


def measured(engine: str, segments: int, customers: int, events: int) -> Result:
    """Build a project three times. Raises RuntimeError with what dbt says where a build fails."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with ENGINES[engine](customers, events, folder) as place:
            project = folder / "project"
            profile = {"bench": {"target": "dev", "outputs": {"dev": dict(place.output)}}}
            texts = {"profiles.yml": json.dumps(profile), "segments/segments.yml": rules.yaml_text(rules.segments(segments))}
            for name, text in {**FILES, **texts}.items():
                path = project / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            compile_workspace(Workspace(project, engine))
            seconds = {}
            for days, run in enumerate(RUNS):
                if run == "changed":
                    place.execute(CHANGED)
                seconds[run] = _built(project, days)
            return Result(engine, segments, place.count(MEMBERS.format(schema=place.schema)), seconds)


def _built(project: Path, days: int) -> Mapping[str, float]:
    at = data.AS_OF + timedelta(days=days)
    command = [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--no-use-colors", "build", "--select", "tag:segwh"]
    command += ["--vars", f"segwh_as_of: '{at:%Y-%m-%dT%H:%M:%SZ}'"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout)
    told = json.loads((project / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
    return {one["unique_id"].split(".")[2]: one["execution_time"] for one in told}


def table(results: Sequence[Result], shown: int = 5) -> str:
    """The numbers for people: of each run the whole, and its dearest models."""
    lines = []
    for one in results:
        lines.append(f"\n{one.engine}, {one.segments:,} segments, {one.memberships:,} memberships")
        for run, seconds in one.seconds.items():
            whole = sum(seconds.values())
            lines.append(f"  {run:<10} {whole:8.1f} s {whole / one.memberships * 1_000_000:8.1f} s a million memberships")
            for name in sorted(seconds, key=lambda name: -seconds[name])[:shown]:
                lines.append(f"    {seconds[name]:8.1f} s  {name}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print a table, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engines", default="duckdb,postgres", help="with commas")
    parser.add_argument("--customers", type=int, default=50_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--segments", default="50,200,1000", help="with commas")
    parser.add_argument("--json", help="a file for the results")
    options = parser.parse_args(arguments)
    results = [
        measured(engine, int(segments), options.customers, options.events)
        for engine in options.engines.split(",")
        for segments in options.segments.split(",")
    ]
    if options.json:
        Path(options.json).write_text(json.dumps([asdict(one) for one in results], indent=2) + "\n", encoding="utf-8")
    print(table(results))


if __name__ == "__main__":
    main()
