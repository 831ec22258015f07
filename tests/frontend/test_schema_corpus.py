"""A corpus of good and bad rule files: the JSON Schema and the parser judge each the same, but for what is listed as beyond it.

`schema/good` and `schema/bad` hold lists of small files: whole ones in parts under `=== name`, or one a line that the test
completes. `schema/beyond` holds what the schema accepts and segwh refuses, under the line of NOT_COVERED that says why.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from segwh.project import load_texts
from segwh.rules.json_schema import NOT_COVERED
from segwh.text.source import Mapping
from segwh.text.yaml_text import read_yaml
from tests.cases import harness
from tests.frontend.catalogs import CATALOG, segment_of
from tests.frontend.test_json_schema import VALIDATOR, accepts, plain
from tests.sql import stories

FOLDER = Path(__file__).parent / "schema"
COMPLETED = {
    "conditions": segment_of,
    "traits": lambda body: f"traits:\n  - {{name: t, entity: customer, {body}}}\n",
    "segments": lambda entries: f"segments:\n  - {{name: s, entity: customer, include: everyone, {entries}}}\n",
    "entities": lambda entries: f"entities:\n  - {{name: customer, relation: ref('customers'), {entries}}}\n",
}


def corpus(kind: str) -> Iterator[tuple[str, str]]:
    """Every small file of a folder with a name."""
    for path in sorted((FOLDER / kind).glob("*.txt")):
        text = re.sub(r"\A#.*\n", "", path.read_text(encoding="utf-8"))
        if path.stem in COMPLETED:
            yield from ((f"{path.stem}: {line}", COMPLETED[path.stem](line)) for line in text.splitlines())
        else:
            pieces = re.split(r"^=== (.+)\n", text, flags=re.MULTILINE)
            yield from zip((f"{path.stem}: {name}" for name in pieces[1::2]), pieces[2::2], strict=True)


GOOD, BAD, BEYOND = (dict(corpus(kind)) for kind in ("good", "bad", "beyond"))


def parses(text: str) -> bool:
    """Whether segwh accepts a file beside the catalog, or alone if it has its own."""
    catalog = {} if text.startswith("entities") else {"catalog.yml": CATALOG}
    return load_texts({**catalog, "rules.yml": text}).project is not None


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_both_accept_a_good_file(text: str) -> None:
    assert (accepts(text), parses(text)) == (True, True)


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_both_refuse_a_bad_file(text: str) -> None:
    assert (accepts(text), parses(text)) == (False, False)


@pytest.mark.parametrize("text", BEYOND.values(), ids=BEYOND)
def test_only_segwh_refuses_what_is_beyond_a_schema(text: str) -> None:
    assert (accepts(text), parses(text)) == (True, False)


def test_the_corpus_is_large_and_every_file_is_in_it_once() -> None:
    assert (len(GOOD) >= 150, len(BAD) >= 150) == (True, True)
    texts = [*GOOD.values(), *BAD.values(), *BEYOND.values()]
    assert len(set(texts)) == len(texts)
    assert sum(1 for kind in ("good", "bad", "beyond") for _ in corpus(kind)) == len(texts)


def test_every_kind_of_what_the_schema_leaves_out_is_shown() -> None:
    headings = [path.read_text(encoding="utf-8").splitlines()[0] for path in (FOLDER / "beyond").glob("*.txt")]
    assert sorted(headings) == sorted(f"# {line}" for line in NOT_COVERED)


@pytest.mark.parametrize("path", harness.paths(), ids=lambda path: path.stem)
def test_it_accepts_the_rules_of_every_story(path: Path) -> None:
    for text in harness.load(path).texts.values():
        node, _ = read_yaml(text, path.name)
        assert isinstance(node, Mapping)
        VALIDATOR.validate(plain(node))


@pytest.mark.parametrize("story", stories.STORIES)
def test_it_accepts_the_rules_of_every_golden_project(story: str) -> None:
    for text in stories.files(story).values():
        assert accepts(text)
