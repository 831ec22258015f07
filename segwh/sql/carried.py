"""Facts brought up to date: what the run before measured, and the rows that came in or left a window since (plan.carry)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from segwh import ir
from segwh.catalog.model import Entity, Event
from segwh.plan.carry import Carried, Carry, starts_late
from segwh.plan.names import Names, rows_words
from segwh.semantics import AS_OF, Bound, Relative, Shift
from segwh.sql.dialects.base import SqlDialect
from segwh.sql.holes import FactsBefore
from segwh.sql.measures import PerKey, aggregate, alias, named, row_of, rows_condition
from segwh.sql.per_key import Build, measures
from segwh.sql.predicates import all_of, any_of, possible
from segwh.sql.scans import Narrow, Scanned, Source, alias_of, exists, may_repeat, scanned
from segwh.types import DataType

LOOKED_AT = "segwh_looked_at"
"""The as-of of the run in which a key's row last changed; a name that no column has by accident."""
IS_GONE = "segwh_is_gone"
"""True in a row that says that a key is there no more."""
BEFORE = "before"
"""What the facts of the run before are called where they are joined."""
KEY_BEFORE = "segwh_key_before"
"""A key where both the entity's rows and the facts of the run before are looked at; null where these do not have it."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What brings the carried columns of one group up to date: CTEs by key, and each column as an expression over them."""

    touched: tuple[tuple[str, str], ...]
    """(CTE, its key column): whose rows moved, or are read again."""
    joins: tuple[tuple[str, str], ...]
    values: Mapping[str, exp.Expr]


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
    query = query.join(_before(build), on=_same(key, BEFORE, key, place, source), join_type="full", copy=False)
    apart = [own.copy().is_(exp.null()), before.copy().is_(exp.null())]
    name = build.add(
        build.take(f"{build.plan.entity.name}_told"), query.where(any_of([*apart, *(changed or ())]), copy=False)
    )
    return Keys(base, name, changed is not None)


def _changed(build: Build, update: Carry, base: str, rest: str, compared: Compared) -> list[exp.Expr] | None:
    """By what a row of `rest` beside that of before may be another one; None where more has to be worked out to know."""
    dialect, ctes = build.source.dialect, dict(build.ctes)
    place = {column: BEFORE for group in update.groups for column in carried_columns(group)}
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


def carried(build: Build, update: Carry, rest: str, keys: Keys, compared: Compared) -> exp.Query:
    """Rows with the carried columns: as they were, or of keys of which rows moved, put together anew. Of the former only those
    that are told, where what is told is all that can be others (Keys.tells); else they pass by, and nothing wide is kept.

    `rest` is the CTE of the rows with all that is not carried. Null in LOOKED_AT means that a key's rows moved.
    """
    groups = [_brought(build, group, keys) for group in update.groups]
    columns = [column for group in update.groups for column in carried_columns(group)]
    touched = _touched(build, groups, keys)
    kept = _as_it_was(build, rest, touched, keys, columns, compared.columns)
    anew = _put_together(build, rest, touched, groups, columns, compared.columns)
    return exp.Union(this=kept, expression=anew, distinct=False)


def carried_columns(group: Carried) -> tuple[str, ...]:
    """The columns of a group."""
    return (*group.plan.columns.values(), *(name for pair in group.plan.means.values() for name in pair))


def _brought(build: Build, group: Carried, keys: Keys) -> Brought:
    source, key = build.source, build.plan.entity.key.name
    again = _again(build, group, keys)
    is_again = named(key, source.dialect, again).is_(exp.null()).not_()
    counted_anew = _counted_anew(build, group, again)
    told_off, moved = _told_off(build, group) if group.told_off else ({}, ())
    values: dict[str, exp.Expr] = {}
    for one in counted_anew:
        for column in one.columns:
            anew = one.filled(column, source.dialect)
            kept = told_off.get(column, named(column, source.dialect, BEFORE))
            values[column] = exp.Case(ifs=[exp.If(this=is_again.copy(), true=anew)], default=kept)
    joins = ((again, key), *moved, *((one.name, one.key) for one in counted_anew))
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
        expression=exp.Sub(this=number(_before(build)), expression=gone),
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
    query = exp.select(*select, copy=False).from_(_before(build), copy=False)
    query = query.join(exp.to_identifier(rest), on=_same(key, rest, key, BEFORE, source), copy=False)

    def is_in(table: str) -> exp.Expr:
        found = exp.select("1", copy=False).from_(exp.to_identifier(table), copy=False)
        return exp.Exists(this=found.where(_same(key, table, key, BEFORE, source), copy=False))

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
    query = query.join(exp.to_identifier(rest), on=_same(key, rest, key, touched, source), copy=False)
    query = query.join(_before(build), on=_same(key, BEFORE, key, touched, source), join_type="left", copy=False)
    for table, column in (one for group in groups for one in group.joins):
        on = _same(column, table, key, touched, source)
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


def _before(build: Build) -> exp.Expr:
    return build.source.holes.table(FactsBefore(build.plan.entity.name), BEFORE)


def _same(key: str, table: str, other: str, base: str, source: Source) -> exp.Expr:
    return exp.EQ(this=named(key, source.dialect, table), expression=named(other, source.dialect, base))


# --- keys whose rows are read again -------------------------------------------------------------------------------------


def _again(build: Build, group: Carried, keys: Keys) -> str:
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
        came = exp.GTE(this=loaded, expression=_seen_until(source))
        earlier_one = (exp.LT(this=one.copy(), expression=as_of_before.copy()) for one in (loaded, clock))
        return exp.and_(came, exp.Paren(this=exp.or_(*earlier_one, copy=False)), copy=False)
    stirring: list[exp.Expr] = [
        exp.GTE(this=loaded, expression=_seen_until(source)),
        exp.GTE(this=clock.copy(), expression=as_of_before),
    ]
    stirring += [_passed(clock, bound, source) for bound in group.edges[event.name]]
    stirring += [_passed(clock, bound, source, is_deadline=True) for bound in group.deadlines]
    return exp.Paren(this=exp.or_(*stirring, copy=False))


def _seen_until(source: Source) -> exp.Expr:
    """The instant before which every row was loaded that the run before cannot have missed."""
    return source.holes.before().bound(Relative((Shift(-1, source.load_delay),)), "timestamp")


def _passed(clock: exp.Expr, bound: Bound, source: Source, *, is_deadline: bool = False) -> exp.Expr:
    """Whether a bound has passed a row's time since. A row on the edge itself belongs to what comes after the bound, so it is
    passed when the bound leaves it; a deadline is passed when it is reached.
    """
    start, end = source.holes.before().bound(bound, "timestamp"), source.holes.bound(bound, "timestamp")
    above, below = (exp.GT, exp.LTE) if is_deadline else (exp.GTE, exp.LT)
    return exp.and_(above(this=clock.copy(), expression=start), below(this=clock.copy(), expression=end), copy=False)


def _is_replaced(event: Event, source: Source) -> exp.Expr:
    """Whether a newer row with the id of this one has come: rows of whatever key count once."""
    assert event.id is not None
    newer = replace(event, name=f"{event.name}_newer")
    table = alias_of(newer)
    assert newer.loaded_at is not None
    came = exp.or_(
        exp.GTE(this=source.clock(newer.loaded_at, table), expression=_seen_until(source)),
        exp.GTE(this=source.clock(newer.time, table), expression=source.holes.before().bound(AS_OF, "timestamp")),
        copy=False,
    )
    ids = exp.select(source.column(event.id, table), copy=False).from_(source.holes.table(event.relation, table), copy=False)
    ids = ids.where(*exists(newer, source), exp.Paren(this=came), copy=False)
    return exp.In(this=source.column(event.id, alias_of(event)), query=exp.Subquery(this=ids))


# --- their rows ---------------------------------------------------------------------------------------------------------


def _counted_anew(build: Build, group: Carried, again: str) -> list[PerKey]:
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


# --- rows that came and left --------------------------------------------------------------------------------------------


def _told_off(build: Build, group: Carried) -> tuple[dict[str, exp.Expr], tuple[tuple[str, str], ...]]:
    """The measures that follow from what they were and the rows that came and left: column -> value; and the CTEs of these,
    each with its key column.
    """
    source, dialect = build.source, build.source.dialect
    values: dict[str, exp.Expr] = {}
    moves: list[tuple[str, str]] = []
    for event in group.events:
        keys = [one for one in group.told_off if one.rows.name == event.name]
        if not keys:
            continue
        scan = _moved_rows(build, group, event)
        parts = group.parts.get(event.name, ())
        parted = {measured for part in parts for measured in part.asked}
        rest = {measured: measured.rows for measured in keys if measured not in parted}
        for part, asked in (*((part, part.asked) for part in parts), *([(None, rest)] if rest else ())):
            words = "" if part is None else f"_{rows_words(ir.Rows('event', event.name, where=part.values))}"
            name = build.take(f"{event.name}_moved{words}")
            names = Names((scan.key,))
            select: list[exp.Expr] = [named(scan.key, dialect)]
            for measured, rows in asked.items():
                column = group.plan.columns[measured]
                moved = names.take(column, measured)
                select.append(alias(_difference(replace(measured, rows=rows), scan, source), moved, dialect))
                before, by = named(column, dialect, BEFORE), named(moved, dialect, name)
                values[column] = _brought_up(measured, before, by, scan, source)
            query = exp.select(*select, copy=False).from_(exp.to_identifier(scan.name), copy=False)
            if part is not None:
                query = query.where(possible(part.values, row_of(scan, source)), copy=False)
            build.add(name, query.group_by(named(scan.key, dialect), copy=False))
            moves.append((name, scan.key))
    return values, tuple(moves)


COUNTED = "was_counted"


def _moved_rows(build: Build, group: Carried, event: Event) -> Scanned:
    """The CTE of the rows that came in since, or that an edge has passed, with whether they counted before."""
    source, table = build.source, alias_of(event)
    assert event.loaded_at is not None
    scan = next(scan for scan in group.plan.scans if scan.name == event.name)
    found = scanned(replace(scan, earliest=(), ordered=False), build.plan.entity, source)
    clock, loaded = source.clock(event.time, table), source.clock(event.loaded_at, table)
    as_of_before = source.holes.before().bound(AS_OF, "timestamp")
    came = [exp.GTE(this=one.copy(), expression=as_of_before.copy()) for one in (clock, loaded)]
    passed = [_passed(clock, bound, source) for bound in group.strips]
    query = found.query.where(exp.Paren(this=exp.or_(*came, *passed, copy=False)), copy=False)
    counted = [exp.LT(this=one.copy(), expression=as_of_before.copy()) for one in (clock, loaded)]
    query = query.select(alias(all_of(counted), COUNTED, source.dialect), copy=False)
    return replace(found, name=build.add(build.take(f"{event.name}_rows_moved"), query))


def _difference(measured: ir.Measured, scan: Scanned, source: Source) -> exp.Expr:
    """What the rows that moved add to a measure, or for a least, greatest, first or last the one among them."""
    now = rows_condition(measured.rows, scan, source)
    if not _adds(measured):
        return aggregate(measured, now, scan, source)
    then = rows_condition(measured.rows, scan, replace(source, holes=source.holes.before()))
    then = all_of([named(COUNTED, source.dialect), then])
    sign = exp.Paren(this=exp.Sub(this=_one_or_zero(now), expression=_one_or_zero(then)))
    if isinstance(measured.measure, ir.Count):
        return source.dialect.cast(exp.Sum(this=sign), DataType.INTEGER)
    assert isinstance(measured.measure, ir.Aggregate)
    value = named(scan.fields[measured.measure.of], source.dialect)
    # not value * sign, which some engines give a wider type
    came = exp.If(this=exp.Literal.number(1), true=value)
    left = exp.If(this=exp.Literal.number(-1), true=exp.Neg(this=value.copy()))
    return source.dialect.sum(exp.Case(this=sign, ifs=[came, left]), measured.measure.of.type)


def _one_or_zero(condition: exp.Expr) -> exp.Expr:
    one, zero = exp.Literal.number(1), exp.Literal.number(0)
    return one if condition == exp.true() else exp.Case(ifs=[exp.If(this=condition, true=one)], default=zero)


def _adds(measured: ir.Measured) -> bool:
    match measured.measure:
        case ir.Count() | ir.Aggregate("sum", _):
            return True
        case _:
            return False


def _brought_up(measured: ir.Measured, before: exp.Expr, moved: exp.Expr, scan: Scanned, source: Source) -> exp.Expr:
    """A measure of now from that of before and the rows that moved."""
    if _adds(measured):
        return exp.Add(this=before, expression=exp.Coalesce(this=moved, expressions=[exp.Literal.number(0)]))
    if measured.measure == ir.EdgeTime("last") and starts_late(measured.rows.window):
        assert measured.rows.window is not None
        assert measured.rows.window.start is not None
        start = source.holes.bound(measured.rows.window.start, "timestamp")
        before = exp.Case(ifs=[exp.If(this=exp.GTE(this=before.copy(), expression=start), true=before)])
    beats = exp.LT if measured.measure in (ir.EdgeTime("first"),) or _is_least(measured) else exp.GT
    better = exp.or_(before.copy().is_(exp.null()), beats(this=moved, expression=before.copy()), copy=False)
    return exp.Case(ifs=[exp.If(this=better, true=moved.copy())], default=before)


def _is_least(measured: ir.Measured) -> bool:
    return isinstance(measured.measure, ir.Aggregate) and measured.measure.function == "min"
