"""Random catalogs, rules and rows: the compiled SQL on DuckDB and the naive evaluator find the same members and traits."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings, target

from segwh.reference.evaluate import evaluate
from tests.cases import duck, harness
from tests.property.projects import EXPRESSIONS, Generated, projects

SEGMENTS = 12
"""Segments in one generated project: each is one example of a rule on data."""
CI_EXAMPLES = 2_000
LONG_EXAMPLES = 50_000


def compare(generated: Generated, connection: duckdb.DuckDBPyConnection) -> int:
    """Fails where the two differ; the number of segments compared."""
    project = harness.bound(generated.settings, {"segments/generated.yml": generated.text})
    tables = {relation: generated.tables[harness.relation_name(relation)] for relation in harness.column_types(project.catalog)}
    rows = {relation: table.rows for relation, table in tables.items()}
    expected = evaluate(project, rows, generated.as_of, expressions=EXPRESSIONS)
    names = duck.stored(connection, tables)
    found = duck.members(connection, project, expected.segments, generated.as_of, names)
    differing = {
        name: (sorted(map(str, outcome.members)), found[name])
        for name, outcome in expected.segments.items()
        if sorted(map(str, outcome.members)) != found[name]
    }
    assert not differing, f"(reference, compiled) at {generated.as_of.isoformat()}: {differing}"
    target(float(len({outcome.members for outcome in expected.segments.values()})))
    return len(expected.segments)


def compared(projects_wanted: int) -> int:
    """Runs the comparison on that many projects; the number of segments compared."""
    total = 0
    with duckdb.connect() as connection:
        # The session's own zone must not matter.
        connection.execute("SET TimeZone = 'America/Los_Angeles'")

        @settings(
            max_examples=projects_wanted,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
        )
        @given(projects(SEGMENTS))
        def run(generated: Generated) -> None:
            nonlocal total
            total += compare(generated, connection)

        call: Callable[[], None] = run
        call()
    return total


def test_sql_and_reference_agree_on_2000_examples() -> None:
    assert compared(CI_EXAMPLES // SEGMENTS + 1) >= CI_EXAMPLES


@pytest.mark.slow
def test_sql_and_reference_agree_on_50000_examples() -> None:
    assert compared(LONG_EXAMPLES // SEGMENTS + 1) >= LONG_EXAMPLES
