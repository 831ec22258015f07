"""A model in parts: some of its named queries become tables of their own, for engines that compute a named query anew wherever
it is read; what is built on what would otherwise grow with every step.

Each part says of which run it is, and only that run reads it: where somebody builds the model without its parts it is empty,
and nothing is concluded from parts of another time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlglot import exp

from segwh.dbt.fixed_queries import raw
from segwh.dbt.jinja import bound_word, ref
from segwh.dbt.ledger import WORDS
from segwh.dbt.model import Model
from segwh.dbt.suppression import ASKS, SPOKEN

RUN = "part_of_run"


def in_parts(model: Model, names: Iterable[str]) -> Iterator[Model]:
    """The parts of a model, which are the named queries of those names, and at last the model itself."""
    wanted, tables = set(names), dict[str, str]()
    before: list[exp.CTE] = []
    for cte in model.query.ctes:
        body = cte.this.copy()
        _read_tables(body, tables)
        if cte.alias in wanted:
            tables[cte.alias] = f"{model.name}_{cte.alias}"
            yield spoken(replace(model, name=tables[cte.alias], query=with_read(_stamped(body), before)))
        else:
            before.append(exp.CTE(this=body, alias=exp.TableAlias(this=exp.to_identifier(cte.alias))))
    last = model.query.copy()
    last.set("with_", None)
    _read_tables(last, tables)
    yield spoken(replace(model, query=with_read(last, before)))


def _stamped(query: exp.Query) -> exp.Query:
    """The rows of a query with the run that they are of."""
    alias = exp.TableAlias(this=exp.to_identifier("every_row"))
    stamp = exp.alias_(WORDS["run_name"].copy(), RUN)
    columns = [exp.column(exp.to_identifier(name), table="every_row") for name in query.named_selects]
    return exp.select(*columns, stamp, copy=False).from_(exp.Subquery(this=query, alias=alias), copy=False)


def with_read(query: exp.Query, ctes: Iterable[exp.CTE]) -> exp.Query:
    """A query without named queries, with those of the given ones that it needs."""
    needed = _names_read(query)
    kept: list[exp.CTE] = []
    for cte in reversed(list(ctes)):
        if cte.alias in needed:
            kept.insert(0, cte.copy())
            needed |= _names_read(cte.this)
    if kept:
        query.set("with_", exp.With(expressions=kept))
    return query


def spoken(model: Model) -> Model:
    """The model with those of its bounds that it speaks of, and without asking for lost lists if it does not."""
    words = " ".join(node.name for node in model.query.find_all(exp.Var))
    lines = model.lines if SPOKEN in words else tuple(line for line in model.lines if not line.startswith(ASKS))
    return replace(model, lines=lines, bounds=tuple(hole for hole in model.bounds if bound_word(hole) in words))


def _names_read(query: exp.Query) -> set[str]:
    return {node.name for node in query.find_all(exp.Table)} | {
        node.this.name for node in query.find_all(exp.From, exp.Join) if isinstance(node.this, exp.Identifier)
    }


def _read_tables(query: exp.Query, tables: dict[str, str]) -> None:
    """Reads what has become a table where the named query was read."""
    for node in list(query.find_all(exp.From, exp.Join)):
        read = node.this
        name = read.name if isinstance(read, exp.Identifier | exp.Table) else ""
        if name in tables:
            node.set("this", _rows_of_this_run(tables[name], (read.alias if isinstance(read, exp.Table) else "") or name))


def _rows_of_this_run(table: str, alias: str) -> exp.Expr:
    is_of_run = exp.EQ(this=exp.column(RUN, table="part"), expression=WORDS["run_name"].copy())
    part = exp.Table(this=raw(ref(table)), alias=exp.TableAlias(this=exp.to_identifier("part")))
    query = exp.select("*", copy=False).from_(part, copy=False).where(is_of_run, copy=False)
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(alias)))
