"""The model of an entity's facts: worked out in full, or brought up to date from what the run before left (plan.carry)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from segwh.dbt import following, ledger
from segwh.dbt.audiences import audience_columns, has_audience
from segwh.dbt.columns import called, exact_columns
from segwh.dbt.fixed_queries import raw, rendered
from segwh.dbt.jinja import jinja_string, jinja_value
from segwh.dbt.ledger import Grain
from segwh.dbt.model import Model, Update
from segwh.dbt.placed import Project, placed
from segwh.dbt.readable import readable, readings
from segwh.plan.carry import Carry, carry, watched
from segwh.plan.names import Names, slug
from segwh.plan.nodes import EntityPlan
from segwh.sql.compile import facts_query, rows_there_query, trait_columns, updated_facts_query
from segwh.sql.dialects.base import SqlDialect
from segwh.sql.holes import BeforeExits, BeforeMembers, BeforeStays, BoundHole
from segwh.sql.refresh.carried import LOOKED_AT
from segwh.sql.render import Query
from segwh.types import Relation

IS_IN_LINE = "segwh_is_in_line"
"""Whether the log says what follows from the facts of the run before; where it does not, every key counts as changed."""
MEASURED_AS = "segwh_measured_as"
"""The column that tells by what plan, and from which relations, the facts were measured."""
COMPILED_AS = "segwh_compiled_as"
"""The column that tells by which text of the model the facts were made."""
ROWS_SEEN = "segwh_rows_seen"
"""The column that tells how many rows there were that the facts rest on (sql.refresh.lost): numbers, blanks between."""


def facts_model(project: Project, entity: EntityPlan, grains: Sequence[Grain]) -> Model:
    """One row a key with every column that traits and segments read."""
    name = entity.entity.name
    reading = readings(entity, project.sources, project.dialect)
    query = facts_query(project.plan, name, project.dialect, reads_utc=reading.in_utc)
    names = Names()
    relations = [hole for hole in query.holes.values() if isinstance(hole, Relation)]
    read = {relation: names.take(f"read_{slug(relation.parts[-1])}", relation) for relation in relations}
    tree, bounds = placed(query, project, entity, read)
    whole = _stamped(tree)
    update = carry(entity, project.bound.settings.calendar) if project.dialect.carries_facts else None
    grain = _grain(entity, grains) if project.dialect.follows_facts else ""
    if update is not None:
        whole = whole.select(exp.alias_(ledger.as_of_instant(), LOOKED_AT), exp.alias_(_measure(), MEASURED_AS), copy=False)
        rows_seen, counted = _rows_seen(project, entity, update, read, reading.in_utc)
        whole = whole.select(*_made(), rows_seen, copy=False)
        bounds = tuple(dict.fromkeys((*bounds, *counted)))
    return Model(
        name=f"segwh_{name}_facts",
        folder=f"{name}/internal",
        materialized="in_place" if project.dialect.carries_facts else "table",
        query=whole,
        bounds=bounds,
        relations=tuple((word, readable(reading.of(relation))) for relation, word in read.items()),
        keep="rows",
        shows=tuple(dict.fromkeys(_shown(entity))),
        stores="facts",
        key=entity.entity.key.name,
        lines=(
            *_same_keys(query, entity, grains),
            *(() if update is None else following.facts_lines(grain, following.rules_meaning(entity))),
        ),
        update=None if update is None else _update(project, entity, update, read, reading.in_utc, grain),
        config={
            **({"unique_key": entity.entity.key.name} if project.dialect.carries_facts else {}),
            **({"post_hook": _telling(name, update, project.dialect)} if update is not None else {}),
        },
        depends_on=(
            "segwh_run_starts",
            *(grain.model("standing") for grain in grains),
            *((f"segwh_{name}_checks",) if grains else ()),
        ),
    )


def _same_keys(query: Query, entity: EntityPlan, grains: Sequence[Grain]) -> Iterator[str]:
    """A Jinja line that ends a run whose keys are of another type than those of the logs that the facts are made with."""
    remembered = {hole.grain for hole in query.holes.values() if isinstance(hole, BeforeMembers | BeforeStays | BeforeExits)}
    compared: list[list[str]] = []
    for grain in grains:
        own = entity.entity.attribute(grain.key) if grain.counts_values else entity.entity.key
        if grain.name in remembered and own is not None and own.sql is None:
            declared = own.type.value if grain.counts_values else ""
            compared.append([grain.model("log"), grain.key, own.column, declared])
    if compared:
        relation = called(entity.entity.relation)
        yield f"{{%- do segwh__require_remembered_keys({relation}, {jinja_value(compared)}) -%}}"


def _shown(entity: EntityPlan) -> Iterator[str]:
    """The columns that the views of traits and audiences show."""
    yield from entity.traits.values()
    for plan in entity.segments:
        if has_audience(plan.segment):
            yield from audience_columns(entity, plan.segment)


def _stamped(tree: exp.Query) -> exp.Select:
    return tree.assert_is(exp.Select).select(exp.alias_(ledger.as_of_instant(), "evaluated_at"), copy=False)


def _measure() -> exp.Expr:
    return exp.cast(raw("{{ measured_as }}"), exp.DataType.Type.BIGINT)


def _made() -> list[exp.Expr]:
    """Who made the facts, where the log ended then, and by which text."""
    words = {following.MADE_BY: raw("{{ made_by }}"), following.BASE: raw("{{ base }}"), COMPILED_AS: raw("{{ compiled_as }}")}
    return [exp.alias_(exp.cast(word, exp.DataType.Type.BIGINT), name) for name, word in words.items()]


def _rows_seen(
    project: Project, entity: EntityPlan, update: Carry, read: Mapping[Relation, str], in_utc: bool
) -> tuple[exp.Expr, tuple[BoundHole, ...]]:
    """How many rows there are that the facts rest on, and its bounds: counted by the very statement that measures them, for
    what goes and comes back meanwhile would be missed for ever.
    """
    text: exp.Expr | None = None
    bounds: dict[BoundHole, None] = {}
    for one in watched(update):
        query = rows_there_query(project.plan, one, project.dialect, before=False, reads_utc=in_utc)
        tree, own = placed(query, project, entity, read)
        bounds |= dict.fromkeys(own)
        number = exp.Subquery(this=tree)
        blank = exp.Literal.string(" ")
        text = number if text is None else exp.DPipe(this=exp.DPipe(this=text, expression=blank), expression=number)
    told = exp.cast(exp.Literal.string("") if text is None else text, exp.DataType.Type.TEXT)
    return exp.alias_(told, ROWS_SEEN), tuple(bounds)


@dataclass(frozen=True, slots=True)
class _Counts:
    """How the rows of the run before are counted again: Jinja lines that set `words`, each to the query of a relation."""

    lines: tuple[str, ...]
    words: Mapping[str, Relation]
    bounds: tuple[BoundHole, ...]


def _rows_before(
    project: Project, entity: EntityPlan, update: Carry, read: Mapping[Relation, str], in_utc: bool
) -> _Counts:
    lines: list[str] = []
    names, bounds = Names(), dict[BoundHole, None]()
    words: dict[str, Relation] = {}
    for one in watched(update):
        query = rows_there_query(project.plan, one, project.dialect, before=True, reads_utc=in_utc)
        tree, own = placed(query, project, entity, read)
        bounds |= dict.fromkeys(own)
        word = names.take(f"rows_of_{slug(one.event.relation.parts[-1])}", one)
        words[word] = one.event.relation
        lines += [f"{{%- set {word} -%}}", rendered(tree, project.dialect), "{%- endset -%}"]
    return _Counts(tuple(lines), words, tuple(bounds))


def _grain(entity: EntityPlan, grains: Sequence[Grain]) -> str:
    """The name of the entity's own grain; empty where no segment counts its members."""
    return next((grain.name for grain in grains if grain.name == entity.entity.name), "")


def _update(
    project: Project, entity: EntityPlan, update: Carry, read: Mapping[Relation, str], in_utc: bool, grain: str
) -> Update:
    """The other way to make the facts, and what Jinja asks before it takes it."""
    # the log is in line with the facts only if both are of these rules
    others = exp.Not(this=raw("{{ before.is_in_line }}"))
    query: Query = updated_facts_query(
        project.plan, entity.entity.name, update, project.dialect, are_rules_others=others, reads_utc=in_utc
    )
    tree, bounds = placed(query, project, entity, read)
    words, relations = ", ".join(read.values()), ", ".join(called(relation) for relation in read)
    carried = {event.relation for group in update.groups for event in group.events}
    told_off = ", ".join(called(relation) for relation in read if relation in carried)
    # traits are worked out anew in each run, but stand in columns that have a type
    meaning = f"{update.meaning} {[(column, kind.value) for column, kind in trait_columns(project.plan, entity.entity.name)]}"
    exact = exact_columns(update)
    name, key = jinja_string(entity.entity.name), project.dialect.identifier(entity.entity.key.name)
    # Another run may have written its own facts since this one looked at them. What is told off is then wrong, and not put in
    # their place (segwh__put_changed): it is of another as-of than that of this run.
    found = exp.select("1").from_(exp.Table(this=raw("{{ this }}"), alias=exp.TableAlias(this=exp.to_identifier("found"))))
    seen = exp.cast(raw("'{{ segwh__text(before.as_of) ~ '+00' }}'"), exp.DataType.Type.TIMESTAMPTZ)
    was_made = {"evaluated_at": seen, following.MADE_BY: raw("{{ before.made_by }}")}
    unlike = (exp.NEQ(this=exp.column(name, table="found"), expression=value) for name, value in was_made.items())
    found = found.where(exp.or_(*unlike))
    is_overtaken = exp.Exists(this=found)
    stamp = exp.Case(ifs=[exp.If(this=is_overtaken, true=seen.copy())], default=ledger.as_of_instant())
    stamps = {"evaluated_at": stamp, LOOKED_AT: ledger.as_of_instant(), MEASURED_AS: _measure()}
    whole = tree.assert_is(exp.Select).select(*(exp.alias_(value, name) for name, value in stamps.items()), copy=False)
    rows_seen, counted = _rows_seen(project, entity, update, read, in_utc)
    whole = whole.select(*_made(), rows_seen, exp.alias_(raw("{{ before.is_in_line }}"), IS_IN_LINE), copy=False)
    then = _rows_before(project, entity, update, read, in_utc)
    compared = ", ".join(f"[{called(relation)}, {word}]" for word, relation in then.words.items())
    return Update(
        query=whole,
        bounds=tuple(dict.fromkeys((*bounds, *counted, *then.bounds))),
        lines=(
            f"{{%- set measured_as = segwh__measured_as({jinja_string(meaning)}, [{words}], [{relations}],"
            f" [{told_off}], run) -%}}",
            f"{{%- set before = segwh__facts_before({name}, {jinja_string(key.sql(dialect=project.dialect.name))},"
            f" measured_as, run, {exact}, {jinja_string(grain)}, {jinja_string(following.rules_meaning(entity))}) -%}}",
        ),
        doubts=(*then.lines, f"{{%- set before = segwh__unless_lost(before, [{compared}]) -%}}"),
    )


def _telling(name: str, update: Carry, dialect: SqlDialect) -> str:
    """The hook that says in the run's log of how many keys the rows were read again, and which events are always read whole."""
    why: dict[str, list[str]] = {}
    for event, reason in update.whole.items():
        why.setdefault(reason, []).append(event)
    whole = "; ".join(f"{', '.join(events)} in full ({reason})" for reason, events in why.items())
    follows = str(dialect.follows_facts).lower()
    return f"{{{{ segwh__tell_facts({jinja_string(name)}, {jinja_string(whole)}, {follows}) }}}}"
