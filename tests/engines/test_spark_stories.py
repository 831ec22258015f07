"""Stories hold on Spark: some of every kind in each run, all of them by `-m slow`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import harness
from tests.cases.test_cases import IDS, PATHS, told
from tests.engines.spark import SparkEngine

EVERY = 5
"""One in so many stories is told in each run: planning a story's queries takes Spark a second."""
MARKED = [path if number % EVERY == 0 else pytest.param(path, marks=pytest.mark.slow) for number, path in enumerate(PATHS)]


@pytest.mark.parametrize("path", MARKED, ids=IDS)
def test_spark_tells_the_story(path: Path, spark: SparkEngine) -> None:
    told(harness.load(path), spark)
