"""The end of an import as lines: what was carried over, what was left out and why, and what differs in a detail."""

from __future__ import annotations

import json
from collections.abc import Iterator

from segwh.display.figures import plural
from segwh.importing.importer import Imported
from segwh.text.diagnostics import printable


def as_text(imported: Imported) -> str:
    """What people read."""
    return "\n".join(printable(line) for line in _lines(imported)) + "\n"


def _lines(imported: Imported) -> Iterator[str]:
    for left in imported.left_out:
        yield f"left out: {left.title}"
        for problem in left.problems:
            yield f"  {problem.path or 'it'}: {' '.join(problem.reason.split())}"
    for name, note in imported.notes:
        yield f"note: {name}: {note.reason}"
    yield f"{plural(len(imported.segments), 'segment')} carried over, {len(imported.left_out)} left out"


def as_json(imported: Imported) -> str:
    """What tools read: the file's text with it."""
    told = {
        "segments": list(imported.segments),
        "left_out": [
            {
                "title": left.title,
                "path": left.path,
                "problems": [{"path": problem.path, "reason": problem.reason} for problem in left.problems],
            }
            for left in imported.left_out
        ],
        "notes": [{"segment": name, "path": note.path, "reason": note.reason} for name, note in imported.notes],
        "text": imported.text,
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"
