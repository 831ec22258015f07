"""Runs that follow the facts: they ask and compare changed keys alone, and in doubt everybody."""

from __future__ import annotations

from copy import copy
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest

from tests.histories.erasing import erase
from tests.histories.runner import Call, Compiled, Runner, compiled

RULES = """\
entities:
  - name: customer
    relation: ref('customers')
    key: customer_id
    attributes: {city: string, signed_up_at: timestamp}
    events:
      - {name: orders, relation: ref('orders'), key: customer_id, time: ordered_at, loaded_at: loaded_at}
segments:
  - {name: buyers, label: B, entity: customer, tags: [mail], include: [{event: orders, within: 7 days}]}
  - {name: in_leeds, label: L, entity: customer, include: [{attribute: city, is: Leeds}]}
  - {name: new, label: N, entity: customer, include: [{attribute: signed_up_at, within: 3 days}]}
  - {name: loyal, label: O, entity: customer, include: [{segment: buyers, for: 2 days}]}
  - {name: listed, label: I, entity: customer, include: [{attribute: city, in: {relation: "ref('cities')", column: city}}]}
  - {name: best, label: T, entity: customer, include: [{segment: in_leeds}], limit: {top: 1, by: signed_up_at}}
"""
START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
FACTS = "segwh_customer_facts"


class Shop:
    """Customers and orders of one warehouse."""

    def __init__(self) -> None:
        self.runner = Runner()
        self.customers = dict.fromkeys("abcde", ("York", START - 10 * DAY))
        self.orders: list[tuple[str, datetime]] = []
        self.cities = ["Rome"]
        self.text = RULES

    @property
    def project(self) -> Compiled:
        return compiled(self.text)

    def fill(self) -> None:
        people = [(key, *row) for key, row in self.customers.items()]
        self.runner.fill("customers", {"customer_id": "varchar", "city": "varchar", "signed_up_at": "timestamp"}, people)
        orders = [(key, at, at + timedelta(minutes=1)) for key, at in self.orders]
        self.runner.fill("orders", {"customer_id": "varchar", "ordered_at": "timestamptz", "loaded_at": "timestamptz"}, orders)
        self.runner.fill("cities", {"city": "varchar"}, [(city,) for city in self.cities])

    def run(self, day: float, **options: object) -> str:
        self.fill()
        self.runner.run(self.project, Call(START + day * DAY, **options))  # type: ignore[arg-type]
        return "; ".join(self.runner.told)

    def asked(self) -> set[str]:
        """Whose rows the evaluation looked at, as far as they are members."""
        rows = self.runner.rows("select customer_id from segwh_customer_evaluation where customer_id is not null")
        return {key for (key,) in rows}

    def members(self, segment: str) -> str:
        query = f"select customer_id from segwh_customer_membership where segment = '{segment}' order by 1"
        return "".join(key for (key,) in self.runner.rows(query))

    def problems(self) -> set[str | None]:
        return {problem for (problem,) in self.runner.rows("select problem from segwh_customer_pending where kind = 'segment'")}


@pytest.fixture
def shop() -> Shop:
    """After two runs at which a, b, c and d are members of something."""
    made = copy(begun())
    made.runner, made.customers, made.orders = made.runner.copy(), dict(made.customers), list(made.orders)
    return made


@cache
def begun() -> Shop:
    """What all of them begin with."""
    made = Shop()
    made.customers |= {"a": ("Leeds", START - 10 * DAY), "d": ("York", START)}
    made.orders = [("b", START), ("c", START + 0.5 * DAY)]
    made.run(1)
    made.run(1.5)
    assert [made.members(name) for name in ("buyers", "in_leeds", "new", "best")] == ["bc", "a", "d", "a"]
    return made


def test_members_whose_rows_are_as_they_were_are_not_asked(shop: Shop) -> None:
    shop.orders.append(("e", START + 1.8 * DAY))
    assert shop.run(2) == "segwh: customer: 1 of 5 looked at again"
    assert shop.asked() == {"e"}
    assert [shop.members(name) for name in ("buyers", "in_leeds", "new", "best")] == ["bce", "a", "d", "a"]


def test_time_alone_wakes_who_is_on_an_edge(shop: Shop) -> None:
    told = shop.run(4)
    assert "looked at again" in told
    # d is new no longer, b and c have been buyers for two days
    assert [shop.members(name) for name in ("buyers", "new", "loyal")] == ["bc", "", "bc"]


def test_who_changed_or_is_gone(shop: Shop) -> None:
    shop.customers["e"] = ("Leeds", START - 10 * DAY)
    del shop.customers["b"]
    shop.run(2)
    assert [shop.members(name) for name in ("buyers", "in_leeds")] == ["c", "ae"]
    reasons = shop.runner.rows("select reason from segwh_customer_changes where customer_id = 'b' and change = 'exited'")
    assert reasons == [("gone",)]


def test_a_list_in_a_table_is_asked_for_everybody(shop: Shop) -> None:
    shop.cities = ["York"]
    shop.run(2)
    assert shop.members("listed") == "bcde"
    shop.cities = []
    shop.run(3)
    assert shop.members("listed") == ""


def test_a_segment_that_a_run_left_out_is_asked_for_everybody_in_the_next(shop: Shop) -> None:
    shop.customers["e"] = ("Leeds", START - 10 * DAY)
    shop.run(2, variables={"segwh_only": ["buyers"]})
    assert shop.members("in_leeds") == "a"
    assert "all members compared: best and" in shop.run(3)
    assert shop.members("in_leeds") == "ae"
    assert shop.run(3.1).endswith("looked at again")


@pytest.mark.parametrize("place", ["include: [{segment: NAME}]", "include: everyone, exclude: [{not: {segment: NAME}}]"])
def test_a_reference_to_another_segment_of_the_same_rule_is_another_rule(shop: Shop, place: str) -> None:
    """By their rules `first` and `second` are the same, and so are those who refer to them; but `second` stands in a group."""
    rules = (
        "  - {name: first, label: A, entity: customer, include: [{attribute: city, is: York}]}\n"
        "  - {name: second, label: Z, entity: customer, include: [{attribute: city, is: York}]}\n"
        "  - {name: either, label: B, entity: customer, include: [{any: [{segment: first}, {segment: second}]}]}\n"
        f"  - {{name: inner, label: I, entity: customer, {place}}}\n"
        "groups:\n  - {name: turns, exclusive: [buyers, second]}\n"
    )
    shop.text = RULES + rules.replace("NAME", "second")
    shop.run(2)
    shop.run(2.1)
    assert shop.members("inner") == "de"
    shop.text = RULES + rules.replace("NAME", "first")
    assert "all members compared: the rules are others" in shop.run(2.2)
    assert shop.members("inner") == "bcde"
    assert shop.run(2.3).endswith("looked at again")


def test_another_rule_or_group_is_asked_for_everybody(shop: Shop) -> None:
    shop.text = RULES.replace("city, is: Leeds", "city, is: York")
    assert "all members compared: the rules are others" in shop.run(2)
    assert shop.members("in_leeds") == "bcde"
    shop.text += "groups:\n  - {name: first, exclusive: [in_leeds, buyers]}\n"
    assert "all" in shop.run(3)
    assert shop.members("buyers") == ""


def rest(day: float, built: str, project: Compiled) -> Call:
    """What `dbt retry` runs of a run that died after a model."""
    names = list(project.models)
    return Call(START + day * DAY, select=lambda name: names.index(name) > names.index(built))


@pytest.mark.parametrize(
    "meanwhile",
    [f"update {FACTS} set segwh_made_by = 7", f"update {FACTS} set segwh_base = segwh_base - 1"],
    ids=["another run made its own facts", "another run wrote into the log"],
)
def test_nothing_is_concluded_where_another_run_came_between(shop: Shop, meanwhile: str) -> None:
    shop.orders.append(("e", START + 1.8 * DAY))
    built = "segwh_customer_evaluated"
    shop.run(2, stop_after=built)
    shop.runner.rows(meanwhile)
    assert not shop.runner.run(shop.project, rest(2, built, shop.project))
    assert len(shop.problems()) == 1
    assert shop.members("buyers") == "bc"
    # and the next run makes it good
    assert "all members compared" in shop.run(3)
    assert shop.members("buyers") == "bce"


def test_facts_made_again_by_hand_are_not_those_of_the_log(shop: Shop) -> None:
    shop.run(2)
    shop.customers["e"] = ("Leeds", START - 10 * DAY)
    shop.run(2, select=lambda name: name == FACTS)
    assert "all members compared: the rules are others, or the log is not" in shop.run(3)
    assert shop.members("in_leeds") == "ae"


def test_facts_of_the_past_are_not_those_of_segments_that_are_further(shop: Shop) -> None:
    # e moves to Leeds and back; in between a new segment is filled in for a day on which e had not moved yet
    shop.customers["e"] = ("Leeds", START - 10 * DAY)
    shop.run(3)
    assert shop.members("in_leeds") == "ae"
    shop.customers["e"] = ("York", START - 10 * DAY)
    shop.text += "  - {name: added, label: A, entity: customer, include: [{attribute: city, is: Rome}]}\n"
    shop.run(2, variables={"segwh_backfill": True})
    shop.run(4, variables={"segwh_only": ["in_leeds"]})
    assert shop.members("in_leeds") == "a"


def test_facts_of_a_second_run_at_one_as_of_are_not_those_of_segments_that_it_was_not_about(shop: Shop) -> None:
    shop.run(2)
    shop.customers["a"] = ("York", START + 1.9 * DAY)
    shop.run(2, variables={"segwh_only": ["new"]})
    assert (shop.members("new"), shop.members("in_leeds")) == ("ad", "a")
    assert "all members compared: the rules are others, or the log is not" in shop.run(3)
    assert (shop.members("new"), shop.members("in_leeds")) == ("ad", "")
    assert shop.run(3.1).endswith("looked at again")


def test_nor_of_segments_that_it_held_back(shop: Shop) -> None:
    shop.text += "exclusions:\n  - {entity: customer, segment: in_leeds, tags: [mail], reason: consent}\n"
    shop.run(2)
    shop.customers["a"] = ("York", START + 1.9 * DAY)
    for day in (2, 3):
        shop.run(day)
        assert "it would lose too many members; accept it if that is right" in shop.problems()
        assert (shop.members("new"), shop.members("in_leeds")) == ("ad", "a")


def test_a_run_that_died_before_it_wrote_is_made_good(shop: Shop) -> None:
    shop.orders.append(("e", START + 1.8 * DAY))
    shop.run(2, stop_after="segwh_customer_pending")
    shop.run(3)
    assert shop.members("buyers") == "bce"


def sizes(shop: Shop) -> dict[str, int]:
    """The members that the newest evaluation says each segment has."""
    rows = shop.runner.rows(
        "select segment, last(members order by sequence) from segwh_customer_log where change = 'evaluated' group by segment"
    )
    return dict(rows)


def counted(shop: Shop) -> dict[str, int]:
    """The members that each segment has."""
    return {name: len(shop.members(name)) for name in sizes(shop)}


def beside(shop: Shop) -> dict[str, list[tuple[object, ...]]]:
    """The keys in the tables beside the facts, of those that stand."""
    shop.runner.find_relations()
    names = sorted(shop.runner.known & {f"{FACTS}_changed", f"{FACTS}_gone"})
    return {name: shop.runner.rows(f"select customer_id from {name} order by 1") for name in names}


def test_rows_that_changed_take_the_place_of_those_that_were(shop: Shop) -> None:
    shop.customers["b"] = ("Leeds", START - 20 * DAY)
    del shop.customers["a"]
    shop.orders.append(("e", START + 1.6 * DAY))
    shop.run(2)
    assert beside(shop) == {f"{FACTS}_changed": [("b",), ("e",)], f"{FACTS}_gone": [("a",)]}
    assert shop.runner.rows(f"select customer_id, city from {FACTS} order by 1") == [
        ("b", "Leeds"), ("c", "York"), ("d", "York"), ("e", "York"),
    ]  # fmt: skip
    assert shop.members("in_leeds") == "b"
    assert sizes(shop) == counted(shop)


def test_a_run_in_which_nobody_changes_is_one_all_the_same(shop: Shop) -> None:
    shop.run(1.6)
    assert beside(shop) == {f"{FACTS}_changed": [], f"{FACTS}_gone": []}
    at = START + 1.6 * DAY
    assert shop.runner.rows(f"select distinct evaluated_at from {FACTS}") == [(at,)]
    evaluated = "select max(changed_at), count(distinct segment) from segwh_customer_log where run_id = 'run0003'"
    assert shop.runner.rows(evaluated) == [(at, 6)]
    assert sizes(shop) == counted(shop)


def test_what_changed_is_not_kept_where_all_is_worked_out(shop: Shop) -> None:
    shop.run(1.6)
    assert beside(shop)
    shop.run(1.7, variables={"segwh_full": True})
    assert beside(shop) == {}
    shop.run(1.8)
    assert beside(shop)


def test_a_key_that_comes_twice_is_noticed_though_its_row_did_not_change(shop: Shop) -> None:
    shop.fill()
    shop.runner.connection.execute("insert into customers from customers where customer_id = 'c'")
    before = shop.runner.rows("select * from segwh_customer_membership order by all")
    assert not shop.runner.run(shop.project, Call(START + 2 * DAY))
    assert shop.problems() == {"ref('customers') has keys with more than one row"}
    assert shop.runner.rows("select * from segwh_customer_membership order by all") == before
    assert "what the run before left is not in order" in shop.run(3)
    assert shop.members("in_leeds") == "a"


def test_segments_are_counted_anew_after_an_erasure(shop: Shop) -> None:
    shop.run(1.6)
    erase(shop.runner, shop.project, "customer", "b")
    assert beside(shop) == {}
    del shop.customers["b"]
    assert "all members compared" in shop.run(2)
    assert sizes(shop) == counted(shop)
    assert sizes(shop)["buyers"] == 1


def test_segments_are_counted_anew_where_one_is_no_longer_in_the_rules(shop: Shop) -> None:
    shop.text = RULES.replace("- {name: in_leeds,", "- {name: at_leeds,").replace("segment: in_leeds", "segment: at_leeds")
    shop.run(2)
    shop.run(3)
    shop.customers["d"] = ("Leeds", START)
    shop.orders = [("d", START + 3.5 * DAY)]
    shop.run(4)
    assert {name: count for name, count in sizes(shop).items() if name != "in_leeds"} == {
        name: count for name, count in counted(shop).items() if name != "in_leeds"
    }
    assert shop.members("in_leeds") == "a"


def test_nothing_of_who_is_erased_stays_beside_the_facts(shop: Shop) -> None:
    shop.run(1.6)
    assert beside(shop)
    shop.text = RULES.replace(", loaded_at: loaded_at", "")  # from now on facts are never brought up to date
    shop.customers["b"] = ("Oslo", START)
    shop.run(1.7)
    assert beside(shop) == {}
    shop.text = RULES
    shop.run(1.8)
    shop.customers["b"] = ("Rome", START)
    shop.run(1.9)
    assert ("b",) in beside(shop)[f"{FACTS}_changed"]
    shop.text = RULES.replace(", loaded_at: loaded_at", "")
    erase(shop.runner, shop.project, "customer", "b")
    assert beside(shop) == {}


def test_a_part_that_is_built_again_compares_all(shop: Shop) -> None:
    shop.orders.append(("e", START + 1.6 * DAY))
    shop.run(2)
    before = shop.runner.rows("from segwh_customer_log order by all")
    part = ("_evaluation", "_evaluated", "_pending", "_log", "_run_ends")
    again = Call(START + 2 * DAY, select=lambda name: name.endswith(part))
    shop.runner.runs -= 1
    assert shop.runner.run(shop.project, again)
    assert shop.problems() == {None}
    assert shop.runner.rows("from segwh_customer_log order by all") == before


def test_names_that_have_to_be_quoted() -> None:
    made = Shop()
    made.text = RULES.replace("key: customer_id\n    attributes: {city", 'key: Cust "No"\n    attributes: {city')
    made.text = made.text.replace("city: string", '"city": {type: string, column: "the city"}')
    assert "Cust" in made.text
    made.orders = [("b", START)]

    def run(day: float) -> None:
        made.fill()
        made.runner.connection.execute('alter table customers rename column customer_id to "Cust ""No"""')
        made.runner.connection.execute('alter table customers rename column city to "the city"')
        assert made.runner.run(made.project, Call(START + day * DAY))

    for day in (1, 1.5, 2):
        run(day)
    made.customers["c"] = ("Leeds", START)
    run(2.5)
    membership = "(select * exclude (membership_id, entered_at) from segwh_customer_membership)"
    rows = made.runner.rows(f"from {membership} where segment = 'in_leeds'")
    assert rows == [("in_leeds", "c")]
