"""No text makes a traceback: hostile files by hand, and mutants of right ones."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from segwh.project import load_project, load_texts
from segwh.resolve.rule_hash import RuleHashes
from tests.frontend.catalogs import CATALOG

ERRORS = Path(__file__).parents[1] / "errors"
PIECES = (
    "[", "]", "{", "}", ":", ",", "null", "5", "-1", "1e9", "1e999999999", ".inf", '"x"', "[]", "{}", "everyone", "true", "&a",
    "*a", "- ", "\n", "  ", "0", "9" * 60, "2026-01-01", "9999-12-31", "0001-01-01", "!!str", "|", ">", "?", "\t", "\x00",
    "\ud800", "é", "<<", "x.y.z", "30 days", "~", '"', "#", "(", "1 - ", "[a-z", "ref('x')",
)  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "---\n",
        "null\n",
        "[]",
        "5",
        "segments:\n",
        "segments: [null, 5, [], {}, text]\n",
        "segments: [{name: null, entity: null, include: null, label: null}]\n",
        "segments: [{name: [a], entity: {a: b}, include: {}, label: [], limit: 5, split: 5, stay: 5, activate: 5}]\n",
        "segments:\n  - name: s\n    include: " + "{not: " * 200 + "x" + "}" * 200,
        "entities: [{name: customer}]\nsegments: [{name: s, label: S, entity: customer, include: everyone}]\n",
        "\x00\x01\x02",
        "\ufeff\ufeff",
        "a: " + "x" * 1_000_000,
        "{" * 50_000,
        "a: &a\n  b: *a\n",
        "traits: [{name: t, entity: customer, formula: '" + "(" * 1000 + "'}]\n",
        "traits: [{name: t, entity: customer, formula: " + "9" * 1000 + "}]\n",
        "segments: [{name: s, label: S, entity: customer, include: [{attribute: city, matches: '" + "(" * 500 + "'}]}]\n",
    ],
)
def test_a_hostile_file_is_read_or_complained_about(text: str) -> None:
    loaded = load_texts({"catalog.yml": CATALOG, "rules.yml": text}, text)
    assert (loaded.project is None) == any(found.severity == "error" for found in loaded.diagnostics)
    assert isinstance(loaded.text, str)


def mutant(text: str, choose: random.Random) -> str:
    """A text with one to four small accidents."""
    for _ in range(choose.choice((1, 1, 2, 4))):
        words = list(re.finditer(r"[\w.]+|\{[^{}]*\}|\[[^\[\]]*\]", text))
        place = choose.randrange(len(text) + 1)
        match choose.randrange(4):
            case 0:
                text = text[:place] + choose.choice(PIECES) + text[place:]
            case 1:
                text = text[:place] + text[place + choose.randrange(12) :]
            case _ if words:
                word = choose.choice(words)
                other = choose.choice(PIECES) if choose.random() < 0.5 else choose.choice(words).group()
                text = text[: word.start()] + other + text[word.end() :]
    return text


@pytest.mark.parametrize("seed", range(10))
def test_a_mutant_is_bound_or_complained_about(seed: int) -> None:
    choose = random.Random(seed)
    texts = [CATALOG] + [case.read_text(encoding="utf-8") for case in sorted(ERRORS.glob("*.txt"))]
    for _ in range(40):
        original = choose.choice(texts).split("=== expected")[0]
        text = mutant(re.sub(r"^===.*\n", "", original, flags=re.MULTILINE), choose)
        loaded = load_texts({"catalog.yml": "" if original is CATALOG else CATALOG, "rules.yml": text})
        assert (loaded.project is None) == any(found.severity == "error" for found in loaded.diagnostics)
        assert all(found.as_json() for found in loaded.diagnostics)
        if loaded.project is not None:
            hashes = RuleHashes(loaded.project)
            assert all(hashes.of(segment) for segment in loaded.project.segments)


def test_a_folder_without_settings_is_no_project(tmp_path: Path) -> None:
    assert "there is no segwh.yml in this folder" in load_project(tmp_path).text


def test_files_of_all_subfolders_but_the_tests_are_read_in_order(tmp_path: Path) -> None:
    for name, text in {
        "segwh.yml": "version: 1\nrules_path: rules\n",
        "rules/catalog.yaml": CATALOG,
        "rules/b/two.yml": "segments: [{name: two, label: L, entity: customer, include: everyone}]\n",
        "rules/a.yml": "segments: [{name: one, label: L, entity: customer, include: everyone}]\n",
        "rules/tests/vip.yml": "given: something else\n",
        "rules/notes.txt": "not yaml: [",
        "segments/other.yml": "nonsense",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    loaded = load_project(tmp_path)
    assert loaded.text == ""
    assert loaded.project is not None
    assert [segment.name for segment in loaded.project.segments] == ["one", "two"]
    assert sorted(loaded.sources) == ["rules/a.yml", "rules/b/two.yml", "rules/catalog.yaml", "segwh.yml"]


def test_bytes_that_are_no_text_are_complained_about_and_hide_no_other_mistake(tmp_path: Path) -> None:
    (tmp_path / "segwh.yml").write_text("version: 1\n", encoding="utf-8")
    (tmp_path / "segments").mkdir()
    (tmp_path / "segments" / "binary.yml").write_bytes(b"segments: \xff\xfe")
    (tmp_path / "segments" / "rules.yml").write_text("segments: [{name: A}]\n", encoding="utf-8")
    codes = [found.code.value for found in load_project(tmp_path).diagnostics]
    assert codes[0] == "SEG001"
    assert "SEG020" in codes
