"""Real data sets, found through the environment; tests that want them skip when it names no folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

VARIABLE = "SEGWH_TEST_DATA"


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of the data sets."""
    named = os.environ.get(VARIABLE)
    if not named:
        pytest.skip(f"{VARIABLE} does not name the folder of the real data sets")
    return Path(named)


@pytest.fixture(scope="session")
def retail(data_folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A year of a wholesaler's orders as `retail_orders`, and everybody who ever ordered as `buyers`."""
    with duckdb.connect() as connection:
        connection.execute(
            "create table retail_orders as"
            " select order_id, customer_id, order_ts, country, lines, units, amount::decimal(14, 2) as amount, is_cancel"
            " from read_csv($file)",
            {"file": str(data_folder / "online_retail_orders.csv.gz")},
        )
        connection.execute(
            "create table buyers as"
            " select customer_id, first(country order by order_ts, order_id) as country from retail_orders group by 1"
        )
        yield connection


@pytest.fixture(scope="session")
def rfm(data_folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The orders of a published RFM analysis as `rfm_orders`, and its customers as `rfm_clients`."""
    with duckdb.connect() as connection:
        connection.execute("create table rfm_orders as from read_csv($file)", {"file": str(data_folder / "rfm_orders.csv.gz")})
        connection.execute(
            "create table rfm_clients as select customer_id from read_csv($file)",
            {"file": str(data_folder / "rfm_customers.csv")},
        )
        yield connection
