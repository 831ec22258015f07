"""The benchmark's rules: segments drawn by integer mixing, as objects, as YAML, and as what a person would write in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from benchmarks.data import AS_OF, CITIES, TYPES

WINDOWS = (1, 7, 30, 90, 180, 300)
"""Days; the longest spans nearly all of the data."""
SUMS = (20, 50, 100, 250, 500, 1000)

CATALOG = """
entities:
  - name: customer
    relation: source('shop', 'customers')
    key: {column: customer_id, type: integer}
    created_at: created_at
    attributes: {city: string, score: number, plan: string}
    events:
      - name: events
        relation: source('shop', 'events')
        key: customer_id
        time: happened_at
        id: event_id
        id_unique: true
        properties: {type: string, amount: decimal}
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """At least so many events of a type, or so much in sum, in the last days; `negated`: fewer than one."""

    type: str
    days: int
    what: str
    at_least: int
    negated: bool = False

    @property
    def name(self) -> str:
        return f"{self.type}_{self.what}_{self.days}"

    @property
    def rows(self) -> str:
        """The condition on the event's row, in SQL."""
        since = AS_OF - timedelta(days=self.days)
        start, end = f"TIMESTAMP '{since:%Y-%m-%d}'", f"TIMESTAMP '{AS_OF:%Y-%m-%d}'"
        return f"type = '{self.type}' AND happened_at >= {start} AND happened_at < {end}"

    @property
    def aggregate(self) -> str:
        return "count(*)" if self.what == "count" else "sum(amount)"


@dataclass(frozen=True, slots=True)
class Attribute:
    """A condition on the customer's own row, as YAML and as SQL."""

    yaml: str
    sql: str


@dataclass(frozen=True, slots=True)
class Member:
    """Membership of another segment."""

    segment: str


@dataclass(frozen=True, slots=True)
class Segment:
    name: str
    conditions: tuple[Measured | Attribute | Member, ...]


def segments(count: int) -> tuple[Segment, ...]:
    """The first so many segments; fewer are always the beginning of more."""
    return tuple(Segment(f"segment_{number:05}", tuple(_conditions(number))) for number in range(count))


def _conditions(number: int) -> Iterator[Measured | Attribute | Member]:
    yield _measured(number, 1)
    if _mixed(number, 2) % 2:
        yield _measured(number, 3)
    if _mixed(number, 4) % 3 == 0:
        first = _mixed(number, 5) % len(CITIES)
        cities = sorted({CITIES[first], CITIES[(first + 1 + _mixed(number, 6) % 5) % len(CITIES)]})
        listed = ", ".join(f"'{city}'" for city in cities)
        yield Attribute(f"{{attribute: city, in: [{', '.join(cities)}]}}", f"city IN ({listed})")
    if _mixed(number, 7) % 4 == 0:
        score = 10 * (1 + _mixed(number, 8) % 8)
        yield Attribute(f"{{attribute: score, gte: {score}}}", f"score >= {score}")
    if _mixed(number, 9) % 3 == 0:
        yield Measured(TYPES[_mixed(number, 10) % 6], WINDOWS[_mixed(number, 11) % 6], "count", 1, negated=True)
    if number and _mixed(number, 12) % 8 == 0:
        yield Member(f"segment_{_mixed(number, 13) % min(number, 40):05}")


def _measured(number: int, salt: int) -> Measured:
    kind, days = TYPES[_mixed(number, salt + 20) % 6], WINDOWS[_mixed(number, salt + 40) % 6]
    if _mixed(number, salt + 60) % 2:
        return Measured(kind, days, "count", 1 + _mixed(number, salt + 80) % 5)
    return Measured(kind, days, "sum", SUMS[_mixed(number, salt + 80) % 6])


def _mixed(number: int, salt: int) -> int:
    """32 well-mixed bits."""
    mask = 2**32 - 1
    mixed = (number * 747796405 + 2891336453 + salt * 1640531527) & mask
    for _ in range(2):
        mixed = ((mixed ^ (mixed >> 16)) * 73244475) & mask
    return mixed ^ (mixed >> 16)


def yaml_text(of: tuple[Segment, ...]) -> str:
    """A rule file."""
    lines = ["segments:"]
    for segment in of:
        lines += [f"  - name: {segment.name}", f"    label: {segment.name}", "    entity: customer", "    include:"]
        lines += [f"      - {_yaml(condition)}" for condition in segment.conditions]
    return "\n".join(lines) + "\n"


def _yaml(condition: Measured | Attribute | Member) -> str:
    match condition:
        case Attribute(yaml, _):
            return yaml
        case Member(segment):
            return f"{{segment: {segment}}}"
        case Measured(kind, days, what, at_least, negated):
            head = f"event: events, where: {{attribute: type, is: {kind}}}, within: {days} days"
            if negated:
                return f"{{not: {{{head}}}}}"
            measure = f"count: {{gte: {at_least}}}" if what == "count" else f"sum: {{of: amount, gte: {at_least}}}"
            return f"{{{head}, {measure}}}"


# --- the same by hand ---------------------------------------------------------------------------------------------------


def one_query(segment: Segment) -> str:
    """What a person writes for one segment: each condition on events is a set of customers."""
    condition = " AND ".join(_in_set(each) for each in segment.conditions)
    return f"SELECT '{segment.name}' AS segment, customer_id FROM customers WHERE {condition}"


def _in_set(condition: Measured | Attribute | Member) -> str:
    match condition:
        case Attribute(_, sql):
            return sql
        case Member(segment):
            return f"customer_id IN (SELECT customer_id FROM by_hand_{segment})"
        case Measured(_, _, _, at_least, negated):
            having = "" if negated else f" HAVING {condition.aggregate} >= {at_least}"
            found = f"SELECT customer_id FROM events WHERE {condition.rows} GROUP BY customer_id{having}"
            return f"customer_id {'NOT ' if negated else ''}IN ({found})"


def measures(of: tuple[Segment, ...]) -> tuple[Measured, ...]:
    """The distinct measures of all segments."""
    found = {one.name: one for segment in of for one in segment.conditions if isinstance(one, Measured)}
    return tuple(found.values())


def one_scan(of: tuple[Segment, ...]) -> str:
    """One row a customer with a conditional aggregate for each measure of all segments."""
    columns = []
    for one in measures(of):
        value = "1" if one.what == "count" else "amount"
        columns.append(f"{one.what}(CASE WHEN {one.rows} THEN {value} END) AS {one.name}")
    joined = ", ".join(f"coalesce({one.name}, 0) AS {one.name}" for one in measures(of))
    return (
        f"WITH measured AS (SELECT customer_id, {', '.join(columns)} FROM events GROUP BY customer_id) "
        f"SELECT customers.customer_id, city, score, {joined} FROM customers LEFT JOIN measured USING (customer_id)"
    )


def members_of_one_scan(of: tuple[Segment, ...]) -> str:
    """The members of all segments from the rows of `one_scan` in a table `one_row_each`, references written out."""
    by_name = {segment.name: segment for segment in of}

    def condition(one: Measured | Attribute | Member) -> str:
        match one:
            case Attribute(_, sql):
                return sql
            case Member(segment):
                return f"({' AND '.join(condition(each) for each in by_name[segment].conditions)})"
            case Measured():
                return f"{one.name} = 0" if one.negated else f"{one.name} >= {one.at_least}"

    return " UNION ALL ".join(
        f"SELECT '{segment.name}' AS segment, customer_id FROM one_row_each"
        f" WHERE {' AND '.join(condition(each) for each in segment.conditions)}"
        for segment in of
    )
