"""What a refresh costs after a little has changed, against working everything out again.

    python -m benchmarks.refresh --customers 1000000 --events 30000000 --segments 200 --threads 2
    python -m benchmarks.refresh --engine postgres --customers 100000 --events 3000000 --segments 200

Events declare `loaded_at`. Two runs are made; then one in a hundred customers changes, one in a hundred events is new, and
the as-of moves on by an hour, a day or three days. The same changed tables are then refreshed twice, each time from what the
first run left: once as `segwh run` does, once as `segwh run --full` does. All models' SQL is counted, and both must leave the
same log. New events are spread as events are, over many customers, or lie with one customer in a hundred. The processor's
seconds are those of this process, and so of DuckDB alone.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from benchmarks import data, rules
from benchmarks.measured import Seconds, processor
from benchmarks.timed_runners import PLACES, Place, TimedRunner
from benchmarks.warehouses import exported
from tests.histories.runner import Call, Compiled, compiled

CATALOG = rules.CATALOG.replace("time: happened_at\n", "time: happened_at\n        loaded_at: loaded_at\n")
SETTINGS = "version: 1\nmax_exit_fraction: false\n"
STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "three days": timedelta(days=3)}
COMPARED = ("segwh_customer_log", "segwh_customer_state", "segwh_customer_facts")
UNCOMPARED = ("segwh_looked_at", "segwh_made_by", "segwh_base", "run_id")
"""Columns that differ between two runs by their nature."""


class DifferentResultError(Exception):
    """The two ways left different rows."""


@dataclass(frozen=True, slots=True)
class Refresh:
    """One refresh, both ways: seconds by model."""

    step: str
    spread: str
    told: str
    updated: Mapping[str, Seconds]
    full: Mapping[str, Seconds]
    reading: Mapping[str, Seconds]
    """To read the membership after the refresh, which is not part of it."""

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
        project = compiled(CATALOG + rules.yaml_text(rules.segments(options.segments)), SETTINGS, options.engine)
        with PLACES[options.engine](folder, options.threads) as place:
            found = [
                _refreshed(place, project, folder, step, spread, options)
                for step in options.steps.split(",")
                for spread in options.spreads.split(",")
            ]
    told = {
        "engine": options.engine,
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
                "reading": {what: asdict(seconds) for what, seconds in one.reading.items()},
                "ratio": {what: _ratio(one, what) for what in _kinds(options)},
            }
            for one in found
        ],
    }
    if options.json:
        Path(options.json).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    print(table(found, options))


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=tuple(PLACES), default="duckdb")
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


def _refreshed(place: Place, project: Compiled, folder: Path, step: str, spread: str, options: argparse.Namespace) -> Refresh:
    rounds = 2 if options.after == "busy" else 1
    before = data.AS_OF - rounds * STEPS[step]
    starts = [before + number * STEPS[step] for number in range(rounds)]
    runner = place.first(_tables(starts, folder, step, spread, options))
    # The first run logs everybody, and the second is the one that folds that; what is measured is a run like many.
    _run(runner, project, Call(before - timedelta(hours=1)))
    for number, start in enumerate(starts):
        _run(runner, project, Call(start))
        runner.execute(f"insert into events select * from new_events_{number}")
        runner.execute(
            "update customers set city = other.city, score = other.score"
            f" from other_customers_{number} as other where other.customer_id = customers.customer_id"
        )
    ways = []
    for way, variables in zip(place.copied(runner), ({}, {"segwh_full": True}), strict=True):
        way.runs = 1 + rounds
        _run(way, project, Call(data.AS_OF, variables=variables))
        reading = _read(way)
        if options.engine == "postgres" and not ways:
            reading |= _read_without_indexes(way)
        ways.append((dict(way.seconds), "; ".join(way.told), reading, {name: way.sums(name, UNCOMPARED) for name in COMPARED}))
        way.connection.close()
    for name in COMPARED:
        if ways[0][3][name] != ways[1][3][name]:
            raise DifferentResultError(f"rows of {name} differ")
    return Refresh(step, spread, ways[0][1], ways[0][0], ways[1][0], ways[0][2])


def _tables(starts: Sequence[datetime], folder: Path, step: str, spread: str, options: argparse.Namespace) -> dict[str, Path]:
    """The tables as files: those of the first run, and what comes after each: other events, and other customers changed."""
    count = options.events // 100
    with duckdb.connect(config={"threads": options.threads}) as connection:
        data.create(connection, options.customers, options.events)
        connection.execute(LOADED.format(before=_text(starts[0])))
        tables = ["customers", "events"]
        for number, start in enumerate(starts):
            i = f"(i + {number * count})"
            connection.execute(NEW_EVENTS.format(
                number=number, events=count, first=options.events + number * count, before=_text(start),
                customer=_customer(i, spread, options.customers),
                apart=int(STEPS[step] / timedelta(microseconds=1)) * 100 // options.events,
                amount=f"{data.mixed(i, 13)} % 20000", type=data.one_of(data.TYPES, i, 12),
            ))  # fmt: skip
            city = ("Oslo", "Lima")[number]
            score = f"{data.mixed('customer_id', 20 + 10 * number)} % 100"
            connection.execute(
                f"create table other_customers_{number} as select customer_id, '{city}' as city,"
                f" cast({score} as double) as score from customers"
                f" where {data.mixed('customer_id', 21 + 10 * number)} % 100 = 0"
            )
            tables += [f"new_events_{number}", f"other_customers_{number}"]
        return exported(connection, tuple(tables), folder)


LOADED = """
create or replace table events as
select *, happened_at + interval 5 minutes as loaded_at from events where happened_at < timestamp '{before}'
"""
NEW_EVENTS = """
create table new_events_{number} as
select {first} + i as event_id, {customer} as customer_id,
  timestamp '{before}' + to_microseconds(i * {apart}) as happened_at, {type} as type,
  cast({amount} as decimal(12, 2)) / 100 as amount, timestamp '{before}' + to_microseconds(i * {apart}) as loaded_at
from range({events}) as numbers(i)
"""


def _customer(i: str, spread: str, customers: int) -> str:
    """Whose an event is: anybody's, or that of one customer in a hundred."""
    anybody = data.mixed(i, 22)
    return f"1 + {anybody} % {customers}" if spread == "many" else f"1 + 100 * ({anybody} % {customers // 100})"


def _read(runner: TimedRunner, how: str = "") -> dict[str, Seconds]:
    """How long readers take."""
    found = {}
    [(segment,)] = runner.rows("select segment from segwh_segment_sizes order by members desc, segment limit 1")
    asked = {"all": "true", "the largest segment": f"segment = '{segment}'", "one key": "customer_id = 4711"}
    for what, condition in asked.items():
        wall, cpu = time.perf_counter(), processor()
        runner.rows(f"select count(*), count(entered_at) from segwh_customer_membership where {condition}")
        found[what + how] = Seconds(time.perf_counter() - wall, processor() - cpu)
    return found


def _read_without_indexes(runner: TimedRunner) -> dict[str, Seconds]:
    """The same in a transaction in which the state has none."""
    runner.execute("begin")
    names = "select indexrelid::regclass::text from pg_index where indrelid = 'segwh_customer_state'::regclass"
    for (name,) in runner.rows(names):
        runner.execute(f"drop index {name}")
    found = _read(runner, " without indexes of the state")
    runner.execute("rollback")
    return found


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def _run(runner: TimedRunner, project: Compiled, call: Call) -> None:
    if not runner.run(project, call, raises=True):
        raise DifferentResultError("a run did not end well")


def _kinds(options: argparse.Namespace) -> tuple[str, ...]:
    """Which seconds say something: a server's processor time is not this process's."""
    return ("wall", "cpu") if options.engine == "duckdb" else ("wall",)


def _ratio(one: Refresh, what: str) -> float:
    return round(getattr(one.total("updated"), what) / getattr(one.total("full"), what), 3)


def table(found: Sequence[Refresh], options: argparse.Namespace) -> str:
    """The results for people."""
    kinds = _kinds(options)
    lines = [
        f"{options.customers:,} customers, {options.events:,} events, {options.segments} segments,"
        f" {options.engine}, {options.threads} threads",
        f"1 % new events, 1 % changed customers, after a {options.after} run",
    ]

    def row(name: str, new: Seconds, old: Seconds) -> str:
        return f"  {name:<26}" + "".join(f"{getattr(each, kind):>10.2f}" for kind in kinds for each in (new, old))

    heads = {"wall": ("refresh s", "full s"), "cpu": ("cpu", "full cpu")}
    for one in found:
        lines.append(f"\nthe as-of moves by: {one.step}; new events are with: {one.spread}\n  {one.told}")
        lines.append("  " + " " * 26 + "".join(f"{head:>10}" for kind in kinds for head in heads[kind]))
        slow = [name for name, seconds in one.full.items() if max(seconds.wall, one.updated[name].wall) >= 0.05]
        lines += [row(name.removeprefix("segwh_"), one.updated[name], one.full[name]) for name in slow]
        lines.append(row("all models", one.total("updated"), one.total("full")))
        lines += [f"  reading of members, {what}: {seconds.wall:.2f}" for what, seconds in one.reading.items()]
        said = {"wall": "by the clock", "cpu": "of processor time"}
        lines.append("  of a full refresh: " + ", ".join(f"{_ratio(one, kind):.1%} {said[kind]}" for kind in kinds))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
