"""The end of a validation: every diagnostic with its line, or that all is well."""

from __future__ import annotations

import json

from segwh.commands.workspace import Validation
from segwh.display.figures import plural
from segwh.text.diagnostics import render


def as_text(found: Validation) -> str:
    """The diagnostics as people read them, and one line that sums them up."""
    text = render(found.diagnostics, found.sources)
    if found.is_valid:
        tests = f", {plural(found.tests, 'test')}" if found.tests else ""
        return f"{text}{plural(found.segments, 'segment')}, {plural(found.entities, 'entity')}{tests}: valid\n"
    errors = sum(diagnostic.severity == "error" for diagnostic in found.diagnostics)
    return f"{text}\n{plural(errors, 'error')}\n"


def as_json(found: Validation) -> str:
    """The diagnostics as JSON for tools."""
    listed = [diagnostic.as_json() for diagnostic in found.diagnostics]
    counts = {"valid": found.is_valid, "segments": found.segments, "entities": found.entities, "tests": found.tests}
    return json.dumps({**counts, "diagnostics": listed}, indent=2, ensure_ascii=False) + "\n"
