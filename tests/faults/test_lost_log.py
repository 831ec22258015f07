"""Somebody drops the log: the next run says so in plain words, writes nothing, and goes on as soon as it is told how."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engines.places import DuckFile, Place, Schema
from tests.engines.postgres import Server
from tests.engines.shop import Shop, as_of
from tests.engines.undisturbed import Undisturbed

LOG, STATE = "segwh_customer_log", "segwh_customer_state"
WHY = f"the log {LOG} is gone, while {STATE} remembers what followed from it"


def lost(folder: Path, place: Place) -> Shop:
    """A shop after days 3 and 4, whose log is gone since, with whatever looked at it."""
    shop = Shop.new(folder / "shop", place)
    shop.run(3)
    shop.run(4)
    place.execute(f"create table kept as select * from {LOG}", f"drop table {LOG} cascade")
    return shop


def internals(shop: Shop) -> dict[str, list[tuple[object, ...]]]:
    names = (STATE, "segwh_customer_by_phone_log", "segwh_customer_facts", "segwh_customer_wide", "segwh_run_starts")
    return {name: sorted(shop.place.rows(f"select * from {name}"), key=repr) for name in names}


def is_told_and_mended(shop: Shop) -> None:
    before = internals(shop)
    shop.load(5)
    done = shop.segwh("run", "--as-of", as_of(5))
    assert done.code == 1, done.output
    printed = " ".join(done.output.split())
    assert f"error: {WHY}; nothing was written" in printed
    assert f"restore the log from a backup; or drop {STATE} too, and the next run goes on from the log as it is" in printed
    assert "another run" not in printed
    alone = shop.dbt(day=5)
    assert alone.code == 1
    assert WHY in " ".join(alone.output.split())
    assert internals(shop) == before
    shop.place.execute(f"create table {LOG} as select * from kept")
    shop.run(5)
    assert not shop.place.rows(f"select * from kept where change_id not in (select change_id from {LOG})")


def test_on_duckdb(tmp_path: Path, undisturbed: Undisturbed) -> None:
    shop = lost(tmp_path, DuckFile(tmp_path / "shop.duckdb"))
    is_told_and_mended(shop)
    assert (shop.books(), shop.views()) == undisturbed.after(5)


@pytest.mark.slow
def test_on_postgres(tmp_path: Path, postgres: Server, undisturbed: Undisturbed) -> None:
    shop = lost(tmp_path, Schema(postgres, "lost_log"))
    is_told_and_mended(shop)
    assert (shop.books(), shop.views()) == undisturbed.after(5)
