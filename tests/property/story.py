"""A generated project as the text of a story: what a failure prints, ready to become a file of tests/cases."""

from __future__ import annotations

import json

from tests.cases import harness, tables
from tests.property.projects import Generated


def story(generated: Generated) -> str:
    """The text of a case file, but for what is expected."""
    settings = dict(line.split(": ", 1) for line in generated.settings.splitlines()[1:])
    lines = ["story: ...", f"as_of: {generated.as_of.isoformat().replace('+00:00', 'Z')}"]
    lines += [f"settings: {json.dumps(settings)}", "project: |", *_indented(generated.text), "rows:"]
    for relation, table in generated.tables.items():
        lines += [f"  {harness.relation_name(relation)}: |", *_indented(tables.text(table), 4)]
    for key, stays in (("before", generated.before.entered_at), ("exited", generated.before.exited_at)):
        if stays:
            shown = {name: {who: at.isoformat() for who, at in keys.items()} for name, keys in stays.items()}
            lines.append(f"{key}: {json.dumps(shown)}")
    if generated.before.frozen:
        lines.append(f"frozen: {json.dumps({name: list(keys) for name, keys in generated.before.frozen.items()})}")
    return "\n".join(lines)


def _indented(text: str, by: int = 2) -> list[str]:
    return [" " * by + line for line in text.splitlines()]
