"""The compiled project through dbt-snowflake on fakesnow, an emulator: the rows of DuckDB.

It shows that the statements, models and merges go together, not what Snowflake does: beneath is DuckDB, and sqlglot between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engines.emulated import Emulated, check_series, python, running
from tests.engines.results import note_series
from tests.engines.shop import Shop
from tests.engines.undisturbed import SERIES, Undisturbed

VERSION = "0.12.1"
PACKAGES = (f"fakesnow=={VERSION}", "dbt-snowflake==1.12.3", "dbt-core==1.11.16", "dbt-adapters==1.24.5", "dbt-common==1.39.0")
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
def test_the_rows_are_those_of_duckdb(
    snowflake: Emulated, undisturbed: Undisturbed, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    note_series(record_property, "snowflake", "fakesnow", VERSION, len(SERIES))
    check_series(Shop.new(tmp_path / "shop", snowflake), snowflake, undisturbed)
