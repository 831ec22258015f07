"""Runs that follow: where facts were brought up to date and the log is that of the facts of before, evaluation and difference
look at changed keys alone. What decides that is known at run time; here are the lines and words that ask.

The facts bear, the same in every row, who made them and where the log ended then. The run after finds out by this whether the
log's newest rows were concluded from these very facts, and from nothing else. If not, all keys count as changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from sqlglot import exp

import segwh
from segwh import ir
from segwh.dbt.fixed_queries import raw
from segwh.dbt.jinja import jinja_string
from segwh.dbt.ledger import LOOKS_AT_ALL, Grain
from segwh.dbt.placed import Project
from segwh.plan.carry import carry
from segwh.plan.nodes import EntityPlan
from segwh.sql.compile import told_by_change

CHANGED_FACTS = ("_changed", "_gone")
"""What the names of the tables beside the facts end with that hold the keys of what became other in the newest run."""
MADE_BY, BASE = "segwh_made_by", "segwh_base"
"""The columns of the facts that tell which invocation made them by what rules, and the log's end then."""


@dataclass(frozen=True, slots=True)
class Following:
    """How a grain follows its facts: the segments that changed keys tell of, and the others, which are always asked of all."""

    grain: Grain
    facts: str
    """The name of the model."""
    told: frozenset[str]
    others: tuple[str, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """Jinja lines after which `looked` says what this run looks at."""
        read = (f"ref({jinja_string(name)})" for name in (self.facts, self.grain.model("standing"), "segwh_rules"))
        names = ", ".join(jinja_string(name) for name in (self.grain.name, self.grain.key))
        return (f"{{%- set looked = segwh__looked_at({names}, {', '.join(read)}, as_of) -%}}",)


def following(project: Project, entity: EntityPlan, grain: Grain) -> Following | None:
    """None where every run looks at everything: values as members, or facts that are always worked out in full."""
    if grain.name != entity.entity.name or not project.dialect.follows_facts:
        return None
    if carry(entity, project.bound.settings.calendar) is None:
        return None
    told = told_by_change(project.plan, entity.entity.name, project.dialect)
    mine = [one.segment for one in entity.segments if one.segment.grain == grain.name and one.segment.status == "active"]
    others = tuple(sorted(one.name for one in mine if one.name not in told))
    return Following(grain, f"segwh_{entity.entity.name}_facts", told, others) if told else None


def rules_meaning(entity: EntityPlan) -> str:
    """A text that is another one whenever the segments of an entity are concluded from its facts in another way.

    Hashes of rules are not enough: to them two segments of one rule are the same, and one may stand behind others in a group.
    """
    plans = [replace(one, segment=None) for one in entity.segments]  # type: ignore[arg-type]
    meant = [_meant(one.segment) for one in entity.segments]
    return hashlib.sha256(repr((segwh.__version__, meant, plans)).encode()).hexdigest()


def _meant(segment: ir.Segment) -> dict[str, object]:
    """All of a segment that counts, and not what people call it or where it stands."""
    rules = {what: [rule.predicate for rule in getattr(segment, what)] for what in ("include", "exclude")}
    return {each.name: getattr(segment, each.name) for each in fields(segment) if each.compare} | rules


def words(follows: Following | None) -> Mapping[str, exp.Expr]:
    """The words of the templates that read members and facts (ledger.LOOKS_AT_ALL)."""
    if follows is None:
        return LOOKS_AT_ALL
    return {
        "members_name": raw("'{{ looked.name }}'"),
        "is_overtaken": raw("{{ looked.is_overtaken }}"),
        "other_names": raw("(" + ", ".join(("''", *(f"'{name}'" for name in follows.others))) + ")"),
    }


LOOKED: Mapping[str, str] = {
    "compared": "{{ looked.held }}",
    "moved": "{{ looked.moved }}",
    "known": "{{ looked.known }}",
}
"""Where the template of the difference reads from (ledger.COMPARES_ALL)."""


def facts_lines(grain: str, meaning: str) -> tuple[str, ...]:
    """Jinja lines that set what the facts bear. `grain` is the name of the entity's own, or empty."""
    return (
        f"{{%- set made_by = segwh__made_by(invocation_id, {jinja_string(meaning)}) -%}}",
        f"{{%- set base = segwh__log_end({jinja_string(grain)}) -%}}",
        "{%- set compiled_as = segwh__number(model.raw_code) -%}",
    )

