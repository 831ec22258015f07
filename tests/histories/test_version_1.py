"""Tables of an older contract version are brought along without losing a row; those of a newer one are refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from segwh.dbt.models import CONTRACT_VERSION
from tests.histories.runner import Call, Compiled, Runner, compiled
from tests.macro_calls import CompilerError

FOLDER = Path(__file__).parent
TABLES = ("segwh_run_starts", "segwh_run_ends", "segwh_customer_log", "segwh_customer_by_phone_log")
COLUMNS = {
    "customer_id": "varchar",
    "created_at": "timestamptz",
    "points": "bigint",
    "phone": "varchar",
    "subscribed": "boolean",
}
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def runner() -> Runner:
    """A warehouse as version 1 left it, after a run that was killed half way."""
    made = Runner()
    made.connection.execute((FOLDER / "version_1.sql").read_text(encoding="utf-8"))
    made.find_relations()
    made.runs = 100
    customers = [("ann", 60, "01", True), ("bob", 75, "01", True), ("dee", 80, "03", False), ("eve", 55, "0'4", True)]
    made.fill("customers", COLUMNS, [(key, LONG_AGO, *row) for key, *row in customers])
    return made


@pytest.fixture(scope="module")
def project() -> Compiled:
    return compiled((FOLDER / "version_1.yml").read_text(encoding="utf-8"))


def day(number: int) -> datetime:
    return datetime(2026, 2, number, tzinfo=UTC)


def test_no_row_is_lost_and_the_log_carries_on(runner: Runner, project: Compiled) -> None:
    columns = {table: ", ".join(name for name, *_ in runner.rows(f"describe {table}")) for table in TABLES}
    before = {table: set(runner.rows(f"select {columns[table]} from {table}")) for table in TABLES}
    assert runner.run(project, Call(day(5)))
    for table, rows in before.items():
        assert rows <= set(runner.rows(f"select {columns[table]} from {table}"))
    assert set(runner.rows("select segment, customer_id, entered_at from segwh_customer_membership")) == {
        ("founders", "ann", day(5)),  # suppression had only hidden her, as the log of version 1 tells
        ("founders", "bob", day(1)),
        ("rich", "ann", day(5)),
        ("rich", "bob", day(1)),
        ("rich", "eve", day(2)),
        ("unsubscribed", "dee", day(1)),
    }
    assert set(runner.rows("select segment, phone, valid_from, valid_to from segwh_customer_by_phone_history")) == {
        ("rich_phones", "01", day(1), day(3)),
        ("rich_phones", "01", day(5), None),
        ("rich_phones", "02", day(2), day(3)),
        ("rich_phones", "0'4", day(3), None),
    }
    statuses = runner.rows("select status, contract_version from segwh_runs order by started_at")
    assert statuses == [("finished", 1)] * 4 + [("started", 1), ("finished", CONTRACT_VERSION)]


def test_an_upgrade_that_dies_is_made_good_by_the_next_run(project: Compiled) -> None:
    ends = []
    for dies_after in (None, "segwh_run_starts", "segwh_customer_state", "segwh_customer_log", "segwh_run_ends"):
        made = Runner()
        made.connection.execute((FOLDER / "version_1.sql").read_text(encoding="utf-8"))
        made.find_relations()
        made.runs = 100
        made.fill("customers", COLUMNS, [("bob", LONG_AGO, 75, "01", True), ("dee", LONG_AGO, 80, "03", False)])
        if dies_after is not None:
            made.run(project, Call(day(5), stop_after=dies_after))
        assert made.run(project, Call(day(5)))
        ends.append(
            made.rows("from segwh_customer_membership order by all")
            + made.rows("from segwh_customer_history order by all")
            + made.rows("select segment, customer_id, change, changed_at, reason from segwh_customer_changes order by sequence")
        )
    assert len(ends) == 5
    assert all(end == ends[0] for end in ends)


def test_tables_of_a_newer_contract_are_refused(runner: Runner, project: Compiled) -> None:
    runner.run(project, Call(day(5)))
    runner.connection.execute("update segwh_run_starts set contract_version = 99 where run_id = 'run0001'")
    before = runner.rows("from segwh_customer_log order by all"), runner.rows("from segwh_run_starts order by all")
    with pytest.raises(CompilerError, match="contract version 99, and this project was compiled for version"):
        runner.run(project, Call(day(6)), raises=True)
    assert (runner.rows("from segwh_customer_log order by all"), runner.rows("from segwh_run_starts order by all")) == before


def test_an_upgrade_that_reads_nothing_concludes_nothing(runner: Runner, project: Compiled) -> None:
    logs = [table for table in TABLES if table != "segwh_run_ends"]
    before = [runner.rows(f"from {table} order by all") for table in logs]
    assert runner.run(project, Call(day(5), empty=True))
    assert [runner.rows(f"from {table} order by all") for table in logs] == before
    told = runner.rows("select segment, customer_id from segwh_customer_membership order by all")
    assert told == [("founders", "bob"), ("rich", "bob"), ("rich", "eve"), ("unsubscribed", "ann"), ("unsubscribed", "dee")]
