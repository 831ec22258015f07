"""Other ways to write the same thing, timed side by side: what docs/performance.md compares.

    python benchmarks/alternatives.py --customers 200000 --events 6000000 --threads 2

First the facts: counts and sums of six types of events in six windows, 72 measures, one row a customer. Then the members of
many segments from these facts, who came and who left since they were others, and last how that is written into a log. Every
way must give the same rows as the first of its kind.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import duckdb

from benchmarks import data, rules
from benchmarks.measured import Seconds, timed

AS_OF = f"TIMESTAMP '{data.AS_OF:%Y-%m-%d}'"
ENDS = (AS_OF, *(f"TIMESTAMP '{data.AS_OF - timedelta(days=days):%Y-%m-%d}'" for days in rules.WINDOWS))
"""As-of, then where each window begins, latest first: stretch i lies between ENDS[i + 1] and ENDS[i]."""
STRETCHES = range(len(rules.WINDOWS))
ALL_ROWS = f"happened_at >= {ENDS[-1]} AND happened_at < {AS_OF}"
STRETCH = "CASE " + " ".join(f"WHEN happened_at >= {ENDS[i + 1]} THEN {i}" for i in STRETCHES) + " END"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=200_000)
    parser.add_argument("--events", type=int, default=6_000_000)
    parser.add_argument("--segments", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--json", help="a file for the results")
    options = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory() as folder,
        duckdb.connect(Path(folder) / "bench.duckdb", config={"threads": options.threads}) as connection,
    ):
        data.create(connection, options.customers, options.events)
        grouped = "SELECT customer_id, count(*) AS events, sum(amount) AS amount FROM events GROUP BY customer_id"
        floor = timed(connection, "grouped", grouped, options.repeat)
        facts = _alike(connection, FACTS, options.repeat)
        timed(connection, "facts", FACTS["a conditional aggregate for each measure"]())
        evaluated = _alike(connection, dict(zip(WAYS, members(options.segments), strict=True)), options.repeat)
        for name, columns in COPIES.items():
            evaluated[name] = timed(
                connection, "copied", f"SELECT segment, customer_id{columns} FROM first_way", options.repeat
            )
        connection.execute(EARLIER)
        connection.execute("ALTER TABLE first_way RENAME TO members")
        compared = _alike(connection, DIFFERENCES, options.repeat)
        connection.execute("ALTER TABLE first_way RENAME TO changes")
        connection.execute(WORDS)
        logged = _alike(connection, LOGS, options.repeat)
    told = {"floor: GROUP BY": floor, **facts, **evaluated, **compared, **logged}
    for name, seconds in told.items():
        kind = next((ways for ways in (evaluated, compared, logged) if name in ways), {"": floor})
        to = next(iter(kind.values()))
        print(f"{name:<64}{seconds.wall:>8.2f} s{seconds.cpu:>8.2f} s of processors{seconds.cpu / to.cpu:>8.2f}")
    if options.json:
        Path(options.json).write_text(
            json.dumps({name: asdict(one) for name, one in told.items()}, indent=2) + "\n", encoding="utf-8"
        )


def _alike(
    connection: duckdb.DuckDBPyConnection, ways: Mapping[str, Callable[[], str | tuple[str, str]]], repeat: int
) -> dict[str, Seconds]:
    """The time of each way, which may write a table `staged` first; an error when its rows differ from those of the first."""
    found: dict[str, Seconds] = {}
    for name, way in ways.items():
        table = "first_way" if not found else "this_way"
        match way():
            case (staged, read):
                found[name] = timed(connection, "staged", staged, repeat) + timed(connection, table, read, repeat)
            case str() as query:
                found[name] = timed(connection, table, query, repeat)
        if len(found) > 1:
            differing = "(SELECT * FROM this_way EXCEPT ALL SELECT * FROM first_way)"
            counts = "(SELECT count(*) FROM this_way), (SELECT count(*) FROM first_way)"
            missing, mine, first = connection.execute(f"SELECT (SELECT count(*) FROM {differing}), {counts}").fetchone() or (
                1,
                0,
                0,
            )
            if missing or mine != first:
                raise AssertionError(f"{name}: {missing} other rows, {mine} in all instead of {first}")
    return found


# --- facts --------------------------------------------------------------------------------------------------------------


def _wanted(part: Callable[[str, int, str], str]) -> str:
    """The 72 columns, each the sum of its stretches; `part` names the count or sum of a type in a stretch."""
    return ", ".join(
        " + ".join(f"coalesce({part(kind, stretch, what)}, 0)" for stretch in range(number + 1)) + f" AS {what}_{kind}_{days}"
        for kind in data.TYPES
        for number, days in enumerate(rules.WINDOWS)
        for what in ("count", "sum")
    )


def _joined(ctes: dict[str, str], columns: str) -> str:
    named = ", ".join(f"{name} AS ({query})" for name, query in ctes.items())
    joins = " ".join(f"LEFT JOIN {name} ON {name}.customer_id = customers.customer_id" for name in ctes)
    return f"WITH {named} SELECT customers.customer_id, city, score, {columns} FROM customers {joins}"


def conditional(form: str) -> str:
    """One GROUP BY; every row meets the condition of every measure."""
    columns = ", ".join(
        form.format(
            what=what, value="1" if what == "count" else "amount", rows=f"type = '{kind}' AND happened_at >= {ENDS[number + 1]}"
        )
        + f" AS {what}_{kind}_{days}"
        for kind in data.TYPES
        for number, days in enumerate(rules.WINDOWS)
        for what in ("count", "sum")
    )
    measured = f"SELECT customer_id, {columns} FROM events WHERE {ALL_ROWS} GROUP BY customer_id"
    filled = ", ".join(
        f"coalesce({what}_{kind}_{days}, 0) AS {what}_{kind}_{days}"
        for kind in data.TYPES
        for days in rules.WINDOWS
        for what in ("count", "sum")
    )
    return _joined({"measured": measured}, filled)


def _count_and_sum(condition: str, of: str) -> str:
    return f"count(CASE WHEN {condition} THEN 1 END) AS count_{of}, sum(CASE WHEN {condition} THEN amount END) AS sum_{of}"


def by_key_and_type() -> str:
    """GROUP BY key and type with disjoint stretches, then a second GROUP BY that turns types into columns."""
    inner = ", ".join(_count_and_sum(f"stretch = {i}", str(i)) for i in STRETCHES)
    rows = f"SELECT *, {STRETCH} AS stretch FROM events WHERE {ALL_ROWS}"
    typed = f"SELECT customer_id, type, {inner} FROM ({rows}) GROUP BY customer_id, type"
    outer = ", ".join(
        f"max(CASE WHEN type = '{kind}' THEN {what}_{i} END) AS {what}_{kind}_{i}"
        for kind in data.TYPES
        for i in STRETCHES
        for what in ("count", "sum")
    )
    turned = f"SELECT customer_id, {outer} FROM ({typed}) GROUP BY customer_id"
    return _joined({"turned": turned}, _wanted(lambda kind, stretch, what: f"{what}_{kind}_{stretch}"))


def by_type() -> str:
    """One GROUP BY for each type, with a conditional aggregate for each stretch; six joins."""
    inner = ", ".join(_count_and_sum(f"stretch = {i}", str(i)) for i in STRETCHES)
    rows = f"SELECT *, {STRETCH} AS stretch FROM events WHERE {ALL_ROWS}"
    ctes = {
        f"of_{kind}": f"SELECT customer_id, {inner} FROM ({rows} AND type = '{kind}') GROUP BY customer_id"
        for kind in data.TYPES
    }
    return _joined(ctes, _wanted(lambda kind, stretch, what: f"of_{kind}.{what}_{stretch}"))


def by_stretch() -> str:
    """One GROUP BY for each stretch, with a conditional aggregate for each type; six joins."""
    inner = ", ".join(_count_and_sum(f"type = '{kind}'", kind) for kind in data.TYPES)
    ctes = {
        f"in_{i}": f"SELECT customer_id, {inner} FROM events"
        f" WHERE happened_at >= {ENDS[i + 1]} AND happened_at < {ENDS[i]} GROUP BY customer_id"
        for i in STRETCHES
    }
    return _joined(ctes, _wanted(lambda kind, stretch, what: f"in_{stretch}.{what}_{kind}"))


def by_type_and_stretch(how: str = "") -> str:
    """One GROUP BY for each stretch of each type; 36 joins. With `how`, all read a common query of the rows."""
    source = "events" if not how else "scanned"
    ctes = {
        f"{kind}_{i}": f"SELECT customer_id, count(*) AS count_, sum(amount) AS sum_ FROM {source}"
        f" WHERE happened_at >= {ENDS[i + 1]} AND happened_at < {ENDS[i]} AND type = '{kind}' GROUP BY customer_id"
        for kind in data.TYPES
        for i in STRETCHES
    }
    text = _joined(ctes, _wanted(lambda kind, stretch, what: f"{kind}_{stretch}.{what}_"))
    clock = "make_timestamp(epoch_us(happened_at))"
    scanned = f"SELECT customer_id, {clock} AS happened_at, type, amount FROM events WHERE {clock} < {AS_OF}"
    return text if not how else text.replace("WITH ", f"WITH scanned AS {how} ({scanned}), ", 1)


def short_stretches_together() -> str:
    """One GROUP BY for all stretches of the last 30 days, a tenth of the rows; before that one for each type and stretch."""
    recent = [i for i in STRETCHES if rules.WINDOWS[i] <= 30]
    inner = ", ".join(_count_and_sum(f"type = '{kind}' AND {_in(i)}", f"{kind}_{i}") for kind in data.TYPES for i in recent)
    of_month = f"SELECT customer_id, {inner} FROM events WHERE happened_at >= {ENDS[len(recent)]} AND happened_at < {AS_OF}"
    ctes = {"of_month": f"{of_month} GROUP BY customer_id"}
    for kind in data.TYPES:
        for i in STRETCHES[len(recent) :]:
            of_stretch = f"SELECT customer_id, count(*) AS count_, sum(amount) AS sum_ FROM events WHERE type = '{kind}'"
            ctes[f"{kind}_{i}"] = f"{of_stretch} AND {_in(i)} GROUP BY customer_id"

    def part(kind: str, stretch: int, what: str) -> str:
        return f"of_month.{what}_{kind}_{stretch}" if stretch in recent else f"{kind}_{stretch}.{what}_"

    return _joined(ctes, _wanted(part))


def _in(stretch: int) -> str:
    return f"happened_at >= {ENDS[stretch + 1]} AND happened_at < {ENDS[stretch]}"


FACTS: dict[str, Callable[[], str]] = {
    "a conditional aggregate for each measure": lambda: conditional("{what}(CASE WHEN {rows} THEN {value} END)"),
    "the same with FILTER": lambda: conditional("{what}({value}) FILTER (WHERE {rows})"),
    "GROUP BY key and type, then types to columns": by_key_and_type,
    "a GROUP BY for each type": by_type,
    "a GROUP BY for each stretch": by_stretch,
    "a GROUP BY for each type and stretch": by_type_and_stretch,
    "the same, those of the last 30 days in one": short_stretches_together,
    "the same over one scan, materialised": lambda: by_type_and_stretch("MATERIALIZED"),
    "the same over one scan, not materialised": lambda: by_type_and_stretch("NOT MATERIALIZED"),
}


# --- members ------------------------------------------------------------------------------------------------------------

WAYS = (
    "members: UNION ALL of filtered scans",
    "members: the same, one of the queries without an order",
    "members: UNNEST of a filtered list of names",
    "members: CASE on the segment over a cross join",
)


COPIES = {
    "a copy of the members, two columns": "",
    "a copy of the members with six columns more": ", 'member' AS kind, NULL::TEXT AS rule_hash, NULL::TIMESTAMPTZ AS as_of, "
    "NULL::TEXT AS problem, NULL::BIGINT AS left_out, NULL::BIGINT AS population",
}


def members(count: int) -> tuple[Callable[[], str], ...]:
    """The members of segments from the table `facts`, in several ways."""
    conditions = {}
    for segment in rules.segments(count):
        parts = []
        for one in segment.conditions:
            if isinstance(one, rules.Attribute):
                parts.append(one.sql)
            elif isinstance(one, rules.Measured):
                parts.append(f"{one.what}_{one.type}_{one.days} {'= 0' if one.negated else f'>= {one.at_least}'}")
        conditions[segment.name] = " AND ".join(parts)

    def united() -> str:
        return " UNION ALL ".join(
            f"SELECT '{name}' AS segment, customer_id FROM facts WHERE {condition}" for name, condition in conditions.items()
        )

    def unordered() -> str:
        least = "SELECT DISTINCT min(customer_id) AS customer_id FROM facts"
        return f"{united()} UNION ALL SELECT '' AS segment, customer_id FROM ({least}) WHERE customer_id IS NULL"

    def listed() -> str:
        cases = ", ".join(f"CASE WHEN {condition} THEN '{name}' END" for name, condition in conditions.items())
        return f"SELECT unnest(list_filter([{cases}], lambda name: name IS NOT NULL)) AS segment, customer_id FROM facts"

    def crossed() -> str:
        whens = " ".join(f"WHEN {number} THEN {condition}" for number, condition in enumerate(conditions.values()))
        names = ", ".join(f"({number}, '{name}')" for number, name in enumerate(conditions))
        rows = f"facts CROSS JOIN (VALUES {names}) AS listed(number, segment)"
        return f"SELECT segment, customer_id FROM {rows} WHERE CASE number {whens} ELSE FALSE END"

    return (united, unordered, listed, crossed)


# --- who came and who left ----------------------------------------------------------------------------------------------

EARLIER = f"""
CREATE TABLE earlier AS
SELECT segment, customer_id FROM first_way WHERE {data.mixed("customer_id", 30)} % 50 > 0
UNION ALL
SELECT segment, -customer_id FROM first_way WHERE {data.mixed("customer_id", 31)} % 50 = 0
"""
"""The members of before: one in fifty has come since, and as many have left."""


def _twice(only_one: Callable[[str, str], str]) -> Callable[[], str]:
    return lambda: (
        f"SELECT segment, customer_id, true AS is_new FROM ({only_one('members', 'earlier')})"
        f" UNION ALL SELECT segment, customer_id, false FROM ({only_one('earlier', 'members')})"
    )


SAME = "one.customer_id = other.customer_id AND one.segment = other.segment"
DIFFERENCES: dict[str, Callable[[], str]] = {
    "differences: NOT EXISTS, both ways": _twice(
        lambda one, other: f"SELECT * FROM {one} AS one WHERE NOT EXISTS (SELECT 1 FROM {other} AS other WHERE {SAME})"
    ),
    "differences: LEFT JOIN, both ways": _twice(
        lambda one, other: f"SELECT one.* FROM {one} AS one LEFT JOIN {other} AS other ON {SAME} WHERE other.segment IS NULL"
    ),
    "differences: EXCEPT, both ways": _twice(lambda one, other: f"SELECT * FROM {one} EXCEPT SELECT * FROM {other}"),
    "differences: GROUP BY of both": lambda: (
        "SELECT segment, customer_id, sum(side) > 0 AS is_new FROM (SELECT *, 1 AS side FROM members"
        " UNION ALL SELECT *, -1 FROM earlier) GROUP BY segment, customer_id HAVING sum(side) <> 0"
    ),
    "differences: one FULL JOIN": lambda: (
        "SELECT coalesce(one.segment, other.segment) AS segment, coalesce(one.customer_id, other.customer_id) AS customer_id,"
        f" other.segment IS NULL AS is_new FROM members AS one FULL JOIN earlier AS other ON {SAME}"
        " WHERE one.segment IS NULL OR other.segment IS NULL"
    ),
}
"""Of two tables of members, who is in only one of them."""

WORDS = """
CREATE TABLE words AS
SELECT segment, md5(segment) AS rule_hash, 'live' AS status, md5(segment) AS computed_hash, 0 AS correction,
  TIMESTAMPTZ '2026-11-01 00:00:00+00' AS changed_at, 'some run' AS run_id
FROM (SELECT DISTINCT segment FROM changes)
"""
"""What the log says of all changes of a segment."""
CHANGE = "change.segment, change.customer_id, change.is_new, 'rule' AS reason"
ABOUT = "rule_hash, status, computed_hash, correction, changed_at, run_id"
ID = "md5(concat_ws(':', segment, customer_id::VARCHAR, changed_at::VARCHAR, is_new::VARCHAR)) AS change_id"


def _log(sequence: str, rows: str) -> str:
    return f"SELECT {ID}, segment, customer_id, is_new, reason, {ABOUT}, {sequence} AS sequence FROM {rows}"


LOGS: dict[str, Callable[[], tuple[str, str]]] = {
    "log: changes staged with all columns, numbered by one sort": lambda: (
        f"SELECT {CHANGE}, {ABOUT} FROM changes AS change INNER JOIN words USING (segment)",
        _log("row_number() OVER (ORDER BY segment, customer_id, is_new)", "staged"),
    ),
    "log: staged with their own, joined, numbered by one sort": lambda: (
        f"SELECT {CHANGE} FROM changes AS change",
        _log("row_number() OVER (ORDER BY segment, customer_id, is_new)", "staged INNER JOIN words USING (segment)"),
    ),
    "log: staged with their own, numbered by one sort, joined": lambda: (
        f"SELECT {CHANGE} FROM changes AS change",
        _log(
            "sequence",
            "(SELECT *, row_number() OVER (ORDER BY segment, customer_id, is_new) AS sequence FROM staged)"
            " INNER JOIN words USING (segment)",
        ),
    ),
    "log: staged with their own, numbered by segment, joined": lambda: (
        f"SELECT {CHANGE} FROM changes AS change",
        _log(
            "(before + place)::BIGINT",
            "(SELECT *, row_number() OVER (PARTITION BY segment ORDER BY customer_id, is_new) AS place FROM staged)"
            " INNER JOIN words USING (segment) INNER JOIN (SELECT segment, sum(count(*)) OVER (ORDER BY segment) - count(*)"
            " AS before FROM staged GROUP BY segment) USING (segment)",
        ),
    ),
}
"""The rows of a log and their numbers, from the changes and what is said of each segment."""


if __name__ == "__main__":
    main()
