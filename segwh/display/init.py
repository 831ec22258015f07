"""The end of init as text: what was found, what was written, and what to do next."""

from __future__ import annotations

from rich.console import Console

from segwh.display.figures import plural
from segwh.display.terminal import line
from segwh.init.propose import ProposedEntity
from segwh.init.setup import InitReport


def show(report: InitReport, console: Console) -> None:
    """Print a report."""
    target = report.target
    console.print(
        line((target.project, "bold"), f", target {target.name} ({target.adapter}): {plural(report.tables, 'table')}")
    )
    for entity in report.entities:
        console.print(line("  ", (entity.name, "bold"), *_parts(entity)))
    if not report.entities:
        console.print(
            line(("  no table with a key was found: build the project with dbt first, or write the catalog", "yellow"))
        )
    for name in report.written:
        before = f" (what was there is now {report.replaced[name]})" if name in report.replaced else ""
        console.print(line(("  wrote ", "green"), name, before))
    for name in report.kept:
        console.print(line(("  kept  ", "dim"), f"{name} (there already; --force overwrites it)"))
    if report.entities_in:
        console.print(line(("  no catalog was written: ", "yellow"), f"{report.entities_in} declares entities already"))
    if report.example:
        console.print(line("next: read segments/catalog.yml, then ", (f"segwh preview {report.example}", "bold")))


def _parts(entity: ProposedEntity) -> tuple[tuple[str, str] | str, ...]:
    events = [rows.name for rows in entity.rows if rows.time is not None]
    related = [rows.name for rows in entity.rows if rows.time is None]
    parts = [f" by {entity.key.name} from {entity.table.relation}, {plural(len(entity.attributes), 'attribute')}"]
    if events:
        parts.append(f"; events: {', '.join(events)}")
    if related:
        parts.append(f"; related: {', '.join(related)}")
    return tuple(parts)
