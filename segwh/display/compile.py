"""The end of a compile as lines: which files were written, removed, or are not up to date."""

from __future__ import annotations

from collections.abc import Iterator

from segwh.commands.workspace import CompileReport
from segwh.display.figures import plural


def lines(report: CompileReport) -> Iterator[str]:
    """The lines of a report: each file that differs, then the sum."""
    drift = report.drift
    verbs = ("missing", "changed", "stale") if report.is_check else ("wrote", "wrote", "removed")
    for verb, files in zip(verbs, (drift.missing, drift.changed, drift.stale), strict=True):
        for file in files:
            yield f"{verb:<8} {file}"
    count = f"{plural(report.segments, 'segment')} of {plural(report.entities, 'entity')}"
    total = len(drift.missing) + len(drift.changed) + len(drift.unchanged)
    if not drift:
        yield f"{count}: {plural(total, 'file')} up to date"
    elif report.is_check:
        yield f"{count}: not up to date; run `segwh compile`"
    else:
        yield f"{count}: {plural(total, 'file')}, {len(drift.unchanged)} of them unchanged"
