"""What every dbt process works out anew and finds to be the same: processes forked after this was imported have it."""

from __future__ import annotations

import gc
import hashlib
import marshal
import os
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any

import click  # noqa: F401
import dbt.cli.main
import dbt.include
import rich.console  # noqa: F401
import sqlglot  # noqa: F401
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.impl import DuckDBAdapter  # noqa: F401
from dbt.adapters.postgres.impl import PostgresAdapter  # noqa: F401
from dbt.artifacts.resources import ModelConfig, SourceConfig, TestConfig
from dbt.clients.jinja_static import statically_extract_macro_calls
from dbt.contracts.graph.manifest import Manifest
from dbt.contracts.graph.nodes import GenericTestNode, ModelNode
from dbt.contracts.graph.unparsed import UnparsedModelUpdate, UnparsedSourceDefinition
from dbt.contracts.project import Configuration, PackageConfig, Project, ProjectFlags
from dbt_common.clients.jinja import extract_toplevel_blocks, parse
from dbt_common.tests import enable_test_caching
from jinja2 import Environment

CHECKED = (
    Configuration, DuckDBCredentials, GenericTestNode, ModelConfig, ModelNode, PackageConfig, Project, ProjectFlags,
    SourceConfig, TestConfig, UnparsedModelUpdate, UnparsedSourceDefinition,
)  # fmt: skip
"""What dbt makes a JSON schema of before it looks at one."""
TEMPLATES = Path(os.environ["SEGWH_TEST_TEMPLATES"])
"""The folder for the code that Jinja made of texts, one file for each text."""

_compile = Environment.compile


def compile_once(self: Environment, source: Any, *more: Any, **named: Any) -> Any:
    """Jinja's `compile`, which makes the same code of a text whoever asks."""
    if not isinstance(source, str) or more or named:
        return _compile(self, source, *more, **named)
    kept = TEMPLATES / hashlib.sha256(f"{type(self)}\0{source}".encode()).hexdigest()
    if kept.exists():
        return marshal.loads(kept.read_bytes())
    code: CodeType = _compile(self, source)
    new = kept.with_suffix(f".{os.getpid()}")
    new.write_bytes(marshal.dumps(code))
    new.replace(kept)
    return code


def macros_of_dbt() -> Iterator[str]:
    """The texts of the macros that dbt and its adapters bring along, cut as dbt cuts them."""
    for folder in dbt.include.__path__:
        for file in Path(folder).rglob("*.sql"):
            kinds = {"macro", "materialization", "test", "data_test"}
            for block in extract_toplevel_blocks(file.read_text("utf-8"), allowed_blocks=kinds, collect_raw_data=False):
                yield block.full_block


enable_test_caching()  # dbt's own: a text is parsed once
for text in macros_of_dbt():
    parse(text)
    statically_extract_macro_calls(text, {})
for each in CHECKED:
    each.json_schema()
Manifest.from_msgpack(Manifest().to_msgpack())
Environment.compile = compile_once  # type: ignore[method-assign]
gc.freeze()  # what is here stays: looking through it again would only copy it into every process
