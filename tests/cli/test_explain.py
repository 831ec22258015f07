"""Explain as it is typed: the answer, each condition with what it found, what is recorded."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from segwh.cli import cli
from tests.cli.conftest import FIRST, RULES, SECOND
from tests.cli.test_commands import AS_OF, rewrite, segwh

LATER = ("--as-of", "2026-07-02")


def test_a_member_condition_by_condition(shop: Path) -> None:
    result = segwh("explain", "buyers", "2", *AS_OF)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "buyers as of 2026-06-30 23:00 UTC: customer_id 2 is in by the rule\n"
        "times of conditions are those of Europe/London\n"
        "\n"
        "✓ created within 2 years: 2026-02-10 10:00\n"
        "✓ include {event: orders, within: 90 days}\n"
        "  yes  number of orders since 2026-04-02 00:00 is at least 1: 1\n"
        "✓ exclude {related: tickets, where: {attribute: status, is: open}}\n"
        "  no   number of tickets where status is 'open' is at least 1: 0\n"
        "\n"
        "nothing was run into this warehouse yet\n"
    )


def test_somebody_who_is_left_out(shop: Path) -> None:
    shown = segwh("explain", "buyers", "1", *AS_OF).stdout
    assert "customer_id 1 is not in by the rule\n" in shown
    assert (
        "✗ exclude {related: tickets, where: {attribute: status, is: open}}\n"
        "  yes  number of tickets where status is 'open' is at least 1: 1\n"
    ) in shown


def test_a_first_or_last_row_is_shown_with_its_time_and_what_was_asked_of_it(shop: Path) -> None:
    last = "      - {event: orders, last: {where: {attribute: amount, gte: 20}}}"
    rewrite(shop / "segments/rules.yml", "      - {attribute: city, is: Leeds}", last)
    told = "the last of orders is one where amount is at least 20"
    assert f"  yes  {told}: time 2026-06-01 11:00, amount 30\n" in segwh("explain", "in_leeds", "1", *AS_OF).stdout
    assert f"  no   {told}: time 2026-06-02 11:00, amount 5\n" in segwh("explain", "in_leeds", "2", *AS_OF).stdout
    assert f"  no   {told}: missing\n" in segwh("explain", "in_leeds", "3", *AS_OF).stdout


def test_a_long_sequence_is_told_too_and_its_beginnings_share_their_steps(shop: Path) -> None:
    def explained(count: int, *more: str) -> Result:
        steps = [f"{{event: orders, where: {{attribute: amount, gte: {number}}}}}" for number in range(count)]
        steps[3] = "{event: orders, same: [amount]}"
        rules = RULES["segments/rules.yml"].replace("{attribute: city, is: Leeds}", f"sequence: [{', '.join(steps)}]")
        (shop / "segments/rules.yml").write_text(rules)
        return segwh("explain", "in_leeds", "1", *AS_OF, *more)

    short, long = (len(explained(count, "--sql").stdout) for count in (20, 40))
    assert long < 2.2 * short
    told = explained(60)
    assert (told.exit_code, told.stderr) == (0, "")


def test_a_sequence_is_told_step_by_step_with_the_latest_row_that_each_could_take(shop: Path) -> None:
    first = "{event: orders, where: {attribute: amount, gte: 10}}"
    steps = f"{first}, {{event: orders, within: 40 days}}, {{without: orders, within: 1 day}}"
    rewrite(shop / "segments/rules.yml", "      - {attribute: city, is: Leeds}", f"      - sequence: [{steps}]")
    shown = {key: segwh("explain", "in_leeds", key, *AS_OF).stdout.split("\n\n")[1].split("\n")[1:] for key in ("1", "2")}
    whole = "orders where amount is at least 10, then orders within 40 days, then no orders within 1 day"
    assert shown["1"] == [
        f"  yes  {whole}",
        "    yes  orders where amount is at least 10; the latest like that: 2026-06-01 11:00",
        "    yes  then orders within 40 days; the latest of orders: 2026-06-01 11:00",
        "    yes  then no orders within 1 day; the latest of orders: 2026-06-01 11:00",
    ]
    assert shown["2"] == [
        f"  no   {whole}",
        "    no   orders where amount is at least 10; the latest like that: missing",
        "    no   then orders within 40 days; the latest of orders: 2026-06-02 11:00",
        "    no   then no orders within 1 day; the latest of orders: 2026-06-02 11:00",
    ]


def test_nested_conditions_are_shown_one_below_the_other(shop: Path) -> None:
    rewrite(
        shop / "segments/rules.yml",
        "      - {attribute: city, is: Leeds}",
        "      - any: [{attribute: city, is: York},"
        " {all: [{attribute: email, exists: true}, {attribute: city, is_not: Hull}]}]",
    )
    shown = segwh("explain", "in_leeds", "3", *AS_OF).stdout
    assert shown.split("\n\n")[1] == (
        "✗ include {any: [{attribute: city, is: York}, {all: [{attribute: email, exists: true},"
        " {attribute: city, is_not: Hull}]}]}\n"
        "  no   any of\n"
        "    no   city is 'York': 'Leeds'\n"
        "    no   all of\n"
        "      no   email is there and not empty: missing\n"
        "      yes  city is not 'Hull': 'Leeds'"
    )


def test_suppression_and_groups_are_steps_by_name(shop: Path) -> None:
    with (shop / "segments/rules.yml").open("a") as rules:
        rules.write(
            "groups: [{name: one_of, exclusive: [in_leeds, buyers]}]\nexclusions: [{entity: customer, segment: spring_list}]\n"
        )
    shown = segwh("explain", "buyers", "1", *AS_OF).stdout
    assert "✗ in spring_list, a project-wide exclusion\n" in shown
    assert "✓ not in in_leeds, which goes before it in its group\n" in shown  # whom spring_list suppresses there as well
    shown = segwh("explain", "buyers", "3", *AS_OF).stdout
    assert "✓ not in spring_list, a project-wide exclusion\n" in shown
    assert "✗ in in_leeds, which goes before it in its group\n" in shown


def test_a_limit_is_not_asked_of_whom_the_rule_leaves_out(shop: Path) -> None:
    rewrite(
        shop / "segments/rules.yml", "    label: Bought lately\n", "    label: Bought lately\n    limit: {top: 1, by: score}\n"
    )
    with (shop / "segments/rules.yml").open("a") as rules:
        rules.write("traits: [{name: score, entity: customer, event: orders, sum: amount}]\n")
    assert "- among the best 1 by score (sum of amount of orders): 50.5\n" in segwh("explain", "buyers", "1", *AS_OF).stdout
    assert "✓ among the best 1 by score (sum of amount of orders): 5\n" in segwh("explain", "buyers", "2", *AS_OF).stdout


def test_the_values_of_an_aggregated_segment_and_those_who_have_it(shop: Path) -> None:
    rewrite(shop / "segments/rules.yml", "    label: Lives in Leeds\n", "    label: Lives in Leeds\n    aggregate_on: city\n")
    shown = segwh("explain", "in_leeds", "Leeds", *AS_OF).stdout
    assert shown.startswith("in_leeds as of 2026-06-30 23:00 UTC: city Leeds is in by the rule\n")
    blocks = shown.split("\n\n")
    assert [block.splitlines()[0] for block in blocks[1:3]] == ["1", "3"]
    assert "✓ has a value of city\n✓ include {attribute: city, is: Leeds}" in blocks[1]


def test_whoever_is_not_there(shop: Path) -> None:
    result = segwh("explain", "in_leeds", "99", *AS_OF)
    assert result.exit_code == 0
    assert result.stdout.startswith(
        "in_leeds as of 2026-06-30 23:00 UTC: customer_id 99 is not there, so in no segment by the rules\n"
    )


def test_frozen_segments_say_that_the_rule_does_not_decide(shop: Path) -> None:
    shown = segwh("explain", "spring_list", "1", *AS_OF).stdout
    assert "\nit is static: it keeps the set of the first run with this rule\n" in shown
    rewrite(shop / "segments/rules.yml", "    label: Lives in Leeds\n", "    label: Lives in Leeds\n    status: inactive\n")
    shown = segwh("explain", "in_leeds", "1", *AS_OF).stdout
    assert "\nit is inactive: it keeps the members that it has\n" in shown
    rewrite(shop / "segments/rules.yml", "    status: inactive\n", "    expires_on: 2026-06-01\n")
    shown = segwh("explain", "in_leeds", "1", *AS_OF).stdout
    assert "\nit expired on 2026-06-01: it keeps the members that it has\n" in shown


def test_stays_are_shown_as_recorded(recorded: Path) -> None:
    shown = segwh("explain", "in_leeds", "1", *LATER).stdout
    assert "  no   city is 'Leeds': 'Hull'\n" in shown
    assert shown.split("\n\n")[-1] == (
        "recorded: not in now; the last run was as of 2026-07-01 00:00 UTC\n"
        "entered               reason     exited                reason\n"
        "2026-06-15 00:00 UTC  first_run  2026-07-01 00:00 UTC  rule\n"
    )


def test_rules_that_ask_what_is_recorded(recorded: Path) -> None:
    held = "in segment in_leeds for 10 days at least"
    assert f"yes  {held}" in segwh("explain", "long_in_leeds", "3", *LATER).stdout
    assert f"no   {held}" in segwh("explain", "long_in_leeds", "3", "--as-of", "2026-06-20").stdout
    # the set of a static segment is the recorded one: an order that came later brings nobody into it
    assert "customer_id 1 is in by the rule" in segwh("explain", "of_the_list", "1", *LATER).stdout
    assert "customer_id 3 is not in by the rule" in segwh("explain", "of_the_list", "3", *LATER).stdout
    assert "customer_id 1 is in by the rule" in segwh("explain", "of_the_list", "1", "--as-of", FIRST).stdout


def test_a_segment_that_gets_another_name_at_the_next_run_has_its_past(recorded: Path) -> None:
    rules = recorded / "segments/rules.yml"
    rewrite(rules, "  - name: in_leeds\n", "  - name: leeds_people\n    was: in_leeds\n")
    rewrite(rules, "segment: in_leeds", "segment: leeds_people")
    later = ("--as-of", "2026-07-01T00:00:00Z")
    shown = segwh("explain", "long_in_leeds", "3", *later).stdout
    assert "yes  in segment leeds_people for 10 days at least" in shown
    assert "recorded: in since 2026-06-15 00:00 UTC" in segwh("explain", "leeds_people", "3", *later).stdout
    assert segwh("run", *later).exit_code == 0
    assert segwh("explain", "long_in_leeds", "3", *later).stdout == shown
    # the old name is free now: whoever takes it has no past of it
    with rules.open("a") as more:
        more.write("  - {name: in_leeds, label: Other, entity: customer, include: [{attribute: city, is: Leeds}]}\n")
    rewrite(rules, "    was: in_leeds\n", "")
    assert "recorded: never in" in segwh("explain", "in_leeds", "3", *LATER).stdout


def test_books_that_cannot_be_read_are_not_taken_for_empty_ones(recorded: Path) -> None:
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute("alter table customers rename customer_id to number")
    rewrite(recorded / "segments/catalog.yml", "key: {column: customer_id, type", "key: {column: number, type")
    result = segwh("explain", "in_leeds", "3", *LATER)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("error: segwh_customer_history has no column `number`: the key had another name")
    # another grain is nothing to it
    with (recorded / "segments/rules.yml").open("a") as rules:
        rules.write("  - {name: cities, label: Cities, entity: customer, aggregate_on: city, include: everyone}\n")
    assert "recorded: never in" in segwh("explain", "cities", "Leeds", *LATER).stdout
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute("drop view segwh_customer_history")
    result = segwh("explain", "in_leeds", "3", *LATER)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("error: segwh_customer_history is gone, and segwh_customer_log is there\n  `segwh run`")


def test_who_is_suppressed_for_a_while_belongs_to_a_static_segment(recorded: Path) -> None:
    with (recorded / "segments/rules.yml").open("a") as rules:
        rules.write("exclusions: [{entity: customer, segment: in_leeds}]\n")
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute("update customers set city = case when customer_id = 1 then 'Leeds' else city end")
    assert segwh("run", "--as-of", "2026-07-03T00:00:00Z").exit_code == 0
    on_the_fourth = ("--as-of", "2026-07-04T00:00:00Z")
    assert "no   in segment spring_list" in segwh("explain", "of_the_list", "1", *on_the_fourth).stdout
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute("update customers set city = 'Hull' where customer_id = 1")
    told = segwh("explain", "of_the_list", "1", *on_the_fourth).stdout
    assert segwh("run", *on_the_fourth).exit_code == 0
    with duckdb.connect("shop.duckdb") as connection:
        (members,) = connection.execute(
            "select list(customer_id order by customer_id) from segwh_customer_membership where segment = 'of_the_list'"
        ).fetchall()
    assert 1 in members[0]
    assert "customer_id 1 is in by the rule" in told
    assert "yes  in segment spring_list" in told


def test_an_explanation_as_json(recorded: Path) -> None:
    found = json.loads(segwh("explain", "in_leeds", "1", *LATER, "--format", "json").stdout)
    assert (found["is_member_by_rule"], found["is_recorded_member"], found["last_run_as_of"]) == (False, False, SECOND)
    assert found["stays"] == [
        {"entered_at": FIRST, "entered_reason": "first_run", "exited_at": SECOND, "exited_reason": "rule"}
    ]
    (step,) = found["entities"][0]["steps"]
    assert step["condition"] == {"text": "city is 'Leeds'", "holds": False, "found": {"city": "Hull"}, "parts": []}


VALUES = """
alter table raw_customers add column tags varchar[];
alter table raw_customers add column subscribed boolean;
alter table raw_customers add column birthday date;
alter table raw_customers add column seen timestamp;
alter table raw_customers add column score double;
update raw_customers set tags = ['a', 'it''s', null], subscribed = false, birthday = '1999-12-31', score = 0.1,
  seen = '9999-12-31 23:59:59', city = E'two\\nlines' where customer_id = 2;
insert into raw_customers (customer_id, city) values (-7, repeat('long ', 1000));
create or replace table customers as from raw_customers;
"""


@pytest.fixture
def odd(shop: Path) -> Path:
    """The shop with a segment that asks for values of all types, and a customer with a negative key."""
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute(VALUES)
    rewrite(
        shop / "segments/catalog.yml",
        "      city: string\n",
        "      city: string\n      tags: list<string>\n      subscribed: boolean\n      birthday: date\n      seen: timestamp\n"
        "      score: number\n",
    )
    conditions = (
        "{attribute: tags, has_any: [a]}", "{attribute: subscribed, is: true}", "{attribute: birthday, is: 1999-12-31}",
        "{attribute: seen, before: 2027-01-01}", "{attribute: score, gt: 1}", "{attribute: city, exists: true}",
        "{event: orders, sum: {of: amount, gt: 1}}", "{event: orders, count: {gt: 1}}",
    )  # fmt: skip
    with (shop / "segments/rules.yml").open("a") as rules:
        rules.write(f"  - {{name: odd, label: Odd, entity: customer, include: [{{any: [{', '.join(conditions)}]}}]}}\n")
    return shop


def test_values_of_all_types(odd: Path) -> None:
    shown = segwh("explain", "odd", "2", *AS_OF).stdout
    assert shown.split("any of\n")[1].split("\n\n")[0].splitlines() == [
        "    yes  tags has any of 'a': ['a', 'it's', missing]",
        "    no   subscribed is true: false",
        "    yes  birthday is 1999-12-31: 1999-12-31",
        "    no   seen is before 2027-01-01 00:00: 9999-12-31 23:59:59",
        "    no   score is above 1: 0.1",
        "    yes  city is there and not empty: 'two\\nlines'",
        "    yes  sum of amount of orders is above 1: 5",
        "    no   number of orders is above 1: 1",
    ]
    rewrite(odd / "segwh.yml", "Europe/London", "Asia/Tokyo")
    shown = segwh("explain", "odd", "2", *AS_OF).stdout
    assert "seen is before 2027-01-01 00:00: 9999-12-31 23:59:59 UTC\n" in shown  # the next year cannot be said


def test_values_of_all_types_as_json(odd: Path) -> None:
    told = json.loads(segwh("explain", "odd", "2", *AS_OF, "--format", "json").stdout)
    (step,) = told["entities"][0]["steps"]
    found = {what: value for part in step["condition"]["parts"] for what, value in part["found"].items()}
    assert found == {
        "tags": ["a", "it's", None],
        "subscribed": False,
        "birthday": "1999-12-31",
        "seen": "9999-12-31T23:59:59Z",
        "score": 0.1,
        "city": "two\nlines",
        "sum of amount of orders": 5.0,
        "number of orders": 1,
    }


def test_a_key_below_zero_and_a_long_value(odd: Path) -> None:
    shown = segwh("explain", "odd", "-7", *AS_OF).stdout
    assert "customer_id -7 is in by the rule\n" in shown
    assert "city is there and not empty: '" + "long " * 40 + "…', 5000 characters\n" in shown
    assert segwh("explain", "odd", *AS_OF, "--", "-7").stdout == shown
    assert segwh("erase", "--entity", "customer", "-7").stdout.startswith("the log knows nothing of this key")
    (part,) = [
        part
        for part in json.loads(segwh("explain", "odd", "-7", *AS_OF, "--format", "json").stdout)["entities"][0]["steps"][0][
            "condition"
        ]["parts"]
        if "city" in part["found"]
    ]
    assert part["found"]["city"] == "long " * 1000


def test_options_are_looked_at_beside_a_key_below_zero(shop: Path) -> None:
    runner = CliRunner()
    assert "No such option" in runner.invoke(cli, ("explain", "buyers", "1", "--as-off", "2026-07-01")).output
    assert "unexpected extra argument" in runner.invoke(cli, ("explain", "buyers", "-7", "--as-off", "2026-07-01")).output


def test_when_somebody_was_created_may_be_unknown(odd: Path) -> None:
    assert "✗ created within 2 years: when is not known\n" in segwh("explain", "buyers", "-7", *AS_OF).stdout


def test_a_limit_of_each_group(shop: Path) -> None:
    limit = "    limit: {top: 1, by: score, per: city, order: asc}\n"
    rewrite(shop / "segments/rules.yml", "    label: Bought lately\n", f"    label: Bought lately\n{limit}")
    with (shop / "segments/rules.yml").open("a") as rules:
        rules.write("traits: [{name: score, entity: customer, event: orders, sum: amount}]\n")
    shown = segwh("explain", "buyers", "2", *AS_OF).stdout
    assert "✓ among the best 1 of its city ('York') by score (sum of amount of orders), the lowest first: 5\n" in shown


def test_a_limit_of_values_asks_the_one_who_stands_for_each(shop: Path) -> None:
    limit = "    aggregate_on: city\n    limit: {top: 1, by: score, order: asc}\n"
    rewrite(shop / "segments/rules.yml", "    label: Lives in Leeds\n", f"    label: Lives in Leeds\n{limit}")
    with (shop / "segments/rules.yml").open("a") as rules:
        rules.write("traits: [{name: score, entity: customer, event: orders, sum: amount}]\n")
    best = "among the best 1 by score (sum of amount of orders), the lowest first"
    shown = segwh("explain", "in_leeds", "Leeds", *AS_OF).stdout
    assert "city Leeds is in by the rule" in shown
    assert f"✓ {best}: somebody else stands for this city\n" in shown.split("\n\n")[1] + "\n"  # 3 was created later
    assert f"✓ {best}: 0\n" in shown.split("\n\n")[2] + "\n"
    rewrite(shop / "segments/rules.yml", "is: Leeds}", "is: Leeds}\n    exclude: [{attribute: email, exists: false}]")
    shown = segwh("explain", "in_leeds", "Leeds", *AS_OF).stdout
    assert "city Leeds is not in by the rule" in shown
    # 1 passes all that is asked of them, and 3 is excluded: nobody stands for a value that is out
    assert shown.split("\n\n")[1].endswith(f"- {best}")
    assert shown.split("\n\n")[2].endswith(f"- {best}")


def test_a_key_that_is_there_twice(shop: Path) -> None:
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute("insert into customers select * replace ('Leeds' as city) from raw_customers where customer_id = 2")
    shown = segwh("explain", "in_leeds", "2", *AS_OF).stdout
    assert "\nthere are 2 rows with this key: no run publishes the segments of customer until there is one\n" in shown
    assert [block.splitlines()[0] for block in shown.split("\n\n")[1:3]] == ["2", "2"]


def test_who_is_kept_out_by_the_caps_on_a_stay(shop: Path) -> None:
    stay = "    stay: {at_most: 10 days, again_after: 90 days}\n"
    rewrite(shop / "segments/rules.yml", "    label: Lives in Leeds\n", f"    label: Lives in Leeds\n{stay}")
    assert "✓ not kept out by `stay`\n" in segwh("explain", "in_leeds", "1", "--as-of", FIRST).stdout
    assert segwh("run", "--as-of", FIRST).exit_code == 0
    assert "✗ kept out by `stay`\n" in segwh("explain", "in_leeds", "1", *LATER).stdout


def test_it_needs_no_run_and_leaves_no_trace(shop: Path, files_of_dbt: None) -> None:
    before = {str(path): path.read_bytes() for path in shop.rglob("*") if path.is_file()}
    assert segwh("explain", "spring_list", "1", *AS_OF).exit_code == 0
    assert {str(path): path.read_bytes() for path in shop.rglob("*") if path.is_file()} == before


def test_the_exact_sql_runs_as_it_is(shop: Path) -> None:
    statement, rest = segwh("explain", "in_leeds", "1", *AS_OF, "--sql").stdout.split(";\n")
    assert rest == ""
    with duckdb.connect("shop.duckdb", read_only=True) as connection:
        assert connection.execute(statement).fetchall() == [(1, 1, 1, "Leeds", 1)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("buyres", "1"), "error: `buyres` is not a segment; `buyers` might be meant\n  `segwh list` shows them all\n"),
        (("buyers", "one"), "error: `one` is no customer_id: that is an integer\n"),
        (("buyers", "1_0"), "error: `1_0` is no customer_id: that is an integer\n"),
        (("buyers", ""), "error: `` is no customer_id: that is an integer\n"),
        (("buyers", "1" * 39), "error: there is no such customer_id: no warehouse has an integer of more than 38 digits\n"),
        (("buyers", "1", "--as-of", "soon"), "error: --as-of `soon` is no ISO 8601 date or time\n"),
    ],
)
def test_what_the_user_can_fix(shop: Path, arguments: tuple[str, ...], said: str) -> None:
    result = segwh("explain", *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith(said)


def test_a_key_with_quotes_and_braces_is_a_value(shop: Path) -> None:
    rewrite(shop / "segments/rules.yml", "    label: Lives in Leeds\n", "    label: Lives in Leeds\n    aggregate_on: city\n")
    result = segwh("explain", "in_leeds", "O'Hara {{ 1 }} %s '; --", *AS_OF)
    assert result.exit_code == 0
    assert "is not there" in result.stdout


def test_it_is_a_command() -> None:
    assert "explain" in cli.commands


def test_what_the_last_run_held_back_is_said(recorded: Path) -> None:
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute("insert into customers select * from customers where customer_id = 2")
    assert segwh("run", "--as-of", "2026-07-03").exit_code == 1
    shown = segwh("explain", "in_leeds", "3", "--as-of", "2026-07-03").stdout
    held = "held the segment back (skipped: ref('customers') has keys with more than one row)"
    assert f"recorded: in since 2026-06-15 00:00 UTC; the last run was as of 2026-07-02 23:00 UTC and {held}\n" in shown


def test_a_uuid_may_be_typed_in_any_letters(shop: Path) -> None:
    (shop / "models/accounts.sql").write_text("select * from raw_accounts\n")
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute("create table accounts as select uuid '0f071dc8-a75f-41d8-96a6-37feba15c3d1' as account_id")
    (shop / "segments/accounts.yml").write_text(
        "entities:\n  - {name: account, relation: ref('accounts'), key: account_id}\n"
        "segments:\n  - {name: accounts, label: All, entity: account, include: everyone}\n"
    )
    for key in ("0F071DC8-A75F-41D8-96A6-37FEBA15C3D1", "{0f071dc8a75f41d896a637feba15c3d1}"):
        shown = segwh("explain", "accounts", key, *AS_OF).stdout
        assert "account_id 0f071dc8-a75f-41d8-96a6-37feba15c3d1 is in by the rule\n" in shown
        assert "= '0f071dc8-a75f-41d8-96a6-37feba15c3d1'" in segwh("explain", "accounts", key, *AS_OF, "--sql").stdout
    for command in (("explain", "accounts", "0f07"), ("erase", "--entity", "account", "0f07")):
        result = segwh(*command)
        assert (result.exit_code, result.stderr) == (1, "error: `0f07` is no account_id: that is a UUID\n")
