"""The compiled project through dbt-databricks on Spark with Iceberg: the log grows by MERGE, the rows are DuckDB's.

It shows that adapter, statements and merges go together, not what Databricks does: Spark and its MERGE are real, the
tables are Iceberg's, and what only Databricks knows, such as clusters of rows, is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlglot import exp

from segwh.dbt.erasure import Member, deletions
from segwh.sql.dialects.spark import DATABRICKS
from tests.engines.emulated import Emulated, check_series, python, running
from tests.engines.results import note_series
from tests.engines.shop import Shop
from tests.engines.test_spark import FEW
from tests.engines.undisturbed import FIRST, SERIES, Undisturbed

VERSION = "3.5.9"
PACKAGES = (
    f"pyspark=={VERSION}", "snowpark-connect-deps-iceberg==1.0.2", "dbt-databricks==1.12.7", "dbt-core==1.11.16",
)  # fmt: skip
SCHEMA = "same"
OUTPUT = {
    "type": "databricks", "host": "nowhere", "http_path": "sql/protocolv1/o/0/0000-000000-cluster", "token": "none",
    "catalog": "hive_metastore", "schema": SCHEMA, "threads": 1,
}  # fmt: skip
SPELLINGS = {"timestamp": "timestamp_ntz", "double precision": "double", "''": r"\'"}


@pytest.fixture
def databricks() -> Iterator[Emulated]:
    with running(python("databricks", PACKAGES), "databricks_worker.py", SCHEMA) as worker:
        yield Emulated(worker, "databricks", OUTPUT, SPELLINGS)


@pytest.mark.slow
def test_the_rows_are_those_of_duckdb(
    databricks: Emulated, undisturbed: Undisturbed, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    note_series(record_property, "databricks", "Spark with Iceberg", VERSION, len(SERIES))
    shop = Shop.new(tmp_path / "shop", databricks)
    check_series(shop, databricks, undisturbed)
    [told] = (shop.folder / "target" / "run").rglob("segwh_customer_log.sql")
    assert re.search(r"\bmerge\s+into\b", told.read_text())


@pytest.mark.slow
def test_a_segment_is_renamed_and_a_key_erased(databricks: Emulated, tmp_path: Path) -> None:
    shop = Shop.new(tmp_path / "shop", databricks, FEW)
    databricks.run(shop, FIRST)
    members = "select segment, customer_id, entered_at from segwh_customer_membership order by segment, customer_id"
    before = shop.place.rows(members)
    assert {name for name, *_ in before} >= {"first_look", "big_spenders"}
    shop.write_rules(FEW.replace("name: first_look,", "name: londoners, was: first_look,"))
    databricks.run(shop, FIRST)
    renamed = sorted(("londoners" if name == "first_look" else name, *rest) for name, *rest in before)
    assert shop.place.rows(members) == renamed
    assert shop.place.rows("select count(*) from segwh_customer_changes where segment = 'first_look'") == [(0,)]

    gone = renamed[0][1]
    tables = {name: exp.to_table(name) for name in ("segwh_customer_facts", "segwh_customer_state", "segwh_customer_log")}
    for deletion in deletions([Member("customer", "customer_id", gone)], "customer", tables, DATABRICKS):
        databricks.execute(deletion.sql("databricks"))
    assert shop.place.rows(members) == [row for row in renamed if row[1] != gone]
    assert shop.place.rows(f"select count(*) from segwh_customer_changes where customer_id = {gone}") == [(0,)]
