"""What the compiled project has left in the warehouse: its registry, sizes and runs, read back as rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlglot
from sqlglot import exp

from segwh.warehouse.connection import Row, Warehouse

REGISTRY = "segwh_segments"
SIZES = "segwh_segment_sizes"
RUNS = "segwh_runs"
STARTS = "segwh_run_starts"
HELD_BACK = ("kept", "blocked", "refused", "skipped")
"""The statuses of a segment whose members a run did not bring up to date."""
CURVE_LENGTH = 12
"""As-ofs that a size curve shows."""


@dataclass(frozen=True, slots=True)
class Size:
    """One row of segwh_segment_sizes: a segment at one as-of. `share` is of the grain's existing keys."""

    segment: str
    as_of: datetime
    members: int
    entered: int
    exited: int
    share: float | None
    status: str
    left_out: int


@dataclass(frozen=True, slots=True)
class RunRow:
    """One row of segwh_runs. `held_back` counts the segments that kept their last good version."""

    run_id: str
    as_of: datetime
    status: str
    started_at: datetime
    entered: int
    exited: int
    held_back: int


@dataclass(frozen=True, slots=True)
class Died:
    """What the runs that began after the last one that ended wrote into the logs: members who entered and exited.

    `as_of` is that of the newest of them; only those at that as-of are counted.
    """

    as_of: datetime
    entered: int
    exited: int


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Why the newest run did not publish a segment: its status (docs/operations.md), and that in words."""

    status: str
    problem: str


@dataclass(frozen=True, slots=True)
class Registered:
    """What the registry knows of a segment that its rule does not say."""

    first_evaluated_at: datetime | None
    last_evaluated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Orphan:
    """A segment that left the rules, or has members of another kind now, and how many it keeps until it is removed."""

    segment: str
    members: int
    is_in_rules: bool


@dataclass(frozen=True, slots=True)
class Gone:
    """A segment that is not in the rules: the members that it has, and the as-of at which they were last counted."""

    segment: str
    members: int
    as_of: datetime


def is_built(warehouse: Warehouse) -> bool:
    """Whether the project was ever run into this warehouse. Raises UserError if the warehouse cannot be reached."""
    return warehouse.exists(RUNS) and warehouse.exists(SIZES)


def registry(warehouse: Warehouse) -> Mapping[str, Registered]:
    """The registry's dates by segment. Raises UserError where it was never built or cannot be reached."""
    rows = _read(warehouse, exp.select("segment", "first_evaluated_at", "last_evaluated_at"), REGISTRY)
    dates = ("first_evaluated_at", "last_evaluated_at")
    return {row["segment"]: Registered(*(known_if_any(row[date]) for date in dates)) for row in rows}


def registered_grains(warehouse: Warehouse) -> Mapping[str, str]:
    """The grain that each segment had in the rules of the last run; no segment where there is no registry."""
    if not warehouse.exists(REGISTRY):
        return {}
    return {row["segment"]: row["grain"] for row in _read(warehouse, exp.select("segment", "grain"), REGISTRY)}


def sizes(warehouse: Warehouse, instants: int) -> Mapping[str, tuple[Size, ...]]:
    """The sizes of each segment at the newest as-ofs, `instants` of them at most, oldest first."""
    newest = exp.select("as_of").distinct().from_(_table(warehouse, SIZES)).order_by("as_of DESC").limit(instants)
    oldest = exp.select("MIN(newest.as_of)").from_(newest.subquery("newest"))
    columns = ("segment", "as_of", "members", "entered", "exited", "share", "status", "left_out")
    query = exp.select(*columns).where(exp.column("as_of") >= oldest.subquery()).order_by("segment", "as_of")
    found: dict[str, list[Size]] = {}
    for row in _read(warehouse, query, SIZES):
        found.setdefault(row["segment"], []).append(_size(row))
    return {segment: tuple(history) for segment, history in found.items()}


def held_back(warehouse: Warehouse, segment: str, grain: str) -> HeldBack | None:
    """How the newest run held a segment back; None if it did not, or there was none."""
    pending = f"segwh_{grain}_pending"
    if not warehouse.exists(pending):
        return None
    statuses = exp.In(this=exp.column("status"), expressions=[exp.Literal.string(status) for status in HELD_BACK])
    named = exp.EQ(this=exp.column("segment"), expression=exp.Literal.string(segment))
    rows = _read(warehouse, exp.select("status", "problem").where("kind = 'segment'", statuses, named), pending)
    return next((HeldBack(row["status"], row["problem"] or "") for row in rows), None)


def last_as_ofs(warehouse: Warehouse) -> Mapping[str, datetime]:
    """The newest as-of at which the log holds each segment."""
    newest = exp.alias_(exp.Max(this=exp.column("as_of")), "as_of")
    rows = _read(warehouse, exp.select("segment", newest).group_by("segment"), SIZES)
    return {row["segment"]: known(row["as_of"]) for row in rows}


def first_as_ofs(warehouse: Warehouse) -> Mapping[str, datetime]:
    """The oldest as-of at which the log holds each segment."""
    oldest = exp.alias_(exp.Min(this=exp.column("as_of")), "as_of")
    rows = _read(warehouse, exp.select("segment", oldest).group_by("segment"), SIZES)
    return {row["segment"]: known(row["as_of"]) for row in rows}


def grains_logged(names: Collection[str], warehouse: Warehouse) -> Iterator[tuple[str, str]]:
    """Each of these segments with each grain in whose log it is; of the grains that the project has."""
    for model in warehouse.models_tagged("segwh", tables_only=True):
        if model.endswith("_log") and warehouse.exists(model):
            named = exp.In(this=exp.column("segment"), expressions=[exp.Literal.string(name) for name in sorted(names)])
            for row in _read(warehouse, exp.select("segment").distinct().where(named), model):
                yield row["segment"], model.removeprefix("segwh_").removesuffix("_log")


def orphans(warehouse: Warehouse, rules: Collection[str]) -> tuple[Orphan, ...]:
    """The segments whose members the newest run found in a log and of whom the rules, with these segments, say nothing."""
    found: list[Orphan] = []
    for name in warehouse.models_tagged("segwh", tables_only=True):
        if name.endswith("_pending") and warehouse.exists(name):
            query = exp.select("segment", "members").where("kind = 'segment' AND status = 'orphaned'")
            rows = _read(warehouse, query, name)
            found += [Orphan(row["segment"], _count(row["members"]), row["segment"] in rules) for row in rows]
    return tuple(sorted(found, key=lambda orphan: orphan.segment))


def gone(warehouse: Warehouse, rules: Collection[str]) -> tuple[Gone, ...]:
    """The segments that are not among those of the rules and have members, by name. Needs no run since they left the rules."""
    names = sorted(set(last_as_ofs(warehouse)) - set(rules))
    if not names:
        return ()
    named = exp.In(this=exp.column("segment"), expressions=[exp.Literal.string(name) for name in names])
    query = exp.select("segment", "as_of", "members").where(named).order_by("segment", "as_of")
    newest = {row["segment"]: row for row in _read(warehouse, query, SIZES)}
    found = (Gone(name, _count(row["members"]), known(row["as_of"])) for name, row in newest.items())
    return tuple(one for one in found if one.members)


def suppression_lists(warehouse: Warehouse) -> frozenset[str]:
    """The names of the suppression lists that any run knew."""
    column = "suppression_lists"
    if not warehouse.exists(STARTS):
        return frozenset()
    if column not in (one.name.lower() for one in warehouse.columns(warehouse.model_name(STARTS))):
        return frozenset()  # an older segwh left it, and no run of this one has begun
    rows = _read(warehouse, exp.select(column).distinct(), STARTS)
    return frozenset(word.split(":")[1] for row in rows for word in (row[column] or "").split())


def newest_run(warehouse: Warehouse) -> RunRow | None:
    """The run that was written last, or None before there was any."""
    return next(_runs(warehouse, _newest_runs().limit(1)), None)


def newest_ended_run(warehouse: Warehouse) -> RunRow | None:
    """The run that began last of those that ended, well or not; None before there was any."""
    return next(_runs(warehouse, _newest_runs().where("status <> 'started'").limit(1)), None)


def died(warehouse: Warehouse, newest: RunRow | None, ended: RunRow | None) -> Died | None:
    """What died with the newest run, and with those at its as-of that died before it; None if that run ended, or if none of
    them wrote a change.

    What they wrote stands in the logs and in no count of segwh_runs.
    """
    if newest is None or newest.status != "started":
        return None
    runs = [
        run.run_id
        for run in _runs(warehouse, _newest_runs().where("status = 'started'"))
        if run.as_of == newest.as_of and (ended is None or run.started_at > ended.started_at)
    ]
    found = {"entered": 0, "exited": 0}
    theirs = exp.In(this=exp.column("run_id"), expressions=[exp.Literal.string(run) for run in runs])
    query = exp.select("change", exp.alias_(exp.Count(this=exp.Star()), "changes")).where(theirs).group_by("change")
    for model in warehouse.models_tagged("segwh", tables_only=True):
        if model.endswith("_log") and warehouse.exists(model):
            for row in _read(warehouse, query.copy().where("change IN ('entered', 'exited')"), model):
                found[row["change"]] += _count(row["changes"])
    return Died(newest.as_of, **found) if any(found.values()) else None


def _newest_runs() -> exp.Select:
    columns = ("run_id", "as_of", "status", "started_at", "entered", "exited", "held_back")
    # those without an as-of are notes of what was done beside runs
    return exp.select(*columns).where("as_of IS NOT NULL").order_by("started_at DESC", "run_id")


def _runs(warehouse: Warehouse, query: exp.Select) -> Iterator[RunRow]:
    return map(_run, _read(warehouse, query, RUNS))


def _read(warehouse: Warehouse, query: exp.Select, model: str) -> tuple[Row, ...]:
    return warehouse.query(query.from_(_table(warehouse, model)).sql(dialect=warehouse.dialect, pretty=True))


def _table(warehouse: Warehouse, model: str) -> exp.Table:
    return sqlglot.parse_one(warehouse.model_name(model), into=exp.Table, dialect=warehouse.dialect)


def _size(row: Row) -> Size:
    return Size(
        segment=row["segment"],
        as_of=known(row["as_of"]),
        members=_count(row["members"]),
        entered=_count(row["entered"]),
        exited=_count(row["exited"]),
        share=None if row["share"] is None else float(row["share"]),
        status=row["status"] or "",
        left_out=_count(row["left_out"]),
    )


def _run(row: Row) -> RunRow:
    counts = (_count(row[name]) for name in ("entered", "exited", "held_back"))
    return RunRow(row["run_id"], known(row["as_of"]), row["status"], known(row["started_at"]), *counts)


def _count(value: Any) -> int:
    return 0 if value is None else int(value)


def known(value: datetime) -> datetime:
    """A time of the contract's tables: UTC, whether or not the engine's type says so."""
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def known_if_any(value: datetime | None) -> datetime | None:
    """The same of a time that may be missing."""
    return None if value is None else known(value)
