"""What tests of several folders share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engines.clickhouse import clickhouse, clickhouse_server
from tests.engines.googlesql import googlesql
from tests.engines.postgres import postgres
from tests.engines.spark import spark

__all__ = ["clickhouse", "clickhouse_server", "googlesql", "postgres", "spark"]

TOGETHER = {folder: folder for folder in ("end_to_end", "faults", "real_data", "shop")}
"""Folders whose tests share what is dear to make: where tests run in several processes, they stay in one."""
SERVER = {"buckets": "spark", "clickhouse": "clickhouse", "googlesql": "googlesql", "spark": "spark"}
"""The same for the tests of `engines`, by the second word of their file: what they start there; PostgreSQL for all others."""


def together(path: Path) -> str | None:
    """The tests that a test stays together with."""
    folder = path.relative_to(Path(__file__).parent).parts[0]
    return SERVER.get(path.stem.split("_")[1], "postgres") if folder == "engines" else TOGETHER.get(folder)


UNCOUNTED = {"end_to_end", "engines", "faults", "histories", "large", "property", "real_data", "shop"}
"""Folders whose tests run much code many times over and reach no line that others do not: counting lines would double their
time."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        group = together(item.path)
        if group is not None:
            item.add_marker(pytest.mark.xdist_group(group))
        if folder in UNCOUNTED:
            item.add_marker(pytest.mark.no_cover)
