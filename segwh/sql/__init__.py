"""Logical plans to sqlglot trees and text of one dialect.

From front to back: compile (the calls other floors make), facts and evaluation (the two queries), scans, measures, sequences
(what is read), people, flags, traits (what is derived), predicates, regex (truth), holes, render (what is decided at run
time), dialects (what engines spell differently).
"""

from segwh.sql.compile import Before, evaluation_query, facts_query, standalone
from segwh.sql.dialects import DIALECTS, SqlDialect
from segwh.sql.render import Query, literals, render, render_jinja

__all__ = [
    "DIALECTS",
    "Before",
    "Query",
    "SqlDialect",
    "evaluation_query",
    "facts_query",
    "literals",
    "render",
    "render_jinja",
    "standalone",
]
