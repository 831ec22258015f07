"""What every dbt process works out anew and finds to be the same: processes forked after this was imported have it."""

from __future__ import annotations

import gc
import inspect
import pkgutil
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import dbt.adapters.duckdb.environments.local
import dbt.cli.main
import dbt.include
import dbt.parser.sql
import rich.progress  # noqa: F401
import sqlglot.dialects
from dbt.adapters.contracts.connection import AdapterResponse, QueryComment
from dbt.adapters.contracts.relation import Path as RelationPath
from dbt.adapters.contracts.relation import Policy
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.impl import DuckDBAdapter  # noqa: F401
from dbt.adapters.duckdb.relation import DuckDBRelation
from dbt.adapters.postgres.impl import PostgresAdapter  # noqa: F401
from dbt.artifacts import resources
from dbt.artifacts.resources import ModelConfig, SourceConfig, TestConfig
from dbt.artifacts.resources.v1.config import ContractConfig
from dbt.artifacts.schemas.manifest import WritableManifest
from dbt.artifacts.schemas.results import TimingInfo
from dbt.artifacts.schemas.run import RunResultOutput, RunResultsArtifact
from dbt.clients.jinja_static import statically_extract_macro_calls
from dbt.contracts.files import FilePath, SchemaSourceFile, SourceFile
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import Documentation, GenericTestNode, Macro, ModelNode, SourceDefinition
from dbt.contracts.graph.unparsed import UnparsedModelUpdate, UnparsedSourceDefinition
from dbt.contracts.project import Configuration, PackageConfig, Project, ProjectFlags
from dbt.contracts.selection import SelectorFile
from dbt.parser.manifest import ManifestLoaderInfo
from dbt.task import build  # noqa: F401
from dbt_common.clients.jinja import extract_toplevel_blocks, parse
from dbt_common.tests import enable_test_caching

import segwh
from tests.engines import templates

CHECKED = (
    Configuration, DuckDBCredentials, GenericTestNode, ModelConfig, ModelNode, PackageConfig, Project, ProjectFlags,
    SourceConfig, TestConfig, UnparsedModelUpdate, UnparsedSourceDefinition,
)  # fmt: skip
"""What dbt makes a JSON schema of before it looks at one."""
READ_OR_WRITTEN = (
    AdapterResponse, ContractConfig, Documentation, DuckDBCredentials, DuckDBRelation, FilePath, GenericTestNode, Macro,
    ManifestLoaderInfo, ModelConfig, ModelNode, PackageConfig, Policy, Project, ProjectFlags, QueryComment, RelationPath,
    RunResultOutput, RunResultsArtifact, SchemaSourceFile, SelectorFile, SourceConfig, SourceDefinition, SourceFile,
    TestConfig, TimingInfo, WritableManifest, resources.ColumnConfig, resources.ColumnInfo, resources.Contract,
    resources.DependsOn, resources.Docs, resources.Documentation, resources.ExternalTable, resources.FileHash,
    resources.FreshnessThreshold, resources.GenericTest, resources.Hook, resources.Macro, resources.MacroArgument,
    resources.MacroConfig, resources.MacroDependsOn, resources.Model, resources.Quoting, resources.RefArgs,
    resources.SourceDefinition, resources.TestMetadata, resources.Time,
)  # fmt: skip
"""What dbt writes the code for reading and writing of when it first reads or writes one."""


def macros_of_dbt() -> Iterator[str]:
    """The texts of the macros that dbt and its adapters bring along, cut as dbt cuts them."""
    for folder in dbt.include.__path__:
        for file in Path(folder).rglob("*.sql"):
            kinds = {"macro", "materialization", "test", "data_test"}
            for block in extract_toplevel_blocks(file.read_text("utf-8"), allowed_blocks=kinds, collect_raw_data=False):
                yield block.full_block


def import_all_of_segwh() -> None:
    for module in pkgutil.walk_packages(segwh.__path__, "segwh."):
        if module.name != "segwh.__main__":
            import_module(module.name)


def read_and_write(kind: Any) -> None:
    """Make dbt write that code; what it is tried on has no fields, so it fails as soon as it is there."""
    for attempt in (
        lambda: kind.from_dict({}),
        lambda: kind.from_msgpack(b"\x80"),
        lambda: object.__new__(kind).to_dict(),
        lambda: object.__new__(kind).to_msgpack(),
    ):
        with suppress(Exception):
            attempt()


import_all_of_segwh()
for name in ("duckdb", "postgres"):
    sqlglot.Dialect.get_or_raise(name)
enable_test_caching()  # dbt's own: a text is parsed once
for text in macros_of_dbt():
    parse(text)
    statically_extract_macro_calls(text, {})
for each in CHECKED:
    each.json_schema()
for each in READ_OR_WRITTEN:
    read_and_write(each)
Manifest.from_msgpack(Manifest().to_msgpack())
inspect.stack()  # an adapter's flags ask who made them; to tell, Python reads where every module lies, once
templates.are_kept()
gc.set_threshold(20_000, 20, 20)  # most of what dbt reads lasts as long as its process
gc.freeze()  # what is here stays: looking through it again would only copy it into every process
