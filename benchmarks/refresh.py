"""What a refresh costs after a little has changed, against working everything out again.

    python -m benchmarks.refresh --customers 1000000 --events 30000000 --segments 200 --threads 2

Events declare `loaded_at`. Two runs are made; then one in a hundred customers changes, one in a hundred events is new, and
the as-of moves on by an hour, a day or three days. The same changed tables are then refreshed twice, each time from what the
first run left: once as `segwh run` does, once as `segwh run --full` does. All models' SQL is counted, and both must leave the
same log. New events are spread as events are, over many customers, or lie with one customer in a hundred.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from benchmarks import data, rules
from benchmarks.measured import Seconds, processor
from tests.histories.runner import Call, Compiled, Runner, compiled

CATALOG = rules.CATALOG.replace("time: happened_at\n", "time: happened_at\n        loaded_at: loaded_at\n")
SETTINGS = "version: 1\nmax_exit_fraction: false\n"
STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "three days": timedelta(days=3)}
COMPARED = ("segwh_customer_log", "segwh_customer_state", "segwh_customer_facts")
UNCOMPARED = ("segwh_looked_at", "segwh_made_by", "segwh_base", "run_id")
"""Columns that differ between two runs by their nature."""


class DifferentResultError(Exception):
    """The two ways left different rows."""


class TimedRunner(Runner):
    """Counts the seconds of each model's statements; writing them is dbt's and Jinja's work, and is not counted."""

    def __init__(self, path: str, threads: int) -> None:
        super().__init__(path)
        self.connection.execute(f"set threads = {threads}")
        self.seconds: dict[str, Seconds] = {}
        self.connection = _TimedConnection(self.connection, self._add)  # type: ignore[assignment]
        self._model: str | None = None

    def _add(self, seconds: Seconds) -> None:
        if self._model is not None:
            self.seconds[self._model] = self.seconds.get(self._model, Seconds(0.0, 0.0)) + seconds

    def _build(self, name: str, text: str, shared: Mapping[str, Any], call: Call) -> None:
        self._model = name
        super()._build(name, text, shared, call)
        self._model = None


class _TimedConnection:
    """A connection that tells how long each statement took."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, tell: Callable[[Seconds], None]) -> None:
        self._connection, self._tell = connection, tell

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, sql: str) -> duckdb.DuckDBPyConnection:
        wall, cpu = time.perf_counter(), processor()
        try:
            return self._connection.execute(sql)
        finally:
            self._tell(Seconds(time.perf_counter() - wall, processor() - cpu))


@dataclass(frozen=True, slots=True)
class Refresh:
    """One refresh, both ways: seconds by model."""

    step: str
    spread: str
    told: str
    updated: Mapping[str, Seconds]
    full: Mapping[str, Seconds]
    reading: Seconds
    """To read all of the membership after the refresh, which is not part of it."""

    def total(self, way: str) -> Seconds:
        """The seconds of all models."""
        found: Mapping[str, Seconds] = getattr(self, way)
        return sum(found.values(), Seconds(0.0, 0.0))


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print a table, write JSON."""
    options = _options().parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(options.folder or scratch)
        folder.mkdir(parents=True, exist_ok=True)
        project = compiled(CATALOG + rules.yaml_text(rules.segments(options.segments)), SETTINGS)
        found = [
            _refreshed(project, folder, step, spread, options)
            for step in options.steps.split(",")
            for spread in options.spreads.split(",")
        ]
    told = {
        "customers": options.customers,
        "events": options.events,
        "segments": options.segments,
        "threads": options.threads,
        "refreshes": [
            {
                "step": one.step,
                "spread": one.spread,
                "told": one.told,
                "updated": {name: asdict(seconds) for name, seconds in one.updated.items()},
                "full": {name: asdict(seconds) for name, seconds in one.full.items()},
                "reading": asdict(one.reading),
                "ratio": {"wall": _ratio(one, "wall"), "cpu": _ratio(one, "cpu")},
            }
            for one in found
        ],
    }
    if options.json:
        Path(options.json).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    print(table(found, options))


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=30_000_000)
    parser.add_argument("--segments", type=int, default=200)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--steps", default="hour,day,three days", help="how far the as-of moves, with commas")
    parser.add_argument("--spreads", default="many,few", help="whose the new events are, with commas")
    parser.add_argument("--after", choices=("quiet", "busy"), default="quiet", help="what the run before had to write")
    parser.add_argument("--folder", help="where the databases are made; a temporary one otherwise")
    parser.add_argument("--json", help="a file for the results")
    return parser


def _refreshed(project: Compiled, folder: Path, step: str, spread: str, options: argparse.Namespace) -> Refresh:
    rounds = 2 if options.after == "busy" else 1
    before = data.AS_OF - rounds * STEPS[step]
    first, second = folder / "first.duckdb", folder / "second.duckdb"
    for path in (first, second):
        path.unlink(missing_ok=True)
    runner = TimedRunner(str(first), options.threads)
    data.create(runner.connection, options.customers, options.events)
    runner.connection.execute(LOADED.format(before=_text(before)))
    runner.find_relations()
    # The first run logs everybody, and the second is the one that folds that; what is measured is a run like many.
    _run(runner, project, Call(before - timedelta(hours=1)))
    for number in range(rounds):
        _run(runner, project, Call(before + number * STEPS[step]))
        _change(runner, number, before + number * STEPS[step], step, spread, options)
    runner.connection.execute("checkpoint")
    runner.connection.close()
    shutil.copyfile(first, second)
    ways = []
    for path, variables in ((first, {}), (second, {"segwh_full": True})):
        runner = TimedRunner(str(path), options.threads)
        runner.runs = 1 + rounds
        _run(runner, project, Call(data.AS_OF, variables=variables))
        wall, cpu = time.perf_counter(), processor()
        runner.rows("select count(*), count(entered_at) from segwh_customer_membership")
        reading = Seconds(time.perf_counter() - wall, processor() - cpu)
        ways.append((dict(runner.seconds), "; ".join(runner.told), reading))
        runner.connection.close()
    _same(first, second)
    return Refresh(step, spread, ways[0][1], ways[0][0], ways[1][0], ways[0][2])


def _change(runner: TimedRunner, number: int, before: datetime, step: str, spread: str, options: argparse.Namespace) -> None:
    """What comes between two runs: each time other events, with other customers, and other customers change."""
    count = options.events // 100
    i = f"(i + {number * count})"
    runner.connection.execute(NEW_EVENTS.format(
        events=count, first=options.events + number * count, before=_text(before),
        customer=_customer(i, spread, options.customers),
        apart=int(STEPS[step] / timedelta(microseconds=1)) * 100 // options.events, amount=f"{data.mixed(i, 13)} % 20000",
        type=data.one_of(data.TYPES, i, 12),
    ))  # fmt: skip
    score, changed = f"{data.mixed('customer_id', 20 + 10 * number)} % 100", data.mixed("customer_id", 21 + 10 * number)
    city = ("Oslo", "Lima")[number]
    runner.connection.execute(f"update customers set city = '{city}', score = {score} where {changed} % 100 = 0")


LOADED = """
create or replace table events as
select *, happened_at + interval 5 minutes as loaded_at from events where happened_at < timestamp '{before}'
"""
NEW_EVENTS = """
insert into events
select {first} + i as event_id, {customer} as customer_id,
  timestamp '{before}' + to_microseconds(i * {apart}) as happened_at, {type} as type,
  cast({amount} as decimal(12, 2)) / 100 as amount, timestamp '{before}' + to_microseconds(i * {apart}) as loaded_at
from range({events}) as numbers(i)
"""


def _customer(i: str, spread: str, customers: int) -> str:
    """Whose an event is: anybody's, or that of one customer in a hundred."""
    anybody = data.mixed(i, 22)
    return f"1 + {anybody} % {customers}" if spread == "many" else f"1 + 100 * ({anybody} % {customers // 100})"


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _run(runner: TimedRunner, project: Compiled, call: Call) -> None:
    if not runner.run(project, call, raises=True):
        raise DifferentResultError("a run did not end well")


def _same(first: Path, second: Path) -> None:
    one, two = _rows_of(first), _rows_of(second)
    for table_name in COMPARED:
        if one[table_name] != two[table_name]:
            raise DifferentResultError(f"rows of {table_name} differ")


def _rows_of(path: Path) -> dict[str, tuple[int, ...]]:
    """Of each table how many rows it has, and two sums of their hashes: there may be a hundred million of them."""
    runner = Runner(str(path))
    found = {}
    for table_name in COMPARED:
        names = [name for name, *_ in runner.rows(f"describe {table_name}") if name not in UNCOMPARED]
        row = f"hash({', '.join(sorted(names))})"
        (found[table_name],) = runner.rows(f"select count(*), sum({row}::hugeint), bit_xor({row}) from {table_name}")
    runner.connection.close()
    return found


def _ratio(one: Refresh, what: str) -> float:
    return round(getattr(one.total("updated"), what) / getattr(one.total("full"), what), 3)


def table(found: Sequence[Refresh], options: argparse.Namespace) -> str:
    """The results for people."""
    lines = [
        f"{options.customers:,} customers, {options.events:,} events, {options.segments} segments, {options.threads} threads",
        f"1 % new events, 1 % changed customers, after a {options.after} run",
    ]
    for one in found:
        lines.append(f"\nthe as-of moves by: {one.step}; new events are with: {one.spread}\n  {one.told}")
        lines.append(f"  {'':<26}{'refresh s':>10}{'full s':>10}{'cpu':>10}{'full cpu':>10}")
        slow = [name for name, seconds in one.full.items() if seconds.cpu >= 0.05 or one.updated[name].cpu >= 0.05]
        rows = [(name.removeprefix("segwh_"), one.updated[name], one.full[name]) for name in slow]
        for name, new, old in [*rows, ("all models", one.total("updated"), one.total("full"))]:
            lines.append(f"  {name:<26}{new.wall:>10.2f}{old.wall:>10.2f}{new.cpu:>10.2f}{old.cpu:>10.2f}")
        lines.append(f"  reading the membership{one.reading.wall:>13.2f}{'':>10}{one.reading.cpu:>10.2f}")
        lines.append(f"  of a full refresh: {_ratio(one, 'wall'):.1%} by the clock, {_ratio(one, 'cpu'):.1%} of processor time")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
