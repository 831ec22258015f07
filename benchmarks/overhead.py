"""What `segwh run` adds on unchanged data to what its SQL takes, above the time that dbt takes to start.

    python -m benchmarks.overhead --customers 200000 --events 6000000 --segments 200

A project on DuckDB is run once. Its data stay as they are, and it is run again: at an as-of a day later, and at the same as-of.
Each time begins with the same copy of the database, and is a process of its own. Compared are

- *segwh run*: the whole command, from the start of Python to its end: rules compiled, dbt started, built, figures read back;
- *dbt's start*: `dbt run` of one model that is `select 1`, in the same project, parsed before as it is for segwh;
- *dbt's nodes*: `dbt build` of as many models of the same kinds and as many tests, all of them `select 1`, less *dbt's start*;
- *the SQL*: what the database took, in that very run, from handing over a statement to getting it back, for those that write
  models and ask tests, and to close its file. All other statements (what is there, what the log says, renaming) are not counted
  here: they are part of what is added.

What is left of *segwh run* after these is what segwh adds. dbt's start and nodes depend neither on the data nor on the number
of segments. The medians of the repeats, in turns.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import duckdb

from benchmarks import data, rules
from benchmarks.compiled import DATABASE, FILES
from benchmarks.measured import Seconds, processor
from segwh.commands.workspace import Workspace, compile_workspace

NOTHING = "nothing"
"""The folder of what does nothing, and how its names begin."""
IN_PLACE = "segwh_in_place"
"""The kind of model that has to know its key."""
STEPS = {"a day later": timedelta(days=1), "the same as-of": timedelta(0)}
ONE, TESTS = f"{NOTHING}_segwh_rules", 2
"""The one that `dbt's start` builds; how many tests segwh's build of this project asks."""
SEGWH = (sys.executable, "-c", "from segwh.cli import main; main()")
RECORDED = (sys.executable, "-c", "from benchmarks.overhead import recorded; recorded()")
DBT = (sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--quiet")
AS_PARSED = ("--project-dir", ".", "--profiles-dir", ".", "--profile", DATABASE, "--target", "dev")
"""Whatever else is said on the command line, dbt would parse the project anew and not take what segwh's run left."""
EXECUTED = Path("target") / "executed.json"
MOST = 0.2
"""What may be added to the SQL's own time, as a share of it."""


@dataclass(frozen=True, slots=True)
class Executed:
    """What dbt had the database do; `is_own` where that writes a model's rows or asks a test."""

    words: str
    is_own: bool
    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Run:
    """One run: the whole process, and in it what the database took for the SQL and for everything else."""

    whole: Seconds
    sql: Seconds
    other_sql: Seconds


@dataclass(frozen=True, slots=True)
class Rerun:
    """Runs on unchanged data: the medians of each part."""

    step: str
    nodes: int
    statements: int
    whole: Seconds
    start: Seconds
    nodes_alone: Seconds
    sql: Seconds
    added: Seconds
    other_sql: Seconds
    compiling: Seconds


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a table, write JSON. 1 where more is added than may be."""
    options = _options().parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(options.folder or scratch)
        project = folder / "project"
        _prepare(project, options)
        before = folder / "before.duckdb"
        first = data.AS_OF - timedelta(days=2)
        # the first run logs everybody and the second folds that into the state: what is measured is a run like many
        for as_of in (first, first + timedelta(days=1)):
            _timed([*SEGWH, "run", "--as-of", _text(as_of)], project)
        shutil.copyfile(project / f"{DATABASE}.duckdb", before)
        found = [_rerun(project, before, step, first + timedelta(days=1) + by, options.repeat) for step, by in STEPS.items()]
    if options.json:
        told = [{**asdict(one), "share": _share(one)} for one in found]
        Path(options.json).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    print(f"{options.customers:,} customers, {options.events:,} events, {options.segments} segments, processor seconds (clock)")
    print("\n".join(table(found)))
    return 1 if any(_share(one) > MOST for one in found) else 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--events", type=int, default=6_000_000)
    parser.add_argument("--segments", type=int, default=200)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", help="where the project is made; a temporary one otherwise")
    parser.add_argument("--json", help="a file for the results")
    return parser


def _prepare(project: Path, options: argparse.Namespace) -> None:
    texts = {
        **FILES,
        # windows of a day change wholly from day to day: no reason to stop here
        "segwh.yml": "version: 1\nmax_exit_fraction: false\n",
        "segments/segments.yml": rules.yaml_text(rules.segments(options.segments)),
    }
    for name, text in texts.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with closing(duckdb.connect(project / f"{DATABASE}.duckdb")) as connection:
        data.create(connection, options.customers, options.events)
    compile_workspace(Workspace(project, "duckdb"))
    for path in sorted((project / "models" / "segwh").rglob("*.sql")):
        (kind,) = re.findall(r"materialized='(\w+)'", path.read_text(encoding="utf-8"))
        nothing = project / "models" / NOTHING / f"{NOTHING}_{path.name}"
        nothing.parent.mkdir(exist_ok=True)
        key = ", unique_key='one'" if kind == IN_PLACE else ""
        nothing.write_text(f"{{{{ config(materialized='{kind}'{key}) }}}}\nselect 1 as one\n", encoding="utf-8")
    for number in range(TESTS):
        test = project / "tests" / f"{NOTHING}_{number}.sql"
        test.parent.mkdir(exist_ok=True)
        test.write_text("select 1 as one where 1 = 0\n", encoding="utf-8")


def _rerun(project: Path, before: Path, step: str, as_of: datetime, repeat: int) -> Rerun:
    runs, starts, nodes, compiling = [], [], [], []
    for _ in range(repeat):
        shutil.copyfile(before, project / f"{DATABASE}.duckdb")
        whole = _timed([*RECORDED, "run", "--as-of", _text(as_of)], project)
        executed = [Executed(**one) for one in json.loads((project / EXECUTED).read_text(encoding="utf-8"))]
        runs.append(Run(whole, *(_sum(one for one in executed if one.is_own == own) for own in (True, False))))
        results = json.loads((project / "target" / "run_results.json").read_text(encoding="utf-8"))["results"]
        starts.append(_timed([*DBT, "run", *AS_PARSED, "--select", ONE], project))
        built = _timed([*DBT, "build", *AS_PARSED, "--select", f"path:models/{NOTHING}", "test_type:singular"], project)
        nodes.append(built + starts[-1].times(-1))
        compiling.append(_timed([*SEGWH, "compile"], project) + _timed([*SEGWH, "--version"], project).times(-1))
    start, nodes_alone = _median(starts), _median(nodes)
    fixed = start + nodes_alone
    return Rerun(
        step=step,
        nodes=len(results),
        statements=len(executed),
        whole=_median([one.whole for one in runs]),
        start=start,
        nodes_alone=nodes_alone,
        sql=_median([one.sql for one in runs]),
        added=_median([one.whole + one.sql.times(-1) + fixed.times(-1) for one in runs]),
        other_sql=_median([one.other_sql for one in runs]),
        compiling=_median(compiling),
    )


def _median(found: Sequence[Seconds]) -> Seconds:
    return Seconds(median(one.wall for one in found), median(one.cpu for one in found))


def _sum(executed: Iterator[Executed]) -> Seconds:
    return sum((Seconds(one.wall, one.cpu) for one in executed), Seconds(0.0, 0.0))


def _timed(command: Sequence[str], project: Path) -> Seconds:
    """The time of a process. Raises CalledProcessError."""
    home = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join(part for part in (home, os.environ.get("PYTHONPATH", "")) if part)
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=project, env={**os.environ, "PYTHONPATH": path}, check=True, stdout=subprocess.DEVNULL)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    return Seconds(time.perf_counter() - started, cpu)


# --- inside a run -------------------------------------------------------------------------------------------------------


def recorded() -> None:
    """`segwh` with what the command line says, in this process; what the database did goes to a file."""
    from dbt.adapters.duckdb.environments import local

    from segwh.cli import main as segwh

    executed: list[Executed] = []

    execute = local.DuckDBCursorWrapper.execute

    def executing(cursor: Any, sql: str, bindings: Any = None) -> Any:
        with _recording(sql, executed):
            return execute(cursor, sql, bindings)

    closed = local.LocalEnvironment.close

    def closing_it(environment: Any) -> None:
        # what was written is put in its place when the file is closed
        with _recording("commit", executed):
            closed(environment)

    local.DuckDBCursorWrapper.execute, local.LocalEnvironment.close = executing, closing_it
    try:
        segwh()
    finally:
        EXECUTED.write_text(json.dumps([asdict(one) for one in executed]), encoding="utf-8")


@contextmanager
def _recording(sql: str, executed: list[Executed]) -> Iterator[None]:
    wall, cpu = time.perf_counter(), processor()
    yield
    words = " ".join(sql.split("*/", 1)[-1].split())[:60].lower()
    executed.append(Executed(words, _is_own(words), time.perf_counter() - wall, processor() - cpu))


def _is_own(words: str) -> bool:
    """Whether a statement writes a table's or a view's rows, or asks a test: by the words that dbt begins it with."""
    writes = (
        "create table ",
        "create view ",
        "create temporary table ",
        "insert into ",
        "delete from ",
        "merge into ",
        "commit",
    )
    return words.startswith((*writes, "select count(*) as failures"))


# --- the results --------------------------------------------------------------------------------------------------------


def _share(one: Rerun) -> float:
    return round(one.added.cpu / one.sql.cpu, 3)


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def table(found: Sequence[Rerun]) -> Iterator[str]:
    """The results for people."""
    for one in found:
        yield f"\n{one.step}: {one.nodes} nodes, {one.statements} statements"
        rows = {
            "segwh run": one.whole,
            "dbt's start": one.start,
            "dbt's nodes": one.nodes_alone,
            "the SQL": one.sql,
            "added": one.added,
            "  of it: other statements": one.other_sql,
            "  of it: rules and files": one.compiling,
        }
        for name, seconds in rows.items():
            yield f"  {name:<28}{seconds.cpu:8.2f} s ({seconds.wall:.2f})"
        with_nodes = (one.added.cpu + one.nodes_alone.cpu) / one.sql.cpu
        yield f"  added to the SQL: {_share(one):.0%} in processor time ({with_nodes:.0%} with dbt's nodes); {MOST:.0%} at most"


if __name__ == "__main__":
    sys.exit(main())
