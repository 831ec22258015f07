"""Whether the cost of a run grows with the number of runs before it.

A year of daily runs over one grain: customers whose attributes change at random, segments over those attributes, the compiled
SQL as it stands, on a DuckDB file. The median of the last ten runs is set against that of runs 6 to 15, in processor time and
in elapsed time. Beside each run a query that never changes is timed: how much slower that became is what else the machine does,
and the ratio is freed from it.

    python -m benchmarks.growth [--runs 365] [--keys 200000] [--segments 100] [--churn 0.02] [--json growth.json]
"""

from __future__ import annotations

import argparse
import json
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
CONTROL = (
    "select sum(hash(i) % 7) from range(1000000) as t(i)",
    "select count(*) from (select md5(i::text), row_number() over (partition by i % 1000 order by i) from range(50000) t(i))",
)
"""Queries of always the same work: arithmetic, text, a window."""
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
    early_control: float
    late_control: float
    """Processor time of the query that never changes."""
    members: int
    changes: int
    """Rows that the log has of entries and exits."""
    expected_changes: int
    """Entries and exits that the data made, counted beside segwh."""
    log_rows: int
    state_rows: int
    file_megabytes: float

    @property
    def machine(self) -> float:
        """How much slower the machine became."""
        return self.late_control / self.early_control

    @property
    def ratio(self) -> float:
        """How much slower a run became, the machine apart."""
        return self.late_processor / self.early_processor / self.machine

    @property
    def elapsed_ratio(self) -> float:
        return self.late_elapsed / self.early_elapsed


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
    processor: list[float] = []
    elapsed: list[float] = []
    control: list[float] = []
    expected = 0
    before = members_by_rule(runner, project, segments)
    expected += before
    for day in range(runs):
        if day:
            expected += churned(runner, segments, day, churn)
        started = time.process_time(), time.perf_counter()
        assert runner.run(project, Call(START + timedelta(days=day)))
        processor.append(time.process_time() - started[0])
        elapsed.append(time.perf_counter() - started[1])
        begun = time.process_time()
        for query in CONTROL:
            runner.rows(query)
        control.append(time.process_time() - begun)
        if tell and (day < 20 or day % 20 == 0 or day > runs - 11):
            print(f"run {day + 1:>4}: {processor[-1]:6.2f} s processor, {elapsed[-1]:6.2f} s elapsed", flush=True)
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
        early_processor=median(processor[5:15]),
        late_processor=median(processor[-10:]),
        early_elapsed=median(elapsed[5:15]),
        late_elapsed=median(elapsed[-10:]),
        early_control=median(control[5:15]),
        late_control=median(control[-10:]),
        members=members,
        changes=changes,
        expected_changes=expected,
        log_rows=log_rows,
        state_rows=state_rows,
        file_megabytes=path.stat().st_size / 1e6,
    )


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
    early, late = found.early_control, found.late_control
    print(f"control: {early:.3f} s, then {late:.3f} s: the machine is {found.machine:.2f} times as slow")
    print(f"ratio: {found.ratio:.2f} processor (the machine apart), {found.elapsed_ratio:.2f} elapsed")
    print(
        f"log: {found.changes:,} entries and exits, {found.expected_changes:,} by the data; {found.members:,} members; "
        f"{found.state_rows:,} rows of state; {found.file_megabytes:,.0f} MB"
    )
    if given.json:
        told = {**asdict(found), "ratio": found.ratio, "elapsed_ratio": found.elapsed_ratio}
        given.json.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
