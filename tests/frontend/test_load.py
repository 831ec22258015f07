"""A project's texts become bound rules: the shortest stories, end to end."""

from __future__ import annotations

from segwh import ir
from segwh.project import load_texts
from segwh.semantics import AS_OF, Duration, Interval, Relative, Shift, Unit
from segwh.types import DataType

CATALOG = """
entities:
  - name: customer
    relation: ref('customers')
    key: customer_id
    created_at: signed_up_at
    attributes: {city: string, score: integer}
    events:
      - {name: orders, relation: ref('orders'), key: customer_id, time: ordered_at, properties: {amount: decimal}}
"""


def test_an_event_in_a_window_is_a_count_of_rows() -> None:
    rules = """
segments:
  - name: recent
    label: Recent buyers
    entity: customer
    include:
      - {event: orders, within: 30 days}
"""
    loaded = load_texts({"catalog.yml": CATALOG, "rules.yml": rules})
    assert loaded.text == ""
    assert loaded.project is not None
    [rule] = loaded.project.segment("recent").include
    month = Interval(Relative((Shift(-1, Duration(30, Unit.DAYS)),)), AS_OF)
    rows = ir.Rows("event", "orders", None, month)
    assert rule.predicate == ir.Compare(ir.Measured(rows, ir.Count(), DataType.INTEGER), "gte", 1)
    assert rule.text == "{event: orders, within: 30 days}"
    assert str(rule.span) == "rules.yml:7:9"


def test_an_error_leaves_no_project_but_its_place_and_the_nearest_name() -> None:
    rules = """
segments:
  - {name: londoners, label: London, entity: customer, include: [{attribute: ctiy, is: London}]}
"""
    loaded = load_texts({"catalog.yml": CATALOG, "rules.yml": rules})
    assert loaded.project is None
    [diagnostic] = loaded.diagnostics
    assert (diagnostic.code.value, str(diagnostic.span)) == ("SEG012", "rules.yml:3:78")
    assert diagnostic.hint == "`city` might be meant"
