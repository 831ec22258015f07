"""The fixed queries of the compiled project: SQL files in, sqlglot trees with the project's names filled in out.

The files under `templates/` are written once, in DuckDB's dialect, with stand-ins: tables such as `log`, the column
`entity_key`, and words such as `as_of_instant`. They are parsed, filled by tree, and rendered in the target's dialect like
any other query.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files

import sqlglot
from sqlglot import exp
from sqlglot.generator import Generator

from segwh.sql.dialects.base import SqlDialect
from segwh.sql.render import jinja_safe


@cache
def _parsed(name: str) -> exp.Select:
    text = (files("segwh.dbt") / "templates" / f"{name}.sql").read_text(encoding="utf-8")
    tree = sqlglot.parse_one(text, dialect="duckdb").assert_is(exp.Query)
    for node in tree.walk():
        node._meta = None  # where its text stood in the file: nobody asks, and every copy of the tree would copy it
    return tree  # type: ignore[return-value]


def template(name: str) -> exp.Query:
    """A fresh tree of the template of that name. Raises FileNotFoundError."""
    return _parsed(name).copy()


def with_ctes(query: exp.Query, ctes: Mapping[str, exp.Query]) -> exp.Query:
    """The query with named queries put in front of its own."""
    own = query.ctes
    query.set("with_", None)
    for name, cte in ctes.items():
        query = query.with_(exp.to_identifier(name), as_=cte, copy=False)
    for named in own:
        query = query.with_(named.alias, as_=named.this, materialized=named.args.get("materialized"), copy=False)
    return query


def ctes_of(query: exp.Query) -> dict[str, exp.Query]:
    """The named queries of a query, in order."""
    return {cte.alias: cte.this for cte in query.ctes}


def read_by(query: exp.Query, ctes: Mapping[str, exp.Query]) -> dict[str, exp.Query]:
    """Those of the named queries that a query reads, itself or through others, in order. None of them may be named in Jinja."""
    found: set[str] = set()
    waiting = [query]
    while waiting:
        names = {table.name for table in waiting.pop().find_all(exp.Table) if not table.db and table.name in ctes} - found
        found |= names
        waiting += [ctes[name] for name in names]
    return {name: cte for name, cte in ctes.items() if name in found}


def raw(text: str) -> exp.Var:
    """Text that is rendered as it is: a Jinja expression, never anything from a rule."""
    node = exp.Var(this=text)
    node.meta["is_jinja"] = True
    return node


def piece(text: str) -> exp.Var:
    """A text that `woven` made, to stand in a tree: its lines are indented like the line that it begins in."""
    node = raw(text)
    node.meta["is_piece"] = True
    return node


def rendered(query: exp.Query, dialect: SqlDialect) -> str:
    """The SQL of a query as a Jinja template: its `raw` parts are Jinja, nothing else in it means anything to Jinja."""
    query = dialect.finished(query)
    return woven(query, lambda: query.sql(dialect=dialect.name, pretty=True, copy=False))


LINE_BREAK = Generator.SENTINEL_LINE_BREAK
"""What sqlglot writes for the end of a line inside a literal until all is indented."""
WIDE = 100
"""Characters from which on any text makes sqlglot begin new lines."""


def woven(tree: exp.Expr, write: Callable[[], str], line_break: str = "\n") -> str:
    """What `write` makes of a tree, with the `raw` parts in their places; line ends inside those become `line_break`."""
    # numbered by depth: the width of a number counts where sqlglot decides about new lines
    nodes = [node for node in tree.find_all(exp.Var) if node.meta.get("is_jinja")]
    texts = [node.name for node in nodes]
    widths = [min(len(node.name), WIDE) if node.meta.get("is_piece") else 1 for node in nodes]
    try:
        mark = "jinja"
        while True:
            for number, node in enumerate(nodes):
                node.set("this", f"{mark}_{number:0{widths[number]}}_")
            parts = re.split(rf"{mark}_(\d+)_", write())
            if len(parts) == 2 * len(nodes) + 1:
                break
            mark += "x"  # a value of some rule happens to hold the mark
    finally:
        for node, text in zip(nodes, texts, strict=True):
            node.set("this", text)
    done: list[str] = []
    for at, part in enumerate(parts):
        if at % 2 == 0:
            done.append(jinja_safe(part))
        elif nodes[int(part)].meta.get("is_piece"):
            done.append(_indented(texts[int(part)], done).replace(LINE_BREAK, line_break))
        else:
            done.append(texts[int(part)].replace("\n", line_break))
    return "".join(done)


def _indented(text: str, before: Sequence[str]) -> str:
    """A text of several lines, indented like the line that it begins in."""
    line = next((each for each in reversed(before) if "\n" in each), "").rpartition("\n")[2]
    return text.replace("\n", "\n" + line[: len(line) - len(line.lstrip(" "))])


def filled(
    query: exp.Query, *, key: str, tables: Mapping[str, str] | None = None, words: Mapping[str, exp.Expr] | None = None
) -> exp.Query:
    """A template with its stand-ins filled: the key's name, relations (as Jinja text) by table name, and words by name."""
    tables = tables or {}
    words = words or {}

    def fill(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Table) and not node.db and node.name in tables:
            alias = node.alias or node.name
            return exp.Table(this=raw(tables[node.name]), alias=exp.TableAlias(this=exp.to_identifier(alias)))
        if isinstance(node, exp.Column) and not node.table and node.name in words:
            return words[node.name].copy()
        if isinstance(node, exp.Identifier) and node.name == "entity_key":
            return exp.to_identifier(key)
        return node

    whole: exp.Query = query.transform(fill, copy=False).assert_is(exp.Query)
    return whole


def union_all(queries: Iterable[exp.Query]) -> exp.Query:
    """The rows of all the queries, of which there is at least one."""
    first, *others = queries
    for other in others:
        first = exp.union(first, other, distinct=False, copy=False)
    return first
