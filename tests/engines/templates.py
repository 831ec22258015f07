"""The code that Jinja makes of a template's text, made once, whichever process asks: dbt makes it anew in every run."""

from __future__ import annotations

import hashlib
import marshal
import os
import tempfile
import threading
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import Environment

if "SEGWH_TEST_TEMPLATES" not in os.environ:
    # of the first process of the tests, for all that it starts
    _FOLDER = tempfile.TemporaryDirectory(prefix="segwh-templates-")
    os.environ["SEGWH_TEST_TEMPLATES"] = _FOLDER.name
TEMPLATES = Path(os.environ["SEGWH_TEST_TEMPLATES"])
"""The folder for the code, one file for each text."""

_compile = Environment.compile


def compile_once(self: Environment, source: Any, *more: Any, **named: Any) -> Any:
    """Jinja's `compile`, which makes the same code of a text whoever asks in an environment of dbt's; they are all alike."""
    if not type(self).__module__.startswith("dbt") or not isinstance(source, str) or more or named:
        return _compile(self, source, *more, **named)
    kept = TEMPLATES / hashlib.sha256(f"{type(self)}\0{source}".encode()).hexdigest()
    if kept.exists():
        return marshal.loads(kept.read_bytes())
    code: CodeType = _compile(self, source)
    new = kept.with_suffix(f".{os.getpid()}-{threading.get_ident()}")  # dbt compiles in several threads
    new.write_bytes(marshal.dumps(code))
    new.replace(kept)
    return code


def are_kept() -> None:
    """From now on, in this process."""
    Environment.compile = compile_once  # type: ignore[method-assign]
