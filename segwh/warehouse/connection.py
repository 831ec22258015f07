"""The connection through dbt: a target in, the dbt project parsed, relation names and rows out.

dbt runs inside this process. Its adapter reads profiles.yml, resolves ref() and source() and connects exactly as `dbt build`
would, so there is no second notion of where tables are.
"""

from __future__ import annotations

import atexit
import hashlib
import logging
import os
import re
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from segwh.dbt.readable import Reading
from segwh.errors import UserError, how_to_write, meant
from segwh.types import Relation
from segwh.warehouse.complaints import explain, is_fault_of_the_sql, is_unbuilt, no_file
from segwh.warehouse.target import Target, require_adapter
from segwh.warehouse.unknown import told_of_the_catalog

Row = Mapping[str, Any]
"""One row of a result: lower-case column names and Python values."""

READABLE_MACRO = "segwh__readable"
"""What says in the models of a project what they read a relation from."""
READABLE = ("model", "seed", "snapshot")
"""Kinds of dbt nodes that ref() can name."""


@dataclass(frozen=True, slots=True)
class WarehouseColumn:
    """A physical column and its type as the warehouse spells it."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class _Named:
    """A relation that is known by its name, for macros."""

    name: str

    def render(self) -> str:
        """Its name in SQL."""
        return self.name


def with_whole_records(columns: Iterable[WarehouseColumn]) -> Iterator[WarehouseColumn]:
    """The columns of a table of BigQuery, where dbt names the fields of records (`address.city`): each record is one column."""
    records = set()
    for column in columns:
        record, is_field, _ = column.name.partition(".")
        if not is_field:
            yield column
        elif record not in records:
            records.add(record)
            yield WarehouseColumn(record, "record")


class Warehouse:
    """A parsed dbt project and its connection. Use it as a context manager: a DuckDB file stays locked until it is closed."""

    def __init__(self, target: Target, manifest: Any, read_only: bool) -> None:
        self.target = target
        self.manifest = manifest
        self._adapter: Any = None
        self._read_only = read_only
        self._came_from: Path | None = None
        """The folder to go back to."""

    @classmethod
    def open(cls, target: Target, *, variables: str = "", write: bool = False) -> Warehouse:
        """Parse the dbt project and make its connection ready.

        Without `write` nothing is left in the project's folders and a DuckDB file is opened for reading only. `variables` is
        a YAML mapping as for dbt's --vars. Raises UserError if dbt cannot parse the project, or with `write` cannot
        name a model of segwh.
        """
        require_adapter(target)
        # dbt remembers what it parsed in a file of its own; manifest.json is written by the build that follows
        arguments = ["parse", *where(target, variables), "--no-write-json"]
        came_from = Path.cwd() if target.is_above else None
        if came_from is not None:
            # A profile may name a file (of DuckDB, a key) from where dbt is run: from another folder it would be another file.
            os.chdir(target.project_dir)
        try:
            manifest = invoke(arguments if write else [*arguments, *_traceless(target)])
        except BaseException as error:
            if came_from is not None:
                os.chdir(came_from)
            if isinstance(error, UserError):
                raise told_of_the_catalog(error, target.project_dir) from error.__cause__
            raise
        warehouse = cls(target, manifest, read_only=not write)
        warehouse._came_from = came_from
        try:
            if write:
                for node in warehouse._readable():
                    if node.resource_type == "model" and "segwh" in node.tags:
                        warehouse._relation_of(node)
        except BaseException:
            warehouse.__exit__(None, None, None)
            raise
        return warehouse

    @property
    def dialect(self) -> str:
        """The SQL dialect that the warehouse speaks."""
        return self.target.dialect

    def relation_name(self, relation: Relation) -> str:
        """The full, quoted name of a relation of the catalog. Raises UserError if the dbt project does not know it, or cannot
        write its name.
        """
        return str(self._relation_of(self._node(relation)))

    @property
    def reads_as_runs(self) -> bool:
        """Whether the project has been compiled, so that its macros say what runs read."""
        return any(each.name == READABLE_MACRO for each in self.manifest.macros.values())

    @property
    def knows_types(self) -> bool:
        """Whether types of columns are told as PostgreSQL knows them, of which dbt's way tells little."""
        return self.dialect == "postgres" and self.reads_as_runs

    def read_from(self, reading: Reading) -> str:
        """What a statement reads a relation of the catalog from: the query that runs read, or its name where the project was
        never compiled. Raises UserError.

        Rows that double a lookup's key stay: a run holds back what reads them, and statements read nothing else.
        """
        found = self._relation_of(self._node(reading.relation))
        if not self.reads_as_runs:
            return str(found)
        compared = [[name, self._relation_of(self._node(place)), *rest] for name, place, *rest in reading.compared]
        given = {
            "relation": found, "checks": reading.checks, "columns": dict(reading.columns), "keys": {},
            "instants": list(reading.instants), "added": list(reading.added), "compared": compared,
            "loose": list(reading.loose),
        }  # fmt: skip
        return str(self._macro(READABLE_MACRO, given))

    def model_name(self, model: str) -> str:
        """The full, quoted name of a model of the project. Raises UserError if there is none."""
        return self.relation_name(Relation("ref", (model,)))

    def quoted(self, name: str) -> str:
        """A column's name as SQL has it, whatever is in it."""
        mark = str(self._ready().quote(""))[0]
        return str(self._ready().quote(name.replace(mark, mark * 2)))

    def exists(self, model: str) -> bool:
        """Whether the project has a model of that name and it has been built. Raises UserError without a connection."""
        if not any(node.name == model for node in self._readable()):
            return False
        try:
            self.columns(self.model_name(model))
        except UserError as error:
            if is_unbuilt(str(error.__cause__)):
                return False
            raise
        return True

    def models_tagged(self, tag: str, *, tables_only: bool = False) -> tuple[str, ...]:
        """The names of the project's models that carry a tag, sorted; with `tables_only` no views."""
        nodes = (node for node in self._readable() if node.resource_type == "model" and tag in node.tags)
        return tuple(sorted(node.name for node in nodes if not (tables_only and "view" in node.config.materialized)))

    def place_of(self, model: str) -> str:
        """Where a model is built: `database.schema`, and the file of a DuckDB. Raises UserError if there is no such model."""
        node = self._node(Relation("ref", (model,)))
        schema = ".".join(part for part in (node.database, node.schema) if part)
        path = getattr(self._ready().config.credentials, "path", "")
        return f"{schema} ({path})" if self.target.adapter == "duckdb" and path else schema

    def schema_of(self, model: str) -> str:
        """The schema in which a model is built. Raises UserError if there is no such model."""
        return str(self._node(Relation("ref", (model,))).schema)

    def require_file(self) -> None:
        """Raises UserError if the file of a DuckDB is not there: a connection that writes would make an empty one."""
        path = getattr(self._ready().config.credentials, "path", ":memory:") if self.target.adapter == "duckdb" else ":memory:"
        if not re.match(r":memory:|\w{2,}:", path) and not Path(path).exists():  # others are addresses, of MotherDuck, say
            raise no_file(path)

    def query(self, sql: str) -> tuple[Row, ...]:
        """The rows of a query. Raises UserError with the warehouse's complaint in plain words."""
        with self._connection() as adapter:
            _, table = adapter.execute(sql, fetch=True)
            names = [name.lower() for name in table.column_names]
            return tuple(dict(zip(names, row, strict=True)) for row in table.rows)

    def execute(self, statements: Sequence[str]) -> None:
        """Write in one transaction: all of the statements or, where one fails, none. Raises UserError.

        Where the engine has no transactions they are done one by one, in their order.
        """
        with self._connection() as adapter:
            adapter.connections.begin()
            try:
                for statement in statements:
                    adapter.execute(statement, auto_begin=False, fetch=False)
                adapter.connections.commit()
            except BaseException:
                adapter.connections.rollback_if_open()
                raise

    def beside(self, relation: Relation) -> tuple[str, ...]:
        """The names of what is there in the schema of a relation; nothing where it cannot be asked."""
        node = self._node(relation)
        try:
            with self._connection() as adapter:
                found = adapter.list_relations(node.database, node.schema)
        except Exception:  # it only helps a message, whatever a driver raises
            return ()
        return tuple(sorted(str(one.identifier) for one in found if one.identifier))

    def columns(self, relation_name: str) -> tuple[WarehouseColumn, ...]:
        """The columns of a relation in their order. Raises UserError if it does not exist."""
        nothing = f"select * from {relation_name} where 1 = 0"
        if self.dialect == "duckdb":
            # dbt would give the fields of a structure, as if they were columns, in place of the column
            return tuple(WarehouseColumn(row["column_name"], row["column_type"]) for row in self.query(f"describe {nothing}"))
        with self._connection() as adapter:
            found = [WarehouseColumn(column.name, column.dtype) for column in adapter.get_column_schema_from_query(nothing)]
        if self.knows_types:  # asked once it is known that the relation is there and may be read
            types = self._macro("segwh__columns", {"relation": _Named(relation_name)})
            return tuple(WarehouseColumn(*types[one.name.lower()]) if one.name.lower() in types else one for one in found)
        return tuple(with_whole_records(found)) if self.dialect == "bigquery" else tuple(found)

    def close(self) -> None:
        """Give up the connection and every lock that comes with it."""
        if self._adapter is not None:
            self._adapter.cleanup_connections()
        _close_duckdb()
        self._adapter = None

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
        if self._came_from is not None:
            os.chdir(self._came_from)

    def _readable(self) -> Iterator[Any]:
        return (node for node in self.manifest.nodes.values() if node.resource_type in READABLE)

    def _node(self, relation: Relation) -> Any:
        from dbt.contracts.graph.manifest import Disabled

        project = self.target.project
        if relation.kind == "ref":
            package = relation.parts[0] if len(relation.parts) == 2 else None
            found = self.manifest.resolve_ref(None, relation.parts[-1], package, None, project, project)
            names = [node.name for node in self._readable()]
        else:
            found = self.manifest.resolve_source(*relation.parts, project, project)
            names = [source.name for source in self.manifest.sources.values()]
        if isinstance(found, Disabled):
            raise UserError(f"{relation} is disabled in the dbt project")
        if found is None:
            raise UserError(
                f"the dbt project has no {relation}{meant(relation.parts[-1], names)}",
                "correct the catalog, or add the model, seed or source",
            )
        if getattr(found.config, "materialized", "") == "ephemeral":
            raise UserError(f"{relation} is ephemeral: there is no relation to read", "materialize it as a view or a table")
        return found

    def _relation_of(self, node: Any) -> Any:
        """Raises UserError for a name that dbt cannot write: it puts marks around it and leaves those within as they are."""
        adapter = self._ready()
        relation, mark = adapter.Relation.create_from(adapter.config, node), str(adapter.quote(""))[0]
        for what, name in (("database", relation.database), ("schema", relation.schema), ("name", relation.identifier)):
            if mark in str(name or ""):
                raise UserError(
                    f"the {what} of {node.name} is `{name}`, and dbt writes no name with a {mark} in it",
                    "name it otherwise: `schema` of the target in profiles.yml, and of sources and models in their own files",
                )
        return relation

    def _macro(self, name: str, given: Mapping[str, Any]) -> Any:
        """What a macro of the project gives. It asks through the adapter that dbt has by now: another one after a build."""
        from dbt.adapters.factory import get_adapter_by_type

        self._ready()
        with self._connection(get_adapter_by_type(self.target.adapter)) as adapter:
            return adapter.execute_macro(name, macro_resolver=self.manifest, kwargs=dict(given))

    def _ready(self) -> Any:
        if self._adapter is None:
            from dbt.adapters.factory import get_adapter_by_type

            self._adapter = get_adapter_by_type(self.target.adapter)
            if self._read_only:
                _read_only(self._adapter.config.credentials)
        return self._adapter

    @contextmanager
    def _connection(self, adapter: Any = None) -> Iterator[Any]:
        adapter = self._ready() if adapter is None else adapter
        try:
            with adapter.connection_named("segwh"):
                yield adapter
        except UserError:
            raise
        except Exception as error:
            if is_fault_of_the_sql(str(error)):
                raise
            raise explain(str(error)) from error


def invoke(
    arguments: Sequence[str], *, manifest: Any = None, callbacks: Sequence[Callable[[Any], None]] = (), failures: bool = False
) -> Any:
    """Run one dbt command silently inside this process and give its result.

    With `failures` a result that dbt calls unsuccessful is given too. Raises UserError if dbt could not do the command.
    """
    from dbt.cli.main import dbtRunner

    # dbt speaks through callbacks here: nothing of its own goes to the terminal, and nothing to its telemetry.
    quiet = ["--quiet", "--log-level", "none", "--no-send-anonymous-usage-stats"]
    with warnings.catch_warnings(), _silent_logging():
        warnings.simplefilter("ignore")
        result = dbtRunner(manifest=manifest, callbacks=list(callbacks)).invoke([*arguments, *quiet])
    if isinstance(result.exception, KeyboardInterrupt | SystemExit):
        raise KeyboardInterrupt
    if isinstance(result.exception, OSError):
        raise UserError(f"dbt cannot write: {result.exception}", how_to_write(result.exception)) from result.exception
    if result.exception is not None:
        raise explain(str(result.exception)) from result.exception
    if not result.success and not (failures and result.result is not None):
        raise UserError(f"dbt {arguments[0]} failed without a reason", f"run `dbt {arguments[0]}` to see its own output")
    return result.result


def where(target: Target, variables: str) -> list[str]:
    """The options of dbt for a target; `variables` is a YAML mapping as for --vars, or empty."""
    options = ["--project-dir", str(target.project_dir), "--profiles-dir", str(target.profiles_dir)]
    options += ["--profile", target.profile, "--target", target.name]
    return [*options, "--vars", variables] if variables else options


def _traceless(target: Target) -> list[str]:
    """Options that keep dbt from writing into the project: what it parsed is remembered in the user's cache folder instead."""
    folder = str(_cache_folder(target))
    return ["--target-path", folder, "--log-path", folder, "--log-level-file", "none"]


def _cache_folder(target: Target) -> Path:
    """A folder of its own for each project and target; one that lasts for this command if there can be no lasting one."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "segwh"
    identity = "\0".join((str(target.project_dir), str(target.profiles_dir), target.profile, target.name))
    folder = cache / hashlib.sha256(identity.encode()).hexdigest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            return folder
    except OSError:
        pass
    scratch = Path(tempfile.mkdtemp(prefix="segwh-"))
    atexit.register(shutil.rmtree, scratch, ignore_errors=True)
    return scratch


@contextmanager
def _silent_logging() -> Iterator[None]:
    """Keep the log lines of dbt's libraries (drivers, HTTP clients) off the terminal."""
    before = logging.lastResort
    logging.lastResort = None
    try:
        yield
    finally:
        logging.lastResort = before


def _read_only(credentials: Any) -> None:
    """Have a DuckDB file opened for reading only: others may read it too, and a missing one is not created."""
    if getattr(credentials, "type", "") != "duckdb" or credentials.is_motherduck or credentials.path == ":memory:":
        return
    credentials.config_options = {**(credentials.config_options or {}), "access_mode": "READ_ONLY"}


def _close_duckdb() -> None:
    connections = sys.modules.get("dbt.adapters.duckdb.connections")
    if connections is not None:
        # dbt-duckdb keeps the file open for the life of the process, and DuckDB lets no other process write meanwhile.
        environment = connections.DuckDBConnectionManager._ENV
        if environment is not None:
            environment.close()
        connections.DuckDBConnectionManager.close_all_connections()
