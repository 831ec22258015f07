"""What the programs of emulators share: requests and answers as lines, and dbt in the same process."""

from __future__ import annotations

import base64
import os
import pickle
import sys
from collections.abc import Callable
from typing import Any

MARK = "answer: "
"""How an answer's line begins: packages print, too."""
ANSWERS = os.fdopen(os.dup(1), "w")
"""Where answers go; what dbt and emulators print goes where errors go."""
os.dup2(2, 1)


def serve(execute: Callable[[str], None], rows: Callable[[str], list[tuple[Any, ...]]]) -> None:
    """Answer pickled requests, a line of base64 each, until the input ends.

    `execute` with statements, `rows` with a query, `dbt` with a folder and arguments; an answer is (worked, result).
    """
    def answer(kind: str, given: Any) -> object:
        if kind == "dbt":
            return run_dbt(**given)
        if kind == "rows":
            return rows(given)
        for statement in given:
            execute(statement)
        return None

    for line in sys.stdin:
        try:
            found = True, answer(*pickle.loads(base64.b64decode(line)))
        except Exception as error:
            found = False, f"{type(error).__name__}: {error}"
        print(MARK + base64.b64encode(pickle.dumps(found)).decode(), file=ANSWERS, flush=True)


def run_dbt(folder: str, arguments: list[str]) -> tuple[bool, str]:
    """Whether dbt succeeded, and what it complained of."""
    from dbt.cli.main import dbtRunner

    os.chdir(folder)
    done = dbtRunner().invoke(arguments)
    complaints = [f"{one.node.name}: {one.message}" for one in done.result or () if one.status not in ("success", "pass")]
    return done.success, "\n".join([str(done.exception or ""), *complaints])
