"""The commands as they are typed: what they print, where, and with which exit code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from segwh.cli import cli

AS_OF = ("--as-of", "2026-07-01")


def segwh(*arguments: str) -> Result:
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert "Traceback" not in result.stderr + result.stdout
    return result


def rewrite(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


# --- validate -----------------------------------------------------------------------------------------------------------


def test_valid_rules(shop: Path) -> None:
    result = segwh("validate")
    assert (result.exit_code, result.stdout) == (0, "3 segments, 1 entity: valid\n")


def test_wrong_rules_are_shown_with_their_places(shop: Path) -> None:
    rewrite(shop / "segments/rules.yml", "event: orders, within", "event: ordrs, within")
    rewrite(shop / "segments/rules.yml", "is: Leeds", "si: Leeds")
    result = segwh("validate")
    assert result.exit_code == 1
    assert "segments/rules.yml:8:17: error SEG012" in result.stdout
    assert "`orders` might be meant" in result.stdout
    assert result.stdout.endswith("\n2 errors\n")


def test_diagnostics_as_json(shop: Path) -> None:
    rewrite(shop / "segments/rules.yml", "event: orders, within", "event: ordrs, within")
    found = json.loads(segwh("validate", "--format", "json").stdout)
    assert found["valid"] is False
    assert [(d["code"], d["file"], d["line"]) for d in found["diagnostics"]] == [("SEG012", "segments/rules.yml", 8)]


def test_rules_are_validated_without_a_profile(shop: Path) -> None:
    (shop / "profiles.yml").unlink()
    os.environ["HOME"], home = str(shop), os.environ["HOME"]
    try:
        assert segwh("validate").exit_code == 0
    finally:
        os.environ["HOME"] = home


def test_without_segwh_yml(bare_shop: Path) -> None:
    result = segwh("validate")
    assert result.exit_code == 1
    assert "`segwh init` makes one" in result.stdout


TEST = """\
tests:
  - name: who lives in Leeds
    as_of: 2026-06-15
    given: {customers: [{customer_id: 1, city: Leeds}]}
    expect: {in_leeds: [1]}
"""


def test_files_of_tests_are_validated_too(shop: Path) -> None:
    (shop / "segments/tests").mkdir()
    file = shop / "segments/tests/leeds.yml"
    file.write_text(TEST)
    assert segwh("validate").stdout == "3 segments, 1 entity, 1 test: valid\n"
    file.write_text(TEST.replace("in_leeds", "in_leds"))
    result = segwh("validate")
    assert result.exit_code == 1
    assert result.stdout.startswith("segments/tests/leeds.yml:")
    assert "`in_leds` is not a segment" in result.stdout
    assert result.stdout.endswith("\n1 error\n")
    found = json.loads(segwh("validate", "--format", "json").stdout)
    assert (found["valid"], {d["file"] for d in found["diagnostics"]}) == (False, {"segments/tests/leeds.yml"})
    # a test that would fail is well written: `segwh test` says so
    file.write_text(TEST.replace("[1]}\n", "[]}\n"))
    assert segwh("validate").exit_code == 0
    assert segwh("test").exit_code == 1


def test_a_folder_inside_the_project_is_as_good_as_the_project(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profiles = shop / "profiles.yml"
    profiles.write_text(profiles.read_text().replace(str(shop / "shop.duckdb"), "shop.duckdb"))
    monkeypatch.chdir(shop / "segments")
    assert segwh("preview", "in_leeds", *AS_OF).stdout.startswith("in_leeds as of 2026-06-30 23:00 UTC: 2 members")
    assert segwh("run", *AS_OF).exit_code == 0
    assert Path.cwd() == shop / "segments"
    assert not list(Path.cwd().glob("*.duckdb"))


# --- preview ------------------------------------------------------------------------------------------------------------


def test_a_preview_counts_step_by_step(shop: Path) -> None:
    result = segwh("preview", "buyers", *AS_OF)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "buyers as of 2026-06-30 23:00 UTC: 1 member, 25.0% of 4\n"
        "\n"
        "left                        after\n"
        "   4  ████████████████████  all there are\n"
        "   4  ████████████████████  created within 2 years\n"
        "   2  ██████████            include {event: orders, within: 90 days}\n"
        "   1  █████                 exclude {related: tickets, where: {attribute: status, is: open}}\n"
        "\n"
        "customer_id  email            city\n"
        "2            bob@example.com  York\n"
    )


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("status: inactive", "inactive: it keeps the members that it has, and takes none of these"),
        ("type: static", "static: it keeps the set computed at its first run, and takes these only if it has not run"),
        ("expires_on: 2026-07-01", "expired on 2026-07-01: it keeps the members that it has, and takes none of these"),
        ("expires_on: 2026-07-02", ""),
    ],
)
def test_a_preview_says_where_a_segment_takes_nobody(shop: Path, option: str, said: str) -> None:
    rules = shop / "segments" / "rules.yml"
    rules.write_text(rules.read_text().replace("    label: Lives in Leeds\n", f"    label: Lives in Leeds\n    {option}\n"))
    result = segwh("preview", "in_leeds", *AS_OF)
    assert result.exit_code == 0
    first, second, *_ = result.stdout.split("\n")
    assert first == "in_leeds as of 2026-06-30 23:00 UTC: 2 members, 50.0% of 4"
    assert second == said
    found = json.loads(segwh("preview", "in_leeds", *AS_OF, "--format", "json").stdout)
    assert (found["frozen"] or "", found["members"]) == (re.split("[: ]", said)[0], 2)
    assert (found["frozen_because"] or "") == said


def test_a_preview_finds_whom_the_next_run_takes_where_rules_ask_what_is_recorded(recorded: Path) -> None:
    rules = recorded / "segments" / "rules.yml"
    more = (
        "  - {name: lately, label: L, entity: customer, include: [{segment: in_leeds, entered: {within: 40 days}}]}\n"
        "  - {name: not_long, label: N, entity: customer, include: everyone, exclude: [{segment: in_leeds, for: 10 days}]}\n"
        "  - {name: a_while, label: W, entity: customer, include: everyone, stay: {at_most: 10 days}}\n"
    )
    rules.write_text(rules.read_text() + more)
    assert segwh("run", "--as-of", "2026-07-02").exit_code == 0
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute("insert into orders values (14, 4, timestamp '2026-07-02 10:00:00', 1)")
    later = ("--as-of", "2026-07-20")
    names = ("long_in_leeds", "of_the_list", "lately", "not_long", "a_while")
    foreseen = {name: json.loads(segwh("preview", name, *later, "--format", "json").stdout) for name in names}
    statements = segwh("preview", "not_long", *later, "--sql").stdout.split(";\n")
    assert segwh("run", *later).exit_code == 0
    with duckdb.connect("shop.duckdb", read_only=True) as connection:
        rows = connection.execute("select segment, customer_id from segwh_customer_membership order by all").fetchall()
        assert [row[0] for row in connection.execute(statements[1]).fetchall()] == [1, 2, 4]
    members = {name: [key for segment, key in rows if segment == name] for name in names}
    assert members == {"long_in_leeds": [3], "of_the_list": [1, 2], "lately": [3], "not_long": [1, 2, 4], "a_while": []}
    assert {name: [row["customer_id"] for row in told["sample"]] for name, told in foreseen.items()} == members


def test_a_preview_says_of_which_group_the_best_are_and_which_end_is_best(shop: Path) -> None:
    limit = "    limit: {top: 1, by: customer_id, order: asc, per: city}\n"
    rewrite(shop / "segments/rules.yml", "    label: Lives in Leeds\n", f"    label: Lives in Leeds\n{limit}")
    shown = segwh("preview", "in_leeds", *AS_OF).stdout
    assert "   1  █████                 the best 1 of each city by customer_id, the lowest first\n" in shown


def test_a_preview_of_a_variant_says_what_it_is_a_part_of(shop: Path) -> None:
    split = "    split: {seed: s, variants: {all: 100}}\n"
    rewrite(shop / "segments/rules.yml", "    label: Lives in Leeds\n", f"    label: Lives in Leeds\n{split}")
    assert segwh("preview", "in_leeds__all", *AS_OF, "--limit", "0").stdout.split("\n\n")[1] == (
        "left                        after\n"
        "   4  ████████████████████  all there are\n"
        "   2  ██████████            in in_leeds, the whole segment\n"
        "   2  ██████████            falls to the variant all\n"
    )


def test_what_a_segment_does_not_read_may_be_out_of_order(shop: Path) -> None:
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute("alter table orders alter amount type varchar")
        connection.execute("drop table tickets")
    for command in (("preview", "in_leeds"), ("explain", "in_leeds", "1")):
        assert (segwh(*command, *AS_OF).exit_code, segwh(*command, *AS_OF).stderr) == (0, "")
    for command in (("preview", "buyers"), ("explain", "buyers", "1")):
        told = segwh(*command, *AS_OF)
        assert told.exit_code == 1
        assert "column `amount` of ref('orders') (property of customer.orders) is declared decimal" in told.stderr
        assert "ref('tickets') is not built yet" in told.stderr
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute("alter table customers drop email")
    assert "no column `email`" in segwh("preview", "in_leeds", *AS_OF).stderr  # which the sample shows
    assert segwh("explain", "in_leeds", "1", *AS_OF).exit_code == 0


def test_questions_go_on_where_runs_do(recorded: Path) -> None:
    later = ("--as-of", "2026-07-02")
    members = "select customer_id from segwh_customer_membership where segment = 'buyers' order by 1"
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute("alter table raw_orders alter amount type varchar")  # no rule reads it
        connection.execute("alter table raw_orders alter customer_id type double")
        connection.execute("alter table raw_customers alter email type integer using 1")
        connection.execute("create or replace table customers as from raw_customers")
        connection.execute("create or replace table orders as from raw_orders")
    done = segwh("run", *later)
    assert done.exit_code == 0, done.output
    with duckdb.connect("shop.duckdb", read_only=True) as connection:
        recorded_members = [key for (key,) in connection.execute(members).fetchall()]
    assert recorded_members == [2, 3]
    told = segwh("preview", "buyers", *later, "--format", "json", "--limit", "0")
    assert json.loads(told.stdout)["members"] == 2, told.output
    answer = segwh("explain", "buyers", "3", *later, "--format", "json")
    assert json.loads(answer.stdout)["is_member_by_rule"] is True
    # whom a sample shows is another matter: of whom nothing can be shown is not said to have nothing
    assert "column `email` of ref('customers')" in segwh("preview", "buyers", *later).stderr


def test_a_preview_needs_no_run_and_leaves_no_trace(shop: Path, files_of_dbt: None) -> None:
    before = {str(path): path.read_bytes() for path in shop.rglob("*") if path.is_file()}
    assert segwh("preview", "spring_list", *AS_OF).exit_code == 0
    assert {str(path): path.read_bytes() for path in shop.rglob("*") if path.is_file()} == before


def test_a_preview_as_json(shop: Path) -> None:
    found = json.loads(segwh("preview", "in_leeds", *AS_OF, "--format", "json", "--limit", "1").stdout)
    assert (found["members"], found["population"], found["share"]) == (2, 4, 0.5)
    assert found["as_of"] == "2026-06-30T23:00:00Z"
    assert [(stage["kind"], stage["left"]) for stage in found["stages"]] == [("entities", 4), ("include", 2), ("members", 2)]
    assert found["sample"] == [{"customer_id": 1, "email": "ann@example.com", "city": "Leeds"}]


def test_the_exact_sql_runs_as_it_is(shop: Path) -> None:
    printed = segwh("preview", "in_leeds", *AS_OF, "--sql").stdout
    counts, members, rest = printed.split(";\n")
    assert rest == ""
    with duckdb.connect("shop.duckdb", read_only=True) as connection:
        assert connection.execute(counts).fetchall() == [(4, 2, 2)]
        assert connection.execute(members).fetchall() == [(1, "ann@example.com", "Leeds"), (3, None, "Leeds")]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("buyres",), "error: `buyres` is not a segment; `buyers` might be meant\n  `segwh list` shows them all\n"),
        (("buyers", "--as-of", "soon"), "error: --as-of `soon` is no ISO 8601 date or time\n"),
        (
            ("buyers", "--as-of", "0001-01-01"),
            "error: from 0001-01-01T00:01:15Z on, a time of the rules is not in the calendar\n",
        ),
        (("buyers", "--target", "dve"), "error: the profile `shop` has no target `dve`; `dev` might be meant\n"),
        (("buyers", "--target", "nowhere"), "error: the warehouse does not answer: nothing listens at 127.0.0.1, port 1\n"),
    ],
)
def test_what_the_user_can_fix(shop: Path, arguments: tuple[str, ...], said: str) -> None:
    result = segwh("preview", *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(said)


def test_a_table_that_is_not_built(shop: Path) -> None:
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute("drop table orders")
    result = segwh("preview", "buyers")
    assert result.exit_code == 1
    assert "relation shop.main.orders does not exist; run `dbt build --select orders` first" in result.stderr


def test_a_column_that_is_not_there(shop: Path) -> None:
    rewrite(shop / "segments/catalog.yml", "email: string", "emial: string")
    assert (
        "ref('customers') has no column `emial` (attribute of customer); `email` might be meant"
        in segwh("preview", "buyers").stderr
    )


@pytest.mark.parametrize(
    ("relation", "said"),
    [
        ("ref('ordrs')", "ref('ordrs'), which segwh's models read; `orders` might be meant"),
        ("ref('shop', 'ordres')", "ref('shop', 'ordres'), which segwh's models read; `orders` might be meant"),
        ("source('raw', 'orders')", "source('raw', 'orders'), which segwh's models read; `raw.ordrs` might be meant"),
    ],
)
def test_a_relation_that_dbt_does_not_know(shop: Path, relation: str, said: str) -> None:
    (shop / "models/sources.yml").write_text("sources: [{name: raw, schema: main, tables: [{name: ordrs}, {name: more}]}]\n")
    rewrite(shop / "segments/catalog.yml", "ref('orders')", relation)
    assert segwh("compile").exit_code == 0
    for command in (("run",), ("preview", "buyers")):
        result = segwh(*command)
        assert result.exit_code == 1
        assert result.stderr == (
            f"error: the dbt project has no {said}\n"
            "  correct the `relation:` and run `segwh compile`, or add the model, seed or source\n"
        )


def test_a_relation_that_is_disabled_in_dbt(shop: Path) -> None:
    (shop / "models/old.sql").write_text("{{ config(enabled=false) }} select 1 as customer_id")
    rewrite(shop / "segments/catalog.yml", "ref('orders')", "ref('old')")
    assert segwh("run").stderr == "error: ref('old') is disabled in the dbt project, and segwh's models read it\n"


def test_a_source_whose_table_is_not_there(shop: Path) -> None:
    (shop / "models/sources.yml").write_text("sources: [{name: raw, schema: main, tables: [{name: ordrs}]}]\n")
    rewrite(shop / "segments/catalog.yml", "ref('orders')", "source('raw', 'ordrs')")
    assert segwh("run").stderr == (
        "error: source('raw', 'ordrs') is not there: relation shop.main.ordrs does not exist; `orders` might be meant; "
        "load it first, or correct the catalog\n"
    )


def test_a_model_of_the_user_that_dbt_cannot_parse(shop: Path) -> None:
    (shop / "models/mine.sql").write_text("select * from {{ ref('gone') }}")
    result = segwh("preview", "buyers")
    assert result.exit_code == 1
    assert "models/mine.sql" in result.stderr
    assert "'gone' which was not found" in result.stderr


# --- list ---------------------------------------------------------------------------------------------------------------


def test_a_list_without_a_run(shop: Path) -> None:
    result = segwh("list")
    assert result.stdout == (
        "segment      of        type    tags      label\n"
        "buyers       customer          campaign  Bought lately\n"
        "in_leeds     customer                    Lives in Leeds\n"
        "spring_list  customer  static  campaign  Spring list\n"
        "\n"
        "3 segments; sizes are missing: nothing was run into this warehouse yet\n"
    )


def test_filters(shop: Path) -> None:
    def names(*filters: str) -> list[str]:
        return [item["name"] for item in json.loads(segwh("list", "--offline", "--format", "json", *filters).stdout)]

    assert names("--name", "*in*") == ["in_leeds", "spring_list"]
    assert names("--tag", "campaign") == ["buyers", "spring_list"]
    assert names("--tag", "campaign", "--type", "static") == ["spring_list"]
    assert names("--tag", "nothing") == []


def test_a_filter_that_needs_the_warehouse(shop: Path) -> None:
    result = segwh("list", "--offline", "--min-size", "1")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: size and age of the segments are not known")


def test_sizes_that_leave_no_segment(shop: Path) -> None:
    result = segwh("list", "--min-size", "500", "--max-size", "100")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("error: no segment has at least 500 members and at most 100\n")


def test_segments_that_left_the_rules_and_have_members_are_told_of(recorded: Path) -> None:
    assert segwh("list", "--orphaned").stdout == "0 segments with members that are no longer in the rules\n"
    assert segwh("list").stdout.endswith("\n5 segments\n")
    rules = recorded / "segments/rules.yml"
    lines = rules.read_text().splitlines(keepends=True)
    rules.write_text("".join(line for line in lines if "long_in_leeds" not in line and "of_the_list" not in line))
    stay = "no longer in the rules, with members that stay until"
    told = f"2 segments {stay} each is removed: long_in_leeds (1), of_the_list (2)\n"
    of_the_list = f"1 segment {stay} it is removed: of_the_list (2)\n"
    assert segwh("list").stdout.endswith("\n3 segments\n" + told)
    assert segwh("list", "--name", "of_*").stdout == "0 of 3 segments\n" + of_the_list
    assert segwh("list", "--min-size", "2").stdout.endswith(of_the_list)
    for others in (["--name", "in_*"], ["--min-size", "3"], ["--tag", "campaign"], ["--offline"]):
        assert "no longer in the rules" not in segwh("list", *others).stdout

    as_json = segwh("list", "--format", "json")
    assert [one["name"] for one in json.loads(as_json.stdout)] == ["buyers", "in_leeds", "spring_list"]
    assert as_json.stderr == told
    orphaned = segwh("list", "--orphaned", "--format", "json")
    assert json.loads(orphaned.stdout)[1] == {"name": "of_the_list", "members": 2, "as_of": "2026-07-01T00:00:00Z"}
    assert orphaned.stderr == ""
    assert segwh("list", "--orphaned").stdout == (
        "segment        members  counted\n"
        "long_in_leeds        1  2026-07-01 00:00 UTC\n"
        "of_the_list          2  2026-07-01 00:00 UTC\n"
        "\n"
        "2 segments with members that are no longer in the rules\n"
    )

    rules.write_text("".join(lines).replace("name: of_the_list,", "name: listed, was: of_the_list,"))
    assert segwh("list").stdout.endswith("\n5 segments\n")  # it goes on by its new name

    rules.write_text("".join(line for line in lines if "long_in_leeds" not in line and "of_the_list" not in line))
    assert segwh("run", "--as-of", "2026-07-02", "--remove", "long_in_leeds").exit_code == 0
    assert segwh("list").stdout.endswith("\n3 segments\n" + of_the_list)


def test_what_is_not_in_the_rules_has_no_tags(shop: Path) -> None:
    for option in (["--tag", "campaign"], ["--type", "static"], ["--created-since", "2026-01-01"], ["--offline"]):
        assert segwh("list", "--orphaned", *option).stderr.startswith("error: --orphaned is about segments that only the")
    told = "error: which segments left the rules is not known: nothing was run into this warehouse yet\n"
    assert segwh("list", "--orphaned").stderr == told


# --- the program --------------------------------------------------------------------------------------------------------


def test_a_wrong_option_is_the_users() -> None:
    assert segwh("preview").exit_code == 1
    assert segwh("nothing").exit_code == 1


def test_a_fault_of_ours_is_one_line(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a thing nobody foresaw")

    monkeypatch.setattr("segwh.commands.workspace.load_project", broken)
    result = segwh("validate")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("this is a fault of segwh: ZeroDivisionError: a thing nobody foresaw\n")
    assert "Traceback" in (shop / "target/segwh_fault.txt").read_text()
    with pytest.raises(ZeroDivisionError):
        segwh("validate", "--debug")


def test_help_names_every_command() -> None:
    said = segwh("--help").stdout
    assert [name for name in cli.commands if re.search(rf"^  {name} ", said, re.MULTILINE)] == list(cli.commands)


def test_it_starts_at_once() -> None:
    def fastest(*arguments: str) -> float:
        lengths = []
        for _ in range(5):
            started = time.perf_counter()
            subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
            lengths.append(time.perf_counter() - started)
        return min(lengths)

    assert fastest("-m", "segwh", "--version") <= 2.5 * fastest("-c", "import click")


def test_a_reader_that_goes_away(shop: Path) -> None:
    listing = subprocess.run(
        [f"{sys.executable} -m segwh list --offline --format json | head -n 1"],
        shell=True,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (listing.stdout, listing.stderr) == ("[\n", "")


def typed(line: str) -> subprocess.CompletedProcess[str]:
    """What a shell makes of a line in which `segwh` is this program; its exit code is that of the first command of a pipe."""
    line = line.replace("segwh", f"{sys.executable} -m segwh", 1)
    return subprocess.run(["bash", "-c", f"{line}; exit ${{PIPESTATUS[0]}}"], capture_output=True, text=True)


needs_a_full_device = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")


@needs_a_full_device
@pytest.mark.parametrize("command", ["preview buyers", "preview buyers --sql", "list --offline", "validate", "--help"])
def test_an_output_that_takes_no_more_is_no_fault_of_ours(command: str, shop: Path) -> None:
    told = typed(f"segwh {command} > /dev/full")
    assert told.stderr.startswith("error: the output cannot be written: No space left on device\n")
    assert (told.returncode, len(told.stderr.splitlines())) == (1, 2)
    assert not (shop / "target/segwh_fault.txt").exists()


@needs_a_full_device
def test_a_run_goes_on_where_nothing_of_it_can_be_shown(shop: Path) -> None:
    told = typed("segwh run --as-of 2026-06-15 > /dev/full")
    assert (told.returncode, told.stderr.splitlines()[0]) == (1, "error: the output cannot be written: No space left on device")
    assert segwh("list").stdout.splitlines()[1].startswith("buyers ")
    with duckdb.connect("shop.duckdb") as connection:
        assert connection.execute("select status from segwh_runs").fetchall() == [("finished",)]


def test_the_exit_code_says_how_it_went_whoever_reads(shop: Path) -> None:
    assert typed("segwh validate | true").returncode == 0
    assert typed("segwh validate >&-").returncode == 0
    assert typed("segwh list >&- 2>&-").returncode == 0
    rewrite(shop / "segments/rules.yml", "event: orders, within", "event: ordrs, within")
    told = typed("segwh validate | true")
    assert (told.returncode, told.stderr) == (1, "")


@pytest.mark.parametrize(
    "command",
    ["test", "list", "list --offline", "preview buyers", "explain buyers 1", "diff", "import a.json --from mautic"],
    ids=lambda line: line.replace(" ", "_"),
)
def test_tools_are_told_in_json_why_there_is_no_result(command: str, shop: Path) -> None:
    rewrite(shop / "segments/rules.yml", "event: orders, within", "event: ordrs, within")
    result = segwh(*command.split(), "--format", "json")
    found = json.loads(result.stdout)
    assert (result.exit_code, found["error"], found["hint"]) == (1, "there are mistakes in the files", None)
    assert [(d["code"], d["file"], d["line"]) for d in found["diagnostics"]] == [("SEG012", "segments/rules.yml", 8)]
    assert result.stderr.startswith("segments/rules.yml:8:17: error SEG012")


def test_tools_are_told_in_json_of_mistakes_in_tests_and_all_else(shop: Path) -> None:
    assert json.loads(segwh("preview", "byers", "--format", "json").stdout) == {
        "error": "`byers` is not a segment; `buyers` might be meant",
        "hint": "`segwh list` shows them all",
        "diagnostics": [],
    }
    (shop / "segments/tests").mkdir()
    (shop / "segments/tests/leeds.yml").write_text(TEST.replace("in_leeds", "in_leds"))
    result = segwh("test", "--format", "json")
    assert (result.exit_code, json.loads(result.stdout)["diagnostics"][0]["file"]) == (1, "segments/tests/leeds.yml")
    assert segwh("test").stdout == ""


def test_what_programs_read_is_utf8_whatever_the_terminal_speaks(shop: Path) -> None:
    rewrite(shop / "segments/rules.yml", "is: Leeds", "is: 茶é")
    told = subprocess.run(
        [sys.executable, "-m", "segwh", "preview", "in_leeds", "--sql", *AS_OF],
        env={**os.environ, "PYTHONIOENCODING": "latin-1"}, capture_output=True, check=True,
    )  # fmt: skip
    assert "city = '茶é'" in told.stdout.decode()


def test_a_terminal_that_lacks_a_minus_shows_a_hyphen() -> None:
    assert segwh("--version").exit_code == 0
    assert "−49 · 茶 … —".encode("ascii", "segwh.plain") == b"-49 . ? ... -"


def test_a_list_in_json_says_beside_it_why_sizes_are_missing(shop: Path) -> None:
    result = segwh("list", "--format", "json")
    assert (result.exit_code, json.loads(result.stdout)[0]["members"]) == (0, None)
    assert result.stderr == "sizes are missing: nothing was run into this warehouse yet\n"
    assert segwh("list", "--offline", "--format", "json").stderr == ""
