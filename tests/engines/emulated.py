"""Emulators of warehouses, each in a process and an environment of its own: dbt and SQL go to it as lines."""

from __future__ import annotations

import base64
import os
import pickle
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.engines.places import Rows
from tests.engines.shop import Shop, as_of
from tests.engines.undisturbed import FIRST, SERIES, Undisturbed

HOME = Path(os.environ.get("SEGWH_TEST_ENVIRONMENTS", Path.home() / ".cache" / "segwh-emulators"))
"""Where the environments are kept from run to run."""

MARK = "answer: "
"""How the line of an answer begins (worker_lines)."""


def python(name: str, packages: Sequence[str]) -> Path:
    """The Python of the environment of that name, made when it is not there. Skips the test, aloud, when it cannot be made."""
    folder = HOME / name
    program = folder / "bin" / "python"
    ready = folder / "ready.txt"
    if not ready.exists() or ready.read_text() != "\n".join(packages):
        venv.create(folder, with_pip=True, clear=True)
        made = subprocess.run(
            [program, "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
        if made.returncode:
            pytest.skip(f"{name.upper()} IS NOT TESTED, its packages cannot be installed: {made.stdout[-500:]}")
        ready.write_text("\n".join(packages))
    return program


@dataclass(frozen=True, slots=True)
class Worker:
    """A running emulator."""

    process: Any

    def ask(self, kind: str, given: object) -> Any:
        """Send a request; what it gives. Raises RuntimeError with what it complains of."""
        print(base64.b64encode(pickle.dumps((kind, given))).decode(), file=self.process.stdin, flush=True)
        answers = (line for line in self.process.stdout if line.startswith(MARK))
        line = next(answers, None)
        if line is None:
            raise RuntimeError("the emulator died")
        worked, found = pickle.loads(base64.b64decode(line.removeprefix(MARK)))
        if not worked:
            raise RuntimeError(found)
        return found


@contextmanager
def running(program: Path, module: str, *arguments: str) -> Iterator[Worker]:
    """An emulator for as long as the context lasts: a file of this folder, run as a program."""
    process = subprocess.Popen(
        [program, Path(__file__).with_name(module), *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, stderr=sys.stderr if os.environ.get("SEGWH_NOISY") else None,
        env={**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "PYTHONPATH": ""},
    )  # fmt: skip
    try:
        yield Worker(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@dataclass(frozen=True, slots=True)
class Emulated:
    """A schema of an emulated warehouse, as a place that a project is built into (tests.engines.places)."""

    worker: Worker
    adapter: str
    output: Mapping[str, Any]
    spellings: Mapping[str, str] = field(default_factory=dict)
    """What the shop's statements are called there: texts that are replaced."""

    def build(self, shop: Shop, day: int) -> tuple[bool, str]:
        """Run dbt for a day; whether it succeeded, and what it complained of."""
        arguments = ["build", "--select", "tag:segwh", "--vars", f"{{segwh_as_of: '{as_of(day)}'}}"]
        where = ["--project-dir", ".", "--profiles-dir", ".", "--quiet", "--no-use-colors", "--no-write-json"]
        succeeded, complaints = self.worker.ask("dbt", {"folder": str(shop.folder), "arguments": [*arguments, *where]})
        return succeeded, complaints

    def run(self, shop: Shop, day: int) -> None:
        """Load a day and run dbt for it; it must succeed."""
        shop.load(day)
        succeeded, complaints = self.build(shop, day)
        assert succeeded, complaints

    def execute(self, *statements: str) -> None:
        """Run statements one by one."""
        for statement in statements:
            for found, spelling in self.spellings.items():
                statement = statement.replace(found, spelling)
            self.worker.ask("execute", [statement])

    def rows(self, query: str) -> Rows:
        """The rows of a query."""
        return list(self.worker.ask("rows", query))

    def several(self, queries: Mapping[str, str]) -> Mapping[str, Rows]:
        """The rows of several queries by name."""
        return {name: self.rows(query) for name, query in queries.items()}

    def has(self, relation: str) -> bool:
        """Whether a table or view of that name is there."""
        raise NotImplementedError


def check_series(shop: Shop, place: Emulated, undisturbed: Undisturbed) -> None:
    """The series, then an as-of that lies back, which is refused: each time readers see what they see on DuckDB."""
    for day in SERIES:
        place.run(shop, day)
        assert (shop.books(), shop.views()) == undisturbed.after(day)
    succeeded, complaints = place.build(shop, FIRST)
    assert not succeeded
    assert "is refused, nothing was changed" in complaints
    assert (shop.books(), shop.views()) == undisturbed.after(SERIES[-1])
