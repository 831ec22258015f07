"""The compiled project through dbt-snowflake on fakesnow, an emulator: the rows of DuckDB.

It shows that the statements, models and merges go together, not what Snowflake does: beneath is DuckDB, and sqlglot between.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.emulated import Emulated, python, running
from tests.engines.shop import Shop
from tests.engines.undisturbed import FIRST, Undisturbed

PACKAGES = ("fakesnow==0.12.1", "dbt-snowflake==1.12.3", "dbt-core==1.11.16", "dbt-adapters==1.24.5", "dbt-common==1.39.0")
SCHEMA = "same"
OUTPUT = {
    "type": "snowflake", "account": "fake", "user": "fake", "password": "fake", "database": "shop", "schema": SCHEMA,
    "role": "fake", "warehouse": "fake", "threads": 1,
}  # fmt: skip


@pytest.fixture
def snowflake() -> Iterator[Emulated]:
    with running(python("fakesnow", PACKAGES), "fakesnow_worker.py", SCHEMA) as worker:
        yield Emulated(worker, "snowflake", OUTPUT, {"timestamp": "timestamp_ntz"})


@pytest.mark.slow
def test_the_rows_are_those_of_duckdb(snowflake: Emulated, undisturbed: Undisturbed, tmp_path: Path) -> None:
    shop = Shop.new(tmp_path / "shop", snowflake)
    for day in (FIRST, FIRST + 1, FIRST + 1, FIRST + 2):
        shop.load(day)
        succeeded, complaints = snowflake.build(shop, day)
        assert succeeded, complaints
        assert (shop.books(), shop.views()) == undisturbed.after(day)
    succeeded, complaints = snowflake.build(shop, FIRST)
    assert not succeeded
    assert "is refused, nothing was changed" in complaints
    assert (shop.books(), shop.views()) == undisturbed.after(FIRST + 2)
