"""Every YAML example of the documents is right: to the parser, and to the JSON Schema.

A block is known by its first key: `version` is a segwh.yml, `tests` a file of tests of the example project, anything else a
file of rules. Rules stand beside the catalog of language.md, or in the example project where they name what only that has. A
segment that is shown without rules, to tell of one key, is given some.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from segwh.fixtures.run import run_fixtures
from segwh.fixtures.suite import load_suite
from segwh.project import load_texts
from segwh.rules.parse import SECTIONS
from tests.docs.evidence import ROOT
from tests.frontend.test_json_schema import accepts

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "dbt_project/README.md"])
BLOCK = re.compile(r"^```ya?ml[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = {
    f"{document.name} {number}": block
    for document in DOCUMENTS
    for number, block in enumerate(BLOCK.findall(document.read_text(encoding="utf-8")))
}
WITHIN_A_LINE = re.compile(r"`(\{(?:attribute|event|related|sequence|segment): [^`]*\})`")
INLINE = sorted(
    {
        found
        for document in DOCUMENTS
        for found in WITHIN_A_LINE.findall(document.read_text(encoding="utf-8"))
        if not re.search(r"\.\.\.|\b[A-Z]{2,}\b", found)
    }
)
EXAMPLE = ROOT / "dbt_project"


def first_key(block: str) -> str:
    """The first key of a block, comments apart."""
    found = re.search(r"^(\w+):", block, re.MULTILINE)
    assert found is not None, block
    return found[1]


def of_rules() -> Mapping[str, str]:
    """The blocks that are files of rules, each segment with rules."""
    rules = {name: block for name, block in BLOCKS.items() if first_key(block) in SECTIONS}
    return {name: completed(block) for name, block in rules.items()}


def completed(block: str) -> str:
    """A block whose segments have rules."""
    if first_key(block) != "segments" or "include:" in block:
        return block
    rules = r"\1\n    label: Shown\n    entity: customer\n    include: everyone"
    return re.sub(r"^(  - name: \w+)$", rules, block, flags=re.MULTILINE)


CATALOG = next(block for block in BLOCKS.values() if first_key(block) == "entities")
SHOP = {path.name: path.read_text(encoding="utf-8") for path in (EXAMPLE / "segments").glob("*.yml")}


def test_every_block_is_of_a_kind_that_is_tested() -> None:
    assert {first_key(block) for block in BLOCKS.values()} <= {"version", "tests", *SECTIONS}


@pytest.mark.parametrize("name", of_rules())
def test_rules_are_right(name: str) -> None:
    rules = of_rules()[name]
    beside = {} if first_key(rules) == "entities" else {"catalog.yml": CATALOG}
    found = load_texts({**beside, "rules.yml": rules})
    if found.project is None:
        renamed = re.sub(r"^(  - name: \w+)$", r"\1_of_the_document", rules, flags=re.MULTILINE)
        found = load_texts({**SHOP, "rules.yml": renamed})
    assert found.text == ""


@pytest.mark.parametrize("name", of_rules())
def test_the_schema_accepts_rules(name: str) -> None:
    assert accepts(of_rules()[name])


@pytest.mark.parametrize("condition", INLINE)
def test_the_schema_accepts_a_condition_within_a_line(condition: str) -> None:
    assert accepts(f"segments:\n  - name: s\n    label: S\n    entity: customer\n    include: [{condition}]\n")


@pytest.mark.parametrize("name", [name for name, block in BLOCKS.items() if first_key(block) == "version"])
def test_settings_are_right(name: str) -> None:
    assert load_texts({}, BLOCKS[name]).text == ""


@pytest.mark.parametrize("name", [name for name, block in BLOCKS.items() if first_key(block) == "tests"])
def test_tests_pass_on_the_example(name: str, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE / "segments", tmp_path / "segments", ignore=shutil.ignore_patterns("tests"))
    shutil.copy(EXAMPLE / "segwh.yml", tmp_path)
    (tmp_path / "segments" / "tests").mkdir()
    (tmp_path / "segments" / "tests" / "shown.yml").write_text(BLOCKS[name], encoding="utf-8")
    suite = load_suite(tmp_path, "duckdb")
    outcomes = run_fixtures(suite, suite.fixtures)
    assert outcomes
    assert all(outcome.has_passed for outcome in outcomes)
