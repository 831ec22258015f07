"""The rules of a project as they were at a revision of git."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from segwh.errors import UserError
from segwh.project import SETTINGS_FILE, settings_of
from segwh.text.diagnostics import Complaints

LINK = b"120000"
PLAIN_FILES = (b"100644", b"100755")


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit, and a folder that holds segwh.yml and the rule files as they were there."""

    commit: str
    folder: Path


@contextmanager
def rules_at(project_dir: Path, base: str) -> Iterator[Revision]:
    """The rules where `base` and what is checked out part ways, as a pull request shows it. Raises UserError."""
    commit = _common_commit(project_dir, base)
    settings = _git(project_dir, "show", f"{commit}:./{SETTINGS_FILE}", missing=f"there is no {SETTINGS_FILE} at {base}")
    rules_path = settings_of(settings.decode("utf-8", "replace"), {}, Complaints()).rules_path
    with tempfile.TemporaryDirectory(prefix="segwh-") as scratch:
        folder = Path(scratch)
        (folder / SETTINGS_FILE).write_bytes(settings)
        (folder / rules_path).mkdir(parents=True, exist_ok=True)
        for name, blob in _files(project_dir, commit, rules_path):
            path = folder / name
            if not path.resolve().is_relative_to(folder.resolve()):
                raise UserError(f"{name} lies outside of the project")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_git(project_dir, "cat-file", "blob", blob))
        yield Revision(commit[:9], folder)


def _common_commit(project_dir: Path, base: str) -> str:
    if base.startswith("-"):
        raise UserError(f"`{base}` is no revision of git")
    found = _git(
        project_dir, "rev-parse", "--verify", "--quiet", f"{base}^{{commit}}", missing=f"git knows no revision `{base}` here"
    )
    commit = found.decode().strip()
    try:
        return _git(project_dir, "merge-base", commit, "HEAD").decode().strip()
    except UserError:
        raise UserError(
            f"`{base}` and what is checked out have no commit in common", "a shallow clone has not enough of the history"
        ) from None


def _files(project_dir: Path, commit: str, rules_path: str) -> Iterator[tuple[str, str]]:
    """The files below a folder of the project at a commit: each with the name of what it holds."""
    listed = _git(project_dir, "ls-tree", "-r", "-z", commit, "--", f"{PurePosixPath(rules_path)}/")
    for entry in filter(None, listed.split(b"\0")):
        mode, _, rest = entry.partition(b" ")
        name = rest.partition(b"\t")[2].decode("utf-8", "surrogateescape")
        if mode == LINK:
            raise UserError(f"{name} is a link, which is not followed in an earlier revision")
        if mode in PLAIN_FILES:
            yield name, rest.split()[1].decode()


def _git(project_dir: Path, *arguments: str, missing: str = "") -> bytes:
    try:
        done = subprocess.run(["git", *arguments], cwd=project_dir, capture_output=True, check=False)
    except FileNotFoundError:
        raise UserError("git is not installed, and only git knows how the rules were") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
        raise UserError(said if "not a git repository" in said or not missing else missing)
    return done.stdout
