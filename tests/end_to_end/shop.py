"""A copy of the example in a folder of its own, worked on from outside as a user does: commands in, what they print out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "dbt_project"
CUSTOMERS = 1500
MADE = ("*.duckdb", "*.duckdb.wal", "target", "logs", ".user.yml", "dbt_packages")
VOLATILE = {"segwh_segments": {"last_evaluated_at"}}
"""Columns of public tables that may change in a run that changes nothing else."""

FORBID = "import sys; sys.modules['segwh'] = None; sys.path[:] = [p for p in sys.path if p]"
"""Python after which nothing called segwh can be imported."""

Rows = list[tuple[object, ...]]


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Shop:
    """The folder of a copy."""

    folder: Path

    def run(self, *command: str, **variables: str) -> Done:
        """Run a command in the folder; a traceback is never an answer."""
        env = {name: value for name, value in os.environ.items() if not name.startswith(("DBT_", "SEGWH_"))}
        done = subprocess.run(
            command, cwd=self.folder, env={**env, **variables}, text=True, encoding="utf-8", capture_output=True, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    def segwh(self, *arguments: str, **variables: str) -> Done:
        """Run the command line of this checkout."""
        return self.run(sys.executable, "-m", "segwh", *arguments, PYTHONPATH=str(ROOT), **variables)

    def dbt_alone(self, *arguments: str) -> Done:
        """Run dbt where nothing called segwh can be imported."""
        return self.run(sys.executable, "-c", f"{FORBID}; from dbt.cli.main import cli; cli()", *arguments, PYTHONPATH="")

    def ask(self, question: str) -> Rows:
        """The rows of a query."""
        with duckdb.connect(self.folder / "shop.duckdb", read_only=True) as connection:
            return connection.execute(question).fetchall()

    def public(self) -> dict[str, Rows]:
        """Every row of every table that the contract names, segwh_runs apart, without what may change in every run."""
        with duckdb.connect(self.folder / "shop.duckdb", read_only=True) as connection:
            names = [name for (name,) in connection.execute("select table_name from information_schema.tables").fetchall()]
            found = {}
            for name in sorted(filter(is_public, names)):
                columns = [row[0] for row in connection.execute(f"describe {name}").fetchall()]
                kept = ", ".join(column for column in columns if column not in VOLATILE.get(name, ()))
                found[name] = connection.execute(f"select {kept} from {name} order by all").fetchall()
        return found

    def compiled(self) -> dict[str, bytes]:
        """The compiled files."""
        folders = (self.folder / "models/segwh", self.folder / "macros/segwh")
        files = (file for folder in folders for file in folder.rglob("*") if file.is_file())
        return {file.relative_to(self.folder).as_posix(): file.read_bytes() for file in files}

    def copy(self, folder: Path) -> Shop:
        """Another shop like this one."""
        shutil.copytree(self.folder, folder)
        return Shop(folder)


def is_public(name: str) -> bool:
    """Whether a table belongs to the contract and stays as it is when nothing happens."""
    endings = ("_changes", "_membership", "_history", "_wide", "_traits", "_segments", "_segment_sizes")
    return name.startswith("aud_") or (name.startswith("segwh_") and name.endswith(endings))


def small_copy(folder: Path) -> Shop:
    """The example with few customers, nothing built and nothing compiled."""
    ignored = shutil.ignore_patterns(*MADE)
    shutil.copytree(EXAMPLE, folder, ignore=ignored)
    for compiled in ("models/segwh", "macros/segwh"):
        shutil.rmtree(folder / compiled, ignore_errors=True)
    settings = folder / "dbt_project.yml"
    text = settings.read_text(encoding="utf-8")
    assert "shop_customers: 30000" in text
    settings.write_text(text.replace("shop_customers: 30000", f"shop_customers: {CUSTOMERS}"), encoding="utf-8")
    return Shop(folder)
