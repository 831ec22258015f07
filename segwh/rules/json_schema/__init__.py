"""The JSON Schema of a rule file, generated from the tables of the language, for editors and other tools.

It accepts what the parser accepts, but for what needs the catalog or arithmetic: NOT_COVERED lists that.
"""

from __future__ import annotations

from segwh.rules.json_schema.catalog import catalog
from segwh.rules.json_schema.conditions import conditions
from segwh.rules.json_schema.sections import sections
from segwh.rules.json_schema.shapes import Schema, basic, listed
from segwh.rules.words import TABLE as WORDS
from segwh.rules.words import Place

DIALECT = "http://json-schema.org/draft-07/schema#"

NOT_COVERED = (
    "whether names are declared, unique and of the right type, entity or grain; cycles",
    "whether a value has the type of its attribute, dates are in the calendar, bounds ascend, durations are under 1000 years",
    "regular expressions, formulas, SQL expressions and time zones, but for being texts",
    "sums: the variants of a split, the cuts of a score, the items of `at_least`; only the last stage without condition",
)
"""What the schema cannot say."""

PLACES = {
    "segment": Place.SEGMENT,
    "named_condition": Place.CONDITIONS,
    "group": Place.GROUP,
    "exclusion": Place.EXCLUSION,
    "entity": Place.ENTITY,
    "event": Place.EVENT,
    "related": Place.RELATED,
    "step": Place.SEQUENCE,
}
"""Definitions whose keys the table of words describes."""


def json_schema() -> Schema:
    """The schema of a rule file."""
    return {
        "$schema": DIALECT,
        "title": "segwh rules",
        "type": "object",
        "properties": {
            "entities": listed("entity"),
            "conditions": listed("named_condition"),
            "traits": listed("trait"),
            "segments": listed("segment"),
            "groups": listed("group"),
            "matrices": listed("matrix"),
            "exclusions": listed("exclusion"),
        },
        "additionalProperties": False,
        "definitions": described({**basic(), **catalog(), **conditions(), **sections()}),
    }


def described(definitions: Schema) -> Schema:
    """The definitions with what the table of words says of their keys, for editors to show."""
    return {
        name: with_words(schema, PLACES[name]) if name in PLACES and "properties" in schema else schema
        for name, schema in definitions.items()
    }


def with_words(schema: Schema, place: Place) -> Schema:
    """A mapping with the words of a place."""
    said = {word.key: word.doc for word in reversed(WORDS) if word.place is place}
    properties = {
        key: {"description": said[key]} | value if key in said else value for key, value in schema["properties"].items()
    }
    return schema | {"properties": properties}
