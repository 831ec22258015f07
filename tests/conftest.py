"""What tests of several folders share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.engines import results
from tests.engines.clickhouse import clickhouse, clickhouse_server
from tests.engines.googlesql import googlesql
from tests.engines.postgres import postgres
from tests.engines.spark import spark
from tests.engines.undisturbed import undisturbed

__all__ = ["clickhouse", "clickhouse_server", "googlesql", "postgres", "spark", "undisturbed"]

# A busy machine is no fault of a test. CI judges the same examples each time; everywhere else, and in the slow tests, new ones
# are looked for.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")

UNCOUNTED = {
    "end_to_end", "engines", "faults", "histories", "large", "property", "real_data", "shop",
    "dbt/test_ledger_series.py", "dbt/test_time_macros.py", "docs/test_reference.py", "frontend/test_speed.py",
    "sql/test_nodes.py", "sql/test_parsers.py", "sql/test_stretches.py",
}  # fmt: skip
"""Folders and files whose tests run much code many times over and reach no line that others do not: counting lines would
double their time."""


LONG = ("engines", "property", "end_to_end", "faults", "cli", "histories")
"""Folders whose files take longest, the longest first: with several processes they begin while there is other work beside."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        path = _below_tests(item)
        if path.parts[0] in UNCOUNTED or path.as_posix() in UNCOUNTED:
            item.add_marker(pytest.mark.no_cover)
    items.sort(key=lambda item: LONG.index(folder) if (folder := _below_tests(item).parts[0]) in LONG else len(LONG))


def _below_tests(item: pytest.Item) -> Path:
    return item.path.relative_to(Path(__file__).parent)


NOTES = results.Notes()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if results.are_wanted():
        NOTES.take(report)


def pytest_sessionfinish() -> None:
    if results.are_wanted():
        NOTES.write()
