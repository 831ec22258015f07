"""Two runs at once: nothing is doubled, nothing is lost, and whoever comes second says so in one message."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.engines.forked import Done
from tests.engines.places import DuckFile, Place, Schema
from tests.engines.postgres import Server
from tests.engines.shop import GRAINS, RULES, Shop, as_of
from tests.engines.undisturbed import FIRST, Undisturbed

MESSAGES = re.compile(
    r"the DuckDB file \S+ is locked by another process"  # DuckDB lets only one process in
    r"|another run of segwh, or an erasure, wrote to \S+ while this one was under way"
    r"|another run of segwh (wrote its changes while this one was under way|makes the same tables)"
)


def together(shop: Shop, day: int) -> tuple[Done, Done]:
    """Two `segwh run` of one day, started at once."""
    shop.load(day)
    both = [shop.start_segwh("run", "--as-of", as_of(day)) for _ in range(2)]
    one, other = (each.done() for each in both)
    return one, other


def assert_clean(done: Done) -> None:
    """A run that succeeded, or one that ended with exit code 1 and one message of why."""
    assert done.code in (0, 1), done.output
    assert "Traceback" not in done.output
    if done.code == 1:
        assert len(MESSAGES.findall(done.output)) == 1, done.output


def pairs(folder: Path, place: Place, undisturbed: Undisturbed, count: int) -> int:
    """Run pairs day by day, the first of all included; the number of runs that came second and gave way."""
    shop = Shop.new(folder / "shop", place)
    losers = 0
    for day in range(FIRST, FIRST + count):
        one, other = together(shop, day)
        for done in (one, other):
            assert_clean(done)
        assert 0 in (one.code, other.code), one.output + other.output
        losers += 1 in (one.code, other.code)
        assert (shop.books(), shop.views()) == undisturbed.after(day)
        statuses = {status for (status,) in shop.place.rows("select status from segwh_runs")}
        assert statuses <= {"finished", "overtaken", "started"}
    return losers


def test_two_pairs_on_duckdb(tmp_path: Path, undisturbed: Undisturbed) -> None:
    pairs(tmp_path, DuckFile(tmp_path / "shop.duckdb"), undisturbed, 2)


def test_two_pairs_on_postgres(tmp_path: Path, postgres: Server, undisturbed: Undisturbed) -> None:
    pairs(tmp_path, Schema(postgres, "pairs"), undisturbed, 2)


MORE_ENTITIES = """
entities:
  - {name: place, relation: "source('shop', 'cities')", key: city, attributes: {region: string}}
  - name: product
    relation: source('shop', 'products')
    key: product_id
    attributes: {category: string}
    events: [{name: sales, relation: "source('shop', 'orders')", key: product_id, time: ordered_at}]
"""
OF_MORE_ENTITIES = """
  - {name: in_the_north, label: North, entity: place, include: [{attribute: region, is: north}]}
  - {name: selling, label: Selling, entity: product, include: [{event: sales, within: 3 days}]}
"""
ALL_GRAINS = {**GRAINS, "place": "city", "product": "product_id"}


def pairs_over_entities(folder: Path, place: Place, count: int) -> int:
    """Pairs over several entities: whoever comes first in one log writes all. The number of runs that gave way."""
    rules = MORE_ENTITIES + RULES + OF_MORE_ENTITIES
    shop = Shop.new(folder / "shop", place, rules)
    straight = Shop.new(folder / "straight", DuckFile(folder / "straight.duckdb"), rules)
    losers = 0
    for day in range(FIRST, FIRST + count):
        straight.run(day)
        if day == FIRST:
            shop.run(day)
            continue
        ended = together(shop, day)
        for done in ended:
            assert_clean(done)
        assert 0 in (ended[0].code, ended[1].code), ended[0].output + ended[1].output
        losers += 1 in (ended[0].code, ended[1].code)
        assert shop.books(ALL_GRAINS) == straight.books(ALL_GRAINS)
    return losers


@pytest.mark.slow
def test_a_pair_over_several_entities_on_postgres(tmp_path: Path, postgres: Server) -> None:
    pairs_over_entities(tmp_path, Schema(postgres, "entities"), 2)


TOO_LATE = re.compile(r"the as-of [^\n]* is refused, nothing was changed|segments? held back, the others are published")
OF_THE_DAY = ("no_consent", "everybody", "big_spenders", "tea", "northern", "readers", "complainers", "best", "phones")
"""Segments that say nothing of what was before."""


def recorded(shop: Shop) -> dict[tuple[str, str], int]:
    """The members of each segment at each as-of, of those that follow from the data of the day."""
    rows = shop.place.rows("select segment, as_of::varchar, members from segwh_segment_sizes")
    return {(segment, at[:19]): members for segment, at, members in rows if segment in OF_THE_DAY}


def of_two_days(folder: Path, place: Place, count: int) -> list[tuple[int, int]]:
    """Runs of a day and of the day after it at once, on the same data. The exit codes of the pairs."""
    shop = Shop.new(folder / "shop", place)
    straight = Shop.new(folder / "straight", DuckFile(folder / "straight.duckdb"))
    codes = []
    for day in range(FIRST, FIRST + 2 * count, 2):
        for each in (shop, straight):
            each.load(day + 1)
        pair = [shop.start_segwh("run", "--as-of", as_of(day + later)) for later in ((0, 1) if day % 4 == 3 else (1, 0))]
        ended = [each.done() for each in pair]
        for done in ended:
            assert done.code in (0, 1), done.output
            assert "Traceback" not in done.output
            if done.code == 1:
                assert len({*MESSAGES.findall(done.output), *TOO_LATE.findall(done.output)}) == 1, done.output
        codes.append((ended[0].code, ended[1].code))
        for later in (0, 1):
            assert straight.dbt(day=day + later).code == 0
        truth = recorded(straight)
        assert recorded(shop).items() <= truth.items()
        again = shop.segwh("run", "--as-of", as_of(day + 1))
        assert again.code == 0, again.output
        expected = {at: members for at, members in truth.items() if at[1] == as_of(day + 1)[:19].replace("T", " ")}
        assert len(expected) == len(OF_THE_DAY)
        assert recorded(shop).items() >= expected.items()
        replayed(shop)
    return codes


def replayed(shop: Shop) -> None:
    """Nothing is doubled, nothing goes back in time, and the log replayed is the membership."""
    for grain, key in (("customer", "customer_id"), ("customer_by_phone", "phone")):
        members, newest = set(), dict[str, object]()
        query = f"select segment, {key}, change, changed_at from segwh_{grain}_changes order by sequence"
        for segment, who, change, at in shop.place.rows(query):
            assert newest.setdefault(segment, at) <= at
            newest[segment] = at
            assert (change == "entered") == ((segment, who) not in members)
            members ^= {(segment, who)}
        assert members == set(shop.place.rows(f"select segment, {key} from segwh_{grain}_membership"))
        assert shop.place.rows(f"select 1 from segwh_{grain}_log group by change_id having count(*) > 1") == []


@pytest.mark.slow
def test_pairs_of_two_days_on_duckdb(tmp_path: Path) -> None:
    print(of_two_days(tmp_path, DuckFile(tmp_path / "shop.duckdb"), 6))


@pytest.mark.slow
def test_pairs_of_two_days_on_postgres(tmp_path: Path, postgres: Server) -> None:
    print(of_two_days(tmp_path, Schema(postgres, "two_days"), 6))


@pytest.mark.slow
@pytest.mark.parametrize("ten", ["first", "second"])
def test_twenty_pairs_on_duckdb(tmp_path: Path, undisturbed: Undisturbed, ten: str) -> None:
    print(pairs(tmp_path, DuckFile(tmp_path / f"{ten}.duckdb"), undisturbed, 10), "gave way")


@pytest.mark.slow
@pytest.mark.parametrize("ten", ["first", "second"])
def test_twenty_pairs_on_postgres(tmp_path: Path, postgres: Server, undisturbed: Undisturbed, ten: str) -> None:
    print(pairs(tmp_path, Schema(postgres, f"pairs_{ten}"), undisturbed, 10), "gave way")


@pytest.mark.slow
def test_ten_pairs_over_several_entities_on_postgres(tmp_path: Path, postgres: Server) -> None:
    print(pairs_over_entities(tmp_path, Schema(postgres, "ten_entities"), 11), "gave way")
