"""The JSON Schema of a rule file, generated from the tables of the language, for editors and other tools.

It accepts what the parser accepts, but for what needs the catalog or arithmetic: NOT_COVERED lists that.
"""

from __future__ import annotations

from typing import Any, assert_never

from segwh.rules.measures import MEASURES, MeasureRow
from segwh.rules.operators import TABLE as OPERATOR_TABLE
from segwh.rules.operators import Form, Operator
from segwh.rules.windows import CALENDAR_UNITS, WEEK_DAYS, WINDOWS, WindowForm
from segwh.rules.words import TABLE as WORDS
from segwh.rules.words import Place
from segwh.semantics import Unit
from segwh.text.reading import DATE, LONGEST_NAME, NAME, REF, SOURCE, TIME
from segwh.types import KEY_TYPES, TEMPORAL_TYPES, DataType

Schema = dict[str, Any]
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

UNITS = "|".join(f"{unit.value[:-1]}s?" for unit in Unit)
DURATION = rf"^0*[1-9][0-9]{{0,11}} +({UNITS})$"
AGO = rf"^0*[1-9][0-9]{{0,11}} +({UNITS}) ago$"


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


def conditions() -> Schema:
    """Every form of a condition."""
    combinators = {how: mapping({how: some(ref("condition"))}, (how,)) for how in ("all", "any", "none")}
    window_keys: Schema = {row.name: window_value(row.form) | {"description": row.doc} for row in WINDOWS.values()}
    windows = window_keys | {"ending": ref("ago")}
    one_window = [at_most_one(tuple(WINDOWS)), {"dependencies": {"ending": ["within"]}}]
    step: Schema = {
        "event": ref("reference"),
        "without": ref("reference"),
        "where": ref("where"),
        "within": ref("duration"),
        "same": some(ref("reference")),
    }
    return {
        **combinators,
        "not": mapping({"not": ref("condition")}, ("not",)),
        "at_least": mapping({"at_least": {"type": "integer", "minimum": 1}, "of": some(ref("condition"))}, ("at_least", "of")),
        "attribute": attribute_condition(),
        "event_condition": rows_condition("event", windows, one_window),
        "related_condition": rows_condition("related", {}, []),
        "matrix_column": rows_condition("", windows, one_window),
        "segment_condition": mapping(
            {
                "segment": ref("reference"),
                "entered": mapping({"within": ref("duration")}, ("within",)),
                "for": ref("duration"),
            },
            ("segment",),
            **at_most_one(("entered", "for")),
        ),
        "step": mapping(
            step,
            **exactly_one(("event", "without")),
            dependencies={"without": ["within"]},
        ),
        "first_step": mapping({"event": ref("reference"), "where": ref("where")}, ("event",)),
        "sequence": mapping(
            {
                "sequence": {
                    "type": "array",
                    "minItems": 2,
                    "items": [ref("first_step")],
                    "additionalItems": ref("step"),
                },
                **windows,
            },
            ("sequence",),
            allOf=one_window,
        ),
        "use_of_condition": mapping({"condition": ref("reference")}, ("condition",)),
        "condition": {
            "oneOf": [
                {"const": "everyone"},
                *(ref(how) for how in combinators),
                ref("not"),
                ref("at_least"),
                ref("attribute"),
                ref("event_condition"),
                ref("related_condition"),
                ref("segment_condition"),
                ref("sequence"),
                ref("use_of_condition"),
            ]
        },
        "where": {"oneOf": [ref("condition"), some(ref("condition"))]},
        "traits_window": {"allOf": one_window},
    }


def operators(*, compares_columns: bool) -> Schema:
    """Each operator with its argument."""
    return {
        operator.name: operator_value(operator, compares_columns) | {"description": operator.doc} for operator in OPERATOR_TABLE
    } | {"ending": ref("ago")}


def attribute_condition() -> Schema:
    """A comparison of an attribute, trait or property."""
    properties: Schema = {
        "attribute": ref("reference"),
        **operators(compares_columns=True),
        "ignore_case": {"type": "boolean"},
        "missing": {"enum": ["fails", "matches"]},
    }
    ignoring = [{"required": [operator.name]} for operator in OPERATOR_TABLE if operator.ignores_case]
    return mapping(
        properties,
        ("attribute",),
        allOf=[
            exactly_one(tuple(operator.name for operator in OPERATOR_TABLE)),
            {"anyOf": [{"not": {"properties": {"ignore_case": {"const": True}}, "required": ["ignore_case"]}}, *ignoring]},
            {"not": {"required": ["exists", "missing"]}},
        ],
        dependencies={"ending": ["within"]},
    )


def operator_value(operator: Operator, compares_columns: bool) -> Schema:
    """What stands after an operator."""
    value = form_value(operator)
    if compares_columns and operator.compares_columns:
        return {"oneOf": [value, mapping({"attribute": ref("reference")}, ("attribute",))]}
    return value


def form_value(operator: Operator) -> Schema:
    """The argument of an operator by its form."""
    match operator.form:
        case Form.VALUE:
            return ref("value")
        case Form.VALUES:
            relation = mapping({"relation": ref("relation"), "column": ref("text")}, ("relation", "column"))
            return {"oneOf": [some(ref("value")), relation]}
        case Form.FLAG:
            return {"type": "boolean"}
        case Form.TEXT | Form.PATTERN:
            return {"type": "string", "minLength": 1}
        case Form.PAIR:
            return pair("value")
        case Form.TIME:
            return ref("time")
        case Form.DURATION:
            return ref("duration")
        case Form.CALENDAR:
            return calendar(("last", "next"))
        case Form.DAY_OF_YEAR:
            days = {"type": "string", "pattern": r"^0*[1-9][0-9]{0,2} +(days?|weeks?)$"}
            return one_key({"is": ref("month_day"), "between": pair("month_day"), "within_next": days})
        case Form.DAY_OF_WEEK:
            return one_key({"is": ref("week_day"), "in": some(ref("week_day")), "between": pair("week_day")})
        case Form.HOUR:
            return one_key({"is": ref("hour"), "between": pair("hour")})
        case Form.WORDS:
            return some({"type": "string"})
        case Form.SIZE:
            size = {"type": "integer", "minimum": 0}
            bounds = mapping(dict.fromkeys(("is", "gt", "gte", "lt", "lte"), size), minProperties=1)
            return {"oneOf": [size, bounds]}
        case _:
            assert_never(operator.form)


def one_key(properties: Schema) -> Schema:
    """A mapping of one of some keys."""
    return mapping(properties, minProperties=1, maxProperties=1)


def pair(name: str) -> Schema:
    """A list of two."""
    return {"type": "array", "items": ref(name), "minItems": 2, "maxItems": 2}


def calendar(counted: tuple[str, ...]) -> Schema:
    """A calendar window: `{this: UNIT}`, or a number of units."""
    count = {"type": "integer", "minimum": 1}
    numbers = [mapping({which: count, "unit": ref("calendar_unit")}, (which, "unit")) for which in counted]
    return {"oneOf": [mapping({"this": ref("calendar_unit")}, ("this",)), *numbers]}


def window_value(form: WindowForm) -> Schema:
    """What stands after a window's key."""
    match form:
        case WindowForm.DURATION:
            return ref("duration")
        case WindowForm.PAIR:
            return pair("time")
        case WindowForm.TIME:
            return ref("time")
        case WindowForm.CALENDAR:
            return calendar(("last",))
        case WindowForm.AGO:
            return ref("ago")
        case _:
            assert_never(form)


def rows_condition(kind: str, windows: Schema, one_window: list[Schema]) -> Schema:
    """A condition on rows; `kind` "" is a column of a matrix, which stands beside the event."""
    rows = [row for row in MEASURES.values() if row.in_conditions and (kind != "related" or not row.needs_time)]
    properties: Schema = {
        **({kind: ref("reference")} if kind else {}),
        "where": ref("where"),
        **windows,
        **{row.name: measure_value(row) | {"description": row.doc} for row in rows},
        "missing": {"enum": ["fails", "matches"]},
    }
    can_miss = [{"required": [row.name]} for row in rows if row.name in ("avg", "min", "max", "first", "last")]
    return mapping(
        properties,
        (kind,) if kind else (),
        allOf=[
            *one_window,
            at_most_one(tuple(row.name for row in rows)),
            {"anyOf": [{"not": {"required": ["missing"]}}, *can_miss]},
        ],
    )


def measure_value(row: MeasureRow) -> Schema:
    """What stands after a measure in a condition."""
    names = [{"required": [operator.name]} for operator in OPERATOR_TABLE]
    compared: Schema = {"allOf": [{"anyOf": names}, {"dependencies": {"ending": ["within"]}}]}
    bounds = operators(compares_columns=False)
    match row.in_conditions:
        case "bounds":
            by = {"by": ref("reference")} if row.name == "count" else {}
            return {"oneOf": [{"type": "number"}, mapping(by | bounds, **compared)]}
        case "of":
            return mapping({"of": ref("reference"), **bounds}, ("of",), **compared)
        case _:
            return {"oneOf": [mapping({"where": ref("where")}, ("where",)), mapping(bounds, **compared)]}


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
