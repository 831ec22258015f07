"""Whether the cost of a run grows with the number of runs before it.

A year of daily runs over one grain: customers whose attributes change at random, segments over those attributes, the compiled
SQL as it stands, on a DuckDB file. The median of the last ten runs is set against that of runs 6 to 15, in processor time and
in elapsed time. A year of runs takes half an hour, and a machine is not the same after half an hour: so the file is copied
before run 6, and at the end runs 6 to 15 are run once more on the copy, in turns with the last ten. Their ratio is the one that
tells what the log's length costs.

    python -m benchmarks.growth [--runs 365] [--keys 200000] [--segments 100] [--churn 0.02] [--json growth.json]
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from tests.histories.runner import Call, Compiled, Runner, compiled

START = datetime(2026, 1, 1, tzinfo=UTC)
ATTRIBUTES = 20
CUSTOMERS = (
    "create or replace table customers as select customer_id, {columns} from (select unnest(range({keys})) as customer_id)"
)
CHURN = """
update customers set {columns}
where hash(customer_id * 1000003 + {day}) % 1000000 < {share}
"""


@dataclass(frozen=True)
class Growth:
    """What was measured; times in seconds."""

    runs: int
    keys: int
    segments: int
    churn: float
    early_processor: float
    late_processor: float
    early_elapsed: float
    late_elapsed: float
    repeated_processor: float
    repeated_elapsed: float
    """Runs 6 to 15 once more on the file as it was before run 6, in turns with the last ten."""
    members: int
    changes: int
    """Rows that the log has of entries and exits."""
    expected_changes: int
    """Entries and exits that the data made, counted beside segwh."""
    log_rows: int
    state_rows: int
    file_megabytes: float

    @property
    def ratio(self) -> float:
        """Processor time of the last ten runs to that of runs 6 to 15 run in turns with them."""
        return self.late_processor / self.repeated_processor

    @property
    def elapsed_ratio(self) -> float:
        """The same by the clock."""
        return self.late_elapsed / self.repeated_elapsed

    @property
    def ratio_in_order(self) -> float:
        """Processor time of the last ten runs to that of runs 6 to 15 when they came, whatever the machine did meanwhile."""
        return self.late_processor / self.early_processor


def rules(segments: int) -> str:
    """Segments of about five percent of the customers each."""
    attributes = ", ".join(f"a{number}: integer" for number in range(ATTRIBUTES))
    text = (
        "entities:\n  - name: customer\n    relation: ref('customers')\n    key: {column: customer_id, type: integer}\n"
        f"    attributes: {{{attributes}}}\nsegments:\n"
    )
    for number in range(segments):
        attribute, low = f"a{number % ATTRIBUTES}", (number // ATTRIBUTES) * 50 % 950
        condition = f"{{attribute: {attribute}, between: [{low}, {low + 49}]}}"
        text += f"  - {{name: s{number}, label: S, entity: customer, include: [{condition}]}}\n"
    return text


def columns(day: int) -> dict[str, str]:
    return {f"a{n}": f"(hash(customer_id * 7919 + {n * 104729 + day * 1299709}) % 1000)::bigint" for n in range(ATTRIBUTES)}


def measure(runs: int, keys: int, segments: int, churn: float, folder: Path, *, tell: bool = True) -> Growth:
    """Run and measure."""
    project = compiled(rules(segments))
    path = folder / "growth.duckdb"
    runner = Runner(str(path))
    given = ", ".join(f"{value} as {name}" for name, value in columns(0).items())
    runner.connection.execute(CUSTOMERS.format(columns=given, keys=keys))
    runner.find_relations()
    expected = members_by_rule(runner, project, segments)
    before_run_6 = folder / "before_run_6.duckdb"
    times: list[Taken] = []
    repeated: list[Taken] = []
    again: Runner | None = None
    for day in range(runs):
        if day == 5:
            runner.connection.execute("checkpoint")
            shutil.copyfile(path, before_run_6)
        expected += churned(runner, segments, day, churn) if day else 0
        times.append(timed(runner, project, day))
        early = 5 + day - (runs - 10)
        if early >= 5:
            if again is None:
                again = Runner(str(before_run_6))
                again.find_relations()
                again.runs = 5
            churned(again, segments, early, churn)
            repeated.append(timed(again, project, early))
        if tell and (day < 20 or day % 20 == 0 or day > runs - 11):
            beside = f"   run {early + 1:>2} again: {repeated[-1].processor:6.2f} s" if early >= 5 else ""
            print(
                f"run {day + 1:>4}: {times[-1].processor:6.2f} s processor, {times[-1].elapsed:6.2f} s elapsed{beside}",
                flush=True,
            )
    [(members,)] = runner.rows("select count(*) from segwh_customer_membership")
    [(changes,)] = runner.rows("select count(*) from segwh_customer_changes")
    [(log_rows,)] = runner.rows("select count(*) from segwh_customer_log")
    [(state_rows,)] = runner.rows("select count(*) from segwh_customer_state")
    runner.connection.execute("checkpoint")
    return Growth(
        runs=runs,
        keys=keys,
        segments=segments,
        churn=churn,
        early_processor=median(taken.processor for taken in times[5:15]),
        late_processor=median(taken.processor for taken in times[-10:]),
        early_elapsed=median(taken.elapsed for taken in times[5:15]),
        late_elapsed=median(taken.elapsed for taken in times[-10:]),
        repeated_processor=median(taken.processor for taken in repeated),
        repeated_elapsed=median(taken.elapsed for taken in repeated),
        members=members,
        changes=changes,
        expected_changes=expected,
        log_rows=log_rows,
        state_rows=state_rows,
        file_megabytes=path.stat().st_size / 1e6,
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """What one run took, in seconds."""

    processor: float
    elapsed: float


def timed(runner: Runner, project: Compiled, day: int) -> Taken:
    """Run at that day."""
    processor, elapsed = time.process_time(), time.perf_counter()
    assert runner.run(project, Call(START + timedelta(days=day)))
    return Taken(time.process_time() - processor, time.perf_counter() - elapsed)


def bands(segments: int) -> str:
    """For each customer, the list of its segments, by plain arithmetic."""
    tests = [
        f"case when a{number % ATTRIBUTES} between {(number // ATTRIBUTES) * 50 % 950} "
        f"and {(number // ATTRIBUTES) * 50 % 950 + 49} then {number} end"
        for number in range(segments)
    ]
    return f"list_filter([{', '.join(tests)}], lambda s: s is not null)"


def members_by_rule(runner: Runner, project: Compiled, segments: int) -> int:
    [(count,)] = runner.rows(f"select coalesce(sum(len({bands(segments)})), 0)::bigint from customers")
    return int(count)


def churned(runner: Runner, segments: int, day: int, churn: float) -> int:
    """Change the rows of some customers; how many entries and exits that makes."""
    connection = runner.connection
    share = int(churn * 1_000_000)
    connection.execute(
        f"create or replace temp table before_churn as select customer_id, {bands(segments)} as segments from customers "
        f"where hash(customer_id * 1000003 + {day}) % 1000000 < {share}"
    )
    assignments = ", ".join(f"{name} = {value}" for name, value in columns(day).items())
    connection.execute(CHURN.format(columns=assignments, day=day, share=share))
    [(count,)] = runner.rows(
        f"""
        select coalesce(sum(len(list_filter(b.segments, lambda s: not list_contains(c.segments, s)))
          + len(list_filter(c.segments, lambda s: not list_contains(b.segments, s)))), 0)::bigint
        from before_churn as b join (select customer_id, {bands(segments)} as segments from customers) as c using (customer_id)
        """
    )
    return int(count)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=365)
    parser.add_argument("--keys", type=int, default=200_000)
    parser.add_argument("--segments", type=int, default=100)
    parser.add_argument("--churn", type=float, default=0.02)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(given.runs, given.keys, given.segments, given.churn, Path(folder))
    print(f"runs 6-15: {found.early_processor:.2f} s processor, {found.early_elapsed:.2f} s elapsed (medians)")
    last = f"runs {found.runs - 9}-{found.runs}"
    print(f"{last}: {found.late_processor:.2f} s processor, {found.late_elapsed:.2f} s elapsed (medians)")
    repeated, repeated_elapsed = found.repeated_processor, found.repeated_elapsed
    print(f"runs 6-15 again, in turns with those: {repeated:.2f} s processor, {repeated_elapsed:.2f} s elapsed")
    print(
        f"ratio: {found.ratio:.2f} processor, {found.elapsed_ratio:.2f} elapsed; in order {found.ratio_in_order:.2f} processor"
    )
    print(
        f"log: {found.changes:,} entries and exits, {found.expected_changes:,} by the data; {found.members:,} members; "
        f"{found.state_rows:,} rows of state; {found.file_megabytes:,.0f} MB"
    )
    if given.json:
        told = {
            **asdict(found),
            "ratio": found.ratio,
            "elapsed_ratio": found.elapsed_ratio,
            "ratio_in_order": found.ratio_in_order,
        }
        given.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
