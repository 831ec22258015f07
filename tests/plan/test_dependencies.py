"""Which segments decide about which."""

from __future__ import annotations

from segwh.plan.dependencies import dependencies
from tests.cases import harness

SETTINGS = "version: 1\n"
CATALOG = """
entities:
  - name: customer
    relation: ref('customers')
    key: customer_id
    attributes: {city: string, score: integer}
"""


def found(*segments: str, more: str = "") -> dict[str, set[str]]:
    text = f"{CATALOG}{more}segments:\n" + "".join(f"  - {{label: x, entity: customer, {one}}}\n" for one in segments)
    project = harness.bound(SETTINGS, {"segments/rules.yml": text})
    return {name: set(others) for name, others in dependencies(project).items()}


def test_references_traits_groups_and_splits_but_not_suppression() -> None:
    assert found(
        "name: a, include: [{attribute: score, gte: 1}], split: {seed: q, variants: {x: 50, y: 50}}",
        "name: b, include: [{not: {segment: a}}]",
        "name: c, include: [{attribute: stage, is: in_b}]",
        "name: d, include: everyone",
        "name: e, include: [{attribute: city, is: York}]",
        "name: list, include: [{attribute: city, is: Bath}]",
        more="traits:\n  - name: stage\n    entity: customer\n    stages:\n"
        "      - {name: in_b, when: {segment: b}}\n      - {name: other}\n"
        "groups:\n  - {name: g, exclusive: [c, d]}\nexclusions:\n  - {entity: customer, segment: list}\n",
    ) == {
        "a": set(), "a__x": {"a"}, "a__y": {"a"}, "b": {"a"}, "c": {"a", "b"}, "d": {"a", "b", "c"}, "e": set(), "list": set(),
    }  # fmt: skip


def test_a_group_of_many_and_a_chain_that_is_written_backwards() -> None:
    many = 400
    names = [f"s{number}" for number in range(many)]
    group = found(
        *(f"name: {name}, include: everyone" for name in names),
        more=f"groups:\n  - {{name: g, exclusive: [{', '.join(names)}]}}\n",
    )
    assert {name: len(others) for name, others in group.items()} == {name: number for number, name in enumerate(names)}
    chain = found(
        *(
            f"name: {names[number]}, include: [{{segment: {names[number - 1]}}}]" if number else "name: s0, include: everyone"
            for number in reversed(range(many))
        )
    )
    assert chain == {name: set(names[:number]) for number, name in enumerate(names)}
