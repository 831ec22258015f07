"""Two runs at once: nothing is doubled, nothing is lost, and whoever comes second says so in one message."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.engines.forked import Done
from tests.engines.places import DuckFile, Place, Schema
from tests.engines.postgres import Server
from tests.engines.shop import Shop, as_of
from tests.faults.conftest import FIRST, Undisturbed

MESSAGES = re.compile(
    r"the DuckDB file \S+ is locked by another process"  # DuckDB lets only one process in
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
    """Run pairs day by day; the number of runs that came second and gave way."""
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


@pytest.mark.slow
def test_twenty_pairs_on_duckdb(tmp_path: Path, undisturbed: Undisturbed) -> None:
    print(pairs(tmp_path, DuckFile(tmp_path / "shop.duckdb"), undisturbed, 20), "gave way")


@pytest.mark.slow
def test_twenty_pairs_on_postgres(tmp_path: Path, postgres: Server, undisturbed: Undisturbed) -> None:
    print(pairs(tmp_path, Schema(postgres, "many_pairs"), undisturbed, 20), "gave way")
