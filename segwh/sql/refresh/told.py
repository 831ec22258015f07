"""The keys of which the entity's own rows tell that they are new, gone or another: one narrow pass over all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from segwh.plan.carry import Carry
from segwh.sql.measures import alias, named
from segwh.sql.per_key import Build
from segwh.sql.predicates import any_of
from segwh.sql.refresh.before import BEFORE, facts_before, same_key

KEY_BEFORE = "segwh_key_before"
"""A key where both the entity's rows and the facts of the run before are looked at; null where these do not have it."""


@dataclass(frozen=True, slots=True)
class Compared:
    """By what a row is known to be another one though no rows of its key moved.

    `columns`: column that is not carried -> what it is called as it was before. Those that `follow` are looked at if
    `if_others` holds: else they are as they were if all others are. `wakes`: conditions by which as-of alone tells.
    """

    columns: Mapping[str, str]
    follow: Collection[str]
    if_others: exp.Expr
    wakes: Sequence[exp.Expr]


@dataclass(frozen=True, slots=True)
class Keys:
    """CTEs of keys. `told`: those that are new (KEY_BEFORE is null), those that are gone (the key is null), and if it `tells`
    all others that can have changed though no rows of them moved. `base`: the entity's own rows.
    """

    base: str
    told: str
    tells: bool


def told_keys(build: Build, update: Carry, base: str, rest: str, compared: Compared) -> Keys:
    """One pass over all keys of now and before. `rest` is the CTE of the rows with all that is not carried.

    Of the facts of before it reads the columns that are compared alone, so that few rows are read with all that is measured.
    """
    source, key = build.source, build.plan.entity.key.name
    changed = _changed(build, update, base, rest, compared)
    place = base if changed is None else rest
    own, before = named(key, source.dialect, place), named(key, source.dialect, BEFORE)
    query = exp.select(own, alias(before, KEY_BEFORE, source.dialect), copy=False).from_(exp.to_identifier(place), copy=False)
    query = query.join(facts_before(build), on=same_key(key, BEFORE, key, place, source), join_type="full", copy=False)
    apart = [own.copy().is_(exp.null()), before.copy().is_(exp.null())]
    name = build.add(
        build.take(f"{build.plan.entity.name}_told"), query.where(any_of([*apart, *(changed or ())]), copy=False)
    )
    return Keys(base, name, changed is not None)


def _changed(build: Build, update: Carry, base: str, rest: str, compared: Compared) -> list[exp.Expr] | None:
    """By what a row of `rest` beside that of before may be another one; None where more has to be worked out to know."""
    dialect, ctes = build.source.dialect, dict(build.ctes)
    place = {column: BEFORE for group in update.groups for column in group.columns}
    place |= {select.alias_or_name: rest for table in (base, rest) for select in ctes[table].selects}
    told = [column for column in compared.columns if column not in compared.follow]
    asked = {column.name for wake in compared.wakes for column in wake.find_all(exp.Column)}
    if not place.keys() >= asked.union(told):
        return None
    found: list[exp.Expr] = [
        exp.NullSafeNEQ(this=named(column, dialect, rest), expression=named(column, dialect, BEFORE)) for column in told
    ]
    for wake in compared.wakes:
        found.append(wake.copy())
        for column in found[-1].find_all(exp.Column):
            column.set("table", dialect.identifier(place[column.name]))
    return [*found, compared.if_others.copy()] if compared.follow else found
