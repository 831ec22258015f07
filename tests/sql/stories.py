"""A few projects that between them use every construct; golden plans and golden SQL are made of them."""

from __future__ import annotations

from segwh import ir
from segwh.project import load_texts
from tests.sql.families import FAMILIES, SETTINGS

CATALOG = """
entities:
  - name: customer
    relation: ref('customers')
    key: {column: customer_id, type: integer}
    created_at: created_at
    attributes:
      city: string
      phone: {type: string, column: phone_number}
      birthday: date
      subscribed: boolean
      tags: list<string>
    events:
      - name: orders
        relation: ref('orders')
        key: customer_id
        time: ordered_at
        id: order_id
        properties: {amount: decimal, source: string, product_id: string}
        lookups:
          product: {relation: ref('products'), by: product_id, key: product_id, properties: {category: string}}
      - name: carts
        relation: ref('carts')
        key: customer_id
        time: added_at
        properties: {product_id: string}
    related:
      - name: tickets
        relation: ref('tickets')
        key: customer_id
        properties: {status: string, priority: number}
"""

STORIES = FAMILIES | {
    "measures": """
segments:
  - name: tea_buyers
    label: Tea
    entity: customer
    time_to_live: 2 years
    include:
      - {event: orders, where: {attribute: product.category, is: Chinese tea}, within: 90 days, count: {gte: 1}}
      - {event: orders, avg: {of: amount, gte: 20}}
      - {event: orders, within: 90 days, where: {attribute: product.category, is: Chinese tea}, days: {gte: 2}}
    exclude:
      - {related: tickets, where: {attribute: status, is: open}}
      - {attribute: city, is: Paris}
  - name: same_measure_again
    label: Again
    entity: customer
    include:
      - {event: orders, where: {attribute: product.category, is: Chinese tea}, within: 90 days, count: {lte: 3}}
      - not: {attribute: city, contains: "%"}
""",
    "references": """
segments:
  - {name: unsubscribed, label: No mail, entity: customer, include: [{attribute: subscribed, is: false}]}
  - name: best
    label: Best
    entity: customer
    include: everyone
    limit: {top: 100, by: spent, per: city}
  - name: phones
    label: Phones
    entity: customer
    aggregate_on: phone
    include: [{event: orders, within: 30 days}]
    exclude: [{attribute: city, is: Paris}]
  - {name: campaign, label: Campaign, type: static, entity: customer, include: [{segment: best, entered: {within: 7 days}}]}
  - name: both
    label: Both
    entity: customer
    include: [{segment: campaign}, {segment: phones}]
    split: {seed: x, variants: {a: 50, b: 50}}
traits:
  - {name: spent, entity: customer, event: orders, sum: amount}
groups:
  - {name: waterfall, exclusive: [best, both]}
exclusions:
  - {entity: customer, segment: unsubscribed}
""",
    "rows_in_order": """
segments:
  - name: abandoned
    label: Abandoned
    entity: customer
    include:
      - sequence: [{event: carts}, {without: orders, within: 24 hours, same: [product_id]}]
        within: 30 days
      - {event: orders, last: {where: {attribute: source, is: web}}}
      - {event: orders, first: {more_than_ago: 1 year}}
traits:
  - {name: favourite, entity: customer, event: orders, most_frequent: product.category}
  - {name: last_source, entity: customer, event: orders, last: source}
""",
    "traits": """
traits:
  - {name: orders_90d, entity: customer, event: orders, count: rows, within: 90 days}
  - {name: spent, entity: customer, event: orders, sum: amount}
  - {name: per_order, entity: customer, formula: spent / orders_90d}
  - name: points
    entity: customer
    points:
      - {when: {attribute: spent, gte: 50}, add: 10}
      - {when: {attribute: birthday, day_of_year: {within_next: 7 days}}, add: 5}
  - name: stage
    entity: customer
    stages:
      - {name: active, when: {attribute: orders_90d, gte: 1}}
      - {name: lapsed}
  - name: rfm
    entity: customer
    rfm:
      event: orders
      value: amount
      recency: {scores: 3, method: quantile}
      frequency: {scores: 3, method: rank}
      monetary: {scores: 3, method: fixed, cuts: [50, 100]}
      named: {champions: {r: [3], f: [3]}}
segments:
  - name: champions
    label: Champions
    entity: customer
    include: [{attribute: rfm.name, is: champions}, {attribute: points, gte: 5}]
""",
}


def files(story: str) -> dict[str, str]:
    """The rule files of a story; one that declares its own entities is read without the catalog above."""
    text = STORIES[story].lstrip("\n")
    catalog = {} if "entities:" in text else {"segments/catalog.yml": CATALOG}
    return {**catalog, f"segments/{story}.yml": text}


def project(story: str) -> ir.Project:
    """The bound project of a story."""
    return load(files(story), SETTINGS.get(story))


def load(texts: dict[str, str], settings: str | None = None) -> ir.Project:
    """The bound project of some texts, which must be right."""
    loaded = load_texts(texts, settings)
    assert loaded.project is not None, loaded.text
    return loaded.project
