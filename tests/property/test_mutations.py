"""Every way of breaking the lowering is noticed by some test, and the unbroken one by none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.property import mutations

SQL = mutations.ROOT / "segwh" / "sql"


@pytest.mark.parametrize("mutation", mutations.MUTATIONS, ids=lambda mutation: mutation.title)
def test_what_a_mutation_replaces_stands_there_once(mutation: mutations.Mutation) -> None:
    text = Path(SQL, mutation.file).read_text(encoding="utf-8")
    assert mutations.mutated(text, mutation) != text


@pytest.mark.slow
@pytest.mark.parametrize("mutation", mutations.MUTATIONS, ids=lambda mutation: mutation.title)
def test_a_mutation_is_caught(mutation: mutations.Mutation) -> None:
    assert mutations.Verdict(mutation, *mutations.judged(mutation)).is_caught


@pytest.mark.slow
def test_the_unbroken_lowering_fails_nothing() -> None:
    assert mutations.judged(None, projects=5) == ((), None)


def test_the_page_tells_of_every_mutation() -> None:
    written = (mutations.ROOT / "docs" / "mutations.md").read_text(encoding="utf-8")
    assert all(f"| {mutation.title} |" in written for mutation in mutations.MUTATIONS)
    assert f"{len(mutations.MUTATIONS)} of {len(mutations.MUTATIONS)} were caught." in written
