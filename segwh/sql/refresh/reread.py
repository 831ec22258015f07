"""The keys of which every row is read again, and their measures worked out anew."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from segwh.catalog.model import Entity, Event
from segwh.plan.carry import Carried
from segwh.semantics import AS_OF
from segwh.sql.measures import PerKey, alias, named
from segwh.sql.per_key import Build, measures
from segwh.sql.refresh.before import has_passed, seen_until
from segwh.sql.refresh.told import KEY_BEFORE, Keys
from segwh.sql.scans import Narrow, Source, alias_of, exists, may_repeat


def keys_again(build: Build, group: Carried, keys: Keys) -> str:
    """The CTE of the keys of which every row is read again: those of rows that came where some measure cannot be told off,
    that may have come before and not been seen, or have counted, or that an edge has passed; and the keys that are new.
    """
    source, key, base = build.source, build.plan.entity.key.name, keys.base
    name = build.take(f"{group.name}_again")
    stirring = [(event, _stirs(group, event, source)) for event in group.events]
    stirring += [(event, _is_replaced(event, source)) for event in group.events if may_repeat(event)]
    entity = build.plan.entity
    parts = [_known(base, key, _rows_of_key(event, entity, base, source, stirs), source) for event, stirs in stirring]
    parts.append(_known(keys.told, key, named(KEY_BEFORE, source.dialect).is_(exp.null()), source))
    whole: exp.Query = parts[0]
    for part in parts[1:]:
        whole = exp.Union(this=whole, expression=part, distinct=True)
    found = exp.Subquery(this=whole, alias=exp.TableAlias(this=exp.to_identifier("keys")))
    return build.add(name, exp.select(named(key, source.dialect, "keys"), copy=False).from_(found, copy=False))


def _known(base: str, key: str, condition: exp.Expr, source: Source) -> exp.Select:
    query = exp.select(named(key, source.dialect, base), copy=False).from_(exp.to_identifier(base), copy=False)
    return query.where(condition, copy=False)


def _rows_of_key(event: Event, entity: Entity, base: str, source: Source, condition: exp.Expr) -> exp.Expr:
    """Whether a key of the base has a row that exists and for which the condition holds."""
    table = alias_of(event)
    query = exp.select("1", copy=False).from_(source.holes.table(event.relation, table), copy=False)
    own_key = source.key(event.key, table, entity.key.type)
    own = exp.EQ(this=own_key, expression=named(entity.key.name, source.dialect, base))
    return exp.Exists(this=query.where(own, *exists(event, source), condition, copy=False))


def _stirs(group: Carried, event: Event, source: Source) -> exp.Expr:
    """Whether a row makes its key be read again."""
    earlier, table = source.holes.before(), alias_of(event)
    assert event.loaded_at is not None
    clock, loaded = source.clock(event.time, table), source.clock(event.loaded_at, table)
    as_of_before = earlier.bound(AS_OF, "timestamp")
    if not group.rereads:
        # What came since is told off. Of what came shortly before nobody knows whether it was seen, and of a row with an
        # earlier time not whether it is new or was loaded again in the place of one that counted.
        came = exp.GTE(this=loaded, expression=seen_until(source))
        earlier_one = (exp.LT(this=one.copy(), expression=as_of_before.copy()) for one in (loaded, clock))
        return exp.and_(came, exp.Paren(this=exp.or_(*earlier_one, copy=False)), copy=False)
    stirring: list[exp.Expr] = [
        exp.GTE(this=loaded, expression=seen_until(source)),
        exp.GTE(this=clock.copy(), expression=as_of_before),
    ]
    stirring += [has_passed(clock, bound, source) for bound in group.edges[event.name]]
    stirring += [has_passed(clock, bound, source, is_deadline=True) for bound in group.deadlines]
    return exp.Paren(this=exp.or_(*stirring, copy=False))


def _is_replaced(event: Event, source: Source) -> exp.Expr:
    """Whether a newer row with the id of this one has come: rows of whatever key count once."""
    assert event.id is not None
    newer = replace(event, name=f"{event.name}_newer")
    table = alias_of(newer)
    assert newer.loaded_at is not None
    came = exp.or_(
        exp.GTE(this=source.clock(newer.loaded_at, table), expression=seen_until(source)),
        exp.GTE(this=source.clock(newer.time, table), expression=source.holes.before().bound(AS_OF, "timestamp")),
        copy=False,
    )
    ids = exp.select(source.column(event.id, table), copy=False).from_(source.holes.table(event.relation, table), copy=False)
    ids = ids.where(*exists(newer, source), exp.Paren(this=came), copy=False)
    return exp.In(this=source.column(event.id, alias_of(event)), query=exp.Subquery(this=ids))


def counted_anew(build: Build, group: Carried, again: str) -> list[PerKey]:
    """Every measure of a group for the keys that are read again."""
    narrows: dict[str, Narrow] = {}
    for event in group.events:
        narrows[event.name] = _narrow_by_id(build, event, again) if may_repeat(event) else _narrow(build, event, again)
    return measures(build, group.plan, "_again", narrows)


def _narrow(build: Build, event: Event, again: str) -> Narrow:
    source, key, table = build.source, build.plan.entity.key.name, alias_of(event)
    wanted = exp.select("1", copy=False).from_(exp.to_identifier(again), copy=False)
    own = exp.EQ(this=named(key, source.dialect, again), expression=source.key(event.key, table, build.plan.entity.key.type))
    is_wanted = exp.Exists(this=wanted.where(own, copy=False))
    return lambda query: query.where(is_wanted, copy=False)


def _narrow_by_id(build: Build, event: Event, again: str) -> Narrow:
    """To tell which of the rows with one id counts, those of other keys are needed too."""
    source, key, table = build.source, build.plan.entity.key.name, alias_of(event)
    assert event.id is not None
    row_id = source.column(event.id, table)
    ids = exp.select(alias(row_id.copy(), "row_id", source.dialect), copy=False).distinct(copy=False)
    ids = _narrow(build, event, again)(ids.from_(source.holes.table(event.relation, table), copy=False))
    name = build.add(build.take(f"{event.name}_ids"), ids.where(row_id.copy().is_(exp.null()).not_(), copy=False))

    def narrow(query: exp.Select) -> exp.Select:
        own_key = source.key(event.key, table, build.plan.entity.key.type)
        of_key = exp.EQ(this=named(key, source.dialect, again), expression=own_key)
        of_id = exp.EQ(this=named("row_id", source.dialect, name), expression=row_id.copy())
        query = query.join(exp.to_identifier(again), on=of_key, join_type="left", copy=False)
        query = query.join(exp.to_identifier(name), on=of_id, join_type="left", copy=False)
        found = [named(key, source.dialect, again), named("row_id", source.dialect, name)]
        return query.where(exp.or_(*(one.is_(exp.null()).not_() for one in found), copy=False), copy=False)

    return narrow
