"""The benchmark's data: customers, and events of six types over ten months in one table, made by integer mixing.

No engine's hash is used and nothing is random, so every engine and version gets the very same rows. Events stand in one
table with a type, as event streams and collectors deliver them; they lie in the order of time, as they arrive.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import duckdb

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
TYPES = ("view", "open", "click", "cart", "order", "ticket")
CITIES = ("London", "Paris", "Oslo", "Rome", "Lima", "Cairo", "Delhi", "Tokyo")
PLANS = ("free", "basic", "plus", "pro")
MASK = 2**32 - 1


def mixed(value: str, salt: int) -> str:
    """SQL for 32 well-mixed bits of a whole number: multiply, shift, xor, twice over. Nothing exceeds 63 bits."""
    one = f"((({value}) * 747796405 + {2891336453 + 2 * salt}) & {MASK})"
    two = f"((xor({one}, {one} >> 15) * 277803737) & {MASK})"
    return f"xor({two}, {two} >> 16)"


def one_of(words: tuple[str, ...], value: str, salt: int) -> str:
    """SQL for one of the words."""
    listed = ", ".join(f"'{word}'" for word in words)
    return f"([{listed}])[1 + {mixed(value, salt)} % {len(words)}]"


def customers_sql(customers: int) -> str:
    """Customers 1 to n; one in eight has no city, one in ten no score."""
    created = f"TIMESTAMP '2024-01-01' + to_seconds({mixed('i', 3)} % {2 * 365 * 86_400})"
    return f"""
        SELECT i + 1 AS customer_id,
          CASE WHEN {mixed("i", 1)} % 8 > 0 THEN {one_of(CITIES, "i", 2)} END AS city,
          CASE WHEN {mixed("i", 4)} % 10 > 0 THEN CAST({mixed("i", 5)} % 100 AS DOUBLE) END AS score,
          {one_of(PLANS, "i", 6)} AS plan,
          {created} AS created_at
        FROM range({customers}) AS numbers(i)"""


def events_sql(customers: int, events: int) -> str:
    """Events in the order of time. A tenth of the customers has about a third of them; views are common, tickets rare."""
    seconds = int((AS_OF - FIRST_DAY) / timedelta(seconds=1))
    half = f"({mixed('i', 11)} >> 1)"  # 31 bits, so that its square and the product below stay whole
    place = f"(((({half} * {half}) >> 31) * {customers}) >> 31)"
    share = f"({mixed('i', 12)} % 100)"
    return f"""
        SELECT i AS event_id,
          1 + ({place} * 611953) % {customers} AS customer_id,
          TIMESTAMP '{FIRST_DAY:%Y-%m-%d}' + to_microseconds(i * {seconds * 1_000_000 // events}) AS happened_at,
          CASE WHEN {share} < 40 THEN 'view' WHEN {share} < 60 THEN 'open' WHEN {share} < 75 THEN 'click'
            WHEN {share} < 87 THEN 'cart' WHEN {share} < 96 THEN 'order' ELSE 'ticket' END AS type,
          CAST({mixed("i", 13)} % 20000 AS DECIMAL(12, 2)) / 100 AS amount
        FROM range({events}) AS numbers(i)"""


def create(connection: duckdb.DuckDBPyConnection, customers: int, events: int) -> None:
    """Makes the tables `customers` and `events`."""
    connection.execute(f"CREATE OR REPLACE TABLE customers AS {customers_sql(customers)}")
    amount = "CAST(amount AS DECIMAL(12, 2)) AS amount"
    connection.execute(f"CREATE OR REPLACE TABLE events AS SELECT * REPLACE ({amount}) FROM ({events_sql(customers, events)})")
