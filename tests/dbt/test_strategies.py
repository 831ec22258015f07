"""How the models of each dialect are written: by ways that dbt's adapter of it takes."""

from __future__ import annotations

import re

import pytest

from segwh.sql import DIALECTS
from tests.sql import corpus

# Of Athena those of Iceberg tables; ClickHouse's and Spark's are of materializations of our own or plain appends.
STRATEGIES = {
    "duckdb": {"append", "delete+insert", "merge"},
    "postgres": {"append", "delete+insert", "merge"},
    "clickhouse": {"append", "delete+insert"},
    "spark": {"append", "insert_overwrite", "merge"},
    "databricks": {"append", "insert_overwrite", "merge", "replace_where", "delete+insert"},
    "bigquery": {"merge", "insert_overwrite", "microbatch"},
    "snowflake": {"append", "merge", "delete+insert", "insert_overwrite"},
    "redshift": {"append", "merge", "delete+insert"},
    "trino": {"append", "merge", "delete+insert"},
    "athena": {"append", "merge"},
    "tsql": {"append", "merge", "delete+insert"},
    "fabric": {"append", "merge", "delete+insert"},
}
"""The values of `incremental_strategy` that each adapter takes (https://docs.getdbt.com/docs/build/incremental-strategy)."""


def option(name: str, text: str) -> str | None:
    """The value of an option in a model's config."""
    found = re.search(rf"^    {name}=(.*?),?$", text, re.MULTILINE)
    return found[1].strip("'") if found else None


@pytest.mark.parametrize("dialect", STRATEGIES)
def test_each_adapter_takes_the_strategies(dialect: str) -> None:
    found = {option("incremental_strategy", text) for text in corpus.few_models(dialect).values()} - {None}
    assert found
    assert found <= STRATEGIES[dialect]


@pytest.mark.parametrize("dialect", STRATEGIES)
def test_what_is_merged_says_by_which_column(dialect: str) -> None:
    for path, text in corpus.few_models(dialect).items():
        if option("incremental_strategy", text) in ("merge", "delete+insert"):
            assert option("unique_key", text), path


def test_every_dialect_with_an_adapter_is_told_of() -> None:
    assert set(DIALECTS) - set(STRATEGIES) == {"databend"}


HOOKS_OUTSIDE = {"duckdb", "postgres", "redshift", "tsql", "fabric"}
"""Where dbt's views run hooks that stand outside the transaction; elsewhere such a hook is an error, or never run."""


@pytest.mark.parametrize("dialect", STRATEGIES)
def test_a_run_that_held_something_back_fails_everywhere(dialect: str) -> None:
    hooks = option("post_hook", corpus.few_models(dialect)["models/segwh/segwh_runs.sql"])
    assert hooks is not None
    assert "segwh__fail_if_held_back(" in hooks
    assert ("'transaction': false" in hooks) is (dialect in HOOKS_OUTSIDE)


@pytest.mark.parametrize(
    ("dialect", "name", "value"),
    [("athena", "table_type", "iceberg"), ("trino", "on_table_exists", "replace"), ("redshift", "bind", "false")],
)
def test_tables_and_views_are_of_the_kind_that_is_needed(dialect: str, name: str, value: str) -> None:
    for path, text in corpus.few_models(dialect).items():
        is_view = option("materialized", text) == "view"
        assert option(name, text) == (value if is_view is (name == "bind") else None), path


def test_on_duckdb_the_state_loses_rows_after_the_transaction_that_adds_some() -> None:
    """In one transaction DuckDB 2.0 spoils its memory now and then. Elsewhere both are one, under the lock of the state."""
    outside = "{'sql': '{{ segwh__forget() }}', 'transaction': false}"
    for dialect, is_outside in (("duckdb", True), ("postgres", False)):
        [state] = [text for name, text in corpus.few_models(dialect).items() if name.endswith("segwh_customer_state.sql")]
        assert "segwh__forget() }}" in state
        assert (outside in state) is is_outside
