"""The models of one grain, from what the books said before a run to the views that readers see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlglot import exp

from segwh.dbt import following, ledger, rows
from segwh.dbt.audiences import audience_model, has_audience, wide_model
from segwh.dbt.checks import behind, needs
from segwh.dbt.chunks import is_too_long
from segwh.dbt.fixed_queries import filled, raw, template, union_all, with_ctes
from segwh.dbt.jinja import jinja_string, jinja_value, ref
from segwh.dbt.ledger import Grain
from segwh.dbt.model import APPEND_ONLY, Model
from segwh.dbt.parts import in_parts
from segwh.dbt.pieces import of_members, of_reasons
from segwh.dbt.placed import Project, placed
from segwh.dbt.suppression import lists_of
from segwh.plan.nodes import EntityPlan
from segwh.sql.compile import evaluation_query, left_out_query, reasons_query
from segwh.sql.holes import BoundHole


def grain_models(
    project: Project,
    entity: EntityPlan,
    grain: Grain,
    *,
    before: tuple[Grain, ...],
    later: tuple[tuple[Grain, frozenset[str]], ...],
    beyond: tuple[Grain, ...],
    is_judged_ahead: bool,
) -> Iterator[Model]:
    """All models of a grain of an entity. Of the entity's other grains, those `before` are done when this one's turn comes, and
    `later` ones have suppression segments, and others (named with them), that it looks at all the same; `beyond` are grains of
    other entities of which it looks at segments. `is_judged_ahead`: it is a later one of some other grain, which counts from
    its evaluation how many members its segments lose; so that has to be of everybody.
    """
    internal, public = f"{entity.entity.name}/internal", entity.entity.name
    mine = [segment.segment for segment in entity.segments if segment.segment.grain == grain.name]
    yield _state_model(project, grain, internal, [(segment.was, segment.name) for segment in mine if segment.was is not None])
    is_cut = not project.dialect.shares_named_queries
    yield Model(
        name=grain.model("standing"),
        folder=internal,
        materialized="table" if is_cut else "view",
        query=ledger.standing(grain),
        keep="rows" if is_cut else "",
        speaks_of="nothing",
    )
    follows = None if is_judged_ahead else following.following(project, entity, grain)
    yield _evaluation_model(project, entity, grain, internal, follows)
    yield _evaluated_model(project, entity, grain, internal, follows)
    told = [ledger.elsewhere(other) for other in (*before, *beyond)]
    facts = ref(f"segwh_{entity.entity.name}_facts")
    told += [ledger.elsewhere_later(other, facts, watched) for other, watched in later]
    pending = _pending_model(project, entity, grain, internal, follows, told)
    if is_too_long(pending.query, project.dialect):
        yield from in_parts(pending, ledger.LONG_PENDING_PARTS)
    else:
        yield from in_parts(pending, ledger.PENDING_PARTS) if is_cut else (pending,)
    yield Model(
        name=grain.model("log"),
        folder=internal,
        materialized="incremental",
        query=ledger.log(grain),
        keep="none",
        config=APPEND_ONLY,
        # Two runs that append at once both begin with the next number: the second waits for the first (it takes turns), finds
        # that the log has moved on from its base and adds nothing. The index holds even if somebody else writes.
        unique="sequence",
        id="change_id",
        stores="log",
        key=grain.key,
        # one after the other: where engines know no turns, two runs can then not each come first in one log of an entity
        depends_on=tuple(other.model("log") for other in before),
    )
    for what, query in (
        ("changes", ledger.changes(grain)),
        ("membership", ledger.membership(grain)),
        ("history", ledger.history(grain)),
    ):
        yield Model(
            name=grain.model(what), folder=public, materialized="view", query=query, speaks_of="nothing", key=grain.key
        )
    analysed = [segment for segment in mine if segment.analytics]
    if analysed:
        yield wide_model(entity, grain, analysed, public)
    for segment in entity.segments:
        if segment.segment.grain == grain.name and has_audience(segment.segment):
            yield audience_model(project, entity, grain, segment.segment)


def _state_model(project: Project, grain: Grain, folder: str, renamed: Iterable[tuple[str, str]]) -> Model:
    """The state of a grain. Before it is brought up to date, `renamed` segments (old name, new name) get their new names.

    The rows themselves are renamed, in the log too: readers and runs then know of one name only, for ever, and a rename costs
    later runs nothing. It is done in the transaction of this model, so it happens whole or not at all. Each step is a
    statement of its own, for there are drivers that take one at a time.
    """
    hooks = [
        f"{{{{ segwh__rename('{what}', '{grain.model('log')}', {jinja_value([pair])}) }}}}"
        for pair in sorted(renamed)
        for what in ("runs", "state", "log")
    ]
    forget = "{{ segwh__forget() }}"
    if project.dialect.upsert_strategy is None:
        return Model(
            name=grain.model("state"),
            folder=folder,
            materialized="table",
            query=ledger.state_anew(grain),
            keep="rows",
            config={"pre_hook": hooks} if hooks and project.dialect.updates_rows else {},
            depends_on=("segwh_run_starts",),
            speaks_of="nothing",
            stores="state",
            key=grain.key,
        )
    return Model(
        name=grain.model("state"),
        folder=folder,
        materialized="incremental",
        query=ledger.state(grain),
        keep="none",
        config={
            "full_refresh": False,
            "incremental_strategy": project.dialect.upsert_strategy,
            # dbt writes these as they are
            "unique_key": ["kind", "segment", project.dialect.identifier(grain.key).sql(dialect=project.dialect.name)],
            **({"pre_hook": hooks} if hooks else {}),
            # What it takes out nobody reads: it does not matter whether a run dies before it.
            "post_hook": [{"sql": forget, "transaction": False}] if project.dialect.deletes_after_commit else forget,
        },
        depends_on=("segwh_run_starts",),
        speaks_of="nothing",
        stores="state",
        key=grain.key,
    )


def _evaluation_model(
    project: Project, entity: EntityPlan, grain: Grain, folder: str, follows: following.Following | None
) -> Model:
    """The members: a row has the segment and the key and nothing else, since there are many."""
    mine = [segment.segment for segment in entity.segments if segment.segment.grain == grain.name]
    key = exp.to_identifier(grain.key)
    place = ref(f"segwh_{entity.entity.name}_facts")
    told = follows.told if follows is not None else frozenset()
    if any(segment.status == "active" for segment in mine):
        keys = project.pieces.keys("members", project.bound, entity, told)
        ready = project.pieces.ready(keys)
        members_found = evaluation_query(project.plan, grain.name, project.dialect, told, ready)
        active = [one for one in entity.segments if one.segment.grain == grain.name and one.segment.status == "active"]
        fresh = of_members(members_found, active, keys.keys() - ready.keys())
        tree, bounds = placed(members_found, project, entity)
        project.pieces.cut(fresh, keys)
    else:  # nothing is evaluated, but the members of inactive segments are still looked after
        facts = exp.Table(this=raw(place), alias=exp.TableAlias(this=exp.to_identifier("facts")))
        nobody = exp.select(exp.alias_(exp.Literal.string(""), "segment"), exp.column(key.copy(), table="facts"))
        tree, bounds = (
            nobody.from_(facts).where(exp.EQ(this=exp.Literal.number(1), expression=exp.Literal.number(0))),
            (),
        )
    members = exp.select(exp.column("segment", table="members"), exp.column(key.copy(), table="members"))
    members = members.from_(exp.Table(this=exp.to_identifier("members")))
    words = {**ledger.WORDS, **ledger.READS_EVERYTHING, **following.words(follows)}
    age = filled(template("members_age"), key=grain.key, tables={"facts": place}, words=words).assert_is(exp.Select)
    if project.dialect.writes_in_order:
        # one row is always another than all others, but DuckDB does not know that and sees a query that keeps no order
        age = age.distinct(copy=False)
    return Model(
        name=grain.model("evaluation"),
        folder=folder,
        materialized="table",
        query=with_ctes(exp.union(members, age, distinct=False, copy=False), {"members": tree}),
        bounds=bounds,
        lines=() if follows is None else follows.lines,
        keep="rows",
        stores="members",
        key=grain.key,
        # When a unit test fails, dbt skips the model that it tests and with it all that is concluded from the rules.
        depends_on=(f"segwh_{entity.entity.name}_tested",) if entity.entity.name in project.tested else (),
    )


def _evaluated_model(
    project: Project, entity: EntityPlan, grain: Grain, folder: str, follows: following.Following | None
) -> Model:
    """What is known of the evaluation: a row a segment."""
    mine = [segment.segment for segment in entity.segments if segment.segment.grain == grain.name]
    key = exp.to_identifier(grain.key)
    facts = exp.Table(this=raw(ref(f"segwh_{entity.entity.name}_facts")), alias=exp.TableAlias(this=exp.to_identifier("facts")))
    entity_key = exp.column(exp.to_identifier(entity.entity.key.name), table="facts")
    age = exp.select(
        exp.alias_(exp.Min(this=exp.column("evaluated_at", table="facts")), "oldest"),
        exp.alias_(exp.Max(this=exp.column("evaluated_at", table="facts")), "newest"),
        exp.alias_(exp.Count(this=exp.Star()), "keys"),
        exp.alias_(exp.Count(this=exp.Distinct(expressions=[entity_key])), "distinct_keys"),
        exp.alias_(exp.Count(this=exp.Distinct(expressions=[exp.column(key, table="facts")])), "population"),
    ).from_(facts)
    checks = exp.select("subject", "problem").from_(exp.Table(this=raw(ref(f"segwh_{entity.entity.name}_checks"))))
    referred = behind(project.bound, project.sources, project.rule_hashes, [segment.name for segment in mine])
    left_out = left_out_query(project.plan, grain.name, project.dialect)
    missing: exp.Query = rows.table_of({"segment": rows.TEXT, "left_out": rows.INT}, ())
    bounds: tuple[BoundHole, ...] = ()
    if left_out is not None:
        missing, bounds = placed(left_out, project, entity)
    query = filled(
        template("evaluated"),
        key=grain.key,
        tables={"evaluation": ref(grain.model("evaluation"))},
        words={
            **ledger.WORDS,
            **ledger.READS_EVERYTHING,
            **following.words(follows),
            "duplicate_keys": exp.Literal.string(f"{entity.entity.relation} has keys with more than one row"),
        },
    )
    parts = {
        "covered": rows.covered(mine, project.rule_hashes),
        "facts_age": age,
        "missing": missing,
        "checks": union_all([checks, *referred]),
        "needs": needs(entity.entity, project.sources, [segment.name for segment in mine], project.dialect),
    }
    compared = ", ".join(jinja_string(name) for name in (grain.model("log"), grain.model("evaluation"), grain.key))
    return Model(
        name=grain.model("evaluated"),
        folder=folder,
        materialized="table",
        query=with_ctes(query, parts),
        # the first that is built once there are keys to compare
        config={"pre_hook": f"{{{{ segwh__require_key_type({compared}) }}}}"},
        bounds=bounds,
        lines=() if follows is None else follows.lines,
        keep="rows",
    )


def _pending_model(
    project: Project,
    entity: EntityPlan,
    grain: Grain,
    folder: str,
    follows: following.Following | None,
    told: list[exp.Query],
) -> Model:
    """The difference to the log; `told` are queries of how segments of other grains fare in this run."""
    keys = project.pieces.keys("reasons", project.bound, entity)
    ready = project.pieces.ready(keys)
    limits = project.dialect.limits
    query = reasons_query(
        project.plan,
        grain.name,
        project.dialect,
        are_few=follows is not None,
        asks_rules=False,
        # a chunk picks its segments by name, and what is left to none of them by what no rule names
        names_all=limits.statement is not None or limits.unions is not None,
        ready=ready,
    )
    fresh = of_reasons(query, keys.keys() - ready.keys())
    tree, bounds = placed(query, project, entity)
    project.pieces.cut(fresh, keys)
    elsewhere = union_all(told) if told else rows.table_of(ledger.ELSEWHERE, ())
    tree = ledger.pending(
        grain,
        facts=ref(f"segwh_{entity.entity.name}_facts"),
        exit_reasons=tree,
        guards=rows.guards(project.bound, entity.entity.name),
        elsewhere=elsewhere,
        words=following.words(follows),
        looked=ledger.COMPARES_ALL if follows is None else following.LOOKED,
        is_guarded=any(exclusion.entity == entity.entity.name for exclusion in project.bound.exclusions),
        exit_fraction=project.bound.settings.max_exit_fraction,
    )
    return Model(
        name=grain.model("pending"),
        folder=folder,
        materialized="table",
        query=tree,
        # also where it is built without the models that begin a run
        config={"pre_hook": "{{ segwh__require_compiled() }}"},
        bounds=bounds,
        lines=(*(() if follows is None else follows.lines), lists_of(project.bound).line(entity.entity.name)),
        keep="rows",
    )
