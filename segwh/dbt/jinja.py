"""Text that dbt will render: config blocks and Jinja string literals."""

from __future__ import annotations

from collections.abc import Mapping

from segwh.sql.holes import BoundHole
from segwh.types import Relation

HEADER = "-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file."


def jinja_string(text: str) -> str:
    """A Jinja string literal that renders as `text`."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"


def jinja_value(value: object) -> str:
    """A Jinja literal of a string, boolean, list or mapping. Raises TypeError for anything else."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return jinja_string(value)
        case list() | tuple():
            return "[" + ", ".join(jinja_value(item) for item in value) + "]"
        case Mapping():
            return "{" + ", ".join(f"{jinja_string(str(key))}: {jinja_value(item)}" for key, item in value.items()) + "}"
        case _:
            raise TypeError(f"no config value of type {type(value).__name__}")


def config_block(options: Mapping[str, object]) -> str:
    """A `{{ config(...) }}` block."""
    lines = ",\n".join(f"    {name}={jinja_value(option)}" for name, option in options.items())
    return f"{{{{ config(\n{lines}\n) }}}}"


def ref(model: str) -> str:
    """A model's relation."""
    return f"{{{{ ref({jinja_string(model)}) }}}}"


def relation_text(relation: Relation) -> str:
    """A catalog relation."""
    return f"{{{{ {relation.kind}({', '.join(jinja_string(part) for part in relation.parts)}) }}}}"


def bound_word(hole: BoundHole) -> str:
    """The variable that holds the text of a bound's literal."""
    return f"{hole.name}_utc" if hole.name in ("as_of", "as_of_before") else hole.name
