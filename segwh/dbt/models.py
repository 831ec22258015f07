"""From a plan to the models of a dbt project: a fixed set for the project, for each entity and for each grain.

The order in which they run:

    rules -> run_starts -> state -> standing -> facts -> evaluation, evaluated -> pending -> log
    log -> changes, membership, history, audiences, segments, segment_sizes -> run_ends -> runs

How many there are does not depend on the number of segments (audience views apart).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sqlglot import exp

import segwh
from segwh import ir
from segwh.dbt import following, ledger, rows
from segwh.dbt.checks import behind, checks_query, needs
from segwh.dbt.chunks import is_too_long
from segwh.dbt.facts import facts_model
from segwh.dbt.fixed_queries import filled, raw, template, union_all, with_ctes
from segwh.dbt.jinja import jinja_value, ref
from segwh.dbt.ledger import Grain
from segwh.dbt.model import Model
from segwh.dbt.parts import in_parts
from segwh.dbt.pieces import of_members, of_reasons
from segwh.dbt.placed import Project, placed
from segwh.plan.nodes import EntityPlan
from segwh.sql.compile import evaluation_query, left_out_query, reasons_query, representatives_query
from segwh.sql.holes import BoundHole

CONTRACT_VERSION = 2
"""The version of the tables' layout; kept in segwh_runs so that a later segwh knows what it finds."""


APPEND_ONLY: Mapping[str, object] = {
    "full_refresh": False,
    "incremental_strategy": "append",
    "on_schema_change": "append_new_columns",
}
"""The config of a table that only ever grows, whatever flags dbt is called with."""


# --- models of an entity ------------------------------------------------------------------------------------------------


def entity_models(project: Project, entity: EntityPlan) -> Iterator[Model]:
    """Facts and traits of an entity, then the models of its grains."""
    name = entity.entity.name
    grains = project.grains(entity)
    if not grains and not entity.traits:
        return
    yield facts_model(project, entity, grains)
    if entity.traits:
        facts = exp.Table(this=raw(ref(f"segwh_{name}_facts")), alias=exp.TableAlias(this=exp.to_identifier("facts")))
        columns = [entity.entity.key.name, *entity.traits.values()]
        yield Model(
            name=f"segwh_{name}_traits",
            folder=name,
            materialized="view",
            query=exp.select(*(exp.column(project.dialect.identifier(column), table="facts") for column in columns)).from_(
                facts
            ),
            speaks_of="nothing",
        )
    if grains:
        sources = frozenset().union(*(project.sources[segment.name] for segment in entity.segments))
        checks, bounds = checks_query(entity.entity, sources, project.bound, project.dialect)
        yield Model(
            name=f"segwh_{name}_checks",
            folder=f"{name}/internal",
            materialized="table",
            query=checks,
            bounds=bounds,
            keep="rows",
            depends_on=("segwh_run_starts",),
        )
    # Grains with suppression segments come first, the entity's own before all: the others look at how those fared.
    guarding = {project.bound.segment(exclusion.segment).grain for exclusion in project.bound.exclusions}
    ordered = sorted(grains, key=lambda grain: (grain.name not in guarding, grain.name != name))
    for place, grain in enumerate(ordered):
        later = tuple(other for other in ordered[place + 1 :] if other.name in guarding)
        yield from _grain_models(project, entity, grain, before=tuple(ordered[:place]), later=later)


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
            "unique_key": ["kind", "segment", grain.key],
            **({"pre_hook": hooks} if hooks else {}),
            "post_hook": "{{ segwh__forget() }}",
        },
        depends_on=("segwh_run_starts",),
        speaks_of="nothing",
        stores="state",
        key=grain.key,
    )


def _grain_models(
    project: Project, entity: EntityPlan, grain: Grain, before: tuple[Grain, ...], later: tuple[Grain, ...]
) -> Iterator[Model]:
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
    follows = following.following(project, entity, grain)
    yield _evaluation_model(project, entity, grain, internal, follows)
    yield _evaluated_model(project, entity, grain, internal, follows)
    pending = _pending_model(project, entity, grain, internal, follows, before, later)
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
        yield Model(name=grain.model(what), folder=public, materialized="view", query=query, speaks_of="nothing")
    analysed = [segment for segment in mine if segment.analytics]
    if analysed:
        yield _wide_model(entity, grain, analysed, public)
    for segment in entity.segments:
        if segment.segment.grain == grain.name and has_audience(segment.segment):
            yield _audience_model(project, entity, grain, segment.segment)


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
    words = {**ledger.WORDS, **READS_EVERYTHING, **following.words(follows)}
    age = filled(template("members_age"), key=grain.key, tables={"facts": place}, words=words)
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
            **READS_EVERYTHING,
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
    return Model(
        name=grain.model("evaluated"),
        folder=folder,
        materialized="table",
        query=with_ctes(query, parts),
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
    before: tuple[Grain, ...],
    later: tuple[Grain, ...],
) -> Model:
    keys = project.pieces.keys("reasons", project.bound, entity)
    ready = project.pieces.ready(keys)
    query = reasons_query(project.plan, grain.name, project.dialect, are_few=follows is not None, ready=ready)
    fresh = of_reasons(query, [one for one in entity.segments if one.segment.grain == grain.name], keys.keys() - ready.keys())
    tree, bounds = placed(query, project, entity)
    project.pieces.cut(fresh, keys)
    told = [ledger.elsewhere(other) for other in before]
    told += [ledger.elsewhere_later(other) for other in later]
    elsewhere = union_all(told) if told else rows.table_of({"segment": rows.TEXT, "is_current": rows.BOOL}, ())
    tree = ledger.pending(
        grain,
        facts=ref(f"segwh_{entity.entity.name}_facts"),
        exit_reasons=tree,
        guards=rows.guards(project.bound, entity.entity.name),
        elsewhere=elsewhere,
        words=following.words(follows),
        looked=ledger.COMPARES_ALL if follows is None else following.LOOKED,
    )
    return Model(
        name=grain.model("pending"),
        folder=folder,
        materialized="table",
        query=tree,
        bounds=bounds,
        lines=() if follows is None else follows.lines,
        keep="rows",
    )


def _wide_model(entity: EntityPlan, grain: Grain, analysed: Iterable[ir.Segment], folder: str) -> Model:
    """One row a key with a boolean a segment."""
    key = exp.to_identifier(grain.key)
    facts = exp.Table(this=raw(ref(f"segwh_{entity.entity.name}_facts")), alias=exp.TableAlias(this=exp.to_identifier("facts")))
    membership = exp.Table(this=raw(ref(grain.model("membership"))), alias=exp.TableAlias(this=exp.to_identifier("membership")))

    def flag(segment: ir.Segment) -> exp.Expr:
        is_in = exp.EQ(this=exp.column("segment", table="membership"), expression=exp.Literal.string(segment.name))
        one = exp.Case(ifs=[exp.If(this=is_in, true=exp.Literal.number(1))], default=exp.Literal.number(0))
        return exp.alias_(exp.EQ(this=exp.Max(this=one), expression=exp.Literal.number(1)), f"in_{segment.name}")

    keys = exp.select(exp.column(key.copy(), table="facts")).distinct().from_(facts)
    keys = keys.where(exp.Not(this=exp.Is(this=exp.column(key.copy(), table="facts"), expression=exp.null())))
    joined = exp.EQ(this=exp.column(key.copy(), table="membership"), expression=exp.column(key.copy(), table="keys"))
    query = (
        exp.select(exp.column(key.copy(), table="keys"), *(flag(segment) for segment in analysed))
        .from_(exp.Table(this=exp.to_identifier("keys")))
        .join(membership, on=joined, join_type="left")
        .group_by(exp.column(key.copy(), table="keys"))
    )
    return Model(
        name=grain.model("wide"),
        folder=folder,
        materialized="table",
        query=with_ctes(query, {"keys": keys}),
        keep="rows",
        speaks_of="nothing",
    )


def _audience_model(project: Project, entity: EntityPlan, grain: Grain, segment: ir.Segment) -> Model:
    """The audience view of a segment: its members' keys with the columns asked for.

    Of an aggregated segment the columns are those of the entity that stands for the member, whose key comes with it.
    """
    dialect = project.dialect
    bounds: tuple[BoundHole, ...] = ()
    membership = exp.Table(this=raw(ref(grain.model("membership"))), alias=exp.TableAlias(this=exp.to_identifier("membership")))
    facts = exp.Table(this=raw(ref(f"segwh_{entity.entity.name}_facts")), alias=exp.TableAlias(this=exp.to_identifier("facts")))
    key, entity_key = dialect.identifier(grain.key), dialect.identifier(entity.entity.key.name)
    columns = [exp.column(dialect.identifier(name), table="facts") for name in audience_columns(entity, segment)]
    query = exp.select(exp.column(key, table="membership")).from_(membership)
    ctes: dict[str, exp.Query] = {}
    if segment.aggregate_on is not None:
        standing_for = representatives_query(project.plan, grain.name, dialect, [segment.name])
        assert standing_for is not None
        tree, bounds = placed(standing_for, project, entity)
        ctes["representatives"] = tree
        same = exp.EQ(
            this=exp.column(key.copy(), table="representatives"), expression=exp.column(key.copy(), table="membership")
        )
        query = query.join(exp.Table(this=exp.to_identifier("representatives")), on=same, join_type="left")
        query = query.select(exp.column(entity_key, table="representatives"))
    if columns:
        owner = "membership" if segment.aggregate_on is None else "representatives"
        same = exp.EQ(this=exp.column(entity_key.copy(), table="facts"), expression=exp.column(entity_key.copy(), table=owner))
        query = query.join(facts, on=same, join_type="left").select(*columns)
    is_in = exp.EQ(this=exp.column("segment", table="membership"), expression=exp.Literal.string(segment.name))
    return Model(
        name=f"aud_{segment.name}",
        folder="audiences",
        materialized="view",
        query=with_ctes(query.where(is_in), ctes),
        bounds=bounds,
        speaks_of="run" if bounds else "nothing",
        tags=("segwh_audiences",),
    )


def has_audience(segment: ir.Segment) -> bool:
    """Whether a segment is offered for sync. Of a split one the variants are, never the whole, which holds the holdout."""
    return segment.activate is not None and segment.split is None


def audience_columns(entity: EntityPlan, segment: ir.Segment) -> Iterator[str]:
    """The columns of the facts that an audience view shows beside the keys."""
    own = {key.name: column for key, column in entity.columns.items() if isinstance(key, ir.Field) and key.lookup is None}
    for name in segment.activate or ():
        trait, _, part = name.partition(".")
        if (trait, part or None) in entity.traits:
            yield entity.traits[(trait, part or None)]
        elif name in own:
            yield own[name]


# --- models of the project ----------------------------------------------------------------------------------------------


def models(project: Project) -> Iterator[Model]:
    """Every model of the project, in the order of flow, each made when it is asked for: their trees are large."""
    grains = tuple(grain for entity in project.plan.entities for grain in project.grains(entity))
    yield Model(
        name="segwh_rules",
        folder="internal",
        materialized="table",
        query=rows.rules(project.bound, project.rule_hashes, project.pieces),
        config={"pre_hook": FINDS_ITS_TABLES},
        speaks_of="nothing",
    )
    yield _starts_model(grains)
    for entity in project.plan.entities:
        yield from entity_models(project, entity)
    yield from _summaries(grains)
    yield _ends_model(grains)
    yield _runs_model()


READS_EVERYTHING: Mapping[str, exp.Expr] = {"reads_everything": raw("{{ not segwh__reads_part() }}")}


FINDS_ITS_TABLES = ["{{ segwh__require_logs() }}", f"{{{{ segwh__migrate({CONTRACT_VERSION}) }}}}"]
"""What is done before anything is written, whichever model comes first."""


def _starts_model(grains: tuple[Grain, ...]) -> Model:
    words = {
        **ledger.WORDS,
        **READS_EVERYTHING,
        "run_name": raw("'{{ invocation_id }}'"),
        "started_instant": exp.cast(raw("'{{ started_at }}'"), rows.INSTANT),
        "package_version": exp.Literal.string(segwh.__version__),
        "contract_version": exp.cast(exp.Literal.number(CONTRACT_VERSION), rows.INT),
        "log_ends": raw("'{{ segwh__log_ends() }}'"),
        "is_wanted": raw("{{ segwh__is_wanted('rules.segment', 'rules.refresh', 'rules.is_suppression') }}"),
        "removes_some": raw("{{ true if var('segwh_remove', []) else false }}"),
    }
    query = filled(template("starts"), key="", tables={"rules": ref("segwh_rules")}, words=words)
    return Model(
        name="segwh_run_starts",
        folder="internal",
        materialized="incremental",
        query=with_ctes(query, ledger.logged(grains)),
        keep="none",
        config={**APPEND_ONLY, "pre_hook": FINDS_ITS_TABLES, "post_hook": "{{ segwh__fail_if_too_late() }}"},
        id="run_id",
        speaks_of="start",
    )


def _summaries(grains: tuple[Grain, ...]) -> Iterator[Model]:
    """The registry and the sizes, over all grains."""
    if not grains:
        return
    marks = union_all(
        exp.select("*").from_(ledger.marks(grain).subquery(exp.to_identifier(f"{grain.name}_marks"))) for grain in grains
    )
    registry = filled(template("registry"), key="", tables={"rules": ref("segwh_rules")})
    yield Model(
        name="segwh_segments",
        folder="",
        materialized="table",
        query=with_ctes(registry, {"marks": marks}),
        keep="rows",
        speaks_of="nothing",
    )
    yield Model(
        name="segwh_segment_sizes",
        folder="",
        materialized="view",
        query=union_all(ledger.sizes(grain) for grain in grains),
        speaks_of="nothing",
    )


def _ends_model(grains: tuple[Grain, ...]) -> Model:
    """The row that says that a run is done, written after everything else."""
    written = [
        exp.select("*").from_(ledger.written(grain).subquery(exp.to_identifier(f"{grain.name}_written"))) for grain in grains
    ]
    overtaken = [
        exp.select("*").from_(ledger.overtaken(grain).subquery(exp.to_identifier(f"{grain.name}_overtaken")))
        for grain in grains
    ]
    asked = [
        exp.select("kind", "status").from_(
            exp.Table(this=raw(ref(grain.model("pending"))), alias=exp.TableAlias(this=exp.to_identifier("pending")))
        )
        for grain in grains
    ]
    words = {
        **ledger.WORDS,
        **READS_EVERYTHING,
        "finished_instant": exp.cast(raw("'{{ segwh__now() }}'"), rows.INSTANT),
    }
    query = filled(template("ends"), key="", tables={"known": "{{ this if segwh__grows() else 'no_ends' }}"}, words=words)
    return Model(
        name="segwh_run_ends",
        folder="internal",
        materialized="incremental",
        query=with_ctes(
            query,
            {
                "no_ends": rows.table_of({"run_id": rows.TEXT}, ()),
                "pending": union_all(asked) if asked else rows.table_of({"kind": rows.TEXT, "status": rows.TEXT}, ()),
                "overtaken": union_all(overtaken) if overtaken else rows.table_of({"one": rows.INT}, ()),
                "written": union_all(written) if written else rows.table_of({"change": rows.TEXT}, ()),
            },
        ),
        keep="none",
        config=APPEND_ONLY,
        id="run_id",
        depends_on=("segwh_segments", "segwh_segment_sizes") if grains else (),
    )


def _runs_model() -> Model:
    """The public list of runs; once it stands, a run that held something back fails."""
    tables = {"starts": ref("segwh_run_starts"), "ends": ref("segwh_run_ends")}
    return Model(
        name="segwh_runs",
        folder="",
        materialized="view",
        query=filled(template("runs"), key="", tables=tables),
        config={
            "post_hook": [
                {"sql": "{{ segwh__sweep() }}", "transaction": True},
                {"sql": "{{ segwh__fail_if_held_back() }}", "transaction": False},
            ]
        },
        speaks_of="nothing",
    )
