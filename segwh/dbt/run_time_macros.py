"""The run-time macros that a compiled project carries."""

from __future__ import annotations

from functools import cache
from pathlib import Path

PACKAGED = Path(__file__).parent / "macros"
IN_REPOSITORY = Path(__file__).parents[2] / "macros"


@cache
def run_time_macros() -> dict[str, str]:
    """File name -> text. An installed package carries them beside this module; a checkout has them at its top."""
    folder = PACKAGED if PACKAGED.is_dir() else IN_REPOSITORY
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.sql"))}
