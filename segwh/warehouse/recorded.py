"""What the books say of the time before an as-of, read from history and log, for questions that are asked beside runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlglot
from sqlglot import exp

from segwh import ir
from segwh.errors import UserError
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
        self._renamed = {grain: self._renames(project, grain) for grain in self._grains}
        self._with_sets = {segment.grain for segment in project.segments if segment.type == "static"}

    def _is_built(self, grain: str) -> bool:
        """Whether there are books of a grain. Raises UserError where there are and cannot be read."""
        log, history, key = f"segwh_{grain}_log", f"segwh_{grain}_history", self._keys[grain]
        if not self._warehouse.exists(log):
            return False
        if not self._warehouse.exists(history):
            raise UserError(f"{history} is gone, and {log} is there", "`segwh run` makes it anew")
        columns = self._warehouse.columns(self._warehouse.model_name(history))
        if key.lower() not in {column.name.lower() for column in columns}:
            raise UserError(
                f"{history} has no column `{key}`: the key had another name when it was written",
                "give the column of the key its old name back, in the catalog and in what it is read from",
            )
        return True

    def _renames(self, project: ir.Project, grain: str) -> Mapping[str, str]:
        """The names that the next run changes in the log of a grain (segwh__rename), old -> new: books are read as after it."""
        pairs = [(one.was, one.name) for one in project.segments if one.grain == grain and one.was is not None]
        if not pairs:
            return {}
        names = [self._dialect.string(name) for pair in pairs for name in pair]
        query = exp.select("segment").distinct().from_(self._table(grain, "log"))
        query = query.where(exp.In(this=exp.column("segment"), expressions=names))
        logged = {row["segment"] for row in self._warehouse.query(self._text(query))}
        return {old: new for old, new in pairs if old in logged and new not in logged}

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
            members={grain: f"({self._text(self._members(grain, is_in))})" for grain in self._grains},
            stays={grain: f"({self._text(self._stays(grain, was_in))})" for grain in self._grains},
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
            exp.EQ(this=self._segment(segment.grain), expression=self._dialect.string(segment.name)),
            exp.EQ(this=column, expression=literal),
        )  # fmt: skip
        rows = self._warehouse.query(self._text(self._dialect.finished(query.order_by("valid_from"))))
        return tuple(
            Stay(known(row["valid_from"]), row["entered_reason"], known_if_any(row["valid_to"]), row["exited_reason"])
            for row in rows
        )

    def _stays(self, grain: str, condition: exp.Expr) -> exp.Query:
        entered = exp.alias_(self._instant("valid_from"), "entered_at")
        query = exp.select(self._named_segment(grain), self._key(grain), entered).from_(self._table(grain, "history"))
        return query.where(condition.copy())

    def _members(self, grain: str, condition: exp.Expr) -> exp.Query:
        """Stays, and who is hidden from a static set, for they belong to it: who left it while it stood."""
        stays = self._stays(grain, condition)
        if grain not in self._with_sets:
            return stays
        by_age = [exp.Ordered(this=exp.column(name), desc=True, nulls_first=False) for name in ("changed_at", "sequence")]
        place = exp.Window(
            this=exp.RowNumber(), partition_by=[exp.column("segment"), self._key(grain)], order=exp.Order(expressions=by_age)
        )
        is_known = exp.LTE(this=self._instant("changed_at"), expression=self._at.copy())
        changes = exp.select("segment", self._key(grain), "change", "status", "sequence", exp.alias_(place, "place"))
        changes = changes.from_(self._table(grain, "log")).where("change IN ('entered', 'exited')", is_known)
        computed = exp.select("segment", exp.alias_(exp.Max(this=exp.column("sequence")), "sequence"))
        computed = computed.from_(self._table(grain, "log")).group_by("segment")
        computed = computed.where("change = 'evaluated' AND status IN ('live', 'removed')", is_known.copy())
        key = exp.Column(this=self._dialect.identifier(self._keys[grain]), table=exp.to_identifier("told"))
        hidden = exp.select(self._named_segment(grain, "told"), key, exp.alias_(self._at.copy(), "entered_at"))
        hidden = hidden.from_(changes.subquery("told"))
        hidden = hidden.join(computed.subquery("computed"), on="computed.segment = told.segment", join_type="left")
        hidden = hidden.where(
            "told.place = 1", "told.change = 'exited'", "told.status = 'static'",
            "computed.sequence IS NULL OR computed.sequence < told.sequence",
        )  # fmt: skip
        return exp.union(stays, hidden, distinct=False, copy=False)

    def _exits(self, grain: str) -> str:
        exited = self._instant("valid_to")
        query = exp.select(self._named_segment(grain), self._key(grain), exp.alias_(exp.Max(this=exited), "exited_at"))
        query = query.from_(self._table(grain, "history")).where(exp.LT(this=exited.copy(), expression=self._at.copy()))
        return f"({self._text(query.group_by(self._segment(grain), self._key(grain)))})"

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
        query = exp.select(self._named_segment(grain, "told"), "rule_hash", "first_evaluated_at")
        return f"({self._text(query.from_(told.subquery('told')).where('told.place = 1'))})"

    def _segment(self, grain: str, table: str | None = None) -> exp.Expr:
        """The segment of a row, by the name that it has from the next run on."""
        column = exp.column("segment", table=table)
        if not self._renamed[grain]:
            return column
        names = self._renamed[grain].items()
        ifs = [
            exp.If(this=exp.EQ(this=column.copy(), expression=self._dialect.string(old)), true=self._dialect.string(new))
            for old, new in names
        ]
        return exp.Case(ifs=ifs, default=column)

    def _named_segment(self, grain: str, table: str | None = None) -> exp.Expr:
        segment = self._segment(grain, table)
        return segment if isinstance(segment, exp.Column) else exp.alias_(segment, "segment")

    def _instant(self, column: str) -> exp.Expr:
        return self._dialect.own_instant(exp.column(column))

    def _key(self, grain: str) -> exp.Column:
        return exp.Column(this=self._dialect.identifier(self._keys[grain]))

    def _table(self, grain: str, what: str) -> exp.Table:
        name = self._warehouse.model_name(f"segwh_{grain}_{what}")
        return sqlglot.parse_one(name, into=exp.Table, dialect=self._dialect.name)

    def _text(self, query: exp.Query) -> str:
        return query.sql(dialect=self._dialect.name)
