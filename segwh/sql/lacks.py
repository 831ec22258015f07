"""The refusal of what the target's engine lacks: a mistake at the rule's line, never another answer."""

from __future__ import annotations

from segwh import ir
from segwh.features import INSTEAD
from segwh.resolve.features import needs
from segwh.sql.dialects.base import SqlDialect
from segwh.text.diagnostics import Code, Complaints


def complain_of_lacks(project: ir.Project, dialect: SqlDialect, complaints: Complaints) -> None:
    """Note an error for every rule that asks for what the dialect lacks."""
    for need in needs(project):
        if need.feature in dialect.lacks:
            message = f"{need.asker} asks for {need.feature}, which {dialect.title or dialect.name} does not have"
            complaints.error(Code.ENGINE, need.span, message, INSTEAD[need.feature])
