"""The init command: look at the dbt project, propose a catalog, check that it is valid, write the files."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from segwh.commands.workspace import known_dialect
from segwh.errors import UserError, how_to_write
from segwh.init import text
from segwh.init.inspect import tables
from segwh.init.propose import ProposedEntity, Table, propose
from segwh.project import load_project
from segwh.rules.json_schema import json_schema
from segwh.text.diagnostics import Complaints
from segwh.text.files import yaml_files
from segwh.warehouse.connection import Warehouse
from segwh.warehouse.target import Target, find_target

SETTINGS_FILE = "segwh.yml"
CATALOG_FILE = "segments/catalog.yml"
EXAMPLE_FILE = "segments/example.yml"
SCHEMA_FILE = f"segments/{text.SCHEMA_FILE}"


@dataclass(frozen=True, slots=True)
class InitOptions:
    """What the command line says; the folders and target as dbt's options of those names."""

    project_dir: str | None = None
    profiles_dir: str | None = None
    target: str | None = None
    force: bool = False
    dialect: str | None = None
    """The SQL dialect in place of that of the target's adapter."""


@dataclass(frozen=True, slots=True)
class InitReport:
    """What init found and wrote; files relative to the project."""

    target: Target
    tables: int
    entities: tuple[ProposedEntity, ...]
    written: tuple[str, ...]
    kept: tuple[str, ...]
    """Files that were there already and were left as they are."""
    replaced: Mapping[str, str]
    """Written files that were there already, and where what they held is kept."""
    example: str | None
    """The name of the example segment, if one was written."""
    entities_in: str | None
    """The file of rules that declares entities already, where no catalog was written for that."""


def init(options: InitOptions) -> InitReport:
    """Set a dbt project up for rules. Raises UserError if there is no dbt project or it cannot be read or written."""
    dialect = None if options.dialect is None else known_dialect(options.dialect)
    target = find_target(options.project_dir, options.profiles_dir, options.target, dialect)
    with Warehouse.open(target) as warehouse:
        found = tables(warehouse)
    entities = propose(found)
    files = _files(entities, found)
    kept = (
        () if options.force else tuple(name for name in files if (target.project_dir / name).exists() and name != SCHEMA_FILE)
    )
    # The example speaks of the proposed catalog: beside rules that are there already it would only be wrong.
    if not options.force and _has_rules(target.project_dir):
        files.pop(EXAMPLE_FILE, None)
    _check(files, target)
    # A second catalog would declare the entities of the first once more, and no rule could be read.
    there = None if (target.project_dir / CATALOG_FILE).exists() else _file_with_entities(target.project_dir)
    if there is not None:
        files = {name: content for name, content in files.items() if name not in (CATALOG_FILE, EXAMPLE_FILE)}
    to_write = {name: content for name, content in files.items() if name not in kept}
    replaced = _put_aside(target.project_dir, {name: text for name, text in to_write.items() if name != SCHEMA_FILE})
    _write(target.project_dir, to_write)
    return InitReport(
        target=target,
        tables=len(found),
        entities=entities,
        written=tuple(to_write),
        kept=tuple(name for name in kept if name in files),
        replaced=replaced,
        example=text.example_name(entities[0]) if entities and EXAMPLE_FILE in to_write else None,
        entities_in=there,
    )


def _files(entities: Sequence[ProposedEntity], found: Sequence[Table]) -> dict[str, str]:
    files = {SETTINGS_FILE: text.SETTINGS, SCHEMA_FILE: json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"}
    if not entities:
        return {**files, CATALOG_FILE: text.skeleton(found)}
    used = {table.relation for entity in entities for table in _tables_of(entity)}
    things = [table for table in found if table.relation not in used]
    return {**files, CATALOG_FILE: text.catalog(entities, things), EXAMPLE_FILE: text.example(entities[0])}


def _tables_of(entity: ProposedEntity) -> list[Table]:
    looked_up = [lookup.table for rows in entity.rows for lookup in rows.lookups]
    return [entity.table, *(rows.table for rows in entity.rows), *looked_up]


def _has_rules(project_dir: Path) -> bool:
    return bool(yaml_files(project_dir, "segments", Complaints()).rules)


def _file_with_entities(project_dir: Path) -> str | None:
    for path in yaml_files(project_dir, "segments", Complaints()).rules:
        if re.search("^entities *:", path.read_text(encoding="utf-8-sig", errors="replace"), re.MULTILINE):
            return path.relative_to(project_dir).as_posix()
    return None


def _check(files: Mapping[str, str], target: Target) -> None:
    """Read the proposed files as a project of their own: what init writes is valid before it is written."""
    folder = Path(tempfile.mkdtemp(prefix="segwh-init-"))
    try:
        _write(folder, files)
        loaded = load_project(folder, target.dialect)
        if loaded.project is None:
            raise ValueError(f"the proposed catalog is not valid:\n{loaded.text}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _put_aside(folder: Path, files: Mapping[str, str]) -> dict[str, str]:
    """Copy each file that would hold something else afterwards: its name -> that of the copy, for which no file gives way."""
    aside: dict[str, str] = {}
    try:
        for name, content in files.items():
            there = folder / name
            if there.exists() and there.read_bytes() != content.encode():
                names = (f"{name}.bak{number}" for number in itertools.chain([""], itertools.count(2)))
                aside[name] = next(free for free in names if not os.path.lexists(folder / free))
                shutil.copy2(there, folder / aside[name])
    except OSError as error:
        raise UserError(f"{error.filename or folder} cannot be kept: {error.strerror}", "nothing was overwritten") from None
    return aside


def _write(folder: Path, files: Mapping[str, str]) -> None:
    try:
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{error.filename or folder} cannot be written: {error.strerror}", how_to_write(error)) from None
