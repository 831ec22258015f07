"""The compiled project where segwh is not installed: dbt alone does the job."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.end_to_end.conftest import FIRST, Series
from tests.end_to_end.shop import FORBID, Shop


def test_segwh_cannot_be_imported_here(rules_only: Shop) -> None:
    """That the tests below mean what they say."""
    script = f"{FORBID}\ntry: import segwh\nexcept ImportError: print('gone')"
    assert rules_only.run(sys.executable, "-c", script).out == "gone\n"


def test_dbt_alone_gives_what_segwh_run_gives(built_shop: Shop, series: Series, tmp_path: Path) -> None:
    shop = built_shop.copy(tmp_path / "dbt_project")
    assert shop.segwh("compile").code == 0
    done = shop.dbt_alone("build", "--select", "tag:segwh", "--vars", f"{{segwh_as_of: '{FIRST}'}}")
    assert done.code == 0, done.out
    found = shop.public()
    expected = series.first.tables
    assert found.keys() == expected.keys()
    for table, rows in found.items():
        assert len(rows) == len(expected[table]), table
    # The log names the run that wrote it; everything else is the same to the last value.
    same = {table: rows for table, rows in found.items() if not table.endswith("_changes")}
    assert same == {table: rows for table, rows in expected.items() if not table.endswith("_changes")}
