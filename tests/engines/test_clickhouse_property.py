"""Random projects and rows on ClickHouse: the compiled SQL and the naive evaluator find the same members and traits."""

from __future__ import annotations

import pytest

from tests.engines.clickhouse import ClickHouse
from tests.property.test_members import compared

CI_EXAMPLES = 200
LONG_EXAMPLES = 10_000


def test_clickhouse_and_reference_agree_on_200_examples(clickhouse: ClickHouse) -> None:
    assert compared(CI_EXAMPLES, clickhouse) >= CI_EXAMPLES


@pytest.mark.slow
def test_clickhouse_and_reference_agree_on_10000_examples(clickhouse: ClickHouse) -> None:
    assert compared(LONG_EXAMPLES, clickhouse) >= LONG_EXAMPLES
