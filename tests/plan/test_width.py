"""Whose rule makes the facts of an entity wider than a table can be: all that is written before it still fits."""

from __future__ import annotations

import pytest

from segwh import ir
from segwh.plan.prune import pruned
from segwh.plan.width import crossings, width
from segwh.project import load_texts

CATALOG = """
entities:
  - name: customer
    relation: ref('customers')
    key: customer_id
    created_at: signed_up_at
    attributes: {city: string, score: integer, phone: string}
    lookups:
      referrer: {relation: ref('customers'), by: referred_by, key: customer_id}
    events:
      - {name: orders, relation: ref('orders'), key: customer_id, time: ordered_at, properties: {amount: decimal}}
  - name: lead
    relation: ref('leads')
    key: lead_id
    attributes: {source: string}
"""
SEGMENTS = """
segments:
  - {name: local, label: a, entity: customer, include: [{attribute: city, is: Rome}]}
  - {name: generous, label: a, entity: customer, include: [{event: orders, avg: {of: amount, gte: 10}}]}
  - {name: best, label: a, entity: customer, include: everyone, limit: {top: 10, by: score}}
  - {name: seldom, label: a, entity: customer, include: [{segment: local}], stay: {at_most: 14 days, again_after: 90 days}}
  - {name: invited, label: a, entity: customer, include: [{segment: referrer.generous}]}
  - {name: halves, label: a, entity: customer, include: everyone, split: {seed: s, variants: {a: 50, b: 50}}}
  - {name: at_home, label: a, entity: customer, aggregate_on: phone, include: everyone}
  - {name: leads, label: a, entity: lead, include: [{attribute: source, is: web}]}
"""
TRAITS = """
traits:
  - {name: spent, entity: customer, event: orders, sum: amount}
  - {name: worth, entity: customer, rfm: {event: orders, value: amount}}
"""


def project(text: str) -> ir.Project:
    """A bound project."""
    loaded = load_texts({"catalog.yml": CATALOG, "rules.yml": text})
    assert loaded.project is not None, loaded.text
    return loaded.project


def test_what_comes_before_the_rule_that_is_shown_fits() -> None:
    whole = project(SEGMENTS)
    names = [one.name for one in whole.segments if one.variant_of is None and one.entity == "customer"]
    shown = []
    for most in range(width("customer", pruned(whole, [])), width("customer", whole)):
        [crossing] = (one for one in crossings(whole, most) if one.entity == "customer")
        name = crossing.asker.split("`")[1]
        before = names[: names.index(name)]
        assert width("customer", pruned(whole, before)) <= most < width("customer", pruned(whole, [*before, name]))
        shown.append(name)
    assert shown == sorted(shown, key=names.index)
    assert set(shown) == set(names)
    assert list(crossings(whole, width("customer", whole))) == []


@pytest.mark.parametrize(("most", "asker"), [(5, "the trait `spent`"), (6, "the trait `worth`")])
def test_traits_come_before_segments(most: int, asker: str) -> None:
    [crossing] = (one for one in crossings(project(TRAITS + SEGMENTS), most) if one.entity == "customer")
    assert crossing.asker == asker
