"""Breaks the SQL lowering on purpose, one way at a time in a copy of the package, and records which tests notice.

`python -m tests.property.mutations` runs all of them and writes docs/mutations.md.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECTS = 40
"""Random projects that each mutant is held against."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """One way to break the lowering: a text of a file of segwh/sql, which must stand there once, and what takes its place."""

    title: str
    file: str
    old: str
    new: str


MUTATIONS = (
    Mutation(
        "A window leaves out its first instant",
        "predicates.py",
        "exp.GTE(this=subject.copy(), expression=row.bound(interval.start",
        "exp.GT(this=subject.copy(), expression=row.bound(interval.start",
    ),
    Mutation(
        "A window takes in the instant at which it ends",
        "predicates.py",
        "exp.LT(this=subject.copy(), expression=row.bound(interval.end",
        "exp.LTE(this=subject.copy(), expression=row.bound(interval.end",
    ),
    Mutation(
        "A row at as-of exists",
        "scans.py",
        'return exp.LT(this=instant, expression=self.holes.bound(AS_OF, "timestamp"))',
        'return exp.LTE(this=instant, expression=self.holes.bound(AS_OF, "timestamp"))',
    ),
    Mutation(
        "A complement of a missing value is missing",
        "predicates.py",
        "return negated(certain(item, row))",
        "return negated(possible(item, row))",
    ),
    Mutation(
        "`contains` reads % and _ as wildcards",
        "dialects/base.py",
        "return exp.GT(this=exp.StrPosition(this=text, substr=part), expression=exp.Literal.number(0))",
        "return exp.Like(this=text, expression=exp.DPipe(this=exp.DPipe(this=exp.Literal.string('%'), expression=part), "
        "expression=exp.Literal.string('%')))",
    ),
    Mutation(
        "Comparison of text always ignores case",
        "predicates.py",
        "return dialect.lower(text) if ignore_case else text",
        "return dialect.lower(text)",
    ),
    Mutation(
        "The sum of no rows is missing",
        "measures.py",
        'return function in ("sum", "distinct")',
        'return function == "distinct"',
    ),
    Mutation(
        "A lookup that finds nothing drops the row",
        "scans.py",
        'join_type="left"',
        'join_type="inner"',
    ),
    Mutation(
        "Of rows with one id the earliest counts",
        "scans.py",
        "exp.Order(expressions=[descending(name, kind, source.dialect) for name, kind in ((at, None), *own, key)])",
        "exp.Order(expressions=[ascending(name, kind, source.dialect) for name, kind in ((at, None), *own, key)])",
    ),
    Mutation(
        "Rows without an id count as one",
        "scans.py",
        "return outer.where(exp.or_(is_latest, has_no_id, copy=False), copy=False)",
        "return outer.where(exp.or_(is_latest, copy=False), copy=False)",
    ),
    Mutation(
        "The next step of a sequence may happen at the same instant",
        "sequences.py",
        "exp.LT(this=before_at, expression=at)",
        "exp.LTE(this=before_at, expression=at)",
    ),
    Mutation(
        "A negative step holds before its time has passed",
        "sequences.py",
        'conditions.append(exp.LTE(this=deadline, expression=source.holes.bound(AS_OF, "timestamp")))',
        'conditions.append(exp.GT(this=deadline, expression=exp.cast(exp.Literal.string("1900-01-01"), "timestamp")))',
    ),
    Mutation(
        "A missing value comes first in a limit",
        "flags.py",
        'exp.Ordered(this=by, desc=limit.order == "desc", nulls_first=False)',
        'exp.Ordered(this=by, desc=limit.order == "desc", nulls_first=True)',
    ),
    Mutation(
        "An aggregated member is out only when each of its entities is excluded",
        "evaluation.py",
        "((person.passes(plan), 1), (out, 0))",
        "((person.passes(plan), 1), (person.is_suppressed(plan), 0))",
    ),
    Mutation(
        "Days are those of UTC",
        "dialects/base.py",
        "return self.cast(self.local(instant, zone), DataType.DATE)",
        "return self.cast(instant, DataType.DATE)",
    ),
    Mutation(
        "An average of nothing is 0",
        "measures.py",
        'if _starts_at_zero(measured.measure) else None',
        'if not isinstance(measured.measure, ir.EdgeTime) else None',
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who noticed a mutation: stories by name, and the number of random projects until one differed."""

    mutation: Mutation
    stories: tuple[str, ...]
    projects: int | None

    @property
    def is_caught(self) -> bool:
        """Whether any test noticed."""
        return bool(self.stories) or self.projects is not None


def judged(mutation: Mutation | None, projects: int = PROJECTS) -> tuple[tuple[str, ...], int | None]:
    """The stories and the random project that fail in a copy of the package with a mutation, or without any."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("segwh", "tests"):
            shutil.copytree(ROOT / name, Path(folder, name), ignore=shutil.ignore_patterns("__pycache__", "*.duckdb"))
        if mutation is not None:
            path = Path(folder, "segwh", "sql", mutation.file)
            path.write_text(mutated(path.read_text(encoding="utf-8"), mutation), encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "tests.property.probe", str(projects)]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    found = json.loads(done.stdout.splitlines()[-1])
    return tuple(found["stories"]), found["project"]


def mutated(text: str, mutation: Mutation) -> str:
    """The text of a file with the mutation. Raises ValueError unless what it replaces stands there once."""
    if text.count(mutation.old) != 1:
        raise ValueError(f"{mutation.file} has {text.count(mutation.old)} places like: {mutation.old}")
    return text.replace(mutation.old, mutation.new)


def verdicts(mutations: Sequence[Mutation] = MUTATIONS) -> list[Verdict]:
    """Judges every mutation."""
    return [Verdict(mutation, *judged(mutation)) for mutation in mutations]


def page(found: Sequence[Verdict]) -> str:
    """The table of docs/mutations.md."""
    lines = [
        "# What the tests notice",
        "",
        "The lowering to SQL was broken on purpose, one way at a time, and the stories under `tests/cases` and up to",
        f"{PROJECTS} random projects of `tests/property` were held against it. Made by `python -m tests.property.mutations`.",
        "",
        "| what was broken | in `segwh/sql` | stories that failed | random project that differed |",
        "| --- | --- | --- | --- |",
    ]
    for verdict in found:
        stories = ", ".join(verdict.stories[:3]) + (f" and {len(verdict.stories) - 3} more" if len(verdict.stories) > 3 else "")
        project = "none" if verdict.projects is None else f"the {ordinal(verdict.projects)}"
        lines.append(f"| {verdict.mutation.title} | `{verdict.mutation.file}` | {stories or 'none'} | {project} |")
    caught = sum(verdict.is_caught for verdict in found)
    return "\n".join([*lines, "", f"{caught} of {len(found)} were caught."]) + "\n"


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th."""
    suffix = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


if __name__ == "__main__":
    table = page(verdicts())
    (ROOT / "docs").mkdir(exist_ok=True)
    (ROOT / "docs" / "mutations.md").write_text(table, encoding="utf-8")
    print(table)
