"""Strategies for whole projects: catalog, traits, segments, groups, exclusions, and rows to go with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from math import nan
from random import Random
from typing import Any

from hypothesis import strategies as st

from segwh.reference.evaluate import Before, bucket
from segwh.reference.values import Key
from segwh.reference.windows import Moment
from segwh.types import DataType, Relation
from tests.cases.tables import Table
from tests.property import pools
from tests.property.conditions import (
    COUNTS,
    Node,
    Scope,
    any_texts,
    conditions,
    duration_words,
    measures,
    time_word,
    wheres,
    windows,
)
from tests.property.yaml_text import Word, dumped

COLUMN_NAMES = ("plain", "group", "Mixed Case", 'quo"te', "select", "ünï", "100", "a.b", "it's", "{{ c }}")
ATTRIBUTES = {
    "city": DataType.STRING,
    "nickname": DataType.STRING,
    "points": DataType.INTEGER,
    "score": DataType.NUMBER,
    "credit": DataType.DECIMAL,
    "subscribed": DataType.BOOLEAN,
    "birthday": DataType.DATE,
    "renewal": DataType.DATE,
    "seen_at": DataType.TIMESTAMP,
    "signed_up_at": DataType.TIMESTAMP,
    "tags": DataType.STRING_LIST,
}
ORDERS = {
    "amount": DataType.DECIMAL,
    "discount": DataType.NUMBER,
    "quantity": DataType.INTEGER,
    "source": DataType.STRING,
    "product_id": DataType.STRING,
    "gift": DataType.BOOLEAN,
    "shipped_on": DataType.DATE,
    "paid_at": DataType.TIMESTAMP,
}
VISITS = {"url": DataType.STRING, "source": DataType.STRING, "seconds": DataType.INTEGER}
TICKETS = {"status": DataType.STRING, "priority": DataType.INTEGER, "fee": DataType.DECIMAL, "opened_on": DataType.DATE}
PRODUCTS = {"category": DataType.STRING, "price": DataType.DECIMAL}

HOMES = {"country": DataType.STRING, "size": DataType.INTEGER, "built_on": DataType.DATE}
LANDS = {"continent": DataType.STRING, "area": DataType.INTEGER}
KINDS = {"urgent": DataType.BOOLEAN, "team": DataType.STRING}


@dataclass(frozen=True, slots=True)
class Generated:
    """A project as text, its rows by relation, the as-of, and what earlier runs left."""

    settings: str
    text: str
    tables: Mapping[Relation, Table]
    as_of: datetime
    before: Before
    by_models: bool
    """Whether the members are asked for by the queries of the models, or by one statement."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The choices that the catalog is made of."""

    timezone: str
    week_starts_on: str
    integer_keys: bool
    has_created_at: bool
    has_id: bool
    trusts_id: bool
    """Whether the ids, then really unique, are said to be so."""
    has_loaded_at: bool
    has_partition: bool
    has_versions: bool
    visits_by_day: bool
    zoned: bool
    life_by_day: bool
    """Whether creation and validity are dates."""
    data_zone: str | None
    """The zone in which timestamps without zone were written."""
    city_column: str
    loads_visits: bool = False
    """Whether visits say when they reached the warehouse too."""

    @property
    def keys(self) -> tuple[Key, ...]:
        return (1, 2, 3, 10, -4, 100, 0) if self.integer_keys else ("a", "B", "b", "ä", "", "it's", "{{ k }}")

    @property
    def key_type(self) -> DataType:
        return DataType.INTEGER if self.integer_keys else DataType.STRING

    @property
    def life_type(self) -> str:
        return "date" if self.life_by_day else self.time_type

    @property
    def time_type(self) -> str:
        return "timestamptz" if self.zoned else "timestamp"


SHAPES = st.builds(
    Shape,
    timezone=st.sampled_from(pools.ZONES),
    week_starts_on=st.sampled_from(pools.WEEK_DAYS),
    integer_keys=st.booleans(),
    has_created_at=st.booleans(),
    has_id=st.booleans(),
    trusts_id=st.sampled_from((False, False, True)),
    has_loaded_at=st.sampled_from((False, False, True)),
    has_partition=st.booleans(),
    has_versions=st.sampled_from((False, False, True)),
    visits_by_day=st.sampled_from((False, False, True)),
    zoned=st.booleans(),
    life_by_day=st.sampled_from((False, False, True)),
    data_zone=st.sampled_from((None, None, *pools.ZONES)),
    city_column=st.sampled_from(COLUMN_NAMES),
)


@st.composite
def projects(draw: st.DrawFn, segments: int = 12, shapes: st.SearchStrategy[Shape] = SHAPES) -> Generated:
    """A project with about that many segments, and rows."""
    shape = draw(shapes)
    as_of = draw(
        st.one_of(
            *[st.sampled_from(pools.AS_OFS)] * 3,
            st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
        )
    )
    moment = Moment(as_of, pools.calendar(shape.timezone, shape.week_starts_on))
    durations = draw(st.lists(st.sampled_from(pools.DURATIONS), min_size=2, max_size=3, unique=True))
    instants = pools.edges(moment, durations, draw(st.lists(st.sampled_from(pools.CALENDAR_EDGES), min_size=2, max_size=4)))
    scope = Scope(
        attributes=ATTRIBUTES | LOOKED_UP | {"customer_id": shape.key_type},
        texts=tuple(draw(st.lists(any_texts(), min_size=3, max_size=6, unique=True))),
        durations=tuple(durations),
        instants=tuple(instants),
        days=tuple(pools.days(moment, instants[::4])),
        events=EVENTS,
        related=RELATED,
    )
    houses = draw(house_segments(replace(scope, attributes=HOMES | {"nickname": DataType.STRING}, events=None, related=None)))
    scope = replace(scope, segments=tuple(f"home.{segment['name']}" for segment in houses))
    traits, trait_types = draw(trait_lists(scope))
    scope = replace(scope, attributes=scope.attributes | trait_types, choices=choices(traits))
    sections: dict[str, Any] = {"entities": [entity(shape), house(shape)], "segments": houses, "traits": traits}
    scope = replace(scope, named=("c0", "c1")[: draw(st.integers(0, 2))])
    plain_scope = replace(scope, named=())
    sections["conditions"] = [
        {"name": name, "entity": "customer", "when": draw(conditions(plain_scope, 1))} for name in scope.named
    ]
    sections["matrices"] = draw(matrices(scope)) if draw(st.integers(0, 2)) == 2 else []
    exclusion = draw(st.sampled_from((False, False, True)))
    # Who may come before whom in a group, so that no circle of references can arise.
    plain: list[str] = []
    for number in range(segments):
        segment = draw(segment_texts(f"s{number}", shape, scope))
        if exclusion and number == 0:
            # one that takes nobody new suppresses nobody new, which is an error
            segment = {key: value for key, value in segment.items() if key not in {"status", "expires_on"}}
        sections["segments"].append(segment)
        names = (
            segment["name"],
            *(f"{segment['name']}__{variant}" for variant in segment.get("split", {}).get("variants", ())),
        )
        scope = replace(scope, segments=(*scope.segments, *names, f"friend.{names[0]}"))
        if "aggregate_on" not in segment and not (exclusion and number == 0):
            plain.append(segment["name"])
    sections["segments"] += draw(segments_behind(scope))
    if exclusion:
        of_customers = [one for one in sections["segments"] if one["entity"] == "customer" and one["name"] != "s0"]
        is_borne = any("email" in one.get("tags", ()) for one in of_customers)
        tags = draw(st.sampled_from(([], ["email"]))) if is_borne else []
        sections["exclusions"] = [
            {"entity": "customer", "segment": "s0", "reason": "consent", **({"tags": tags} if tags else {})}
        ]
    if len(plain) > 2 and draw(st.booleans()):
        sections["groups"] = [{"name": "waterfall", "exclusive": plain[1 : draw(st.integers(3, len(plain)))]}]
    sections = {name: section for name, section in sections.items() if section}
    settings = f"version: 1\ntimezone: {shape.timezone}\nweek_starts_on: {shape.week_starts_on}\n"
    tables = draw(all_rows(shape, scope))
    before = draw(st.one_of(st.just(Before()), histories(sections["segments"], shape, scope, as_of)))
    return Generated(settings, dumped(sections) + "\n", tables, as_of, before, draw(st.booleans()))


CUSTOMERS, ORDERS_ROWS = Relation("ref", ("customers",)), Relation("ref", ("orders",))
VISITS_ROWS, PRODUCTS_ROWS = Relation("ref", ("visits",)), Relation("ref", ("products",))
TICKETS_ROWS = Relation("source", ("crm", "tickets"))
LOOKUP = {f"product.{name}": data_type for name, data_type in PRODUCTS.items()}
EVENTS = {"orders": ORDERS | LOOKUP, "visits": VISITS}
LOOKED_UP = {f"home.{name}": data_type for name, data_type in HOMES.items()}
LOOKED_UP |= {f"home.land.{name}": data_type for name, data_type in LANDS.items()}
RELATED = {"tickets": TICKETS | {f"kind.{name}": data_type for name, data_type in KINDS.items()}}


def entity(shape: Shape) -> Node:
    """The catalog."""
    attributes: Node = dict(ATTRIBUTES)
    attributes["city"] = {"type": "string", "column": shape.city_column}
    orders: Node = {
        "name": "orders",
        "relation": "ref('orders')",
        "key": "customer_id",
        "time": "ordered_at",
        "properties": {name: str(data_type) for name, data_type in ORDERS.items()}
        | {"quantity": {"type": "integer", "sql": "pieces * 2"}},
        "lookups": {"product": lookup("products", "product_id", PRODUCTS)},
        **({"timezone": shape.data_zone} if shape.data_zone else {}),
    }
    if shape.has_id:
        orders["id"] = "order_id"
        orders |= {"id_unique": True} if shape.trusts_id else {}
    if shape.has_loaded_at:
        orders["loaded_at"] = "loaded_at"
    if shape.has_partition:
        orders["partition"] = {"column": "ordered_day", "lag": "2 days"}
    visited: object = {"column": "visited_on", "type": "date"} if shape.visits_by_day else "visited_at"
    visits = {"name": "visits", "relation": "ref('visits')", "key": "customer_id", "time": visited, "properties": words(VISITS)}
    visits |= {"loaded_at": "loaded_at"} if shape.loads_visits else {}
    tickets: Node = {
        "name": "tickets",
        "relation": "source('crm', 'tickets')",
        "key": "customer_id",
        "properties": words(TICKETS),
    }
    tickets["lookups"] = {"kind": lookup("kinds", "status", KINDS)}
    homes = lookup("homes", "nickname", HOMES) | {"lookups": {"land": lookup("lands", "country", LANDS)}}
    friend = {"relation": "ref('customers')", "by": "friend_id", "key": "customer_id"}
    if shape.has_versions:
        homes["validity"] = {"from": "valid_from", "to": "valid_to"}
    if shape.has_versions:
        tickets["validity"] = {"from": "valid_from", "to": "valid_to"}
    return {
        "name": "customer",
        "relation": "ref('customers')",
        "key": {"column": "customer_id", "type": str(shape.key_type)},
        **({"timezone": shape.data_zone} if shape.data_zone else {}),
        "lookups": {"home": homes, "friend": friend},
        **(
            {"created_at": {"column": "created_at", "type": "date"} if shape.life_by_day else "created_at"}
            if shape.has_created_at
            else {}
        ),
        **({"validity": {"from": "valid_from", "to": "valid_to"}} if shape.has_versions else {}),
        "attributes": {name: value if isinstance(value, dict) else str(value) for name, value in attributes.items()},
        "events": [orders, visits],
        "related": [tickets],
    }


def house(shape: Shape) -> Node:
    """The homes that customers are looked up in, as an entity of their own."""
    versions = {"validity": {"from": "valid_from", "to": "valid_to"}} if shape.has_versions else {}
    return {"name": "house", "relation": "ref('homes')", "key": "nickname", **versions, "attributes": words(HOMES)}


def lookup(name: str, by: str, types: Mapping[str, DataType]) -> Node:
    """A lookup whose key bears the same name on both sides."""
    return {"relation": f"ref('{name}')", "by": by, "key": by, "properties": words(types)}


def words(types: Mapping[str, DataType]) -> Node:
    """Names with the words of their types."""
    return {name: str(data_type) for name, data_type in types.items()}


# --- segments and traits --------------------------------------------------------------------------------------------------


@cache
def visible_texts() -> st.SearchStrategy[str]:
    """A text of which something is to be seen."""
    return any_texts().map(lambda text: text if text.strip() else "x")


@st.composite
def segment_texts(draw: st.DrawFn, name: str, shape: Shape, scope: Scope) -> Node:
    """A segment that may refer to the segments of the scope."""
    segment: Node = {"name": name, "label": draw(visible_texts()), "entity": "customer"}
    segment["include"] = draw(st.one_of(*[rule_lists(scope)] * 7, st.just(Word("everyone"))))
    if draw(st.integers(0, 3)) == 3:
        segment["exclude"] = draw(rule_lists(scope))
    if shape.has_created_at and draw(st.integers(0, 5)) == 5:
        segment[draw(st.sampled_from(("time_to_live", "created_within")))] = draw(duration_words(scope))
    if draw(st.integers(0, 5)) == 5:
        segment["aggregate_on"] = draw(st.sampled_from(("nickname", "points")))
    if draw(st.integers(0, 5)) == 5:
        segment["limit"] = draw(limits(scope))
    if draw(st.integers(0, 9)) == 9:
        segment["split"] = {
            "seed": draw(visible_texts()),
            "variants": {"holdout": 10, "a": 45, "b": Decimal("44.5")},
        }
    if draw(st.integers(0, 3)) == 3:
        segment["tags"] = ["email"]
    rare = draw(st.sampled_from((*[""] * 15, "static", "inactive", "expires_on", "stay", "always")))
    if rare == "static":
        segment["type"] = Word("static")
    elif rare == "inactive":
        segment["status"] = Word("inactive")
    elif rare == "expires_on":
        segment["expires_on"] = time_word(draw(st.sampled_from(scope.days)))
    elif rare == "stay":
        again = {"again_after": draw(duration_words(scope))} if draw(st.booleans()) else {}
        segment["stay"] = {"at_most": draw(duration_words(scope)), **again}
    elif rare == "always":
        segment["always"] = "ref('seeds')"
    return segment


@st.composite
def house_segments(draw: st.DrawFn, scope: Scope) -> list[Node]:
    """A few segments of houses, which customers ask for through their lookup."""
    segments: list[Node] = []
    for name in ("h0", "h1", "h2")[: draw(st.integers(1, 3))]:
        known = replace(scope, segments=tuple(segment["name"] for segment in segments))
        segment: Node = {"name": name, "label": "House", "entity": "house", "include": draw(rule_lists(known))}
        match draw(st.sampled_from(("", "", "aggregate_on", "limit", "static", "inactive"))):
            case "aggregate_on":
                segment["aggregate_on"] = draw(st.sampled_from(("country", "size")))
            case "limit":
                segment["limit"] = {"top": draw(st.integers(1, 3)), "by": "size", "order": Word("asc")}
            case "static":
                segment["type"] = Word("static")
            case "inactive":
                segment["status"] = Word("inactive")
        segments.append(segment)
    return segments


@st.composite
def segments_behind(draw: st.DrawFn, scope: Scope) -> list[Node]:
    """Two segments that ask of nothing but the segments behind a lookup."""
    reached = [name for name in scope.segments if "." in name]
    since: tuple[Node, ...] = ({}, {"entered": {"within": draw(duration_words(scope))}}, {"for": draw(duration_words(scope))})
    return [
        {
            "name": name,
            "label": "Behind",
            "entity": "customer",
            "include": [{"segment": draw(st.sampled_from(reached)), **draw(st.sampled_from(since))}],
        }
        for name in ("b0", "b1")
    ]


@st.composite
def matrices(draw: st.DrawFn, scope: Scope) -> list[Node]:
    """A matrix of conditions, or of the rows of an event and what is measured over them."""
    name = draw(st.sampled_from(("", *EVENTS)))
    if not name:
        rows, columns = ({f"{word}{number}": draw(conditions(scope, 1)) for number in range(2)} for word in ("r", "c"))
        return [{"name": "m", "label": "m", "entity": "customer", "rows": rows, "columns": columns}]
    inside = scope.inside(EVENTS[name])
    rows = {f"r{number}": draw(conditions(inside, 1)) for number in range(2)}
    columns = {f"c{number}": {**draw(windows(scope)), **draw(measures(EVENTS[name], scope, timed=True))} for number in range(2)}
    return [{"name": "m", "label": "m", "entity": "customer", "event": name, "rows": rows, "columns": columns}]


@st.composite
def rule_lists(draw: st.DrawFn, scope: Scope) -> list[Node]:
    """One or two conditions, simple or nested: what is simple shows more of a mistake."""
    depth = draw(st.sampled_from((0, 0, 1, 2)))
    return draw(st.lists(conditions(scope, depth), min_size=1, max_size=draw(st.sampled_from((1, 1, 2)))))


SHARES = {"holdout": 1_000, "a": 5_500, "b": 9_950}
"""The bucket up to which each variant of a generated split goes."""


@st.composite
def histories(draw: st.DrawFn, segments: list[Node], shape: Shape, scope: Scope, as_of: datetime) -> Before:
    """Stays, exits and frozen sets that earlier runs may have left; each segment's follow from one number."""
    entered: dict[str, dict[Key, datetime]] = {}
    exited: dict[str, dict[Key, datetime]] = {}
    frozen: dict[str, frozenset[Key]] = {}
    past = [at for at in scope.instants if at < as_of]
    texts = [text for text in scope.texts if "\0" not in text]  # there are engines that cannot have recorded such a one
    for segment in segments:
        on = segment.get("aggregate_on")
        own_keys = texts if segment["entity"] == "house" else shape.keys
        keys = {None: own_keys, "nickname": texts, "country": texts}.get(on, pools.INTEGERS)
        random, name = Random(draw(st.integers(0, 2**32))), segment["name"]
        if random.random() < 0.3:
            continue
        entered[name] = {key: random.choice(past) for key in keys if random.random() < 0.5}
        exited[name] = {key: random.choice(past) for key in keys if random.random() < 0.5}
        if segment.get("type") == "static" and random.random() < 0.7:
            frozen[name] = frozenset(entered[name])
        if "split" in segment:
            for key, at in entered[name].items():
                variant = next((word for word, upper in SHARES.items() if bucket(segment["split"]["seed"], key) < upper), None)
                if variant is not None:
                    entered.setdefault(f"{name}__{variant}", {})[key] = at
    return Before(entered, exited, frozen)


@st.composite
def limits(draw: st.DrawFn, scope: Scope) -> Node:
    """A limit by any single-valued attribute or trait."""
    single = sorted(name for name, its in scope.attributes.items() if its.is_numeric or its.is_temporal)
    shares = ({"top": 1}, {"top": 3}, {"percent": 10}, {"percent": Decimal("33.4")}, {"percent": 50})
    share: Node = draw(st.sampled_from(shares))
    per = {"per": draw(st.sampled_from(("city", "points")))} if draw(st.booleans()) else {}
    return {**share, "by": draw(st.sampled_from(single)), "order": Word(draw(st.sampled_from(("asc", "desc")))), **per}


def choices(traits: list[Node]) -> dict[str, tuple[str, ...] | tuple[int, ...]]:
    """The attributes that have only the values their trait names, or numbers from the first of some on."""
    found: dict[str, tuple[str, ...] | tuple[int, ...]] = {}
    for trait in traits:
        if "stages" in trait:
            found[trait["name"]] = tuple(stage["name"] for stage in trait["stages"])
        if "rfm" in trait:
            found[f"{trait['name']}.name"] = tuple(trait["rfm"]["named"])
            scores = {f"{measure}_score": (1, 2) for measure in ("recency", "frequency", "monetary")}
            numbers = {"recency": (0, 1, 10, 30), "frequency": (1, 2, 3), **scores}
            found |= {f"{trait['name']}.{part}": values for part, values in numbers.items()}
        if {"count", "days", "distinct"} & set(trait):
            found[trait["name"]] = COUNTS
    return found


@st.composite
def trait_lists(draw: st.DrawFn, scope: Scope) -> tuple[list[Node], dict[str, DataType]]:
    """Up to four traits, and the types under which they are attributes."""
    traits: list[Node] = []
    types: dict[str, DataType] = {}
    for number in range(draw(st.integers(0, 4))):
        name = f"t{number}"
        known = replace(scope, attributes=scope.attributes | types, choices=choices(traits))
        body, its = draw(trait_bodies(name, known))
        traits.append({"name": name, "entity": "customer", **body})
        types |= its
    return traits, types


TRAIT_KINDS = (
    "count", "by", "distinct", "time", "related", "sum", "avg", "max", "max", "last", "frequent", "formula", "points", "stages",
    "rfm", "rfm", "rfm", "rfm",  # it makes many attributes, each of which is to come up
)  # fmt: skip


@st.composite
def trait_bodies(draw: st.DrawFn, name: str, scope: Scope) -> tuple[Node, dict[str, DataType]]:
    """What a trait is, and the attributes it makes."""
    properties = EVENTS["orders"]
    source = {"event": "orders", **draw(wheres(properties, scope)), **draw(windows(scope))}
    numbers = sorted(
        name for name, its in scope.attributes.items() if its.is_numeric and its is not DataType.DECIMAL and "." not in name
    )
    match draw(st.sampled_from(TRAIT_KINDS)):
        case "count":
            return {**source, draw(st.sampled_from(("count", "days"))): Word("rows")}, {name: DataType.INTEGER}
        case "by":
            return {**source, "count": {"by": draw(st.sampled_from(sorted(properties)))}}, {name: DataType.INTEGER}
        case "distinct":
            return {**source, "distinct": draw(st.sampled_from(sorted(properties)))}, {name: DataType.INTEGER}
        case "time":
            return {**source, draw(st.sampled_from(("first", "last"))): Word("time")}, {name: DataType.TIMESTAMP}
        case "related":
            rows = {"related": "tickets", **draw(wheres(RELATED["tickets"], scope))}
            return draw(st.sampled_from((
                ({**rows, "count": Word("rows")}, {name: DataType.INTEGER}),
                ({**rows, "sum": "fee"}, {name: DataType.DECIMAL}),
                ({**rows, "min": "opened_on"}, {name: DataType.DATE}),
                ({**rows, "max": "kind.team"}, {name: DataType.STRING}),
            )))  # fmt: skip
        case "sum":
            return {**source, "sum": "amount"}, {name: DataType.DECIMAL}
        case "avg":
            return {**source, "avg": draw(st.sampled_from(("amount", "discount", "quantity")))}, {name: DataType.NUMBER}
        case "max":
            of = draw(st.sampled_from(("shipped_on", "quantity", "source")))
            return {**source, draw(st.sampled_from(("min", "max"))): of}, {name: properties[of]}
        case "last":
            of = draw(st.sampled_from(sorted(properties)))
            return {**source, draw(st.sampled_from(("first", "last"))): of}, {name: properties[of]}
        case "frequent":
            of = draw(st.sampled_from(("source", "product.category", "quantity")))
            return {**source, "most_frequent": of}, {name: properties[of]}
        case "formula":
            left, right = draw(st.sampled_from(numbers)), draw(st.sampled_from(numbers))
            shape = draw(st.sampled_from(("{0} / {1}", "1 - {0} * {1}", "({0} + {1}) * 2", "{0} - 0.5 / {1}", "-{0} + {1}")))
            return {"formula": shape.format(left, right)}, {name: DataType.NUMBER}
        case "points":
            entries = draw(st.lists(conditions(scope, 1), min_size=1, max_size=3))
            return {"points": [{"when": when, "add": draw(st.sampled_from((10, 5, -3)))} for when in entries]}, {
                name: DataType.INTEGER
            }
        case "stages":
            stages = [{"name": word, "when": draw(conditions(scope, 1))} for word in ("new", "active")]
            stages += [{"name": "rest"}] if draw(st.booleans()) else []
            return {"stages": stages, **({"track": True} if draw(st.booleans()) else {})}, {name: DataType.STRING}
        case _:
            return draw(rfm_traits(name, source))


@st.composite
def rfm_traits(draw: st.DrawFn, name: str, source: Node) -> tuple[Node, dict[str, DataType]]:
    """An rfm trait over orders."""
    body: Node = {**source, "value": draw(st.sampled_from(("amount", "quantity", "discount")))}
    for measure in ("recency", "frequency", "monetary"):
        scores = draw(st.integers(2, 5))
        method = draw(st.sampled_from(("quantile", "fixed", "rank")))
        cuts = {"cuts": list(range(1, 2 * scores - 1, 2))} if method == "fixed" else {}
        body[measure] = {"scores": scores, "method": Word(method), **cuts}
    body["named"] = {"best": {"r": [2], "f": [1, 2]}, "rest": {"m": [1]}}
    parts = {"recency": DataType.INTEGER, "frequency": DataType.INTEGER, "cell": DataType.STRING, "name": DataType.STRING}
    parts["monetary"] = EVENTS["orders"][body["value"]]
    parts |= {f"{measure}_score": DataType.INTEGER for measure in ("recency", "frequency", "monetary")}
    return {"rfm": body}, {f"{name}.{part}": its for part, its in parts.items()}


# --- rows -----------------------------------------------------------------------------------------------------------------


@st.composite
def all_rows(draw: st.DrawFn, shape: Shape, scope: Scope) -> dict[Relation, Table]:
    """Rows of every relation; keys meet, and some are null or unknown."""
    keys: list[Key | None] = draw(
        st.lists(st.sampled_from((*shape.keys, None)), unique=True, min_size=draw(st.sampled_from((4, 6, 0))))
    )
    maker = Maker(shape, scope)
    created = {"created_at": shape.life_type} if shape.has_created_at else {}
    versions = {"valid_from": shape.life_type, "valid_to": shape.life_type} if shape.has_versions else {}
    loaded = {"loaded_at": shape.time_type} if shape.has_loaded_at else {}
    visited = {"visited_on": "date"} if shape.visits_by_day else {"visited_at": shape.time_type}
    key = {"customer_id": str(shape.key_type)}
    attributes = {shape.city_column if name == "city" else name: its for name, its in ATTRIBUTES.items()}
    stored = {name: its for name, its in ORDERS.items() if name != "quantity"}
    customers = key | {"friend_id": str(shape.key_type)} | maker.columns(attributes) | created | versions
    own = {"ordered_at": shape.time_type, "ordered_day": "date", "order_id": "string", "pieces": "integer"}
    orders = key | own | maker.columns(stored) | loaded
    visits = key | visited | maker.columns(VISITS) | ({"loaded_at": shape.time_type} if shape.loads_visits else {})
    tickets = key | maker.columns(TICKETS) | versions
    products = {"product_id": "string"} | maker.columns(PRODUCTS)
    # An unknown key and a null one have rows too; few ids, so that some come twice.
    whose: dict[str, Sequence[object]] = {"customer_id": (*keys, *keys, None, shape.keys[0])}
    ids: dict[str, Sequence[object]] = {"order_id": ("1", "2", "3", "4", "5", "6", "7", "8", "9", None)}
    homes = {"nickname": "string"} | maker.columns(HOMES) | versions
    lands = {"country": "string"} | maker.columns(LANDS)
    kinds = {"status": "string"} | maker.columns(KINDS)
    friends = {"friend_id": (*keys, None, shape.keys[0])}
    listed = draw(st.lists(st.sampled_from((*scope.texts, "tea")), unique=True, min_size=1))
    words = {"word": "string"}
    seeds = key | {"nickname": "string", "points": "integer"}
    return {
        CUSTOMERS: Table(customers, tuple(draw(maker.row(customers, {"customer_id": (one,)} | friends)) for one in keys)),
        ORDERS_ROWS: Table(orders, in_partitions(numbered(shape, draw(maker.some(orders, whose | ids, 24))))),
        VISITS_ROWS: Table(visits, draw(maker.some(visits, whose, 24))),
        TICKETS_ROWS: Table(tickets, draw(maker.some(tickets, whose, 12))),
        PRODUCTS_ROWS: Table(products, tuple(draw(maker.row(products, {"product_id": (one,)})) for one in listed)),
        Relation("ref", ("homes",)): Table(homes, tuple(draw(maker.row(homes, {"nickname": (one,)})) for one in listed)),
        Relation("ref", ("lands",)): Table(lands, tuple(draw(maker.row(lands, {"country": (one,)})) for one in listed)),
        Relation("ref", ("kinds",)): Table(kinds, tuple(draw(maker.row(kinds, {"status": (one,)})) for one in listed)),
        Relation("ref", ("words",)): Table(words, draw(maker.some(words, {}, 4))),
        Relation("ref", ("seeds",)): Table(seeds, draw(maker.some(seeds, whose, 3))),
    }


def numbered(shape: Shape, rows: tuple[dict[str, object], ...]) -> tuple[dict[str, object], ...]:
    """The rows with ids that are unique, where the catalog says so."""
    return tuple({**row, "order_id": str(number)} for number, row in enumerate(rows)) if shape.trusts_id else rows


def in_partitions(rows: tuple[dict[str, Any], ...]) -> tuple[dict[str, object], ...]:
    """The rows in partitions by day, some a day or two aside."""
    moved = ((row, timedelta(days=number % 5 - 2)) for number, row in enumerate(rows))
    return tuple(
        row if row["ordered_at"] is None else {**row, "ordered_day": (row["ordered_at"] + aside).date()} for row, aside in moved
    )


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes rows. Each is drawn as one number, from which all its cells follow: cheap to draw, and shrinks row by row."""

    shape: Shape
    scope: Scope

    def columns(self, types: dict[str, DataType]) -> dict[str, str]:
        """Columns with their physical types."""
        return {name: self.shape.time_type if its is DataType.TIMESTAMP else str(its) for name, its in types.items()}

    def row(self, columns: Mapping[str, str], given: Mapping[str, Sequence[object]]) -> st.SearchStrategy[dict[str, object]]:
        """A row of the columns; `given` are the values of some."""
        return st.integers(0, 2**32).map(lambda number: self._cells(Random(number), columns, given))

    def some(
        self, columns: Mapping[str, str], given: Mapping[str, Sequence[object]], most: int
    ) -> st.SearchStrategy[tuple[dict[str, object], ...]]:
        """Rows of the columns."""
        few = st.lists(self.row(columns, given), max_size=most)
        many = st.lists(self.row(columns, given), min_size=most // 2, max_size=most)
        return st.one_of(many, few).map(tuple)

    def _cells(self, random: Random, columns: Mapping[str, str], given: Mapping[str, Sequence[object]]) -> dict[str, object]:
        return {
            name: random.choice(given[name]) if name in given else None if random.random() < 0.1 else self._cell(random, its)
            for name, its in columns.items()
        }

    def _cell(self, random: Random, column_type: str) -> object:
        match column_type:
            case "string":
                return random.choice((*self.scope.texts, "tea"))
            case "integer":
                return random.choice(pools.INTEGERS)
            case "number":
                return random.choice((*pools.DOUBLES, nan))
            case "decimal":
                return random.choice(pools.DECIMALS)
            case "boolean":
                return random.random() < 0.5
            case "date":
                return random.choice(self.scope.days)
            case "timestamp":
                return random.choice(self.scope.instants).replace(tzinfo=None)
            case "timestamptz":
                return random.choice(self.scope.instants)
            case "list<string>":
                return [random.choice((*self.scope.texts, None)) for _ in range(random.randrange(4))]
            case _:
                raise ValueError(column_type)


EXPRESSIONS = {"pieces * 2": lambda row: None if row["pieces"] is None else row["pieces"] * 2}
"""What the computed columns of the catalog are."""
