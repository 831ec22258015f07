"""The SQL for Redshift tells the stories on PostgreSQL: some in each run, all of them by `-m slow`."""

from __future__ import annotations

from pathlib import Path

from tests.cases import harness
from tests.cases.test_cases import told
from tests.engines.redshift import RedshiftOnPostgres, redshift_on_postgres
from tests.engines.stories import told_sometimes

__all__ = ["redshift_on_postgres"]


@told_sometimes(every=4)
def test_the_sql_for_redshift_tells_the_story(path: Path, redshift_on_postgres: RedshiftOnPostgres) -> None:
    told(harness.load(path), redshift_on_postgres)
