"""Compiled files in, a dbt project brought up to date out: own stale files removed, foreign files left alone, writes atomic.

A file is segwh's own when its first line carries the mark that segwh writes there; nothing else is ever overwritten or removed.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

MARK = "segwh: "
SUFFIXES = frozenset({".sql", ".yml", ".csv"})


class ForeignFileError(Exception):
    """A file that segwh did not write stands where a compiled one belongs. `path` is relative to the project."""

    def __init__(self, path: str) -> None:
        super().__init__(f"{path} was not written by segwh; move it, or change models_path or macros_path in segwh.yml")
        self.path = path


@dataclass(frozen=True, slots=True)
class Drift:
    """How the project's files differ from the compiled ones; paths relative to the project, sorted."""

    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.missing or self.changed or self.stale)


def is_own(path: Path) -> bool:
    """Whether segwh wrote the file, by its first line."""
    try:
        with path.open(encoding="utf-8") as file:
            return MARK in file.readline()
    except (OSError, UnicodeDecodeError):
        return False


def compare(project_dir: Path, files: Mapping[str, str], folders: tuple[str, ...]) -> Drift:
    """How the files under `folders` differ from the compiled ones. Raises ForeignFileError."""
    missing, changed, unchanged = [], [], []
    for name, text in files.items():
        path = project_dir / name
        if not path.exists():
            missing.append(name)
        elif not is_own(path):
            raise ForeignFileError(name)
        elif path.read_bytes() == text.encode("utf-8"):
            unchanged.append(name)
        else:
            changed.append(name)
    return Drift(
        missing=tuple(sorted(missing)),
        changed=tuple(sorted(changed)),
        stale=stale(project_dir, files, folders),
        unchanged=tuple(sorted(unchanged)),
    )


def stale(project_dir: Path, files: Collection[str], folders: tuple[str, ...]) -> tuple[str, ...]:
    """Our own files under `folders` that are none of those that belong there, sorted."""
    found = set()
    for folder in folders:
        for path in (project_dir / folder).rglob("*"):
            name = PurePosixPath(path.relative_to(project_dir)).as_posix()
            if path.suffix in SUFFIXES and name not in files and path.is_file() and is_own(path):
                found.add(name)
    return tuple(sorted(found))


def write(project_dir: Path, files: Mapping[str, str], folders: tuple[str, ...]) -> Drift:
    """Bring the project's files up to date and say what was done. Raises ForeignFileError before anything is written.

    Every file is first written whole beside its place, then all are moved there, so a crash never leaves half a file.
    """
    drift = compare(project_dir, files, folders)
    moves: list[tuple[str, Path]] = []
    try:
        for name in (*drift.missing, *drift.changed):
            path = project_dir / name
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".segwh-")
            moves.append((temporary, path))
            with os.fdopen(handle, "wb") as file:
                file.write(files[name].encode("utf-8"))
            Path(temporary).chmod(0o644)
        for temporary, path in moves:
            Path(temporary).replace(path)
    finally:
        for temporary, _ in moves:
            Path(temporary).unlink(missing_ok=True)
    for name in drift.stale:
        path = project_dir / name
        path.unlink()
        _remove_if_empty(path.parent, project_dir)
    return drift


def _remove_if_empty(folder: Path, project_dir: Path) -> None:
    while folder != project_dir and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
