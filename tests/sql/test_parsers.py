"""The compiled SQL in the judgement of parsers that are not sqlglot: some of it in each run, all of it by `-m slow`."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from segwh.sql import DIALECTS
from tests.sql import corpus, grammars

SAMPLE = {"postgres": 4, "trino": 20, "athena": 60}
"""One in how many projects and models is judged in each run; sqlfluff takes a tenth of a second for a thousand characters."""
SHORT = 5_000
"""Characters of a statement that sqlfluff judges in each run."""


def shape(statement: str) -> str:
    """A statement without what its literals hold."""
    return re.sub(r"\d+", "0", re.sub(r"'(?:[^']|'')*'", "''", statement))


def complaints(dialect: str, every: int, longest: int | None) -> tuple[int, list[str]]:
    """How many statements were judged, and what is wrong with them. Of statements of one shape one is judged."""
    seen: set[str] = set()
    wrong = []
    for statement in corpus.all_texts(DIALECTS[dialect], every):
        if shape(statement) not in seen and (longest is None or len(statement) <= longest):
            seen.add(shape(statement))
            if (complaint := grammars.JUDGES[dialect](statement)) is not None:
                wrong.append(f"{complaint}\n{statement}")
    return len(seen), wrong


@pytest.mark.parametrize("dialect", grammars.JUDGES)
def test_a_grammar_takes_what_the_compiler_says(dialect: str) -> None:
    judged, wrong = complaints(dialect, SAMPLE.get(dialect, 29), None if dialect in SAMPLE else SHORT)
    assert judged > 5
    assert not wrong


@pytest.mark.parametrize("dialect", grammars.JUDGES)
def test_a_grammar_takes_what_explain_asks(dialect: str) -> None:
    longest = None if dialect in SAMPLE else SHORT
    asked = [*corpus.explanations(DIALECTS[dialect], 6 if longest is None else 20)]
    judged = [one for one in asked if longest is None or len(one) <= longest]
    assert len(judged) > 3
    assert not [f"{complaint}\n{one}" for one in judged if (complaint := grammars.JUDGES[dialect](one)) is not None]


@pytest.mark.slow
@pytest.mark.parametrize("dialect", grammars.JUDGES)
def test_a_grammar_takes_all_that_the_compiler_says(dialect: str, record_property: Callable[[str, object], None]) -> None:
    judged, wrong = complaints(dialect, 1, None)
    record_property("judged", judged)
    assert judged > 200
    assert not wrong


@pytest.mark.parametrize("dialect", grammars.JUDGES)
def test_a_grammar_refuses_what_is_no_sql(dialect: str) -> None:
    assert grammars.JUDGES[dialect]("SELECT a FROM (t WHERE") is not None
