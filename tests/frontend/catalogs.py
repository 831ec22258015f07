"""A catalog with a column of every type, and how the tests load rules over it."""

from __future__ import annotations

from segwh import ir
from segwh.project import load_texts

CATALOG = """
entities:
  - name: customer
    relation: ref('customers')
    key: customer_id
    created_at: signed_up_at
    attributes:
      city: string
      email: string
      url: string
      sku: string
      phone: {type: string, column: phone_number}
      birthday: date
      renews_on: date
      lead_score: integer
      budget: decimal
      weight: number
      subscribed: boolean
      signed_up_at: timestamp
      ordered_at: timestamp
      tags: list<string>
    lookups:
      account: {relation: ref('accounts'), by: account_id, key: id, properties: {plan: string, seats: integer}}
    events:
      - name: orders
        relation: ref('orders')
        key: customer_id
        time: ordered_at
        id: order_id
        properties: {amount: decimal, margin: number, source: string, product_id: string}
        lookups:
          product: {relation: ref('products'), by: product_id, key: product_id, properties: {category: string}}
      - {name: page_views, relation: ref('views'), key: customer_id, time: viewed_at, properties: {url: string, source: string}}
      - name: visits
        relation: ref('visits')
        key: customer_id
        time: {column: day, type: date}
    related:
      - {name: tickets, relation: ref('tickets'), key: customer_id, properties: {status: string, priority: integer}}
"""


def load(rules: str, settings: str | None = None) -> ir.Project:
    """The project of some rules over the catalog, which must be right."""
    loaded = load_texts({"catalog.yml": CATALOG, "rules.yml": rules}, settings)
    assert loaded.project is not None, loaded.text
    return loaded.project


def complaint(rules: str) -> str:
    """What is said of wrong rules over the catalog."""
    loaded = load_texts({"catalog.yml": CATALOG, "rules.yml": rules})
    assert loaded.project is None
    return loaded.text


def segment_of(condition: str) -> str:
    """A section with one segment of one condition."""
    return f"segments:\n  - {{name: s, label: S, entity: customer, include: [{condition}]}}\n"


def predicate(condition: str, settings: str | None = None) -> ir.Predicate:
    """What one condition, written as flow text, means."""
    [rule] = load(segment_of(condition), settings).segment("s").include
    return rule.predicate
