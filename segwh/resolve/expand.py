"""The sugar of segments: cells of matrices, variants of splits and tracked stages become segments of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from segwh import ir
from segwh.resolve.memory import Remembered
from segwh.resolve.references import SegmentSignature
from segwh.rules import syntax
from segwh.text.diagnostics import Code, Complaints
from segwh.text.reading import LONGEST_NAME
from segwh.text.source import Items, Scalar, Span


def matrix_segments(matrix: syntax.MatrixDeclaration) -> tuple[syntax.SegmentDeclaration, ...]:
    """The cells of a matrix as segments: row condition and column condition, or rows filtered and measured."""
    made: list[syntax.SegmentDeclaration] = []
    for row in matrix.rows:
        for column in matrix.columns:
            name = cell_name(matrix.name.text, row.name.text, column.name.text)
            label = f"{matrix.options.label or matrix.name.text}: {row.name.text}, {column.name.text}"
            made.append(
                syntax.SegmentDeclaration(
                    replace(column.name, text=name),
                    matrix.entity,
                    cell_rules(matrix, row, column),
                    replace(matrix.options, label=label),
                    None,
                    None,
                    matrix.node,
                    is_cell=True,
                )
            )
    return tuple(made)


def cell_name(matrix: str, row: str, column: str) -> str:
    """The name of a cell's segment."""
    return f"{matrix}__{row}__{column}"


def cell_rules(
    matrix: syntax.MatrixDeclaration, row: syntax.MatrixCell, column: syntax.MatrixCell
) -> tuple[syntax.WrittenRule, ...]:
    """The include of a cell."""
    if matrix.event is not None and isinstance(column.condition, syntax.Broken):
        return (syntax.WrittenRule(column.condition, column.node),)
    if matrix.event is None or not isinstance(column.condition, syntax.RowsCondition):
        return syntax.WrittenRule(row.condition, row.node), syntax.WrittenRule(column.condition, column.node)
    own = column.condition.where
    where = row.condition if own is None else syntax.Combined("all", (row.condition, own), column.condition.span)
    node = Items((row.node, column.node), column.node.file, column.node.start, column.node.end)
    return (syntax.WrittenRule(replace(column.condition, where=where), node),)


def variant_segments(segment: ir.Segment) -> tuple[ir.Segment, ...]:
    """The variants of a split segment, in the order written; the audience views are theirs, none for `holdout`."""
    if segment.split is None:
        return ()
    return tuple(
        replace(
            segment,
            name=variant_name(segment.name, variant),
            include=(ir.Rule(ir.MemberOf(segment.name), f"{{segment: {segment.name}}}", segment.span),),
            exclude=(),
            type="dynamic",
            status="active",
            expires_at=None,
            time_to_live=None,
            limit=None,
            split=None,
            stay=None,
            always=None,
            variant_of=(segment.name, variant),
            label=f"{segment.label or segment.name} ({variant})",
            expires_on="",
            activate=None if variant == "holdout" else segment.activate,
            was=variant_name(segment.was, variant) if segment.was else None,
        )
        for variant, _ in segment.split.variants
    )


def variant_name(segment: str, variant: str) -> str:
    """The name of a variant's segment."""
    return f"{segment}__{variant}"


def stage_segments(trait: ir.Trait) -> tuple[ir.Segment, ...]:
    """A hidden segment for each stage of a tracked life cycle: the log keeps who moved when."""
    if not isinstance(trait.definition, ir.Stages):
        return ()
    operand = ir.TraitValue(trait.name, trait.type)
    return tuple(
        ir.Segment(
            stage_name(trait.name, stage),
            trait.entity,
            (ir.Rule(ir.OneOf(operand, (stage,)), f"{{attribute: {trait.name}, is: {stage}}}", trait.span),),
            hidden=True,
            label=f"{trait.name}: {stage}",
            description=f"Stage {stage} of {trait.name}.",
            span=trait.span,
        )
        for stage, _ in trait.definition.entries
    )


def stage_name(trait: str, stage: str) -> str:
    """The name of a tracked stage's segment."""
    return f"{trait}__{stage}"


def segment_signatures(
    written: Iterable[syntax.SegmentDeclaration | Remembered],
    sections: syntax.Sections,
    entities: Mapping[str, object],
    complaints: Complaints,
) -> Mapping[str, SegmentSignature]:
    """All segments by name, written and generated; names that are taken or too long are complained about."""
    made: dict[str, SegmentSignature] = {}

    def declare(name: str, entity: Scalar | str | None, span: Span, generated: bool) -> None:
        if name in made:
            message = f"the segment `{name}` is declared twice (first at {made[name].span})"
            complaints.error(Code.DUPLICATE_NAME, span, message, "each name once")
            return
        if len(name.encode()) > LONGEST_NAME:
            message = f"the name `{name}` that this makes has {len(name.encode())} bytes"
            complaints.error(Code.LONG_NAME, span, message, f"at most {LONGEST_NAME} bytes")
        of = entity.text if isinstance(entity, Scalar) else entity
        made[name] = SegmentSignature(name, of if of in entities else None, span, generated)

    for segment in written:
        if isinstance(segment, Remembered):
            if segment.segment.span is not None:
                declare(segment.segment.name, segment.segment.entity, segment.segment.span, False)
            continue
        declare(segment.name.text, segment.entity, segment.name.span, False)
        for variant, _ in segment.split.variants if segment.split else ():
            declare(variant_name(segment.name.text, variant.text), segment.entity, variant.span, True)
    for matrix in sections.matrices:
        for row in matrix.row_names:
            for column in matrix.column_names:
                place = next((c.name.span for c in matrix.columns if c.name.text == column), matrix.name.span)
                declare(cell_name(matrix.name.text, row, column), matrix.entity, place, False)
    for trait in sections.traits:
        if isinstance(trait.definition, syntax.StagesTrait) and trait.definition.track:
            for stage, _ in trait.definition.entries:
                declare(stage_name(trait.name.text, stage.text), trait.entity, stage.span, False)
    return made
