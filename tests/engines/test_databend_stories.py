"""Stories hold on Databend, the dialect that shows what it takes to add one: those that speak of no time zone but UTC.

Some in each run, all of them by `-m slow`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from segwh import ir
from segwh.errors import UserError
from segwh.sql import SqlDialect
from tests.cases import harness
from tests.cases.test_cases import told
from tests.engines.databend import DatabendEngine, databend
from tests.engines.stories import told_sometimes
from tests.sql import corpus

__all__ = ["databend"]

PANICS = {
    "rows/sequence", "rows/sequence_in_a_window", "rows/sequence_of_six", "rows/sequence_same", "rows/sequence_without",
    "rows/two_hops",
}  # fmt: skip
"""Stories over which the engine of version 1.2.453 panics: taking a correlated EXISTS apart, and joins one after the other, it
loses columns that are computed."""


def refusal(project: ir.Project, dialect: SqlDialect) -> str:
    """Why there is no SQL of the dialect for a project, empty if there is."""
    try:
        list(corpus.statements(project, dialect))
    except UserError as error:
        return error.message
    return ""


@told_sometimes(every=8)
def test_databend_tells_the_story(path: Path, databend: DatabendEngine) -> None:
    case = harness.load(path)
    project = harness.project_of(case)
    if refused := refusal(project, databend.dialect):
        assert "in UTC only" in refused
        return
    if case.name not in PANICS:
        told(case, databend)
        return
    with pytest.raises(BaseException, match="Unable to get field named"):
        told(case, databend)
