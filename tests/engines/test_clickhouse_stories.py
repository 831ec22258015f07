"""Every story holds on ClickHouse."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cases import harness
from tests.cases.test_cases import IDS, PATHS, told
from tests.engines.clickhouse import ClickHouse


@pytest.mark.parametrize("path", PATHS, ids=IDS)
def test_clickhouse_tells_the_story(path: Path, clickhouse: ClickHouse) -> None:
    told(harness.load(path), clickhouse)
