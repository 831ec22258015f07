"""From models to the text of files: config, the Jinja lines that find this run's instants, and the SQL."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC

from segwh import ir
from segwh.dbt import rows
from segwh.dbt.fixed_queries import rendered
from segwh.dbt.jinja import HEADER, bound_word, config_block, jinja_string, jinja_value, ref, relation_text
from segwh.dbt.model import Model, Update
from segwh.semantics import Bound, Calendar, CalendarEdge, Fixed, Relative
from segwh.sql.dialects.base import KEY_COLUMN, SqlDialect
from segwh.sql.holes import BoundHole

TAG = "segwh"
RELATION = re.compile(r"\{\{ ((?:ref|source)\((?:'(?:[^'\\]|\\.)*'(?:, )?)+\)) \}\}")
"""How jinja.ref and jinja.relation_text write a relation."""


def instant_expression(bound: Bound, calendar: Calendar, run: str = "run") -> str:
    """A Jinja expression for the naive UTC time that a bound is in a run."""
    zone = jinja_string(calendar.timezone)
    match bound:
        case Fixed(at):
            return f"segwh__parsed({jinja_string(at.astimezone(UTC).replace(tzinfo=None).isoformat())}, 'UTC')"
        case Relative(shifts):
            if not shifts:
                return f"{run}.as_of"
            steps = ", ".join(f"[{shift.sign * shift.duration.count}, '{shift.duration.unit.value}']" for shift in shifts)
            return f"segwh__shifted({run}.as_of, [{steps}], {zone})"
        case CalendarEdge(unit, offset):
            return f"segwh__edge({run}.as_of, '{unit.value}', {offset}, {zone}, {calendar.week_starts_on})"


def literal_text(hole: BoundHole, calendar: Calendar) -> str:
    """A Jinja expression for the text inside a bound's timestamp or date literal."""
    instant = instant_expression(hole.bound, calendar, "before" if hole.before else "run")
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


def fixture_lines(settings: ir.Settings) -> tuple[str, ...]:
    """The same for a model that only unit tests run: its as-of is the one that they give, never rounded."""
    zone = jinja_string(settings.calendar.timezone)
    return (f"{{%- set run = {{'as_of': segwh__requested_as_of({zone})}} -%}}",)


def model_text(model: Model, settings: ir.Settings, dialect: SqlDialect) -> str:
    """The text of a model's file."""
    lines = [HEADER, config_block(_config(model, settings, dialect))]
    lines += [f"-- depends_on: {ref(name) if isinstance(name, str) else relation_text(name)}" for name in model.depends_on]
    match model.speaks_of:
        case "run":
            lines += run_lines(settings)
        case "start":
            lines += start_lines(settings)
        case "fixture":
            lines += fixture_lines(settings)
        case "nothing":
            pass
    lines += bound_lines(model.bounds, settings.calendar)
    lines += [f"{{%- set {word} = {expression} -%}}" for word, expression in model.relations]
    lines += model.lines
    if model.update is not None:
        lines += update_lines(model.update, settings.calendar)
    sql = rendered(model.query, dialect)
    body = _only_tested(sql, dialect) if model.speaks_of == "fixture" else _guarded(model, sql, dialect)
    return "\n".join([*lines, "", *body]) + "\n"


def bound_lines(bounds: Iterable[BoundHole], calendar: Calendar) -> list[str]:
    """Lines that set the text of each bound's literal."""
    return [
        f"{{%- set {bound_word(hole)} = {literal_text(hole, calendar)} -%}}"
        for hole in sorted(bounds, key=lambda hole: hole.name)
    ]


def update_lines(update: Update, calendar: Calendar) -> list[str]:
    """Lines that say whether the table is brought up to date, and by which bounds."""
    lines = [*update.lines, "{%- if before -%}", *bound_lines(update.bounds, calendar)]
    # What is counted on the local calendar can go back: with the clocks, or where months are clamped to their last day. Then
    # rows do not pass an edge once and for all.
    local = [hole for hole in update.bounds if hole.before and not _is_exact(hole.bound)]
    pairs = ", ".join(f"[{bound_word(hole)}, {bound_word(replace(hole, before=False))}]" for hole in local)
    if pairs:
        lines.append(f"{{%- set before = segwh__in_order(before, [{pairs}]) -%}}")
    return [*lines, *update.doubts, "{%- endif -%}"]


def _is_exact(bound: Bound) -> bool:
    return isinstance(bound, Relative) and all(shift.duration.unit.is_exact for shift in bound.shifts)


def _config(model: Model, settings: ir.Settings, dialect: SqlDialect) -> dict[str, object]:
    """The model's config, in the engine's own way to write."""
    ways = {"table": dialect.table_materialization, "view": dialect.view_materialization, "in_place": "segwh_in_place"}
    if model.keep == "none":
        ways["incremental"] = dialect.append_materialization
    options = {
        "materialized": ways.get(model.materialized, model.materialized),
        # where a project wants contracts of all models, dbt would read none of these, and not say why
        "contract": {"enforced": False},
        "tags": [TAG, *model.tags],
        **model.config,
    }
    options |= dict(dialect.view_options if model.materialized == "view" else dialect.table_options)
    if model.materialized == "incremental" and dialect.takes_turns:
        own = _as_list(options.get("pre_hook"))
        # all logs have one turn, for a run writes into a log only if no other has written into any since it began
        turn = "segwh__place('segwh_run_starts')" if model.stores == "log" else "this"
        options["pre_hook"] = [f"{{{{ segwh__take_turns({turn}) }}}}", *own]
    if model.materialized == "incremental" and dialect.keeps_indexes:
        options |= _with_indexes(model, options, dialect)
    if model.materialized == "incremental" and dialect.guides_planner:
        first, last = _as_list(options.get("pre_hook")), _as_list(options.get("post_hook"))
        options["pre_hook"] = [*first, "{{ segwh__plan_for_many() }}"]
        options["post_hook"] = [*last, "{{ segwh__gather_statistics(this) }}"]
    if not dialect.has_transactions:
        # dbt commits before a hook that stands outside the transaction
        for hooks in ("pre_hook", "post_hook"):
            given = options.get(hooks)
            if isinstance(given, list):
                options[hooks] = [hook["sql"] if isinstance(hook, dict) else hook for hook in given]
    if model.id and dialect.append_strategy != "append":
        options |= {"incremental_strategy": dialect.append_strategy, "unique_key": model.id}
    if model.stores is not None:
        declared = dialect.storage.get(model.stores, {})
        named = {name: _with_key(value, model.key, dialect) for name, value in declared.items()}
        wanted = {**named, **settings.storage.get(model.stores, {})}
        options |= {name: value for name, value in wanted.items() if value is not None}
    if model.unique and dialect.has_unique_indexes:
        options["indexes"] = [{"columns": [model.unique], "unique": True}]
    return options


def _with_indexes(model: Model, options: Mapping[str, object], dialect: SqlDialect) -> dict[str, object]:
    """Hooks by which the log and the state have indexes: where one ends, and by keys in the other."""
    first, last = _as_list(options.get("pre_hook")), _as_list(options.get("post_hook"))
    if model.unique:
        return {"post_hook": [*last, f"{{{{ segwh__keep_index({jinja_value([model.unique])}, true) }}}}"]}
    if model.stores != "state":
        return {}
    key = _with_key(KEY_COLUMN, model.key, dialect)
    of_keys, of_key = jinja_value([key, "segment"]), jinja_value(key)
    log = f"segwh__existing('{model.name.removesuffix('_state')}_log')"
    return {
        "pre_hook": [*first, f"{{{{ segwh__drop_index_of_long_keys({of_keys}, {of_key}, {log}) }}}}"],
        "post_hook": [
            *last,
            f"{{{{ segwh__keep_index({of_keys}, false, {of_key}) }}}}",
            f"{{{{ segwh__keep_index({jinja_value(['sequence'])}, false) }}}}",
        ],
    }


def _as_list(hooks: object) -> list[object]:
    """Hooks as dbt takes them: none, one or several."""
    return [] if hooks is None else hooks if isinstance(hooks, list) else [hooks]


def _with_key(value: object, key: str, dialect: SqlDialect) -> object:
    """An option in which KEY_COLUMN stands for the key column, as SQL writes it."""
    if isinstance(value, list):
        return [_with_key(each, key, dialect) for each in value]
    return dialect.identifier(key).sql(dialect=dialect.name) if value == KEY_COLUMN else value


OWN = "ref('segwh_"
"""How a relation that segwh has made itself begins: its texts are compared as in rules already."""


def unaliased(sql: str, dialect: SqlDialect) -> str:
    """The SQL where dbt adds no alias of its own to a relation that it limits (--empty, --sample), as each has one already.
    Those of others may bear collations, by which other texts are equal than in rules.
    """
    if not dialect.aliases_limited:
        return sql
    plain = "segwh__plain_rows" if dialect.text_collation is not None else "segwh__rows"
    return RELATION.sub(lambda found: f"{{{{ {'segwh__rows' if found[1].startswith(OWN) else plain}({found[1]}) }}}}", sql)


def whole(sql: str, dialect: SqlDialect) -> str:
    """The SQL of a view, which reads whole relations always: made under --empty it would be empty until it is made again.
    Collations of others would go on in the view.
    """
    if dialect.text_collation is not None:
        sql = RELATION.sub(lambda found: found[0] if found[1].startswith(OWN) else f"{{{{ segwh__whole({found[1]}) }}}}", sql)
    return RELATION.sub(r"{{ \1.render() }}", sql)


def _guarded(model: Model, sql: str, dialect: SqlDialect) -> list[str]:
    """The SQL, unless dbt reads only a part of the data: nothing may be concluded from that."""
    if model.materialized == "view":
        return [whole(sql, dialect)]
    sql = unaliased(sql, dialect)
    match model.keep:
        case "rows":
            condition, instead = f"segwh__existing('{model.name}')", "select * from {{ this }}"
            if model.shows:
                columns = ", ".join(jinja_string(name.lower()) for name in model.shows)
                condition = f"segwh__is_kept('{model.name}', [{columns}])"
        case "none":
            condition, instead = "segwh__grows()", "select * from {{ this }} where 1 = 0"
        case _:
            return [sql]
    update = []
    if model.update is not None:
        update = ["{%- elif before %}", unaliased(rendered(model.update.query, dialect), dialect)]
    return [f"{{%- if segwh__reads_part() and {condition} %}}", instead, *update, "{%- else %}", sql, "{%- endif %}"]


def _only_tested(sql: str, dialect: SqlDialect) -> list[str]:
    """The SQL where a unit test says which segments it looks at, else no rows of its columns."""
    nobody = rendered(rows.table_of({"segment": rows.TEXT, "member": rows.TEXT}, ()), dialect)
    return ["{%- if var('segwh_tested', none) %}", sql, "{%- else %}", nobody, "{%- endif %}"]


def macro_files(macros: Mapping[str, str], folder: str) -> dict[str, str]:
    """The run-time macros as files of the project."""
    return {f"{folder}/{name}": text for name, text in macros.items()}
