"""The schema of conditions, windows and measures, from the tables of operators, windows and measures."""

from __future__ import annotations

from typing import assert_never

from segwh.rules.json_schema.shapes import Schema, at_most_one, exactly_one, mapping, one_key, pair, ref, some
from segwh.rules.measures import MEASURES, MeasureRow
from segwh.rules.operators import TABLE as OPERATOR_TABLE
from segwh.rules.operators import Form, Operator
from segwh.rules.windows import WINDOWS, WindowForm


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
