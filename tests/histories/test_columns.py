"""Columns that turn into something else overnight: what needs them keeps its last good version, and lets nobody in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.histories.runner import Call, CompilerError, Runner, compiled

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


@pytest.mark.parametrize("sql", ["alter wish type json using null", "drop wish"])
@pytest.mark.parametrize("since", ["a run that ended", "a run that died"])
def test_what_the_checks_have_not_seen_is_not_concluded_from(sql: str, since: str) -> None:
    """A part that is built again, `dbt retry` after hours, a table that another tool swaps while the run is under way."""
    runner, project = Runner(), compiled(RULES)
    columns = {"customer_id": "bigint", "score": "bigint", "wish": "varchar"}
    runner.fill("customers", columns, [(1, 9, "no mail"), (2, 0, None)])
    for day in (1, 2):
        assert runner.run(project, Call(datetime(2026, 5, day, tzinfo=UTC)))
    today = datetime(2026, 5, 3, tzinfo=UTC)
    if since == "a run that died":
        assert not runner.run(project, Call(today, stop_after="segwh_customer_checks"))
    runner.connection.execute(f"alter table customers {sql}")
    rest = list(project.models)[list(project.models).index("segwh_customer_facts") :]
    members = "select segment, customer_id from segwh_customer_membership order by all"
    before = runner.rows(members)
    with pytest.raises(CompilerError) as error:
        runner.run(project, Call(today, select=lambda name: name in rest), raises=True)
    became = "is json now" if "json" in sql else "is not there now"
    assert str(error.value) == (
        f"column wish of customers {became}, of which segwh_customer_checks does not know: run the whole project"
    )
    assert not runner.run(project, Call(today))
    assert runner.rows(members) == before
    assert not runner.run(project, Call(today, select=lambda name: name in rest))
    assert runner.rows(members) == before
