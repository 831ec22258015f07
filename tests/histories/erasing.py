"""`segwh erase` on the in-memory warehouse: the same search, statements and tombstone, another way to the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from segwh.commands.erase import Books, Erasure
from segwh.dbt.erasure import Member
from segwh.types import Relation
from tests.histories.runner import Compiled, Runner


@dataclass(frozen=True)
class Column:
    name: str


@dataclass(frozen=True)
class InMemory:
    """What an erasure asks of a warehouse."""

    runner: Runner
    project: Compiled
    dialect: str = "duckdb"

    def models_tagged(self, tag: str) -> tuple[str, ...]:
        assert tag == "segwh"
        return tuple(self.project.models)

    def exists(self, model: str) -> bool:
        return self.runner.relation(model) is not None

    def model_name(self, model: str) -> str:
        return model

    def relation_name(self, relation: Relation) -> str:
        return relation.parts[-1]

    def columns(self, name: str) -> list[Column]:
        return [Column(column) for column, _ in self.runner.columns(name)]

    def query(self, sql: str) -> list[dict[str, Any]]:
        found = self.runner.connection.execute(sql)
        names = [description[0] for description in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def execute(self, statements: Sequence[str]) -> None:
        self.runner.connection.execute("begin")
        for statement in statements:
            self.runner.connection.execute(statement)
        self.runner.connection.execute("commit")


def erase(
    runner: Runner, project: Compiled, entity: str, key: str | int, dialect: str = "duckdb", **given: str | int
) -> Erasure:
    """Erase a key as the command does, without asking."""
    catalog = project.project.entity(entity)
    books = Books(InMemory(runner, project, dialect), project.project, catalog)  # type: ignore[arg-type]
    found = books.found(Member(entity, catalog.key.name, key), given)
    if not found.rows and not books.has_rows(found.members):
        return found
    erased = books.erased(found)
    if runner.relation("segwh_run_ends") is not None:  # by the runner's clock
        runner.connection.execute(
            f"update segwh_run_ends set finished_at = timestamptz '{runner.now(45)}' where run_id = '{erased.run_id}'"
        )
    return erased
