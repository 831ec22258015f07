"""The compiled project through dbt-bigquery on bqemulator: the rows of DuckDB.

It shows that the statements, models and merges go together, not what BigQuery does: beneath is DuckDB, and sqlglot between.
What BigQuery's SQL means is shown by GoogleSQL's own implementation (test_googlesql_stories).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engines.emulated import Emulated, check_series, python, running
from tests.engines.results import note_series
from tests.engines.shop import Shop
from tests.engines.undisturbed import SERIES, Undisturbed

VERSION = "1.4.0"
PACKAGES = (
    f"bqemulator=={VERSION}", "duckdb==1.5.5", "duckdb-extensions", "duckdb-extension-spatial==1.5.5", "dbt-bigquery==1.12.1",
    "dbt-core==1.11.16", "dbt-adapters==1.24.5", "dbt-common==1.39.0",
)  # fmt: skip
DATASET = "same"
OUTPUT = {"type": "bigquery", "method": "oauth", "project": "shop", "schema": DATASET, "threads": 1}
SPELLINGS = {
    "delete from": "truncate table", "varchar": "string", "bigint": "int64", "double precision": "float64",
    "boolean": "bool", "decimal": "numeric", "''": r"\'",
}  # fmt: skip


@pytest.fixture
def bigquery() -> Iterator[Emulated]:
    with running(python("bqemulator", PACKAGES), "bqemulator_worker.py", DATASET) as worker:
        yield Emulated(worker, "bigquery", OUTPUT, SPELLINGS)


@pytest.mark.slow
def test_the_rows_are_those_of_duckdb(
    bigquery: Emulated, undisturbed: Undisturbed, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    note_series(record_property, "bigquery", "bqemulator", VERSION, len(SERIES))
    check_series(Shop.new(tmp_path / "shop", bigquery), bigquery, undisturbed)
