"""Traits that are computed from other columns: formulas, points, stages, and the parts of rfm."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from sqlglot import exp

from segwh import ir
from segwh.plan.nodes import TraitColumn
from segwh.plan.reads import rfm_measures
from segwh.sql.measures import named
from segwh.sql.people import Person
from segwh.sql.predicates import double_number, possible, sum_of
from segwh.types import DataType

MEASURES = ("recency", "frequency", "monetary")
OPERATORS = {"+": exp.Add, "-": exp.Sub, "*": exp.Mul}


def trait_value(node: TraitColumn, person: Person) -> exp.Expr:
    """The value of a trait, or of one part of an rfm trait."""
    trait = person.project.trait(person.plan.entity.name, node.trait)
    match trait.definition:
        case ir.Measured():
            return person.operand(trait.definition)
        case ir.Arithmetic() | ir.Constant() | ir.Field() | ir.TraitValue():
            value = formula(trait.definition, person)
            # infinity less infinity is no number, and no column of doubles has held one so far
            return person.source.dialect.without_nan(value) if isinstance(trait.definition, ir.Arithmetic) else value
        case ir.Points(entries):
            return points(entries, person)
        case ir.Stages(entries):
            return stages(entries, person)
        case ir.Rfm():
            assert node.part is not None
            return rfm_part(trait.definition, node.trait, node.part, person)
        case _:
            assert_never(trait.definition)


def formula(node: ir.Formula, person: Person) -> exp.Expr:
    """A formula in doubles; division by zero and a missing operand give null."""
    match node:
        case ir.Constant(value):
            return person.source.dialect.double(double_number(value))
        case ir.Field() | ir.TraitValue():
            return person.source.dialect.double(person.operand(node))
        case ir.Arithmetic("/", left, right):
            divisor = exp.Nullif(this=formula(right, person), expression=exp.Literal.number(0))
            return exp.Paren(this=exp.Div(this=formula(left, person), expression=divisor, typed=False, safe=False))
        case ir.Arithmetic(operator, left, right):
            return exp.Paren(this=OPERATORS[operator](this=formula(left, person), expression=formula(right, person)))
        case _:
            assert_never(node)


def points(entries: tuple[tuple[ir.Predicate, Decimal], ...], person: Person) -> exp.Expr:
    """The sum of the points of the entries that hold."""
    if not entries:
        return exp.Literal.number(0)
    zero = exp.Literal.number(0)
    ifs = [exp.If(this=possible(when, person.row), true=person.source.dialect.number(add)) for when, add in entries]
    return sum_of([exp.Case(ifs=[one], default=zero.copy()) for one in ifs])


def stages(entries: tuple[tuple[str, ir.Predicate], ...], person: Person) -> exp.Expr:
    """The name of the first stage that holds."""
    ifs, default = [], None
    for name, when in entries:
        text = person.source.dialect.string(name)
        if isinstance(when, ir.Everyone):
            default = text
            break
        ifs.append(exp.If(this=possible(when, person.row), true=text))
    return exp.Case(ifs=ifs, default=default) if ifs else default or exp.null()


# --- rfm ----------------------------------------------------------------------------------------------------------------


def rfm_part(rfm: ir.Rfm, trait: str, part: str, person: Person) -> exp.Expr:
    """One part of an rfm trait; null for an entity without a row."""
    if part in MEASURES:
        return _measure(rfm, part, person)
    if part.endswith("_score"):
        measure = part.removesuffix("_score")
        return score(getattr(rfm, measure), trait, measure, person)
    scores = [person.column(person.plan.traits[trait, f"{measure}_score"]) for measure in MEASURES]
    return _cell(scores, person) if part == "cell" else _name(rfm, scores, person)


def _measure(rfm: ir.Rfm, part: str, person: Person) -> exp.Expr:
    last, frequency, monetary = (person.operand(measure) for measure in rfm_measures(rfm))
    if part == "recency":
        return person.source.dialect.elapsed_days(last, person.row.as_of())
    value = frequency if part == "frequency" else monetary
    return exp.Case(ifs=[exp.If(this=last.is_(exp.null()).not_(), true=value)])


def score(scoring: ir.Scoring, trait: str, measure: str, person: Person) -> exp.Expr:
    """1 (worst) to `scores` (best). A value equal to an edge falls in the bin of lower values; of days fewer are better."""
    value = person.column(person.plan.traits[trait, measure])
    is_best_low = measure == "recency"
    if scoring.method == "rank":
        return _tile(scoring.scores, value, is_best_low, person)
    ifs = [exp.If(this=value.copy().is_(exp.null()), true=exp.null())]
    for place in range(1, scoring.scores):
        grade = scoring.scores + 1 - place if is_best_low else place
        ifs.append(exp.If(this=_reaches(scoring, trait, measure, place, value.copy(), person), true=exp.Literal.number(grade)))
    return exp.Case(ifs=ifs, default=exp.Literal.number(1 if is_best_low else scoring.scores))


def _tile(scores: int, value: exp.Expr, is_best_low: bool, person: Person) -> exp.Expr:
    """NTILE by value, then key, over the rows that have a value."""
    key = person.source.dialect.by_bytes(person.key, person.plan.entity.key.type)
    order = [exp.Ordered(this=one, desc=False, nulls_first=True) for one in (value.copy(), key)]
    tile = exp.Window(
        this=exp.Anonymous(this="NTILE", expressions=[exp.Literal.number(scores)]),
        partition_by=[value.copy().is_(exp.null())],
        order=exp.Order(expressions=order),
    )
    graded = exp.Sub(this=exp.Literal.number(scores + 1), expression=tile) if is_best_low else tile
    return exp.Case(ifs=[exp.If(this=value.is_(exp.null()).not_(), true=graded)])


def _reaches(scoring: ir.Scoring, trait: str, measure: str, place: int, value: exp.Expr, person: Person) -> exp.Expr:
    """Whether a value is at or below the edge of that place."""
    definition = person.project.trait(person.plan.entity.name, trait).definition
    assert isinstance(definition, ir.Rfm)
    is_double = measure == "monetary" and definition.value.type is DataType.NUMBER
    if scoring.method == "fixed":
        cut = scoring.cuts[place - 1]
        return exp.LTE(this=value, expression=double_number(cut) if is_double else person.source.dialect.number(cut))
    edges = edges_name(trait, measure)
    low, high, rest = (named(edge_part(part, place), person.source.dialect, edges) for part in ("low", "high", "rest"))
    # value <= low + rest / scores * (high - low), multiplied out so that exact numbers stay exact.
    left = exp.Mul(this=exp.Paren(this=exp.Sub(this=value, expression=low)), expression=exp.Literal.number(scoring.scores))
    right = exp.Mul(this=exp.Paren(this=exp.Sub(this=high, expression=low.copy())), expression=rest)
    reaches = exp.LTE(this=left, expression=right)
    if not is_double:
        return reaches
    # Between infinity and anything else, or no part of the way to it, there is no number: then the lower value is the edge.
    zero = exp.Literal.number(0)
    is_finite = exp.EQ(this=exp.Paren(this=exp.Sub(this=low.copy(), expression=low.copy())), expression=zero)
    lies_between = exp.and_(exp.GT(this=rest.copy(), expression=zero.copy()), is_finite, copy=False)
    at_low = exp.LTE(this=value.copy(), expression=low.copy())
    return exp.Case(ifs=[exp.If(this=lies_between, true=reaches)], default=at_low)


def edges_name(trait: str, measure: str) -> str:
    """The CTE that holds the quantile edges of a measure of an rfm trait, one row."""
    return f"{trait}_{measure}_edges"


def edge_part(part: str, place: int) -> str:
    """The column of a part of an edge. No column of the facts, which are joined and written without a table, bears its name."""
    return f"segwh_{part}_{place}"


def quantile_edges(trait: str, measure: str, scores: int, person: Person, source: str) -> tuple[tuple[str, exp.Select], ...]:
    """CTEs for the linear-interpolated quantiles of a column over the rows that have it.

    Values are counted first, so that the window runs over distinct values. The edge of place k lies at (n - 1) * k / scores:
    between the values `low` and `high` at the whole numbers around it, `rest` parts in `scores` of the way.
    """
    dialect = person.source.dialect
    value = named(person.plan.traits[trait, measure], dialect)
    values = f"{trait}_{measure}_values"
    counted = exp.select(
        exp.Alias(this=value, alias=exp.to_identifier("counted_value")),
        exp.Alias(this=exp.Count(this=exp.Star()), alias=exp.to_identifier("entities")),
        copy=False,
    )
    counted = counted.from_(exp.to_identifier(source), copy=False).where(value.copy().is_(exp.null()).not_(), copy=False)
    counted = counted.group_by(value.copy(), copy=False)
    entities = exp.column("entities")
    ordered = exp.Order(expressions=[exp.Ordered(this=exp.column("counted_value"), desc=False, nulls_first=True)])
    running = exp.select(
        exp.column("counted_value"),
        exp.Alias(this=exp.Window(this=exp.Sum(this=entities), order=ordered), alias=exp.to_identifier("up_to")),
        exp.Alias(this=exp.Window(this=exp.Sum(this=entities.copy())), alias=exp.to_identifier("total")),
        copy=False,
    ).from_(exp.Subquery(this=counted, alias=exp.TableAlias(this=exp.to_identifier("counted"))), copy=False)
    edges = exp.select(copy=False)
    for place in range(1, scores):
        edges = edges.select(*_edge(place, scores), copy=False)
    return (values, running), (edges_name(trait, measure), edges.from_(exp.to_identifier(values), copy=False))


def _edge(place: int, scores: int) -> list[exp.Expr]:
    up_to = exp.column("up_to")
    steps = exp.Mul(
        this=exp.Paren(this=exp.Sub(this=exp.column("total"), expression=exp.Literal.number(1))),
        expression=exp.Literal.number(place),
    )

    def smallest(reached: exp.Expr) -> exp.Expr:
        beyond = exp.GT(this=exp.Mul(this=reached, expression=exp.Literal.number(scores)), expression=steps.copy())
        return exp.Min(this=exp.Case(ifs=[exp.If(this=beyond, true=exp.column("counted_value"))]))

    low = smallest(up_to)
    high = smallest(exp.Paren(this=exp.Sub(this=up_to.copy(), expression=exp.Literal.number(1))))
    rest = exp.Max(this=exp.Mod(this=exp.Paren(this=steps.copy()), expression=exp.Literal.number(scores)))
    return [
        exp.Alias(this=low, alias=exp.to_identifier(edge_part("low", place))),
        exp.Alias(this=exp.Coalesce(this=high, expressions=[low.copy()]), alias=exp.to_identifier(edge_part("high", place))),
        exp.Alias(this=rest, alias=exp.to_identifier(edge_part("rest", place))),
    ]


def _cell(scores: list[exp.Expr], person: Person) -> exp.Expr:
    texts = [person.source.dialect.cast(score, DataType.STRING) for score in scores]
    return exp.DPipe(this=exp.DPipe(this=texts[0], expression=texts[1]), expression=texts[2])


def _name(rfm: ir.Rfm, scores: list[exp.Expr], person: Person) -> exp.Expr:
    ifs = []
    for name in rfm.named:
        parts = [
            exp.In(this=score.copy(), expressions=[exp.Literal.number(one) for one in wanted])
            for score, wanted in zip(scores, (name.r, name.f, name.m), strict=True)
            if wanted is not None
        ]
        has_row = scores[0].copy().is_(exp.null()).not_()
        when = exp.and_(*parts, copy=False) if parts else has_row
        ifs.append(exp.If(this=when, true=person.source.dialect.string(name.name)))
    return exp.Case(ifs=ifs) if ifs else exp.cast(exp.null(), person.source.dialect.type_of(DataType.STRING))
