"""The runner of histories on PostgreSQL: the same files, rendered and run without dbt in a schema of the runner's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from psycopg2.extras import register_uuid

from tests.cases.tables import Table
from tests.engines.postgres import Server
from tests.engines.postgres_engine import PostgresEngine
from tests.histories.runner import Call, Compiled, Relation, Runner

SCHEMA = Relation.schema


class Connection:
    """A connection of psycopg2 that is asked as DuckDB's is."""

    def __init__(self, found: Any) -> None:
        self.found = found

    def execute(self, sql: str) -> Any:
        """The cursor of a statement; without rows where the statement has none."""
        cursor = self.found.cursor()
        cursor.execute(sql)
        return cursor if cursor.description is not None else SimpleNamespace(description=(), fetchall=list)

    def close(self) -> None:
        self.found.close()


class PostgresRunner(Runner):
    """A database of the server, emptied. What dbt's own adapter does around a model's SQL is done by hand, in one transaction a
    model; what segwh's materializations do, their macros do.
    """

    def __init__(self, server: Server, database: str, *, template: str | None = None) -> None:
        """With a `template` the database is a copy of that one, to which nobody may be connected; otherwise it is emptied."""
        register_uuid()
        admin = server.connection()
        with admin.cursor() as cursor:
            if template is not None:
                cursor.execute(f"create database {database} template {template}")
            else:
                cursor.execute("select 1 from pg_database where datname = %s", [database])
                if cursor.fetchone() is None:
                    cursor.execute(f"create database {database}")
        admin.close()
        self.connection = Connection(server.connection(database))  # type: ignore[assignment]
        self.runs = 0
        self.told: list[str] = []
        self.views: dict[str, str] = {}
        if template is None:
            self.connection.execute(f"drop schema if exists {SCHEMA} cascade; create schema {SCHEMA}")
        self.connection.execute(f"set search_path = {SCHEMA}; set timezone = 'America/Los_Angeles'")
        self.find_relations()

    def find_relations(self) -> None:
        query = f"select table_name from information_schema.tables where table_schema = '{SCHEMA}'"
        self.known = {name for (name,) in self.rows(query)}

    def columns(self, place: str) -> list[tuple[str, str]]:
        self.connection.execute(f"create or replace temp view segwh_described as select * from {place}")
        found = self.rows(
            "select quote_ident(attname), format_type(atttypid, atttypmod) from pg_attribute"
            " where attrelid = 'segwh_described'::regclass order by attnum"
        )
        self.connection.execute("drop view segwh_described")
        return found

    def create(self, name: str, table: Table) -> None:
        PostgresEngine(self.connection.found, kind="TABLE").create(name, table)  # type: ignore[attr-defined]
        self.find_relations()

    def fill(self, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]) -> None:
        described = ", ".join(f"{column} {type}" for column, type in columns.items())
        self.connection.execute(f"drop table if exists {name} cascade; create table {name} ({described})")
        with self.connection.found.cursor() as cursor:  # type: ignore[attr-defined]
            for row in rows:
                cursor.execute(f"insert into {name} values ({', '.join('%s' for _ in columns)})", list(row))

    def copy(self) -> Runner:
        raise NotImplementedError("a database of the server is not copied")

    def _context(self, project: Compiled, call: Call) -> dict[str, Any]:
        context = super()._context(project, call)
        connection = self.connection
        silent = ("run_hooks", "apply_grants", "should_revoke", "persist_docs", "create_indexes")
        nothing = {name: lambda *_, **__: "" for name in silent}

        def statement(_: str, caller: Callable[[], str]) -> str:
            connection.execute(caller())
            return ""

        return {
            **context,
            **nothing,
            "target": SimpleNamespace(type="postgres", user="segwh"),
            "segwh__dialect": lambda: "postgres",
            "type_string": lambda: "text",
            "pre_hooks": (),
            "post_hooks": (),
            "statement": statement,
            "noop_statement": lambda *_, caller: "",
            "make_temp_relation": lambda relation: Relation(f"{relation.identifier}__staged"),
            "make_backup_relation": lambda relation, _, suffix: Relation(f"{relation.identifier}{suffix}"),
            "get_create_table_as_sql": lambda _, relation, sql: f"create temp table {relation} as {sql}",
        }

    def _materialize(
        self, name: str, sql: str, config: Mapping[str, Any], is_incremental: bool, context: Mapping[str, Any]
    ) -> None:
        match config["materialized"]:
            case "segwh_view":
                self.find_relations()  # a view goes with a table that it read
                if self.views.get(name) != sql or name not in self.known:
                    self.connection.execute(f"drop view if exists {name} cascade; create view {name} as {sql}")
                    self.views[name] = sql
            case "incremental" if is_incremental:
                self.connection.execute(f"create temp table segwh_news as {sql}")
                keys = config.get("unique_key")
                if keys:
                    same = " and ".join(f"news.{key} = old.{key}" for key in keys)
                    self.connection.execute(
                        f"delete from {name} as old where exists (select 1 from segwh_news as news where {same})"
                    )
                if config.get("on_schema_change") == "append_new_columns":
                    there = {column for column, _ in self.columns(name)}
                    for column, type in self.columns("segwh_news"):
                        if column not in there:
                            self.connection.execute(f"alter table {name} add column {column} {type}")
                names = ", ".join(column for column, _ in self.columns("segwh_news"))
                self.connection.execute(f"insert into {name} ({names}) select {names} from segwh_news; drop table segwh_news")
            case "incremental":
                self.connection.execute(f"drop table if exists {name} cascade; create table {name} as {sql}")
            case "segwh_table" | "segwh_in_place" as way:
                own = {**context, "config": SimpleNamespace(get=config.get), "sql": sql}
                key = (config["unique_key"],) if way == "segwh_in_place" else ()
                self._with_macros(own)["segwh__write_table"](*key)
            case other:
                raise NotImplementedError(other)
        self.known.add(name)
