"""What the compiled files were made from, noted beside dbt's artifacts: whether compiling again would come to the same bytes.

The note holds digests and no text. It can only say that the files which are there are the ones that would be written; where it
is missing, broken, of another version or of other rules, and where a file is not as it was written, all is compiled.
"""

from __future__ import annotations

import hashlib
import json
import sys
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

import yaml

import segwh
from segwh.dbt import aside, writer
from segwh.dbt.run_time_macros import run_time_macros

NOTE = Path(aside.FOLDER) / "segwh_compiled.json"
"""Where the note is, below the dbt project."""


@dataclass(frozen=True, slots=True)
class Note:
    """What was compiled last: a digest of all that went in, and one of each file that came out."""

    source: str
    files: Mapping[str, str]


def fingerprint(texts: Mapping[str, str], dialect: str) -> str:
    """A digest of what the compiled files follow from: the texts by name, the dialect, segwh itself, what reads YAML and writes
    SQL for it, and what is known of time zones.
    """
    inputs = [segwh.__version__, version("sqlglot"), yaml.__version__, sys.version, dialect, *_code(), *_zones()]
    for name, text in (*sorted(texts.items()), *run_time_macros().items()):
        inputs += [name, text]
    # each with its length, so that nothing that moves from one text to the next goes unseen
    return _digest("".join(f"{len(each)} {each}\n" for each in inputs))


def as_compiled(project_dir: Path, source: str, folders: tuple[str, ...]) -> writer.Drift | None:
    """That all files are there as they would be compiled from a source; None where that is not known."""
    note = _read(project_dir / NOTE)
    if note is None or note.source != source:
        return None
    for name, digest in note.files.items():
        try:
            if hashlib.sha256((project_dir / name).read_bytes()).hexdigest() != digest:
                return None
        except OSError:
            return None
    if writer.stale(project_dir, note.files, folders):
        return None
    return writer.Drift(unchanged=tuple(sorted(note.files)))


def remember(project_dir: Path, source: str, files: Mapping[str, str]) -> None:
    """Note what files were compiled from; where nothing can be written, nothing is noted."""
    text = json.dumps({"source": source, "files": {name: _digest(text) for name, text in files.items()}}, indent=1)
    aside.put(project_dir, NOTE.name, text + "\n")


def _read(path: Path) -> Note | None:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        files = {str(name): str(digest) for name, digest in told["files"].items()}
        return Note(str(told["source"]), files) if files else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


@cache
def _code() -> tuple[str, ...]:
    """What tells one state of this package's own files from another: a checkout changes under one version."""
    home = Path(segwh.__file__).parent
    states = ((path, path.stat()) for path in sorted((*home.rglob("*.py"), *home.rglob("*.sql"))))
    return tuple(f"{path.relative_to(home).as_posix()} {one.st_size} {one.st_mtime_ns}" for path, one in states)


@cache
def _zones() -> tuple[str, ...]:
    """What tells one state of the rules of time zones from another: the system's, and where it has none the package's."""
    names = ("tzdata.zi", "+VERSION", "zone.tab", "zone1970.tab")
    files = (Path(folder) / name for folder in zoneinfo.TZPATH for name in names)
    states = ((path, path.stat()) for path in files if path.is_file())
    return (version("tzdata"), *(f"{path} {one.st_size} {one.st_mtime_ns}" for path, one in states))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
