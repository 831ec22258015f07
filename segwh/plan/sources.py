"""Which sources a segment depends on, through traits and other segments: what must be in order for it to be evaluated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from segwh import ir
from segwh.plan import reads


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """What can be out of order: the rows of an event or a related relation, a lookup, a column, all of an entity,
    or a segment of another entity, which in its turn depends on more.

    `owner` is whose it is: of a column that comes through a lookup, `orders.product`.
    """

    kind: Literal["entity", "event", "related", "lookup", "column", "segment"]
    owner: str
    name: str

    def __str__(self) -> str:
        match self.kind:
            case "lookup":
                return f"{self.owner}.{self.name}"
            case "column":
                return f"{self.owner}: {self.name}"
            case "segment":
                return f"segment {self.name} of {self.owner}"
            case _:
                return self.name


def sources_of_segments(project: ir.Project) -> Mapping[str, frozenset[Source]]:
    """Segment name -> the sources it depends on, its references' sources included."""
    return _sources(project)[0]


def sources_of_traits(project: ir.Project) -> frozenset[Source]:
    """The sources that traits depend on, whether a segment asks for them or not."""
    return frozenset().union(*_sources(project)[1].values())


def sources_of_columns(project: ir.Project) -> Mapping[str, frozenset[Source]]:
    """Segment name -> the sources of the columns that its audience shows beside the key."""
    traits = _sources(project)[1]

    def of_column(entity: str, name: str) -> frozenset[Source]:
        return traits.get((entity, name.partition(".")[0]), frozenset({Source("column", entity, name)}))

    return {
        one.name: frozenset[Source]().union(*(of_column(one.entity, name) for name in one.activate or ()))
        for one in project.segments
    }


def _sources(project: ir.Project) -> tuple[Mapping[str, frozenset[Source]], Mapping[tuple[str, str], frozenset[Source]]]:
    """Those of each segment, and of each trait by its entity and name."""
    owners = {segment.name: segment.entity for segment in project.segments}
    traits: dict[tuple[str, str], frozenset[Source]] = {}
    segments: dict[str, frozenset[Source]] = {}

    def of_read(entity: str, read: reads.Read) -> Iterator[Source]:
        match read:
            case ir.TraitValue(name, _, _):
                yield from traits[(entity, name)]
            case ir.MemberOf(name, _, _, None):
                yield from segments[name]
            case ir.MemberOf(name, _, _, through):
                yield from _of_lookups(entity, through or "")
                if owners[name] == entity:
                    yield from segments[name]
                else:
                    yield Source("segment", owners[name], name)
            case ir.Field():
                yield from _of_field(entity, read)
            case ir.Measured(rows, measure, _):
                yield from _of_rows(rows)
                if isinstance(measure, ir.Count):
                    yield from () if measure.by is None else _of_field(rows.name, measure.by)
                elif isinstance(measure, ir.Aggregate | ir.EdgeValue | ir.MostFrequent):
                    yield from _of_field(rows.name, measure.of)
            case ir.RowHolds(rows, _, where):
                yield from _of_rows(rows)
                yield from _of_where(rows.name, where)
            case ir.Sequence(steps, _):
                for step in steps:
                    yield Source("event", step.event, step.event)
                    yield from _of_where(step.event, step.where)
                    for same in step.same:
                        yield from _of_field(step.event, same)

    # Traits and segments may refer to each other, so both are taken in one order: whoever is ready goes first.
    waiting: list[ir.Trait | ir.Segment] = [*project.traits, *project.segments]
    while waiting:
        stuck: list[ir.Trait | ir.Segment] = []
        for item in waiting:
            try:
                if isinstance(item, ir.Trait):
                    traits[(item.entity, item.name)] = frozenset(
                        source for read in reads.of_trait(item) for source in of_read(item.entity, read)
                    )
                else:
                    own = {source for read in reads.of_segment(item) for source in of_read(item.entity, read)}
                    parents = [item.variant_of[0]] if item.variant_of else []
                    for name in (*parents, *project.earlier_in_group(item.name)):
                        own |= segments[name]
                    segments[item.name] = frozenset(own)
            except KeyError:
                stuck.append(item)
        if len(stuck) == len(waiting):
            raise ValueError("references of a bound project are acyclic")
        waiting = stuck
    return segments, traits


def _of_field(owner: str, field: ir.Field) -> Iterator[Source]:
    if field.lookup is not None:
        yield from _of_lookups(owner, field.lookup)
        owner = f"{owner}.{field.lookup}"
    yield Source("column", owner, field.name)


def _of_lookups(owner: str, name: str) -> Iterator[Source]:
    """The lookups on a way."""
    words = name.split(".")
    return (Source("lookup", owner, ".".join(words[: number + 1])) for number in range(len(words)))


def _of_where(owner: str, where: ir.Predicate | None) -> Iterator[Source]:
    for field in reads.of_rows(where):
        yield from _of_field(owner, field)


def _of_rows(rows: ir.Rows) -> Iterator[Source]:
    yield Source(rows.kind, rows.name, rows.name)
    yield from _of_where(rows.name, rows.where)
