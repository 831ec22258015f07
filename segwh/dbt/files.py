"""From models to the text of files: config, the Jinja lines that find this run's instants, and the SQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC

from segwh import ir
from segwh.dbt.jinja import HEADER, bound_word, config_block, jinja_string
from segwh.dbt.models import Model
from segwh.dbt.templates import rendered
from segwh.semantics import Bound, Calendar, CalendarEdge, Fixed, Relative
from segwh.sql.dialects.base import SqlDialect
from segwh.sql.holes import BoundHole

TAG = "segwh"


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


def literal_text(hole: BoundHole, calendar: Calendar) -> str:
    """A Jinja expression for the text inside a bound's timestamp or date literal."""
    instant = instant_expression(hole.bound, calendar)
    if hole.kind == "timestamp":
        return f"segwh__text({instant})"
    return f"segwh__day_text(segwh__day_from({instant}, {jinja_string(calendar.timezone)}))"


def run_lines(settings: ir.Settings) -> tuple[str, ...]:
    """The lines after which `run.id`, `run.as_of` and `as_of` (the text of its literal) are known."""
    unit = jinja_string(settings.as_of_unit) if settings.as_of_unit else "none"
    zone = jinja_string(settings.calendar.timezone)
    return (f"{{%- set run = segwh__run({zone}, {unit}) -%}}", "{%- set as_of = segwh__text(run.as_of) ~ '+00' -%}")


def start_lines(settings: ir.Settings) -> tuple[str, ...]:
    """The same for the model that starts the run: its as-of is the one asked for."""
    unit = jinja_string(settings.as_of_unit) if settings.as_of_unit else "none"
    zone = jinja_string(settings.calendar.timezone)
    return (
        f"{{%- set as_of = segwh__text(segwh__requested_as_of({zone}, {unit})) ~ '+00' -%}}",
        "{%- set started_at = segwh__text(run_started_at.astimezone(modules.pytz.utc)) ~ '+00' -%}",
    )


def model_text(model: Model, settings: ir.Settings, dialect: SqlDialect) -> str:
    """The text of a model's file."""
    lines = [HEADER, config_block(_config(model, dialect))]
    lines += [f"-- depends_on: {{{{ ref('{name}') }}}}" for name in model.depends_on]
    match model.speaks_of:
        case "run":
            lines += run_lines(settings)
        case "start":
            lines += start_lines(settings)
        case "nothing":
            pass
    lines += [
        f"{{%- set {bound_word(hole)} = {literal_text(hole, settings.calendar)} -%}}"
        for hole in sorted(model.bounds, key=lambda hole: hole.name)
    ]
    return "\n".join([*lines, "", *_guarded(model, rendered(model.query, dialect))]) + "\n"


def _config(model: Model, dialect: SqlDialect) -> dict[str, object]:
    """The model's config, in the engine's own way to write."""
    ways = {"table": dialect.table_materialization, "view": dialect.view_materialization}
    options = {"materialized": ways.get(model.materialized, model.materialized), "tags": [TAG, *model.tags], **model.config}
    if model.materialized == "incremental" and dialect.takes_turns:
        options["pre_hook"] = "{{ segwh__take_turns(this) }}"
    if model.unique and dialect.has_unique_indexes:
        options["indexes"] = [{"columns": [model.unique], "unique": True}]
    return options


def _guarded(model: Model, sql: str) -> list[str]:
    """The SQL, unless dbt reads only a part of the data: nothing may be concluded from that."""
    match model.keep:
        case "rows":
            condition, instead = f"segwh__existing('{model.name}')", "select * from {{ this }}"
        case "none":
            condition, instead = "is_incremental()", "select * from {{ this }} where 1 = 0"
        case _:
            return [sql]
    return [f"{{%- if segwh__reads_part() and {condition} %}}", instead, "{%- else %}", sql, "{%- endif %}"]


def macro_files(macros: Mapping[str, str], folder: str) -> dict[str, str]:
    """The run-time macros as files of the project."""
    return {f"{folder}/{name}": text for name, text in macros.items()}
