"""Runs as they are typed: from rules to tables, again, later, in parts, and with everything that may be in the way."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
import yaml
from click.testing import CliRunner, Result

from segwh.cli import cli
from segwh.commands.run import RunOptions, _variables, with_variants
from segwh.project import load_texts

TABLE = """\
segment      members  share  entered  exited  sizes          label
buyers             1  25.0%       +1       ·  █              Bought lately
in_leeds           2  50.0%       +2       ·  █              Lives in Leeds
spring_list        2  50.0%       +2       ·  █      static  Spring list
"""
PLACES = """\
tables in shop.main (SHOP_FILE)
  who is in          segwh_customer_membership
  who came and left  segwh_customer_changes, segwh_customer_history
  registry           segwh_runs, segwh_segment_sizes, segwh_segments
"""


def segwh(*arguments: str) -> Result:
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert "Traceback" not in result.stderr + result.stdout
    return result


def ask(question: str) -> list[tuple[object, ...]]:
    with duckdb.connect("shop.duckdb", read_only=True) as connection:
        return connection.execute(question).fetchall()


def tell(statement: str) -> None:
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute(statement)


def test_an_as_of_far_ahead_is_refused_before_anything_is_written(shop: Path) -> None:
    result = segwh("run", "--as-of", "2999-07-01")
    assert result.exit_code == 1
    assert "error: --as-of 2999-07-01 lies more than a year ahead: until then every run would be refused" in result.stderr
    assert "segwh preview NAME --as-of 2999-07-01" in result.stderr
    assert ask("select count(*) from information_schema.tables where table_name = 'segwh_run_starts'") == [(0,)]


def test_dbt_alone_reads_events_of_an_ephemeral_model_whole(shop: Path) -> None:
    """Of a query within queries nobody can ask apart whether it is empty, so nothing is taken over."""
    Path("models/orders.sql").write_text("{{ config(materialized='ephemeral') }}\nselect * from raw_orders\n")
    catalog = Path("segments/catalog.yml")
    catalog.write_text(catalog.read_text().replace("id: order_id\n", "loaded_at: ordered_at\n"))
    assert segwh("compile").exit_code == 0
    members = "select customer_id from segwh_customer_membership where segment = 'buyers'"

    def build(day: str) -> list[tuple[object, ...]]:
        dbt = (sys.executable, "-c", "from dbt.cli.main import cli; cli()")
        arguments = ("--quiet", "build", "--select", "tag:segwh", "--vars", f"segwh_as_of: {day}")
        done = subprocess.run((*dbt, *arguments), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
        return ask(members)

    assert build("2026-07-01") == [(2,)]
    tell("delete from raw_orders")
    assert build("2026-07-02") == []


def test_the_tests_run_where_dbt_leaves_their_arguments_together(shop: Path, files_of_dbt: None) -> None:
    """As dbt before 1.10.8 does, and later ones in a project with this flag."""
    with Path("dbt_project.yml").open("a") as file:
        file.write("flags: {require_generic_test_arguments_property: false}\nvars: {segwh_audit: true}\n")
    result = segwh("run", "--as-of", "2026-07-01")
    assert result.exit_code == 0, result.stderr
    told = json.loads(Path("target/run_results.json").read_text())["results"]
    passed = {one["unique_id"].split(".")[2].partition("_segwh_")[0] for one in told if one["status"] == "pass"}
    assert {"segwh__new_members_are_unique", "segwh__stays_do_not_overlap"} <= passed


def test_an_as_of_at_the_beginning_of_the_calendar_is_no_fault(shop: Path) -> None:
    result = segwh("run", "--as-of", "0001-01-01", "--target", "nowhere")
    assert "the warehouse does not answer: nothing listens" in result.stderr


def test_another_as_of_has_dbt_read_no_file_again(shop: Path, files_of_dbt: None) -> None:
    for as_of, is_read in (("2026-07-01", True), ("2026-07-02", False)):
        assert segwh("run", "--as-of", as_of).exit_code == 0
        told = json.loads((shop / "target/perf_info.json").read_text(encoding="utf-8"))
        assert (told["parsed_path_count"] > 0) is is_read


def test_a_run_after_one_that_died_early_corrects_nothing(shop: Path) -> None:
    assert segwh("run", "--as-of", "2026-07-01").exit_code == 0
    tell(
        "insert into segwh_run_starts select * replace ('dead' as run_id, timestamptz '2026-07-02 00:00:00+00' as as_of,"
        " '2026-07-02 00:00:00+00' as as_of_text, started_at + interval 1 millisecond as started_at) from segwh_run_starts"
    )
    done = segwh("run", "--as-of", "2026-07-02T00:00:00Z")
    assert done.exit_code == 0
    assert "as of 2026-07-02 00:00 UTC" in done.stdout
    assert "recorded before" not in done.stdout


NEWEST_ENDED = "run_id = (select run_id from segwh_run_ends order by finished_at desc limit 1)"


def test_a_run_after_one_that_died_says_what_both_logged(shop: Path) -> None:
    assert segwh("run", "--as-of", "2026-07-01").exit_code == 0
    tell(f"delete from segwh_run_ends where {NEWEST_ENDED}")  # as if it had died between log and end
    assert ask("select status, entered from segwh_runs") == [("started", None)]
    tell("insert into customers values (5, null, 'Leeds', timestamp '2026-06-02')")
    done = segwh("run", "--as-of", "2026-07-01")
    assert done.exit_code == 0
    assert "3 segments, +1 entered, none exited in " in done.stdout
    told = "; it finishes a run that died when it had logged +5 entered, none exited: in all +6 entered, none exited\n"
    assert told in done.stdout
    assert "recorded before" not in done.stdout
    # as docs/operations.md says to count: the log knows what the dead run did
    counted = ask("select count(*) from segwh_customer_changes where change = 'entered' group by run_id order by all")
    assert counted == [(1,), (5,)]
    assert ask("select status, entered from segwh_runs order by started_at") == [("started", None), ("finished", 1)]

    again = segwh("run", "--as-of", "2026-07-01")
    assert "; this as-of was recorded before and the data still says the same\n" in again.stdout
    tell(f"delete from segwh_run_ends where {NEWEST_ENDED}")  # one that had nothing to log
    assert "; this as-of was recorded before and the data still says the same\n" in segwh("run", "--as-of", "2026-07-01").stdout


def test_a_run_that_corrects_says_what_its_table_and_its_line_count(shop: Path) -> None:
    told = "\n  the table shows who came and left at this as-of in all, the line above what this run changed\n"
    assert told not in segwh("run", "--as-of", "2026-07-01").stdout
    tell("update customers set city = 'Leeds' where customer_id = 2")
    done = segwh("run", "--as-of", "2026-07-01")
    assert "in_leeds           3  75.0%       +3       ·" in done.stdout
    assert "3 segments, +1 entered, none exited in " in done.stdout
    assert "; it corrects an as-of that was recorded before" + told in done.stdout
    again = segwh("run", "--as-of", "2026-07-01")
    assert "; this as-of was recorded before and the data still says the same" + told in again.stdout
    tell("update customers set city = 'Hull' where customer_id = 1")
    assert told not in segwh("run", "--as-of", "2026-07-02").stdout


@pytest.mark.slow
def test_a_run_at_another_as_of_says_what_the_one_that_died_logged(shop: Path) -> None:
    assert segwh("run", "--as-of", "2026-07-01").exit_code == 0
    tell(f"delete from segwh_run_ends where {NEWEST_ENDED}")
    done = segwh("run", "--as-of", "2026-07-02")
    assert "; the run before, as of 2026-06-30 23:00 UTC, died when it had logged +5 entered, none exited\n" in done.stdout
    assert "died" not in segwh("run", "--as-of", "2026-07-03").stdout


def test_audiences_in_a_schema_of_their_own_are_named_with_it(shop: Path) -> None:
    Path("dbt_project.yml").write_text(
        Path("dbt_project.yml").read_text() + "models: {shop: {segwh: {audiences: {+schema: to_sync}}}}\n"
    )
    Path("segments/aud.yml").write_text(
        "segments: [{name: somebody, label: S, entity: customer, include: everyone, activate: true}]\n"
    )
    result = segwh("run", "--as-of", "2026-07-01")
    assert result.exit_code == 0
    assert result.stdout.endswith("\n  to sync            main_to_sync.aud_somebody\n")
    assert "  registry           segwh_runs, segwh_segment_sizes, segwh_segments\n" in result.stdout


def test_run_again_later_and_back(shop: Path) -> None:
    first = segwh("run", "--as-of", "2026-07-01")
    assert (first.exit_code, first.stderr) == (0, "")
    assert first.stdout.startswith("compiling shop for target dev (duckdb)\n")
    assert "ok      model segwh_customer_changes in" in first.stdout
    assert TABLE in first.stdout
    assert "as of 2026-06-30 23:00 UTC: 3 segments, +5 entered, none exited in" in first.stdout
    assert first.stdout.endswith(PLACES.replace("SHOP_FILE", str(shop / "shop.duckdb")))
    changes = ask("from segwh_customer_changes order by all")
    assert len(changes) == 5

    again = segwh("run", "--as-of", "2026-07-01")
    assert again.exit_code == 0
    assert TABLE in again.stdout
    assert "nothing changed in " in again.stdout
    assert "; this as-of was recorded before and the data still says the same\n" in again.stdout
    assert ask("from segwh_customer_changes order by all") == changes

    tell("insert into customers values (5, null, 'Leeds', timestamp '2026-07-02'); delete from customers where customer_id = 3")
    later = segwh("run", "--as-of", "2026-08-01T00:00:00Z")
    assert later.exit_code == 0
    assert "in_leeds           2  50.0%       +1      −1  ██" in later.stdout
    assert "3 segments, +1 entered, −1 exited" in later.stdout

    back = segwh("run", "--as-of", "2026-07-01")
    assert back.exit_code == 1
    assert back.stdout.endswith(
        "\nthe as-of 2026-06-30 23:00 UTC is refused, nothing was changed\n"
        "  every segment was evaluated later already, the newest at 2026-08-01 00:00 UTC\n"
        "  the log goes forward only: give a later --as-of\n"
    )

    listed = segwh("list", "--min-size", "2", "--created-since", "2026-07-01T00:00:00+02:00")
    assert "in_leeds     customer        2  50.0%  ██     2026-06-30" in listed.stdout
    assert listed.stdout.endswith("2 of 3 segments\n")
    assert segwh("list", "--created-since", "2026-07-02").stdout == "0 of 3 segments\n"


def test_a_part_of_the_models(shop: Path) -> None:
    assert segwh("run").exit_code == 0
    part = segwh("run", "--select", "segwh_segments segwh_rules")
    assert part.exit_code == 0
    assert "1/2 ok      model segwh_rules" in part.stdout
    assert "done: 2 ok in" in part.stdout
    assert "+" not in part.stdout  # who came did so in the run before


def test_a_selection_of_nothing_is_no_success(shop: Path) -> None:
    assert segwh("run", "--as-of", "2026-07-01").exit_code == 0
    result = segwh("run", "--as-of", "2026-07-02", "--select", "tag:segwhh")
    assert result.exit_code == 1
    told = "nothing in the project is called that, or all that is called so is disabled: nothing was built"
    assert f"--select tag:segwhh: {told}" in result.stderr


def test_who_came_before_is_not_told_again_of_a_segment_that_is_skipped(shop: Path) -> None:
    assert segwh("run", "--as-of", "2026-07-01").exit_code == 0
    tell("alter table customers alter city type integer using 1")
    later = segwh("run", "--as-of", "2026-07-02")
    assert later.exit_code == 1
    (row,) = (line for line in later.stdout.splitlines() if line.startswith("in_leeds") and "Lives" in line)
    assert "skipped" in row
    assert "+" not in row


def test_what_the_rules_read_is_built_on_request(shop: Path) -> None:
    tell("drop table orders")
    refused = segwh("run")
    assert refused.exit_code == 1
    assert "ref('orders') is not built yet: relation shop.main.orders does not exist" in refused.stderr
    assert "`segwh run --select +tag:segwh` builds what the rules read, too" in refused.stderr
    built = segwh("run", "--select", "+tag:segwh", "--as-of", "2026-07-01")
    assert built.exit_code == 0
    assert TABLE in built.stdout


def test_wrong_rules_stop_before_anything_is_written(shop: Path) -> None:
    (shop / "segments/rules.yml").write_text("segments: [{name: a, label: A, entity: customr, include: everyone}]\n")
    result = segwh("run")
    assert (result.exit_code, result.stdout) == (1, "compiling shop for target dev (duckdb)\n")
    assert "`customer` might be meant" in result.stderr
    assert not (shop / "models/segwh").exists()


def test_without_segments_nothing_is_run(shop: Path) -> None:
    for path in (shop / "segments").glob("*.yml"):
        path.unlink()
    result = segwh("run")
    assert (result.exit_code, result.stdout) == (1, "compiling shop for target dev (duckdb)\n")
    assert "there is neither a segment nor a trait in segments/: nothing is run" in result.stderr


def test_traits_alone_are_run(shop: Path) -> None:
    (shop / "segments/rules.yml").write_text("traits: [{name: bought, entity: customer, event: orders, count: rows}]\n")
    result = segwh("run", "--as-of", "2026-07-01")
    assert result.exit_code == 0, result.stderr
    assert "0 segments, none entered, none exited" in result.stdout
    assert ask("select customer_id, bought from segwh_customer_traits order by 1") == [(1, 2), (2, 1), (3, 0), (4, 0)]
    assert ask("select count(*) from segwh_segments") == [(0,)]
    assert ask("select count(*) from segwh_segment_sizes") == [(0,)]
    assert ask("select status from segwh_runs") == [("finished",)]
    assert segwh("list").stdout == "0 segments\n"


def test_a_model_of_the_user_that_fails(shop: Path) -> None:
    (shop / "models/mine.sql").write_text("select 1 / nothing as x from {{ ref('segwh_segments') }}")
    (shop / "models/worse.sql").write_text("selct 1")
    result = segwh("run", "--select", "tag:segwh mine worse")
    assert result.exit_code == 1
    assert "model worse failed (models/worse.sql)" in result.stdout
    assert "model mine failed (models/mine.sql)\n  column nothing does not exist in the warehouse\n" in result.stdout
    assert "buyers" in result.stdout


def test_a_run_that_does_not_get_to_its_end_sums_nothing_up(shop: Path) -> None:
    assert segwh("run", "--as-of", "2026-07-01").exit_code == 0
    shown = segwh("run", "--as-of", "2026-07-02", "--select", "segwh_run_starts").stdout
    assert "as of 2026-07-01 23:00 UTC: not finished: 1 ok in " in shown
    assert "none entered" not in shown


def test_variables(shop: Path) -> None:
    assert "--vars is no mapping" in segwh("run", "--vars", "[1]").stderr
    assert "--accept: `buyer` is not a segment; `buyers` might be meant" in segwh("run", "--accept", "buyer").stderr
    (shop / "models/mine.sql").write_text("select '{{ var('word') }}' as word, '{{ var('segwh_as_of') }}' as at")
    run = segwh("run", "--select", "mine", "--vars", "{word: hello}", "--as-of", "2026-07-01")
    assert (run.exit_code, ask("from mine")) == (0, [("hello", "2026-06-30T23:00:00Z")])


def test_compile_check(shop: Path) -> None:
    assert segwh("compile", "--check").exit_code == 1
    written = segwh("compile")
    assert written.exit_code == 0
    assert "wrote    models/segwh/segwh_segments.sql\n" in written.stdout
    assert segwh("compile", "--check").exit_code == 0
    with (shop / "models/segwh/segwh_segments.sql").open("a") as file:
        file.write("-- mine\n")
    drifted = segwh("compile", "--check")
    assert (drifted.exit_code, "changed  models/segwh/segwh_segments.sql\n" in drifted.stdout) == (1, True)


def test_a_file_of_the_users_is_not_overwritten(shop: Path) -> None:
    (shop / "models/segwh").mkdir()
    (shop / "models/segwh/segwh_segments.sql").write_text("select 1 as mine")
    result = segwh("compile")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("error: models/segwh/segwh_segments.sql was not written by segwh")


def test_a_locked_file_names_who_holds_it(shop: Path) -> None:
    hold = "import duckdb, time; c = duckdb.connect('shop.duckdb'); print('held', flush=True); time.sleep(60)"
    holder = subprocess.Popen([sys.executable, "-c", hold], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        result = segwh("run")
    finally:
        holder.kill()
        holder.wait()
    assert result.exit_code == 1
    assert f"shop.duckdb is locked by another process: {sys.executable}" in result.stderr
    assert f"(process {holder.pid})" in result.stderr


def test_stopping_with_ctrl_c(shop: Path) -> None:
    (shop / "models/slow.sql").write_text(
        "{{ config(materialized='table') }}"
        "select count(*) as n from range(100000000) a, range(100000000) b where (a.range * b.range) % 7 = 3"
    )
    command = [sys.executable, "-m", "segwh", "run", "--select", "slow"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # a shell that starts the tests in the background has them ignore it, and all that they start
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:  # fmt: skip
        assert process.stdout is not None
        while process.stdout.readline() not in ("building\n", ""):
            pass
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        try:
            _, complaint = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, complaint.strip()) == (130, "stopped")
    duckdb.connect("shop.duckdb").close()


def test_a_run_goes_on_when_nobody_reads_any_more(shop: Path) -> None:
    command = f"{{ {sys.executable} -m segwh run; echo $? >&2; }} | head -n 1"
    run = subprocess.run([command], shell=True, capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("compiling shop for target dev (duckdb)\n", "0\n")
    assert ask("select status from segwh_runs") == [("finished",)]


def test_some_segments_more_often(shop: Path) -> None:
    rules = shop / "segments/rules.yml"
    in_leeds = "    label: Lives in Leeds\n"
    rules.write_text(rules.read_text().replace(in_leeds, f"{in_leeds}    refresh: hourly\n"))
    assert segwh("run", "--as-of", "2026-07-01").exit_code == 0
    tell("insert into customers values (5, null, 'Leeds', timestamp '2026-06-02'); insert into orders values "
         "(13, 3, timestamp '2026-07-01 00:10:00', 5)")  # fmt: skip
    hourly = segwh("run", "--as-of", "2026-07-01T01:00", "--refresh", "hourly")
    assert hourly.exit_code == 0
    assert "in_leeds" in hourly.stdout
    assert "buyers" not in hourly.stdout
    assert "as of 2026-07-01 00:00 UTC: 1 segment, +1 entered, none exited" in hourly.stdout
    assert ask("select customer_id from segwh_customer_membership where segment = 'buyers'") == [(2,)]
    wrong = segwh("run", "--refresh", "hurly")
    assert wrong.exit_code != 0
    assert "--refresh: no segment has `refresh: hurly`; `hourly` might be meant" in wrong.stderr
    idle = segwh("run", "--refresh", "hourly", "--accept", "buyers")
    assert "--accept: `buyers` is not looked at with --refresh hourly" in idle.stderr


def test_what_the_segments_of_a_refresh_follow_from_may_be_accepted(shop: Path) -> None:
    """A run about some segments says that it holds back others since one that these follow from would lose too many."""
    rules = shop / "segments/rules.yml"
    more = "  - {name: away, label: A, entity: customer, refresh: hourly, include: everyone, exclude: [{segment: in_leeds}]}\n"
    rules.write_text(rules.read_text() + more)
    assert segwh("run", "--as-of", "2026-07-01", "--refresh", "hourly", "--accept", "in_leeds").exit_code == 0
    idle = segwh("run", "--refresh", "hourly", "--accept", "buyers")
    assert "--accept: `buyers` is not looked at with --refresh hourly" in idle.stderr


def test_a_key_that_comes_twice_is_twice_only_where_columns_of_its_row_are_shown(shop: Path) -> None:
    rules = shop / "segments/rules.yml"
    text = rules.read_text().replace("label: Bought lately\n", "label: Bought lately\n    activate: true\n")
    shown = "label: Lives in Leeds\n    analytics: true\n    activate: {columns: [email]}\n"
    rules.write_text(text.replace("label: Lives in Leeds\n", shown))
    assert segwh("run", "--as-of", "2026-06-15").exit_code == 0
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute("insert into raw_customers from raw_customers where customer_id in (2, 3)")
        connection.execute("create or replace table customers as from raw_customers")
    failed = segwh("run", "--as-of", "2026-06-16")
    assert failed.exit_code == 1
    assert "in_leeds     skipped: ref('customers') has keys with more than one row\n" in failed.stdout
    with duckdb.connect("shop.duckdb") as connection:
        assert connection.execute("select customer_id, count(*) from aud_in_leeds group by all order by all").fetchall() == [
            (1, 1), (3, 2),
        ]  # fmt: skip
        membership = "(select * from segwh_customer_membership where segment = 'in_leeds')"
        for once in ("aud_buyers", "segwh_customer_wide", membership):
            counted = connection.execute(f"select count(*), count(distinct customer_id) from {once}").fetchone()
            assert counted is not None
            assert counted[0] == counted[1] > 0


def test_whoever_accepts_a_split_segment_accepts_its_variants() -> None:
    split = "split: {seed: s, variants: {a: 50, b: 50}}, include: everyone"
    one = "{name: one, label: O, entity: customer, include: everyone}"
    rules = f"segments: [{{name: whole, label: W, entity: customer, {split}}}, {one}]"
    entities = "entities: [{name: customer, relation: ref('customers'), key: customer_id}]"
    project = load_texts({"segments/rules.yml": f"{entities}\n{rules}\n"}).project
    assert project is not None
    assert with_variants(["whole"], project) == ("whole", "whole__a", "whole__b")
    assert yaml.safe_load(_variables(RunOptions(accept=("whole",)), project, None)) == {
        "segwh_accept": ["whole", "whole__a", "whole__b"]
    }


def test_a_column_that_only_sql_names_is_told_with_the_sql(shop: Path) -> None:
    catalog = shop / "segments/catalog.yml"
    catalog.write_text(catalog.read_text().replace("city: string", 'city: {type: string, sql: "upper(twon)"}', 1))
    told = "it stands in the `sql:` of `city` of customer: upper(twon)\n"
    for command in (("preview", "in_leeds"), ("explain", "in_leeds", "1")):
        result = segwh(*command)
        assert (result.exit_code, result.stderr.splitlines()[0]) == (1, "error: column twon does not exist in the warehouse")
        assert told in result.stderr
    result = segwh("run", "--as-of", "2026-07-01")
    assert result.exit_code == 1
    assert f"column twon does not exist in the warehouse\n  {told}" in result.stdout


def test_models_that_are_all_disabled_are_called_that(shop: Path) -> None:
    with (shop / "dbt_project.yml").open("a") as file:
        file.write("models: {shop: {segwh: {+enabled: false}}}\n")
    result = segwh("run", "--as-of", "2026-07-01")
    assert result.exit_code == 1
    assert "error: dbt built nothing: the models in models/segwh are disabled in this project" in result.stderr
