"""Models in chunks where one statement would be longer than its engine takes: what grows with the number of segments stands in
models of its own, and the model reads those.

Three things grow: rows of literals, one a segment; the union of one query a segment; and the CASE with one branch a segment.
Which chunk a segment is in is told by the hash of its name, so an edited rule changes one of them. Their number is a power of
two, so that it seldom changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from segwh.dbt.fixed_queries import raw, union_all
from segwh.dbt.jinja import ref
from segwh.dbt.ledger import WORDS
from segwh.dbt.model import Model
from segwh.dbt.parts import spoken, with_read
from segwh.sql.dialects.base import SqlDialect

FILLED = 0.85
"""How much of an engine's limit the text of a model may take: dbt puts longer names and its own words in."""
AROUND = 2_000
"""Bytes of a chunk around what it is made of."""
MOST_NAMES = 1_000
"""Segments of a chunk that picks its rows by a list of their names."""
MOST_CHUNKS = 4_096
BYTES = 1.7
"""Bytes that a weight of one becomes at most; mostly it is one."""


def is_too_long(query: exp.Query, dialect: SqlDialect) -> bool:
    """Whether a statement is longer, or unites more queries, than the engine takes."""
    limits = dialect.limits
    if limits.unions is not None and sum(1 for _ in query.find_all(exp.Union)) >= limits.unions:
        return True
    return limits.statement is not None and _weight(query) * BYTES > limits.statement * FILLED


def in_chunks(model: Model, dialect: SqlDialect) -> Iterator[Model]:
    """The chunks of a model and at last the model itself; the model alone where it is short enough."""
    if model.materialized != "table" or not is_too_long(model.query, dialect):
        yield model
        return
    query = model.query
    for place in list(_places(query)):
        chunks = {f"{model.name}_{place.label}{at}": chunk for at, chunk in _chunks(place, dialect)}
        if not chunks:
            continue
        for name, chunk in chunks.items():
            yield spoken(
                replace(
                    model,
                    name=name,
                    query=with_read(chunk, _ctes_before(query, place)),
                    materialized="table" if place.is_rows or dialect.limits.unions is not None else "view",
                    keep="" if place.is_rows else model.keep,
                    speaks_of="nothing" if place.is_rows else model.speaks_of,
                    config={},
                )
            )
        columns = [exp.to_identifier(name) for name in place.body.named_selects]
        whole = union_all(exp.select(*columns).from_(exp.Table(this=raw(ref(name)))) for name in chunks)
        if place.body is query:
            query = whole
        else:
            place.body.replace(whole)
    ctes = query.ctes
    query.set("with_", None)
    yield spoken(replace(model, query=with_read(query, ctes)))


# --- what grows ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place:
    """A query in which something grows: items by the name of their segment, and how a query of some of them is made.

    `rest` is what belongs to no item.
    """

    body: exp.Query
    label: str
    items: Sequence[tuple[str, exp.Expr]]
    of: Callable[[list[exp.Expr], list[str]], exp.Query]
    rest: exp.Query | None = None
    is_rows: bool = False
    most: int | None = None


def _places(query: exp.Query) -> Iterator[_Place]:
    for select in list(query.find_all(exp.Select)):
        origin = select.args.get("from_")
        if isinstance(origin, exp.From) and isinstance(origin.this, exp.Values):
            yield _rows(select, origin.this)
    for cte in query.ctes:
        found = _union(cte) if isinstance(cte.this, exp.Union) else _case(cte) if isinstance(cte.this, exp.Select) else None
        if found is not None:
            yield found


def _rows(select: exp.Select, values: exp.Values) -> _Place:
    tuples = list(values.expressions)
    cte = select.find_ancestor(exp.CTE)

    def of(items: list[exp.Expr], names: list[str]) -> exp.Query:
        values.set("expressions", [])
        made = select.copy()
        values.set("expressions", tuples)
        origin = made.args["from_"].this
        origin.set("expressions", items)
        return made

    named = [(row.expressions[0].name, row) for row in tuples]
    return _Place(select, f"{cte.alias}_" if cte is not None else "", named, of, is_rows=True)


def _union(cte: exp.CTE) -> _Place | None:
    body = cte.this
    parts: list[exp.Expr] = []
    node = body
    while isinstance(node, exp.Union):
        parts.append(node.expression)
        node = node.this
    parts.append(node)
    named = [(_segment_of(part), part) for part in reversed(parts)]
    if any(name is None for name, _ in named):
        return None
    key = parts[-1].expressions[1]

    def of(items: list[exp.Expr], names: list[str]) -> exp.Query:
        # A chunk says of which as-of it is, as the whole does: one that was left out of a run does not pass for another.
        nobody = exp.alias_(exp.null(), exp.to_identifier(key.alias_or_name))
        age = exp.select(exp.alias_(WORDS["as_of_name"].copy(), "segment"), nobody)
        return union_all([*(item for item in items if isinstance(item, exp.Query)), age])

    return _Place(body, "", [(name or "", part) for name, part in named], of)


def _segment_of(query: exp.Expr) -> str | None:
    """The segment whose members a query is; None where it does not name one."""
    first = query.expressions[0] if isinstance(query, exp.Select) and query.expressions else None
    is_named = isinstance(first, exp.Alias) and first.alias == "segment" and isinstance(first.this, exp.Literal)
    return first.this.name if is_named and first is not None else None


def _case(cte: exp.CTE) -> _Place | None:
    body = cte.this
    cases = [item.this for item in body.expressions if _is_choice(item)]
    if len(cases) != 1:
        return None
    case = cases[0]
    branches, default, segment = list(case.args["ifs"]), case.args.get("default"), case.this

    def bare() -> exp.Select:
        case.set("ifs", [])
        made: exp.Select = body.copy()
        case.set("ifs", branches)
        made.set("with_", None)
        return made

    def of(items: list[exp.Expr], names: list[str]) -> exp.Query:
        made = bare()
        own = next(item.this for item in made.expressions if _is_choice(item))
        own.set("ifs", items)
        own.set("default", None)
        listed = exp.In(this=segment.copy(), expressions=[exp.Literal.string(name) for name in names])
        return made.where(listed, copy=False)

    rest = bare()
    for item in rest.expressions:
        if _is_choice(item):
            item.set("this", default.copy() if default is not None else exp.null())
    known = exp.select("rules.segment").from_(
        exp.Table(this=raw(ref("segwh_rules")), alias=exp.TableAlias(this=exp.to_identifier("rules")))
    )
    rest = rest.where(exp.Not(this=exp.In(this=segment.copy(), query=exp.Subquery(this=known))), copy=False)
    named = [(branch.this.name, branch) for branch in branches]
    return _Place(body, "", named, of, rest=rest, most=MOST_NAMES)


def _is_choice(item: exp.Expr) -> bool:
    """Whether a column is a CASE that goes by the value of something."""
    return isinstance(item, exp.Alias) and isinstance(item.this, exp.Case) and item.this.this is not None


# --- which chunk --------------------------------------------------------------------------------------------------------


def _chunks(place: _Place, dialect: SqlDialect) -> list[tuple[str, exp.Query]]:
    """The queries of the chunks and what each is called; none where what grows is not worth it."""
    limits = dialect.limits
    is_union = isinstance(place.body, exp.Union)
    sizes = [_weight(item) * BYTES for _, item in place.items]
    is_long = limits.statement is not None and sum(sizes) > limits.statement * FILLED / 8
    is_wide = is_union and limits.unions is not None and len(sizes) >= limits.unions
    if len(sizes) < 2 or not (is_long or is_wide):
        return []
    most_bytes = float("inf") if limits.statement is None else limits.statement * FILLED - AROUND
    bounds = (place.most, limits.unions if is_union else None, len(sizes) + 1)
    most_items = min(bound for bound in bounds if bound is not None)
    count, chunks = 1, [list(range(len(sizes)))]
    while count < MOST_CHUNKS and not all(
        sum(sizes[at] for at in chunk) <= most_bytes and len(chunk) < most_items for chunk in chunks
    ):
        count *= 2
        chunks = [[] for _ in range(count)]
        for at, (name, _) in enumerate(place.items):
            chunks[_hash(name) % count].append(at)
    width = len(str(count - 1))
    made = [
        (f"{number:0{width}}", place.of([place.items[at][1] for at in chunk], [place.items[at][0] for at in chunk]))
        for number, chunk in enumerate(chunks)
        if chunk
    ]
    return made if place.rest is None else [*made, ("rest", place.rest)]


def _hash(name: str) -> int:
    return int(hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()[:8], 16)


def _ctes_before(query: exp.Query, place: _Place) -> list[exp.CTE]:
    """The named queries that a chunk may read: those before its own, and those inside it."""
    found: list[exp.CTE] = []
    for cte in query.ctes:
        if cte.this is place.body:
            return found + list(place.body.ctes)
        found.append(cte)
    return found


def _weight(tree: exp.Expr) -> int:
    """About how long a text is, without writing it: its words and a few characters for each node."""
    total = 0
    for node in tree.walk():
        word = node.args.get("this")
        total += 6 + (len(word.encode()) if isinstance(word, str) else 0)
    return total
