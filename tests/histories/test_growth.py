"""What a run costs does not grow with the runs before it, and the log holds what the data made, no more and no less."""

from __future__ import annotations

from pathlib import Path

from benchmarks.growth import measure
from tests.histories.runner import Call, Runner, compiled
from tests.histories.shop import START, Shop


def test_forty_runs(tmp_path: Path) -> None:
    found = measure(runs=40, keys=2_000, segments=20, churn=0.02, folder=tmp_path, tell=False)
    assert found.changes == found.expected_changes
    assert found.log_rows == found.changes + 40 * 20
    # The state holds the members, the leavers of the newest instant, and one row a segment: it is no second log.
    assert found.state_rows < found.members * 1.1
    # Runs in turns, but of hundredths of a second: the benchmark of a year holds the real bound of 1.2.
    assert found.ratio < 2


def test_a_run_reads_only_the_end_of_the_log() -> None:
    """The log loses its beginning, and the next run does not notice: the state tells it what it needs."""
    shop = Shop()
    runner = Runner()
    shop.customers = {"a": (START, 30, "01", True), "b": (START, 40, None, True)}
    project = compiled(shop.rules)
    for day in range(1, 6):
        shop.customers["c"] = (START, 30 if day % 2 else 5, "02", True)
        shop.fill(runner)
        assert runner.run(project, Call(START.replace(day=day + 1)))
    before = runner.rows("from segwh_customer_membership order by all")
    [(applied,)] = runner.rows("select max(sequence) from segwh_customer_state")
    runner.connection.execute(f"delete from segwh_customer_log where sequence <= {applied} - 30")
    shop.customers["d"] = (START, 30, None, True)
    shop.fill(runner)
    assert runner.run(project, Call(START.replace(day=10)))
    after = runner.rows("select segment, customer_id, entered_at from segwh_customer_membership where customer_id <> 'd'")
    assert set(after) >= {row[1:] for row in before if row[1] in ("rich", "founders", "best")}
