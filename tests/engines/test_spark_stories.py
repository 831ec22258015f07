"""Stories hold on Spark: some in each run, all of them by `-m slow`."""

from __future__ import annotations

from pathlib import Path

from tests.cases import harness
from tests.cases.test_cases import told
from tests.engines.spark import SparkEngine
from tests.engines.stories import told_sometimes


@told_sometimes(every=10)
def test_spark_tells_the_story(path: Path, spark: SparkEngine) -> None:
    told(harness.load(path), spark)
