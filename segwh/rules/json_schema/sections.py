"""The schema of what a rule file declares beside entities: segments, traits, groups, matrices, exclusions."""

from __future__ import annotations

from segwh.rules.json_schema.conditions import window_value
from segwh.rules.json_schema.shapes import Schema, at_most_one, exactly_one, mapping, named, ref, some
from segwh.rules.measures import MEASURES, MeasureRow
from segwh.rules.windows import WINDOWS


def sections() -> Schema:
    """The items of every section but `entities`."""
    rules = {"oneOf": [ref("condition"), some(ref("condition"))]}
    options = segment_options(rules)
    split = mapping({"seed": ref("text"), "variants": named(ref("percent")) | {"minProperties": 1}}, ("seed", "variants"))
    cells = named(ref("where")) | {"minProperties": 1}
    columns = named(ref("matrix_column")) | {"minProperties": 1}
    matrix = options | {"name": ref("name"), "entity": ref("reference"), "event": ref("reference"), "rows": cells}
    return {
        "named_condition": mapping(
            {"name": ref("name"), "entity": ref("reference"), "description": ref("text"), "when": ref("where")},
            ("name", "entity", "when"),
        ),
        "trait": {"oneOf": traits()},
        "scoring": scoring(),
        "rfm_cell": mapping({key: some({"type": "integer", "minimum": 1, "maximum": 9}) for key in "rfm"}, minProperties=1),
        "segment": mapping(
            options
            | {
                "name": ref("name"),
                "entity": ref("reference"),
                "include": rules,
                "split": split,
                "was": ref("former_name"),
            },
            ("name", "entity", "include"),
            allOf=[
                {"anyOf": [{"required": ["label"]}, {"required": ["description"]}]},
                at_most_one(("time_to_live", "created_within")),
            ],
        ),
        "matrix": {
            "oneOf": [
                mapping(matrix | {"columns": columns}, ("name", "entity", "event", "rows", "columns")),
                mapping(
                    {key: value for key, value in matrix.items() if key != "event"} | {"columns": cells},
                    ("name", "entity", "rows", "columns"),
                ),
            ],
            "allOf": [at_most_one(("time_to_live", "created_within"))],
        },
        "group": mapping(
            {"name": ref("name"), "exclusive": some(ref("reference")), "description": ref("text")}, ("name", "exclusive")
        ),
        "exclusion": mapping(
            {
                "entity": ref("reference"),
                "segment": ref("reference"),
                "reason": ref("text"),
                "tags": some(ref("text")),
            },
            ("entity", "segment"),
        ),
    }


def segment_options(rules: Schema) -> Schema:
    """What a segment or a matrix says beside its rules."""
    limit = mapping(
        {
            "top": {"type": "integer", "minimum": 1},
            "percent": ref("percent"),
            "by": ref("reference"),
            "order": {"enum": ["desc", "asc"]},
            "per": ref("reference"),
        },
        ("by",),
        **exactly_one(("top", "percent")),
    )
    return {
        "label": ref("text"),
        "description": ref("text"),
        "owner": ref("text"),
        "tags": some(ref("text")),
        "type": {"enum": ["dynamic", "static"]},
        "status": {"enum": ["active", "inactive"]},
        "expires_on": ref("date"),
        "time_to_live": ref("duration"),
        "created_within": ref("duration"),
        "aggregate_on": ref("reference"),
        "exclude": rules,
        "limit": limit,
        "activate": {"oneOf": [{"type": "boolean"}, mapping({"columns": some(ref("reference"))}, ("columns",))]},
        "analytics": {"type": "boolean"},
        "refresh": ref("name"),
        "hidden": {"type": "boolean"},
        "stay": mapping({"at_most": ref("duration"), "again_after": ref("duration")}, minProperties=1),
        "always": ref("relation"),
        "max_exit_fraction": ref("fraction"),
        "max_entry_fraction": {"type": "number", "exclusiveMinimum": 0},
    }


def traits() -> list[Schema]:
    """Every kind of trait."""
    common: Schema = {"name": ref("name"), "entity": ref("reference"), "description": ref("text")}
    windows: Schema = {row.name: window_value(row.form) for row in WINDOWS.values()} | {"ending": ref("ago")}
    measures: Schema = {row.name: trait_measure(row) | {"description": row.doc} for row in MEASURES.values()}
    timeless = {row.name: measures[row.name] for row in MEASURES.values() if not row.needs_time}
    where: Schema = {"where": ref("where")}
    points = mapping({"when": ref("where"), "add": {"type": "number"}}, ("when", "add"))
    stage = mapping({"name": ref("name"), "when": ref("where")}, ("name",))
    rfm = mapping(
        {
            "event": ref("reference"),
            "value": ref("reference"),
            **where,
            **windows,
            "recency": ref("scoring"),
            "frequency": ref("scoring"),
            "monetary": ref("scoring"),
            "named": named(ref("rfm_cell")) | {"minProperties": 1},
        },
        ("event", "value"),
        allOf=[ref("traits_window")],
    )
    always = ("name", "entity")
    return [
        mapping(
            common | {"event": ref("reference")} | where | windows | measures,
            (*always, "event"),
            allOf=[ref("traits_window"), exactly_one(tuple(measures))],
        ),
        mapping(
            common | {"related": ref("reference")} | where | timeless, (*always, "related"), **exactly_one(tuple(timeless))
        ),
        mapping(common | {"formula": {"type": ["string", "number"]}}, (*always, "formula")),
        mapping(common | {"points": some(points)}, (*always, "points")),
        mapping(common | {"stages": some(stage), "track": {"type": "boolean"}}, (*always, "stages")),
        mapping(common | {"rfm": rfm}, (*always, "rfm")),
    ]


def trait_measure(row: MeasureRow) -> Schema:
    """What stands after a measure in a trait."""
    match row.name:
        case "count":
            return {"oneOf": [{"const": "rows"}, mapping({"by": ref("reference")}, ("by",))]}
        case "days":
            return {"const": "rows"}
        case _:
            return ref("reference")


def scoring() -> Schema:
    """How an RFM measure becomes a score."""
    scores = {"type": "integer", "minimum": 2, "maximum": 9}
    return {
        "oneOf": [
            mapping({"scores": scores, "method": {"enum": ["quantile", "rank"]}}),
            mapping({"scores": scores, "method": {"const": "fixed"}, "cuts": some({"type": "number"})}, ("method", "cuts")),
        ]
    }
