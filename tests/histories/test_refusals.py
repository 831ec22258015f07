"""What a run refuses before it writes anything: a log that is gone or cut short, an as-of that comes too late for all."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

import pytest

from tests.histories.runner import Call, Compiled, Runner, compiled
from tests.histories.shop import START, Shop
from tests.macro_calls import CompilerError

LOG, STATE = "segwh_customer_log", "segwh_customer_state"


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def fill(shop: Shop, runner: Runner, number: int) -> None:
    """The customers of a day."""
    shop.customers = {key: (day(-9), 5 if place == number % 4 else 10 * place, "01", True) for place, key in enumerate("abcde")}
    shop.fill(runner)


@cache
def begun() -> tuple[Shop, Runner]:
    """What all lives begin with."""
    shop, runner = Shop(), Runner()
    for number in (1, 2):
        fill(shop, runner, number)
        assert runner.run(compiled(shop.rules), Call(day(number)))
    return shop, runner


class Life:
    """A shop after runs of days 1 and 2."""

    def __init__(self) -> None:
        shop, runner = begun()
        self.shop, self.runner = deepcopy(shop), runner.copy()

    def customers(self, number: int) -> None:
        """Some come and go from day to day."""
        fill(self.shop, self.runner, number)

    def everything(self) -> dict[str, list[tuple[object, ...]]]:
        """The rows of all tables but the one that says what the rules say, whatever a run makes of them."""
        tables = self.runner.rows("select table_name from duckdb_tables() where not temporary order by all")
        return {name: self.runner.rows(f"from {name} order by all") for (name,) in tables if name != "segwh_rules"}

    def refuses(self, call: Call, *why: str, project: Compiled | None = None) -> None:
        """The run ends with an error that says why, and no table has changed."""
        before = self.everything()
        with pytest.raises(CompilerError) as error:
            self.runner.run(project or compiled(self.shop.rules), call, raises=True)
        for words in why:
            assert words in str(error.value)
        assert self.everything() == before

    def drop(self, table: str) -> None:
        self.runner.connection.execute(f"drop table {table}")
        self.runner.find_relations()


def merged(mine: Compiled, theirs: Compiled, *names: str) -> Compiled:
    """A project of which some files are another's."""
    return replace(mine, models={**mine.models, **{name: theirs.models[name] for name in names}})


EVALUATION, EVALUATED = "segwh_customer_evaluation", "segwh_customer_evaluated"


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ([EVALUATION], f"models/{EVALUATION}.sql is not as `segwh compile` wrote the project: nothing is written"),
        ([EVALUATION, EVALUATED], f"models/{EVALUATED}.sql and models/{EVALUATION}.sql are not as"),
        ([EVALUATION, EVALUATED, "segwh_rules"], f"models/{EVALUATED}.sql and 2 other files are not as"),
    ],
)
def test_files_of_two_compilations_do_not_run_together(names: list[str], why: str) -> None:
    """Members by the rules of before, with all else by those of today, would let in whom the rules of today keep out."""
    life = Life()
    old = compiled(life.shop.rules)
    life.shop.slot("young").threshold += 10
    new = compiled(life.shop.rules)
    life.refuses(Call(day(3)), why, "Run `segwh compile`", project=merged(new, old, *names))
    # nor where the models that begin a run are left out
    only = {"segwh_customer_pending", "segwh_customer_log"}
    life.refuses(Call(day(3), select=only.__contains__), why, project=merged(new, old, *names))
    assert life.runner.run(new, Call(day(3)))


def test_a_file_that_an_earlier_compilation_left_behind_is_no_part_of_the_project() -> None:
    life = Life()
    old = compiled(life.shop.rules)
    left = replace(old, models={**old.models, "segwh_visitor_state": old.models[STATE]})
    life.refuses(Call(day(3)), "models/segwh_visitor_state.sql is not as `segwh compile` wrote", project=left)
    own = replace(old, models={**old.models, "my_own": "{{ config(materialized='view') }} select 1 as one"})
    assert life.runner.run(own, Call(day(3)))


def test_how_lines_are_indented_and_end_does_not_matter() -> None:
    life = Life()
    old = compiled(life.shop.rules)
    checked_out = {name: text.replace("\n", "\r\n").replace("    ", "\t") for name, text in old.models.items()}
    assert life.runner.run(replace(old, models=checked_out), Call(day(3)))


@pytest.mark.parametrize("flags", [{"empty": True}, {"sample": True}], ids=str)
def test_a_part_of_the_data_is_no_way_to_show_a_new_trait(flags: dict[str, bool]) -> None:
    """What the run before left stays as it is then, and does not have it. Rules alone may change: nothing follows from them."""
    life = Life()
    life.shop.slot("orders").threshold = 410  # days times ten: a window that nothing asked for before
    before = life.runner.rows(f"from {LOG} order by all")
    assert life.runner.run(compiled(life.shop.rules), Call(day(3), **flags))
    trait = "traits:\n  - {name: spent, entity: customer, event: orders, sum: amount, within: 3 days}\n"
    why = r"stays as it is, and it lacks what is to be shown now \(spent\): build it once without"
    with pytest.raises(CompilerError, match=why):
        life.runner.run(compiled(life.shop.rules + trait), Call(day(3), **flags), raises=True)
    assert life.runner.rows(f"from {LOG} order by all") == before
    assert life.runner.run(compiled(life.shop.rules + trait), Call(day(3)))
    assert life.runner.run(compiled(life.shop.rules + trait), Call(day(4), **flags))


@pytest.mark.parametrize("flags", [{}, {"empty": True}, {"full_refresh": True}], ids=str)
def test_a_log_that_is_gone_is_named_and_nothing_is_concluded_from_what_is_left(flags: dict[str, bool]) -> None:
    life = Life()
    life.drop(LOG)
    why = f"the log {LOG} is gone, while {STATE} remembers what followed from it: nothing is written. Restore the log"
    life.refuses(Call(day(3), **flags), why, f"or drop {STATE} too", "everyone enters anew, as on the first day")


def test_without_the_state_the_next_run_begins_anew() -> None:
    life = Life()
    life.drop(LOG)
    life.drop(STATE)
    assert life.runner.run(compiled(life.shop.rules), Call(day(3)))
    found = life.runner.rows("select distinct change, reason, changed_at from segwh_customer_changes")
    assert found == [("entered", "first_run", day(3))]
    assert len(life.runner.rows("from segwh_customer_by_phone_changes where changed_at < timestamptz '2026-03-04'")) > 0


@pytest.mark.parametrize("lost", [1, 1000], ids=lambda rows: f"{rows} rows")
def test_a_log_that_was_restored_from_an_older_copy_is_told_apart_from_the_state(lost: int) -> None:
    life = Life()
    life.customers(3)
    assert life.runner.run(compiled(life.shop.rules), Call(day(3)))  # the state holds days 1 and 2 now
    [(applied,)] = life.runner.rows(f"select max(sequence) from {STATE}")
    life.runner.connection.execute(f"delete from {LOG} where sequence > {applied - lost}")
    why = f"the log {LOG} has lost its newest rows, while {STATE} remembers"
    life.refuses(Call(day(4)), why, "goes on from the log as it is")
    life.drop(STATE)
    assert life.runner.run(compiled(life.shop.rules), Call(day(4)))
    told = life.runner.rows("select segment, customer_id, change from segwh_customer_changes order by sequence")
    members: set[tuple[str, str]] = set()
    for segment, key, change in told:
        (members.add if change == "entered" else members.remove)((segment, key))
    assert members == set(life.runner.rows("select segment, customer_id from segwh_customer_membership"))


@pytest.mark.parametrize("what", ["of one run", "some", "all"])
def test_what_the_newest_run_wrote_is_missed_though_the_state_has_not_seen_it_yet(what: str) -> None:
    """As in a copy of the night before: changes would be logged once more, later, under numbers that readers have passed."""
    life = Life()
    newest = f"(select max(run_id) from {LOG})"
    if what == "all":
        life.drop(STATE)
        life.runner.connection.execute(f"create table {STATE} as select * from {LOG} where false")  # as after one run
        life.runner.find_relations()
        life.drop(LOG)
    else:
        more = " and sequence % 2 = 0" if what == "some" else ""
        life.runner.connection.execute(f"delete from {LOG} where run_id = {newest}{more}")
    logs = LOG if what != "some" else f"segwh_customer_by_phone_log or {LOG}"
    life.refuses(Call(day(3)), f"the log {logs} has lost its newest rows, while segwh_run_ends remembers", "Restore the log")
    life.drop(STATE)
    assert life.runner.run(compiled(life.shop.rules), Call(day(3)))
    assert life.runner.run(compiled(life.shop.rules), Call(day(4)))


@pytest.mark.parametrize("dies_after", [STATE, "segwh_customer_pending", LOG])
@pytest.mark.parametrize("left", [0, 1], ids=lambda runs: f"{runs} runs are left")
def test_what_was_given_up_is_not_missed_again_where_the_run_that_began_without_it_dies(left: int, dies_after: str) -> None:
    """Somebody dropped the state as they were told to: to be told so once more would be no way out."""
    life = Life()
    life.drop(STATE)
    life.runner.connection.execute(f"delete from {LOG} where run_id > 'run000{left}'")
    assert not life.runner.run(compiled(life.shop.rules), Call(day(3), stop_after=dies_after))
    assert life.runner.run(compiled(life.shop.rules), Call(day(3)), raises=True)
    assert life.runner.run(compiled(life.shop.rules), Call(day(4)), raises=True)


def test_what_goes_after_a_run_that_died_is_missed() -> None:
    life = Life()
    [(before,)] = life.runner.rows(f"select min(sequence) from {LOG} where changed_at = timestamptz '{day(2)}'")
    assert not life.runner.run(compiled(life.shop.rules), Call(day(3), stop_after="segwh_run_starts"))
    life.runner.connection.execute(f"delete from {LOG} where sequence >= {before}")
    life.refuses(Call(day(3)), f"the log {LOG} has lost its newest rows, while segwh_run_starts remembers where it ended")
    life.drop(STATE)
    assert life.runner.run(compiled(life.shop.rules), Call(day(3)))


def test_what_a_run_that_died_had_not_written_is_not_missed() -> None:
    life = Life()
    life.customers(3)
    assert not life.runner.run(compiled(life.shop.rules), Call(day(3), stop_after="segwh_customer_pending"))
    assert life.runner.run(compiled(life.shop.rules), Call(day(3)))


def test_nor_are_rows_that_were_erased() -> None:
    life = Life()
    life.runner.connection.execute(f"delete from {LOG} where customer_id = 'a'")
    life.runner.connection.execute(
        "insert into segwh_run_ends (run_id, status, finished_at, entered, exited)"
        " select 'erased-1', 'erased', max(finished_at) + interval 1 second, 0, 0 from segwh_run_ends"
    )
    assert life.runner.run(compiled(life.shop.rules), Call(day(3)))


def test_a_part_of_the_models_says_so_too() -> None:
    life = Life()
    life.runner.connection.execute(f"delete from {LOG}")
    life.refuses(Call(day(3), select=lambda name: name == "segwh_run_starts"), "has lost its newest rows")


def test_an_as_of_that_comes_too_late_for_all_changes_no_table() -> None:
    life = Life()
    life.customers(3)
    life.refuses(Call(day(1)), "the as-of of this run is refused", "every segment was evaluated at a later one already")
    # nor does one that is too late for all but the names that they had
    life.shop.slot("points").was, life.shop.slot("points").name = "rich", "richest"
    life.refuses(Call(day(1)), "the as-of of this run is refused")
    assert life.runner.run(compiled(life.shop.rules), Call(day(2)))
    assert life.runner.rows("select note from segwh_runs where status = 'renamed'") == [("rich is called richest now",)]


def test_one_new_segment_is_reason_enough_for_an_older_as_of() -> None:
    life = Life()
    life.shop.slot("points").name = "wealthy"
    life.customers(3)
    assert not life.runner.run(compiled(life.shop.rules), Call(day(1)))
    assert life.runner.rows("select distinct segment from segwh_customer_changes where run_id = 'run0003'") == [("wealthy",)]
    statuses = dict(life.runner.rows("select segment, status from segwh_customer_pending where kind = 'segment'"))
    assert statuses["buyers"] == "refused"


def test_an_older_as_of_that_reads_nothing_is_no_run_at_all() -> None:
    life = Life()
    before = life.everything()
    assert life.runner.run(compiled(life.shop.rules), Call(day(1), empty=True))
    assert life.everything() == before


def test_a_segment_may_be_removed_at_an_older_as_of_than_the_others() -> None:
    life = Life()
    life.shop.slot("young").is_there = False
    project = compiled(life.shop.rules)
    life.runner.run(project, Call(day(1), remove=("newcomers",)))
    assert life.runner.rows("select max(changed_at) from segwh_customer_changes") == [(day(2),)]
    assert life.runner.rows("select count(*) from segwh_runs") == [(3,)]


@pytest.mark.parametrize("swapped", ["segwh_customer_evaluation", "segwh_customer_facts"])
def test_rows_that_another_run_put_in_their_place_meanwhile_are_not_taken_for_those_of_this_one(swapped: str) -> None:
    life = Life()
    project = compiled(life.shop.rules)
    life.runner.connection.execute(f"create table of_day_2 as from {swapped}")
    log = life.runner.rows(f"from {LOG} order by all")
    life.customers(3)
    looked_at = {f"segwh_customer_{name}" for name in ("checks", "facts", "evaluation", "evaluated")}
    before = {"segwh_rules", "segwh_run_starts", STATE, "segwh_customer_standing", *looked_at}
    assert life.runner.run(project, Call(day(3), select=lambda name: name in before))
    life.runner.connection.execute(f"delete from {swapped}; insert into {swapped} from of_day_2")
    life.runner.run(project, Call(day(3), select=lambda name: name not in before - {"segwh_run_starts"}))
    assert life.runner.rows(f"from {LOG} order by all") == log
    problems = life.runner.rows("select distinct problem from segwh_customer_pending where kind = 'segment'")
    assert problems == [(f"its {swapped.rsplit('_', 1)[1].replace('evaluation', 'members')} are of another as-of",)]
    assert life.runner.run(project, Call(day(3)))
    assert life.runner.rows(f"select 1 from {LOG} where changed_at = timestamptz '{day(3)}'")


BEFORE_THE_LOG = ("_rules", "_starts", "_checks", "_state", "_standing", "_facts", "_evaluation", "_evaluated", "_pending")


def test_of_two_runs_at_once_one_writes_all_grains() -> None:
    life = Life()
    life.customers(3)
    project, logs = compiled(life.shop.rules), (LOG, "segwh_customer_by_phone_log")

    def go_on(run: int, *models: str) -> None:
        """Run some of the models as part of the run of that number."""
        life.runner.runs = run - 1
        life.runner.run(project, Call(day(3), select=lambda name: name.endswith(models)))

    def rows() -> list[int]:
        return [count for log in logs for (count,) in life.runner.rows(f"select count(*) from {log}")]

    before = rows()
    for run in (3, 4):
        go_on(run, *BEFORE_THE_LOG)
    go_on(4, logs[0])
    written = rows()
    assert written[0] > before[0]
    # the run that comes second in the log of customers writes nothing of phones, though nobody did yet
    go_on(3, *logs)
    assert rows() == written
    go_on(4, logs[1], "_run_ends")
    assert rows()[1] > written[1]
    assert life.runner.rows("select status from segwh_run_ends where run_id = 'run0004'") == [("finished",)]


def test_an_as_of_that_is_no_time() -> None:
    life = Life()
    for given in (
        "garbage", "2026-06-31", "2026-13-01", "2023-02-29", "0000-01-01", "2026-06-01T25:00:00Z", "2026-06-01T12:60",
        "2026-0601", "2026-06-01T1230:00", "1717200000", ["a"], True,
    ):  # fmt: skip
        call = Call(day(3), variables={"segwh_as_of": given})
        life.refuses(
            call, f"segwh_as_of: `{given}` is no ISO 8601 date or time, such as '2026-11-01' or '2026-11-01T06:30:00Z'"
        )


def test_a_variable_that_says_nothing() -> None:
    life = Life()
    for variable, given, why in (
        ("segwh_accept", 5, "segwh_accept: 5 is no list of names"),
        ("segwh_remove", {"buyers": True}, "segwh_remove: {'buyers': True} is no list of names"),
        ("segwh_only", ["Buyers; drop"], "segwh_only: 'Buyers; drop' is not a name"),
        ("segwh_refresh", [5], "segwh_refresh: '5' is not a name"),
        ("segwh_full", "perhaps", "segwh_full: perhaps is neither true nor false"),
        ("segwh_backfill", 2, "segwh_backfill: 2 is neither true nor false"),
    ):
        life.refuses(Call(day(3), variables={variable: given}), why)


def test_no_names_in_other_spellings() -> None:
    """A scheduler fills in what it has been given, which mostly is nothing."""
    life = Life()
    for given in (None, [], ()):
        names = dict.fromkeys(("segwh_accept", "segwh_remove", "segwh_only", "segwh_refresh"), given)
        assert life.runner.run(compiled(life.shop.rules), Call(day(3), variables=names), raises=True)


def test_a_flag_in_other_spellings() -> None:
    life = Life()
    spellings = ("no", False), ("False", False), (0, False), (None, False), ("yes", True), (1, True)
    for number, (given, meant) in enumerate(spellings, 3):
        assert life.runner.run(compiled(life.shop.rules), Call(day(number), variables={"segwh_full": given}), raises=True)
        assert any("as asked" in line for line in life.runner.told) == meant


def test_a_variable_of_another_name_is_told() -> None:
    life = Life()
    assert life.runner.run(compiled(life.shop.rules), Call(day(3), given={"segwh_asof": "2026-11-05", "own": 1}), raises=True)
    assert [line for line in life.runner.told if "the variable" in line] == [
        "segwh: the variable segwh_asof is none of segwh, which knows segwh_as_of, segwh_accept, segwh_remove, segwh_only,"
        " segwh_refresh, segwh_full, segwh_backfill, segwh_adopt"
    ]


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("2026-11-02T00:00:00Z", True), ("2026-11-02", True), (" 2026-11-02 00:00 ", True), ("20261102", True),
        ("2026-11-02T02:30:00.000+02:30", True), ("20261102T000000+0000", True), (datetime(2026, 11, 2), True),
        ("2028-02-29T23:59:59.999999Z", False),
    ],
    ids=str,
)  # fmt: skip
def test_an_as_of_in_other_spellings(given: object, meant: bool) -> None:
    life = Life()
    assert life.runner.run(compiled(life.shop.rules), Call(day(3), variables={"segwh_as_of": given}), raises=True)
    (at,) = life.runner.rows("select max(as_of) from segwh_runs")[0]
    assert (at.isoformat().startswith("2026-11-02T00:00:00")) == meant
