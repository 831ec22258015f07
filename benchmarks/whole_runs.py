"""What whole runs cost, model by model, by the number of segments: the log, the books and the data tests with the evaluation.

    python -m benchmarks.whole_runs --engines duckdb,postgres --customers 50000 --events 1000000 --segments 50,200,1000
    python -m benchmarks.whole_runs --engines clickhouse --customers 50000 --events 1000000 --segments 50,200,1000
    python -m benchmarks.whole_runs --engines spark --customers 5000 --events 100000 --segments 20

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
from benchmarks.warehouses import exported, load_clickhouse, load_postgres, load_spark, running_spark
from segwh.commands.workspace import Workspace, compile_workspace

RUNS = ("first", "unchanged", "changed")
OTHERS = "city = 'Oslo', score = score + 7 where customer_id % 50 = 0"
CHANGED = f"update shop.customers set {OTHERS}"
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
    change: Callable[[], None]
    """Makes one customer in fifty another."""
    count: Callable[[str], int]
    dbt: Callable[[Path, Sequence[str]], None]
    """Runs dbt with arguments in the folder of a project. Raises RuntimeError with what dbt says where it fails."""


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

    def change() -> None:
        with duckdb.connect(file) as connection:
            connection.execute(CHANGED)

    def count(sql: str) -> int:
        with duckdb.connect(file) as connection:
            return int(connection.execute(sql).fetchall()[0][0])

    with duckdb.connect(file) as connection:
        connection.execute("create schema shop; use shop")
        data.create(connection, customers, events)
    output = {"type": "duckdb", "path": str(file), "schema": "main", "threads": 1}
    yield Place(output, "main", change, count, dbt_of_its_own)


@contextmanager
def on_postgres(customers: int, events: int, folder: Path) -> Iterator[Place]:
    """A PostgreSQL with its usual settings but for what a crash would cost."""
    from tests.engines.postgres import HOST, running

    with running() as server, closing(server.connection()) as connection, connection.cursor() as cursor:
        cursor.execute("create schema shop")
        load_postgres(cursor, _files(customers, events, folder), folder, "shop")

        def count(sql: str) -> int:
            cursor.execute(sql)
            return int(cursor.fetchall()[0][0])

        output = {
            "type": "postgres", "host": HOST, "port": server.port, "user": "segwh", "password": "", "dbname": "postgres",
            "schema": "segwh", "threads": 1,
        }  # fmt: skip
        yield Place(output, "segwh", lambda: cursor.execute(CHANGED), count, dbt_of_its_own)


@contextmanager
def on_clickhouse(customers: int, events: int, folder: Path) -> Iterator[Place]:
    """A ClickHouse as it comes."""
    from tests.engines.clickhouse_server import HOST, running

    with running() as server, closing(server.client(session_id="benchmark")) as client:
        client.command("create database shop")
        load_clickhouse(client, _files(customers, events, folder), "shop")
        output = {
            "type": "clickhouse", "driver": "http", "host": HOST, "port": server.port, "user": "default", "password": "",
            "schema": "segwh", "threads": 1,
        }  # fmt: skip
        yield Place(
            output, "segwh",
            lambda: client.command(f"alter table shop.customers update {OTHERS} settings mutations_sync = 1"),
            lambda sql: int(client.command(sql)), dbt_of_its_own,
        )  # fmt: skip


@contextmanager
def on_spark(customers: int, events: int, folder: Path) -> Iterator[Place]:
    """A Spark in this process, where dbt shares its session; rows of its files cannot be changed, so all are written anew."""
    with running_spark() as session:
        for schema in ("shop", "segwh"):
            session.sql(f"drop schema if exists {schema} cascade")
            session.sql(f"create schema {schema}")
        load_spark(session, _files(customers, events, folder), "shop")

        def change() -> None:
            is_other = "customer_id % 50 = 0"
            session.sql(
                f"create table shop.others using parquet as select customer_id, if({is_other}, 'Oslo', city) as city,"
                f" if({is_other}, score + 7, score) as score, * except (customer_id, city, score) from shop.customers"
            )
            session.sql("insert overwrite shop.customers by name select * from shop.others")

        output = {"type": "spark", "method": "session", "host": "localhost", "schema": "segwh", "threads": 1}
        yield Place(output, "segwh", change, lambda sql: int(session.sql(sql).collect()[0][0]), dbt_beside)


ENGINES = {"duckdb": on_duckdb, "postgres": on_postgres, "clickhouse": on_clickhouse, "spark": on_spark}


def _files(customers: int, events: int, folder: Path) -> dict[str, Path]:
    with duckdb.connect() as made:
        data.create(made, customers, events)
        return exported(made, ("customers", "events"), folder)


def dbt_of_its_own(project: Path, arguments: Sequence[str]) -> None:
    """Run dbt in a process of its own."""
    command = [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--no-use-colors", *arguments]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout)


def dbt_beside(project: Path, arguments: Sequence[str]) -> None:
    """Run dbt in this process, where it finds the session."""
    from dbt.cli.main import dbtRunner

    where = ["--project-dir", str(project), "--profiles-dir", str(project), "--quiet"]
    done = dbtRunner().invoke([*arguments, *where])
    if not done.success:
        told = [f"{one.node.name}: {one.message}" for one in done.result or () if one.status not in ("success", "pass")]
        raise RuntimeError("\n".join([str(done.exception or ""), *told]))


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
                    place.change()
                seconds[run] = _built(place, project, days)
            return Result(engine, segments, place.count(MEMBERS.format(schema=place.schema)), seconds)


def _built(place: Place, project: Path, days: int) -> Mapping[str, float]:
    at = data.AS_OF + timedelta(days=days)
    place.dbt(project, ["build", "--select", "tag:segwh", "--vars", f"segwh_as_of: '{at:%Y-%m-%dT%H:%M:%SZ}'"])
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
