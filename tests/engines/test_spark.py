"""The compiled project through dbt on Spark: run after run the rows of DuckDB."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.engines.places import DuckFile, Rows
from tests.engines.results import note_series
from tests.engines.shop import Shop, as_of
from tests.engines.spark import SparkEngine
from tests.engines.undisturbed import FIRST, SERIES, Undisturbed

SPELLINGS = {r"^delete from": "truncate table", r"\btimestamp\b": "timestamp_ntz", r"double precision": "double"}
"""What the shop's statements are called here: tables of files are emptied whole, and `timestamp` means an instant."""


@dataclass(frozen=True, slots=True)
class SparkSchema:
    """A schema of the session's catalog."""

    session: Any
    name: str
    adapter: str = "spark"

    @property
    def output(self) -> dict[str, Any]:
        return {"type": "spark", "method": "session", "host": "localhost", "schema": self.name, "threads": 1}

    def execute(self, *statements: str) -> None:
        self.session.sql(f"create schema if not exists {self.name}")
        self.session.sql(f"use {self.name}")
        for statement in statements:
            for found, spelling in SPELLINGS.items():
                statement = re.sub(found, spelling, statement)
            self.session.sql(statement)

    def rows(self, query: str) -> Rows:
        self.session.sql(f"use {self.name}")
        frame = self.session.sql(query)
        times = [place for place, field in enumerate(frame.schema.fields) if field.dataType.typeName() == "timestamp"]
        return [
            tuple(cell.astimezone(UTC) if place in times and cell else cell for place, cell in enumerate(row))
            for row in frame.collect()
        ]

    def several(self, queries: Mapping[str, str]) -> Mapping[str, Rows]:
        return {name: self.rows(query) for name, query in queries.items()}

    def has(self, relation: str) -> bool:
        return bool(self.session.catalog.tableExists(f"{self.name}.{relation}"))


FEW = """
traits:
  - {name: spend_week, entity: customer, event: orders, sum: amount, within: 7 days}
exclusions:
  - {entity: customer, segment: no_consent, reason: consent}
segments:
  - {name: no_consent, label: A label, entity: customer, include: [{attribute: consent, is: false}]}
  - {name: big_spenders, label: A label, entity: customer, analytics: true, include: [{attribute: spend_week, gte: 100}]}
  - {name: first_look, label: A label, entity: customer, type: static, include: [{attribute: city, is: London}]}
  - {name: staying, label: A label, entity: customer, include: [{segment: big_spenders, for: 1 days}]}
"""
"""Of every kind that the books tell apart."""
CUSTOMER = {"customer": "customer_id"}
DAYS = (*SERIES, SERIES[-1] + 1)


def invoke(shop: Shop, day: int) -> tuple[bool, str]:
    """Run dbt for a day in this process, which holds the session; whether it succeeded, and what it complained of."""
    from dbt.cli.main import dbtRunner

    where = ["--project-dir", str(shop.folder), "--profiles-dir", str(shop.folder), "--quiet", "--no-use-colors"]
    quietly = ["--log-level-file", "none", "--no-write-json"]
    variables = ["--vars", f"{{segwh_as_of: '{as_of(day)}'}}"]
    done = dbtRunner().invoke(["build", "--select", "tag:segwh", *variables, *where, *quietly])
    complaints = [f"{one.node.name}: {one.message}" for one in done.result or () if one.status not in ("success", "pass")]
    return done.success, "\n".join([str(done.exception or ""), *complaints])


def build(shop: Shop, day: int) -> None:
    """Load a day and run dbt for it; it must succeed."""
    shop.load(day)
    succeeded, complaints = invoke(shop, day)
    assert succeeded, complaints


@pytest.mark.slow
def test_two_runs_of_few_segments_give_the_rows_of_duckdb(spark: SparkEngine, tmp_path: Path) -> None:
    duck = Shop.new(tmp_path / "duck", DuckFile(tmp_path / "shop.duckdb"), FEW)
    other = Shop.new(tmp_path / "spark", SparkSchema(spark.session, "few"), FEW)
    for day in (3, 4):
        duck.run(day)
        build(other, day)
        assert other.books(CUSTOMER) == duck.books(CUSTOMER)
        assert other.views(("traits", "wide")) == duck.views(("traits", "wide"))


@pytest.mark.slow
def test_the_rows_are_those_of_duckdb(
    spark: SparkEngine, undisturbed: Undisturbed, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    note_series(record_property, "spark", "Spark", version("pyspark"), len(DAYS))
    shop = Shop.new(tmp_path / "spark", SparkSchema(spark.session, "same"))
    for day in DAYS:
        build(shop, day)
        assert (shop.books(), shop.views()) == undisturbed.after(day)
    succeeded, complaints = invoke(shop, FIRST)
    assert not succeeded
    assert "is refused, nothing was changed" in complaints
    assert (shop.books(), shop.views()) == undisturbed.after(DAYS[-1])
