"""The refusal of what the target's engine lacks or has no room for: a mistake at the rule's line, never another answer."""

from __future__ import annotations

from collections.abc import Iterable

from segwh import ir
from segwh.features import INSTEAD, Feature
from segwh.plan.width import crossings
from segwh.resolve.features import Need
from segwh.sql.dialects.base import SqlDialect
from segwh.text.diagnostics import Code, Complaints


def complain_of_lacks(asked: Iterable[Need], dialect: SqlDialect, complaints: Complaints) -> None:
    """Note an error for every rule that asks for what the dialect lacks."""
    for need in asked:
        if need.feature in refused(dialect):
            message = f"{need.asker} asks for {need.feature}, which {dialect.title or dialect.name} does not have"
            complaints.error(Code.ENGINE, need.span, message, INSTEAD[need.feature])


def complain_of_width(project: ir.Project, dialect: SqlDialect, complaints: Complaints) -> None:
    """Note an error for every entity that has more facts than a table has columns, at the rule that asks for one too many."""
    most, engine = dialect.limits.columns, dialect.title or dialect.name
    for crossing in () if most is None else crossings(project, most):
        facts = f"for more facts of `{crossing.entity}` than the {most:,} columns that a table of {engine} has at most"
        expected = "fewer different conditions over one entity"
        hint = "a second entity over the same relation has facts, and segments, of its own"
        complaints.error(Code.TOO_WIDE, crossing.span, f"{crossing.asker} asks {facts}", expected, hint)


def refused(dialect: SqlDialect) -> frozenset[Feature]:
    """What is said to be lacking: where there are no lists at all, nothing is said of those that can be missing."""
    return dialect.lacks - {Feature.MISSING_LISTS} if Feature.LISTS in dialect.lacks else dialect.lacks
