"""Of which nodes and functions compiled SQL is made, and that none of them is one that sqlglot prints wrong for the dialect."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from sqlglot import exp

from segwh import ir
from segwh.errors import UserError
from segwh.sql import DIALECTS, SqlDialect
from tests import golden
from tests.sql import corpus

GOLDEN = Path(__file__).parent / "golden" / "nodes.txt"

NOWHERE = (exp.Filter, exp.CountIf, exp.LogicalOr, exp.LogicalAnd, exp.Qualify, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Pivot)
"""Nodes that some engine has no word for, or another meaning."""
TRAPS: dict[str, tuple[type[exp.Expr], ...]] = {
    "duckdb": (),
    "postgres": (exp.TryCast, exp.StartsWith, exp.EndsWith, exp.Contains),
    "clickhouse": (exp.StartsWith, exp.EndsWith, exp.TimeToUnix, exp.AtTimeZone),
    "spark": (exp.DateAdd, exp.DateDiff, exp.DayOfWeekIso, exp.TryCast, exp.AtTimeZone, exp.TimestampTrunc),
    "databricks": (exp.DateAdd, exp.DateDiff, exp.DayOfWeekIso, exp.TryCast, exp.AtTimeZone, exp.TimestampTrunc),
    "bigquery": (exp.Contains, exp.TimestampTrunc, exp.TimeToUnix, exp.AtTimeZone),
    "snowflake": (exp.AtTimeZone, exp.RegexpLike, exp.RegexpILike, exp.TryCast, exp.Greatest, exp.Least, exp.DateDiff),
    "redshift": (exp.Array, exp.Unnest, exp.TryCast, exp.RegexpILike, exp.StartsWith, exp.EndsWith, exp.DateDiff),
    "trino": (exp.TimestampSub, exp.StartsWith, exp.EndsWith, exp.Contains, exp.MD5, exp.RegexpILike, exp.DateDiff),
    "athena": (exp.TimestampSub, exp.StartsWith, exp.EndsWith, exp.Contains, exp.MD5, exp.RegexpILike, exp.DateDiff),
    "tsql": (exp.Boolean, exp.Interval, exp.Extract, exp.MD5, exp.RegexpLike, exp.RegexpILike, exp.Array, exp.Length),
    "fabric": (exp.Boolean, exp.Interval, exp.Extract, exp.MD5, exp.RegexpLike, exp.RegexpILike, exp.Array, exp.National),
    "databend": (exp.AtTimeZone, exp.Interval, exp.StrPosition, exp.RegexpLike, exp.RegexpILike, exp.TryCast),
}
"""What sqlglot prints wrong for a dialect, or in a way that depends on the session."""


def trees(projects: Iterable[ir.Project], dialect: SqlDialect) -> Iterable[exp.Query]:
    """The statements of projects as they are printed."""
    for project in projects:
        with suppress(UserError):  # a time zone that the engine does not know
            if corpus.possible(project, dialect):
                for query in corpus.queries(project, dialect):
                    yield dialect.finished(query.tree.copy())


def words(found: Iterable[exp.Query]) -> set[str]:
    """The kinds of nodes, and the functions that are called by name, of some statements."""
    told: set[str] = set()
    for tree in found:
        for node in tree.walk():
            told.add(f"{node.name.upper()}()" if isinstance(node, exp.Anonymous) else type(node).__name__)
    return told


@cache
def words_of_families(dialect: str) -> frozenset[str]:
    families = [project for name, project in corpus.projects().items() if name.startswith("family ")]
    return frozenset(words(trees(families, DIALECTS[dialect])))


def test_the_nodes_of_each_dialect_are_those_that_were_looked_at() -> None:
    found = {name: words_of_families(name) for name in DIALECTS}
    everywhere = frozenset.intersection(*found.values())
    told = [wrapped("all", everywhere), *(wrapped(name, words - everywhere) for name, words in found.items())]
    golden.check(GOLDEN, "".join(told))


def wrapped(title: str, found: Iterable[str]) -> str:
    return textwrap.fill(f"{title}: {' '.join(sorted(found))}", 120, subsequent_indent="  ") + "\n"


FURTHER = {
    "postgres": {"Union"},
    "spark": {"Union"},
    "databricks": {"Union"},
    "clickhouse": {"ADDMICROSECONDS()", "ADDMONTHS()", "TOINT128()"},
    "bigquery": {"DATE_ADD()"},
    "trino": {"DATE_TRUNC()"},
    "athena": {"DATE_TRUNC()"},
    "tsql": {"National"},
    "databend": {"DataTypeParam"},
}
"""What stories have besides, by dialect; all of them have the expressions of their own catalogs, and a few nodes more. Where
one scan finds all members of a family, a story that collects them by a value (`aggregate_on`) has one beside it."""


@pytest.mark.slow
@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_stories_have_no_other_nodes_than_the_families(dialect: str) -> None:
    further = FURTHER.get(dialect, set()) | {"Having", "LEAST()", "Neg", "Trim"}
    assert words(trees(corpus.projects().values(), DIALECTS[dialect])) - words_of_families(dialect) <= further


@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_node_is_one_that_is_printed_wrong(dialect: str) -> None:
    assert not words_of_families(dialect) & {kind.__name__ for kind in (*NOWHERE, *TRAPS.get(dialect, ()))}


def test_every_dialect_has_its_traps_listed() -> None:
    assert set(DIALECTS) == set(TRAPS)


MODELS_NEVER_SAY = {
    # DuckDB 2 forgets the default of LAG in the views that DuckDB 1 has stored
    "duckdb": r"\b(LAG|LEAD)\([^()]*, 1, ",
    "snowflake": r"\bTIMESTAMPTZ\b|\bTIMESTAMPNTZ\b|\bIGNORE_NULLS\b",
    "redshift": r"\[\]|\b(LAG|LEAD)\([^)]*, 1, |\bFILTER\s*\(|IS DISTINCT FROM",
    "trino": r"\bENDS_WITH\b|\bTIMESTAMP\b(?!\(6\))",
    "athena": r"\bENDS_WITH\b|\bTIMESTAMP\b(?!\(6\))|WITH TIME ZONE\) AS ",
    "tsql": r"\bINTERVAL\b|\bTRUE\b|\bFALSE\b|\bLIMIT\b|NOT NOT",
    "fabric": r"\bINTERVAL\b|\bTRUE\b|\bFALSE\b|\bLIMIT\b|\bNVARCHAR\b|DATETIMEOFFSET|NOT NOT",
}
"""What must not stand in a model, outside of literals and comments."""


@pytest.mark.parametrize("dialect", MODELS_NEVER_SAY)
def test_no_model_says_what_its_engine_does_not_know(dialect: str) -> None:
    for path, text in corpus.models(dialect).items():
        code = re.sub(r"/\*.*?\*/|--.*", "", corpus.rendered(text, is_incremental=True))
        found = re.search(MODELS_NEVER_SAY[dialect], re.sub(r"'[^']*'", "''", code))
        assert found is None, f"{path}: {found}"
