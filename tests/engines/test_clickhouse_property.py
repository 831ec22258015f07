"""Random projects and rows on ClickHouse: the compiled SQL and the naive evaluator find the same members and traits."""

from __future__ import annotations

import pytest

from segwh.plan import shares
from tests.engines.clickhouse import ClickHouse
from tests.property.test_members import compared

CI_EXAMPLES = 100
PARTED_EXAMPLES = 100
LONG_EXAMPLES = 10_000


def test_clickhouse_and_reference_agree_on_100_examples(clickhouse: ClickHouse) -> None:
    assert compared(CI_EXAMPLES, clickhouse) >= CI_EXAMPLES


def test_clickhouse_and_reference_agree_on_parted_measures(clickhouse: ClickHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "WORTHWHILE", float("-inf"))
    assert compared(PARTED_EXAMPLES, clickhouse) >= PARTED_EXAMPLES


@pytest.mark.slow
def test_clickhouse_and_reference_agree_on_10000_examples(clickhouse: ClickHouse) -> None:
    assert compared(LONG_EXAMPLES, clickhouse) >= LONG_EXAMPLES
