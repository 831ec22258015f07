"""The published result of an RFM analysis, met exactly by an rfm trait with fixed cuts."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from tests.opinions import OPINIONS, bound

PROJECT = Path(__file__).parent / "rfm"
AS_OF = datetime(2006, 12, 31, tzinfo=UTC)
PUBLISHED = {
    "champions": (158, 1_234, 120_178),
    "loyal_customers": (278, 1_708, 166_712),
    "potential_loyalist": (229, 801, 65_873),
    "new_customers": (0, 0, 0),
    "promising": (0, 0, 0),
    "need_attention": (35, 144, 13_287),
    "about_to_sleep": (50, 127, 10_914),
    "at_risk": (86, 438, 44_178),
    "cant_lose_them": (0, 0, 0),
    "hibernating": (111, 244, 20_955),
    "lost": (0, 0, 0),
    "others": (48, 210, 22_061),
}
"""Customers, orders and revenue of each group."""


@pytest.mark.parametrize("opinion", OPINIONS)
def test_groups_have_the_published_sizes(opinion: str, rfm: duckdb.DuckDBPyConnection) -> None:
    found = OPINIONS[opinion](bound(PROJECT), rfm, AS_OF)
    orders, revenue = Counter[str](), Counter[str]()
    for customer, amount in rfm.execute("select customer_id, revenue from rfm_orders").fetchall():
        orders[customer] += 1
        revenue[customer] += amount
    worth = {
        name: (len(keys), sum(orders[key] for key in keys), sum(revenue[key] for key in keys)) for name, keys in found.items()
    }
    assert worth == PUBLISHED


@pytest.mark.parametrize("opinion", OPINIONS)
def test_every_client_is_in_one_group_apostrophes_too(opinion: str, rfm: duckdb.DuckDBPyConnection) -> None:
    found = OPINIONS[opinion](bound(PROJECT), rfm, AS_OF)
    keys = [key for members in found.values() for key in members]
    assert len(keys) == len(set(keys)) == 995
    assert any("'" in key for key in keys)
