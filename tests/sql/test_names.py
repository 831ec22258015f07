"""Names that are words of SQL, that clash with each other, or that no engine takes unquoted."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb

from segwh.sql import DIALECTS, preview_query, standalone
from tests.sql import stories

CATALOG = """
entities:
  - name: user
    relation: ref('all users')
    key: {column: "User Id", type: string}
    created_at: "when"
    attributes:
      group: {type: string, column: "group"}
      limit: {type: string, column: "Größe"}
    lookups:
      user: {relation: ref('countries'), by: "group", key: "select", properties: {order: {type: string, column: "order"}}}
    events:
      - name: order
        relation: ref('order')
        key: "User Id"
        time: "at"
        id: "from"
        properties: {table: {type: string, column: "table"}, key: {type: integer, column: "key"}}
        lookups:
          order: {relation: ref('countries'), by: "table", key: "select", properties: {all: {type: string, column: "order"}}}
    related:
      - {name: end, relation: ref('order'), key: "User Id", properties: {then: {type: string, column: "table"}}}
"""
RULES = """
traits:
  - {name: case, entity: user, event: order, most_frequent: table}
  - {name: when, entity: user, event: order, last: table}
  - {name: as, entity: user, event: order, sum: key}
  - {name: from, entity: user, formula: as * 2}
segments:
  - name: select
    label: Words
    entity: user
    time_to_live: 1 year
    include:
      - {attribute: group, is: no}
      - {attribute: limit, is: L}
      - {attribute: user.order, is: first}
      - {attribute: case, is: no}
      - {attribute: when, is: no}
      - {attribute: from, gte: 4}
      - {event: order, where: {attribute: order.all, is: first}, days: {gte: 1}}
      - {related: end, where: {attribute: then, is: no}}
      - {sequence: [{event: order}, {without: order, within: 1 hour}]}
    limit: {top: 5, by: as, per: group}
  - {name: where, label: Where, entity: user, aggregate_on: group, include: [{segment: select}]}
"""
AS_OF = datetime(2026, 3, 31, tzinfo=UTC)


def test_any_name_will_do() -> None:
    connection = duckdb.connect()
    connection.execute('create table "all users" ("User Id" text, "when" timestamp, "group" text, "Größe" text)')
    connection.execute("""insert into "all users" values ('ann', '2026-01-01', 'no', 'L')""")
    connection.execute('create table "order" ("User Id" text, "at" timestamp, "from" integer, "table" text, key integer)')
    connection.execute("""insert into "order" values ('ann', '2026-03-01', 1, 'no', 2)""")
    connection.execute('create table countries ("select" text, "order" text)')
    connection.execute("insert into countries values ('no', 'first')")
    project = stories.load({"segments/catalog.yml": CATALOG, "segments/rules.yml": RULES})
    sql = standalone(
        project, ["select", "where"], AS_OF, DIALECTS["duckdb"], lambda relation, _: f'main."{relation.parts[-1]}"'
    )
    assert sorted(connection.execute(sql).fetchall()) == [("select", "ann"), ("where", "no")]
    shown = preview_query(project, "select", AS_OF, DIALECTS["duckdb"], lambda relation, _: f'main."{relation.parts[-1]}"')
    assert connection.execute(shown.sample).fetchall() == [("ann", "no", "L")]
