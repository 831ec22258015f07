"""The compiled project through dbt on Spark: run after run the rows of DuckDB."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from tests.engines.places import DuckFile, Rows
from tests.engines.shop import Shop, as_of
from tests.engines.spark import SparkEngine

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


def build(shop: Shop, day: int, *arguments: str) -> None:
    """Load a day and run dbt for it in this process, which holds the session."""
    from dbt.cli.main import dbtRunner

    shop.load(day)
    where = ["--project-dir", str(shop.folder), "--profiles-dir", str(shop.folder), "--quiet", "--no-use-colors"]
    variables = ["--vars", f"{{segwh_as_of: '{as_of(day)}'}}"]
    result = dbtRunner().invoke([*(arguments or ("build",)), "--select", "tag:segwh", *variables, *where])
    assert result.success, result.exception or [(one.node.name, one.message) for one in result.result if one.message != "OK"]


@pytest.mark.slow
def test_the_rows_are_those_of_duckdb(spark: SparkEngine, tmp_path: Path) -> None:
    duck = Shop.new(tmp_path / "duck", DuckFile(tmp_path / "shop.duckdb"))
    other = Shop.new(tmp_path / "spark", SparkSchema(spark.session, "same"))
    for day in (3, 4, 5):
        duck.run(day)
        build(other, day)
        assert other.books() == duck.books()
        assert other.views() == duck.views()
