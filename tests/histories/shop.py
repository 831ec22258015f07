"""A small shop whose rules change: what it declares, as YAML text, and its rows, for the runner and for the reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from segwh.types import Relation
from tests.histories.runner import Runner

START = datetime(2026, 3, 1, tzinfo=UTC)
KEYS = tuple("abcdefgh")
PHONES = (None, "01", "02", "03")
CATALOG = """\
entities:
  - name: customer
    relation: ref('customers')
    key: customer_id
    created_at: created_at
    attributes: {points: integer, phone: string, subscribed: boolean}
    events:
      - {name: orders, relation: ref('orders'), key: customer_id, time: ordered_at, properties: {amount: integer}}
      - {name: visits, relation: ref('visits'), key: customer_id, time: visited_at, loaded_at: loaded_at}
"""
CUSTOMER_COLUMNS = {
    "customer_id": "varchar",
    "created_at": "timestamptz",
    "points": "bigint",
    "phone": "varchar",
    "subscribed": "boolean",
}
ORDER_COLUMNS = {"customer_id": "varchar", "ordered_at": "timestamptz", "amount": "bigint"}
VISIT_COLUMNS = {"customer_id": "varchar", "visited_at": "timestamptz", "loaded_at": "timestamptz"}
VISITS = tuple(
    (KEYS[number * number % len(KEYS)], at, at + timedelta(minutes=7 * (number % 3)))
    for number in range(120)
    for at in [START + timedelta(hours=5 * number) - timedelta(days=4)]
)
"""Rows that say when they were loaded and never change: so facts are brought up to date, and the log follows what changed."""


@dataclass
class Slot:
    """One segment of the shop. Its name may change; `kind` says what its rule is."""

    kind: str
    name: str
    threshold: int = 20
    is_active: bool = True
    expires: int | None = None
    """Days after the start."""
    was: str | None = None
    is_there: bool = True


def slots() -> list[Slot]:
    return [
        Slot("unsubscribed", "unsubscribed"),
        Slot("points", "rich"),
        Slot("static", "founders"),
        Slot("orders", "buyers"),
        Slot("excluding", "careful"),
        Slot("young", "newcomers"),
        Slot("limit", "best"),
        Slot("reference", "loyal"),
        Slot("phones", "phones"),
        Slot("visits", "visitors"),
        Slot("stay", "guests"),
    ]


@dataclass
class Shop:
    """The rules and rows of the shop as they are now."""

    slots: list[Slot] = field(default_factory=slots)
    has_group: bool = False
    customers: dict[str, tuple[datetime, int, str | None, bool]] = field(default_factory=dict)
    orders: list[tuple[str, datetime, int]] = field(default_factory=list)

    def slot(self, kind: str) -> Slot:
        return next(slot for slot in self.slots if slot.kind == kind)

    @property
    def rules(self) -> str:
        there = [slot for slot in self.slots if slot.is_there]
        text = CATALOG + "segments:\n" + "".join(self._segment(slot) for slot in there)
        if self.has_group and self.slot("points").is_there and self.slot("orders").is_there:
            text += f"groups:\n  - {{name: waterfall, exclusive: [{self.slot('orders').name}, {self.slot('points').name}]}}\n"
        if self.slot("unsubscribed").is_there:
            text += f"exclusions:\n  - {{entity: customer, segment: {self.slot('unsubscribed').name}, reason: consent}}\n"
        return text

    def _segment(self, slot: Slot) -> str:
        rich = self.slot("points")
        options = {
            "points": "",
            "unsubscribed": "",
            "static": "type: static, ",
            "orders": "",
            "excluding": "exclude: [{event: orders, where: {attribute: amount, gte: 5}}], ",
            "young": "time_to_live: 4 days, ",
            "limit": "limit: {top: 3, by: points}, ",
            "reference": "",
            "phones": "aggregate_on: phone, ",
            "visits": "",
            "stay": "stay: {at_most: 3 days, again_after: 2 days}, ",
        }[slot.kind]
        points = f"{{attribute: points, gte: {slot.threshold}}}"
        include = {
            "unsubscribed": "{attribute: subscribed, is: false}",
            "orders": f"{{event: orders, within: {slot.threshold // 10} days}}",
            "visits": f"{{event: visits, within: {slot.threshold // 10} days, count: {{gte: 2}}}}",
            "reference": f"{{segment: {rich.name}, for: 2 days}}" if rich.is_there else points,
        }.get(slot.kind, points)
        options += f"was: {slot.was}, " if slot.was else ""
        options += "" if slot.is_active else "status: inactive, "
        options += f"expires_on: {(START + timedelta(days=slot.expires)).date()}, " if slot.expires is not None else ""
        return f"  - {{name: {slot.name}, label: {slot.kind}, entity: customer, {options}include: [{include}]}}\n"

    def fill(self, runner: Runner) -> None:
        """Put the rows into the warehouse."""
        runner.fill("customers", CUSTOMER_COLUMNS, [(key, *row) for key, row in self.customers.items()])
        runner.fill("orders", ORDER_COLUMNS, self.orders)
        runner.fill("visits", VISIT_COLUMNS, VISITS)

    def rows(self) -> Mapping[Relation, list[dict[str, object]]]:
        """The rows for the reference."""
        customers: list[dict[str, object]] = [
            dict(zip(CUSTOMER_COLUMNS, (key, *row), strict=True)) for key, row in self.customers.items()
        ]
        orders: list[dict[str, object]] = [dict(zip(ORDER_COLUMNS, row, strict=True)) for row in self.orders]
        visits: list[dict[str, object]] = [dict(zip(VISIT_COLUMNS, row, strict=True)) for row in VISITS]
        tables = {"customers": customers, "orders": orders, "visits": visits}
        return {Relation("ref", (name,)): rows for name, rows in tables.items()}
