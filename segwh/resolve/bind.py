"""The binding of a whole project: catalog and sections become ir.Project, in dependency order; every mistake is collected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

from segwh import ir
from segwh.catalog.load import LoadedCatalog
from segwh.ir import Project, Segment, Settings, Trait
from segwh.resolve.conditions import ConditionBinder
from segwh.resolve.contradictions import warn_of_slips
from segwh.resolve.expand import matrix_segments, segment_signatures, stage_segments, variant_segments
from segwh.resolve.memory import Remembered, RememberedFile, StaleError
from segwh.resolve.order import Dependent, Edge, in_order, title
from segwh.resolve.scope import EntityScope, Uses
from segwh.resolve.segments import SegmentBinder, Waterfalls
from segwh.resolve.traits import TraitBinder, trait_signatures
from segwh.rules import syntax
from segwh.text.diagnostics import Code, Complaints, Diagnostic, RejectedError
from segwh.text.reading import forgiven
from segwh.text.source import Scalar

MOST_WIDE = 500
"""Segments of one grain with `analytics: true`: columns that a table can have on every engine."""
T = TypeVar("T")
NOTHING_REMEMBERED: Mapping[str, RememberedFile] = {}


class Binder:
    """Binds one project. What is wrong is left out, so that the rest can still be checked."""

    def __init__(
        self,
        settings: Settings,
        catalog: LoadedCatalog,
        sections: syntax.Sections,
        lines: Mapping[str, list[str]],
        complaints: Complaints,
        remembered: Mapping[str, RememberedFile] = NOTHING_REMEMBERED,
    ) -> None:
        """`lines` of all files by name; `remembered` are those files that `sections` know nothing of."""
        self.settings = settings
        self.catalog = catalog
        self.sections = sections
        self.complaints = complaints
        self.declared: dict[str, list[syntax.SegmentDeclaration]] = {}
        for declaration in sections.segments:
            self.declared.setdefault(declaration.name.file, []).append(declaration)
        self.written: list[syntax.SegmentDeclaration | Remembered] = []
        for file in lines:
            known = remembered.get(file)
            self.written += self.declared.get(file, ()) if known is None else known.segments
        signatures = segment_signatures(self.written, sections, catalog.entities, complaints)
        named = self.unique([(item.name, item) for item in sections.conditions], "condition")
        self.conditions = ConditionBinder(settings.calendar, catalog, signatures, named, complaints)
        self.segment_binder = SegmentBinder(
            self.conditions, signatures, lines, settings, frozenset(one.segment.text for one in sections.exclusions), complaints
        )
        traits = trait_signatures(sections.traits, catalog, complaints)
        self.scopes = {
            name: EntityScope(entity, catalog, traits[name], complaints) for name, entity in catalog.entities.items()
        }
        self.traits: dict[Dependent, Trait] = {}
        self.segments: dict[str, Segment] = {}
        self.edges: dict[Dependent, tuple[Edge, ...]] = {}

    def unique(self, items: list[tuple[Scalar, T]], what: str) -> dict[str, T]:
        """Items by name; a name that is taken is complained about."""
        made: dict[str, T] = {}
        for name, item in items:
            if name.text in made:
                message = f"the {what} `{name.text}` is declared twice"
                self.complaints.error(Code.DUPLICATE_NAME, name.span, message, "each name once")
            made.setdefault(name.text, item)
        return made

    def project(self) -> Project:
        """The bound project. It is complete only if nothing was complained about.

        Raises StaleError when what is remembered is no longer so.
        """
        self.check_named_conditions()
        for trait in self.sections.traits:
            self.trait(trait)
        cells = [cell for matrix in self.sections.matrices for cell in matrix_segments(matrix)]
        self.unique([(matrix.name, matrix) for matrix in self.sections.matrices], "matrix")
        for matrix in self.sections.matrices:
            self.warn_of_matrix(matrix)
        for segment in (*self.written, *cells):
            if isinstance(segment, Remembered):
                self.recalled(segment)
            else:
                self.segment(segment)
        self.check_former_names([*self.sections.segments, *cells])
        groups = self.groups()
        exclusions = self.exclusions()
        self.check_grains()
        self.check_wide()
        unordered = Project(
            self.settings, self.catalog.catalog, tuple(self.traits.values()), tuple(self.segments.values()), groups, exclusions
        )
        edges = self.all_edges(unordered)
        ordered = in_order(edges, self.complaints)
        if not any(found.code is Code.CYCLE for found in self.complaints.found):
            in_order(self.between_entities(edges), self.complaints)
        return Project(
            self.settings,
            self.catalog.catalog,
            tuple(self.traits[node] for node in ordered if node in self.traits),
            tuple(self.segments[node[1]] for node in ordered if node[0] == "segment" and node[1] in self.segments),
            groups,
            exclusions,
        )

    def between_entities(self, edges: Mapping[Dependent, tuple[Edge, ...]]) -> dict[Dependent, tuple[Edge, ...]]:
        """What entities refer to through lookups. Each is evaluated as a whole, so they too must have an order."""
        found: dict[Dependent, tuple[Edge, ...]] = {}
        for node, own in edges.items():
            entity = self.entity_of(node)
            for edge in own:
                other = self.entity_of(edge.to)
                if entity is not None and other is not None and entity != other:
                    because = Edge(("entity", other), edge.span, f"{title(node)} refers to {title(edge.to)}")
                    found["entity", entity] = (*found.get(("entity", entity), ()), because)
        return found

    def entity_of(self, node: Dependent) -> str | None:
        """Whose trait or segment something is; None for one that could not be bound."""
        if node[0] == "trait":
            return node[1]
        segment = self.segments.get(node[1])
        return None if segment is None else segment.entity

    def check_former_names(self, written: Sequence[syntax.SegmentDeclaration]) -> None:
        """Only one segment carries on the log of a former one."""
        heirs: dict[str, str] = {}
        for segment in written:
            if segment.was is None:
                continue
            heir = heirs.setdefault(segment.was.text, segment.name.text)
            if heir != segment.name.text:
                message = f"`{heir}` was called `{segment.was.text}` too"
                self.complaints.error(Code.DUPLICATE_NAME, segment.was.span, message, "one segment that carries its members on")

    def scope_of(self, entity: Scalar) -> EntityScope:
        """The names of an entity. Raises RejectedError for an unknown one."""
        scope = self.scopes.get(entity.text)
        if scope is None:
            if (entity.text,) in self.catalog.broken:
                raise RejectedError
            self.complaints.reject_unknown(entity.text, entity.span, "an entity", self.scopes)
        return scope

    def check_named_conditions(self) -> None:
        """Bind every named condition once, used or not."""
        for declaration in self.sections.conditions:
            with forgiven():
                self.conditions.inline(declaration.name, self.scope_of(declaration.entity), Uses())

    def trait(self, declaration: syntax.TraitDeclaration) -> None:
        """Bind a trait and, if it is tracked, make the segments of its stages."""
        scope = self.scopes.get(declaration.entity.text)
        if scope is None:
            return
        node: Dependent = ("trait", scope.entity.name, declaration.name.text)
        uses = Uses()
        with forgiven():
            trait = TraitBinder(self.conditions, self.complaints).trait(declaration, scope, uses)
            if node in self.traits:
                return
            self.traits[node] = trait
            if isinstance(declaration.definition, syntax.StagesTrait) and declaration.definition.track:
                for segment in stage_segments(trait):
                    self.segments[segment.name] = segment
                    self.edges["segment", segment.name] = (Edge(node, declaration.name.span),)
        self.edges[node] = edges_of(uses)

    def warn_of_matrix(self, matrix: syntax.MatrixDeclaration) -> None:
        """Warn of rows and columns that nobody meets; of those that somebody does, a cell may still be empty."""
        conditions = [column.condition for column in matrix.columns]
        for row in matrix.rows:
            of = row.condition
            if matrix.event is not None and not isinstance(of, syntax.Broken):
                of = syntax.RowsCondition("event", matrix.event, of, None, None, None, None, of.span)
            conditions.append(of)
        for condition in conditions:
            with forgiven():
                if matrix.entity is not None:
                    scope = self.scope_of(matrix.entity)
                    warn_of_slips(self.conditions.condition(condition, scope, Uses()), condition.span, self.complaints)

    def segment(self, declaration: syntax.SegmentDeclaration) -> None:
        """Bind a segment and make the variants of its split."""
        if declaration.entity is None:
            return
        uses = Uses()
        with forgiven():
            segment = self.segment_binder.segment(declaration, self.scope_of(declaration.entity), uses)
            if segment.name in self.segments:
                return
            self.segments[segment.name] = segment
            self.edges["segment", segment.name] = edges_of(uses)
            for variant in variant_segments(segment):
                self.segments[variant.name] = variant
                whole = declaration.name.span
                self.edges["segment", variant.name] = (Edge(("segment", segment.name), whole, "the whole of the split"),)

    def recalled(self, one: Remembered) -> None:
        """Take a segment as it was bound before. Raises StaleError if what it refers to is of another entity now."""
        for name, entity in one.referred:
            signature = self.conditions.segments.get(name)
            if signature is None or signature.entity != entity:
                raise StaleError
        self.segments[one.segment.name] = one.segment
        self.edges["segment", one.segment.name] = one.edges

    def to_remember(self, file: str, warnings: Iterable[Diagnostic]) -> RememberedFile | None:
        """What there is to remember of a file that holds nothing but segments; None where others must know more of it."""
        found: list[Remembered] = []
        for declaration in self.declared.get(file, ()):
            if declaration.split is not None or declaration.was is not None:
                return None
            edges = self.edges["segment", declaration.name.text]
            names = [edge.to[1] for edge in edges if edge.to[0] == "segment"]
            referred = tuple((name, self.conditions.segments[name].entity) for name in names)
            found.append(Remembered(self.segments[declaration.name.text], edges, referred))
        return RememberedFile(tuple(found), tuple(warnings))

    def groups(self) -> tuple[ir.Group, ...]:
        """All groups that can be bound."""
        made: list[ir.Group] = []
        waterfalls = Waterfalls(self.conditions, self.segments, self.scopes, self.complaints)
        for declaration in self.unique([(group.name, group) for group in self.sections.groups], "group").values():
            with forgiven():
                made.append(waterfalls.group(declaration))
        return tuple(made)

    def exclusions(self) -> tuple[ir.Exclusion, ...]:
        """All exclusions that can be bound."""
        made: list[ir.Exclusion] = []
        waterfalls = Waterfalls(self.conditions, self.segments, self.scopes, self.complaints)
        suppressing = {declaration.segment.text for declaration in self.sections.exclusions}
        for declaration in self.sections.exclusions:
            with forgiven():
                made.append(waterfalls.exclusion(declaration, suppressing))
        return tuple(made)

    def check_grains(self) -> None:
        """An entity and an aggregated grain cannot have one name, nor can those of two entities: their tables would be one."""
        entities: dict[str, str] = {}
        for segment in self.segments.values():
            other = entities.setdefault(segment.grain, segment.entity)
            if other != segment.entity and segment.span is not None:
                message = f"the grain `{segment.grain}` of `{segment.name}` is one of {other}, too"
                self.complaints.error(Code.DUPLICATE_NAME, segment.span, message, "another name of the entity or the attribute")
            if segment.aggregate_on is not None and segment.grain in self.scopes and segment.span is not None:
                message = f"the grain `{segment.grain}` of `{segment.name}` has the name of an entity"
                self.complaints.error(Code.DUPLICATE_NAME, segment.span, message, "another name of the entity")

    def check_wide(self) -> None:
        """At most MOST_WIDE segments of one grain are offered as booleans."""
        counts: dict[str, int] = {}
        for segment in self.segments.values():
            counts[segment.grain] = counts.get(segment.grain, 0) + segment.analytics
            if segment.analytics and counts[segment.grain] == MOST_WIDE + 1 and segment.span is not None:
                message = f"more than {MOST_WIDE} segments of {segment.grain} have `analytics: true`"
                self.complaints.error(Code.OUT_OF_RANGE, segment.span, message, f"at most {MOST_WIDE}")

    def all_edges(self, project: Project) -> dict[Dependent, tuple[Edge, ...]]:
        """What every trait and segment refers to: by its rule, its groups and the project-wide exclusions."""
        edges = {node: own for node, own in self.edges.items() if node in self.traits or node[0] == "segment"}
        for group in project.groups:
            for earlier, later in pairwise(group.segments):
                place = group.span or self.conditions.segments[later].span
                edge = Edge(("segment", earlier), place, f"before it in the group {group.name}")
                edges["segment", later] = (*edges.get(("segment", later), ()), edge)
        places = {exclusion.segment: exclusion.span for exclusion in project.exclusions}
        if places:
            for segment in project.segments:
                for suppression in project.suppressions(segment):
                    place = places[suppression] or self.conditions.segments[suppression].span
                    edge = Edge(("segment", suppression), place, "a project-wide exclusion")
                    edges["segment", segment.name] = (*edges.get(("segment", segment.name), ()), edge)
        return edges


def edges_of(uses: Uses) -> tuple[Edge, ...]:
    """What a rule refers to."""
    traits = tuple(Edge(("trait", entity, name), span) for (entity, name), span in uses.traits.items())
    return traits + tuple(Edge(("segment", name), span) for name, span in uses.segments.items())
