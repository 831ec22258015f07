"""Stories hold on ClickHouse: some in each run, all of them by `-m slow`."""

from __future__ import annotations

from pathlib import Path

from tests.cases import harness
from tests.cases.test_cases import told
from tests.engines.clickhouse import ClickHouse
from tests.engines.stories import told_sometimes


@told_sometimes(every=4)
def test_clickhouse_tells_the_story(path: Path, clickhouse: ClickHouse) -> None:
    told(harness.load(path), clickhouse)
