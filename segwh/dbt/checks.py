"""Checks of the sources before anything is concluded from them: columns of another type than declared, lookups with two rows a
key, sources that stopped loading.

A segment whose source fails a check keeps its last good version; the others are published.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import assert_never

from sqlglot import exp

from segwh import ir
from segwh.catalog.model import Entity, Lookup, Partition, TimeColumn
from segwh.dbt import rows
from segwh.dbt.columns import misfits, spoilt
from segwh.dbt.fixed_queries import filled, raw, template, union_all, with_ctes
from segwh.dbt.jinja import bound_word, ref, relation_text
from segwh.dbt.ledger import WORDS
from segwh.dbt.readable import readable_clock
from segwh.plan.sources import Source
from segwh.semantics import Duration, Relative, Shift
from segwh.sql.dialects.base import SqlDialect
from segwh.sql.holes import BoundHole, Holes
from segwh.sql.scans import Source as Place
from segwh.types import DataType, Relation


def checks_query(
    entity: Entity, sources: Iterable[Source], project: ir.Project, dialect: SqlDialect
) -> tuple[exp.Query, tuple[BoundHole, ...]]:
    """A query of (subject, problem), one row for each source that is out of order, and the bounds that it speaks of."""
    found = sorted(sources)
    misfit_rows = exp.Table(this=raw(misfits(entity, found, dialect)), alias=exp.TableAlias(this=exp.to_identifier("misfits")))
    parts: list[exp.Query] = [exp.select("misfits.subject", "misfits.problem").from_(misfit_rows)]
    bounds: dict[str, BoundHole] = {}
    for source in (Source("entity", entity.name, entity.name), *found):
        lookup = _lookup(entity, source)
        if lookup is not None:
            if lookup.validity is not None:
                bounds["as_of"] = AS_OF
            parts.append(_duplicates(source, lookup, project, dialect))
        clock = _clock(entity, source)
        if clock is not None:
            oldest = _ago(clock.max_lag)
            bounds |= {"as_of": AS_OF, oldest.name: oldest}
            parts.append(_lag(source, clock, oldest, project, dialect))
    return union_all(parts), tuple(bounds.values())


AS_OF = BoundHole(Relative(), "timestamp")


@dataclass(frozen=True, slots=True)
class Clock:
    """By which time a source is to be no older than `max_lag`. Rows at or after as-of count only where they exist then."""

    relation: Relation
    when: TimeColumn
    max_lag: Duration
    rows_have_it: bool
    partition: Partition | None = None


def _clock(entity: Entity, source: Source) -> Clock | None:
    """The clock of a source, None where nothing says how old it may be."""
    match source.kind:
        case "entity":
            when, by_rows = (entity.updated_at, False) if entity.updated_at is not None else (entity.created_at, True)
            return _clock_of(entity.relation, when, entity.max_lag, by_rows)
        case "event":
            event = entity.event(source.name)
            if event is None or event.max_lag is None:
                return None
            return Clock(event.relation, event.loaded_at or event.time, event.max_lag, True, event.partition)
        case "related":
            related = entity.related_rows(source.name)
            return None if related is None else _clock_of(related.relation, related.updated_at, related.max_lag, False)
        case "lookup":
            lookup = _lookup(entity, source)
            return None if lookup is None else _clock_of(lookup.relation, lookup.updated_at, lookup.max_lag, False)
        case "column" | "segment":
            return None
        case _:
            assert_never(source.kind)


def _clock_of(relation: Relation, when: TimeColumn | None, max_lag: Duration | None, rows_have_it: bool) -> Clock | None:
    return None if when is None or max_lag is None else Clock(relation, when, max_lag, rows_have_it)


def _ago(duration: Duration) -> BoundHole:
    return BoundHole(Relative((Shift(-1, duration),)), "timestamp")


def _lookup(entity: Entity, source: Source) -> Lookup | None:
    if source.kind != "lookup":
        return None
    owner = entity if source.owner == entity.name else entity.event(source.owner) or entity.related_rows(source.owner)
    return owner.lookup(source.name) if owner is not None else None


def _words(source: Source, relation: Relation) -> Mapping[str, exp.Expr]:
    return {
        "source_name": exp.Literal.string(str(source)),
        "source_text": exp.Literal.string(f"{source} ({relation})"),
    }


def _duplicates(source: Source, lookup: Lookup, project: ir.Project, dialect: SqlDialect) -> exp.Query:
    is_valid: exp.Expr = exp.true()
    if lookup.validity is not None:
        valid = Place(dialect, project.settings.calendar, Holes()).valid(lookup.validity, "source", None)
        is_valid = exp.paren(valid.transform(lambda node: _filled(node, dialect)))
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


def _lag(source: Source, clock: Clock, oldest: BoundHole, project: ir.Project, dialect: SqlDialect) -> exp.Query:
    place = Place(dialect, project.settings.calendar, Holes())
    row_time = place.clock(clock.when, "source")
    # What a table was last written after as-of is fresh enough; a row that does not exist yet says nothing.
    counts: exp.Expr = exp.true()
    if clock.rows_have_it:
        counts = exp.LT(this=row_time.copy(), expression=bound_literal(dialect, AS_OF))
    if clock.partition is not None:
        near = place.in_partitions(clock.partition, clock.when, "source", bound_literal(dialect, oldest))
        counts = exp.and_(counts, near.transform(lambda node: _filled(node, dialect)))
    words = {
        **_words(source, clock.relation),
        "row_time": row_time,
        "counts": counts,
        "oldest_allowed": bound_literal(dialect, oldest),
        "lag_text": exp.Literal.string(clock.max_lag.after_the),
    }
    relation = f"{{{{ {readable_clock(clock.relation, clock.when, dialect)} }}}}"
    return filled(template("lag"), key="", tables={"source": relation}, words=words)


def _filled(node: exp.Expr, dialect: SqlDialect) -> exp.Expr:
    """The as-of in its hole."""
    return bound_literal(dialect, AS_OF) if isinstance(node, exp.Placeholder) else node


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
    for source in (Source("entity", entity.name, entity.name), *sources):
        if source.kind in ("lookup", "segment") or _clock(entity, source) is not None:
            yield str(source)
