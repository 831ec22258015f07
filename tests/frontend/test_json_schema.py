"""The JSON Schema and the parser judge files alike, as far as a schema can: on examples, on mistakes and on mutants."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from segwh.project import load_texts
from segwh.rules import measures, operators, windows
from segwh.rules.json_schema import NOT_COVERED, json_schema
from segwh.text.diagnostics import Code
from segwh.text.source import Items, Mapping, Node, Scalar, value_of
from segwh.text.yaml_text import read_yaml
from tests.frontend.catalogs import CATALOG, segment_of
from tests.frontend.test_hostile import mutant

ROOT = Path(__file__).parents[2]
CASES = sorted((ROOT / "tests" / "errors").glob("*.txt"))
SCHEMA = json_schema()
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
SHAPES = {
    Code.WRONG_SHAPE,
    Code.UNKNOWN_KEY,
    Code.MISSING_KEY,
    Code.EMPTY,
    Code.TOO_MANY,
    Code.NO_OPERATOR,
    Code.WRONG_WORD,
    Code.BAD_NAME,
    Code.RESERVED_NAME,
    Code.NULL_VALUE,
    Code.BAD_DURATION,
    Code.BAD_RELATION,
}
"""Mistakes that a schema must see."""
UNSEEN = re.compile(
    "does not say when it was created"  # needs the entity
    "|so that no later one is ever reached"  # needs the place in a list
    "|is not a number of days of the year"  # needs arithmetic
)


def plain(node: Node | None) -> Any:
    """A node as the data that a validator takes."""
    match node:
        case None:
            return {}
        case Scalar():
            return value_of(node)
        case Mapping(entries):
            return {key.text: plain(value) for key, value in entries}
        case Items(items):
            return [plain(item) for item in items]


def accepts(text: str) -> bool:
    """Whether the schema accepts a file."""
    return VALIDATOR.is_valid(plain(read_yaml(text, "a.yml")[0]))


def test_the_schema_is_one_and_says_what_it_leaves_out() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert all(NOT_COVERED)


def test_it_accepts_every_example_of_the_language() -> None:
    conditions = [row.example for row in (*operators.TABLE, *measures.TABLE) if row.example]
    conditions += [f"{{event: orders, {row.example}}}" for row in windows.TABLE]
    for condition in conditions:
        assert accepts(segment_of(condition)), condition
    for row in measures.TABLE:
        assert accepts(f"traits: [{{name: t, entity: customer, event: orders, {row.trait_example}}}]"), row.name


@pytest.mark.parametrize("file", sorted((ROOT / "dbt_project" / "segments").glob("*.yml")), ids=lambda file: file.stem)
def test_it_accepts_the_example_project(file: Path) -> None:
    VALIDATOR.validate(plain(read_yaml(file.read_text(encoding="utf-8"), file.name)[0]))


def compare(text: str, *, with_catalog: bool) -> None:
    """Hold the schema's judgement of a file against the parser's."""
    loaded = load_texts({"rules.yml": text} | ({"catalog.yml": CATALOG} if with_catalog else {}))
    valid = accepts(text)
    if loaded.project is not None:
        assert valid, text
    if valid:
        found = [one for one in loaded.diagnostics if one.code in SHAPES and not UNSEEN.search(one.message)]
        assert found == [], text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_it_sees_the_mistakes_that_a_schema_can_see(case: Path) -> None:
    pieces = re.split(r"^=== (.+)\n", case.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for name, text in zip(pieces[1::2], pieces[2::2], strict=True):
        node, problems = read_yaml(text, name)
        if name not in ("expected", "segwh.yml") and node is not None and not problems:
            compare(text, with_catalog=name != "catalog.yml")


@pytest.mark.parametrize("seed", range(10))
def test_it_judges_mutants_as_the_parser_does(seed: int) -> None:
    choose = random.Random(seed)
    texts = [segment_of(row.example) for row in operators.TABLE]
    texts += [segment_of(f"{{event: orders, {row.example}}}") for row in windows.TABLE]
    texts += [segment_of(row.example) for row in measures.TABLE if row.example]
    texts += [re.split(r"^=== .+\n", case.read_text(encoding="utf-8"), flags=re.MULTILINE)[1] for case in CASES]
    for _ in range(60):
        text = mutant(choose.choice(texts), choose)
        node, problems = read_yaml(text, "rules.yml")
        if isinstance(node, Mapping) and not problems:
            compare(text, with_catalog="entities" not in text)


def test_it_says_what_the_keys_of_a_segment_mean() -> None:
    keys = SCHEMA["definitions"]["segment"]["properties"]
    assert keys["status"]["description"] == "`inactive`: not computed, keeps its members; `active` is the default"
    assert all(value.get("description") for value in keys.values())
