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
from segwh.dbt import ledger, rows
from segwh.dbt.audiences import audience_name, has_audience
from segwh.dbt.checks import checks_query
from segwh.dbt.facts import facts_model
from segwh.dbt.fixed_queries import filled, raw, template, union_all, with_ctes
from segwh.dbt.grain_models import grain_models
from segwh.dbt.jinja import jinja_value, ref
from segwh.dbt.ledger import Grain
from segwh.dbt.model import APPEND_ONLY, Model
from segwh.dbt.placed import Project
from segwh.dbt.suppression import Lists, lists_of
from segwh.plan.nodes import EntityPlan

CONTRACT_VERSION = 3
"""The version of the tables' layout; kept in segwh_runs so that a later segwh knows what it finds."""


def finds_its_tables(grains: Iterable[Grain]) -> list[str]:
    """What is done before anything is written, whichever model comes first, as hooks."""
    keys = {grain.model("log"): grain.key for grain in grains}
    return [
        "{{ segwh__require_compiled() }}",
        "{{ segwh__require_variables() }}",
        "{{ segwh__require_own_tables() }}",
        "{{ segwh__require_logs() }}",
        f"{{{{ segwh__require_key_names({jinja_value(keys)}, {jinja_value(ledger.log_columns())}) }}}}",
        f"{{{{ segwh__migrate({CONTRACT_VERSION}) }}}}",
    ]

MARKS = {
    "segment": rows.TEXT,
    "grain": rows.TEXT,
    "first_evaluated_at": rows.INSTANT,
    "last_evaluated_at": rows.INSTANT,
}
"""What is known of the evaluations of a segment, by column."""


def models(project: Project) -> Iterator[Model]:
    """Every model of the project, in the order of flow, each made when it is asked for: their trees are large."""
    grains = tuple(grain for entity in project.plan.entities for grain in project.grains(entity))
    yield Model(
        name="segwh_rules",
        folder="internal",
        materialized="table",
        query=rows.rules(project.bound, project.rule_hashes, project.dependencies, project.watches, project.pieces),
        config={"pre_hook": finds_its_tables(grains)},
        speaks_of="nothing",
    )
    yield _starts_model(grains, lists_of(project.bound))
    for entity in project.plan.entities:
        yield from entity_models(project, entity)
    yield from _summaries(grains)
    yield _ends_model(grains)
    yield _runs_model(project)


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
        checks, bounds = checks_query(entity.entity, project.checked(entity), project.bound, project.dialect)
        yield Model(
            name=f"segwh_{name}_checks",
            folder=f"{name}/internal",
            materialized="table",
            query=checks,
            bounds=bounds,
            keep="rows",
            depends_on=("segwh_run_starts",),
        )
    # Grains with suppression segments come first, the entity's own before all: the others look at how those fared, and at how
    # segments fared that theirs, or these, follow from.
    guarding = {project.bound.segment(exclusion.segment).grain for exclusion in project.bound.exclusions}
    ordered = sorted(grains, key=lambda grain: (grain.name not in guarding, grain.name != name))
    own = {grain.name for grain in ordered}
    judged_ahead: set[str] = set()
    for place, grain in enumerate(ordered):
        followed = _followed(project, entity, grain)
        later = tuple(
            (other, followed.get(other.name, frozenset()))
            for other in ordered[place + 1 :]
            if other.name in guarding or other.name in followed
        )
        yield from grain_models(
            project, entity, grain,
            before=tuple(ordered[:place]),
            later=later,
            beyond=tuple(project.grain(project.plan.grain_entity(name), name) for name in sorted(followed.keys() - own)),
            is_judged_ahead=grain.name in judged_ahead,
        )  # fmt: skip
        judged_ahead |= {other.name for other, _ in later}


def _followed(project: Project, entity: EntityPlan, grain: Grain) -> Mapping[str, frozenset[str]]:
    """Grain -> its segments that have to be in order before anything is concluded about segments of this one."""
    mine = [segment.name for segment in entity.segments if segment.segment.grain == grain.name]
    names = frozenset[str]().union(*(project.watches[name] for name in mine))
    grains = {name: project.bound.segment(name).grain for name in names}
    return {place: frozenset(name for name in names if grains[name] == place) for place in set(grains.values())}


def _starts_model(grains: tuple[Grain, ...], lists: Lists) -> Model:
    words = {
        **ledger.WORDS,
        **ledger.READS_EVERYTHING,
        "run_name": raw("'{{ invocation_id }}'"),
        "started_instant": exp.cast(raw("'{{ started_at }}'"), rows.INSTANT),
        "package_version": exp.Literal.string(segwh.__version__),
        "contract_version": exp.cast(exp.Literal.number(CONTRACT_VERSION), rows.INT),
        "log_ends": raw(f"'{{{{ segwh__log_ends({jinja_value([grain.model('log') for grain in grains])}) }}}}'"),
        "suppression_lists": raw(f"'{{{{ {lists.begun} }}}}'"),
        "project_name": raw("'{{ segwh__project() }}'"),
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
        config={**APPEND_ONLY, "pre_hook": finds_its_tables(grains), "post_hook": "{{ segwh__fail_if_too_late() }}"},
        id="run_id",
        speaks_of="start",
    )


def _summaries(grains: tuple[Grain, ...]) -> Iterator[Model]:
    """The registry and the sizes, over all grains; without rows where there are traits alone."""
    marks = [
        exp.select("*").from_(ledger.marks(grain).subquery(exp.to_identifier(f"{grain.name}_marks"))) for grain in grains
    ]
    registry = filled(template("registry"), key="", tables={"rules": ref("segwh_rules")})
    yield Model(
        name="segwh_segments",
        folder="",
        materialized="table",
        query=with_ctes(registry, {"marks": union_all(marks) if marks else rows.table_of(MARKS, ())}),
        keep="rows",
        speaks_of="nothing",
    )
    yield Model(
        name="segwh_segment_sizes",
        folder="",
        materialized="view",
        query=ledger.sizes(grains),
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
        **ledger.READS_EVERYTHING,
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
        depends_on=("segwh_segments", "segwh_segment_sizes"),
    )


def _runs_model(project: Project) -> Model:
    """The public list of runs; once it stands, views of former audiences go, and a run that held something back fails."""
    segments = [segment.segment for entity in project.plan.entities for segment in entity.segments]
    entities = sorted({segment.entity for segment in segments})
    audiences = sorted(audience_name(segment) for segment in segments if has_audience(segment))
    tables = {"starts": ref("segwh_run_starts"), "ends": ref("segwh_run_ends")}
    return Model(
        name="segwh_runs",
        folder="",
        materialized="view",
        query=filled(template("runs"), key="", tables=tables),
        config={
            "post_hook": [
                {"sql": f"{{{{ segwh__sweep_audiences({jinja_value(audiences)}) }}}}", "transaction": True},
                {"sql": "{{ segwh__sweep() }}", "transaction": True},
                {"sql": f"{{{{ {lists_of(project.bound).fails(entities)} }}}}", "transaction": False},
            ]
        },
        speaks_of="nothing",
    )
