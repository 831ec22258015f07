"""What the documents show is true: their rules are valid, their links lead somewhere, their commands exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from segwh.cli import cli
from segwh.project import load_texts

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
SETTINGS = "version: 1\ntimezone: Europe/London\n"


def blocks(document: Path, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", document.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def rules(document: Path) -> list[str]:
    """The blocks that are files of rules, beside the settings and the catalog of the same document."""
    return [block for block in blocks(document, "yaml") if not re.search(r"^(version|entities):", block, re.MULTILINE)]


LANGUAGE = ROOT / "docs/language.md"
CATALOG, *WHOLE = [block for block in blocks(LANGUAGE, "yaml") if block.startswith("entities:")]
(SETTINGS_SHOWN,) = [block for block in blocks(LANGUAGE, "yaml") if "version: 1" in block]


@pytest.mark.parametrize("block", rules(LANGUAGE), ids=lambda block: re.search(r"name: (\w+)", block)[1])
def test_the_rules_of_the_language_are_valid(block: str) -> None:
    loaded = load_texts({"segments/catalog.yml": CATALOG, "segments/rules.yml": block}, SETTINGS_SHOWN)
    assert (loaded.text, loaded.project is not None) == ("", True)


@pytest.mark.parametrize("block", WHOLE)
def test_the_projects_of_the_language_are_valid(block: str) -> None:
    loaded = load_texts({"segments/rules.yml": block}, SETTINGS_SHOWN)
    assert (loaded.text, loaded.project is not None) == ("", True)


def test_the_rules_of_the_readme_are_valid_in_the_example() -> None:
    example = (ROOT / "dbt_project/segments").glob("*.yml")
    files = {f"segments/{file.name}": file.read_text(encoding="utf-8") for file in example}
    (block,) = rules(ROOT / "README.md")
    files["segments/readme.yml"] = block.replace("name: chinese_tea_winback", "name: of_the_readme")
    loaded = load_texts(files, SETTINGS)
    assert (loaded.text, loaded.project is not None) == ("", True)


def test_the_mistake_of_the_readme_looks_like_that() -> None:
    (shown,) = [block for block in blocks(ROOT / "README.md", "text") if "error SEG" in block]
    lines = ["#"] * 6 + ["segments:", "  - name: a", "    label: A", "    entity: customer", "    include:"]
    text = "\n".join([*lines, "      - {event: ordrs, within: 90 days}", ""])
    loaded = load_texts({"segments/catalog.yml": CATALOG, "segments/value.yml": text}, SETTINGS)
    assert loaded.text.startswith(shown)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        if re.match(r"https?:", target):
            continue
        linked = document.parent / path if path else document
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}, target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_commands_that_are_named_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    known = (ROOT / "dev.py").read_text(encoding="utf-8")
    for command in re.findall(r"dev\.py ([a-z]+)", text):
        assert f'"{command}": ' in known, command
    for command in re.findall(r"(?:`|^|&& )segwh ([a-z]+)", text, re.MULTILINE):
        assert command in cli.commands, command


def test_every_command_is_named_somewhere() -> None:
    documents = "\n".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    for command in cli.commands:
        assert f"segwh {command}" in documents, command


def test_the_variables_that_are_told_of_are_those_that_runs_know() -> None:
    told = re.findall(r"^\| `(segwh_\w+):", (ROOT / "docs/operations.md").read_text(encoding="utf-8"), re.MULTILINE)
    refusals = (ROOT / "macros/refusals.sql").read_text(encoding="utf-8")
    (known,) = re.findall(r"set known = \[(.*)\]", refusals)
    (of_tests,) = re.findall(r"not in known \+ \[(.*?)\]", refusals)
    # by the last one the unit tests that segwh writes tell their model what to show
    assert {*told, "segwh_tested"} == {*re.findall(r"\w+", f"{known} {of_tests}")}
    read = "".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "macros").glob("*.sql")))
    assert {*re.findall(r"var\('(segwh_\w+)'", read)} <= {*told, "segwh_tested"}
