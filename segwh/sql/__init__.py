"""Logical plans to sqlglot trees and text of one dialect.

From front to back: compile (the calls other floors make), facts and evaluation (the two queries), scans, measures, sequences
(what is read), people, flags, traits (what is derived), predicates, regex (truth), holes, render (what is decided at run
time), dialects (what engines spell differently).
"""

from segwh.sql.compile import (
    Before,
    evaluation_query,
    facts_query,
    left_out_query,
    reasons_query,
    representatives_query,
    standalone,
    trait_columns,
)
from segwh.sql.dialects import DIALECTS, SqlDialect, dialect_named
from segwh.sql.preview import Preview, preview_query
from segwh.sql.render import Query, literals, render, render_jinja

__all__ = [
    "DIALECTS",
    "Before",
    "Preview",
    "Query",
    "SqlDialect",
    "dialect_named",
    "evaluation_query",
    "facts_query",
    "left_out_query",
    "literals",
    "preview_query",
    "reasons_query",
    "render",
    "render_jinja",
    "representatives_query",
    "standalone",
    "trait_columns",
]
