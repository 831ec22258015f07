"""A whole compiled project run on an in-memory DuckDB without dbt: its files rendered by Jinja and run in dbt's order.

What dbt gives the models is given here in the same way (ref, this, is_incremental, var, graph, run_query, the packaged
macros), so the text that is tested is the text that users run. A step of a history takes a fraction of a second.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache, lru_cache, partial
from graphlib import TopologicalSorter
from pathlib import PurePosixPath
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
import pytz

from segwh import ir
from segwh.dbt import digests
from segwh.dbt.compile import compiled_files
from segwh.dbt.run_time_macros import run_time_macros
from segwh.project import load_texts
from segwh.resolve.rule_hash import RuleHashes
from tests.cases.duck import Duck
from tests.cases.tables import Table
from tests.macro_calls import CompilerError, called, complain, returned

SETTINGS = "version: 1\n"
CLOCK = datetime(2030, 1, 1, tzinfo=UTC)
"""When the first run starts, by the clock on the wall; each further one a minute later."""
MACRO = re.compile(r"\{%-?\s*macro\s+(\w+)\s*\((.*?)\{%-?\s*endmacro\s*-?%\}", re.DOTALL)
DIGEST = re.compile(r"^ +'(\w+)': '(\w+)',$", re.MULTILINE)


@dataclass(frozen=True)
class Relation:
    """A table or view; here all are in one schema."""

    identifier: str
    schema = "main"
    database = None
    is_view = False
    """Nobody puts a view here in place of a table; macros ask for it only of tables."""
    is_cte = False
    """No model here is ephemeral."""
    is_empty: bool = False
    """What --empty makes of a relation that is read."""

    def __str__(self) -> str:
        return f"(select * from {self.identifier} where false limit 0)" if self.is_empty else self.identifier

    def render(self) -> str:
        return self.identifier

    def replace(self, require_alias: bool) -> Relation:
        return self

    def incorporate(self, path: Mapping[str, str] | None = None, type: str = "table") -> Relation:
        return Relation(path["identifier"]) if path else self


@dataclass(frozen=True)
class Compiled:
    """A project's models in the order in which dbt runs them: name -> text."""

    project: ir.Project
    hashes: Mapping[str, str]
    models: Mapping[str, str]
    digests: Mapping[str, str]
    """What the compiled macro says of the models."""


@cache
def compiled(rules: str, settings: str = SETTINGS, dialect: str = "duckdb") -> Compiled:
    """Compile a project of one rule file. Raises ValueError with the diagnostics of a wrong one."""
    loaded = load_texts({"segments/rules.yml": rules}, settings, dialect)
    if loaded.project is None:
        raise ValueError(loaded.text)
    project = loaded.project
    rule_hashes = RuleHashes(project)
    hashes = {segment.name: rule_hashes.of(segment) for segment in project.segments}
    files = compiled_files(project, hashes, dialect)
    models_path = project.settings.models_path
    texts = {
        PurePosixPath(path).stem: text for path, text in files.items() if path.startswith(models_path) and path.endswith(".sql")
    }
    needs = {name: {other for other in re.findall(r"ref\('(\w+)'\)", text) if other in texts} for name, text in texts.items()}
    order = tuple(TopologicalSorter({name: sorted(needs[name]) for name in sorted(texts)}).static_order())
    told = files[f"{project.settings.macros_path}/{digests.NAME}"]
    return Compiled(project, hashes, {name: texts[name] for name in order}, dict(DIGEST.findall(told)))


ENVIRONMENT = jinja2.Environment(undefined=jinja2.StrictUndefined, extensions=["jinja2.ext.do"])


@lru_cache(maxsize=5000)
def template(text: str) -> jinja2.Template:
    """A model's or macro's text, ready to be rendered in any run of any runner."""
    return ENVIRONMENT.from_string(text)


@cache
def macros() -> Mapping[str, jinja2.Template]:
    """The macros that come along with the models, by name."""
    return {
        name: template(text.replace(name, f"{name}_", 1))
        for file in run_time_macros().values()
        for name, text in ((found[1], found[0]) for found in MACRO.finditer(file))
    }


@dataclass
class Call:
    """How one run is called; each field as the option of `segwh run` or dbt of that name."""

    as_of: datetime
    accept: Sequence[str] = ()
    remove: Sequence[str] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)
    """Variables that dbt says it was called with, and nothing reads."""
    select: Callable[[str], bool] = lambda name: True
    empty: bool = False
    sample: bool = False
    full_refresh: bool = False
    stop_after: str | None = None
    """The model after which the run dies."""


class Runner:
    """A warehouse. `run` does what one `segwh run` does."""

    def __init__(self, path: str = ":memory:") -> None:
        self.connection = duckdb.connect(path)
        # Plans of large statements over a few rows: most of a run's time went into making them better, which takes a quarter of
        # all time here and gives none back. What is tested here is what the statements say; that DuckDB's optimizers leave it
        # as it is, too, everybody else tests: the stories, the properties, and whatever runs through dbt. Benchmarks have
        # rows by the million, and those in a file.
        self.connection.execute("set timezone = 'UTC'; set threads = 1")
        if path == ":memory:":
            self.connection.execute("pragma disable_optimizer")
        self.runs = 0
        self.told: list[str] = []
        """What macros wanted to be read in the log of the newest run."""
        self.views: dict[str, str] = {}
        self.find_relations()

    def find_relations(self) -> None:
        """See which tables there are; needed again where others than this runner made some."""
        self.known = {name for (name,) in self.rows("select table_name from information_schema.tables")}

    def copy(self) -> Runner:
        """A warehouse with the same tables, views and past: for tests that begin alike, a tenth of what the runs took."""
        made = Runner()
        with TemporaryDirectory() as folder:
            self.connection.execute(f"attach '{folder}/saved' as saved; copy from database memory to saved; detach saved")
            made.connection.execute(f"attach '{folder}/saved' as saved; copy from database saved to memory; detach saved")
        made.runs, made.views = self.runs, dict(self.views)
        made.find_relations()
        return made

    def now(self, seconds: int = 0) -> datetime:
        """The time so many seconds after the newest run started, by the clock on the wall."""
        return CLOCK + timedelta(minutes=self.runs, seconds=seconds)

    # --- a run ---

    def run(self, project: Compiled, call: Call, *, raises: bool = False) -> bool:
        """Run the models. Returns whether the run ended well: False where segments were held back or it died.

        With `raises` what a macro complains of is raised.
        """
        self.runs += 1
        self.told = []
        context = self._context(project, call)
        for name, text in project.models.items():
            if not call.select(name):
                continue
            try:
                self._build(name, text, context, call)
            except CompilerError:
                if raises:
                    raise
                return False
            if name == call.stop_after:
                return False
        return True

    def query(self, project: Compiled, name: str, call: Call) -> str:
        """What a model would select if it were built now, as part of the newest run."""
        text = project.models[name]
        own = {
            "this": Relation(name),
            "model": SimpleNamespace(name=name, package_name="shop", raw_code=text),
            "is_incremental": lambda: False,
            "config": lambda **given: "",
        }
        return self._rendered(text, self._with_macros({**self._context(project, call), **own}))

    def _build(self, name: str, text: str, shared: Mapping[str, Any], call: Call) -> None:
        config: dict[str, Any] = {}
        found = self.relation(name)

        def is_incremental() -> bool:
            forced = call.full_refresh and config.get("full_refresh") is not False
            return config["materialized"] == "incremental" and found is not None and not forced

        own = {
            "this": Relation(name),
            "model": SimpleNamespace(name=name, package_name="shop", raw_code=text),
            "is_incremental": is_incremental,
            "config": lambda **given: config.update(given) or "",
        }
        context = self._with_macros({**shared, **own})
        sql = self._rendered(text, context)
        with self._transaction():
            for hook in _hooks(config.get("pre_hook")):
                self._execute_hook(hook, context)
            self._materialize(name, sql, config, is_incremental(), context)
            for hook in _hooks(config.get("post_hook")):
                if hook.get("transaction", True):
                    self._execute_hook(hook, context)
        for hook in _hooks(config.get("post_hook")):
            if not hook.get("transaction", True):
                self._execute_hook(hook, context)

    def _materialize(
        self, name: str, sql: str, config: Mapping[str, Any], is_incremental: bool, context: Mapping[str, Any]
    ) -> None:
        match config["materialized"]:
            case "view":
                if self.views.get(name) != sql:
                    self.connection.execute(f"create or replace view {name} as {sql}")
                    self.views[name] = sql
            case "incremental" if is_incremental:
                self.connection.execute(f"create or replace temp table segwh_news as {sql}")
                keys = config.get("unique_key")
                if keys:
                    assert config["incremental_strategy"] == "delete+insert"
                    same = " and ".join(f"news.{key} = old.{key}" for key in keys)
                    self.connection.execute(
                        f"delete from {name} as old where exists (select 1 from segwh_news as news where {same})"
                    )
                if config.get("on_schema_change") == "append_new_columns":
                    there = {column for column, *_ in self.rows(f"describe {name}")}
                    for column, type, *_ in self.rows("describe segwh_news"):
                        if column not in there:
                            self.connection.execute(f"alter table {name} add column {column} {type}")
                self.connection.execute(f"insert into {name} by name select * from segwh_news")
            case "segwh_in_place":
                self.connection.execute(f"create or replace table {name}__new as {sql}")
                context["segwh__put_in_place"](Relation(name), Relation(f"{name}__new"), config["unique_key"])
            case "table" | "incremental":
                self.connection.execute(f"create or replace table {name} as {sql}")
            case other:
                raise NotImplementedError(other)
        self.known.add(name)

    def _execute_hook(self, hook: Mapping[str, Any], context: Mapping[str, Any]) -> None:
        sql = self._rendered(hook["sql"], context)
        if sql.strip():
            self.connection.execute(sql)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.connection.execute("begin")
        try:
            yield
        except BaseException:
            self.connection.execute("rollback")
            raise
        self.connection.execute("commit")

    # --- what dbt gives the models ---

    def relation(self, name: str) -> Relation | None:
        return Relation(name) if name in self.known else None

    def _context(self, project: Compiled, call: Call) -> dict[str, Any]:
        variables = {
            "segwh_as_of": call.as_of.astimezone(UTC).isoformat(),
            "segwh_accept": list(call.accept),
            "segwh_remove": list(call.remove),
            **call.variables,
        }

        def read(name: str) -> Relation:
            return Relation(name, is_empty=call.empty)

        nodes = {f"model.shop.{name}": _node(name, text) for name, text in project.models.items()}
        return {
            **ENVIRONMENT.globals,
            "execute": True,
            "return": returned,
            "modules": SimpleNamespace(datetime=_clock(self.now(30)), pytz=pytz, re=re),
            "flags": SimpleNamespace(EMPTY=call.empty, FULL_REFRESH=call.full_refresh, WHICH="run"),
            "local_md5": lambda text: hashlib.md5(text.encode()).hexdigest(),
            "log": self._log,
            "invocation_args_dict": {"sample": call.sample, "vars": {**variables, **call.given}},
            "invocation_id": f"run{self.runs:04}",
            "run_started_at": self.now(),
            "var": lambda name, default=None: variables.get(name, default),
            "ref": read,
            "source": lambda _, name: read(name),
            "graph": SimpleNamespace(nodes=nodes, sources={}),
            "segwh__digests": lambda: project.digests,
            "segwh__dialect": lambda: "duckdb",
            "api": SimpleNamespace(Relation=SimpleNamespace(create=lambda database, schema, identifier: Relation(identifier))),
            "adapter": _Adapter(self),
            "run_query": lambda sql: SimpleNamespace(rows=self.connection.execute(sql).fetchall()),
            "escape_single_quotes": lambda text: text.replace("'", "''"),
            "exceptions": SimpleNamespace(raise_compiler_error=complain, warn=self._log),
            "selected_resources": [node.unique_id for node in nodes.values() if call.select(node.name)],
            "type_string": lambda: "varchar",
            "target": SimpleNamespace(type="duckdb"),
        }

    def _log(self, message: str, info: bool = False) -> str:
        self.told.append(message)
        return ""

    def _with_macros(self, context: dict[str, Any]) -> dict[str, Any]:
        """The context and in it the macros, each of which sees it all."""
        made: dict[str, Callable[..., object]] = {}

        def call(name: str, /, *arguments: Any, **named: Any) -> object:
            if name not in made:
                # Shared: it reads the context as it is. To copy it for every macro takes longer than what most macros do.
                made[name] = getattr(macros()[name].make_module(context, shared=True), f"{name}_")
            return called(made[name], *arguments, **named)

        context.update((name, partial(call, name)) for name in macros())
        return context

    def _rendered(self, text: str, context: Mapping[str, Any]) -> str:
        return template(text).render(context)

    # --- what readers see ---

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql).fetchall()

    def columns(self, place: str) -> list[tuple[str, str]]:
        """Names and types of the columns of a relation, or of a query in brackets."""
        return [(name, dtype) for name, dtype, *_ in self.rows(f"describe select * from {place}")]

    def create(self, name: str, table: Table) -> None:
        """Make a table of a generated story anew."""
        Duck(self.connection).create(name, table)

    def fill(self, name: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]]) -> None:
        """Make a table of the shop anew."""
        self.connection.execute(
            f"create or replace table {name} ({', '.join(f'{column} {type}' for column, type in columns.items())})"
        )
        given = [list(row) for row in rows]
        if given:
            self.connection.executemany(f"insert into {name} values ({', '.join('?' for _ in columns)})", given)


@dataclass(frozen=True)
class _Adapter:
    runner: Runner

    def get_relation(self, database: str, schema: str, identifier: str) -> Relation | None:
        return self.runner.relation(identifier)

    def get_columns_in_relation(self, relation: Relation) -> list[SimpleNamespace]:
        # the information schema says the same, but describes all the tables there are before it is asked for one
        try:
            rows = self.runner.columns(relation.render())
        except duckdb.CatalogException:  # it is not there
            rows = []
        return [SimpleNamespace(name=name, dtype=dtype, data_type=dtype) for name, dtype in rows]

    def quote(self, name: str) -> str:
        return f'"{name}"'

    def commit(self) -> None:
        """The runner does."""


def _clock(at: datetime) -> SimpleNamespace:
    """The module of dates and times, by whose clock it is `at`."""

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Stopped:
            return cls.combine(at.date(), at.time(), at.tzinfo)

    return SimpleNamespace(datetime=Stopped, timedelta=timedelta)


def _node(name: str, text: str) -> SimpleNamespace:
    materialized = re.search(r"materialized='(\w+)'", text)
    config = {"materialized": materialized[1] if materialized else "view"}
    places = {"database": "d", "schema": "s", "alias": name, "package_name": "shop", "original_file_path": f"models/{name}.sql"}
    return SimpleNamespace(
        name=name, unique_id=f"model.shop.{name}", resource_type="model", config=config, raw_code=text.strip(), **places
    )


def _hooks(given: object) -> list[dict[str, Any]]:
    """A hook as dbt takes it: text, a mapping with `sql` and `transaction`, or a list of them."""
    match given:
        case None:
            return []
        case str():
            return [{"sql": given}]
        case dict():
            return [given]
        case list() | tuple():
            return [hook for one in given for hook in _hooks(one)]
        case _:
            raise TypeError(given)
