"""Stories hold in GoogleSQL's reference implementation, in the SQL for BigQuery: some in each run, all of them by `-m slow`."""

from __future__ import annotations

from pathlib import Path

from tests.cases import harness
from tests.cases.test_cases import told
from tests.engines.googlesql import GoogleSql
from tests.engines.stories import told_sometimes


@told_sometimes(every=16, first=1, instead={"rows/sequence_of_six": "rows/sequence"})  # of six steps it thinks for long
def test_googlesql_tells_the_story(path: Path, googlesql: GoogleSql) -> None:
    told(harness.load(path), googlesql)
