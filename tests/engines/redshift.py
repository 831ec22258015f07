"""The SQL for Redshift told to PostgreSQL, from which Redshift comes: as far as the two share a language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from psycopg2.extras import register_uuid
from sqlglot import exp

from segwh.features import Feature
from segwh.sql.dialects.base import SqlDialect
from segwh.sql.dialects.postgres import POSTGRES
from segwh.sql.dialects.redshift import REDSHIFT, Redshift
from tests.cases.tables import Table
from tests.engines.postgres import Server
from tests.engines.postgres_engine import PostgresEngine

# What Redshift has besides, as its documents tell it. DATEDIFF counts the boundaries of a unit that lie between two times.
FUNCTIONS = """
CREATE FUNCTION pg_temp.dateadd(unit text, number numeric, at timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE AS $$
  SELECT at + number::double precision * ('1 ' || unit)::interval
$$;
CREATE FUNCTION pg_temp.datediff(unit text, a timestamp, b timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE unit
    WHEN 'day' THEN b::date - a::date
    WHEN 'second' THEN extract(epoch FROM date_trunc('second', b) - date_trunc('second', a))::bigint
    WHEN 'microsecond' THEN (extract(epoch FROM b - a) * 1000000)::bigint
  END
$$;
"""
TYPE = ("VARCHAR(MAX)", "VARCHAR")
"""The longest text, which PostgreSQL does not bound."""


@dataclass(frozen=True, slots=True)
class WithLists(Redshift):
    """Redshift's dialect with PostgreSQL's lists, of which random projects are full."""

    def list_has(self, values: exp.Expr, value: exp.Expr) -> exp.Expr:
        """PostgreSQL's way."""
        return POSTGRES.list_has(values, value)

    def list_size(self, values: exp.Expr) -> exp.Expr:
        """PostgreSQL's way."""
        return POSTGRES.list_size(values)


WITH_LISTS = WithLists(name="redshift", title="Redshift", lacks=frozenset({Feature.NUL}))


@dataclass(frozen=True, slots=True)
class RedshiftOnPostgres:
    """A session of PostgreSQL that reads a backslash in a literal as Redshift does."""

    engine: PostgresEngine
    dialect: SqlDialect = REDSHIFT

    def create(self, name: str, table: Table) -> str:
        """Creates a temporary table."""
        return self.engine.create(name, table)

    def keep(self, name: str, sql: str) -> None:
        """Creates a temporary table of a query's rows."""
        self.engine.keep(name, _understood(sql))

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        """The rows of a query."""
        return self.engine.rows(_understood(sql))

    def columns(self, name: str) -> list[str]:
        """The names of a table's columns, in order."""
        return self.engine.columns(name)


def _understood(sql: str) -> str:
    for function in ("DATEADD", "DATEDIFF"):
        sql = sql.replace(f"{function}(", f"PG_TEMP.{function}(")
    return sql.replace(*TYPE)


@pytest.fixture(scope="session")
def redshift_on_postgres(postgres: Server) -> Iterator[RedshiftOnPostgres]:
    """The session's engine, in a time zone with changes of DST."""
    register_uuid()
    connection = postgres.connection()
    try:
        with connection.cursor() as cursor:
            cursor.execute(FUNCTIONS)
            cursor.execute("SET TimeZone = 'America/Los_Angeles'; SET standard_conforming_strings = off")
            cursor.execute("SET escape_string_warning = off")
        yield RedshiftOnPostgres(PostgresEngine(connection))
    finally:
        connection.close()
