"""Suppression lists that the rules name no more: runs remember them, so that whom they kept out does not come in unnoticed.

The start of each run tells the lists that it knows. What an earlier run told of and `exclusions` does not name is lost, until
somebody lets it go by name. Which these are is known at run time; here is what asks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from segwh import ir
from segwh.dbt.fixed_queries import raw
from segwh.dbt.jinja import jinja_string, jinja_value

LOST: Mapping[str, exp.Expr] = {
    "lost_names": raw("{{ lost.names }}"),
    "is_any_lost": raw("{{ lost.is_any }}"),
    "lost_problem": raw("'{{ lost.problem }}'"),
}
"""The words of the template of the difference, which need the line of `Lists`."""
ASKS, SPOKEN = "{%- set lost =", "{{ lost."
"""What that line begins with, and by what SQL is known that needs it."""


@dataclass(frozen=True, slots=True)
class Lists:
    """The suppression lists that rules name, and segments that have another name than before: [former, present]."""

    declared: Sequence[str]
    renamed: Sequence[Sequence[str]]

    @property
    def begun(self) -> str:
        """What the start of a run tells, as a Jinja expression."""
        return f"segwh__lists_begun({self._text})"

    def fails(self, entities: Sequence[str]) -> str:
        """The end of a run that did not publish all of these entities, as a Jinja expression."""
        return f"segwh__fail_if_held_back({jinja_value(entities)}, {self._text})"

    def line(self, entity: str) -> str:
        """A Jinja line after which `lost` tells of the lost lists of an entity."""
        own = Lists(
            [word for word in self.declared if word.startswith(_word(entity, ""))],
            [pair for pair in self.renamed if pair[0].startswith(_word(entity, ""))],
        )
        return f"{ASKS} segwh__lost_lists(run, {jinja_string(entity)}, {own._text}) -%}}"

    @property
    def _text(self) -> str:
        return f"{jinja_value(self.declared)}, {jinja_value(self.renamed)}"


def lists_of(project: ir.Project) -> Lists:
    """The lists of a project."""
    return Lists(
        sorted({_word(exclusion.entity, exclusion.segment) for exclusion in project.exclusions}),
        sorted([_word(one.entity, one.was), _word(one.entity, one.name)] for one in project.segments if one.was is not None),
    )


def _word(entity: str, segment: str) -> str:
    """A list in the words of runs; the macros take them apart."""
    return f"{entity}:{segment}"
