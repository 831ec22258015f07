"""Names of named queries (WITH) for engines, or their printers, that keep all of them at the top of a statement."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp


def uniquely_named(query: exp.Query) -> exp.Query:
    """The query where no two named queries bear one name, however deep they are; where one is read it is called as before."""
    taken: set[str] = set()
    for clause in list(query.find_all(exp.With)):
        for cte in clause.expressions:
            name = cte.alias
            if name in taken:
                new = next(f"{name}_{number}" for number in range(2, len(taken) + 3) if f"{name}_{number}" not in taken)
                for reader in list(_readers(clause.parent, name)):
                    _read(reader, new)
                cte.args["alias"].set("this", exp.to_identifier(new))
                name = new
            taken.add(name)
    return query


def _readers(scope: exp.Expr | None, name: str) -> Iterator[exp.Expr]:
    """The nodes in a query that name a named query of its own: tables, or FROM and JOIN with a bare name."""
    assert scope is not None
    for node in scope.walk(prune=lambda inner: inner is not scope and _defines(inner, name)):
        if node is not scope and _defines(node, name):
            continue
        if isinstance(node, exp.Table | exp.From | exp.Join) and isinstance(node.this, exp.Identifier):
            is_qualified = isinstance(node, exp.Table) and bool(node.db)
            if node.this.name == name and not is_qualified:
                yield node


def _defines(node: exp.Expr, name: str) -> bool:
    return isinstance(node, exp.Query) and any(cte.alias == name for cte in node.ctes)


def _read(reader: exp.Expr, new: str) -> None:
    if isinstance(reader, exp.Table):
        if not reader.alias:
            reader.set("alias", exp.TableAlias(this=exp.to_identifier(reader.name)))
        reader.set("this", exp.to_identifier(new))
    else:
        alias = exp.TableAlias(this=exp.to_identifier(reader.this.name))
        reader.set("this", exp.Table(this=exp.to_identifier(new), alias=alias))
