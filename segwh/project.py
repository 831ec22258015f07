"""A project's texts become a bound project, or diagnostics: the front half of the pipeline in one screen."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from segwh.catalog.load import load_entities
from segwh.ir import Project, Settings
from segwh.resolve.bind import Binder
from segwh.resolve.features import needs
from segwh.resolve.memory import Memory, RememberedFile, StaleError, holds_segments_alone, rest_of
from segwh.resolve.settings import read_settings
from segwh.rules.parse import SECTIONS, parse_files, read_file
from segwh.text.diagnostics import Code, Complaints, Diagnostic, render
from segwh.text.files import yaml_files
from segwh.text.source import Mapping as MappingNode
from segwh.text.source import start_of

SETTINGS_FILE = "segwh.yml"
SECTION = re.compile(rf"\b(?:{'|'.join(SECTIONS)})\b[\"']?\s*:")
"""What a text with a section of rules in it holds, and few others do."""
NOTHING_KNOWN: Mapping[str, RememberedFile] = {}


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


def load_project(project_dir: Path, dialect: str = "duckdb", memory: Memory | None = None) -> Loaded:
    """Load segwh.yml and every rule file of a folder. `dialect` is sqlglot's name of the target, for `sql:` expressions.

    A `memory` of the same code spares reading what is remembered, and learns; it makes no difference to what is loaded.
    """
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
    files: dict[str, str] = {}
    if not folder.is_dir():
        message = f"the folder {settings.rules_path} does not exist"
        complaints.error(Code.FILE, start_of(SETTINGS_FILE), message, "a folder with rules", "`rules_path` says where it is")
    else:
        found = yaml_files(project_dir, settings.rules_path, complaints)
        for path in found.rules:
            name = path.relative_to(project_dir).as_posix()
            text = read_text(path, name, complaints)
            if text is not None:
                files[name] = text
        for path in found.tests:
            complain_of_rules(path, path.relative_to(project_dir).as_posix(), sources, complaints)
    return load(files, settings, sources, complaints, dialect, memory)


def load_texts(files: Mapping[str, str], settings_text: str | None = None, dialect: str = "duckdb") -> Loaded:
    """Load rule files from their texts by name; without a text of segwh.yml all settings are defaults."""
    complaints = Complaints()
    sources: dict[str, str] = {}
    settings = settings_of(settings_text, sources, complaints) if settings_text is not None else Settings()
    return load(files, settings, sources, complaints, dialect)


def load(
    files: Mapping[str, str],
    settings: Settings,
    sources: dict[str, str],
    complaints: Complaints,
    dialect: str,
    memory: Memory | None = None,
) -> Loaded:
    """Read, parse and bind files."""
    sources.update(files)
    with collection_paused():
        if memory is not None and not complaints.has_errors:
            warnings = Complaints(complaints.found)
            project = recalled(files, settings, warnings, dialect, memory)
            if project is not None:
                return Loaded(project, warnings.sorted(), sources)
        project = bound(files, settings, complaints, dialect, memory)
        return Loaded(None if complaints.has_errors else project, complaints.sorted(), sources)


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


def recalled(
    files: Mapping[str, str], settings: Settings, complaints: Complaints, dialect: str, memory: Memory
) -> Project | None:
    """The project of which some files are remembered, with every warning; None where it has to be read whole: what is wrong
    with it may have to do with files that were not read.
    """
    known = memory.recall(files)
    if not known:
        return None
    try:
        project = bound(files, settings, complaints, dialect, memory, known)
    except StaleError:
        return None
    return None if complaints.has_errors else project


def bound(
    files: Mapping[str, str],
    settings: Settings,
    complaints: Complaints,
    dialect: str,
    memory: Memory | None = None,
    known: Mapping[str, RememberedFile] = NOTHING_KNOWN,
) -> Project:
    """The stages in order: text to nodes, nodes to syntax, syntax to bound rules; then what the engine of the dialect lacks.

    Files that are `known` are not read. What is bound without an error is remembered. Raises StaleError when what is known is
    no longer so.
    """
    for file in known.values():
        complaints.found |= dict.fromkeys(file.warnings)
    read = {file: read_file(file, text, complaints) for file, text in files.items() if file not in known}
    others = {file: files[file] for file, root in read.items() if not holds_segments_alone(root)}
    rest = "" if memory is None else rest_of(settings, dialect, others)
    if memory is not None and known and memory.rest != rest:
        raise StaleError
    parsed = parse_files([root for root in read.values() if root is not None], complaints)
    catalog = load_entities(parsed.entities, complaints, dialect)
    lines = {file: text.removeprefix("\ufeff").split("\n") for file, text in files.items()}
    binder = Binder(settings, catalog, parsed.sections, lines, complaints, known)
    project = binder.project()
    if not complaints.has_errors and ((asked := tuple(needs(project))) or may_be_wide(project, files)):
        # most projects ask for nothing that some engine lacks, and then no dialect is loaded, nor what it is made of
        from segwh.sql.dialects import DIALECTS
        from segwh.sql.lacks import complain_of_lacks, complain_of_width

        if dialect in DIALECTS:
            complain_of_lacks(asked, DIALECTS[dialect], complaints)
            complain_of_width(project, DIALECTS[dialect], complaints)
    if memory is not None and not complaints.has_errors:
        alone = {file: text for file, text in files.items() if file not in others}
        warnings = complaints.by_file()
        memory.learn(rest, alone, known, lambda file: binder.to_remember(file, warnings.get(file, ())))
    return project


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


def complain_of_rules(path: Path, name: str, sources: dict[str, str], complaints: Complaints) -> None:
    """A file of tests that holds rules is a mistake: nothing would read them."""
    text = read_text(path, name, complaints)
    if text is None or not SECTION.search(text):
        return
    sources[name] = text
    root = read_file(name, text, complaints)
    for key, _ in root.entries if isinstance(root, MappingNode) else ():
        if key.text in SECTIONS:
            message = f"`{key.text}` stands in a file of tests, where no rules are read"
            complaints.error(Code.UNKNOWN_KEY, key.span, message, "`tests`", "move it out of the folder of tests")


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
