"""The import of a file: segments read by the tool's reader, named, checked against the project, and what is wrong left out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from segwh import ir
from segwh.errors import RulesError, UserError, meant
from segwh.importing import flagsmith, mautic, react_querybuilder
from segwh.importing.found import LOST, Condition, Found, Json, NotCarriedError, Problem
from segwh.importing.subjects import Subjects, subjects_of
from segwh.importing.written import commented, file_text, segment_text
from segwh.project import SETTINGS_FILE, Loaded, load_project, load_texts
from segwh.text.diagnostics import Diagnostic
from segwh.text.reading import LONGEST_NAME, snake_case

READERS: Mapping[str, Callable[[Json, str, Subjects], list[Found]]] = {
    "react-querybuilder": react_querybuilder.read,
    "mautic": mautic.read,
    "flagsmith": flagsmith.read,
}
"""The reader of each tool, by the name that the command line knows it by."""
CANDIDATES = "imported.yml"
"""The name under which candidates are checked; never a file."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A segment that was not carried over, with every reason."""

    title: str
    path: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import gives: the text of a file of rules, the names in it, what was left out, and details that differ."""

    text: str
    segments: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[tuple[str, Problem], ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A segment with its name here."""

    name: str
    found: Found
    problems: tuple[Problem, ...]

    def as_data(self) -> dict[str, Any]:
        """The segment as plain data."""
        data: dict[str, Any] = {"name": self.name, "label": self.found.title}
        if self.found.description.strip():
            data["description"] = self.found.description
        return data


def import_file(
    path: Path,
    tool: str,
    project_dir: Path,
    dialect: str,
    *,
    entity: str | None = None,
    renamed: Mapping[str, str] | None = None,
    partial: bool = False,
) -> Imported:
    """Read a file of another tool against the project of a folder.

    `entity` may be left out where there is one; `partial` keeps what was left out as comments. Raises UserError, or RulesError
    for mistakes in the project.
    """
    if tool not in READERS:
        raise UserError(
            f"`{tool}` is not a tool that can be imported from{meant(tool, READERS)}", f"one of {', '.join(READERS)}"
        )
    loaded = load_project(project_dir, dialect)
    if loaded.project is None:
        raise RulesError(loaded.text, loaded.diagnostics)
    content = read_json(path)
    return import_content(content, path.stem, tool, loaded, dialect, entity=entity, renamed=renamed, partial=partial)


def import_content(
    content: Json,
    title: str,
    tool: str,
    loaded: Loaded,
    dialect: str = "duckdb",
    *,
    entity: str | None = None,
    renamed: Mapping[str, str] | None = None,
    partial: bool = False,
) -> Imported:
    """The same for the content of a file and a project without mistakes."""
    project = loaded.project
    assert project is not None
    entity = known_entity(project, entity)
    try:
        found = READERS[tool](content, title, subjects_of(project, entity, renamed or {}))
    except NotCarriedError as error:
        where = f"{error.path}: " if error.path else ""
        raise UserError(f"this is no file of {tool}: {where}{error.reason}") from None
    candidates = list(named(found, {segment.name for segment in project.segments}, tool))
    candidates = checked(candidates, entity, loaded, dialect)
    kept = [each for each in candidates if not each.problems]
    names = names_of(kept)
    texts = [segment_text(data_of(each, entity, names)) for each in kept]
    out = tuple(LeftOut(each.found.title, each.found.path, each.problems) for each in candidates if each.problems)
    comments = [comment_of(each, entity, names_of(candidates)) for each in candidates if each.problems] if partial else []
    notes = tuple((each.name, note) for each in kept for note in each.found.notes)
    return Imported(file_text(tool, texts, comments), tuple(each.name for each in kept), out, notes)


def renamings(pairs: Iterable[str]) -> dict[str, str]:
    """What fields are called here, from texts such as `email=email_address`. Raises UserError."""
    found = {}
    for pair in pairs:
        field, is_pair, attribute = pair.partition("=")
        if not is_pair or not field.strip() or not attribute.strip():
            raise UserError(f"--map `{pair}` is not FIELD=ATTRIBUTE", "such as --map email=email_address")
        found[field.strip()] = attribute.strip()
    return found


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet. Raises UserError."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UserError(f"{path} is there already", "name another file, or move it") from None
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}") from None


def read_json(path: Path) -> Json:
    """The content of a JSON file; numbers are int or Decimal. Raises UserError."""
    try:
        return json.loads(path.read_bytes(), parse_float=Decimal)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, ValueError) else "it is nested too deep"
        raise UserError(f"{path} is not JSON: {reason}") from None


def known_entity(project: ir.Project, entity: str | None) -> str:
    """The entity that the segments are of. Raises UserError."""
    names = [each.name for each in project.catalog.entities]
    if entity is None:
        if len(names) == 1:
            return names[0]
        raise UserError("say which entity the segments are of", f"--entity, one of {', '.join(names)}")
    if entity not in names:
        raise UserError(f"`{entity}` is not an entity{meant(entity, names)}", f"one of {', '.join(names)}")
    return entity


# --- names --------------------------------------------------------------------------------------------------------------


def named(found: Iterable[Found], taken: set[str], tool: str) -> Iterator[Candidate]:
    """The segments with names of this language, each once and none that the project has."""
    used: set[str] = set()
    for number, segment in enumerate(found, start=1):
        base = snake_case(segment.title).encode()[:LONGEST_NAME].decode().rstrip("_")
        base = base or f"{snake_case(tool)}_{number}"
        problems = segment.problems
        if base in taken:
            problems = (*problems, Problem(segment.path or "name", f"the project has a segment `{base}` already"))
        name, copies = base, 1
        while name in used:
            copies += 1
            name = f"{base[: LONGEST_NAME - len(str(copies)) - 1]}_{copies}"
        used.add(name)
        yield Candidate(name, segment, problems)


def names_of(candidates: Iterable[Candidate]) -> dict[str, str]:
    """The names of segments by what conditions of others call them by."""
    return {identifier: each.name for each in candidates for identifier in each.found.identifiers}


# --- checks -------------------------------------------------------------------------------------------------------------


def checked(candidates: list[Candidate], entity: str, loaded: Loaded, dialect: str) -> list[Candidate]:
    """The candidates, each with whatever the project has against it. One that refers to another left out is left out too."""
    while True:
        kept = [each for each in candidates if not each.problems]
        complaints = {
            **without_reference(kept, names_of(kept)),
            **against_project(kept, entity, loaded, dialect),
        }
        if not complaints:
            return candidates
        candidates = [replace(each, problems=complaints[each.name]) if each.name in complaints else each for each in candidates]


def without_reference(kept: Iterable[Candidate], names: Mapping[str, str]) -> dict[str, tuple[Problem, ...]]:
    """Candidates that refer to segments which are not carried over."""
    found: dict[str, tuple[Problem, ...]] = {}
    for each in kept:
        lost = [identifier for identifier in references(each.found.include) if identifier not in names]
        if lost:
            reason = f"it refers to the segment {', '.join(lost)} of the file, which is left out"
            found[each.name] = (Problem(each.found.path, reason),)
    return found


def against_project(kept: list[Candidate], entity: str, loaded: Loaded, dialect: str) -> dict[str, tuple[Problem, ...]]:
    """What the language and the catalog have against candidates: their diagnostics."""
    names = names_of(kept)
    if not kept or any(identifier not in names for each in kept for identifier in references(each.found.include)):
        return {}
    texts = [segment_text(data_of(each, entity, names)) for each in kept]
    text = file_text("", texts, ())
    files = {name: source for name, source in loaded.sources.items() if name != SETTINGS_FILE}
    again = load_texts({**files, CANDIDATES: text}, loaded.sources.get(SETTINGS_FILE), dialect)
    found: dict[str, tuple[Problem, ...]] = {}
    line = 3
    for each, part in zip(kept, texts, strict=True):
        length = part.count("\n")
        mine = [one for one in again.diagnostics if is_about(one, line, line + length)]
        if mine:
            found[each.name] = tuple(Problem(each.found.path, told(one)) for one in mine)
        line += length + 1
    if not found and again.project is None:
        raise UserError("the imported segments do not go with the project", again.text)
    return found


def is_about(diagnostic: Diagnostic, first: int, after: int) -> bool:
    """Whether an error stands in some lines of the candidates."""
    span = diagnostic.span
    return diagnostic.severity == "error" and span.file == CANDIDATES and first <= span.line < after


def told(diagnostic: Diagnostic) -> str:
    """A diagnostic as a reason."""
    expected = f"; expected {diagnostic.expected}" if diagnostic.expected else ""
    hint = f"; {diagnostic.hint}" if diagnostic.hint else ""
    return f"{diagnostic.code.value}: {diagnostic.message}{expected}{hint}"


# --- text ---------------------------------------------------------------------------------------------------------------


def data_of(candidate: Candidate, entity: str, names: Mapping[str, str]) -> dict[str, Any]:
    """A segment as plain data, its references by name."""
    data = candidate.as_data() | {"entity": entity}
    if not candidate.found.is_active:
        data["status"] = "inactive"
    return data | {"include": [by_name(condition, names) for condition in candidate.found.include]}


def by_name(condition: Condition, names: Mapping[str, str]) -> Condition:
    """A condition with the segments that it refers to by their names here."""
    if mautic.REFERENCE in condition:
        identifier = condition[mautic.REFERENCE]
        return {"segment": names[identifier]} if identifier in names else {LOST: f"segment {identifier}"}
    return {
        key: [by_name(item, names) for item in value]
        if key in ("all", "any", "none")
        else by_name(value, names)
        if key == "not"
        else value
        for key, value in condition.items()
    }


def references(conditions: Iterable[Condition]) -> Iterator[str]:
    """The identifiers of segments that conditions refer to."""
    for condition in conditions:
        if mautic.REFERENCE in condition:
            yield condition[mautic.REFERENCE]
        for key in ("all", "any", "none"):
            yield from references(condition.get(key, ()))
        if "not" in condition:
            yield from references([condition["not"]])


def comment_of(candidate: Candidate, entity: str, names: Mapping[str, str]) -> str:
    """A segment that was left out, as comments: why, and what of it could be read."""
    reasons = "".join(f"{problem.path or 'it'}: {' '.join(problem.reason.split())}\n" for problem in candidate.problems)
    return commented(f"left out:\n{reasons}{segment_text(data_of(candidate, entity, names))}")
