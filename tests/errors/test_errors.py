"""Every mistake is shown the way it is promised: each case holds the files a user wrote and the exact text that comes back.

A case is a text file of parts, each under a line `=== name`; the part `expected` holds the diagnostics, and `dialect` the name
of one where it is not DuckDB's. A case without a part `catalog.yml` is read beside the catalog of this folder. With
SEGWH_ACCEPT=1 the expected parts are written anew, for review.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from segwh.project import SETTINGS_FILE, load_texts
from segwh.text.diagnostics import MEANINGS, Code

FOLDER = Path(__file__).parent
CASES = sorted(FOLDER.glob("*.txt"))


def parts_of(case: Path) -> dict[str, str]:
    """The parts of a case by name."""
    pieces = re.split(r"^=== (.+)\n", case.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


@pytest.mark.parametrize("case", CASES, ids=[case.stem for case in CASES])
def test_a_mistake_is_shown_as_promised(case: Path) -> None:
    parts = parts_of(case)
    expected = parts.pop("expected", "")
    files = {"catalog.yml": (FOLDER / "catalog.yml").read_text(encoding="utf-8"), **parts}
    settings = files.pop(SETTINGS_FILE, None)
    loaded = load_texts(files, settings, files.pop("dialect", "duckdb\n").strip())
    if os.environ.get("SEGWH_ACCEPT"):
        written = case.read_text(encoding="utf-8").split("=== expected\n")[0]
        case.write_text(f"{written}=== expected\n{loaded.text}", encoding="utf-8")
    assert loaded.text == expected
    assert (loaded.project is None) == (": error " in expected)


def test_the_catalog_beside_the_cases_is_right() -> None:
    loaded = load_texts({"catalog.yml": (FOLDER / "catalog.yml").read_text(encoding="utf-8")})
    assert loaded.text == ""


def test_every_code_has_a_meaning_and_is_used_once() -> None:
    assert set(MEANINGS) == set(Code)
    assert len({code.value for code in Code}) == len(Code)
