"""A small shop of which everything follows from the day, its rules, and the dbt project that they compile to."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from segwh.commands.workspace import Workspace, compile_workspace
from tests.engines.forked import PARSED, Death, Done, Running, start
from tests.engines.places import DuckFile, Place, Rows, values

CUSTOMERS = 60
ORDERS = 400
CITIES = ("London", "Paris", "Lima", None)
CATALOG = """
entities:
  - name: customer
    relation: source('shop', 'customers')
    key: {column: customer_id, type: integer}
    created_at: signed_up_at
    attributes: {city: string, phone: string, email: string, consent: boolean, score: number}
    lookups:
      home: {relation: "source('shop', 'cities')", by: city, key: city, properties: {region: string}}
    events:
      - name: orders
        relation: source('shop', 'orders')
        key: customer_id
        time: ordered_at
        loaded_at: ordered_at
        id: order_id
        properties: {amount: decimal, product_id: string}
        lookups:
          product: {relation: "source('shop', 'products')", by: product_id, key: product_id, properties: {category: string}}
      - name: visits
        relation: source('shop', 'visits')
        key: customer_id
        time: visited_at
        max_lag: 2 days
        properties: {page: string}
    related:
      - {name: complaints, relation: "source('shop', 'complaints')", key: customer_id, properties: {kind: string}}
"""
RULES = """
traits:
  - {name: spend, entity: customer, event: orders, sum: amount}
  - {name: spend_week, entity: customer, event: orders, sum: amount, within: 7 days}
  - name: stage
    entity: customer
    stages:
      - {name: active, when: {event: orders, within: 5 days}}
      - {name: lapsed}
exclusions:
  - {entity: customer, segment: no_consent, reason: consent}
segments:
  - {name: no_consent, label: No consent, entity: customer, include: [{attribute: consent, is: false}]}
  - {name: everybody, label: Everybody, entity: customer, include: everyone, analytics: true}
  - name: big_spenders
    label: Big spenders
    entity: customer
    include: [{attribute: spend_week, gte: 100}]
    activate: {columns: [email, spend_week]}
    analytics: true
  - name: tea
    label: Tea
    entity: customer
    include: [{event: orders, where: {attribute: product.category, is: tea}, within: 6 days}]
  - {name: northern, label: North, entity: customer, include: [{attribute: home.region, is: north}]}
  - {name: readers, label: Readers, entity: customer, include: [{event: visits, within: 2 days}]}
  - {name: complainers, label: Complainers, entity: customer, include: [{related: complaints}]}
  - {name: first_look, label: First look, entity: customer, type: static, include: [{attribute: city, is: London}]}
  - {name: staying, label: Staying, entity: customer, include: [{segment: big_spenders, for: 1 days}]}
  - name: best
    label: Best
    entity: customer
    include: [{attribute: stage, is: active}]
    limit: {top: 10, by: spend, order: desc}
  - name: phones
    label: Phones
    entity: customer
    aggregate_on: phone
    include: [{attribute: city, in: [London, Paris]}]
    activate: {columns: [email]}
"""
SOURCES = ("customers", "cities", "orders", "products", "visits", "complaints")
COLUMNS: Mapping[str, str] = {
    "customers": "customer_id bigint, city varchar(40), phone varchar(40), email varchar(80), consent boolean, "
    "score double precision, signed_up_at timestamp",
    "cities": "city varchar(40), region varchar(40)",
    "orders": "order_id bigint, customer_id bigint, product_id varchar(16), amount decimal(18, 2), ordered_at timestamp",
    "products": "product_id varchar(16), category varchar(40)",
    "visits": "customer_id bigint, page varchar(80), visited_at timestamp",
    "complaints": "customer_id bigint, kind varchar(40)",
}

GRAINS = {"customer": "customer_id", "customer_by_phone": "phone"}
"""The grains of the shop and their keys."""
VIEWS = {
    "traits": "select * from segwh_customer_traits order by customer_id",
    "wide": "select * from segwh_customer_wide order by customer_id",
    "aud_big_spenders": "select * from aud_big_spenders order by customer_id",
    "aud_phones": "select * from aud_phones order by phone",
    "registry": "select segment, rule_hash, first_evaluated_at, last_evaluated_at from segwh_segments order by 1",
}
"""What is read of the relations that are not the books."""


def as_of(day: int) -> str:
    """The instant at which day `day` is evaluated."""
    return f"2026-03-{day:02}T06:00:00Z"


def tables(day: int) -> Mapping[str, list[tuple[Any, ...]]]:
    """The rows of every table as they are on a day: people move, say no, vanish and come back."""
    customers = [
        (
            one,
            CITIES[(one * 7 + day // 2 * (one % 3)) % 4],
            None if one % 9 == 0 else f"+44 {(one * 5) % 37}",
            f"o'{one}@example.com",
            None if one % 10 == 0 else (one + day) % 11 != 0,
            one / 4,
            f"2026-02-{one % 28 + 1:02} 12:00:00",
        )
        for one in range(1, CUSTOMERS + 1)
        if (one + day) % 17
    ]
    orders = [
        (one, one * 11 % 67 + 1, f"p{one % 6}", (one * 37) % 90 + 0.5, f"2026-03-{one % 20 + 1:02} {one % 24:02}:00:00")
        for one in range(ORDERS)
    ]
    visits = [(one * 3 % 61, f"/tea/{one % 5}", f"2026-03-{one % 20 + 1:02} 05:00:00") for one in range(150)]
    return {
        "customers": customers,
        "cities": [("London", "north"), ("Paris", "north"), ("Lima", "south")],
        "orders": orders,
        "products": [(f"p{one}", "tea" if one % 2 else "phones") for one in range(5)],
        "visits": visits,
        "complaints": [(one, "late") for one in range(1, CUSTOMERS) if one * day % 7 == 3],
    }


@dataclass(frozen=True, slots=True)
class Shop:
    """A dbt project in a folder, built into a place."""

    folder: Path
    place: Place

    @classmethod
    def new(cls, folder: Path, place: Place, rules: str = RULES) -> Shop:
        """Make the project, with empty tables."""
        shop = cls(folder, place)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "segments").mkdir(exist_ok=True)
        (folder / "models").mkdir(exist_ok=True)
        flags = {"send_anonymous_usage_stats": False}
        project = {"name": "shop", "profile": "shop", "flags": flags, "macro-paths": ["macros"], "model-paths": ["models"]}
        shop._yaml("dbt_project.yml", project)
        shop._yaml("profiles.yml", {"shop": {"target": "test", "outputs": {"test": place.output}}})
        schema = place.output["schema"]
        source = {"name": "shop", "schema": schema, "tables": [{"name": name} for name in SOURCES]}
        shop._yaml("models/sources.yml", {"version": 2, "sources": [source]})
        shop._yaml("segwh.yml", {"version": 1})
        (folder / "segments" / "catalog.yml").write_text(CATALOG)
        place.execute(*(f"create table {name} ({columns})" for name, columns in COLUMNS.items()))
        shop.write_rules(rules)
        return shop

    @classmethod
    def copied(cls, source: Path, folder: Path) -> Shop:
        """A copy of the shop in `source`, made of its folder `shop` and the file `shop.duckdb` beside it."""
        shutil.copytree(source / "shop", folder / "shop")
        shutil.copy(source / "shop.duckdb", folder / "shop.duckdb")
        shop = cls(folder / "shop", DuckFile(folder / "shop.duckdb"))
        shop.connects_beside()
        return shop

    def connects_beside(self) -> None:
        """Connect to the file beside the project, wherever that lies: so a copy connects to its own, and is for dbt the project
        that was parsed already.
        """
        output = {**self.place.output, "path": "../shop.duckdb"}
        self._yaml("profiles.yml", {"shop": {"target": "test", "outputs": {"test": output}}})

    def _yaml(self, name: str, content: Any) -> None:
        (self.folder / name).write_text(yaml.safe_dump(content))

    def write_rules(self, rules: str) -> None:
        """Replace the rules and compile them."""
        (self.folder / PARSED).unlink(missing_ok=True)
        (self.folder / "segments" / "rules.yml").write_text(rules)
        compile_workspace(Workspace(self.folder, self.place.adapter))

    def load(self, day: int, **others: Sequence[tuple[Any, ...]]) -> None:
        """Fill the tables as they are on a day; `others` replaces whole tables."""
        statements = []
        for name, rows in {**tables(day), **others}.items():
            statements.append(f"delete from {name}")
            if rows:
                statements.append(f"insert into {name} values {values(rows)}")
        self.place.execute(*statements)

    def start(self, *arguments: str, day: int | None = None, death: Death | None = None) -> Running:
        """Start dbt, by default for what segwh compiled, at a day's as-of."""
        given = list(arguments or ("build", "--select", "tag:segwh"))
        if day is not None:
            given += ["--vars", f"{{segwh_as_of: '{as_of(day)}'}}"]
        return start("dbt", [*given, "--project-dir", ".", "--profiles-dir", "."], self.folder, death)

    def dbt(self, *arguments: str, day: int | None = None, death: Death | None = None) -> Done:
        """Run dbt to its end."""
        return self.start(*arguments, day=day, death=death).done()

    def run(self, day: int) -> None:
        """Load a day and build; it must succeed."""
        self.load(day)
        done = self.dbt(day=day)
        assert done.code == 0, done.output

    def start_segwh(self, *arguments: str) -> Running:
        """Start a command of segwh."""
        return start("segwh", [*arguments, "--project-dir", ".", "--profiles-dir", "."], self.folder)

    def segwh(self, *arguments: str) -> Done:
        """Run a command of segwh to its end."""
        return self.start_segwh(*arguments).done()

    def books(self, grains: Mapping[str, str] = GRAINS) -> Mapping[str, Rows]:
        """What readers see, in order: run ids apart, and what says when something was looked at last."""
        queries: dict[str, str] = {}
        for grain, key in grains.items():
            changes = f"change_id, segment, {key}, change, changed_at, reason, rule_hash, sequence"
            history = f"segment, {key}, valid_from, valid_to, entered_reason, exited_reason, rule_hash"
            wanted = {"changes": changes, "membership": f"membership_id, segment, {key}, entered_at", "history": history}
            for what, columns in wanted.items():
                order = "sequence" if what == "changes" else f"segment, {key}" + (", valid_from" if what == "history" else "")
                queries[f"{grain}_{what}"] = f"select {columns} from segwh_{grain}_{what} order by {order}"
        queries["sizes"] = "select * from segwh_segment_sizes order by segment, as_of"
        return self.place.several(queries)

    def views(self, names: Sequence[str] = tuple(VIEWS)) -> Mapping[str, Rows]:
        """The other relations that readers see."""
        return self.place.several({name: VIEWS[name] for name in names})
