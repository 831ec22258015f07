"""The macro that reads a warehouse's types agrees with segwh's own reading of them."""

from __future__ import annotations

import re
from types import SimpleNamespace

import jinja2
import pytest

from segwh.dbt.run_time_macros import run_time_macros
from segwh.types import DataType
from segwh.warehouse.column_types import data_type_of, fits

SPELLINGS = """
    varchar|VARCHAR(16)|character varying(40)|TEXT|text[]|VARCHAR[]|_text|string|ARRAY<STRING>|list(varchar)|ARRAY|uuid|bpchar
    bigint|INTEGER|int4|UInt64|smallint|hugeint|number(38,0)|NUMBER(38, 0)|decimal(18,2)|DECIMAL|numeric
    numeric(10)|NUMBER(10,2)|double|DOUBLE PRECISION|float64|real|float(53)|money|boolean|BOOL|bit|date|Date32|timestamp
    TIMESTAMP WITH TIME ZONE
    timestamptz|DateTime64(6, 'UTC')|Nullable(Int32)|LowCardinality(Nullable(String))|Nullable(DateTime64(3))|timestamp[]|json
    jsonb|interval|enum('a','b')|enum8('a' = 1)|FixedString(16)|mediumtext|nvarchar(max)|serial|bigserial|byteint|time|variant
"""


class _Return(Exception):  # noqa: N818  it is none: it carries a macro's value out
    pass


ALL = tuple(one.strip() for line in SPELLINGS.strip().splitlines() for one in line.split("|"))


def _return(value: object) -> None:
    raise _Return(value)


@pytest.fixture(scope="module")
def macros() -> jinja2.environment.TemplateModule:
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, extensions=["jinja2.ext.do"])
    return environment.from_string(run_time_macros()["sources.sql"]).make_module(
        {"return": _return, "modules": SimpleNamespace(re=re)}
    )


def _called(macro: object, *arguments: object) -> object:
    try:
        return macro(*arguments)  # type: ignore[operator]
    except _Return as value:
        return value.args[0]


@pytest.mark.parametrize("spelling", ALL)
def test_a_type_is_read_as_the_catalog_check_reads_it(macros: jinja2.environment.TemplateModule, spelling: str) -> None:
    family = data_type_of(spelling)
    assert _called(macros.segwh__family, spelling) == (family.value if family else None)  # type: ignore[attr-defined]


def test_the_same_types_fit() -> None:
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, extensions=["jinja2.ext.do"])
    text = re.search(r"\{%- macro segwh__misfit\(.*?endmacro -%\}", run_time_macros()["sources.sql"], re.DOTALL)
    assert text is not None
    given = {"return": _return, "modules": SimpleNamespace(re=re), "segwh__family": lambda spelling: data_type_of(spelling)}
    module = environment.from_string(text[0]).make_module(given)
    for declared in DataType:
        for spelling in ALL:
            problem = _called(module.segwh__misfit, declared.value, spelling)  # type: ignore[attr-defined]
            assert (problem is None) == fits(declared, spelling), (declared, spelling)


@pytest.mark.parametrize(
    ("spelling", "is_right"),
    [
        ("NUMBER(38,0)", True), ("numeric(10)", True), ("double", True), ("numeric", True), ("tinyint", True),
        ("DECIMAL(12,2)", False), ("number(38, 10)", False), ("Nullable(Decimal(18, 4))", False), ("money", False),
    ],
)  # fmt: skip
def test_whole_numbers_are_not_in_a_type_with_decimals(spelling: str, is_right: bool) -> None:
    assert fits(DataType.INTEGER, spelling) == is_right
    assert fits(DataType.DECIMAL, spelling)
