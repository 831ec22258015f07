"""The macro that reads a warehouse's types agrees with segwh's own reading of them."""

from __future__ import annotations

import re
from types import SimpleNamespace

import jinja2
import pytest

from segwh.dbt.run_time_macros import run_time_macros
from segwh.types import DataType
from segwh.warehouse.column_types import OTHER_LISTS, OTHERS, data_type_of, fits, may_be_long
from tests.macro_calls import called, returned

SPELLINGS = """
    varchar|VARCHAR(16)|character varying(40)|TEXT|text[]|VARCHAR[]|_text|string|ARRAY<STRING>|list(varchar)|ARRAY|uuid|bpchar
    bigint|INTEGER|int4|UInt64|smallint|hugeint|number(38,0)|NUMBER(38, 0)|decimal(18,2)|DECIMAL|numeric
    numeric(10)|NUMBER(10,2)|double|DOUBLE PRECISION|float64|real|float(53)|money|boolean|BOOL|bit|date|Date32|timestamp
    TIMESTAMP WITH TIME ZONE
    timestamptz|DateTime64(6, 'UTC')|Nullable(Int32)|LowCardinality(Nullable(String))|Nullable(DateTime64(3))
    Nullable(Decimal(10, 2))|Nullable(Decimal(10, 0))|LowCardinality(Nullable(FixedString(2)))|timestamp[]|json
    jsonb|interval|enum('a','b')|enum8('a' = 1)|FixedString(16)|mediumtext|nvarchar(max)|serial|bigserial|byteint|time|variant
    Nullable(JSON)|blob|varbinary(max)|integer[]|_int4|array(int32)|array<struct<a string>>|struct(a varchar)|row(a varchar)
    time without time zone|map(varchar, varchar)|object|super|inet|name
"""


ALL = tuple(one.strip() for line in SPELLINGS.strip().splitlines() for one in line.split("|"))


@pytest.fixture(scope="module")
def macros() -> jinja2.environment.TemplateModule:
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, extensions=["jinja2.ext.do"])
    return environment.from_string(run_time_macros()["sources.sql"]).make_module(
        {"return": returned, "modules": SimpleNamespace(re=re), "target": SimpleNamespace(type="duckdb")}
    )


def test_of_unknown_types_postgres_makes_nothing_but_texts() -> None:
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, extensions=["jinja2.ext.do"])
    given = {"return": returned, "modules": SimpleNamespace(re=re), "target": SimpleNamespace(type="postgres")}
    family = environment.from_string(run_time_macros()["sources.sql"]).make_module(given).segwh__family  # type: ignore[attr-defined]
    text = re.search(r"\{%- macro segwh__misfit\(.*?endmacro -%\}", run_time_macros()["sources.sql"], re.DOTALL)
    assert text is not None
    module = environment.from_string(text[0]).make_module({**given, "segwh__family": lambda one: called(family, one)})
    for spelling, fitting in (
        ("inet", {DataType.STRING}), ("money", set()), ("bit(1)", set()), ("bit varying(3)", set()),
        ("enum mood", {DataType.STRING}), ("record pair", set()), ("other[]", {DataType.STRING_LIST}),
    ):  # fmt: skip
        problems = {each: called(module.segwh__misfit, each.value, spelling) for each in DataType}  # type: ignore[attr-defined]
        assert {each for each, problem in problems.items() if problem is None} == fitting, spelling
        assert {each for each in DataType if fits(each, spelling, is_known=True)} == fitting, spelling
    for spelling in ALL:
        right = {each for each in DataType if called(module.segwh__misfit, each.value, spelling) is None}  # type: ignore[attr-defined]
        assert {each for each in DataType if fits(each, spelling, is_known=True)} == right, spelling


@pytest.mark.parametrize("spelling", ALL)
def test_a_type_is_read_as_the_catalog_check_reads_it(macros: jinja2.environment.TemplateModule, spelling: str) -> None:
    assert called(macros.segwh__family, spelling) == _family(spelling)  # type: ignore[attr-defined]


def _family(spelling: str) -> str | None:
    found, bare = data_type_of(spelling), re.sub(r"nullable\((.*)\)", r"\1", spelling.lower())
    if found:
        return found.value
    return "list" if OTHER_LISTS.search(bare) else "other" if OTHERS.search(bare) else None


def test_a_type_is_as_long_as_the_catalog_check_says() -> None:
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, extensions=["jinja2.ext.do"])
    text = re.search(r"\{%- macro segwh__is_long\(.*?endmacro -%\}", run_time_macros()["sources.sql"], re.DOTALL)
    assert text is not None
    given = {"return": returned, "modules": SimpleNamespace(re=re), "segwh__refuses_long_numbers": lambda: True}
    module = environment.from_string(text[0]).make_module(given)
    for spelling in (*ALL, "ubigint", "HUGEINT", "uint64", "numeric(30,0)", "DECIMAL(19, 0)", "decimal(18,0)"):
        assert called(module.segwh__is_long, spelling) == may_be_long(spelling), spelling  # type: ignore[attr-defined]


def test_the_same_types_fit() -> None:
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, extensions=["jinja2.ext.do"])
    text = re.search(r"\{%- macro segwh__misfit\(.*?endmacro -%\}", run_time_macros()["sources.sql"], re.DOTALL)
    assert text is not None
    given = {"return": returned, "modules": SimpleNamespace(re=re), "target": SimpleNamespace(type="duckdb")}
    module = environment.from_string(text[0]).make_module({**given, "segwh__family": _family})
    for declared in DataType:
        for spelling in ALL:
            problem = called(module.segwh__misfit, declared.value, spelling)  # type: ignore[attr-defined]
            assert (problem is None) == fits(declared, spelling), (declared, spelling)


def test_what_rules_have_no_type_for_fits_none_and_what_is_unknown_fits_all() -> None:
    for spelling, fitting in (("json", False), ("Nullable(JSON)", False), ("time", False), ("inet", True)):
        assert {fits(declared, spelling) for declared in DataType} == {fitting}
    for spelling in ("integer[]", "Array(Nullable(String))"):
        assert [declared for declared in DataType if fits(declared, spelling)] == [DataType.STRING_LIST]


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
