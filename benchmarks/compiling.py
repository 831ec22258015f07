"""What compiling costs: against reading the rules' YAML, from a thousand segments to ten thousand, again, and to start.

    python -m benchmarks.compiling --segments 1000,10000

For each number of segments, in files of ten, on an empty folder and in processes of their own:

- *reading*: `yaml.compose` with the C loader over the same texts;
- *compiling*: rules read, checked, planned and made into the texts of all files, in floors of *reading*;
- *whole*: `segwh compile` as it is typed, with the start of Python; *again* when nothing changed; *one changed* when one file
  of ten segments did, and how many of the compiled files that changed; *memory*: the most that *whole* took.

Then what `segwh --version` and `segwh --help` take to start, against a bare `import click`. Processor seconds; each is the
least of the repeats, in turns. Processes find Python's files compiled, as they do where a package was installed.
"""

from __future__ import annotations

import argparse
import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import yaml

from benchmarks import rules
from segwh.dbt.compile import compiled_files
from segwh.project import collection_paused, load_project
from segwh.resolve.rule_hash import RuleHashes

PER_FILE = 10
SEGWH = (sys.executable, "-c", "from segwh.cli import main; main()")
COMPILE = (*SEGWH, "compile", "--dialect", "duckdb")
CLICK = (sys.executable, "-c", "import click")
STARTS = {"segwh --version": (*SEGWH, "--version"), "segwh --help": (*SEGWH, "--help")}
MEMORY_UNIT = 1 if sys.platform == "darwin" else 1024
"""Bytes in which the system counts the most memory that a process took."""


@dataclass(frozen=True, slots=True)
class Compiling:
    """Processor seconds for a number of segments, megabytes of memory, and what a change of one file touched."""

    segments: int
    reading: float
    compiling: float
    whole: float
    again: float
    one_changed: float
    memory: float
    files: int
    files_changed: int

    @property
    def ratio(self) -> float:
        """Compiling, in times of reading."""
        return self.compiling / self.reading


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print a table, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--segments", default="1000,10000", help="numbers of segments, with commas")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--json", help="a file for the results")
    options = parser.parse_args(arguments)
    found = []
    with tempfile.TemporaryDirectory() as scratch:
        written(PER_FILE, Path(scratch))
        _process(COMPILE, Path(scratch))
    for count in map(int, options.segments.split(",")):
        with tempfile.TemporaryDirectory() as scratch:
            found.append(_measured(count, Path(scratch), options.repeat))
        print("\n".join(_told(found[-1], found[0])), flush=True)
    starts = _starts(max(5, options.repeat))
    for name, taken in starts.items():
        print(f"{name:<34}{taken:8.3f} s   {taken / starts['import click']:5.1f} times import click")
    if options.json:
        told = {"compiling": [asdict(one) for one in found], "starts": starts}
        Path(options.json).write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def _measured(count: int, folder: Path, repeat: int) -> Compiling:
    texts = written(count, folder)
    reading, compiling, whole, again, changed, memory = [], [], [], [], [], []
    changed_file = folder / "segments" / f"segments_{count // 2 // PER_FILE:04}.yml"
    for _ in range(repeat):
        reading.append(_seconds(lambda: composed(texts)))
        compiling.append(_seconds(lambda: in_process(folder)))
        for path in ("target", "models", "macros"):
            subprocess.run(["rm", "-rf", str(folder / path)], check=True)
        seconds, megabytes, _ = _process(COMPILE, folder)
        whole.append(seconds)
        memory.append(megabytes)
        again.append(_process(COMPILE, folder)[0])
        before = changed_file.read_text(encoding="utf-8")
        changed_file.write_text(before.replace("gte: ", "gte: 1", 1), encoding="utf-8")
        seconds, _, out = _process(COMPILE, folder)
        changed.append(seconds)
        changed_file.write_text(before, encoding="utf-8")
    files = sum(1 for top in ("models", "macros") for path in (folder / top).rglob("*") if path.is_file())
    return Compiling(
        segments=count,
        reading=min(reading),
        compiling=min(compiling),
        whole=min(whole),
        again=min(again),
        one_changed=min(changed),
        memory=max(memory),
        files=files,
        files_changed=sum(1 for line in out.splitlines() if line.startswith("wrote ")),
    )


def written(count: int, folder: Path) -> list[str]:
    """Write a project of so many segments, and give the texts of its rules."""
    segments = rules.segments(count)
    parts = [segments[first : first + PER_FILE] for first in range(0, count, PER_FILE)]
    texts = {f"segments/segments_{number:04}.yml": rules.yaml_text(part) for number, part in enumerate(parts)}
    texts["segments/catalog.yml"] = rules.CATALOG
    (folder / "segments").mkdir(parents=True)
    for name, text in {**texts, "segwh.yml": "version: 1\n", "dbt_project.yml": "name: bench\n"}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return list(texts.values())


def composed(texts: Sequence[str]) -> None:
    """Read YAML, with the garbage collector held back as it is while compiling."""
    with collection_paused():
        for text in texts:
            yaml.compose(text, Loader=yaml.CSafeLoader)


def in_process(folder: Path) -> dict[str, str]:
    """All compiled files of a project, as texts."""
    with collection_paused():
        project = load_project(folder).project
        assert project is not None
        hashes = RuleHashes(project)
        return compiled_files(project, {one.name: hashes.of(one) for one in project.segments}, "duckdb")


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _process(command: Sequence[str], folder: Path) -> tuple[float, float, str]:
    """Processor seconds, most megabytes, and the output of a process. Raises CalledProcessError."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out, tempfile.TemporaryFile("w+", encoding="utf-8") as told:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=told, env=_environment())
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:  # else it is warnings of rules that were made at random
            told.seek(0)
            raise subprocess.CalledProcessError(process.returncode, command, stderr=told.read())
        out.seek(0)
        return used.ru_utime + used.ru_stime, used.ru_maxrss * MEMORY_UNIT / 1e6, out.read()


@cache
def _environment() -> dict[str, str]:
    """The environment of processes, which keep Python's compiled files in a folder of their own."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    folder = tempfile.mkdtemp(prefix="segwh-bytecode-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return {**own, "PYTHONPYCACHEPREFIX": folder}


def _starts(repeat: int) -> dict[str, float]:
    commands = {"import click": CLICK, **STARTS}
    found: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as scratch:
        for _ in range(repeat):
            for name, command in commands.items():
                found[name].append(_process(command, Path(scratch))[0])
    return {name: min(taken) for name, taken in found.items()}


def _told(one: Compiling, first: Compiling) -> list[str]:
    times = one.segments / first.segments
    lines = [
        f"{one.segments:,} segments in {one.segments // PER_FILE:,} files",
        f"  {'reading':<32}{one.reading:8.2f} s",
        f"  {'compiling':<32}{one.compiling:8.2f} s   {one.ratio:5.1f} times reading",
        f"  {'whole':<32}{one.whole:8.2f} s",
        f"  {'again':<32}{one.again:8.2f} s   {one.again / one.whole:5.0%} of the whole",
        f"  {'one changed':<32}{one.one_changed:8.2f} s   {one.one_changed / one.whole:5.0%}; changes {one.files_changed} of"
        f" {one.files} compiled files",
        f"  {'memory':<32}{one.memory:8.0f} MB",
    ]
    if times > 1:
        lines.append(f"  {times:.0f} times as many segments: {one.compiling / first.compiling:.1f} times as long")
    return lines


if __name__ == "__main__":
    main()
