"""Models are run on the warehouse in whose dialect they are written, and refused on others before anything is written."""

from __future__ import annotations

import re
from types import SimpleNamespace

import jinja2
import pytest

from segwh.dbt.digests import digests_macro
from segwh.dbt.run_time_macros import run_time_macros
from segwh.sql.dialects import DIALECTS
from segwh.warehouse.target import DIALECT_OF_ADAPTER
from tests.macro_calls import CompilerError, called, complain, returned

ENVIRONMENT = jinja2.Environment(undefined=jinja2.StrictUndefined, extensions=["jinja2.ext.do"])


def told(dialect: str) -> str:
    """What the compiled macro says that the dialect is."""
    module = ENVIRONMENT.from_string(digests_macro({}, dialect)).make_module({"return": returned})
    return str(called(module.segwh__dialect))  # type: ignore[attr-defined]


def begin(dialect: str, adapter: str) -> None:
    """Begin a run of models in a dialect on the target `prod` of an adapter."""
    texts = re.findall(
        r"\{%- macro segwh__(?:require_dialect|refuse_target)\(.*?endmacro -%\}", run_time_macros()["refusals.sql"], re.DOTALL
    )
    given = {
        "segwh__dialect": lambda: told(dialect),
        "target": SimpleNamespace(type=adapter, name="prod"),
        "exceptions": SimpleNamespace(raise_compiler_error=complain),
    }
    ENVIRONMENT.from_string("".join(texts)).make_module(given).segwh__require_dialect()  # type: ignore[attr-defined]


@pytest.mark.parametrize(("adapter", "dialect"), [*DIALECT_OF_ADAPTER.items(), ("databend", "databend")])
def test_its_own_dialect_runs_and_no_strange_one(adapter: str, dialect: str) -> None:
    begin(dialect, adapter)
    strange = "snowflake" if dialect == "duckdb" else "duckdb"
    why = f"compiled for {strange}, and the target prod is {adapter}: nothing is written. Run `segwh compile --target prod`"
    with pytest.raises(CompilerError, match=re.escape(why)):
        begin(strange, adapter)


@pytest.mark.parametrize(
    ("dialect", "adapter"), [("databricks", "spark"), ("redshift", "postgres"), ("athena", "trino"), ("fabric", "sqlserver")]
)
def test_one_engine_may_be_reached_by_another_adapter(dialect: str, adapter: str) -> None:
    begin(dialect, adapter)


def test_of_an_adapter_that_is_not_known_nothing_is_said() -> None:
    for dialect in DIALECTS:
        begin(dialect, "materialize")


def test_every_compiled_project_says_its_dialect() -> None:
    assert [told(dialect) for dialect in DIALECTS] == list(DIALECTS)
