"""The rules of a dbt project: found, loaded, validated and compiled for the dialect of its target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from segwh.dbt import aside, unchanged, writer
from segwh.errors import RulesError, UserError, how_to_write, meant
from segwh.ir import Project
from segwh.project import Loaded, collection_paused, load_project
from segwh.resolve.memory import Memory
from segwh.text.diagnostics import Complaints, Diagnostic
from segwh.text.files import yaml_files
from segwh.warehouse.target import DIALECT_OF_ADAPTER, find_project_dir, find_target

MEMORY, PIECES = "segwh_rules.json", "segwh_pieces.json"
"""Where bound rules and pieces of the models are kept for the next compilation (segwh.resolve.memory, segwh.dbt.pieces)."""
WITHOUT_TARGET = "duckdb"
"""The dialect of `sql:` expressions where no profile says which warehouse it will be."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder with rules and the dialect they are compiled to."""

    project_dir: Path
    dialect: str


@dataclass(frozen=True, slots=True)
class Validation:
    """What validation found; `segments`, `entities` and `tests` are 0 where there are errors in the rules."""

    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, str] = field(repr=False)
    segments: int
    entities: int
    tests: int
    is_valid: bool


@dataclass(frozen=True, slots=True)
class CompileReport:
    """What compiling changed, or with `is_check` would change."""

    project: Project
    drift: writer.Drift
    is_check: bool
    warnings: str
    """Diagnostics that are no errors, as text."""

    @property
    def segments(self) -> int:
        """How many segments there are."""
        return len(shown_segments(self.project))

    @property
    def entities(self) -> int:
        """How many entities there are."""
        return len(self.project.catalog.entities)


def find_workspace(
    project_dir: str | None = None,
    profiles_dir: str | None = None,
    target: str | None = None,
    dialect: str | None = None,
    *,
    needs_target: bool = True,
) -> Workspace:
    """The workspace of a dbt project. Without `needs_target` a missing profile is no error: then the dialect is DuckDB's.

    Raises UserError.
    """
    folder = find_project_dir(project_dir)
    if dialect is not None:
        return Workspace(folder, known_dialect(dialect))
    try:
        return Workspace(folder, known_dialect(find_target(project_dir, profiles_dir, target).dialect))
    except UserError as error:
        if not needs_target and target is None:
            return Workspace(folder, WITHOUT_TARGET)
        hint = error.hint if target is not None or not error.hint else f"{error.hint}\nor name the SQL dialect with --dialect"
        raise UserError(error.message, hint) from None


def known_dialect(name: str) -> str:
    """The name of a dialect that SQL can be written in. Raises UserError for any other."""
    if name in DIALECT_OF_ADAPTER.values():
        # no dialect is loaded for that, nor what it is made of: where nothing changed none is needed
        return name
    from segwh.sql.dialects import DIALECTS

    if name not in DIALECTS:
        raise UserError(
            f"segwh writes no SQL for the dialect `{name}`{meant(name, DIALECTS)}", f"dialects: {', '.join(sorted(DIALECTS))}"
        )
    return name


def validate(workspace: Workspace) -> Validation:
    """Check the rules, and where they are sound what is written in the files of tests. No test is run."""
    from segwh.fixtures.suite import read_suite

    loaded = load_project(workspace.project_dir, workspace.dialect)
    project = loaded.project
    if project is None:
        return Validation(loaded.diagnostics, loaded.sources, segments=0, entities=0, tests=0, is_valid=False)
    complaints = Complaints()
    suite = read_suite(workspace.project_dir, project, workspace.dialect, complaints)
    return Validation(
        diagnostics=(*loaded.diagnostics, *complaints.sorted()),
        sources={**loaded.sources, **suite.sources},
        segments=len(shown_segments(project)),
        entities=len(project.catalog.entities),
        tests=len(suite.fixtures),
        is_valid=not complaints.has_errors,
    )


def load(workspace: Workspace) -> Project:
    """The bound rules. Raises RulesError with every mistake in them."""
    return _required(load_project(workspace.project_dir, workspace.dialect))


def compile_workspace(workspace: Workspace, *, check: bool = False) -> CompileReport:
    """Write the compiled files into the dbt project; with `check` only compare. Raises RulesError or UserError.

    Where nothing changed since they were written, nothing is compiled; `check` takes nobody's word for that.
    """
    with collection_paused():
        loaded = _loaded(workspace, check)
        project = _required(loaded)
        texts = {**loaded.sources, **_texts_of_tests(workspace, project)}
        source = unchanged.fingerprint(texts, workspace.dialect)
        folders = (project.settings.models_path, project.settings.macros_path)
        drift = None if check else unchanged.as_compiled(workspace.project_dir, source, folders)
        if drift is None:
            drift = _written(workspace, project, folders, source, check)
    return CompileReport(project, drift, check, loaded.text)


def _loaded(workspace: Workspace, check: bool) -> Loaded:
    """The project, with what is remembered of its files; with `check` nobody's word is taken for it."""
    if check:
        return load_project(workspace.project_dir, workspace.dialect)
    maker = unchanged.fingerprint({}, workspace.dialect)
    memory = Memory(aside.kept(workspace.project_dir, MEMORY, maker))
    loaded = load_project(workspace.project_dir, workspace.dialect, memory)
    if memory.is_new:
        aside.keep(workspace.project_dir, MEMORY, maker, memory.told)
    return loaded


def _texts_of_tests(workspace: Workspace, project: Project) -> dict[str, str]:
    """The texts of the fixtures, where unit tests are made of them. Compiling complains of what is wrong with them."""
    if not project.settings.unit_tests:
        return {}
    folder = workspace.project_dir
    found = yaml_files(folder, project.settings.rules_path, Complaints()).tests
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode("utf-8", "replace") for path in found}


def _known_pieces(workspace: Workspace) -> Mapping[str, str]:
    """The pieces that an earlier compilation kept."""
    found = aside.kept(workspace.project_dir, PIECES, unchanged.fingerprint({}, workspace.dialect))
    is_sound = isinstance(found, dict) and all(isinstance(text, str) for text in found.values())
    return found if isinstance(found, dict) and is_sound else {}


def _compiled(workspace: Workspace, project: Project, known: Mapping[str, str]) -> tuple[dict[str, str], Mapping[str, str]]:
    """The text of every file of a project, and the pieces that they are made of."""
    from segwh.dbt.compile import compiled_files
    from segwh.dbt.pieces import Pieces
    from segwh.fixtures.suite import suite_in
    from segwh.fixtures.unit_tests import tested_segments, unit_test_files
    from segwh.resolve.rule_hash import RuleHashes
    from segwh.sql.dialects import DIALECTS

    hashes = RuleHashes(project)
    told = {segment.name: hashes.of(segment) for segment in project.segments}
    suite = suite_in(workspace.project_dir, project, workspace.dialect) if project.settings.unit_tests else None
    pieces = Pieces(project, DIALECTS[workspace.dialect], known)
    files = compiled_files(project, told, workspace.dialect, tested_segments(suite) if suite else (), pieces)
    return files | unit_test_files(suite) if suite else files, pieces.made


def _written(workspace: Workspace, project: Project, folders: tuple[str, str], source: str, check: bool) -> writer.Drift:
    """What writing changed, or with `check` would change."""
    known = {} if check else _known_pieces(workspace)
    files, pieces = _compiled(workspace, project, known)
    try:
        if check:
            return writer.compare(workspace.project_dir, files, folders)
        drift = writer.write(workspace.project_dir, files, folders)
    except writer.ForeignFileError as error:
        raise UserError(str(error)) from None
    except OSError as error:
        raise UserError(
            f"{error.filename or workspace.project_dir} cannot be written: {error.strerror}", how_to_write(error)
        ) from None
    unchanged.remember(workspace.project_dir, source, files)
    if pieces != known:
        aside.keep(workspace.project_dir, PIECES, unchanged.fingerprint({}, workspace.dialect), pieces)
    return drift


def shown_segments(project: Project) -> tuple[str, ...]:
    """The names of the segments that people see: hidden ones are there for tracking and reuse only."""
    return tuple(segment.name for segment in project.segments if not segment.hidden)


def _required(loaded: Loaded) -> Project:
    if loaded.project is None:
        raise RulesError(loaded.text, loaded.diagnostics)
    return loaded.project
