"""Facts brought up to date: what the run before measured, and the rows that came in or left a window since (plan.carry)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from segwh.plan.carry import Carried, Carry
from segwh.sql.dialects.base import SqlDialect
from segwh.sql.measures import alias, named
from segwh.sql.per_key import Build
from segwh.sql.predicates import all_of, any_of
from segwh.sql.refresh.before import BEFORE, facts_before, same_key
from segwh.sql.refresh.moved import brought_up
from segwh.sql.refresh.reread import counted_anew, keys_again
from segwh.sql.refresh.told import KEY_BEFORE, Compared, Keys

LOOKED_AT = "segwh_looked_at"
"""The as-of of the run in which a key's row last changed; a name that no column has by accident."""
IS_GONE = "segwh_is_gone"
"""True in a row that says that a key is there no more."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What brings the carried columns of one group up to date: CTEs by key, and each column as an expression over them."""

    touched: tuple[tuple[str, str], ...]
    """(CTE, its key column): whose rows moved, or are read again."""
    joins: tuple[tuple[str, str], ...]
    values: Mapping[str, exp.Expr]


def carried(build: Build, update: Carry, rest: str, keys: Keys, compared: Compared) -> exp.Query:
    """Rows with the carried columns: as they were, or of keys of which rows moved, put together anew. Of the former only those
    that are told, where what is told is all that can be others (Keys.tells); else they pass by, and nothing wide is kept.

    `rest` is the CTE of the rows with all that is not carried. Null in LOOKED_AT means that a key's rows moved.
    """
    groups = [_brought(build, group, keys) for group in update.groups]
    columns = [column for group in update.groups for column in group.columns]
    touched = _touched(build, groups, keys)
    kept = _as_it_was(build, rest, touched, keys, columns, compared.columns)
    anew = _put_together(build, rest, touched, groups, columns, compared.columns)
    return exp.Union(this=kept, expression=anew, distinct=False)


def _brought(build: Build, group: Carried, keys: Keys) -> Brought:
    source, key = build.source, build.plan.entity.key.name
    again = keys_again(build, group, keys)
    is_again = named(key, source.dialect, again).is_(exp.null()).not_()
    afresh = counted_anew(build, group, again)
    told_off, moved = brought_up(build, group) if group.told_off else ({}, ())
    values: dict[str, exp.Expr] = {}
    for one in afresh:
        for column in one.columns:
            anew = one.filled(column, source.dialect)
            kept = told_off.get(column, named(column, source.dialect, BEFORE))
            values[column] = exp.Case(ifs=[exp.If(this=is_again.copy(), true=anew)], default=kept)
    joins = ((again, key), *moved, *((one.name, one.key) for one in afresh))
    return Brought(((again, key), *moved), joins, values)


def _touched(build: Build, groups: Sequence[Brought], keys: Keys) -> str:
    """The CTE of the keys of which rows moved, or that the entity has twice now, each once; some may be of no entity."""
    source, key = build.source, build.plan.entity.key.name
    parts: list[exp.Select] = []
    for table, column in (one for group in groups for one in group.touched):
        moved = alias(named(column, source.dialect, table), key, source.dialect)
        parts.append(exp.select(moved, copy=False).from_(exp.to_identifier(table), copy=False))
    parts.append(_twice(build, keys))
    whole: exp.Query = parts[0]
    for part in parts[1:]:
        whole = exp.Union(this=whole, expression=part, distinct=True)
    return build.add(build.take(f"{build.plan.entity.name}_touched"), whole)


def _twice(build: Build, keys: Keys) -> exp.Select:
    """The keys that the entity has twice. The facts of before have each key once, so if rows that are not new are as many as
    facts that are not gone no old key is there twice (new ones are read again in any case), and nothing has to be grouped.
    """
    source, key = build.source, build.plan.entity.key.name

    def number(table: exp.Expr, condition: exp.Expr | None = None) -> exp.Expr:
        query = exp.select(exp.Count(this=exp.Star()), copy=False).from_(table, copy=False)
        return exp.Subquery(this=query if condition is None else query.where(condition, copy=False))

    own = named(key, source.dialect)
    new = number(exp.to_identifier(keys.told), named(KEY_BEFORE, source.dialect).is_(exp.null()))
    gone = number(exp.to_identifier(keys.told), own.copy().is_(exp.null()))
    is_any = exp.NEQ(
        this=exp.Sub(this=number(exp.to_identifier(keys.base)), expression=new),
        expression=exp.Sub(this=number(facts_before(build)), expression=gone),
    )
    query = exp.select(own, copy=False).from_(exp.to_identifier(keys.base), copy=False).where(is_any, copy=False)
    twice = exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1))
    return query.group_by(own.copy(), copy=False).having(twice, copy=False)


def _as_it_was(
    build: Build, rest: str, touched: str, keys: Keys, columns: Iterable[str], compared: Mapping[str, str]
) -> exp.Select:
    source, key = build.source, build.plan.entity.key.name
    select: list[exp.Expr] = [exp.Column(this=exp.Star(), table=exp.to_identifier(rest))]
    select += [named(column, source.dialect, BEFORE) for column in columns]
    select += [alias(named(column, source.dialect, BEFORE), was, source.dialect) for column, was in compared.items()]
    select.append(named(LOOKED_AT, source.dialect, BEFORE))
    query = exp.select(*select, copy=False).from_(facts_before(build), copy=False)
    query = query.join(exp.to_identifier(rest), on=same_key(key, rest, key, BEFORE, source), copy=False)

    def is_in(table: str) -> exp.Expr:
        found = exp.select("1", copy=False).from_(exp.to_identifier(table), copy=False)
        return exp.Exists(this=found.where(same_key(key, table, key, BEFORE, source), copy=False))

    if keys.tells:
        query = query.where(is_in(keys.told), copy=False)
    return query.where(exp.Not(this=is_in(touched)), copy=False)


def _put_together(
    build: Build,
    rest: str,
    touched: str,
    groups: Sequence[Brought],
    columns: Iterable[str],
    compared: Mapping[str, str],
) -> exp.Select:
    source, key = build.source, build.plan.entity.key.name
    select: list[exp.Expr] = [exp.Column(this=exp.Star(), table=exp.to_identifier(rest))]
    values = {column: value for group in groups for column, value in group.values.items()}
    select += [alias(values[column], column, source.dialect) for column in columns]
    select += [alias(exp.null(), was, source.dialect) for was in compared.values()]
    select.append(alias(exp.null(), LOOKED_AT, source.dialect))
    query = exp.select(*select, copy=False).from_(exp.to_identifier(touched), copy=False)
    query = query.join(exp.to_identifier(rest), on=same_key(key, rest, key, touched, source), copy=False)
    query = query.join(facts_before(build), on=same_key(key, BEFORE, key, touched, source), join_type="left", copy=False)
    for table, column in (one for group in groups for one in group.joins):
        on = same_key(column, table, key, touched, source)
        query = query.join(exp.to_identifier(table), on=on, join_type="left", copy=False)
    return query


def changed_rows(build: Build, keys: Keys, last: str, columns: Sequence[str], compared: Compared) -> exp.Select:
    """What is to be put in the place of rows of the facts: rows that changed, and with IS_GONE keys that are there no more.

    A row changed where rows of its key moved, a column is another one, or a condition of some rule woke up. One row has no key
    and is gone: it comes where nothing else does, too.
    """
    source, key = build.source, build.plan.entity.key.name
    dialect = source.dialect
    moved = named(LOOKED_AT, dialect).is_(exp.null())
    others = list(_differences({one: was for one, was in compared.columns.items() if one not in compared.follow}, dialect))
    if compared.follow:
        following = {one: was for one, was in compared.columns.items() if one in compared.follow}
        others.append(all_of([compared.if_others, any_of(list(_differences(following, dialect)))]))
    here = exp.select(*(named(column, dialect) for column in columns), copy=False)
    here = here.select(alias(exp.false(), IS_GONE, dialect), copy=False)
    here = here.from_(exp.to_identifier(last), copy=False).where(any_of([moved, *others, *compared.wakes]), copy=False)

    left = alias(named(KEY_BEFORE, dialect), key, dialect)
    absentees = exp.select(left, copy=False).from_(exp.to_identifier(keys.told), copy=False)
    absentees = absentees.where(named(key, dialect, keys.told).is_(exp.null()), copy=False)
    nobody = exp.select(alias(exp.null(), key, dialect), copy=False)
    absent = build.add(
        build.take(f"{build.plan.entity.name}_gone"), exp.Union(this=absentees, expression=nobody, distinct=False)
    )
    cells = [named(key, dialect) if column == key else alias(exp.null(), column, dialect) for column in columns]
    gone = exp.select(*cells, alias(exp.true(), IS_GONE, dialect), copy=False).from_(exp.to_identifier(absent), copy=False)
    whole = exp.Union(this=here, expression=gone, distinct=False)
    told = build.add(build.take(f"{build.plan.entity.name}_changed"), whole)
    select = [named(column, dialect) for column in (*columns, IS_GONE)]
    return exp.select(*select, copy=False).from_(exp.to_identifier(told), copy=False)


def _differences(compared: Mapping[str, str], dialect: SqlDialect) -> Iterator[exp.Expr]:
    for column, was in compared.items():
        yield exp.NullSafeNEQ(this=named(column, dialect), expression=named(was, dialect))
