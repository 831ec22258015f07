"""A bound project in, the files of its dbt models, properties and macros out; nothing is written here."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain

from sqlglot import exp

from segwh import ir
from segwh.dbt import digests
from segwh.dbt.chunks import in_chunks
from segwh.dbt.files import model_text
from segwh.dbt.lists import list_models, without_long_lists
from segwh.dbt.model import Model
from segwh.dbt.models import models
from segwh.dbt.pieces import Pieces
from segwh.dbt.placed import Project
from segwh.dbt.run_time_macros import run_time_macros
from segwh.dbt.schema_yml import schema_text
from segwh.dbt.tested import by_entity, tested_models
from segwh.errors import UserError
from segwh.plan import build
from segwh.plan.dependencies import dependencies, watched
from segwh.plan.sources import sources_of_segments
from segwh.sql.dialects import DIALECTS, SqlDialect

LARGE = 1_000_000
"""Characters of a model's text from which on its tree takes so much memory that it is to be given back at once."""


def compiled_files(
    project: ir.Project,
    rule_hashes: Mapping[str, str],
    dialect: str,
    tested: Iterable[str] = (),
    pieces: Pieces | None = None,
) -> dict[str, str]:
    """Path (relative to the dbt project, forward slashes) -> text.

    `dialect` is a name such as "duckdb"; `tested` are the segments that dbt's unit tests look at; `pieces` of the same dialect
    hold what is known of unchanged segments, and make no difference to the texts. Raises KeyError for an unknown dialect, and
    UserError for a model that is larger than its engine takes, in chunks too.
    """
    short, long_lists = without_long_lists(project)
    depends_on = dependencies(project)
    whole = Project(
        bound=short,
        plan=build(short, rule_hashes),
        rule_hashes=rule_hashes,
        sources=sources_of_segments(project),
        dependencies=depends_on,
        watches=watched(project, depends_on),
        dialect=DIALECTS[dialect],
        tested=by_entity(project, tested),
        pieces=pieces or Pieces(project, DIALECTS[dialect]),
    )
    # Unit tests give rows for every relation that is read, and know nothing of ours: there lists stay literals.
    all_models = chain(list_models(long_lists, whole.dialect), models(whole), tested_models(replace(whole, bound=project)))
    made = (chunk for model in all_models for chunk in in_chunks(model, whole.dialect))
    folder = project.settings.models_path.rstrip("/")
    files: dict[str, str] = {}
    found: list[Model] = []
    for model in made:
        path = "/".join(part for part in (folder, model.folder, f"{model.name}.sql") if part)
        files[path] = model_text(model, project.settings, whole.dialect)
        _require_fits(model, files[path], whole.dialect)
        found.append(replace(model, query=_columns_alone(model.query)))
        if len(files[path]) > LARGE:
            # A tree refers to itself, so it would stay until the collector comes by, which is held back while compiling.
            del model
            gc.collect()
    files[f"{folder}/segwh.yml"] = schema_text(tuple(found), whole)
    macros = {**run_time_macros(), digests.NAME: digests.digests_macro(files, dialect)}
    files |= {f"{project.settings.macros_path.rstrip('/')}/{name}": text for name, text in macros.items()}
    return files


def _require_fits(model: Model, text: str, dialect: SqlDialect) -> None:
    limits, engine = dialect.limits, dialect.title or dialect.name
    size, columns = len(text.encode()), len(model.query.named_selects)
    hint = "write fewer different conditions over one entity, or declare a second entity over its relation for some of them"
    if limits.statement is not None and size > limits.statement:
        message = f"the model {model.name} would be a statement of {size:,} bytes, and {engine} takes {limits.statement:,}"
        raise UserError(message, hint)
    if limits.columns is not None and columns > limits.columns:
        message = f"the model {model.name} would have {columns:,} columns, and {engine} takes {limits.columns:,}"
        raise UserError(message, hint)


def _columns_alone(query: exp.Query) -> exp.Query:
    """A query of the same columns and nothing else."""
    return exp.select(*(exp.column(exp.to_identifier(name, quoted=True)) for name in query.named_selects), copy=False)
