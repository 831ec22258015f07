"""The SQL for Redshift tells the stories on PostgreSQL: some in each run, all of them by `-m slow`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from segwh.sql import DIALECTS
from tests.cases import harness
from tests.cases.test_cases import told
from tests.engines.redshift import WITH_LISTS, RedshiftOnPostgres, redshift_on_postgres
from tests.engines.stories import told_sometimes
from tests.property.test_members import compared

__all__ = ["redshift_on_postgres"]


@told_sometimes(every=4)
def test_the_sql_for_redshift_tells_the_story(path: Path, redshift_on_postgres: RedshiftOnPostgres) -> None:
    told(harness.load(path), redshift_on_postgres)


@pytest.mark.slow
def test_random_projects_have_the_members_of_the_evaluator(
    redshift_on_postgres: RedshiftOnPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(DIALECTS, WITH_LISTS.name, WITH_LISTS)
    assert compared(200, replace(redshift_on_postgres, dialect=WITH_LISTS)) >= 200
