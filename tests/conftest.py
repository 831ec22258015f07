"""What tests of several folders share."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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

# What lasts here is large and grows: plans, templates, compiled projects that are kept for other tests. Python would look
# through all of it time and again and find nothing to give back; so it looks seldom.
USUAL_COLLECTION = gc.get_threshold()
gc.set_threshold(20_000, 20, 20)


@pytest.fixture
def usual_collection() -> Iterator[None]:
    """For tests of speed: garbage is collected as often as it is for users."""
    seldom = gc.get_threshold()
    gc.set_threshold(*USUAL_COLLECTION)
    yield
    gc.set_threshold(*seldom)


UNCOUNTED = {
    "end_to_end", "engines", "faults", "histories", "large", "property", "real_data", "shop",
    "dbt/test_ledger_series.py", "dbt/test_time_macros.py", "docs/test_reference.py", "frontend/test_speed.py",
    "sql/test_nodes.py", "sql/test_parsers.py", "sql/test_stretches.py",
}  # fmt: skip
"""Folders and files whose tests run much code many times over and reach no line that others do not: counting lines would
double their time."""


LONG = ("engines", "property", "end_to_end", "faults", "cli", "histories", "sql", "shop", "dbt", "real_data", "large")
"""Folders whose files take longest, the longest first: with several processes they begin while there is other work beside."""
TOGETHER = {
    "end_to_end": "example", "shop": "shop", "sql": "sql",
    "engines/test_buckets.py": "spark", "engines/test_spark_stories.py": "spark",
}  # fmt: skip
"""Folders and files whose tests share what is long in making: one process does them all. Else it is those of one file."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        path = _below_tests(item)
        if path.parts[0] in UNCOUNTED or path.as_posix() in UNCOUNTED:
            item.add_marker(pytest.mark.no_cover)
    items.sort(key=lambda item: LONG.index(folder) if (folder := _below_tests(item).parts[0]) in LONG else len(LONG))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """For `--dist loadfile`: whole files to one process, and those that are named in TOGETHER with one another."""
    from xdist.scheduler import LoadFileScheduling

    class ByWhatIsShared(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0].removeprefix("tests/")
            return TOGETHER.get(file) or TOGETHER.get(file.partition("/")[0]) or file

    return ByWhatIsShared(config, log) if config.getoption("dist") == "loadfile" else None


def _below_tests(item: pytest.Item) -> Path:
    return item.path.relative_to(Path(__file__).parent)


NOTES = results.Notes()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if results.are_wanted():
        NOTES.take(report)


def pytest_sessionfinish() -> None:
    if results.are_wanted():
        NOTES.write()
