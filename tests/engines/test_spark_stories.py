"""Stories hold on Spark, also in the SQL for Databricks: some in each run, all of them by `-m slow`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from segwh.sql.dialects.spark import DATABRICKS
from tests.cases import harness
from tests.cases.test_cases import told
from tests.engines.spark import SparkEngine
from tests.engines.stories import told_sometimes


@told_sometimes(every=20)
def test_spark_tells_the_story(path: Path, spark: SparkEngine) -> None:
    told(harness.load(path), spark)


@told_sometimes(every=40, first=5)
def test_spark_tells_the_story_in_the_sql_for_databricks(path: Path, spark: SparkEngine) -> None:
    told(harness.load(path), replace(spark, dialect=DATABRICKS))
