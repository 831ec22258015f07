"""Writes the documents that are made from the code: reference.md, coverage.md, errors.md and the tables of engines.md.

`python docs/make_reference.py`, after a change of the language, its tests or the commands.
"""

from __future__ import annotations

import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS.parent))

from tests.docs.pages import pages  # noqa: E402 (the tests are no package that is installed)

for name, text in pages().items():
    (DOCS / name).write_text(text, encoding="utf-8", newline="\n")
    print(f"wrote docs/{name}")  # noqa: T201
