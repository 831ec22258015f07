"""The reading of `entities`: nodes become the catalog model; wrong parts are complained about and remembered as broken."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from segwh.catalog.model import (
    Catalog,
    Column,
    Entity,
    Event,
    Lookup,
    Owner,
    Partition,
    Related,
    TimeColumn,
    Validity,
    declarations,
)  # fmt: skip
from segwh.semantics import Duration
from segwh.text.diagnostics import Code, Complaints, RejectedError, choices, meant
from segwh.text.reading import NAME, Fields, Reader, described, forgiven
from segwh.text.source import Mapping, Node, Scalar, Span
from segwh.types import KEY_TYPES, TEMPORAL_TYPES, DataType, Relation

ENTITY_KEYS = (
    "name", "relation", "key", "created_at", "validity", "attributes", "lookups", "events", "related", "timezone",
    "updated_at", "max_lag",
)  # fmt: skip
EVENT_KEYS = (
    "name", "relation", "key", "time", "id", "id_unique", "properties", "lookups", "loaded_at", "timezone", "max_lag",
    "partition",
)  # fmt: skip
RELATED_KEYS = ("name", "relation", "key", "properties", "lookups", "validity", "updated_at", "max_lag")
LOOKUP_KEYS = ("relation", "by", "key", "properties", "lookups", "validity", "updated_at", "max_lag")
BESIDE_KEYS = frozenset(
    {
        # public tables
        "segment", "change", "changed_at", "reason", "rule_hash", "run_id", "sequence", "change_id", "membership_id",
        "entered_at", "valid_from", "valid_to", "entered_reason", "exited_reason", "as_of",
        # log, state, and what a run is about to write
        "kind", "status", "problem", "correction", "computed_hash", "first_evaluated_at", "members", "entered", "exited",
        "left_out", "population", "is_member", "is_news", "base_sequence", "reason_if_kept",
        "status_of_changes",
        # on the way to those
        "place", "previous", "age", "hidden_hash", "is_plain", "is_new", "is_in", "entered_before", "changed_before",
        "exited_at", "part_of_run", "next_from",
        # measures, the entities that stand for values, and previews
        "grouped_value", "rows_count", "latest_at", "value_place", "was_counted", "member_value", "entities",
    }
)  # fmt: skip
"""Columns that stand beside a key column in some compiled table or query: a key column cannot bear their names."""


def is_taken_by_facts(name: str) -> bool:
    """Whether the facts have a column of their own of that name, as engines compare names: without case."""
    return name.lower() == "evaluated_at" or name.lower().startswith("segwh_")


def is_taken_beside_keys(name: str) -> bool:
    """Whether a key column of that name would have its like beside it, as engines compare names: without case."""
    return name.lower() in BESIDE_KEYS or is_taken_by_facts(name)


@dataclass(slots=True)
class LoadedCatalog:
    """The catalog, with what is known about parts that could not be read, so that a use of them is no second mistake."""

    entities: dict[str, Entity] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    broken: set[tuple[str, ...]] = field(default_factory=set)
    """(entity,), (entity, attribute or lookup), or (entity, rows, property or lookup) of what was declared in a wrong way."""

    @property
    def catalog(self) -> Catalog:
        """What could be read."""
        return Catalog(tuple(self.entities.values()))


def load_entities(nodes: Iterable[Node], complaints: Complaints, dialect: str) -> LoadedCatalog:
    """Read the items of all `entities` sections. Problems go to `complaints`."""
    loader = CatalogLoader(complaints, dialect)
    for node in nodes:
        with forgiven():
            loader.entity(node)
    return loader.loaded


class CatalogLoader:
    """Reads entities one after the other."""

    def __init__(self, complaints: Complaints, dialect: str) -> None:
        self.complaints = complaints
        self.reader = Reader(complaints)
        self.dialect = dialect
        self.loaded = LoadedCatalog()
        self.typed: dict[tuple[str, ...], Span] = {}
        """Where the type of a declared column stands, by the way to it: entity, rows, lookups, its name."""

    def entity(self, node: Node) -> None:
        """Read one entity into `loaded`."""
        fields = self.reader.fields(node, "an entity", ENTITY_KEYS)
        name = self.reader.name(fields.need("name"), "the name of an entity")
        if name.text in self.loaded.spans:
            message = f"the entity `{name.text}` is declared twice (first at {self.loaded.spans[name.text]})"
            self.complaints.reject(Code.DUPLICATE_NAME, name.span, message, "each name once")
        self.loaded.spans[name.text] = name.span
        self.loaded.broken.add((name.text,))
        try:
            entity = self.entity_parts(fields, name.text)
        finally:
            fields.finish()
        self.loaded.entities[name.text] = entity
        self.loaded.broken.discard((name.text,))

    def entity_parts(self, fields: Fields, name: str) -> Entity:
        """Everything of an entity but its name."""
        zone = fields.read("timezone", self.zone, None)
        attributes = fields.read("attributes", lambda node: self.columns(node, (name,), "attributes"), ())
        lookups = fields.read("lookups", lambda node: self.lookups(node, (name,)), ())
        self.distinct_names((*attributes, *lookups), fields, "lookups")
        events = fields.read("events", lambda node: self.rows(node, name, "event"), ())
        related = fields.read("related", lambda node: self.rows(node, name, "related"), ())
        created_at = fields.read("created_at", lambda node: self.time_column(node, zone), None)
        validity = fields.read("validity", self.validity, None)
        updated_at, max_lag = self.freshness(fields, zone, created_at)
        relation = fields.read("relation", self.reader.relation, None)
        fields.need("relation")
        key = self.key(fields.need("key"))
        declared = fields.get("attributes")
        if isinstance(declared, Mapping):
            self.check_attributes(attributes, declared, key)
        if relation is None:
            raise RejectedError
        entity = Entity(
            name=name,
            relation=relation,
            key=key,
            attributes=attributes,
            created_at=created_at,
            validity=validity,
            lookups=lookups,
            events=tuple(event for event in events if isinstance(event, Event)),
            related=tuple(rows for rows in related if isinstance(rows, Related)),
            timezone=zone,
            updated_at=updated_at,
            max_lag=max_lag,
        )
        self.check_types(entity)
        return entity

    def check_types(self, entity: Entity) -> None:
        """Complain of a physical column that is declared with types that no column has both of, such as a text and a number:
        one of the two would always be missing, or end a run.
        """
        seen: dict[tuple[Relation, str], tuple[Column, Span]] = {}
        for owner, lookup, columns in declarations(entity):
            relation, path = (lookup or owner).relation, path_of(entity, owner, lookup)
            for column in columns:
                span = self.typed.get((*path, column.name))
                if column.sql is not None or span is None:
                    continue
                before, there = seen.setdefault((relation, column.column.lower()), (column, span))
                if kind(before.type) != kind(column.type):
                    message = (
                        f"column `{column.column}` of {relation} is declared {column.type.value} here and {before.type.value} "
                        f"at {there}"
                    )
                    self.complaints.error(
                        Code.BAD_TYPE, span, message, "one kind of type for one column",
                        "declare in both places what the warehouse has; `sql:` makes another type of it",
                    )  # fmt: skip

    def check_attributes(self, attributes: Iterable[Column], declared: Mapping, key: Column) -> None:
        """Complain of attributes with the name of another column of the facts."""
        spans = {word.text: word.span for word, _ in declared.entries}
        for attribute in attributes:
            name, place = attribute.name, spans[attribute.name]
            if name == key.name:
                hint = f"leave it out here; its type is given by `key: {{column: {key.column}, type: ...}}`"
                self.complaints.error(Code.DUPLICATE_NAME, place, f"`{name}` is an attribute already: the key", hint=hint)
            elif name == key.name.lower():
                message = f"`{name}` differs from the key `{key.name}` only by case, which most engines do not tell apart"
                hint = "leave it out if it is the same column, else rename it: `column` says where it lies"
                self.complaints.error(Code.DUPLICATE_NAME, place, message, "another name", hint)
            elif is_taken_by_facts(name):
                message = f"the attribute `{name}` bears the name of a column of the compiled tables"
                hint = "rename it: `column` says where it lies"
                self.complaints.error(Code.RESERVED_COLUMN, place, message, "another name", hint)

    def freshness(
        self, fields: Fields, zone: str | None, instead: TimeColumn | None = None
    ) -> tuple[TimeColumn | None, Duration | None]:
        """`updated_at` and `max_lag`, which need each other; `instead` is a time that does in place of the first."""
        updated_at = fields.read("updated_at", lambda node: self.time_column(node, zone), None)
        max_lag = fields.read("max_lag", self.reader.duration, None)
        if fields.get("max_lag") is not None and fields.get("updated_at") is None and instead is None:
            message = "`max_lag` needs a time to go by"
            hint = "`updated_at` names the column that says when a row was last written"
            self.complaints.error(Code.MISSING_KEY, fields.key_span("max_lag"), message, "`updated_at` beside it", hint)
        if fields.get("updated_at") is not None and fields.get("max_lag") is None:
            message = "`updated_at` says nothing without `max_lag`"
            self.complaints.error(Code.MISSING_KEY, fields.key_span("updated_at"), message, "`max_lag: 1 day` beside it")
        return updated_at, max_lag

    def key(self, node: Node) -> Column:
        """The key: a column, or `{column, type}` with an optional `name`."""
        if isinstance(node, Scalar):
            column = self.reader.text(node, "the key column")
            name, type_ = node, DataType.STRING
        else:
            fields = self.reader.fields(node, "a key", ("column", "type", "name"))
            column = self.reader.text(fields.need("column"), "the key column")
            named = fields.get("name") or fields.need("column")
            name = self.reader.reference(named, "the name of the key")
            type_ = fields.read("type", self.type_of, DataType.STRING)
            written = fields.get("type")
            if type_ not in KEY_TYPES and written is not None:
                self.complaints.error(
                    Code.BAD_TYPE, written.span, f"a key cannot be of type {type_}", choices(sorted(KEY_TYPES)),
                    "the text form of other types differs between engines: make a surrogate key",
                )
            fields.finish()
        if is_taken_beside_keys(name.text):
            hint = f"rename it: `key: {{column: {column}, name: customer_key}}`"
            message = f"the key `{name.text}` bears the name of a column of the compiled tables"
            self.complaints.reject(Code.RESERVED_COLUMN, name.span, message, "another name", hint)
        return Column(name.text, type_, column)

    def rows(self, node: Node, entity: str, kind: str) -> tuple[Event | Related, ...]:
        """The items of `events` or `related`."""
        made: dict[str, Event | Related] = {}
        what = "an event" if kind == "event" else "a related relation"
        for item in self.reader.items(node, f"a list of {'events' if kind == 'event' else 'related relations'}"):
            with forgiven():
                fields = self.reader.fields(item, what, EVENT_KEYS if kind == "event" else RELATED_KEYS)
                name = self.reader.name(fields.need("name"), f"the name of {what}")
                if name.text in made:
                    message = f"`{name.text}` is declared twice"
                    self.complaints.reject(Code.DUPLICATE_NAME, name.span, message, "each name once")
                self.loaded.broken.add((entity, f"{kind} {name.text}"))
                try:
                    read = self.event if kind == "event" else self.related
                    made[name.text] = read(fields, entity, name.text)
                finally:
                    fields.finish()
                self.loaded.broken.discard((entity, f"{kind} {name.text}"))
        return tuple(made.values())

    def event(self, fields: Fields, entity: str, name: str) -> Event:
        """Everything of an event but its name."""
        path = (entity, f"event {name}")
        zone = fields.read("timezone", self.zone, None)
        properties = fields.read("properties", lambda node: self.columns(node, path, "properties"), ())
        lookups = fields.read("lookups", lambda node: self.lookups(node, path), ())
        self.distinct_names((*properties, *lookups), fields, "lookups")
        row_id = fields.read("id", self.column_name, None)
        id_unique = fields.read("id_unique", self.reader.flag, False)
        if id_unique and fields.get("id") is None:
            message = "`id_unique` says something of an `id` that is not given"
            self.complaints.error(Code.MISSING_KEY, fields.key_span("id_unique"), message, "`id` beside it")
        loaded_at = fields.read("loaded_at", lambda node: self.time_column(node, zone), None)
        max_lag = fields.read("max_lag", self.reader.duration, None)
        partition = fields.read("partition", self.partition, None)
        relation = self.reader.relation(fields.need("relation"))
        key = self.column_name(fields.need("key"))
        time = self.time_column(fields.need("time"), zone)
        taken = {item.name for item in properties} | {lookup.name for lookup in lookups}
        if NAME.fullmatch(time.column) and time.column not in taken:
            # The time is a property under its own name, as the key is an attribute; it comes last, where ties never get.
            properties = (*properties, Column(time.column, time.type, time.column))
        return Event(name, relation, key, time, properties, row_id, id_unique, lookups, loaded_at, max_lag, partition)

    def partition(self, node: Node) -> Partition:
        """The column by which a relation is partitioned."""
        fields = self.reader.fields(node, "a partition", ("column", "lag", "type"))
        try:
            column, lag = self.column_name(fields.need("column")), self.reader.duration(fields.need("lag"))
            type_ = fields.read("type", self.type_of, DataType.DATE)
            written = fields.get("type")
            if type_ not in TEMPORAL_TYPES and written is not None:
                message = f"a partition by time cannot be of type {type_}"
                self.complaints.error(Code.BAD_TYPE, written.span, message, "`date` or `timestamp`")
            return Partition(column, lag, type_)
        finally:
            fields.finish()

    def related(self, fields: Fields, entity: str, name: str) -> Related:
        """Everything of a related relation but its name."""
        path = (entity, f"related {name}")
        properties = fields.read("properties", lambda node: self.columns(node, path, "properties"), ())
        lookups = fields.read("lookups", lambda node: self.lookups(node, path), ())
        self.distinct_names((*properties, *lookups), fields, "lookups")
        validity = fields.read("validity", self.validity, None)
        updated_at, max_lag = self.freshness(fields, None)
        relation = self.reader.relation(fields.need("relation"))
        key = self.column_name(fields.need("key"))
        return Related(name, relation, key, properties, lookups, validity, updated_at, max_lag)

    def lookups(self, node: Node, path: tuple[str, ...]) -> tuple[Lookup, ...]:
        """The many-to-one joins of an entity or of rows."""
        made: list[Lookup] = []
        for word, value in self.entries(node, "a mapping of lookups"):
            self.loaded.broken.add((*path, word.text))
            with forgiven():
                made += self.lookup(word, value, path)
                self.loaded.broken.discard((*path, word.text))
        return tuple(made)

    def lookup(self, word: Scalar, node: Node, path: tuple[str, ...]) -> tuple[Lookup, ...]:
        """One many-to-one join, then those that start from its rows."""
        name = self.reader.checked_name(word, "the name of a lookup").text
        fields = self.reader.fields(node, "a lookup", LOOKUP_KEYS)
        properties = fields.read("properties", lambda part: self.columns(part, (*path, name), "properties"), ())
        further = fields.read("lookups", lambda part: self.lookups(part, (*path, name)), ())
        self.distinct_names((*properties, *further), fields, "lookups")
        validity = fields.read("validity", self.validity, None)
        updated_at, max_lag = self.freshness(fields, None)
        try:
            relation = self.reader.relation(fields.need("relation"))
            by = self.column_name(fields.need("by"))
            key = self.column_name(fields.need("key"))
        finally:
            fields.finish()
        own = Lookup(name, relation, by, key, properties, validity, None, updated_at, max_lag)
        beyond = (replace(one, name=f"{name}.{one.name}", via=f"{name}.{one.via}" if one.via else name) for one in further)
        return (own, *beyond)

    def columns(self, node: Node, path: tuple[str, ...], what: str) -> tuple[Column, ...]:
        """Declared columns: `name: type`, or `name: {type, column | sql}`."""
        made: dict[int, Column] = {}
        entries = enumerate(self.entries(node, f"a mapping of {what}"))
        # those with `sql:` come last: by then it is known which of the columns beside them are texts
        for number, (word, value) in sorted(entries, key=lambda one: is_computed(one[1][1])):
            self.loaded.broken.add((*path, word.text))
            with forgiven():
                name = self.reader.checked_name(word, "a name of an attribute or property").text
                made[number] = self.column(name, value, texts_among(made.values()) if is_computed(value) else frozenset())
                type_ = value.get("type") if isinstance(value, Mapping) else value
                self.typed[*path, name] = (type_ or value).span
                self.loaded.broken.discard((*path, word.text))
        return tuple(made[number] for number in sorted(made))

    def column(self, name: str, node: Node, texts: frozenset[str]) -> Column:
        """One declared column, beside columns that hold `texts`."""
        if isinstance(node, Scalar):
            return Column(name, self.type_of(node), name)
        fields = self.reader.fields(node, "an attribute or property", ("type", "column", "sql"))
        given = fields.only_one(("column", "sql"), "of `column` and `sql`")
        sql = fields.get("sql")
        try:
            type_ = self.type_of(fields.need("type"))
            column = self.column_name(fields.need("column")) if given == "column" else name
            if sql is not None:
                return Column(name, type_, "", self.expression(sql, type_, texts))
        finally:
            fields.finish()
        return Column(name, type_, column)

    def expression(self, node: Node, type_: DataType, texts: frozenset[str]) -> str:
        """A checked SQL expression of a declared type, over columns of which some are known to hold `texts`."""
        from segwh.catalog.expression import problem_of

        sql = self.reader.text(node, "a SQL expression").strip()
        problem, hint = problem_of(sql, self.dialect, type_.is_temporal, texts), ""
        if problem:
            expected = f"a scalar expression of {self.dialect} over the columns of one row"
            if "for a time" in problem:
                hint = "if it is none, cast it to what it is, or declare the column beside it `string`"
            elif "makes a time of" in problem:
                hint = "write the time as one text: `date '2026-01-31'`"
            self.complaints.reject(Code.BAD_SQL, node.span, f"the expression {problem}", expected, hint)
        return sql

    def type_of(self, node: Node) -> DataType:
        """A data type by its name."""
        scalar = self.reader.scalar(node, "a type")
        names = [type_.value for type_ in DataType]
        if scalar.text not in names:
            text = scalar.text.lower().replace(" ", "")
            hint = f"`{TYPE_SYNONYMS[text]}`" if text in TYPE_SYNONYMS else meant(scalar.text, names)
            if text.startswith(("decimal(", "numeric(")):
                hint = "`decimal` without arguments: the scale is the column's own"
            self.complaints.reject(Code.BAD_TYPE, scalar.span, f"{described(scalar)} is not a type", choices(names), hint)
        return DataType(scalar.text)

    def time_column(self, node: Node, zone: str | None) -> TimeColumn:
        """A column that says when: its name, or `{column, type, timezone}`."""
        if isinstance(node, Scalar):
            return TimeColumn(self.column_name(node), DataType.TIMESTAMP, zone)
        fields = self.reader.fields(node, "a time column", ("column", "type", "timezone"))
        own_zone = fields.read("timezone", self.zone, zone)
        type_ = fields.read("type", self.type_of, DataType.TIMESTAMP)
        written = fields.get("type")
        if type_ not in TEMPORAL_TYPES and written is not None:
            self.complaints.error(Code.BAD_TYPE, written.span, f"a time cannot be of type {type_}", "`timestamp` or `date`")
        try:
            return TimeColumn(self.column_name(fields.need("column")), type_, own_zone)
        finally:
            fields.finish()

    def validity(self, node: Node) -> Validity:
        """The columns that bound a row version."""
        fields = self.reader.fields(node, "validity", ("from", "to"))
        try:
            return Validity(self.column_name(fields.need("from")), self.column_name(fields.need("to")))
        finally:
            fields.finish()

    def zone(self, node: Node) -> str:
        """An IANA time zone."""
        return time_zone(node, self.reader)

    def column_name(self, node: Node) -> str:
        """The name of a physical column: any text."""
        return self.reader.text(node, "the name of a column")

    def entries(self, node: Node, what: str) -> tuple[tuple[Scalar, Node], ...]:
        """The entries of a mapping of names."""
        if not isinstance(node, Mapping):
            self.complaints.reject(Code.WRONG_SHAPE, node.span, f"{described(node)} stands where {what} is expected", what)
        return node.entries

    def distinct_names(self, named: Iterable[Column | Lookup], fields: Fields, place: str) -> None:
        """Complain when a lookup has the name of a column beside it."""
        seen: set[str] = set()
        for item in named:
            if item.name in seen:
                message = f"the lookup `{item.name}` has the name of a column beside it"
                self.complaints.error(Code.DUPLICATE_NAME, fields.key_span(place), message, "each name once")
            seen.add(item.name)


def kind(type_: DataType) -> str:
    """What a column holds: types of one kind are read of one column beside each other."""
    return "number" if type_.is_numeric else "time" if type_.is_temporal else type_.value


def path_of(entity: Entity, owner: Owner, lookup: Lookup | None) -> tuple[str, ...]:
    """The way to where columns are declared, as in CatalogLoader.typed."""
    words = {Entity: "", Event: f"event {owner.name}", Related: f"related {owner.name}"}[type(owner)]
    return (entity.name, *([words] if words else []), *(lookup.name.split(".") if lookup is not None else ()))


def is_computed(node: Node) -> bool:
    """Whether a declared column is a SQL expression."""
    return isinstance(node, Mapping) and node.get("sql") is not None


def texts_among(columns: Iterable[Column]) -> frozenset[str]:
    """The columns of a table, in lower case, that are declared as nothing but texts."""
    declared = [(column.column.lower(), column.type) for column in columns if column.sql is None]
    others = {name for name, type_ in declared if type_ not in (DataType.STRING, DataType.STRING_LIST)}
    return frozenset(name for name, _ in declared) - others


def time_zone(node: Node, reader: Reader) -> str:
    """An IANA time zone. Raises RejectedError for a name that the tz database does not hold."""
    name = reader.text(node, "a time zone")
    if not known_zone(name):
        hint = "`Etc/GMT-1` and alike are fixed offsets" if name.startswith(("+", "-", "UTC+", "UTC-", "GMT+", "GMT-")) else ""
        message = f"`{name}` is not a time zone"
        reader.complaints.reject(Code.BAD_ZONE, node.span, message, "an IANA name such as `Europe/London`", hint)
    return name


NO_ZONES = re.compile(r"(localtime|posixrules|Factory)$|(right|posix|SystemV)/")
"""Files beside those of zones: the machine's own zone, or clocks that no engine goes by."""


def known_zone(name: str) -> bool:
    """Whether the tz database holds a zone of that name."""
    if NO_ZONES.match(name):
        return False
    try:
        ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        return False
    return True


TYPE_SYNONYMS = {
    "text": "string", "varchar": "string", "char": "string", "str": "string", "uuid": "string",
    "int": "integer", "bigint": "integer", "smallint": "integer", "int64": "integer",
    "float": "number", "double": "number", "real": "number", "float64": "number",
    "numeric": "decimal", "money": "decimal", "bool": "boolean",
    "datetime": "timestamp", "timestamptz": "timestamp", "timestamp_tz": "timestamp", "time": "timestamp",
    "list": "list<string>", "array": "list<string>", "array<string>": "list<string>", "string[]": "list<string>",
}  # fmt: skip
"""What other systems call the types."""
