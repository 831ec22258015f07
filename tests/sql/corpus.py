"""All that the compiler says in a dialect: the queries of every story and family, and the models of the example project."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from segwh import ir
from segwh.dbt.compile import compiled_files
from segwh.errors import UserError
from segwh.plan import build
from segwh.plan.prune import pruned
from segwh.project import load_project, load_texts
from segwh.resolve.features import needs
from segwh.sql import (
    DIALECTS,
    Query,
    SqlDialect,
    evaluation_query,
    facts_query,
    left_out_query,
    literals,
    reasons_query,
    render,
    representatives_query,
)
from segwh.sql.compile import Before
from segwh.sql.explanation import explanation_query
from segwh.sql.holes import RelationHole, hole_name
from segwh.types import DataType
from tests.cases import harness
from tests.sql import stories

AS_OF = datetime(2026, 3, 31, 12, 30, 15, 250_000, tzinfo=UTC)
SHOP = Path(__file__).parents[2] / "dbt_project"
LOST = {"names": "('', 'unsubscribed')", "is_any": "(1 = 1)", "problem": "it is lost"}
"""What a run knows of suppression lists that the rules name no more."""


@cache
def projects() -> Mapping[str, ir.Project]:
    """The projects of the stories in tests/cases, and of the families, by name."""
    found = {f"family {name}": stories.project(name) for name in stories.STORIES}
    for path in harness.paths():
        case = harness.load(path)
        project = load_texts(case.texts, case.settings).project
        assert project is not None, path
        found[case.name] = project
    return found


def possible(project: ir.Project, dialect: SqlDialect) -> bool:
    """Whether the engine has all that the project asks for."""
    return not any(need.feature in dialect.lacks for need in needs(project))


def queries(project: ir.Project, dialect: SqlDialect) -> Iterator[Query]:
    """What the models of a project ask of its rows."""
    plan = build(project, {segment.name: f"hash of {segment.name}" for segment in project.segments})
    for entity in plan.with_all_read(plan.entities):
        yield facts_query(plan, entity.entity.name, dialect)
    for grain in plan.grains:
        yield evaluation_query(plan, grain, dialect)
        yield reasons_query(plan, grain, dialect)
        for query in (left_out_query(plan, grain, dialect), representatives_query(plan, grain, dialect)):
            if query is not None:
                yield query


def statements(project: ir.Project, dialect: SqlDialect) -> Iterator[str]:
    """The same as text, with names of tables and literals in the holes."""
    fill = literals(_named, AS_OF, project.settings.calendar, dialect)
    for query in queries(project, dialect):
        yield render(query, dialect, fill)


def explanations(dialect: SqlDialect, every: int) -> Iterator[str]:
    """What explain asks of one key, with the books of earlier runs: of the last segment of one in `every` projects."""
    for project in [one for one in projects().values() if one.segments][::every]:
        segment = project.segments[-1]
        if possible(project, dialect):
            on = project.entity(segment.entity).key if segment.aggregate_on is None else segment.aggregate_on
            key = -7 if on.type is DataType.INTEGER else "O'Hara"
            grains = {one.grain: f"{one.grain[:20]}_books" for one in project.segments}
            before = Before(grains, grains, grains)
            yield explanation_query(
                project, segment.name, key, AS_OF, dialect, lambda relation, _: _named(relation), before
            ).sql


def _named(hole: RelationHole) -> str:
    """A name that every engine takes, of 40 characters at most."""
    return re.sub(r"\W", "_", hole_name(hole)).lower()[:40]


# --- models ---------------------------------------------------------------------------------------------------------------


@cache
def models(dialect: str) -> Mapping[str, str]:
    """The files of the example's models for a dialect, by path; without the segments that its engine cannot have."""
    project = load_project(SHOP).project
    assert project is not None
    names = [one.name for one in project.segments]
    return _models(
        pruned(project, [name for name in names if possible(pruned(project, [name]), DIALECTS[dialect])]), dialect
    )


@cache
def few_models(dialect: str) -> Mapping[str, str]:
    """Those of a small project with every kind of model."""
    return _models(stories.project("references"), dialect)


def _models(project: ir.Project, dialect: str) -> Mapping[str, str]:
    files = compiled_files(project, {segment.name: "hash" for segment in project.segments}, dialect)
    return {path: text for path, text in files.items() if path.startswith("models/") and path.endswith(".sql")}


def rendered(text: str, *, is_incremental: bool) -> str:
    """What dbt makes of a model: its Jinja with the run of `AS_OF`, and relations by their bare names."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined)
    return environment.from_string(text).render(_context(is_incremental)).strip()


def _context(is_incremental: bool) -> dict[str, Any]:
    at = AS_OF.replace(tzinfo=None)

    class Relation(str):
        """A relation as dbt prints it."""

        __slots__ = ()

        def render(self) -> str:
            """Its name."""
            return str(self)

    def nothing(*_: object, **__: object) -> str:
        return ""

    def relation(*parts: str) -> Relation:
        return Relation("_".join(parts))

    def looked_at(facts: str) -> dict[str, str]:
        looked = {"facts": facts, "only": "true", "moved": facts, "held": "held", "known": "counted", "is_overtaken": "false"}
        if is_incremental:
            sizes = "(select segment, members, 0 as entered, 0 as exited from log)"
            looked |= {"only": "score > 1", "held": "narrowed", "known": sizes, "is_overtaken": "(base.sequence <> 0)"}
        return {**looked, "name": "2026-03-31 12:30:15"}

    def text_rows(names: list[str]) -> str:
        both = " union all ".join(f"select 'a' as {names[0]}, 'it''s {number}' as {names[1]}" for number in range(2))
        return f"({both})"

    return {
        "config": nothing,
        "ref": relation,
        "source": relation,
        "this": Relation("this_model"),
        "var": lambda name, default=None: default,
        "is_incremental": lambda: is_incremental,
        "invocation_id": "4a3b",
        "run_started_at": AS_OF,
        "modules": type("modules", (), {"pytz": type("pytz", (), {"utc": UTC})}),
        "segwh__run": lambda *_: {"id": "4a3b", "as_of": at},
        "segwh__requested_as_of": lambda *_: at,
        "segwh__text": lambda when: when.strftime("%Y-%m-%d %H:%M:%S.%f"),
        "segwh__now": lambda: at.strftime("%Y-%m-%d %H:%M:%S") + "+00",
        "segwh__day_text": lambda when: when.strftime("%Y-%m-%d"),
        "segwh__shifted": lambda when, *_: when,
        "segwh__edge": lambda when, *_: when,
        "segwh__parsed": lambda *_: at,
        "segwh__day_from": lambda when, *_: when,
        "segwh__reads_part": lambda: False,
        "segwh__grows": lambda: is_incremental,
        "segwh__measured_as": lambda *_: 1,
        "segwh__facts_before": lambda *_: {"as_of": at, "is_in_line": "(1 = 1)", "made_by": 1} if is_incremental else None,
        "segwh__unless_lost": lambda before, _: before,
        "segwh__require_remembered_keys": lambda *_: None,
        "segwh__made_by": lambda *_: 1,
        "segwh__number": lambda _: 1,
        "model": {"raw_code": ""},
        "segwh__log_end": lambda *_: 0,
        "segwh__project": lambda: "shop",
        "segwh__log_ends": lambda _: "segwh_customer_log:12",
        "segwh__is_elsewhere_overtaken": lambda run, _: (
            f"(exists (select 1 from segwh_other_log as other_log where other_log.sequence > 12"
            f" and other_log.run_id <> '{run['id']}'))"
        ),
        "segwh__lists_begun": lambda *_: "customer:unsubscribed",
        "segwh__lost_lists": lambda *_: LOST,
        "segwh__looked_at": lambda _, facts, *__: looked_at(facts),
        "segwh__in_order": lambda before, _: before,
        "segwh__existing": lambda name: Relation(name) if is_incremental else None,
        "segwh__rows": lambda of: of,
        "segwh__plain_rows": lambda of: of,
        "segwh__whole": lambda of: of,
        "segwh__readable": lambda of, *_, **__: of,
        "segwh__names": lambda _: "('')",
        "segwh__held_back": lambda: "('kept', 'blocked')",
        "segwh__is_wanted": lambda *_: "(1 = 1)",
        "segwh__misfit_rows": lambda _: text_rows(["subject", "problem"]),
        "segwh__spoilt": lambda *_: text_rows(["segment", "subject"]),
    }


def all_texts(dialect: SqlDialect, every: int = 1) -> Iterator[str]:
    """Every distinct statement of the dialect, or those of one in `every` project and model."""
    seen: set[str] = set()
    for text in _texts(dialect, every):
        if text not in seen:
            seen.add(text)
            yield text


def _texts(dialect: SqlDialect, every: int) -> Iterator[str]:
    for project in list(projects().values())[::every]:
        with suppress(UserError):  # what the engine cannot do, or a time zone that it does not know
            if possible(project, dialect):
                yield from statements(project, dialect)
    for text in list(models(dialect.name).values())[::every]:
        for is_incremental in (False, True):
            yield rendered(text, is_incremental=is_incremental)
