"""Columns that turn into something else overnight: what needs them keeps its last good version, and lets nobody in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.histories.runner import Call, Runner, compiled

RULES = """\
entities:
  - name: customer
    relation: ref('customers')
    key: {column: customer_id, type: integer}
    attributes: {score: integer, wish: string}
segments:
  - {name: mail, label: M, entity: customer, include: everyone, exclude: [{attribute: wish, is: no mail}]}
  - {name: rich, label: R, entity: customer, include: [{attribute: score, gte: 5}]}
"""


@pytest.mark.parametrize(
    ("type", "value"), [("json", '"no mail"'), ("struct(wish varchar)", {"wish": "no mail"}), ("varchar[]", ["no mail"])]
)
def test_a_column_of_a_type_that_rules_do_not_have_lets_nobody_in(type: str, value: object) -> None:
    """DuckDB makes texts of such values, which equal none of a rule: whoever was excluded would be in."""
    runner, project = Runner(), compiled(RULES)
    columns = {"customer_id": "bigint", "score": "bigint"}
    runner.fill("customers", {**columns, "wish": "varchar"}, [(1, 9, "no mail"), (2, 0, None)])
    assert runner.run(project, Call(datetime(2026, 5, 1, tzinfo=UTC)))
    runner.fill("customers", {**columns, "wish": type}, [(1, 9, value), (2, 9, None)])
    assert not runner.run(project, Call(datetime(2026, 5, 2, tzinfo=UTC)))
    members = runner.rows("select segment, customer_id from segwh_customer_membership order by all")
    assert members == [("mail", 2), ("rich", 1), ("rich", 2)]
    [(problem,)] = runner.rows("select problem from segwh_customer_pending where segment = 'mail' and kind = 'segment'")
    assert problem.startswith("column wish of ref('customers') is declared string and is ")
