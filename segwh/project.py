"""A project's texts become a bound project, or diagnostics: the front half of the pipeline in one screen."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from segwh.catalog.load import load_entities
from segwh.ir import Project, Settings
from segwh.resolve.bind import Binder
from segwh.resolve.features import needs
from segwh.resolve.settings import read_settings
from segwh.rules.parse import parse_files, read_file
from segwh.text.diagnostics import Code, Complaints, Diagnostic, render
from segwh.text.source import Span

SETTINGS_FILE = "segwh.yml"
TESTS_FOLDER = "tests"
"""The folder under the rules' one whose files are fixtures, not rules."""
SUFFIXES = frozenset({".yml", ".yaml"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of a project's texts: the project, or None when there is an error; every diagnostic; the texts by file."""

    project: Project | None
    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, str] = field(repr=False, default_factory=dict)

    @property
    def text(self) -> str:
        """All diagnostics as text for people."""
        return render(self.diagnostics, self.sources)


def load_project(project_dir: Path, dialect: str = "duckdb") -> Loaded:
    """Load segwh.yml and every rule file of a folder. `dialect` is sqlglot's name of the target, for `sql:` expressions."""
    complaints = Complaints()
    sources: dict[str, str] = {}
    path = project_dir / SETTINGS_FILE
    if not path.is_file():
        hint = "`segwh init` makes one"
        complaints.error(Code.FILE, start_of(SETTINGS_FILE), f"there is no {SETTINGS_FILE} in this folder", hint=hint)
        return Loaded(None, complaints.sorted(), sources)
    settings_text = read_text(path, SETTINGS_FILE, complaints)
    settings = settings_of(settings_text or "", sources, complaints)
    folder = project_dir / settings.rules_path
    if not folder.is_dir():
        message = f"the folder {settings.rules_path} does not exist"
        complaints.error(Code.FILE, start_of(SETTINGS_FILE), message, "a folder with rules", "`rules_path` says where it is")
    files: dict[str, str] = {}
    for found in rule_files(folder):
        name = found.relative_to(project_dir).as_posix()
        text = read_text(found, name, complaints)
        if text is not None:
            files[name] = text
    return load(files, settings, sources, complaints, dialect)


def load_texts(files: Mapping[str, str], settings_text: str | None = None, dialect: str = "duckdb") -> Loaded:
    """Load rule files from their texts by name; without a text of segwh.yml all settings are defaults."""
    complaints = Complaints()
    sources: dict[str, str] = {}
    settings = settings_of(settings_text, sources, complaints) if settings_text is not None else Settings()
    return load(files, settings, sources, complaints, dialect)


def load(
    files: Mapping[str, str], settings: Settings, sources: dict[str, str], complaints: Complaints, dialect: str
) -> Loaded:
    """Read, parse and bind files."""
    sources.update(files)
    with collection_paused():
        return bound(files, settings, sources, complaints, dialect)


@contextmanager
def collection_paused() -> Iterator[None]:
    """Hold back the garbage collector, which would visit the many small lasting objects of a project in vain."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def bound(
    files: Mapping[str, str], settings: Settings, sources: dict[str, str], complaints: Complaints, dialect: str
) -> Loaded:
    """The stages in order: text to nodes, nodes to syntax, syntax to bound rules; then what the engine of the dialect lacks."""
    roots = [root for file, text in files.items() if (root := read_file(file, text, complaints)) is not None]
    parsed = parse_files(roots, complaints)
    catalog = load_entities(parsed.entities, complaints, dialect)
    lines = {file: text.removeprefix("\ufeff").split("\n") for file, text in files.items()}
    project = Binder(settings, catalog, parsed.sections, lines, complaints).project()
    if not complaints.has_errors and ((asked := tuple(needs(project))) or may_be_wide(project, files)):
        # most projects ask for nothing that some engine lacks, and then no dialect is loaded, nor what it is made of
        from segwh.sql.dialects import DIALECTS
        from segwh.sql.lacks import complain_of_lacks, complain_of_width

        if dialect in DIALECTS:
            complain_of_lacks(asked, DIALECTS[dialect], complaints)
            complain_of_width(project, DIALECTS[dialect], complaints)
    return Loaded(None if complaints.has_errors else project, complaints.sorted(), sources)


def may_be_wide(project: Project, files: Mapping[str, str]) -> bool:
    """Whether there are more facts of an entity than a table has columns on some engine.

    A segment brings eight of its own at most, and no text asks for more than one in four characters, so small projects are
    not planned.
    """
    if len(project.segments) <= 20 and sum(len(text) for text in files.values()) <= 3_400:
        return False
    from segwh.plan.width import is_narrow

    return not is_narrow(project)


def settings_of(text: str, sources: dict[str, str], complaints: Complaints) -> Settings:
    """What the text of segwh.yml says."""
    sources[SETTINGS_FILE] = text
    return read_settings(read_file(SETTINGS_FILE, text, complaints), complaints)


def rule_files(folder: Path) -> list[Path]:
    """Every YAML file of a folder and its subfolders but the tests, in the order of their names."""
    found = (path for path in folder.rglob("*") if path.suffix in SUFFIXES and path.is_file())
    return sorted(path for path in found if TESTS_FOLDER not in path.relative_to(folder).parts[:-1])


def read_text(path: Path, name: str, complaints: Complaints) -> str | None:
    """The text of a file, or None with a complaint when it cannot be read or is not UTF-8."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"the file is not UTF-8 text (byte {error.start + 1} is 0x{error.object[error.start]:02X})"
        complaints.error(Code.ENCODING, start_of(name), message, "a text file in UTF-8")
    except OSError as error:
        complaints.error(Code.FILE, start_of(name), f"the file cannot be read: {error.strerror}")
    complaints.incomplete = True
    return None


def start_of(file: str) -> Span:
    """The beginning of a file."""
    return Span(file, 1, 1, 1, 1)
