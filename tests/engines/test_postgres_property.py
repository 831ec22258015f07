"""Random projects and rows on PostgreSQL: the compiled SQL and the naive evaluator find the same members and traits."""

from __future__ import annotations

import pytest

from segwh.plan import shares
from tests.engines.postgres_engine import PostgresEngine, postgres_engine
from tests.property.test_members import compared

__all__ = ["postgres_engine"]

CI_EXAMPLES = 250
PARTED_EXAMPLES = 250
LONG_EXAMPLES = 10_000


def test_postgres_and_reference_agree_on_250_examples(postgres_engine: PostgresEngine) -> None:
    assert compared(CI_EXAMPLES, postgres_engine) >= CI_EXAMPLES


def test_postgres_and_reference_agree_on_parted_measures(
    postgres_engine: PostgresEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shares, "WORTHWHILE", float("-inf"))
    assert compared(PARTED_EXAMPLES, postgres_engine) >= PARTED_EXAMPLES


@pytest.mark.slow
def test_postgres_and_reference_agree_on_10000_examples(postgres_engine: PostgresEngine) -> None:
    assert compared(LONG_EXAMPLES, postgres_engine) >= LONG_EXAMPLES
