"""What ClickHouse's planner was seen to fail at, as rules whose SQL led to it; what it still sees of a flag's parts, and what
it reads of the books.
"""

from __future__ import annotations

import json

import jinja2
import pytest
from sqlglot import parse_one

from segwh.dbt import ledger
from segwh.dbt.fixed_queries import rendered
from segwh.sql.dialects.clickhouse import CLICKHOUSE
from tests.cases import harness
from tests.cases.test_cases import told
from tests.dbt.books import GRAIN
from tests.engines.clickhouse import ClickHouse

TWO_FACTS = """
story: A rule asks whether the row behind a lookup is in a segment that is two facts at once, a sequence and such a membership.
project: |
  entities:
    - name: contact
      relation: ref('contacts')
      key: contact_id
      attributes: {open: boolean}
      lookups:
        boss: {relation: ref('contacts'), by: boss_id, key: contact_id}
      events:
        - {name: orders, relation: ref('orders'), key: contact_id, time: ordered_at}
  segments:
    - {name: open, label: x, entity: contact, include: [{attribute: open, is: true}]}
    - name: came_back
      label: x
      entity: contact
      include: [{sequence: [{event: orders}, {event: orders}]}, {segment: boss.open}]
    - {name: of_came_back, label: x, entity: contact, include: [{segment: boss.came_back}]}
rows:
  contacts: |
    contact_id | open  | boss_id
    ann        | true  | bob
    bob        | true  | ann
    cid        | false | ann
    dan        | ~     | bob
    eve        | true  | dan
    fay        | true  | ~
  orders: |
    contact_id | ordered_at
    bob        | 2026-01-01
    bob        | 2026-01-02
    cid        | 2026-01-01
    eve        | 2026-01-01
    eve        | 2026-01-02
    fay        | 2026-01-01
    fay        | 2026-01-02
as_of: 2026-03-01T00:00:00Z
expect:
  open: [ann, bob, eve, fay]
  came_back: [bob]  # eve's boss is not known to be open, and fay has none
  of_came_back: [ann, dan]
"""
FLAGS = """
WITH joined AS (SELECT a.*, b.bought AS bought, NOT b.k IS NULL AS found FROM a LEFT JOIN b ON b.k = a.k),
  first AS (SELECT joined.*, {flag} AS is_in FROM joined)
SELECT k FROM first WHERE is_in
"""


def test_a_flag_of_columns_of_joins_can_be_filtered_by(clickhouse: ClickHouse) -> None:
    """Else: Unknown input node in expression sources."""
    told(harness.read("two facts behind a lookup", TWO_FACTS), clickhouse)


@pytest.mark.parametrize(
    ("flag", "compared"),
    [
        ("bought AND open", "bought = TRUE AND open = TRUE"),
        ("NOT bought AND (open AND n > 1)", "NOT bought AND (open = TRUE AND n > 1)"),
        ("found AND n > 1", "found AND n > 1"),
        ("bought OR open", "bought OR open"),
    ],
)
def test_only_columns_of_joins_are_compared(flag: str, compared: str) -> None:
    """What is worked out above the joins is left as it is, so that its parts can be the filters of tables."""
    query = CLICKHOUSE.finished(parse_one(FLAGS.format(flag=flag), dialect="clickhouse"))
    assert f", {compared} AS is_in" in query.sql("clickhouse")


LOGGED = 300_000
BOOKS = (
    f"""
    CREATE OR REPLACE TABLE segwh_customer_log ENGINE = MergeTree ORDER BY sequence AS
    SELECT 'vip' AS segment, toNullable(toString(number)) AS customer_id, toNullable('entered') AS change,
      toDateTime64('2026-11-01', 6, 'UTC') AS changed_at, toInt64(number + 1) AS sequence, toNullable('live') AS status,
      toNullable('h1') AS computed_hash, changed_at AS first_evaluated_at, 0 AS correction, toNullable('rule') AS reason
    FROM numbers({LOGGED})
    """,
    f"""
    CREATE OR REPLACE TABLE segwh_customer_state ENGINE = MergeTree ORDER BY segment AS
    SELECT 'member' AS kind, segment, customer_id, true AS is_member, changed_at AS entered_at, changed_at, sequence,
      CAST(NULL AS Nullable(String)) AS computed_hash
    FROM segwh_customer_log WHERE sequence = {LOGGED} - 1
    """,
)


def test_of_a_long_log_only_the_end_is_read(clickhouse: ClickHouse) -> None:
    """Each query of the membership that asks what is new would else read the whole log, which grows with every run."""
    for statement in BOOKS:
        clickhouse.client.command(statement)
    sql = jinja2.Template(rendered(ledger.membership(GRAIN), CLICKHOUSE)).render(ref=lambda name: name)
    found = json.loads(clickhouse.client.raw_query(f"{sql} FORMAT JSON"))
    assert sorted(row["customer_id"] for row in found["data"]) == [str(LOGGED - 2), str(LOGGED - 1)]
    assert found["statistics"]["rows_read"] < LOGGED


STATED = 100_000
FEW = (
    f"""
    CREATE OR REPLACE TABLE segwh_customer_state ENGINE = MergeTree ORDER BY segment AS
    SELECT toNullable('member') AS kind, concat('s', toString(number % 100)) AS segment,
      toNullable(toString(number)) AS customer_id, toNullable(true) AS is_member,
      toNullable(toDateTime64('2026-11-01', 6, 'UTC')) AS entered_at, entered_at AS changed_at, toInt64(1) AS sequence,
      CAST(NULL AS Nullable(String)) AS computed_hash
    FROM numbers({STATED})
    """,
    """
    CREATE OR REPLACE TABLE segwh_customer_log ENGINE = MergeTree ORDER BY sequence AS
    SELECT segment, customer_id, change, toDateTime64('2026-11-02', 6, 'UTC') AS changed_at, toInt64(number) AS sequence,
      toNullable('live') AS status, toNullable('h1') AS computed_hash, changed_at AS first_evaluated_at, 0 AS correction,
      CAST(NULL AS Nullable(String)) AS reason
    FROM VALUES('number Int64, segment String, customer_id Nullable(String), change Nullable(String)',
      (2, 's7', '7', 'exited'), (3, 's7', 'new', 'entered'), (4, 's7', NULL, 'evaluated'))
    """,
)


def test_of_a_large_state_a_reader_asks_for_the_rows_that_changed(clickhouse: ClickHouse) -> None:
    """Each query that asks what the state says of a changed key would else make a hash table of all of it."""
    for statement in FEW:
        clickhouse.client.command(statement)
    sql = jinja2.Template(rendered(ledger.membership(GRAIN), CLICKHOUSE)).render(ref=lambda name: name)
    # what an earlier query has learnt of the sizes of these tables helps none of a new table
    unaware = "use_hash_table_stats_for_join_reordering = 0, collect_hash_table_stats_during_joins = 0"
    told = "count(*) AS n, countIf(entered_at > '2026-11-01') AS fresh, max(customer_id) AS last"
    asked = f"SELECT {told} FROM ({sql}, {unaware})"
    found = json.loads(clickhouse.client.raw_query(f"{asked} FORMAT JSON"))
    assert found["data"] == [{"n": STATED, "fresh": 1, "last": "new"}]
    assert found["statistics"]["rows_read"] < 3 * STATED
