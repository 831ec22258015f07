"""What happens to segments over the years, as it is typed: renames, removals, erasures, backfills that stop and go on."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.test_commands import rewrite
from tests.cli.test_run import ask, segwh, tell


def test_a_renamed_segment_keeps_its_members(shop: Path) -> None:
    assert segwh("run", "--as-of", "2026-07-01").exit_code == 0
    rewrite(shop / "segments/rules.yml", "name: in_leeds", "name: at_home\n    was: in_leeds")
    later = segwh("run", "--as-of", "2026-07-02")
    assert later.exit_code == 0, later.stdout
    assert "3 segments, none entered, none exited" in later.stdout
    assert ask(
        "select distinct segment, reason, changed_at::date::text from segwh_customer_changes where segment like '%home%'"
    ) == [("at_home", "first_run", "2026-06-30")]
    assert ask("select count(*) from segwh_customer_log where segment = 'in_leeds'") == [(0,)]
    assert ask("select note from segwh_runs where status = 'renamed'") == [("in_leeds is called at_home now",)]
    assert segwh("run", "--as-of", "2026-07-02").exit_code == 0
    assert ask("select count(*) from segwh_runs where status = 'renamed'") == [(1,)]


def test_a_segment_goes_only_when_it_is_removed(shop: Path) -> None:
    assert segwh("run", "--as-of", "2026-07-01").exit_code == 0
    refused = segwh("run", "--as-of", "2026-07-02", "--remove", "in_leeds")
    assert (refused.exit_code, refused.stderr.splitlines()[0]) == (1, "error: --remove: `in_leeds` is in the rules")
    rules = (shop / "segments/rules.yml").read_text()
    start, end = rules.index("  - name: in_leeds"), rules.index("  - name: spring_list")
    (shop / "segments/rules.yml").write_text(rules[:start] + rules[end:])
    kept = segwh("run", "--as-of", "2026-07-02")
    assert kept.exit_code == 0
    assert "1 segment no longer in the rules, with members that stay until it is removed\n" in kept.stdout
    assert "  in_leeds  2 members, which `--remove in_leeds` lets go\n" in kept.stdout
    wrong = segwh("run", "--as-of", "2026-07-03", "--remove", "in_leds")
    assert (wrong.exit_code, wrong.stderr) == (
        1,
        "error: --remove: the log knows no segment `in_leds`; `in_leeds` might be meant\n",
    )
    assert segwh("run", "--as-of", "2026-07-03", "--remove", "in_leeds").exit_code == 0
    left = "select change, reason from segwh_customer_changes where segment = 'in_leeds' order by sequence"
    assert ask(left)[2:] == [("exited", "segment_removed")] * 2
    assert ask("select count(*) from segwh_customer_membership where segment = 'in_leeds'") == [(0,)]
    assert "no longer in the rules" not in segwh("run", "--as-of", "2026-07-04").stdout


def test_a_lost_suppression_list_lets_nobody_in_until_it_is_accepted(shop: Path) -> None:
    rules = shop / "segments/rules.yml"
    plain = rules.read_text(encoding="utf-8")
    for number in range(4):
        plain += f"  - {{name: all_{number}, label: All, entity: customer, include: everyone}}\n"
    rules.write_text(plain + "exclusions:\n  - {entity: customer, segment: in_leeds}\n", encoding="utf-8")
    assert segwh("run", "--as-of", "2026-07-01").exit_code == 0
    members = "select segment, count(*) from segwh_customer_membership group by 1 order by 1"
    before = ask(members)
    assert before == [*((f"all_{number}", 2) for number in range(4)), ("buyers", 1), ("in_leeds", 2), ("spring_list", 1)]
    rules.write_text(plain, encoding="utf-8")
    failed = segwh("run", "--as-of", "2026-07-02")
    assert failed.exit_code == 1
    assert (
        "5 segments held back, the others are published\n"
        "  all_0, all_1, all_2 and 2 more  blocked: suppression list in_leeds is not in exclusions any more: put it back, "
        "or --accept in_leeds\n"
    ) in failed.stdout
    assert ask(members) == before
    alone = plain[: plain.index("  - name: in_leeds")] + plain[plain.index("  - name: spring_list") :]
    rules.write_text(alone, encoding="utf-8")
    failed = segwh("run", "--as-of", "2026-07-04")
    assert "blocked: suppression list in_leeds is not in exclusions any more" in failed.stdout
    assert "  in_leeds  2 members, which `--remove in_leeds` lets go\n" in failed.stdout
    wrong = segwh("run", "--as-of", "2026-07-05", "--accept", "in_leds")
    assert (wrong.exit_code, wrong.stderr) == (1, "error: --accept: `in_leds` is not a segment; `in_leeds` might be meant\n")
    wrong = segwh("backfill", "--from", "2026-07-05", "--to", "2026-07-05", "--accept", "in_leds")
    assert (wrong.exit_code, wrong.stderr) == (1, "error: --accept: `in_leds` is not a segment; `in_leeds` might be meant\n")
    held = segwh("backfill", "--from", "2026-07-05", "--to", "2026-07-05")
    assert (held.exit_code, ask(members)) == (1, before)
    filled = segwh("backfill", "--from", "2026-07-06", "--to", "2026-07-06", "--accept", "in_leeds")
    assert (filled.exit_code, filled.stderr) == (0, "")
    assert segwh("run", "--as-of", "2026-07-07").exit_code == 0  # its run knows of no list
    assert ask(members) == [*((f"all_{number}", 4) for number in range(4)), ("buyers", 1), ("in_leeds", 2), ("spring_list", 1)]


@pytest.mark.slow
def test_a_lost_suppression_list_where_all_others_are_frozen(shop: Path) -> None:
    rules = shop / "segments/rules.yml"
    text = rules.read_text(encoding="utf-8")
    rest = text[: text.index("  - name: buyers")] + text[text.index("  - name: in_leeds") :]
    rules.write_text(rest + "exclusions:\n  - {entity: customer, segment: in_leeds}\n", encoding="utf-8")
    assert segwh("run", "--as-of", "2026-07-01").exit_code == 0
    rules.write_text(rest, encoding="utf-8")
    failed = segwh("run", "--as-of", "2026-07-02")
    assert failed.exit_code == 1
    assert (
        "no segment of customer takes new members\n"
        "  suppression list in_leeds is not in exclusions any more: put it back, or --accept in_leeds\n"
    ) in failed.stdout
    assert segwh("run", "--as-of", "2026-07-03", "--accept", "in_leeds").exit_code == 0


@pytest.mark.slow
def test_members_of_a_former_kind_go_when_they_are_removed(shop: Path) -> None:
    plain = (shop / "segments/rules.yml").read_text()
    start = plain.index("  - name: in_leeds")
    hourly = "  - {name: hourly, label: h, entity: customer, refresh: hourly, include: everyone}\n"
    by_city = plain[start:].replace("entity: customer\n", "entity: customer\n    aggregate_on: city\n", 1)
    (shop / "segments/rules.yml").write_text(plain[:start] + hourly + plain[start:])
    assert segwh("run", "--as-of", "2026-07-01").exit_code == 0
    (shop / "segments/rules.yml").write_text(plain[:start] + hourly + by_city)
    kept = segwh("run", "--as-of", "2026-07-02")
    assert "1 segment with members of another kind now, and others that stay until it is removed\n" in kept.stdout
    assert "  in_leeds  2 members, which `--remove in_leeds` lets go\n" in kept.stdout
    assert segwh("run", "--as-of", "2026-07-02", "--refresh", "hourly").exit_code == 0
    for _ in range(2):  # whoever is not sure whether it was done says so again
        assert segwh("run", "--as-of", "2026-07-02", "--remove", "in_leeds").exit_code == 0
        assert ask("select count(*) from segwh_customer_membership where segment = 'in_leeds'") == [(0,)]
        assert ask("select count(*) from segwh_customer_by_city_membership where segment = 'in_leeds'") == [(1,)]
    refused = segwh("run", "--as-of", "2026-07-03", "--remove", "buyers")
    assert (refused.exit_code, refused.stderr.splitlines()[0]) == (1, "error: --remove: `buyers` is in the rules")
    (shop / "segments/rules.yml").write_text(plain[:start] + hourly + plain[start:])
    last = segwh("run", "--as-of", "2026-07-03", "--remove", "in_leeds")
    assert last.exit_code == 1
    assert "the members that `in_leeds` had are in segwh_customer_by_city_membership, and no segment of" in last.stderr


def test_tables_in_another_schema_go_on_where_the_log_was_moved(recorded: Path) -> None:
    """As docs/operations.md says, and what becomes of it where nobody did."""
    before = ask("from segwh_customer_changes order by all")
    project = recorded / "dbt_project.yml"
    project.write_text(project.read_text() + "models: {shop: {segwh: {+schema: marts}}}\n")
    assert segwh("run", "--as-of", "2026-07-02").exit_code == 0
    assert ask("select distinct reason from main_marts.segwh_customer_changes") == [("first_run",)]
    assert ask("from segwh_customer_changes order by all") == before  # what was is left where it was

    for table in ("segwh_customer_log", "segwh_run_starts", "segwh_run_ends"):
        tell(f"create or replace table main_marts.{table} as from main.{table}")
    tell("drop table main_marts.segwh_customer_state")
    done = segwh("run", "--as-of", "2026-07-02")
    assert done.exit_code == 0
    assert "5 segments, none entered, none exited" in done.stdout
    assert ask("from main_marts.segwh_customer_changes order by all") == before
    assert ask("select count(*) from main_marts.segwh_runs") == [(3,)]


def test_a_person_is_erased(shop: Path) -> None:
    assert segwh("run", "--as-of", "2026-07-01").exit_code == 0
    sizes = ask("from segwh_segment_sizes order by all")
    done = segwh("erase", "1", "--entity", "customer", "--yes")
    assert done.exit_code == 0
    assert "of 2 segments from the log\n" in done.stdout
    assert "still in ref('customers'): the next run lets it in again, so delete it there first" in done.stdout
    for table in ("log", "state", "facts", "evaluation", "pending", "changes", "membership", "history"):
        assert ask(f"select count(*) from segwh_customer_{table} where customer_id = 1") == [(0,)], table
    assert ask("from segwh_segment_sizes order by all") == sizes
    [(run_id, note)] = ask("select run_id, note from segwh_runs where status = 'erased'")
    assert run_id in done.stdout
    assert note == "one customer was erased"
    tell("delete from raw_customers where customer_id = 1; delete from customers where customer_id = 1")
    assert segwh("run", "--as-of", "2026-07-02").exit_code == 0
    assert ask("select count(*) from segwh_customer_log where customer_id = 1") == [(0,)]
    again = segwh("erase", "1", "--entity", "customer", "--yes")
    assert (again.exit_code, again.stdout) == (0, "the log knows nothing of this key: there was nothing to erase\n")


def test_an_erasure_makes_no_warehouse(shop: Path) -> None:
    (shop / "shop.duckdb").unlink()
    done = segwh("erase", "1", "--entity", "customer", "--yes")
    assert done.exit_code == 1
    assert done.stderr.startswith("error: the DuckDB file ")
    assert not (shop / "shop.duckdb").exists()


def test_an_erasure_beside_a_run_says_that_it_has_to_be_repeated(shop: Path) -> None:
    assert segwh("run", "--as-of", "2026-07-01").exit_code == 0
    begun = "'under way' as run_id, timestamptz '2099-01-01 00:00Z' as started_at"
    tell(f"insert into segwh_run_starts by name select * exclude (run_id, started_at), {begun} from segwh_run_starts")
    for words in ("erased ", "there was nothing to erase"):
        done = segwh("erase", "1", "--entity", "customer", "--yes")
        assert done.exit_code == 1
        assert words in done.stdout
        assert "a run that began at 2099-01-01 00:00 UTC has not ended and may write the key once more" in done.stdout
    assert ask("select count(*) from segwh_customer_log where customer_id = 1") == [(0,)]


def test_an_erasure_asks_first(shop: Path) -> None:
    assert segwh("run", "--as-of", "2026-07-01").exit_code == 0
    before = ask("from segwh_customer_log order by all")
    refused = segwh("erase", "1", "--entity", "customer")  # nobody answers
    assert refused.exit_code == 1
    assert "error: nobody answered, so nothing was erased\n  say `--yes` where no terminal is\n" in refused.stderr
    assert ask("from segwh_customer_log order by all") == before
    wrong = segwh("erase", "one", "--entity", "customer", "--yes")
    assert (wrong.exit_code, wrong.stderr) == (1, "error: `one` is no customer_id: that is an integer\n")


BOOKS = "select * exclude (run_id) from segwh_customer_log order by sequence"


@pytest.mark.slow
def test_a_backfill_is_what_runs_on_those_days_would_have_left(shop: Path) -> None:
    for day in range(1, 6):
        assert segwh("run", "--as-of", f"2026-07-0{day}").exit_code == 0
    by_runs = ask(BOOKS), ask("from segwh_customer_membership order by all"), ask("from segwh_customer_history order by all")
    tell("drop table segwh_customer_log; drop table segwh_customer_state")
    tell("drop table segwh_run_starts; drop table segwh_run_ends")
    filled = segwh("backfill", "--from", "2026-07-01", "--to", "2026-07-05")
    assert filled.exit_code == 0, filled.stdout
    assert "1/5 2026-06-30 23:00 UTC +5 entered, · exited" in filled.stdout
    assert (
        ask(BOOKS),
        ask("from segwh_customer_membership order by all"),
        ask("from segwh_customer_history order by all"),
    ) == by_runs
    again = segwh("backfill", "--from", "2026-07-01", "--to", "2026-07-05")
    assert (again.exit_code, again.stdout.splitlines()[-1]) == (0, "nothing to do: the log holds all 5 steps already")
    # what lies before the first run is in no log, and not said to be
    early = segwh("backfill", "--from", "2026-06-29", "--to", "2026-07-02", "--segment", "buyers").stdout.splitlines()
    assert early[-2] == "nothing was done: 2 of 4 steps come too late"
    assert early[-1] == "  buyers was evaluated as of 2026-06-30 23:00 UTC first, and the log goes forward only"


@pytest.mark.slow
def test_a_new_segment_is_filled_beside_old_ones(shop: Path) -> None:
    for day in range(1, 5):
        assert segwh("run", "--as-of", f"2026-06-0{day}").exit_code == 0
    old = ask("from segwh_customer_changes order by sequence")
    with (shop / "segments/rules.yml").open("a") as rules:
        rules.write(
            "  - {name: fresh, label: Bought this week, entity: customer, include: [{event: orders, within: 2 days}]}\n"
        )
    filled = segwh("backfill", "--from", "2026-06-01", "--to", "2026-06-04", "--segment", "fresh")
    assert filled.exit_code == 0, filled.stdout
    changes = ask(
        "select customer_id, change, changed_at::date::text, reason from segwh_customer_changes "
        "where segment = 'fresh' order by sequence"
    )
    assert changes == [
        (1, "entered", "2026-06-01", "rule"),
        (2, "entered", "2026-06-02", "rule"),
        (1, "exited", "2026-06-03", "rule"),
    ]
    assert ask("from segwh_customer_changes where segment <> 'fresh' order by sequence") == old
    # without --segment the others are refused on the way, which is no failure
    with (shop / "segments/rules.yml").open("a") as rules:
        rules.write("  - {name: fresher, label: Bought today, entity: customer, include: [{event: orders, within: 1 day}]}\n")
    assert segwh("backfill", "--from", "2026-06-01", "--to", "2026-06-04").exit_code == 0
    assert ask("select count(*) from segwh_segment_sizes where segment = 'fresher'") == [(4,)]
    assert ask("from segwh_customer_changes where segment not in ('fresh', 'fresher') order by sequence") == old


def test_a_backfill_of_one_segment_looks_at_what_that_reads(recorded: Path) -> None:
    """What others read holds them back, as in a run; nothing is filled that would be held back itself."""
    tell("alter table tickets drop status")
    days = ("--from", "2026-07-02", "--to", "2026-07-02")
    filled = segwh("backfill", *days, "--segment", "in_leeds")
    assert filled.exit_code == 0, filled.stdout
    told = "ref('tickets') has no column `status` (property of customer.tickets)"
    assert f"warning: {told} (the segments that need it keep their last good version)" in filled.stdout
    for more in (("--segment", "in_leeds", "--segment", "buyers"), ()):
        refused = segwh("backfill", *days, *more)
        assert refused.exit_code == 1
        assert f"error: {told}\n" in refused.stderr


@pytest.mark.slow  # tests/histories/test_carried.py tells it in each run
def test_a_killed_backfill_goes_on(shop: Path) -> None:
    command = [sys.executable, "-m", "segwh", "backfill", "--from", "2026-06-01", "--to", "2026-06-03"]
    first = subprocess.Popen(command, cwd=shop, stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    for text in first.stdout:
        if text.strip().startswith("1/3"):
            time.sleep(0.3)  # somewhere in the second step
            first.send_signal(signal.SIGKILL)
            break
    first.wait()
    second = segwh("backfill", "--from", "2026-06-01", "--to", "2026-06-03")
    assert second.exit_code == 0, second.stdout
    assert "of 3 steps: going on from there" in second.stdout
    assert "\n1/3" not in second.stdout
    by_backfill = ask(BOOKS)
    tell(
        "drop table segwh_customer_log; drop table segwh_customer_state; drop table segwh_run_starts; drop table segwh_run_ends"
    )
    assert segwh("backfill", "--from", "2026-06-01", "--to", "2026-06-03").exit_code == 0
    assert ask(BOOKS) == by_backfill


def test_traits_alone_have_no_past_to_fill(shop: Path) -> None:
    (shop / "segments/rules.yml").write_text(
        "traits:\n  - {name: spent, entity: customer, event: orders, sum: amount}\n", encoding="utf-8"
    )
    refused = segwh("backfill", "--from", "2026-06-01", "--to", "2026-06-02")
    assert (refused.exit_code, refused.stderr.splitlines()[0]) == (
        1, "error: the rules have no segments, and only these have a past to fill",
    )  # fmt: skip


def test_steps_are_rounded_as_the_as_of_of_runs_is(shop: Path) -> None:
    """Else a step would wait for a run of an instant that no run has, and the command would end there as if all were done."""
    (shop / "segwh.yml").write_text("version: 1\ntimezone: Europe/London\nas_of_unit: day\n")
    asked = ("backfill", "--from", "2026-06-01T06:00", "--to", "2026-06-02T20:00", "--every", "6 hours")
    filled = segwh(*asked)
    assert (filled.exit_code, filled.stdout.splitlines()[-1][:15]) == (0, "2 steps of 2: +")
    assert ask("select as_of::varchar from segwh_runs order by 1") == [("2026-05-31 23:00:00+00",), ("2026-06-01 23:00:00+00",)]
    assert "nothing to do: the log holds all 2 steps already" in segwh(*asked).stdout
    # and whoever asks what a run would say is told of that instant
    for command in (("preview", "buyers"), ("explain", "buyers", "1")):
        assert "2026-06-01 23:00 UTC" in segwh(*command, "--as-of", "2026-06-02T09:30").stdout


def test_a_backfill_that_makes_no_sense(shop: Path) -> None:
    for arguments, message in {
        ("--from", "2026-07-02", "--to", "2026-07-01"): "error: --from 2026-07-02 is after --to 2026-07-01",
        ("--from", "2026-07-02", "--to", "2999-07-01"): "error: --to 2999-07-01 lies ahead: a backfill is about the past",
        ("--from", "2026-07-01", "--to", "2026-07-02", "--every", "often"): "error: --every `often` is not a duration",
        (
            "--from",
            "2026-07-01",
            "--to",
            "2026-07-02",
            "--segment",
            "byers",
        ): "error: --segment: `byers` is not a segment; `buyers` might be meant",
        (
            "--from",
            "1826-07-01",
            "--to",
            "2026-07-02",
            "--every",
            "1 hour",
        ): "error: more than 20,000 steps of 1 hour lie between --from and --to",
    }.items():
        refused = segwh("backfill", *arguments)
        assert refused.exit_code == 1
        assert refused.stderr.splitlines()[0] == message
