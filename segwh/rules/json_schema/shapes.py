"""What schemas are made of: references, lists, mappings of just some keys, words and values."""

from __future__ import annotations

from typing import Any

from segwh.rules.windows import CALENDAR_UNITS, WEEK_DAYS
from segwh.semantics import Unit
from segwh.text.reading import DATE, LONGEST_NAME, NAME, REF, SOURCE, TIME
from segwh.types import DataType

Schema = dict[str, Any]
UNITS = "|".join(f"{unit.value[:-1]}s?" for unit in Unit)
DURATION = rf"^0*[1-9][0-9]{{0,11}} +({UNITS})$"
AGO = rf"^0*[1-9][0-9]{{0,11}} +({UNITS}) ago$"


def ref(name: str) -> Schema:
    """A reference to a definition."""
    return {"$ref": f"#/definitions/{name}"}


def listed(name: str) -> Schema:
    """A list, maybe empty, of a definition."""
    return {"type": "array", "items": ref(name)}


def some(schema: Schema) -> Schema:
    """A list of at least one."""
    return {"type": "array", "items": schema, "minItems": 1}


def mapping(properties: Schema, required: tuple[str, ...] = (), **more: Any) -> Schema:
    """A mapping of just these keys."""
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if required:
        schema["required"] = list(required)
    return schema | more


def named(schema: Schema) -> Schema:
    """A mapping of declared names."""
    return {"type": "object", "additionalProperties": schema, "propertyNames": ref("name")}


def at_most_one(keys: tuple[str, ...]) -> Schema:
    """Of some keys, one or none."""
    one = [{"required": [key]} for key in keys]
    return {"oneOf": [*one, {"not": {"anyOf": one}}]}


def exactly_one(keys: tuple[str, ...]) -> Schema:
    """Of some keys, one."""
    return {"oneOf": [{"required": [key]} for key in keys]}


def one_key(properties: Schema) -> Schema:
    """A mapping of one of some keys."""
    return mapping(properties, minProperties=1, maxProperties=1)


def pair(name: str) -> Schema:
    """A list of two."""
    return {"type": "array", "items": ref(name), "minItems": 2, "maxItems": 2}


def basic() -> Schema:
    """Words and values."""
    return {
        "text": {"type": "string", "pattern": r"\S"},
        "name": {"type": "string", "pattern": f"^{NAME.pattern}$", "not": {"pattern": "__"}, "maxLength": LONGEST_NAME},
        "former_name": {"type": "string", "pattern": f"^{NAME.pattern}$", "maxLength": LONGEST_NAME},
        "reference": {"type": "string", "pattern": r"\S"},
        "value": {"type": ["string", "number", "boolean"]},
        "time": {"type": "string", "pattern": f"^({DATE.pattern}|{TIME.pattern})$"},
        "date": {"type": "string", "pattern": f"^{DATE.pattern}$"},
        "duration": {"type": "string", "pattern": DURATION},
        "ago": {"type": "string", "pattern": AGO},
        "relation": {"type": "string", "pattern": f"^({REF.pattern}|{SOURCE.pattern})$"},
        "type": {"enum": [type_.value for type_ in DataType]},
        "fraction": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
        "percent": {"type": "number", "exclusiveMinimum": 0, "maximum": 100},
        "calendar_unit": {"enum": list(CALENDAR_UNITS)},
        "week_day": {"enum": list(WEEK_DAYS)},
        "month_day": {"type": "string", "pattern": "^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"},
        "hour": {"type": "integer", "minimum": 0, "maximum": 23},
    }
