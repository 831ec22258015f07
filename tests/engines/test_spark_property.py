"""Random projects and rows on Spark: the compiled SQL and the naive evaluator find the same members and traits."""

from __future__ import annotations

import pytest

from segwh.plan import shares
from tests.engines.spark import SparkEngine
from tests.property.test_members import compared

LONG_EXAMPLES = 1_000


@pytest.mark.slow
def test_spark_and_reference_agree_on_1000_examples(spark: SparkEngine) -> None:
    assert compared(LONG_EXAMPLES, spark) >= LONG_EXAMPLES


@pytest.mark.slow
def test_spark_and_reference_agree_on_parted_measures(spark: SparkEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "WORTHWHILE", float("-inf"))
    assert compared(LONG_EXAMPLES, spark) >= LONG_EXAMPLES
