"""The files that init writes, as text: settings, the proposed catalog, an example segment."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from segwh.catalog.load import is_taken_beside_keys
from segwh.init.propose import (
    BOOKKEEPING,
    ProposedEntity,
    ProposedLookup,
    ProposedRows,
    Table,
    TableColumn,
    thing_of,
    usable_name,
)
from segwh.types import DataType, Relation

SCHEMA_FILE = ".segwh.schema.json"
EDITOR_LINE = f"# yaml-language-server: $schema={SCHEMA_FILE}\n"

SETTINGS = """\
# What holds for the whole project. `segwh validate` checks this file and everything under segments/.
version: 1
timezone: UTC                  # for calendar units and whole days: an IANA name such as Europe/London
# week_starts_on: monday
# rules_path: segments         # where the rules are
# models_path: models/segwh    # where `segwh compile` writes models
# macros_path: macros/segwh    # and the macros that they use
# max_exit_fraction: 0.5       # a segment that would lose more of its members in one run keeps its last good version
# max_entry_fraction: 1        # so does one that would gain more; without this line none does
"""


def catalog(entities: Sequence[ProposedEntity], others: Iterable[Table]) -> str:
    """The catalog file: the proposed entities, and as a comment the tables that were left out."""
    lines = [
        EDITOR_LINE.rstrip(),
        "# What the warehouse holds: who can be in a segment, and the rows that rules may look at.",
        "# Proposed by `segwh init` from the columns of the dbt project. Read it, correct it, and delete what no rule needs.",
        "entities:",
    ]
    for number, entity in enumerate(entities):
        lines += [*([""] if number else []), *_indented(_entity(entity), 2)]
    others = tuple(others)
    above = [table for entity in entities for table in (entity.table, *(row.table for row in entity.rows))]
    things = {thing_of(table.name) for table in above}
    looked_up = [lookup.table for entity in entities for row in entity.rows for lookup in row.lookups]
    parts = _read_by([*above, *looked_up], others)
    # a staging model beside the finished one holds the same rows
    layers: list[str] = []
    read: list[str] = []
    strangers: list[str] = []
    for table in others:
        why_not = layers if thing_of(table.name) in things else read if table.relation in parts else strangers
        why_not.append(str(table.relation))
    for why, left_out in (
        ("a table above holds the same things", layers),
        ("a table above is made of them", read),
        ("nothing in them points to an entity", strangers),
    ):
        if left_out:
            lines += ["", f"# Left out, since {why}:", *(f"#   {name}" for name in sorted(left_out))]
    return "\n".join(lines) + "\n"


def _read_by(tables: Iterable[Table], others: Iterable[Table]) -> frozenset[Relation]:
    """What the queries of tables read, themselves or through others."""
    reads = {other.relation: other.reads for other in others}
    found: set[Relation] = set()
    more = {relation for table in tables for relation in table.reads}
    while more:
        found |= more
        more = {relation for one in more for relation in reads.get(one, ())} - found
    return frozenset(found)


def skeleton(tables: Iterable[Table]) -> str:
    """The catalog file where nothing could be proposed: how an entity is written, and the tables there are."""
    lines = [
        EDITOR_LINE.rstrip(),
        "# What the warehouse holds: who can be in a segment, and the rows that rules may look at.",
        "# No table with a key was found. Uncomment this and put in your own names:",
        "#",
        "# entities:",
        "#   - name: customer",
        "#     relation: ref('customers')",
        "#     key: customer_id                  # a number: {column: customer_id, type: integer}",
        "#     attributes:",
        "#       email: string",
        "#     events:",
        "#       - name: orders",
        "#         relation: ref('orders')",
        "#         key: customer_id",
        "#         time: ordered_at",
        "#         properties:",
        "#           amount: decimal",
    ]
    names = sorted(str(table.relation) for table in tables)
    lines += ["#", "# Tables of this dbt project:", *(f"#   {name}" for name in names)] if names else []
    return "\n".join(lines) + "\n"


def example(entity: ProposedEntity) -> str:
    """A file with one segment that is valid over the proposed catalog."""
    name, label, include, why = _example_rule(entity)
    return (
        f"{EDITOR_LINE}# An example to start from: {why}\n"
        f"# See who would be in it with `segwh preview {name}`.\n"
        f"segments:\n"
        f"  - name: {name}\n"
        f"    label: {label}\n"
        f"    entity: {entity.name}\n"
        f"    include:{include}\n"
    )


def example_name(entity: ProposedEntity) -> str:
    """The name of the example segment of an entity."""
    return _example_rule(entity)[0]


def _example_rule(entity: ProposedEntity) -> tuple[str, str, str, str]:
    events = [rows for rows in entity.rows if rows.time is not None]
    if events:
        # Purchases make the example that everybody understands.
        event = min(
            events, key=lambda rows: (all(c.type is not DataType.DECIMAL for c in rows.properties), len(rows.name))
        ).name
        return (
            f"recent_{event}"[:48],
            f"With {event.replace('_', ' ')} in the last 30 days",
            f"\n      - {{event: {event}, within: 30 days, count: {{gte: 1}}}}",
            f"every {entity.name} with a row in {event} within 30 days before the run.",
        )
    for column in entity.attributes:
        if column.type is DataType.STRING:
            attribute = usable_name(column.name)
            return (
                f"with_{attribute}"[:48],
                f"With {str(attribute).replace('_', ' ')}",
                f"\n      - {{attribute: {attribute}, exists: true}}",
                f"every {entity.name} whose {attribute} is known.",
            )
    return (f"every_{entity.name}"[:48], f"Every {entity.name}", " everyone", f"every {entity.name} there is.")


def _entity(entity: ProposedEntity) -> Iterator[str]:
    yield f"- name: {entity.name}"
    yield f"  relation: {relation(entity.table.relation)}"
    key_why = "tested as unique" if entity.key.is_unique else "guessed by its name: is it unique?"
    yield _noted(f"  key: {_key(entity)}", key_why)
    if entity.created_at is not None:
        yield _noted(f"  created_at: {_time(entity.created_at)}", "needed by time_to_live")
    yield from _columns("attributes", entity.attributes, 2)
    events = [rows for rows in entity.rows if rows.time is not None]
    related = [rows for rows in entity.rows if rows.time is None]
    if events:
        yield "  events:                       # rows with a time"
        for rows in events:
            yield from _indented(_rows(rows), 4)
    if related:
        yield "  related:                      # rows without a time"
        for rows in related:
            yield from _indented(_rows(rows), 4)


def _key(entity: ProposedEntity) -> str:
    column, name = entity.key.name, usable_name(entity.key.name) or "key"
    parts = [f"column: {scalar(column)}"]
    if is_taken_beside_keys(name):
        parts.append(f"name: {entity.name}_key")
    elif name != column:
        parts.append(f"name: {name}")
    if entity.key.type is not DataType.STRING:
        parts.append(f"type: {entity.key.type}")
    return scalar(column) if len(parts) == 1 else f"{{{', '.join(parts)}}}"


def _rows(rows: ProposedRows) -> Iterator[str]:
    yield f"- name: {rows.name}"
    yield f"  relation: {relation(rows.table.relation)}"
    yield f"  key: {scalar(rows.key)}"
    if rows.time is not None:
        yield f"  time: {_time(rows.time)}"
    if rows.id is not None:
        yield _noted(f"  id: {scalar(rows.id)}", "rows with the same id count once")
    if rows.loaded_at is not None:
        yield _noted(f"  loaded_at: {scalar(rows.loaded_at.name)}", "a row exists from then on; delete if it is not kept")
    if rows.validity is not None:
        start, end = rows.validity
        yield _noted(f"  validity: {{from: {scalar(start)}, to: {scalar(end)}}}", "the version at as-of counts")
    lookups = {lookup.name for lookup in rows.lookups}
    yield from _columns("properties", [c for c in rows.properties if usable_name(c.name) not in lookups], 2)
    if rows.lookups:
        yield "  lookups:"
        for lookup in rows.lookups:
            yield from _indented(_lookup(lookup), 4)


def _lookup(lookup: ProposedLookup) -> Iterator[str]:
    columns = [c for c in lookup.table.columns if c.name != lookup.key and c.type is not None and usable_name(c.name)]
    columns = [c for c in columns if not BOOKKEEPING.search(c.name.lower())]
    yield _noted(f"{lookup.name}:", f"used as {lookup.name}.{usable_name(columns[0].name) if columns else '...'}")
    yield f"  relation: {relation(lookup.table.relation)}"
    yield f"  by: {scalar(lookup.by)}"
    yield f"  key: {scalar(lookup.key)}"
    yield from _columns("properties", columns[:12], 2, always=True)


def _columns(heading: str, columns: Sequence[TableColumn], indent: int, always: bool = False) -> Iterator[str]:
    by_name = {name: column for column in columns if (name := usable_name(column.name)) is not None and column.type}
    space = " " * indent
    if not by_name:
        if always:
            yield f"{space}{heading}: {{}}"
        return
    yield f"{space}{heading}:"
    for name, column in by_name.items():
        kind = scalar(str(column.type))
        yield (
            f"{space}  {name}: {kind}"
            if name == column.name
            else (f"{space}  {name}: {{type: {kind}, column: {scalar(column.name)}}}")
        )


def _time(column: TableColumn) -> str:
    if column.type is DataType.DATE:
        return f"{{column: {scalar(column.name)}, type: date}}"
    return scalar(column.name)


def relation(named: Relation) -> str:
    """A relation as the catalog writes it, safe as a plain YAML value in block style."""
    return f"{named.kind}({', '.join(repr(part) for part in named.parts)})"


def scalar(text: str) -> str:
    """Text as a YAML value that means the very same text, plain where that is safe in flow style too."""
    return text if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*|list<string>", text) and not _means_more(text) else json.dumps(text)


def _means_more(text: str) -> bool:
    return text.lower() in ("true", "false", "null", "yes", "no", "on", "off", "y", "n")


def _noted(text: str, note: str) -> str:
    return f"{text:<28}  # {note}"


def _indented(lines: Iterable[str], count: int) -> Iterator[str]:
    return (" " * count + line for line in lines)
