"""Text that dbt will render: config blocks, `set` lines for time bounds, and literals that Jinja must not read as code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC


from segwh.semantics import Bound, Calendar, CalendarEdge, Fixed, Relative

HEADER = "-- segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file."


def jinja_string(text: str) -> str:
    """A Jinja string literal that renders as `text`."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"


def config_block(options: Mapping[str, object]) -> str:
    """A `{{ config(...) }}` block. Values are strings, booleans or lists of strings."""

    def value(option: object) -> str:
        match option:
            case bool():
                return "true" if option else "false"
            case str():
                return jinja_string(option)
            case list() | tuple():
                return "[" + ", ".join(value(item) for item in option) + "]"
            case _:
                raise TypeError(f"no config value of type {type(option).__name__}")

    lines = ",\n".join(f"    {name}={value(option)}" for name, option in options.items())
    return f"{{{{ config(\n{lines}\n) }}}}"


def run_line(calendar: Calendar, as_of_unit: str | None) -> str:
    """The line that finds out which run this is; afterwards `run.id` and `run.as_of` are known."""
    unit = jinja_string(as_of_unit) if as_of_unit else "none"
    return f"{{%- set run = segwh__run({jinja_string(calendar.timezone)}, {unit}) -%}}"


def instant_expression(bound: Bound, calendar: Calendar) -> str:
    """A Jinja expression for the naive UTC time that a bound is in this run."""
    zone = jinja_string(calendar.timezone)
    match bound:
        case Fixed(at):
            return f"segwh__parsed({jinja_string(at.astimezone(UTC).replace(tzinfo=None).isoformat())}, 'UTC')"
        case Relative(shifts):
            if not shifts:
                return "run.as_of"
            steps = ", ".join(f"[{shift.sign * shift.duration.count}, '{shift.duration.unit.value}']" for shift in shifts)
            return f"segwh__shifted(run.as_of, [{steps}], {zone})"
        case CalendarEdge(unit, offset):
            return f"segwh__edge(run.as_of, '{unit.value}', {offset}, {zone}, {calendar.week_starts_on})"


def instant_text(bound: Bound, calendar: Calendar) -> str:
    """A Jinja expression for the text inside a timestamp literal."""
    return f"segwh__text({instant_expression(bound, calendar)})"


def day_text(bound: Bound, calendar: Calendar) -> str:
    """A Jinja expression for the text inside a date literal: the first local day that begins at or after the bound."""
    return f"segwh__day_text(segwh__day_from({instant_expression(bound, calendar)}, {jinja_string(calendar.timezone)}))"
