"""The refusal of what the target's engine lacks: a mistake at the rule's line, never another answer."""

from __future__ import annotations

from collections.abc import Iterable

from segwh.features import INSTEAD, Feature
from segwh.resolve.features import Need
from segwh.sql.dialects.base import SqlDialect
from segwh.text.diagnostics import Code, Complaints


def complain_of_lacks(asked: Iterable[Need], dialect: SqlDialect, complaints: Complaints) -> None:
    """Note an error for every rule that asks for what the dialect lacks."""
    for need in asked:
        if need.feature in refused(dialect):
            message = f"{need.asker} asks for {need.feature}, which {dialect.title or dialect.name} does not have"
            complaints.error(Code.ENGINE, need.span, message, INSTEAD[need.feature])


def refused(dialect: SqlDialect) -> frozenset[Feature]:
    """What is said to be lacking: where there are no lists at all, nothing is said of those that can be missing."""
    return dialect.lacks - {Feature.MISSING_LISTS} if Feature.LISTS in dialect.lacks else dialect.lacks
