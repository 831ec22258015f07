"""Every word of the language stands in some story: operators, measures, windows, combinators, traits, options of a segment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml

from segwh.rules.measures import MEASURES
from segwh.rules.operators import OPERATORS
from segwh.rules.windows import WINDOWS
from tests.cases import harness

SUBJECTS = ("attribute", "event", "related", "segment", "sequence", "condition")
COMBINATORS = ("all", "any", "none", "not", "at_least")
BESIDE = ("where", "missing", "ignore_case", "ending", "entered", "for", "without", "same", "by")
TRAITS = ("formula", "points", "stages", "rfm", "track", "named", "cuts")
OPTIONS = (
    "include", "exclude", "type", "status", "expires_on", "time_to_live", "aggregate_on", "limit", "split", "stay", "always",
    "tags",
)  # fmt: skip
LIMITS = ("top", "percent", "order", "per")
SECTIONS = ("entities", "conditions", "traits", "segments", "groups", "matrices", "exclusions")
CATALOG = ("created_at", "validity", "lookups", "loaded_at", "sql", "timezone", "id", "time", "column")
WORDS = sorted(
    {*OPERATORS, *MEASURES, *WINDOWS, *SUBJECTS, *COMBINATORS, *BESIDE, *TRAITS, *OPTIONS, *LIMITS, *SECTIONS, *CATALOG}
)


def keys(node: object) -> Iterator[str]:
    """Every key of nested mappings."""
    if isinstance(node, dict):
        for key, item in node.items():
            yield str(key)
            yield from keys(item)
    elif isinstance(node, list):
        for item in node:
            yield from keys(item)


USED = {key for path in harness.paths() for text in harness.load(path).texts.values() for key in keys(yaml.safe_load(text))}


@pytest.mark.parametrize("word", WORDS)
def test_a_word_of_the_language_stands_in_a_story(word: str) -> None:
    assert word in USED
