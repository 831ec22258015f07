"""Every feature of the language, made from its tables, and which of them a project uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass

from segwh import ir
from segwh.catalog.model import Catalog, Column, Entity, Lookup
from segwh.project import load_texts
from segwh.rules import measures, operators, syntax, windows, words
from segwh.rules.parse import parse_files, read_file
from segwh.rules.words import Place, Word
from segwh.text import source
from segwh.text.diagnostics import Complaints
from segwh.types import DataType
from tests.frontend.catalogs import CATALOG

OPERATOR, MEASURE, TRAIT_MEASURE, WINDOW, RFM_PART = "Operators", "Measures", "Measures as traits", "Windows", "Parts of RFM"
PARTS = {
    "recency": "whole 24-hour days since the last row",
    "frequency": "number of rows",
    "monetary": "sum of `value`",
    "recency_score": "1 to the number of scores; fewer days are better",
    "frequency_score": "1 to the number of scores, more is better",
    "monetary_score": "1 to the number of scores, more is better",
    "cell": "the three scores as a text: `545`",
    "name": "the name of the first cell that fits, or missing",
}
Id = tuple[str, str]
"""A family and a name."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing that the language has. `text` is a whole project that uses it, beside the catalog unless it has its own."""

    family: str
    name: str
    doc: str
    example: str
    text: str
    types: str = ""
    decides: bool = True
    settings: str = "version: 1\n"

    @property
    def id(self) -> Id:
        return self.family, self.name

    @property
    def files(self) -> dict[str, str]:
        """The project of the example."""
        own = "entities:" in self.text
        return {"rules.yml": self.text} if own else {"catalog.yml": CATALOG, "rules.yml": self.text}


ACCOUNT = (
    "entities:\n  - {name: account, relation: ref('accounts'), key: id, attributes: {plan: string}}\n"
    "  - name: customer\n    relation: ref('customers')\n    key: id\n"
    "    lookups: {account: {relation: ref('accounts'), by: account_id, key: id}}\n"
    "segments:\n  - {name: gold, label: G, entity: account, include: [{attribute: plan, is: gold}]}\n"
)
OTHERS = (
    "  - {name: other, label: O, entity: customer, include: [{attribute: city, is: Leeds}]}\n"
    "  - {name: third, label: T, entity: customer, tags: [email], include: [{event: page_views}]}\n"
)
NAMED = "conditions:\n  - {name: named, entity: customer, when: {attribute: city, is: Leeds}}\n"
RULES_OF = {
    Place.CONDITIONS: "conditions",
    Place.GROUP: "groups",
    Place.MATRIX: "matrices",
    Place.EXCLUSION: "exclusions",
}


def segment(condition: str = "everyone", rest: str = "") -> str:
    """A project of one segment, beside two others and a named condition."""
    include = condition if condition == "everyone" else f"[{condition}]"
    return f"{NAMED}segments:\n{OTHERS}  - {{name: s, label: S, entity: customer, include: {include}{rest and ', ' + rest}}}\n"


def trait(body: str) -> str:
    """A project of one trait."""
    return f"traits:\n  - {{name: t, entity: customer, {body}}}\n"


def entity(entries: str) -> str:
    """A project of one entity."""
    key = "" if entries.startswith("key:") else "key: customer_id, "
    return f"entities:\n  - {{name: customer, relation: ref('customers'), {key}{entries}}}\n"


def project_text(word: Word) -> str:
    """The example of a word as a project."""
    match word.place:
        case Place.CONDITION if word.name == "segment: of a lookup":
            return f"{ACCOUNT}  - {{name: s, label: S, entity: customer, include: [{word.example}]}}\n"
        case Place.CONDITION | Place.COMBINATOR | Place.ARGUMENT | Place.SEQUENCE:
            return segment(word.example)
        case Place.TRAIT:
            return trait(word.example)
        case Place.RFM:
            return trait(f"rfm: {{{word.example}}}")
        case Place.SEGMENT | Place.LIMIT | Place.SPLIT | Place.STAY:
            return segment(rest=word.example)
        case Place.CONDITIONS | Place.GROUP | Place.MATRIX | Place.EXCLUSION:
            return f"{RULES_OF[word.place]}:\n  - {word.example}\nsegments:\n{OTHERS}"
        case Place.ENTITY | Place.COLUMN:
            return entity(word.example)
        case Place.EVENT:
            return entity(f"events: [{{name: orders, relation: ref('orders'), key: customer_id, {word.example}}}]")
        case Place.RELATED:
            return entity(f"related: [{{name: tickets, relation: ref('tickets'), key: customer_id, {word.example}}}]")
        case Place.LOOKUP:
            return entity(f"lookups: {{account: {{relation: ref('accounts'), by: account_id, key: id, {word.example}}}}}")
        case Place.SETTING:
            return segment()


def types_of(found: frozenset[DataType]) -> str:
    """Types in words."""
    if found == frozenset(DataType):
        return "every type"
    if found == operators.SINGLE_TYPES:
        return "every type but lists"
    return ", ".join(f"`{type_.value}`" for type_ in DataType if type_ in found)


def features() -> tuple[Feature, ...]:
    """All of them, in the order in which they are documented."""
    of_words = {place: [of_word(word) for word in words.TABLE if word.place is place] for place in Place}
    return (
        *of_words.pop(Place.CONDITION),
        *of_words.pop(Place.COMBINATOR),
        *(
            Feature(OPERATOR, row.name, row.doc, row.example, segment(row.example), types_of(row.types))
            for row in operators.TABLE
        ),
        *of_words.pop(Place.ARGUMENT),
        *(
            Feature(MEASURE, row.name, row.doc, row.example, segment(row.example), types_of(row.types))
            for row in measures.TABLE
            if row.in_conditions
        ),
        *(
            Feature(WINDOW, row.name, row.doc, row.example, segment(f"{{event: orders, {row.example}}}"))
            for row in windows.TABLE
        ),
        *of_words.pop(Place.SEQUENCE),
        *of_words.pop(Place.TRAIT),
        *(of_trait(row, trait(f"event: orders, {row.trait_example}")) for row in measures.TABLE),
        *of_words.pop(Place.RFM),
        *(Feature(RFM_PART, part, PARTS[part], *rfm_example(part), f"`{type_}`") for part, type_ in ir.RFM_PART_TYPES.items()),
        *(feature for found in of_words.values() for feature in found),
    )


def of_trait(row: measures.MeasureRow, text: str) -> Feature:
    """A measure as a trait."""
    return Feature(TRAIT_MEASURE, row.name, row.doc, row.trait_example, text, types_of(row.types))


def rfm_example(part: str) -> tuple[str, str]:
    """A condition on a part of an rfm trait, and a project around it."""
    value = {"cell": "is: '555'", "name": "is: champions"}.get(part, "gte: 3")
    condition = f"{{attribute: rfm.{part}, {value}}}"
    rfm = "  - {name: rfm, entity: customer, rfm: {event: orders, value: amount, named: {champions: {r: [5]}}}}\n"
    return condition, f"traits:\n{rfm}{segment(condition)}"


def of_word(word: Word) -> Feature:
    """The feature that a word is."""
    settings = word.example if word.place is Place.SETTING else ""
    settings = settings if settings.startswith("version") else f"version: 1\n{settings}\n"
    return Feature(
        word.place.value, word.name, word.doc, word.example, project_text(word), decides=word.decides, settings=settings
    )


FEATURES = features()


# --- what a project uses --------------------------------------------------------------------------------------------------


def used(files: Mapping[str, str], settings: str | None = None) -> frozenset[Id]:
    """The features that the files of a project use. Raises ValueError if they are wrong."""
    loaded = load_texts(files, settings)
    if loaded.project is None:
        raise ValueError(loaded.text)
    complaints = Complaints()
    roots = [root for name, text in files.items() if (root := read_file(name, text, complaints)) is not None]
    settings_root = read_file("segwh.yml", settings or "", complaints)
    lookups = frozenset(lookup.name for one in loaded.project.catalog.entities for lookup in every_lookup(one))
    return frozenset(
        (
            *in_syntax(parse_files(roots, complaints).sections, lookups),
            *in_nodes(roots),
            *in_catalog(loaded.project.catalog),
            *in_project(loaded.project),
            *((Place.SETTING.value, key) for key in keys(settings_root)),
        )
    )


def keys(node: source.Node | None) -> Iterator[str]:
    """The keys of a mapping."""
    if isinstance(node, source.Mapping):
        yield from (name.text for name, _ in node.entries)


def every_lookup(one: Entity) -> tuple[Lookup, ...]:
    """The lookups of an entity and of its rows."""
    return (*one.lookups, *(lookup for rows in (*one.events, *one.related) for lookup in rows.lookups))


def parts_of(node: object) -> Iterator[object]:
    """What a dataclass or tuple holds."""
    if isinstance(node, tuple):
        yield from node
    elif is_dataclass(node) and not isinstance(node, operators.Operator | measures.MeasureRow):
        yield from (getattr(node, one.name) for one in fields(node))


def in_syntax(node: object, lookups: frozenset[str]) -> Iterator[Id]:
    """What the syntax shows, all the way down."""
    yield from at(node, lookups)
    for part in parts_of(node):
        yield from in_syntax(part, lookups)


def at(node: object, lookups: frozenset[str]) -> Iterator[Id]:
    """What one node of the syntax shows."""
    condition, argument = Place.CONDITION.value, Place.ARGUMENT.value
    match node:
        case syntax.Combined(how):
            yield Place.COMBINATOR.value, how
        case syntax.Everyone():
            yield condition, "everyone"
        case syntax.AttributeCondition(name, _, ignore_case, missing):
            yield condition, "attribute"
            if name.text.split(".")[0] in lookups:
                yield condition, "attribute: of a lookup"
            if ignore_case:
                yield argument, "ignore_case"
            yield from on_missing(missing)
        case syntax.Comparison(operator, given):
            yield OPERATOR, operator.name
            if isinstance(given, syntax.OtherColumn):
                yield argument, "another column"
            if isinstance(given, syntax.ListColumn):
                yield argument, "list of a relation"
            if operator.name == "exists" and given is False:
                yield argument, "exists: false"
        case syntax.Within(_, ending) if ending is not None:
            yield argument, "ending"
        case syntax.RowsCondition():
            yield condition, node.kind
            yield from where_of(node, condition)
            yield from on_missing(node.missing)
            yield from window_name(node.window)
        case syntax.MeasureUse(row, of, bounds, where):
            yield MEASURE, row.name
            if row.name == "count" and of is not None:
                yield argument, "by"
            if where is not None:
                yield argument, f"{row.name}: where"
            if len(bounds) > 1:
                yield argument, "several bounds"
            if len(bounds) == 1 and bounds[0].span == node.span:
                yield argument, "bare number"
        case syntax.SegmentCondition(name, entered, held):
            yield condition, "segment: of a lookup" if "." in name.text else "segment"
            if entered is not None:
                yield condition, "entered"
            if held is not None:
                yield condition, "for"
        case syntax.NamedCondition():
            yield condition, "condition"
        case syntax.SequenceCondition(_, window):
            yield condition, "sequence"
            if window is not None:
                yield Place.SEQUENCE.value, "window"
        case syntax.Step(_, negative, _, within, same):
            yield Place.SEQUENCE.value, "without" if negative else "event"
            if within is not None and not negative:
                yield Place.SEQUENCE.value, "within"
            if same:
                yield Place.SEQUENCE.value, "same"
        case syntax.MeasureTrait(kind, _, row, of):
            yield Place.TRAIT.value, kind
            yield TRAIT_MEASURE, row.name
            yield from where_of(node, Place.TRAIT.value)
            if row.name == "count" and of is not None:
                yield Place.TRAIT.value, "count: by"
            if row.name in ("first", "last") and of is not None and of.text == "time":
                yield Place.TRAIT.value, "first: time"
        case syntax.RfmTrait():
            yield from where_of(node, Place.RFM.value)
            yield Place.RFM.value, "event"
            yield Place.RFM.value, "value"
            if node.named:
                yield Place.RFM.value, "named"
        case syntax.ScoringSyntax(_, method):
            yield Place.RFM.value, f"method: {method}"


def on_missing(what: str | None) -> Iterator[Id]:
    """`missing`, if it is there."""
    if what is not None:
        yield Place.ARGUMENT.value, f"missing: {what}"


def where_of(node: syntax.RowsCondition | syntax.MeasureTrait | syntax.RfmTrait, family: str) -> Iterator[Id]:
    """`where` and the window of rows, if they are there."""
    if node.where is not None:
        yield family, "where"
    if node.window is not None and family != Place.CONDITION.value:
        yield family, "window"


def window_name(window: syntax.Window | None) -> Iterator[Id]:
    """Which window it is."""
    match window:
        case None:
            return
        case syntax.Within():
            yield WINDOW, "within"
        case syntax.Between():
            yield WINDOW, "between"
        case syntax.Since():
            yield WINDOW, "since"
        case syntax.Until():
            yield WINDOW, "until"
        case syntax.CalendarUnits():
            yield WINDOW, "calendar"
        case syntax.BeforeAgo():
            yield WINDOW, "before"


def in_nodes(roots: list[source.Node]) -> Iterator[Id]:
    """What only the text shows: forms that mean the same further on, and the keys of sections."""
    for root in roots:
        yield from in_node("", root)
        assert isinstance(root, source.Mapping)
        for section, items in root.entries:
            for item in items.items if isinstance(items, source.Items) else ():
                yield from in_item(section.text, item)


def in_node(key: str, node: source.Node) -> Iterator[Id]:
    """Forms under a key, all the way down."""
    match node:
        case source.Mapping(entries):
            for name, value in entries:
                if key in ("calendar", "day_of_year", "day_of_week", "hour"):
                    yield Place.ARGUMENT.value, f"{key}: {name.text}"
                yield from in_node(name.text, value)
        case source.Items(items):
            for item in items:
                yield from in_node("", item)
        case source.Scalar():
            return


ITEMS = {
    "conditions": Place.CONDITIONS,
    "groups": Place.GROUP,
    "matrices": Place.MATRIX,
    "exclusions": Place.EXCLUSION,
    "segments": Place.SEGMENT,
    "entities": Place.ENTITY,
    "traits": Place.TRAIT,
}
INSIDE = {"limit": Place.LIMIT, "split": Place.SPLIT, "stay": Place.STAY, "rfm": Place.RFM}
INSIDE_ENTITY = {"events": Place.EVENT, "related": Place.RELATED}


def in_item(section: str, item: source.Node) -> Iterator[Id]:
    """The keys of an item of a section."""
    place = ITEMS[section]
    yield from ((place.value, key) for key in keys(item))
    assert isinstance(item, source.Mapping)
    for name, value in item.entries:
        if name.text in INSIDE:
            yield from ((INSIDE[name.text].value, key) for key in keys(value))
        if section == "entities" and name.text in INSIDE_ENTITY and isinstance(value, source.Items):
            for rows in value.items:
                yield from ((INSIDE_ENTITY[name.text].value, key) for key in keys(rows))
        if section == "segments" and name.text == "include":
            yield place.value, "include"


def in_catalog(catalog: Catalog) -> Iterator[Id]:
    """What the catalog shows."""
    for one in catalog.entities:
        for lookup in every_lookup(one):
            yield from ((Place.LOOKUP.value, key) for key in ("relation", "by", "key", "properties"))
            if lookup.validity is not None:
                yield Place.LOOKUP.value, "validity"
            if lookup.max_lag is not None:
                yield from ((Place.LOOKUP.value, key) for key in ("updated_at", "max_lag"))
            if lookup.via is not None:
                yield Place.LOOKUP.value, "lookups"
        for column in every_column(one):
            yield Place.COLUMN.value, "type"
            if column.sql is not None:
                yield Place.COLUMN.value, "sql"
            elif column.column != column.name:
                yield Place.COLUMN.value, "column"


def every_column(one: Entity) -> Iterator[Column]:
    """The declared columns of an entity, its rows and its lookups."""
    yield from one.attributes
    for rows in (*one.events, *one.related):
        yield from rows.properties
    for lookup in every_lookup(one):
        yield from lookup.properties


def in_project(node: object) -> Iterator[Id]:
    """What the bound project shows: the parts of rfm traits that are asked for."""
    if isinstance(node, ir.TraitValue) and node.part is not None:
        yield RFM_PART, node.part
    if isinstance(node, tuple) or is_dataclass(node):
        for part in parts_of(node):
            yield from in_project(part)
