"""What other tools read of a grain's membership: booleans a key for analysis, a view a segment for sync."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlglot import exp

from segwh import ir
from segwh.dbt.fixed_queries import raw, with_ctes
from segwh.dbt.jinja import ref
from segwh.dbt.ledger import Grain
from segwh.dbt.model import Model
from segwh.dbt.placed import Project, placed
from segwh.plan.nodes import EntityPlan
from segwh.sql.compile import representatives_query
from segwh.sql.holes import BoundHole


def wide_model(entity: EntityPlan, grain: Grain, analysed: Iterable[ir.Segment], folder: str) -> Model:
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


def audience_model(project: Project, entity: EntityPlan, grain: Grain, segment: ir.Segment) -> Model:
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
        name=audience_name(segment),
        folder="audiences",
        materialized="view",
        query=with_ctes(query.where(is_in), ctes),
        bounds=bounds,
        speaks_of="run" if bounds else "nothing",
        tags=("segwh_audiences",),
    )


def audience_name(segment: ir.Segment) -> str:
    """The name of the audience view of a segment; macros/audiences.sql knows it, too."""
    return f"aud_{segment.name}"


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
