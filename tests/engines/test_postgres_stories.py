"""Every story holds on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import harness
from tests.cases.test_cases import IDS, PATHS, told
from tests.engines.postgres_engine import PostgresEngine, postgres_engine

__all__ = ["postgres_engine"]


@pytest.mark.parametrize("path", PATHS, ids=IDS)
def test_postgres_tells_the_story(path: Path, postgres_engine: PostgresEngine) -> None:
    told(harness.load(path), postgres_engine)
