"""The shop, built small by dbt into folders of the test run, and a connection to read it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

PROJECT = Path(__file__).parents[2] / "dbt_project"
CUSTOMERS = 1500


def build_shop(folder: Path, threads: int) -> Path:
    """Run dbt on the shop with its outputs under `folder`; the path of the DuckDB file."""
    database = folder / "shop.duckdb"
    (folder / "profiles.yml").write_text(
        "segwh_shop: {target: test, outputs: {test: {type: duckdb, schema: main,"
        f" path: '{database}', threads: {threads}, settings: {{threads: {threads}}}}}}}}}\n",
        encoding="utf-8",
    )
    command = [
        sys.executable, "-m", "dbt.cli.main", "build", "--exclude", "tag:segwh", "--quiet",
        "--project-dir", str(PROJECT), "--profiles-dir", str(folder),
        "--target-path", str(folder / "target"), "--log-path", str(folder / "logs"),
        "--vars", f"{{shop_customers: {CUSTOMERS}}}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return database


@pytest.fixture(scope="session")
def shop_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small shop, built by one thread."""
    return build_shop(tmp_path_factory.mktemp("shop"), threads=1)


@pytest.fixture
def shop(shop_file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the small shop that can be read only."""
    with duckdb.connect(shop_file, read_only=True) as connection:
        yield connection
