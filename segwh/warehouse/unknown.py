"""Relations of the catalog that the dbt project does not have: dbt complains of compiled models, and the catalog is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from segwh.errors import UserError, meant
from segwh.types import Relation

UNKNOWN = re.compile(
    r"Model 'model\.\w+\.segwh_\w+' \([^)]*\) depends on a (?P<kind>node|source) named '(?P<name>[^']+)'"
    r"(?: in package or project '(?P<package>[^']+)')? which (?P<why>was not found|is disabled)"
)
"""How dbt complains that a model of segwh reads what is not there."""
FOLDERS = {"model-paths": "models", "seed-paths": "seeds", "snapshot-paths": "snapshots"}
SUFFIXES = (".sql", ".csv", ".py")


def told_of_the_catalog(error: UserError, project_dir: Path) -> UserError:
    """The error as it is, or if dbt does not know a relation of the catalog, which one, with the nearest name that it knows."""
    found = UNKNOWN.search(error.message)
    if found is None:
        return error
    if found["kind"] == "source":
        relation = Relation("source", tuple(found["name"].split(".", 1)))
        near = meant(found["name"], _sources(project_dir))
    else:
        relation = Relation("ref", tuple(part for part in (found["package"], found["name"]) if part))
        near = meant(found["name"], _nodes(project_dir))
    if found["why"] == "is disabled":
        return UserError(f"{relation} is disabled in the dbt project, and segwh's models read it")
    return UserError(
        f"the dbt project has no {relation}, which segwh's models read{near}",
        "correct the `relation:` and run `segwh compile`, or add the model, seed or source",
    )


def _folders(project_dir: Path) -> Iterator[Path]:
    given = _mapping(project_dir / "dbt_project.yml")
    for key, usual in FOLDERS.items():
        paths = given.get(key)
        for path in paths if isinstance(paths, list) else [usual]:
            yield project_dir / str(path)


def _nodes(project_dir: Path) -> Iterator[str]:
    """The names that ref() may take, those of segwh's own models apart."""
    for folder in _folders(project_dir):
        for path in sorted(folder.rglob("*")):
            if path.suffix in SUFFIXES and not path.name.startswith(("segwh_", "aud_")):
                yield path.stem


def _sources(project_dir: Path) -> Iterator[str]:
    """What source() may take, as `source.table`."""
    for folder in _folders(project_dir):
        for path in sorted(folder.rglob("*.y*ml")):
            for source in _listed(_mapping(path), "sources"):
                for table in _listed(source, "tables"):
                    yield f"{source.get('name')}.{table.get('name')}"


def _listed(given: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    items = given.get(key)
    return [item for item in items if isinstance(item, Mapping)] if isinstance(items, list) else []


def _mapping(path: Path) -> Mapping[str, Any]:
    """A YAML file that dbt may read, nothing where it cannot be."""
    try:
        loaded = yaml.safe_load(path.read_bytes())
    except (OSError, yaml.YAMLError):
        return {}
    return loaded if isinstance(loaded, Mapping) else {}
