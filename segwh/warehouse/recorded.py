"""What the books say of the time before an as-of, read from history and log, for questions that are asked beside runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlglot
from sqlglot import exp

from segwh import ir
from segwh.sql.compile import Before
from segwh.sql.dialects import DIALECTS
from segwh.sql.dialects.base import SqlDialect
from segwh.types import DataType
from segwh.warehouse.connection import Warehouse
from segwh.warehouse.published import known, known_if_any


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay as recorded: `[entered_at, exited_at)`."""

    entered_at: datetime
    entered_reason: str
    exited_at: datetime | None
    exited_reason: str | None


def key_name(project: ir.Project, segment: ir.Segment) -> str:
    """The key column of a segment's grain."""
    return project.entity(segment.entity).key.name if segment.aggregate_on is None else segment.aggregate_on.name


def key_type(project: ir.Project, segment: ir.Segment) -> DataType:
    """The type of that key."""
    return project.entity(segment.entity).key.type if segment.aggregate_on is None else segment.aggregate_on.type


class Books:
    """What the log says of the time before an as-of."""

    def __init__(self, warehouse: Warehouse, project: ir.Project, at: datetime) -> None:
        self._dialect: SqlDialect = DIALECTS[warehouse.dialect]
        self._warehouse = warehouse
        self._at = self._dialect.timestamp(at)
        self._keys = {segment.grain: key_name(project, segment) for segment in project.segments}
        self._types = {segment.grain: key_type(project, segment) for segment in project.segments}
        self._grains = [grain for grain in self._keys if self._is_built(grain)]

    def _is_built(self, grain: str) -> bool:
        return all(self._warehouse.exists(f"segwh_{grain}_{what}") for what in ("history", "log"))

    def before(self) -> Before:
        """Where the rules read what was recorded: members before the as-of, evaluations up to it, exits before it."""
        entered, exited = self._instant("valid_from"), self._instant("valid_to")
        was_in = exp.and_(
            exp.LT(this=entered.copy(), expression=self._at.copy()),
            exp.or_(exited.is_(exp.null()), exp.GTE(this=exited.copy(), expression=self._at.copy()), copy=False),
        )
        is_in = exp.and_(
            exp.LTE(this=entered.copy(), expression=self._at.copy()),
            exp.or_(exited.copy().is_(exp.null()), exp.GT(this=exited.copy(), expression=self._at.copy()), copy=False),
        )
        return Before(
            members={grain: self._stays(grain, is_in) for grain in self._grains},
            stays={grain: self._stays(grain, was_in) for grain in self._grains},
            evaluated={grain: self._evaluated(grain) for grain in self._grains},
            exits={grain: self._exits(grain) for grain in self._grains},
        )

    def stays(self, segment: ir.Segment, key: str | int) -> tuple[Stay, ...]:
        """The stays of a key in a segment, oldest first."""
        if segment.grain not in self._grains:
            return ()
        column: exp.Expr = self._key(segment.grain)
        if self._types[segment.grain] is not DataType.INTEGER:
            column = self._dialect.cast(column, DataType.STRING)
        literal = self._dialect.number(key) if isinstance(key, int) else self._dialect.string(key)
        names = ("valid_from", "entered_reason", "valid_to", "exited_reason")
        query = exp.select(*names).from_(self._table(segment.grain, "history")).where(
            exp.EQ(this=exp.column("segment"), expression=self._dialect.string(segment.name)),
            exp.EQ(this=column, expression=literal),
        )  # fmt: skip
        rows = self._warehouse.query(self._text(query.order_by("valid_from")))
        return tuple(
            Stay(known(row["valid_from"]), row["entered_reason"], known_if_any(row["valid_to"]), row["exited_reason"])
            for row in rows
        )

    def _stays(self, grain: str, condition: exp.Expr) -> str:
        entered = exp.alias_(self._instant("valid_from"), "entered_at")
        query = exp.select("segment", self._key(grain), entered).from_(self._table(grain, "history"))
        return f"({self._text(query.where(condition.copy()))})"

    def _exits(self, grain: str) -> str:
        exited = self._instant("valid_to")
        query = exp.select("segment", self._key(grain), exp.alias_(exp.Max(this=exited), "exited_at"))
        query = query.from_(self._table(grain, "history")).where(exp.LT(this=exited.copy(), expression=self._at.copy()))
        return f"({self._text(query.group_by('segment', self._key(grain)))})"

    def _evaluated(self, grain: str) -> str:
        place = exp.Window(
            this=exp.RowNumber(), partition_by=[exp.column("segment")],
            order=exp.Order(expressions=[exp.Ordered(this=exp.column("sequence"), desc=True, nulls_first=False)]),
        )  # fmt: skip
        told = exp.select(
            "segment", exp.alias_(exp.column("computed_hash"), "rule_hash"),
            exp.alias_(self._instant("first_evaluated_at"), "first_evaluated_at"), exp.alias_(place, "place"),
        ).from_(self._table(grain, "log"))  # fmt: skip
        told = told.where(
            exp.EQ(this=exp.column("change"), expression=exp.Literal.string("evaluated")),
            exp.LTE(this=self._instant("changed_at"), expression=self._at.copy()),
        )
        query = exp.select("segment", "rule_hash", "first_evaluated_at").from_(told.subquery("told")).where("told.place = 1")
        return f"({self._text(query)})"

    def _instant(self, column: str) -> exp.Expr:
        return self._dialect.instant(exp.column(column), None)

    def _key(self, grain: str) -> exp.Column:
        return exp.Column(this=self._dialect.identifier(self._keys[grain]))

    def _table(self, grain: str, what: str) -> exp.Table:
        name = self._warehouse.model_name(f"segwh_{grain}_{what}")
        return sqlglot.parse_one(name, into=exp.Table, dialect=self._dialect.name)

    def _text(self, query: exp.Query) -> str:
        return query.sql(dialect=self._dialect.name)
