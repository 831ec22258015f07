"""The compiled rules on an engine: one SELECT, the members of each segment out, keys as text; and what earlier runs left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from segwh import ir
from segwh.reference import evaluate as reference
from segwh.reference.values import Key
from segwh.sql.compile import Before, standalone
from segwh.types import Relation
from tests.cases.engine import Engine
from tests.cases.tables import Table

Members = dict[str, list[str]]


def members(
    engine: Engine,
    project: ir.Project,
    segments: Iterable[str],
    as_of: datetime,
    names: Mapping[Relation, str],
    before: Before | None = None,
    rule_hashes: Mapping[str, str] | None = None,
) -> Members:
    """The members of the named segments, each list sorted; a key that comes twice is there twice."""
    wanted = tuple(segments)
    if not wanted:
        return {}
    found: Members = {name: [] for name in wanted}
    at_once = len(wanted) if engine.dialect.shares_named_queries else 3
    for first in range(0, len(wanted), at_once):
        some = wanted[first : first + at_once]
        sql = standalone(project, some, as_of, engine.dialect, lambda relation, _: names[relation], before, rule_hashes)
        for segment, key in engine.rows(sql):
            found[str(segment)].append(key)
    return {name: sorted(keys, key=lambda key: (key is not None, key)) for name, keys in found.items()}


def stored(engine: Engine, tables: Mapping[Relation, Table]) -> dict[Relation, str]:
    """Creates a table for each relation; the names under which they stand."""
    return {relation: engine.create(f"relation_{number}", table) for number, (relation, table) in enumerate(tables.items())}


def earlier(engine: Engine, project: ir.Project, state: reference.Before) -> tuple[Before | None, Mapping[str, str]]:
    """What earlier runs left, as the relations that the compiled SQL reads, and the rule hashes of this run.

    A segment that keeps a frozen set was evaluated with the same rule, any other that has members with another one.
    """
    if not (state.entered_at or state.frozen or state.exited_at):
        return None, {}
    return logged(engine, project, state), rule_hashes(project)


def rule_hashes(project: ir.Project) -> Mapping[str, str]:
    """The rule hashes of this run."""
    return {segment.name: "this rule" for segment in project.segments}


def logged(engine: Engine, project: ir.Project, state: reference.Before) -> Before:
    """What earlier runs left, as relations, also when that is nothing."""
    members, evaluated, exits = {}, {}, {}
    for number, grain in enumerate(dict.fromkeys(segment.grain for segment in project.segments)):
        names = [segment.name for segment in project.segments if segment.grain == grain]
        key, key_type = grain_key(project, project.segment(names[0]))
        stays = [(name, who, at) for name in names for who, at in known_since(name, state).items()]
        left = [(name, who, at) for name in names for who, at in state.exited_at.get(name, {}).items()]
        members[grain] = engine.create(f"members_{number}", log_table(key, key_type, "entered_at", stays))
        exits[grain] = engine.create(f"exits_{number}", log_table(key, key_type, "exited_at", left))
        rules = {name: "another rule" for name in names if name in state.entered_at}
        rules |= {name: "this rule" for name in names if name in state.frozen}
        columns = {"segment": "string", "rule_hash": "string", "first_evaluated_at": "timestamp"}
        rows = tuple({"segment": name, "rule_hash": rule, "first_evaluated_at": LONG_AGO} for name, rule in rules.items())
        evaluated[grain] = engine.create(f"evaluated_{number}", Table(columns, rows))
    return Before(members, evaluated, exits)


def known_since(segment: str, state: reference.Before) -> Mapping[Key, datetime]:
    """Since when the log has each member of a segment."""
    return dict.fromkeys(state.frozen.get(segment, ()), LONG_AGO) | dict(state.entered_at.get(segment, {}))


LONG_AGO = datetime(2000, 1, 1)


def grain_key(project: ir.Project, segment: ir.Segment) -> tuple[str, str]:
    """The name and type of a grain's key column."""
    if segment.aggregate_on is not None:
        return segment.aggregate_on.name, str(segment.aggregate_on.type)
    key = project.entity(segment.entity).key
    return key.name, str(key.type)


def log_table(key: str, key_type: str, at: str, rows: Sequence[tuple[str, object, datetime]]) -> Table:
    """Rows of the log: segment, key, and an instant without zone."""
    columns = {"segment": "string", key: key_type, at: "timestamp"}
    return Table(columns, tuple({"segment": name, key: who, at: when.replace(tzinfo=None)} for name, who, when in rows))
