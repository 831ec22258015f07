"""Checks of the sources before anything is concluded from them: columns of another type than declared, lookups with two rows a
key, sources that stopped loading.

A segment whose source fails a check keeps its last good version; the others are published.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sqlglot import exp

from segwh import ir
from segwh.catalog.model import Entity, Event, Lookup, TimeColumn, Validity
from segwh.dbt import rows
from segwh.dbt.columns import misfits, readable_clock, spoilt
from segwh.dbt.fixed_queries import filled, raw, template, union_all, with_ctes
from segwh.dbt.jinja import bound_word, ref, relation_text
from segwh.dbt.ledger import WORDS
from segwh.plan.sources import Source
from segwh.semantics import Duration, Relative, Shift
from segwh.sql.dialects.base import SqlDialect
from segwh.sql.holes import BoundHole
from segwh.types import DataType, Relation


def checks_query(
    entity: Entity, sources: Iterable[Source], project: ir.Project, dialect: SqlDialect
) -> tuple[exp.Query, tuple[BoundHole, ...]]:
    """A query of (subject, problem), one row for each source that is out of order, and the bounds that it speaks of."""
    found = sorted(sources)
    misfit_rows = exp.Table(this=raw(misfits(entity, found, dialect)), alias=exp.TableAlias(this=exp.to_identifier("misfits")))
    parts: list[exp.Query] = [exp.select("misfits.subject", "misfits.problem").from_(misfit_rows)]
    bounds: dict[str, BoundHole] = {}
    for source in found:
        if source.kind == "lookup":
            lookup = _lookup(entity, source)
            if lookup is not None:
                if lookup.validity is not None:
                    bounds["as_of"] = AS_OF
                parts.append(_duplicates(source, lookup, project, dialect))
        elif source.kind == "event":
            event = entity.event(source.name)
            if event is not None and event.max_lag is not None:
                oldest = _ago(event.max_lag)
                bounds |= {"as_of": AS_OF, oldest.name: oldest}
                parts.append(_lag(source, event, event.max_lag, oldest, dialect))
    return union_all(parts), tuple(bounds.values())


AS_OF = BoundHole(Relative(), "timestamp")


def _ago(duration: Duration) -> BoundHole:
    return BoundHole(Relative((Shift(-1, duration),)), "timestamp")


def _lookup(entity: Entity, source: Source) -> Lookup | None:
    owner = entity if source.owner == entity.name else entity.event(source.owner) or entity.related_rows(source.owner)
    return owner.lookup(source.name) if owner is not None else None


def _words(source: Source, relation: Relation) -> Mapping[str, exp.Expr]:
    return {
        "source_name": exp.Literal.string(str(source)),
        "source_text": exp.Literal.string(f"{source} ({relation})"),
    }


def _duplicates(source: Source, lookup: Lookup, project: ir.Project, dialect: SqlDialect) -> exp.Query:
    is_valid = _is_valid(lookup.validity, project, dialect) if lookup.validity else exp.true()
    query = filled(
        template("duplicates"),
        key=lookup.key,
        tables={"source": relation_text(lookup.relation)},
        words={**_words(source, lookup.relation), "is_valid": is_valid},
    )
    named = query.transform(lambda node: dialect.identifier(lookup.key) if _is_key(node, lookup.key) else node)
    return named.assert_is(exp.Query)


def _is_key(node: exp.Expr, key: str) -> bool:
    return isinstance(node, exp.Identifier) and node.name == key


def bound_literal(dialect: SqlDialect, hole: BoundHole) -> exp.Expr:
    """A bound as a literal that Jinja fills."""
    return dialect.cast(
        raw("'{{ " + bound_word(hole) + " }}'"), DataType.TIMESTAMP if hole.kind == "timestamp" else DataType.DATE
    )


def _is_valid(validity: Validity, project: ir.Project, dialect: SqlDialect) -> exp.Expr:
    zone = project.settings.calendar.timezone

    def instant(column: str) -> exp.Expr:
        return dialect.validity_instant(exp.column(dialect.identifier(column), table="source"), None, zone)

    as_of = bound_literal(dialect, AS_OF)
    start = exp.column(dialect.identifier(validity.start), table="source")
    end = exp.column(dialect.identifier(validity.end), table="source")
    begun = exp.or_(exp.Is(this=start, expression=exp.null()), exp.LTE(this=instant(validity.start), expression=as_of))
    lasts = exp.or_(exp.Is(this=end, expression=exp.null()), exp.GT(this=instant(validity.end), expression=as_of.copy()))
    return exp.paren(exp.and_(begun, lasts))


def _lag(source: Source, event: Event, allowed: Duration, oldest: BoundHole, dialect: SqlDialect) -> exp.Query:
    when: TimeColumn = event.loaded_at or event.time
    column = exp.column(dialect.identifier(when.column), table="source")
    words = {
        **_words(source, event.relation),
        "row_time": dialect.instant(column, when.timezone),
        "as_of_utc": bound_literal(dialect, AS_OF),
        "oldest_allowed": bound_literal(dialect, oldest),
        "lag_text": exp.Literal.string(str(allowed)),
    }
    relation = f"{{{{ {readable_clock(event, dialect)} }}}}"
    return filled(template("lag"), key="", tables={"source": relation}, words=words)


def needs(
    entity: Entity, sources: Mapping[str, frozenset[Source]], segments: Iterable[str], dialect: SqlDialect
) -> exp.Query:
    """Rows of (segment, subject): which checked sources each segment depends on.

    Columns are many and seldom out of order: of them only those that are get rows, when the model runs.
    """
    names = list(segments)
    pairs = sorted(
        (segment, subject) for segment in names for subject in set(checked_subjects(entity, sources[segment]))
    )
    by_columns = raw(spoilt(entity, sources, names, dialect))
    columns = exp.Table(this=by_columns, alias=exp.TableAlias(this=exp.to_identifier("spoilt")))
    return union_all(
        (
            rows.table_of({"segment": rows.TEXT, "subject": rows.TEXT}, pairs),
            exp.select("spoilt.segment", "spoilt.subject").from_(columns),
        )
    )


def behind(
    project: ir.Project, sources: Mapping[str, frozenset[Source]], rule_hashes: Mapping[str, str], segments: Iterable[str]
) -> Iterator[exp.Query]:
    """Queries of (subject, problem): the segments of other entities that these refer to, one a grain, where out of order."""
    referred = sorted({source for name in segments for source in sources[name] if source.kind == "segment"})
    grains = {source: project.segment(source.name).grain for source in referred}
    columns = {"subject": rows.TEXT, "segment": rows.TEXT, "rule_hash": rows.TEXT}
    for grain in dict.fromkeys(grains.values()):
        here = ((str(source), source.name, rule_hashes[source.name]) for source in referred if grains[source] == grain)
        tables = {"evaluated_segments": ref(f"segwh_{grain}_evaluated")}
        query = filled(template("behind"), key="", tables=tables, words=WORDS)
        named = with_ctes(query, {"referred": rows.table_of(columns, here)}).subquery(exp.to_identifier(f"behind_{grain}"))
        yield exp.select("subject", "problem").from_(named)


def checked_subjects(entity: Entity, sources: Iterable[Source]) -> Iterator[str]:
    """The subjects of the sources that a check looks at."""
    for source in sources:
        if source.kind in ("lookup", "segment"):
            yield str(source)
        elif source.kind == "event":
            event = entity.event(source.name)
            if event is not None and event.max_lag is not None:
                yield str(source)
