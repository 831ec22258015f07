"""Runs the stories and some random projects on DuckDB; prints as JSON which stories fail and which project differs first."""

from __future__ import annotations

import json
import sys

import duckdb
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.cases import harness
from tests.cases.duck import Duck
from tests.cases.test_cases import IDS, test_duckdb_tells_the_story
from tests.property.projects import Generated, projects
from tests.property.test_members import SEGMENTS, compare


class DifferentError(Exception):
    """A random project differs."""


def failing_stories() -> list[str]:
    """The stories that DuckDB does not tell."""
    failing = []
    for name in IDS:
        try:
            test_duckdb_tells_the_story(harness.CASES / f"{name}.yml")
        except (AssertionError, duckdb.Error):
            failing.append(name)
    return failing


def first_difference(count: int) -> int | None:
    """The number of the first random project that differs, counted from 1."""
    number = 0
    with duckdb.connect() as connection:

        @seed(1)
        @settings(
            max_examples=count, deadline=None, database=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck)
        )
        @given(projects(SEGMENTS))
        def run(generated: Generated) -> None:
            nonlocal number
            number += 1
            try:
                compare(generated, Duck(connection))
            except (AssertionError, duckdb.Error) as error:
                raise DifferentError from error

        try:
            run()
        except DifferentError:
            return number
    return None


if __name__ == "__main__":
    print(json.dumps({"stories": failing_stories(), "project": first_difference(int(sys.argv[1]))}))
