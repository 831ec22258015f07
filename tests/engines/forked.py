"""dbt and segwh in processes of their own, forked from one that has imported them: quick to start, and free to be killed."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import re
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from tests.engines import templates  # noqa: F401  says in the environment where all processes keep code

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.engines.warm"])


@dataclass(frozen=True, slots=True)
class Death:
    """When a dbt process kills itself: at the nth (from 1) event of that name from a node whose name matches, `seconds` later.

    Events: `LogStartLine` (a node begins), `NodeFinished`, `SQLQuery` (a statement is about to be sent), `SQLQueryStatus`
    (it was answered).
    """

    event: str
    nth: int = 1
    node: str = ".*"
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Done:
    """How a process ended: its exit code (negative: by that signal) and all it printed."""

    code: int
    output: str


class Running:
    """A process under way."""

    def __init__(self, process: BaseProcess, log: Path) -> None:
        self._process, self._log = process, log

    def done(self, seconds: float = 240) -> Done:
        """Wait for its end. Raises TimeoutError, and then it is dead."""
        self._process.join(seconds)
        if self._process.exitcode is None:
            self._process.kill()
            raise TimeoutError(self._log.read_text(errors="replace"))
        return Done(self._process.exitcode, self._log.read_text(errors="replace"))


_numbers = itertools.count()
PARSED = "parsed.msgpack"
"""The file that holds the parsed project, as long as nobody removes it: parsing is half of a small run's time."""


def start(program: str, arguments: Sequence[str], folder: Path, death: Death | None = None) -> Running:
    """Start `dbt` or `segwh` in a folder. `dbt` reads the parsed project if it is there, and leaves it there."""
    logs = folder / "printed"
    logs.mkdir(exist_ok=True)
    log = logs / f"{next(_numbers)}.txt"
    process = _FORKS.Process(target=_child, args=(program, list(arguments), str(folder), str(log), death))
    process.start()
    return Running(process, log)


def _child(program: str, arguments: list[str], folder: str, log: str, death: Death | None) -> None:
    os.chdir(folder)
    printed = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(printed, stream)
    sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
    os.environ.update(NO_COLOR="1", COLUMNS="160", DBT_SEND_ANONYMOUS_USAGE_STATS="false", DBT_PARTIAL_PARSE="true")
    # a sixth of a small run's time; whoever reads what dbt writes says --write-json
    os.environ.update(DBT_WRITE_JSON="false", DBT_LOG_LEVEL_FILE="none")
    code = _segwh(arguments) if program == "segwh" else _dbt(arguments, death)
    sys.stdout.flush()
    sys.stderr.flush()
    # As the interpreter would end, but without waiting for threads of a pool that dbt may have left behind.
    os._exit(code)


def _segwh(arguments: list[str]) -> int:
    from segwh.cli import cli

    try:
        cli.main(arguments)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


def _dbt(arguments: list[str], death: Death | None) -> int:
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    parsed = Path(PARSED)
    if not parsed.exists():
        found = dbtRunner().invoke(["--quiet", "parse", "--project-dir", ".", "--profiles-dir", "."])
        if not found.success:
            print(found.exception)
            return 2
        kept = parsed.with_name(f"{PARSED}.{os.getpid()}")
        kept.write_bytes(found.result.to_msgpack())
        kept.replace(parsed)
    manifest = Manifest.from_msgpack(parsed.read_bytes())
    manifest.build_flat_graph()
    result = dbtRunner(manifest=manifest, callbacks=[_Reaper(death)] if death else []).invoke([*arguments, "--no-use-colors"])
    if result.exception is not None:
        print(result.exception)
        return 2
    return 0 if result.success else 1


class _Reaper:
    """Kills its own process when the time has come."""

    def __init__(self, death: Death) -> None:
        self._death = death
        self._node, self._seen = "", 0

    def __call__(self, event: Any) -> None:
        name = event.info.name
        if name == "AdapterEventDebug":  # adapters that tell of their statements in words of their own
            said = event.data.base_msg
            name = "SQLQuery" if said.startswith("On ") else "SQLQueryStatus" if said.startswith("SQL status") else name
        if name == "LogStartLine":
            self._node = event.data.node_info.node_name
        if name != self._death.event or not re.fullmatch(self._death.node, self._node):
            return
        self._seen += 1
        if self._seen != self._death.nth:
            return
        if self._death.seconds:
            threading.Timer(self._death.seconds, _die).start()
        else:
            _die()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
