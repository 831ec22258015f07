"""The reference is made from the code, says something of every word, and every word is proven in every way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from segwh.catalog.load import ENTITY_KEYS, EVENT_KEYS, LOOKUP_KEYS, RELATED_KEYS
from segwh.resolve.settings import KEYS
from segwh.rules import words
from segwh.rules.json_schema import json_schema
from segwh.rules.windows import WINDOWS
from segwh.rules.words import Place
from segwh.warehouse.target import DIALECT_OF_ADAPTER
from tests import golden
from tests.cases.test_cases import PATHS
from tests.docs.evidence import ROOT, all_evidence
from tests.docs.features import FEATURES, Feature, Id, used
from tests.docs.pages import errors, pages
from tests.engines import results
from tests.property.projects import Generated, projects

DECIDING = [feature for feature in FEATURES if feature.decides]
DRAWS = 120
"""Handfuls of random projects in which every feature must have come up; which come depends on the modules that are loaded."""


@pytest.mark.parametrize("name", ["reference.md", "coverage.md", "errors.md", "engines.md"])
def test_a_document_is_what_the_code_says_now(name: str) -> None:
    """`python docs/make_reference.py` writes it anew."""
    golden.check(ROOT / "docs" / name, pages()[name])


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: f"{feature.family}-{feature.name}")
def test_the_example_of_a_word_is_right_and_uses_it(feature: Feature) -> None:
    assert feature.id in used(feature.files, feature.settings)


def test_every_word_that_decides_is_in_a_story_with_members() -> None:
    assert [one.feature.id for one in all_evidence() if one.feature.decides and not one.stories] == []


def test_every_word_that_decides_has_a_golden_plan_and_golden_sql() -> None:
    assert [one.feature.id for one in all_evidence() if one.feature.decides and not one.goldens] == []


def test_every_word_that_decides_is_known_to_the_reference() -> None:
    assert [one.feature.id for one in all_evidence() if one.feature.decides and not one.reference] == []


def test_every_other_word_is_used_by_a_test() -> None:
    assert [one.feature.id for one in all_evidence() if not one.feature.decides and not one.tests] == []


def test_every_word_that_decides_is_drawn_by_the_property_suite() -> None:
    missing = {feature.id for feature in DECIDING}
    for number in range(DRAWS):
        missing -= drawn(number)
        if not missing:
            return
    assert missing == set()


def drawn(number: int) -> set[Id]:
    """What a handful of random projects uses."""
    found: set[Id] = set()

    @seed(number)
    @settings(max_examples=4, deadline=None, database=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck))
    @given(projects(20))
    def draw(generated: Generated) -> None:
        found.update(used({"rules.yml": generated.text}, generated.settings))

    draw()
    return found


# --- the tables are whole -------------------------------------------------------------------------------------------------

HELD = {
    Place.ENTITY: ("entity", ENTITY_KEYS),
    Place.EVENT: ("event", EVENT_KEYS),
    Place.RELATED: ("related", RELATED_KEYS),
    Place.LOOKUP: ("", LOOKUP_KEYS),
    Place.SETTING: ("", KEYS),
}


@pytest.mark.parametrize("place", HELD, ids=lambda place: place.value)
def test_every_key_that_is_read_there_has_a_line(place: Place) -> None:
    assert {word.key for word in words.TABLE if word.place is place} == set(HELD[place][1])


SECTIONS = {
    "segment": Place.SEGMENT,
    "group": Place.GROUP,
    "exclusion": Place.EXCLUSION,
    "named_condition": Place.CONDITIONS,
    "step": Place.SEQUENCE,
}


@pytest.mark.parametrize("definition", SECTIONS)
def test_every_key_of_the_schema_has_a_line(definition: str) -> None:
    lines = {word.key for word in words.TABLE if word.place is SECTIONS[definition]}
    assert set(json_schema()["definitions"][definition]["properties"]) - {"where"} <= lines


def test_every_key_anywhere_in_the_schema_is_shown_in_an_example() -> None:
    shown = {key for feature in FEATURES for key in feature.text.replace("{", " ").replace("[", " ").replace(",", " ").split()}
    named = {feature.name.split(":")[0] for feature in FEATURES}
    properties = set(keys_of(json_schema()))
    assert {key for key in properties if f"{key}:" not in shown and key not in named} == set()
    assert set(WINDOWS) <= named


def keys_of(schema: Any) -> Iterator[str]:
    """Every property of every mapping."""
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "properties":
                yield from set(value) - {"$ref"}
            yield from keys_of(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from keys_of(value)


def test_every_code_has_an_example() -> None:
    assert errors().count("```text") == errors().count("\n## SEG")


def test_what_was_shown_of_engines_is_not_long_ago() -> None:
    """`SEGWH_RESULTS=1 pytest -m "slow or not slow" ...` of the tests of stories writes them (tests/engines/results.py)."""
    told = [result for result in results.kept() if result.how in ("executed", "emulated")]
    assert {"duckdb", "postgres"} <= {result.dialect for result in told}
    assert {result.dialect for result in results.kept()} >= set(DIALECT_OF_ADAPTER.values())
    for result in results.kept():
        assert result.equal + result.refused == result.told > 0, f"{result.dialect}: not all that was {result.how} holds"
    for result in told:
        assert result.told >= len(PATHS) * 0.9, f"{result.dialect} has not been told the newer stories"
