"""What tests of several folders share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engines.clickhouse import clickhouse, clickhouse_server
from tests.engines.googlesql import googlesql
from tests.engines.postgres import postgres
from tests.engines.spark import spark

__all__ = ["clickhouse", "clickhouse_server", "googlesql", "postgres", "spark"]

TOGETHER = {"shop": "shop", "end_to_end": "end_to_end", "real_data": "real_data", "engines": "servers", "faults": "servers"}
"""Folders whose tests share what is dear to make: where tests run in several processes, they stay in one."""


UNCOUNTED = {"end_to_end", "engines", "faults", "histories", "large", "property", "real_data", "shop"}
"""Folders whose tests run much code many times over and reach no line that others do not: counting lines would double their
time."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        if folder in TOGETHER:
            item.add_marker(pytest.mark.xdist_group(TOGETHER[folder]))
        if folder in UNCOUNTED:
            item.add_marker(pytest.mark.no_cover)
