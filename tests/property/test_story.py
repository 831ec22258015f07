"""What a failure prints can be read back as a story."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases import tables
from tests.property.conditions import any_texts

CELLS = {"string": any_texts(), "list<string>": st.lists(any_texts()), "integer": st.integers(), "boolean": st.booleans()}


@settings(max_examples=200, deadline=None)
@given(st.lists(st.fixed_dictionaries({name: st.one_of(its, st.none()) for name, its in CELLS.items()}), max_size=4))
def test_the_text_of_a_table_is_read_back(rows: list[dict[str, object]]) -> None:
    table = tables.Table({name: name for name in CELLS}, tuple(rows))
    assert tables.parse(tables.text(table), {}) == table
