"""Where a command works: the dbt project's folder, and the profile, target and adapter that dbt would use for it.

Read from the files without loading dbt, which takes over a second: compile needs only the dialect, and a missing profile
is said at once.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from segwh.errors import UserError, meant

DIALECT_OF_ADAPTER = {
    "athena": "athena",
    "bigquery": "bigquery",
    "clickhouse": "clickhouse",
    "databricks": "databricks",
    "duckdb": "duckdb",
    "fabric": "fabric",
    "postgres": "postgres",
    "redshift": "redshift",
    "snowflake": "snowflake",
    "spark": "spark",
    "sqlserver": "tsql",
    "trino": "trino",
}
"""dbt's adapter types and the SQL dialect each speaks."""


@dataclass(frozen=True, slots=True)
class Target:
    """A dbt project together with the warehouse that its profile names."""

    project_dir: Path
    profiles_dir: Path
    project: str
    """The dbt project's name."""
    profile: str
    name: str
    """The target: which output of the profile."""
    adapter: str
    dialect: str
    is_above: bool = False
    """Whether the command was given in a folder inside the project, where dbt itself does not run."""


def find_project_dir(given: str | None = None) -> Path:
    """The folder that holds dbt_project.yml: the given one, or the current folder or the nearest above it.

    Raises UserError if there is none.
    """
    if given is not None:
        folder = Path(given).expanduser().resolve()
        if not folder.is_dir():
            raise UserError(f"the folder {given} does not exist", "name the folder of a dbt project with --project-dir")
        if not (folder / "dbt_project.yml").is_file():
            raise UserError(f"{given} holds no dbt_project.yml", "name the folder of a dbt project with --project-dir")
        return folder
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "dbt_project.yml").is_file():
            return folder
    raise UserError(
        f"no dbt_project.yml in {here} or above it",
        "run segwh inside a dbt project, or name one with --project-dir",
    )


def find_target(
    project_dir: str | None = None, profiles_dir: str | None = None, target: str | None = None, dialect: str | None = None
) -> Target:
    """The target that dbt would use, each argument as the dbt option of that name. `dialect` stands for that of its adapter.

    profiles.yml is looked for in the given folder, else in the current folder, the project's and ~/.dbt.
    Raises UserError where dbt could not find its way either, or for a warehouse that segwh cannot write SQL for.
    """
    folder = find_project_dir(project_dir)
    project = _mapping(folder / "dbt_project.yml")
    profiles_folder = _profiles_folder(folder, profiles_dir)
    profiles_file = profiles_folder / "profiles.yml"
    profiles = _mapping(profiles_file)
    profile_name = os.environ.get("DBT_PROFILE") or _text(project.get("profile"))
    if not profile_name:
        raise UserError(f"{folder / 'dbt_project.yml'} names no profile", "add `profile: NAME`, a name from profiles.yml")
    profile = profiles.get(profile_name)
    if not isinstance(profile, Mapping):
        names = [name for name in profiles if name != "config"]
        raise UserError(
            f"the profile `{profile_name}` is not in {profiles_file}{meant(profile_name, names)}",
            f"profiles there: {', '.join(names) or 'none'}; dbt_project.yml asks for `{profile_name}`",
        )
    name = target or _text(profile.get("target")) or "default"
    outputs = profile.get("outputs")
    outputs = outputs if isinstance(outputs, Mapping) else {}
    output = outputs.get(name)
    if not isinstance(output, Mapping):
        raise UserError(
            f"the profile `{profile_name}` has no target `{name}`{meant(name, outputs)}",
            f"targets in {profiles_file}: {', '.join(outputs) or 'none'}",
        )
    adapter = _text(output.get("type"))
    return Target(
        project_dir=folder,
        profiles_dir=profiles_folder,
        project=_text(project.get("name")) or folder.name,
        profile=profile_name,
        name=name,
        adapter=adapter,
        dialect=dialect or dialect_of(adapter, f"target `{name}` in {profiles_file}"),
        is_above=project_dir is None and folder != Path.cwd(),
    )


def dialect_of(adapter: str, where: str) -> str:
    """The dialect of a dbt adapter type. Raises UserError for one that segwh has no dialect for; `where` says who named it."""
    dialect = DIALECT_OF_ADAPTER.get(adapter)
    if dialect is None:
        raise UserError(
            f"{where} has the type `{adapter}`, which segwh writes no SQL for{meant(adapter, DIALECT_OF_ADAPTER)}",
            f"supported: {', '.join(sorted(DIALECT_OF_ADAPTER))}",
        )
    return dialect


def require_adapter(target: Target) -> None:
    """Raises UserError if dbt's adapter for the target is not installed."""
    if importlib.util.find_spec(f"dbt.adapters.{target.adapter}") is None:
        raise UserError(
            f"the target `{target.name}` needs dbt-{target.adapter}, which is not installed",
            f"pip install 'segwh[{target.adapter}]'",
        )


def _profiles_folder(project_dir: Path, given: str | None) -> Path:
    named = [] if given is None else [Path(given).expanduser().resolve()]
    folders = named or [Path.cwd(), project_dir, Path.home() / ".dbt"]
    for folder in folders:
        if (folder / "profiles.yml").is_file():
            return folder
    tried = ", ".join(dict.fromkeys(str(folder) for folder in folders))
    raise UserError(
        f"no profiles.yml in {tried}",
        "dbt finds the warehouse through it: create one, or name its folder with --profiles-dir",
    )


def _mapping(file: Path) -> Mapping[str, Any]:
    try:
        loaded = yaml.load(file.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else str(file)
        raise UserError(f"{place}: not readable as YAML: {error.problem}") from None
    except yaml.YAMLError as error:
        raise UserError(f"{file}: not readable as YAML: {error}") from None
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}") from None
    if not isinstance(loaded, Mapping):
        raise UserError(f"{file} holds no mapping")
    return loaded


def _text(value: object) -> str:
    """A setting as text, its Jinja rendered: `{{ env_var('TARGET', 'dev') }}` is what dbt allows in these places."""
    text = "" if value is None else str(value)
    if "{{" not in text and "{%" not in text:
        return text
    from jinja2 import TemplateError
    from jinja2.sandbox import SandboxedEnvironment

    try:
        return SandboxedEnvironment().from_string(text).render(env_var=_env_var, target={})
    except TemplateError as error:
        raise UserError(f"`{text}` in profiles.yml or dbt_project.yml cannot be read: {error}") from None


def _env_var(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None:
        raise UserError(f"the environment variable {name} is not set", "profiles.yml or dbt_project.yml asks for it")
    return value
