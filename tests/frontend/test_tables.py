"""The tables of operators, measures and windows: every example in them is right, and says what its row says."""

from __future__ import annotations

import pytest

from segwh import ir
from segwh.rules import measures, operators, windows
from segwh.types import DataType
from tests.frontend.catalogs import load, predicate


@pytest.mark.parametrize("operator", operators.TABLE, ids=lambda operator: operator.name)
def test_the_example_of_an_operator_is_a_condition(operator: operators.Operator) -> None:
    made = predicate(operator.example)
    assert isinstance(made, ir.Not) == (operator.negates is not None or operator.name == "exists")


@pytest.mark.parametrize("row", measures.TABLE, ids=lambda row: row.name)
def test_the_examples_of_a_measure_are_a_condition_and_a_trait(row: measures.MeasureRow) -> None:
    if row.example:
        assert isinstance(predicate(row.example), ir.Compare | ir.InInterval)
    project = load(f"traits:\n  - {{name: t, entity: customer, event: orders, {row.trait_example}}}\n")
    assert isinstance(project.trait("customer", "t").definition, ir.Measured)


@pytest.mark.parametrize("row", windows.TABLE, ids=lambda row: row.name)
def test_the_example_of_a_window_bounds_rows(row: windows.WindowRow) -> None:
    made = predicate(f"{{event: orders, {row.example}}}")
    assert isinstance(made, ir.Compare)
    assert isinstance(made.subject, ir.Measured)
    assert made.subject.rows.window is not None


@pytest.mark.parametrize("operator", [o for o in operators.TABLE if o.negates], ids=lambda operator: operator.name)
def test_a_negative_operator_is_the_complement_of_its_positive_one(operator: operators.Operator) -> None:
    positive = operator.example.replace(f"{operator.name}:", f"{operator.negates}:")
    assert predicate(operator.example) == ir.Not(predicate(positive))


def test_every_type_has_operators_and_every_hint_names_one() -> None:
    for type_ in DataType:
        assert operators.operators_of(type_)
    for synonym in operators.SYNONYMS.values():
        assert synonym.split(":")[0] in operators.OPERATORS
