"""Grammars that are not sqlglot's, by dialect: each takes a statement and says what is wrong with it, or nothing."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pytest

Judge = Callable[[str], str | None]
PACKAGES = {"pglast": "pglast", "trino_query_parser": "trino-query-parser", "sqlfluff": "sqlfluff"}


def required(module: str) -> Any:
    """A grammar's package. Without it the test is skipped, and the reason says so."""
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"THE SQL IS NOT PARSED: `pip install {PACKAGES[module]}` (dependency group engines) brings the grammar")
    return importlib.import_module(module)


def postgres(statement: str) -> str | None:
    """PostgreSQL's own grammar."""
    pglast = required("pglast")
    try:
        [parsed] = pglast.parse_sql(statement)
    except pglast.parser.ParseError as error:
        return str(error)
    return None if type(parsed.stmt).__name__ == "SelectStmt" else "it is no SELECT"


def trino(statement: str) -> str | None:
    """Trino's own grammar, which is Athena's too."""
    parser = required("trino_query_parser")
    try:
        parser.parse_statement(statement)
    except parser.TrinoSyntaxError as error:
        return str(error)
    return None


def sqlfluff(name: str) -> Judge:
    """A grammar of sqlfluff's, written by readers of the vendor's documents.

    That of Redshift does not know that a backslash escapes a quote, as it does in the examples of
    https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html.
    """

    def judged(statement: str) -> str | None:
        if name == "redshift":
            statement = re.sub(r"\\(.)", lambda found: "''" if found[1] == "'" else found[0], statement)
        return _judged(name, statement)

    return judged


@cache
def _judged(name: str, statement: str) -> str | None:
    """The judgement of one of sqlfluff's grammars, which takes seconds; SQL Server and Fabric say much the same."""
    violations = _linter(name).parse_string(f"{statement}\n").violations
    return "; ".join(f"line {one.line_no}: {one.desc()}" for one in violations) or None


@cache
def _linter(name: str) -> Any:
    core = required("sqlfluff.core" if importlib.util.find_spec("sqlfluff") else "sqlfluff")
    return core.Linter(config=core.FluffConfig(overrides={"dialect": name, "templater": "raw"}))


JUDGES: Mapping[str, Judge] = {
    "postgres": postgres,
    "trino": trino,
    "athena": trino,
    "snowflake": sqlfluff("snowflake"),
    "redshift": sqlfluff("redshift"),
    "databricks": sqlfluff("databricks"),
    "tsql": sqlfluff("tsql"),
    "fabric": sqlfluff("tsql"),
}
