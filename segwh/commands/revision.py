"""The rules of a project as they were at a revision of git."""

from __future__ import annotations

import os
import posixpath
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from segwh.errors import UserError
from segwh.project import SETTINGS_FILE, settings_of
from segwh.text.diagnostics import Complaints

LINK, SUBMODULE = "120000", "160000"
MOST_LINKS = 20
"""Links on the way to a file, as of which they go round in a circle."""
PLACES = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_NAMESPACE"})
"""What git tells its hooks of the repository that they run for: here the folder of the project says which one it is."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit, and a folder that holds segwh.yml and the rule files as they were there; None before there was a segwh.yml."""

    commit: str
    folder: Path | None


@dataclass(frozen=True, slots=True)
class Entry:
    """What git keeps under a name, from the top of the repository."""

    mode: str
    blob: str
    name: str


@contextmanager
def rules_at(project_dir: Path, base: str) -> Iterator[Revision]:
    """The rules where `base` and what is checked out part ways, as a pull request shows it. Raises UserError."""
    tree = Tree(project_dir, _common_commit(project_dir, base))
    settings = tree.files(SETTINGS_FILE).get(SETTINGS_FILE)
    if settings is None:
        yield Revision(tree.commit[:9], None)
        return
    (text,) = tree.texts([settings])
    rules_path = settings_of(text.decode("utf-8", "replace"), {}, Complaints()).rules_path
    rules = tree.files(rules_path)
    with tempfile.TemporaryDirectory(prefix="segwh-") as scratch:
        folder = Path(scratch)
        if rules_path not in rules:
            (folder / rules_path).mkdir(parents=True, exist_ok=True)
        for name, content in ((SETTINGS_FILE, text), *zip(rules, tree.texts(list(rules.values())), strict=True)):
            path = folder / name
            if not path.resolve().is_relative_to(folder.resolve()):
                raise UserError(f"{name} lies outside of the project")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        yield Revision(tree.commit[:9], folder)


class Tree:
    """What a commit holds of the folder of a project."""

    def __init__(self, project_dir: Path, commit: str) -> None:
        self.project_dir = project_dir
        self.commit = commit
        self.prefix = os.fsdecode(_git(project_dir, "rev-parse", "--show-prefix")).rstrip("\n")

    def files(self, name: str) -> dict[str, str]:
        """The files that a name of the project stands for or that lie below it, links followed: each with its blob."""
        return {posixpath.relpath(file, self.prefix or "."): blob for file, blob in self._found(self.prefix + name, 0)}

    def texts(self, blobs: Sequence[str]) -> Iterator[bytes]:
        """What blobs hold, in their order."""
        rest = _git(self.project_dir, "cat-file", "--batch", given="".join(f"{blob}\n" for blob in blobs)) if blobs else b""
        for blob in blobs:
            heading, _, rest = rest.partition(b"\n")
            if not heading.rpartition(b" ")[2].isdigit():
                raise UserError(f"git has no longer what the rules were made of ({blob})")
            size = int(heading.rpartition(b" ")[2])
            yield rest[:size]
            rest = rest[size + 1 :]

    def _found(self, name: str, links: int) -> Iterator[tuple[str, str]]:
        """The files that a name from the top of the repository stands for, under the names by which they are reached."""
        entries = self._entries(name)
        if not entries and (above := self._link_above(name)) is not None:
            entries = [above]
        for entry in entries:
            if entry.mode == SUBMODULE:
                raise UserError(f"{entry.name} is a submodule, and what it held in an earlier revision is not known here")
            if entry.mode != LINK:
                yield entry.name, entry.blob
                continue
            leads_to = self._target(entry, links)
            if entry.name.startswith(f"{leads_to}/"):
                continue  # it leads back to where it was found, and so to nothing new
            rest = name[len(entry.name) :] if name.startswith(f"{entry.name}/") else ""
            found = list(self._found(leads_to + rest, links + 1))
            if not found and not rest:
                raise UserError(f"{entry.name} is a link that leads to nothing in an earlier revision")
            yield from ((entry.name + file[len(leads_to) :], blob) for file, blob in found)

    def _target(self, link: Entry, links: int) -> str:
        (text,) = self.texts([link.blob])
        target = posixpath.normpath(posixpath.join(posixpath.dirname(link.name), os.fsdecode(text)))
        if target.startswith(("/", "..")) or target == ".":
            raise UserError(f"{link.name} is a link out of what git keeps, which is not known in an earlier revision")
        if links >= MOST_LINKS:
            raise UserError(f"{link.name} is a link that goes round in a circle")
        return target

    def _link_above(self, name: str) -> Entry | None:
        """The link among the folders in which a name lies."""
        parts = name.split("/")
        for count in range(1, len(parts)):
            for entry in self._entries("/".join(parts[:count]), only_itself=True):
                if entry.mode in (LINK, SUBMODULE):
                    return entry
        return None

    def _entries(self, name: str, *, only_itself: bool = False) -> list[Entry]:
        deep = () if only_itself else ("-r",)
        listed = _git(self.project_dir, "ls-tree", *deep, "-z", "--full-tree", self.commit, "--", name)
        entries = []
        for line in filter(None, listed.split(b"\0")):
            told, _, found = line.partition(b"\t")
            mode, _, blob = told.decode().split()
            entries.append(Entry(mode, blob, os.fsdecode(found)))
        return entries


def _common_commit(project_dir: Path, base: str) -> str:
    if not base or base.startswith("-"):
        raise UserError(f"`{base}` is no revision of git")
    _git(project_dir, "rev-parse", "--git-dir")
    try:
        found = _git(project_dir, "rev-parse", "--verify", "--quiet", base).decode().strip()
    except UserError as error:
        if error.message:
            raise
        raise UserError(f"git knows no revision `{base}` here", _instead(project_dir, base)) from None
    try:
        commit = _git(project_dir, "rev-parse", "--verify", "--quiet", f"{found}^{{commit}}").decode().strip()
    except UserError:
        raise UserError(f"`{base}` is no commit of git") from None
    try:
        return _git(project_dir, "merge-base", commit, "HEAD").decode().strip()
    except UserError as error:
        if error.message:
            raise
        raise UserError(
            f"`{base}` and what is checked out have no commit in common", "a shallow clone has not enough of the history"
        ) from None


def _instead(project_dir: Path, base: str) -> str:
    """What may help where a revision is not there: in a pipeline there is often no more than what is checked out."""
    if _git(project_dir, "rev-parse", "--is-shallow-repository").strip() == b"true":
        return "this clone is shallow: fetch the whole history, with `fetch-depth: 0` on GitHub"
    try:
        _git(project_dir, "rev-parse", "--verify", "--quiet", f"refs/remotes/origin/{base}")
    except UserError:
        return ""
    return f"`origin/{base}` is there"


def _git(project_dir: Path, *arguments: str, given: str = "") -> bytes:
    """What git prints. Raises UserError with what it says, which is nothing where the answer is no."""
    environment = {name: value for name, value in os.environ.items() if name not in PLACES}
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=project_dir, env=environment, input=given.encode(), capture_output=True, check=False
        )
    except FileNotFoundError:
        raise UserError("git is not installed, and only git knows how the rules were") from None
    if done.returncode:
        raise UserError(done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: "))
    return done.stdout
