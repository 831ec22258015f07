"""Of a lookup's rows those are checked that it joins: versions that count at the as-of."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.histories.runner import Call, Runner, compiled

RULES = """\
entities:
  - name: customer
    relation: ref('customers')
    key: {column: customer_id, type: integer}
    lookups:
      home:
        relation: ref('cities')
        by: city
        key: city
        validity: {from: valid_from, to: valid_to}
        properties: {region: string}
segments:
  - {name: northern, label: N, entity: customer, include: [{attribute: home.region, is: north}]}
"""
TODAY = datetime(2026, 5, 1, tzinfo=UTC)
BEFORE, AFTER = datetime(2026, 1, 1), datetime(2027, 1, 1)


@pytest.mark.parametrize(
    ("start", "end", "counts"),
    [
        (BEFORE, None, True),
        (BEFORE, AFTER, True),
        (None, None, False),
        (None, AFTER, False),
        (AFTER, None, False),
        (BEFORE, BEFORE, False),
    ],
)
def test_a_second_version_is_in_the_way_only_where_it_counts(
    start: datetime | None, end: datetime | None, *, counts: bool
) -> None:
    runner, project = Runner(), compiled(RULES)
    runner.fill("customers", {"customer_id": "bigint", "city": "varchar"}, [(1, "Leeds")])
    columns = {"city": "varchar", "region": "varchar", "valid_from": "timestamp", "valid_to": "timestamp"}
    runner.fill("cities", columns, [("Leeds", "north", BEFORE, None), ("Leeds", "south", start, end)])
    assert runner.run(project, Call(TODAY)) is not counts
    members = [] if counts else [(1,)]
    assert runner.rows("select customer_id from segwh_customer_membership") == members
