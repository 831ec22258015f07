"""The SQL that dbt runs for a set of rules: compiled by segwh, rendered by dbt on a small copy of the tables.

What dbt renders does not depend on the rows, so the statements can then be measured on any number of them.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks import data, rules
from segwh.commands.workspace import Workspace, compile_workspace

DATABASE = "bench"
FILES = {
    "dbt_project.yml": "name: bench\nprofile: bench\nflags: {send_anonymous_usage_stats: false}\n",
    "profiles.yml": "bench: {target: dev, outputs: {dev: {type: duckdb, path: bench.duckdb, threads: 1}}}\n",
    "segwh.yml": "version: 1\n",
    "models/sources.yml": "sources: [{name: shop, schema: main, tables: [{name: customers}, {name: events}]}]\n",
    "segments/catalog.yml": rules.CATALOG,
}


@dataclass(frozen=True, slots=True)
class Compiled:
    """The SELECTs of the models that evaluate segments, in the order in which they run: model name -> SQL."""

    models: dict[str, str]
    nodes: int
    """How many nodes dbt ran."""


def compiled(segments: tuple[rules.Segment, ...], folder: Path) -> Compiled:
    """Compile rules into a dbt project of its own below `folder`, and run it there on a thousand events."""
    for name, text in {**FILES, "segments/segments.yml": rules.yaml_text(segments)}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    compile_workspace(Workspace(folder, "duckdb"))
    with duckdb.connect(folder / f"{DATABASE}.duckdb") as connection:
        data.create(connection, 100, 1000)
    command = [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--no-use-colors", "run"]
    command += ["--vars", f"segwh_as_of: '{data.AS_OF:%Y-%m-%dT%H:%M:%SZ}'"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stdout)
    place = folder / "target" / "compiled" / "bench" / "models" / "segwh" / "customer" / "internal"
    found = {name: (place / f"segwh_customer_{name}.sql").read_text(encoding="utf-8") for name in ("facts", "evaluation")}
    return Compiled(found, sum(1 for _ in (folder / "target" / "compiled").rglob("*.sql")))
