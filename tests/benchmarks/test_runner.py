"""What benchmarks measure is what a warehouse does: statements as its optimizers make them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.histories.runner import Runner


@pytest.mark.parametrize("place", [":memory:", "warehouse.duckdb"])
def test_a_warehouse_in_a_file_has_its_optimizers(place: str, tmp_path: Path) -> None:
    runner = Runner(place if place == ":memory:" else str(tmp_path / place))
    ((_, plan),) = runner.rows("explain select * from (select range as number from range(9)) where 1 = 2")
    assert ("Empty Result" in plan) == (place != ":memory:"), plan
