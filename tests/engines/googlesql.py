"""GoogleSQL's own analyzer and reference implementation (package `zetasql`): what a SELECT for BigQuery means.

It has no tables: those of a story are named queries of literal rows in front of each query.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlglot import exp

from segwh.sql.dialects.base import SqlDialect
from segwh.sql.dialects.bigquery import BIGQUERY
from tests.cases.tables import Table

TYPES = {
    "string": "STRING",
    "integer": "INT64",
    "number": "FLOAT64",
    "decimal": "BIGNUMERIC",
    "boolean": "BOOL",
    "date": "DATE",
    "timestamp": "DATETIME",
    "timestamptz": "TIMESTAMP",
    "list<string>": "ARRAY<STRING>",
    "uuid": "STRING",
    "small": "INT64",
    "float": "FLOAT64",
    "money": "NUMERIC",
    "timestamp_s": "DATETIME",
}
"""The types of a story's columns in BigQuery."""


@dataclass(frozen=True, slots=True)
class GoogleSql:
    """The analyzer with what the stories' tables are; `service` is the library's, `catalog` its number of the functions."""

    service: Any
    options: Any
    catalog: int
    dialect: SqlDialect = BIGQUERY
    tables: dict[str, tuple[list[str], str]] = field(default_factory=dict)

    def create(self, name: str, table: Table) -> str:
        """Remembers the rows as a query."""
        rows = [[literal(row[column], its) for column, its in table.columns.items()] for row in table.rows]
        self._remember(name, list(table.columns), [TYPES[its] for its in table.columns.values()], rows)
        return name

    def keep(self, name: str, sql: str) -> None:
        """Remembers the rows of a query."""
        columns = self._columns_of(sql)
        told = ", ".join(f"FORMAT('%T', {quoted(column)})" for column, _ in columns)
        rows = [[str(cell) for cell in row] for row in self.rows(f"SELECT {told} FROM ({sql})")]
        self._remember(name, [column for column, _ in columns], [its for _, its in columns], rows)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """The rows of a query. The library loses timestamps on the way, so they are asked for as microseconds."""
        columns = self._columns_of(sql)
        times = [quoted(column) for column, its in columns if its == "TIMESTAMP"]
        if times:
            sql = f"SELECT * REPLACE ({', '.join(f'UNIX_MICROS({time}) AS {time}' for time in times)}) FROM ({sql})"
        number = self._prepared(sql).prepared_query_id
        try:
            found = self.service.evaluate_query(prepared_query_id=number).content.table_data
        finally:
            self.service.unprepare_query(prepared_query_id=number)
        kinds = [its for _, its in columns]
        rows = found.row if found else ()
        return [tuple(python(cell, kind) for cell, kind in zip(row.cell, kinds, strict=True)) for row in rows]

    def columns(self, name: str) -> list[str]:
        """The names of a table's columns, in order."""
        return self.tables[name][0]

    def _columns_of(self, sql: str) -> list[tuple[str, str]]:
        prepared = self._prepared(sql)
        self.service.unprepare_query(prepared_query_id=prepared.prepared_query_id)
        return [(column.name, type_name(column.type)) for column in prepared.columns]

    def _prepared(self, sql: str) -> Any:
        whole = self._whole(sql)
        return self.service.prepare_query(sql=whole, options=self.options, registered_catalog_id=self.catalog).prepared

    def _remember(self, name: str, columns: list[str], types: list[str], rows: list[list[str]]) -> None:
        def select(cells: list[str]) -> str:
            named = zip(cells, types, columns, strict=True)
            return "SELECT " + ", ".join(f"CAST({cell} AS {its}) AS {quoted(column)}" for cell, its, column in named)

        nobody = f"SELECT * FROM ({select(['NULL'] * len(columns))}) WHERE FALSE"
        self.tables[name] = (columns, " UNION ALL ".join(select(row) for row in rows) if rows else nobody)

    def _whole(self, sql: str) -> str:
        used = {name: query for name, (_, query) in self.tables.items() if name in sql}
        given = ", ".join(f"{name} AS ({query})" for name, query in used.items())
        return f"WITH {given} SELECT * FROM ({sql})" if given else sql


def quoted(name: str) -> str:
    """A quoted identifier."""
    return exp.to_identifier(name, quoted=True).sql("bigquery")


def type_name(found: Any) -> str:
    """The name of a type of the analyzer."""
    kind = str(found.type_kind.name).removeprefix("TYPE_")
    if kind == "ARRAY":
        return f"ARRAY<{type_name(found.array_type.element_type)}>"
    return {"DOUBLE": "FLOAT64"}.get(kind, kind)


def literal(value: object, its: str) -> str:
    """A value of a story as text of SQL."""
    match value:
        case None:
            return "NULL"
        case list():
            return f"[{', '.join(literal(one, 'string') for one in value)}]"
        case bool():
            return str(value).upper()
        case int():
            return str(value)
        case datetime() if its == "timestamptz":
            return f"TIMESTAMP '{value.astimezone(UTC).isoformat(sep=' ')}'"
        case _:
            return exp.Literal.string(str(value)).sql("bigquery")


def python(cell: Any, kind: str) -> object:
    """A cell as a Python value."""
    told = {name: value for name, value in vars(cell).items() if value is not None and name.endswith("_value")}
    if not told:
        return None
    [value] = told.values()
    match kind:
        case "TIMESTAMP":
            return datetime(1970, 1, 1) + timedelta(microseconds=value)
        case "DATE":
            return date(1970, 1, 1) + timedelta(days=value)
        case "NUMERIC":
            return Decimal(int.from_bytes(value, "little", signed=True)).scaleb(-9)
        case "BIGNUMERIC":
            return Decimal(int.from_bytes(value, "little", signed=True)).scaleb(-38)
        case _:
            return value  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def googlesql() -> GoogleSql:
    """The session's analyzer. Without the package the test is skipped, and the reason says so."""
    if importlib.util.find_spec("zetasql") is None:
        pytest.skip("BIGQUERY'S SQL IS NOT TESTED: `pip install zetasql` (dependency group engines) brings its analyzer")
    import wasmtime
    import zetasql.core.wasm_client as client
    from zetasql import types
    from zetasql.api import CatalogBuilder
    from zetasql.core.local_service import ZetaSqlLocalService

    def cached() -> Any:
        config = wasmtime.Config()
        config.cache = True
        return config

    # Compiling the module takes half a minute; the library does not ask for the cache of what was compiled before.
    vars(client)["Config"] = cached
    service = ZetaSqlLocalService.get_instance()
    language = types.LanguageOptions.maximum_features()
    language.product_mode = types.ProductMode.PRODUCT_EXTERNAL
    language.reserved_keywords = ["QUALIFY"]
    functions = types.ZetaSQLBuiltinFunctionOptions(language_options=language)
    catalog = service.register_catalog(simple_catalog=CatalogBuilder("stories").with_builtin_functions(functions).build())
    return GoogleSql(service, types.AnalyzerOptions(language_options=language, default_timezone="UTC"), catalog.registered_id)
