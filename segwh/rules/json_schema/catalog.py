"""The schema of entities, events, related rows and lookups."""

from __future__ import annotations

from segwh.rules.json_schema.shapes import Schema, at_most_one, mapping, named, ref, some
from segwh.types import KEY_TYPES, TEMPORAL_TYPES

FRESHNESS: Schema = {"max_lag": ["updated_at"], "updated_at": ["max_lag"]}


def catalog() -> Schema:
    """What `entities` holds."""
    column = {
        "oneOf": [
            ref("type"),
            mapping(
                {"type": ref("type"), "column": ref("text"), "sql": ref("text")}, ("type",), **at_most_one(("column", "sql"))
            ),
        ]
    }
    time_type = {"enum": sorted(TEMPORAL_TYPES)}
    validity = mapping({"from": ref("text"), "to": ref("text")}, ("from", "to"))
    lookup = mapping(
        {
            "relation": ref("relation"),
            "by": ref("text"),
            "key": ref("text"),
            "properties": ref("columns"),
            "lookups": ref("lookups"),
            "validity": ref("validity"),
            "updated_at": ref("time_column"),
            "max_lag": ref("duration"),
        },
        ("relation", "by", "key"),
        dependencies=FRESHNESS,
    )
    rows: Schema = {
        "name": ref("name"),
        "relation": ref("relation"),
        "key": ref("text"),
        "properties": ref("columns"),
        "lookups": ref("lookups"),
    }
    event = rows | {
        "time": ref("time_column"),
        "id": ref("text"),
        "id_unique": {"type": "boolean"},
        "loaded_at": ref("time_column"),
        "partition": mapping({"column": ref("text"), "lag": ref("duration"), "type": time_type}, ("column", "lag")),
        "timezone": ref("text"),
        "max_lag": ref("duration"),
    }
    key = mapping({"column": ref("text"), "name": ref("text"), "type": {"enum": sorted(KEY_TYPES)}}, ("column",))
    entity: Schema = {
        "name": ref("name"),
        "relation": ref("relation"),
        "key": {"oneOf": [ref("text"), key]},
        "created_at": ref("time_column"),
        "validity": ref("validity"),
        "attributes": ref("columns"),
        "lookups": ref("lookups"),
        "events": some(ref("event")),
        "related": some(ref("related")),
        "timezone": ref("text"),
        "updated_at": ref("time_column"),
        "max_lag": ref("duration"),
    }
    by_either = {"anyOf": [{"required": ["updated_at"]}, {"required": ["created_at"]}]}
    related = rows | {"validity": ref("validity"), "updated_at": ref("time_column"), "max_lag": ref("duration")}
    return {
        "columns": named(column),
        "validity": validity,
        "lookups": named(lookup),
        "time_column": {
            "oneOf": [
                ref("text"),
                mapping({"column": ref("text"), "type": time_type, "timezone": ref("text")}, ("column",)),
            ]
        },
        "event": mapping(event, ("name", "relation", "key", "time"), dependencies={"id_unique": ["id"]}),
        "related": mapping(related, ("name", "relation", "key"), dependencies=FRESHNESS),
        "entity": mapping(entity, ("name", "relation", "key"), dependencies=FRESHNESS | {"max_lag": by_either}),
    }
