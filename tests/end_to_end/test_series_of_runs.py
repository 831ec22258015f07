"""Runs in a row on the example: what repeats changes nothing, what comes later is logged, what comes too late is refused; and
where segwh is not installed dbt alone does the same job. In one file, so that one process runs the series once.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from tests.end_to_end.conftest import Series, Step
from tests.end_to_end.shop import FORBID, Rows, Shop

FIRST, LATER = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 8, tzinfo=UTC)
GRAINS = {"customer": "customer_id", "lead": "lead_id", "lead_by_phone": "phone"}
REASONS = {"rule", "excluded", "suppressed", "time_to_live", "priority", "limit", "gone"}


def changed(before: Step, after: Step) -> dict[str, tuple[int, int]]:
    """Table by table, how many rows went and came."""
    found = {}
    for table in before.tables.keys() | after.tables.keys():
        old, new = Counter(map(repr, before.tables.get(table, ()))), Counter(map(repr, after.tables.get(table, ())))
        if old != new:
            found[table] = ((old - new).total(), (new - old).total())
    return found


def log(series: Series, grain: str) -> Rows:
    """(segment, key, change, changed_at, reason) in the order of the log."""
    key = GRAINS[grain]
    return series.shop.ask(f"select segment, {key}, change, changed_at, reason from segwh_{grain}_changes order by sequence")


def test_the_first_run_fills_every_table(series: Series) -> None:
    done = series.first.done
    assert (done.code, done.err) == (0, "")
    assert "as of 2026-11-01 00:00 UTC: 77 segments, +" in done.out
    assert "none exited" in done.out
    empty = {name for name, rows in series.first.tables.items() if not rows}
    assert empty == set()
    assert {reason for *_, at, reason in log(series, "customer") if at == FIRST} == {"first_run"}


def test_the_same_as_of_again_changes_no_row(series: Series) -> None:
    assert series.later_again.done.code == 0
    assert "; this as-of was recorded before and the data still says the same" in series.later_again.done.out
    assert changed(series.later, series.later_again) == {}
    assert [run[0] for run in series.later_again.runs] == [FIRST, LATER, LATER]
    assert series.later_again.runs[-1][1:] == ("finished", 0, 0)


def test_a_later_as_of_records_who_came_and_left_and_why(series: Series) -> None:
    assert series.later.done.code == 0
    later = [row for grain in GRAINS for row in log(series, grain) if row[3] == LATER]
    moves = Counter(change for _, _, change, *_ in later)
    assert moves["entered"] > 100
    assert moves["exited"] > 100
    assert {reason for *_, reason in later} <= REASONS
    why = {change: {reason for _, _, its, _, reason in later if its == change} for change in ("entered", "exited")}
    assert why["entered"] == {"rule"}
    assert {"rule", "excluded", "time_to_live", "priority"} <= why["exited"]
    ((entered, exited),) = [run[2:] for run in series.later.runs[-1:]]
    assert (entered, exited) == (moves["entered"], moves["exited"])
    assert f"+{entered:,} entered, −{exited:,} exited" in series.later.done.out


def test_an_older_as_of_is_refused(series: Series) -> None:
    done = series.older.done
    assert done.code == 1
    assert done.out.endswith(
        "\nthe as-of 2026-11-01 00:00 UTC is refused, nothing was changed\n"
        "  every segment was evaluated later already, the newest at 2026-11-08 00:00 UTC\n"
        "  the log goes forward only: give a later --as-of\n"
    )


def test_a_refused_as_of_changes_no_table_at_all(series: Series) -> None:
    assert changed(series.later_again, series.older) == {}


@pytest.mark.parametrize("grain", GRAINS)
def test_membership_is_the_log_replayed(series: Series, grain: str) -> None:
    members: dict[tuple[object, object], object] = {}
    for segment, key, change, at, _ in log(series, grain):
        if change == "entered":
            assert (segment, key) not in members
            members[segment, key] = at
        else:
            del members[segment, key]
    found = series.shop.ask(f"select membership_id, segment, {GRAINS[grain]}, entered_at from segwh_{grain}_membership")
    assert {(segment, key): at for _, segment, key, at in found} == members
    assert {name for name, *_ in found} == {f"{segment}:{key}" for segment, key in members}
    assert len(found) == len(members) > 0


@pytest.mark.parametrize("grain", GRAINS)
def test_history_is_the_log_as_stays(series: Series, grain: str) -> None:
    stays: dict[tuple[object, object], list[list[object]]] = defaultdict(list)
    for segment, key, change, at, reason in log(series, grain):
        if change == "entered":
            stays[segment, key].append([at, None, reason, None])
        else:
            stays[segment, key][-1][1::2] = [at, reason]
    columns = f"segment, {GRAINS[grain]}, valid_from, valid_to, entered_reason, exited_reason"
    found = series.shop.ask(f"select {columns} from segwh_{grain}_history")
    assert Counter(found) == Counter((*who, *stay) for who, its in stays.items() for stay in its)
    assert all(end is None or start < end for _, _, start, end, *_ in found)


def test_sizes_count_the_members(series: Series) -> None:
    ask = series.shop.ask
    newest = dict(ask("select segment, members from segwh_segment_sizes where as_of = timestamptz '2026-11-08T00:00:00Z'"))
    counted = dict.fromkeys(newest, 0)
    for grain in GRAINS:
        counted.update(ask(f"select segment, count(*) from segwh_{grain}_membership group by 1"))
    assert newest == counted
    registered = {name for (name,) in ask("select segment from segwh_segments")}
    assert len(registered) == 77
    # The segments that track a life cycle's stages are counted and not listed.
    assert {name.split("__")[0] for name in set(newest) - registered} == {"stage"}
    assert registered <= set(newest)


def test_an_audience_holds_its_members_and_no_holdout(series: Series) -> None:
    tables = series.later.tables
    letters = {row[0] for row in tables["aud_chinese_tea_winback__letter"]}
    members = series.shop.ask("select customer_id from segwh_customer_membership where segment = 'chinese_tea_winback__letter'")
    assert letters == {key for (key,) in members}
    assert "aud_chinese_tea_winback__holdout" not in tables


def test_the_listing_shows_the_sizes(series: Series) -> None:
    listed = series.shop.segwh("list", "--tag", "leads")
    assert listed.code == 0
    ((size,),) = series.shop.ask("select count(*) from segwh_lead_by_phone_membership where segment = 'sim_leads_90d'")
    assert any(row.split()[:3] == ["sim_leads_90d", "lead_by_phone", str(size)] for row in listed.out.splitlines()), listed.out


# --- dbt alone -----------------------------------------------------------------------------------------------------------


def test_segwh_cannot_be_imported_here(rules_only: Shop) -> None:
    """That the tests below mean what they say."""
    script = f"{FORBID}\ntry: import segwh\nexcept ImportError: print('gone')"
    assert rules_only.run(sys.executable, "-c", script).out == "gone\n"


def test_dbt_alone_gives_what_segwh_run_gives(built_shop: Shop, series: Series, tmp_path: Path) -> None:
    shop = built_shop.copy(tmp_path / "dbt_project")
    assert shop.segwh("compile").code == 0
    done = shop.dbt_alone("build", "--select", "tag:segwh", "--vars", f"{{segwh_as_of: '{FIRST:%Y-%m-%dT%H:%M:%SZ}'}}")
    assert done.code == 0, done.out
    found = shop.public()
    expected = series.first.tables
    assert found.keys() == expected.keys()
    for table, rows in found.items():
        assert len(rows) == len(expected[table]), table
    # The log names the run that wrote it; everything else is the same to the last value.
    same = {table: rows for table, rows in found.items() if not table.endswith("_changes")}
    assert same == {table: rows for table, rows in expected.items() if not table.endswith("_changes")}


def test_what_was_written_twice_fails_the_tests_of_its_tables(series: Series, tmp_path: Path) -> None:
    shop = series.shop.copy(tmp_path / "dbt_project")
    newest = "timestamptz '2026-11-08T00:00:00Z' limit 1"
    with duckdb.connect(shop.folder / "shop.duckdb") as connection:
        entry = f"select * from segwh_customer_log where change = 'entered' and changed_at = {newest}"
        connection.execute(f"insert into segwh_customer_log {entry}")
        member = f"select * from segwh_customer_state where entered_at = {newest}"
        connection.execute(f"insert into segwh_customer_state {member}")
    tests = (
        "new_changes_are_unique_segwh_customer_changes",
        "new_members_are_unique_segwh_customer_membership_ref_segwh_customer_changes",
    )
    # Whole names: dbt 1.10 finds none by their beginning where they end in "_".
    done = shop.dbt_alone("test", "--select", *(f"segwh__{test}_" for test in tests))
    assert done.code == 1
    assert [f"FAIL 1 segwh__{test}" in done.out for test in tests] == [True, True], done.out
