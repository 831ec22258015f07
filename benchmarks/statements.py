"""The two statements that evaluate a set of rules on any engine: facts, then members, with bounds as literals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from benchmarks import rules
from segwh.plan.build import build
from segwh.project import load_texts
from segwh.sql.compile import evaluation_query, facts_query
from segwh.sql.dialects.base import SqlDialect
from segwh.sql.holes import Facts, RelationHole
from segwh.sql.render import literals, render
from segwh.types import Relation

FACTS, MEMBERS = "segwh_customer_facts", "segwh_customer_evaluation"
"""The tables that the statements are written to; the second reads the first."""


@dataclass(frozen=True, slots=True)
class Statements:
    """SELECTs of one dialect."""

    facts: str
    members: str
    """Rows (segment, customer_id)."""


def statements(catalog: str, segments: str, as_of: datetime, dialect: SqlDialect) -> Statements:
    """Compile rules over the grain `customer`. Raises ValueError with the diagnostics of wrong ones."""
    loaded = load_texts({"segments/catalog.yml": catalog, "segments/segments.yml": segments}, "version: 1\n", dialect.name)
    if loaded.project is None:
        raise ValueError(loaded.text)
    plan = build(loaded.project, {})
    fill = literals(_relation, as_of, loaded.project.settings.calendar, dialect)
    # the instants of the benchmarks' tables are UTC without a zone, which dbt's models make of those that are not
    facts = render(facts_query(plan, "customer", dialect, reads_utc=dialect.hands_in_utc), dialect, fill)
    return Statements(facts, render(evaluation_query(plan, "customer", dialect), dialect, fill))


def statements_of(segments: tuple[rules.Segment, ...], as_of: datetime, dialect: SqlDialect) -> Statements:
    """The same for the rules of the benchmark."""
    return statements(rules.CATALOG, rules.yaml_text(segments), as_of, dialect)


def _relation(hole: RelationHole) -> str:
    match hole:
        case Relation(_, parts):
            return parts[-1]
        case Facts():
            return FACTS
        case _:
            raise ValueError(f"{hole} is read from an earlier run, and there is none")
