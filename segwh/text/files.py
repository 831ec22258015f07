"""Which files of a folder hold rules and which hold tests. A file that looks like one of rules and is none is a mistake: the
exclusions in it would silently not hold.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from segwh.text.diagnostics import Code, Complaints
from segwh.text.source import start_of

TESTS_FOLDER = "tests"
"""The folder right under the rules' one whose files are fixtures, not rules."""
SUFFIXES = (".yml", ".yaml")
LOOKS_LIKE_YAML = re.compile(r".*\.ya?ml(\.txt|[\s.]+)", re.IGNORECASE | re.DOTALL)
"""A name that its writer takes for one of YAML: `.yml.txt` is what some editors make of it."""
LOCK = ".#"
"""What the name of Emacs' lock of a file begins with: a link that leads nowhere, on purpose."""


@dataclass(frozen=True, slots=True)
class YamlFiles:
    """The YAML files under the rules' folder, each kind in the order of their names."""

    rules: list[Path] = field(default_factory=list)
    tests: list[Path] = field(default_factory=list)


def yaml_files(project_dir: Path, rules_path: str, complaints: Complaints) -> YamlFiles:
    """Every YAML file of the rules' folder and those below, also where links lead. Complains of what is not surely one, nor
    surely none.
    """
    folder = project_dir / rules_path
    found = YamlFiles()
    _gather(folder, (), found.tests, found.rules, project_dir, complaints)
    found.rules.sort()
    found.tests.sort()
    return found


def _gather(
    folder: Path, above: tuple[str, ...], tests: list[Path], files: list[Path], project_dir: Path, complaints: Complaints
) -> None:
    """Add the YAML files of a folder to `files`, those of its folder of tests to `tests`. `above` are the real paths of the
    folders that lead here: a link back to one of them leads to nothing new.
    """
    real = os.path.realpath(folder)
    if real in above:
        return
    try:
        paths = sorted(folder.iterdir())
    except OSError as error:
        name = folder.relative_to(project_dir).as_posix()
        complaints.error(Code.FILE, start_of(name), f"the folder cannot be read: {error.strerror}")
        complaints.incomplete = True
        return
    for path in paths:
        if path.is_dir():
            into = tests if path.name == TESTS_FOLDER and not above else files
            _gather(path, (*above, real), tests, into, project_dir, complaints)
        elif _is_yaml(path, project_dir, complaints):
            files.append(path)


def _is_yaml(path: Path, project_dir: Path, complaints: Complaints) -> bool:
    """Whether something that is no folder is a YAML file. What only looks like one is complained about."""
    is_named_so = path.name.lower().endswith(SUFFIXES)
    if is_named_so and path.is_file():
        return True
    name = path.relative_to(project_dir).as_posix()
    if path.is_symlink() and not path.exists():
        # where it leads to nothing, nobody can tell a file from a folder of rules by its name
        if not path.name.startswith(LOCK):
            complaints.error(Code.FILE, start_of(name), "the link leads nowhere", "a file or a folder", "mend or remove it")
    elif is_named_so:
        complaints.error(Code.FILE, start_of(name), "this is no file", "a text file")
    elif LOOKS_LIKE_YAML.fullmatch(path.name):
        message = "its name is not quite that of a YAML file, so it is not read"
        complaints.error(Code.FILE, start_of(name), message, "`.yml` or `.yaml`", "rename it, or move it out of the folder")
    else:
        return False
    complaints.incomplete = True
    return False
