"""What tests of several folders share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engines import results
from tests.engines.clickhouse import clickhouse, clickhouse_server
from tests.engines.googlesql import googlesql
from tests.engines.postgres import postgres
from tests.engines.spark import spark
from tests.engines.undisturbed import undisturbed

__all__ = ["clickhouse", "clickhouse_server", "googlesql", "postgres", "spark", "undisturbed"]

UNCOUNTED = {"end_to_end", "engines", "faults", "histories", "large", "property", "real_data", "shop"}
"""Folders whose tests run much code many times over and reach no line that others do not: counting lines would double their
time."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.relative_to(Path(__file__).parent).parts[0] in UNCOUNTED:
            item.add_marker(pytest.mark.no_cover)


NOTES = results.Notes()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if results.are_wanted():
        NOTES.take(report)


def pytest_sessionfinish() -> None:
    if results.are_wanted():
        NOTES.write()
