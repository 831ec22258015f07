"""`segwh erase`: every row of one person out of segwh's tables, in one transaction, with a tombstone that names nobody."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import sqlglot
from sqlglot import exp

from segwh.catalog.model import Entity
from segwh.commands.workspace import Workspace, known_dialect, load
from segwh.dbt.erasure import Member, deletions, grains, is_key, tombstone, unfollowed
from segwh.dbt.following import MADE_BY
from segwh.errors import UserError, meant
from segwh.ir import Project
from segwh.sql.dialects import DIALECTS
from segwh.sql.dialects.base import SqlDialect
from segwh.types import DataType
from segwh.warehouse.connection import Warehouse
from segwh.warehouse.keys import stored_key
from segwh.warehouse.published import is_built, newest_run
from segwh.warehouse.target import find_target

ENDS = "segwh_run_ends"


@dataclass(frozen=True, slots=True)
class EraseOptions:
    """What the command line says. `values` holds texts such as `phone=0123`, of aggregated segments."""

    entity: str
    key: str
    project_dir: str | None = None
    profiles_dir: str | None = None
    target: str | None = None
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Erasure:
    """What there is to erase, or what was."""

    members: tuple[Member, ...]
    """The key, and the values of aggregated segments that nobody else has."""
    shared: tuple[Member, ...]
    """Values that other entities have too: they stay."""
    unknown: tuple[str, ...]
    """Attributes whose value nobody knows: the key is no longer in the entity's relation."""
    rows: int
    """Rows of the log: entries and exits."""
    segments: int
    """Segments that they are of."""
    relation: str
    still_exists: bool
    """Whether the key is in the entity's relation: then the next run lets it in again."""
    run_id: str = ""
    """The tombstone in segwh_runs; empty where nothing was erased."""
    begun_at: datetime | None = None
    """When a run began that has not ended: it may have read the key before and write it after."""


def erase(options: EraseOptions, confirm: Callable[[Erasure], bool]) -> Erasure | None:
    """Erase a key after `confirm` has agreed to what was found. None if it did not. Raises UserError and RulesError."""
    target = find_target(options.project_dir, options.profiles_dir, options.target)
    project = load(Workspace(target.project_dir, known_dialect(target.dialect)))
    entity = project.catalog.entity(options.entity)
    if entity is None:
        names = [each.name for each in project.catalog.entities]
        raise UserError(f"--entity: `{options.entity}` is not an entity{meant(options.entity, names)}")
    key = _typed(options.key, entity.key.type, entity.key.name)
    with Warehouse.open(target, write=True) as warehouse:
        warehouse.require_file()
        own = Member(entity.name, entity.key.name, stored_key(key, entity.key, entity, warehouse))
        books = Books(warehouse, project, entity)
        found = books.found(own, _given(options.values, project, entity))
        if found.rows or books.has_rows(found.members):
            if not confirm(found):
                return None
            found = books.erased(found)
        run = newest_run(warehouse) if is_built(warehouse) else None
        return replace(found, begun_at=run.started_at if run is not None and run.status == "started" else None)


def _typed(text: str, data_type: DataType, what: str) -> str | int:
    if data_type is not DataType.INTEGER:
        return text
    try:
        return int(text)
    except ValueError:
        raise UserError(f"`{text}` is no {what}: that is an integer") from None


def _given(values: tuple[str, ...], project: Project, entity: Entity) -> dict[str, str | int]:
    """The values that the command line names, by attribute."""
    known = [column for grain, column in grains(project, entity.name).items() if grain != entity.name]
    found: dict[str, str | int] = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not equals or name not in known:
            hint = f"such as --value {known[0]}=..." if known else f"no segment of {entity.name} aggregates on anything"
            raise UserError(f"--value: `{text}` names no attribute that segments aggregate on{meant(name, known)}", hint)
        attribute = entity.attribute(name)
        found[name] = _typed(value, attribute.type if attribute else DataType.STRING, name)
    return found


class Books:
    """What segwh keeps of one entity."""

    def __init__(self, warehouse: Warehouse, project: Project, entity: Entity) -> None:
        self.warehouse = warehouse
        self.entity = entity
        self.dialect: SqlDialect = DIALECTS[warehouse.dialect]
        self.grains = grains(project, entity.name)
        names = [name for name in warehouse.models_tagged("segwh") if not name.startswith("aud_")]
        self.tables: Mapping[str, exp.Table] = {
            name: self._table(warehouse.model_name(name)) for name in names if warehouse.exists(name)
        }
        self.source = self._table(warehouse.relation_name(entity.relation))

    def _table(self, name: str) -> exp.Table:
        return sqlglot.parse_one(name, into=exp.Table, dialect=self.dialect.name)

    def _sql(self, tree: exp.Expr) -> str:
        return tree.sql(dialect=self.dialect.name)

    def _count(self, table: exp.Table, condition: exp.Expr) -> int:
        rows = self.warehouse.query(
            self._sql(exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(table.copy()).where(condition))
        )
        return int(rows[0]["n"])

    def found(self, own: Member, given: Mapping[str, str | int]) -> Erasure:
        """What there is of a key."""
        members, shared, unknown = [own], list[Member](), list[str]()
        for grain, column in self.grains.items():
            if grain == own.grain:
                continue
            values = {given[column]} if column in given else self._values(own, column)
            if not values:
                unknown.append(column)
            for value in sorted(values, key=str):
                member = Member(grain, column, value)
                (shared if self._is_shared(own, member) else members).append(member)
        logs = [(member, self.tables.get(f"segwh_{member.grain}_log")) for member in members]
        counted = [self._logged(table, member) for member, table in logs if table is not None]
        key = Member(own.grain, self.entity.key.column, own.value)
        return Erasure(
            members=tuple(members),
            shared=tuple(shared),
            unknown=tuple(unknown),
            rows=sum(rows for rows, _ in counted),
            segments=sum(segments for _, segments in counted),
            relation=str(self.entity.relation),
            still_exists=self._count(self.source, is_key(key, self.dialect)) > 0,
        )

    def has_rows(self, members: tuple[Member, ...]) -> bool:
        """Whether any table holds a row of the members, the log apart."""
        return any(
            self._count(deletion.this, deletion.args["where"].this)
            for deletion in deletions(members, self.entity.name, self.tables, self.dialect)
        )

    def _columns(self, model: str) -> set[str]:
        return {column.name.lower() for column in self.warehouse.columns(self.warehouse.model_name(model))}

    def _logged(self, log: exp.Table, member: Member) -> tuple[int, int]:
        segments = exp.alias_(exp.Count(this=exp.Distinct(expressions=[exp.column("segment")])), "segments")
        query = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n"), segments).from_(log.copy())
        row = self.warehouse.query(self._sql(query.where(is_key(member, self.dialect))))[0]
        return int(row["n"]), int(row["segments"])

    def _places(self, column: str) -> list[tuple[exp.Table, str, str]]:
        """Where values of an attribute stand beside keys: the newest facts, and the source if it is a column there."""
        places = []
        facts = self.tables.get(f"segwh_{self.entity.name}_facts")
        if facts is not None:
            places.append((facts, self.entity.key.name, column))
        attribute = self.entity.attribute(column)
        if attribute is not None and attribute.column:
            places.append((self.source, self.entity.key.column, attribute.column))
        return places

    def _values(self, own: Member, column: str) -> set[str | int]:
        found: set[str | int] = set()
        for table, key, value in self._places(column):
            query = exp.select(exp.alias_(exp.column(self.dialect.identifier(value)), "one")).distinct().from_(table.copy())
            rows = self.warehouse.query(self._sql(query.where(is_key(Member(own.grain, key, own.value), self.dialect))))
            found |= {row["one"] for row in rows if row["one"] is not None}
        return found

    def _is_shared(self, own: Member, member: Member) -> bool:
        return any(
            self._count(
                table,
                exp.and_(
                    is_key(Member(member.grain, value, member.value), self.dialect),
                    exp.Not(this=exp.Paren(this=is_key(Member(own.grain, key, own.value), self.dialect))),
                ),
            )
            for table, key, value in self._places(member.column)
        )

    def erased(self, found: Erasure) -> Erasure:
        """Take the rows out and leave the tombstone."""
        statements: list[exp.Expr] = [*deletions(found.members, self.entity.name, self.tables, self.dialect)]
        facts = self.tables.get(f"segwh_{self.entity.name}_facts")
        if facts is not None and self.dialect.carries_facts:
            statements += unfollowed(facts, is_stamped=MADE_BY in self._columns(f"segwh_{self.entity.name}_facts"))
        run_id = f"erased-{self.entity.name}-{uuid.uuid4()}"
        ends = self.tables.get(ENDS)
        if ends is not None:
            columns = sorted(self._columns(ENDS))
            now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S+00")
            statements.append(tombstone(ends, columns, run_id, self.entity.name, now, found.segments))
        # a run that brings the facts up to date has read them already, and would put back whom it read
        turn = self.dialect.turn(self.warehouse.model_name(f"segwh_{self.entity.name}_facts")) if facts is not None else None
        texts = [self._sql(statement) for statement in statements]
        self.warehouse.execute(texts if turn is None else [turn, *texts])
        return replace(found, run_id=run_id)
