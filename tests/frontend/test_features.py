"""What rules ask for that not every engine can do is found wherever it stands, and refused for an engine that lacks it."""

from __future__ import annotations

import pytest

from segwh.features import INSTEAD, Feature
from segwh.project import load_texts
from segwh.resolve.features import needs
from segwh.sql.dialects import DIALECTS, DUCKDB
from segwh.sql.lacks import complain_of_lacks
from segwh.text.diagnostics import Code, Complaints

CATALOG = """
entities:
  - name: customer
    relation: ref('customers')
    key: customer_id
    attributes: {city: string, tags: list<string>, score: integer}
    lookups:
      account: {relation: ref('accounts'), by: account_id, key: id, properties: {labels: list<string>}}
    events:
      - name: orders
        relation: ref('orders')
        key: customer_id
        time: ordered_at
        properties: {source: string, amount: decimal, codes: list<string>}
"""
PATTERN = "{attribute: city, matches: a}"
SOURCE = "{attribute: source, matches: a}"
LISTS = {Feature.LISTS}
MISSING = {Feature.LISTS, Feature.MISSING_LISTS}


def features(rules: str, dialect: str = "duckdb") -> dict[Feature, int]:
    """What rules need, and the line of the first that does."""
    loaded = load_texts({"catalog.yml": CATALOG, "rules.yml": rules}, dialect=dialect)
    assert loaded.project is not None, loaded.text
    found = sorted(needs(loaded.project), key=lambda need: -need.span.line)
    return {need.feature: need.span.line for need in found}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("{attribute: city, is: a}", set()),
        (PATTERN, {Feature.PATTERNS}),
        ("{attribute: tags, has_none: [a]}", LISTS),
        ("{attribute: tags, exists: false}", LISTS),
        ("{attribute: tags, size: 2}", LISTS),
        ("{attribute: account.labels, exists: true}", MISSING),
        (f"{{none: [{{any: [{PATTERN}, {{event: orders}}]}}]}}", {Feature.PATTERNS}),
        (f"{{at_least: 1, of: [{PATTERN}, everyone]}}", {Feature.PATTERNS}),
        (f"{{event: orders, where: {SOURCE}}}", {Feature.PATTERNS}),
        (f"{{event: orders, sum: {{of: amount, gte: 3}}, where: {SOURCE}}}", {Feature.PATTERNS}),
        (f"{{event: orders, last: {{where: {SOURCE}}}}}", {Feature.PATTERNS}),
        ("{event: orders, where: {attribute: codes, size: 1}}", LISTS),
        (f"{{sequence: [{{event: orders}}, {{without: orders, where: {SOURCE}, within: 1 day}}]}}", {Feature.PATTERNS}),
        ('{attribute: city, is_not: "\\0"}', {Feature.NUL}),
        ('{attribute: city, not_contains: "\\0"}', {Feature.NUL}),
        ('{attribute: tags, has_all: ["\\0"]}', {Feature.NUL, *LISTS}),
    ],
)
def test_a_condition_asks_for_features(condition: str, expected: set[Feature]) -> None:
    rules = f"segments:\n  - name: s\n    label: s\n    entity: customer\n    include:\n      - {condition}\n"
    assert features(rules) == dict.fromkeys(expected, 6)


@pytest.mark.parametrize(
    ("condition", "is_long"),
    [
        (f"{{event: orders, where: {{attribute: amount, lt: {'9' * 18}.5}}}}", False),
        (f"{{event: orders, where: {{attribute: amount, lt: {'9' * 19}}}}}", True),
        (f"{{event: orders, where: {{attribute: amount, in: [1, -0.{'1' * 19}]}}}}", True),
        (f"{{event: orders, sum: {{of: amount, gte: {'9' * 15}.{'9' * 15}}}}}", True),
        (f"{{event: orders, avg: {{of: amount, gte: {'9' * 19}}}}}", True),
        (f"{{event: orders, distinct: {{of: amount, gte: {'9' * 19}}}}}", False),
        ("{attribute: mean, gt: 1234567890123456789}", True),
        ("{attribute: mean, gt: 1}", False),
    ],
)
def test_exact_numbers_are_long_beside_decimals(condition: str, *, is_long: bool) -> None:
    trait = "traits: [{name: mean, entity: customer, event: orders, avg: amount}]\n"
    rules = f"{trait}segments:\n  - {{name: s, label: s, entity: customer, include: [{condition}]}}\n"
    assert features(rules, "postgres") == ({Feature.LONG_DECIMALS: 3} if is_long else {})


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ("event: orders, first: codes", MISSING),
        (f"event: orders, where: {SOURCE}, count: rows", {Feature.PATTERNS}),
        (f"points: [{{when: {PATTERN}, add: 1}}]", {Feature.PATTERNS}),
        (f"stages: [{{name: a, when: {PATTERN}}}, {{name: b}}]", {Feature.PATTERNS}),
        ("formula: score + 1", set()),
    ],
)
def test_a_trait_asks_for_features(definition: str, expected: set[Feature]) -> None:
    assert features(f"traits:\n  - {{name: t, entity: customer, {definition}}}\n") == dict.fromkeys(expected, 2)


def test_exclusions_limits_and_words_ask_too() -> None:
    rules = f"""segments:
  - name: s
    label: "l\\0"
    entity: customer
    include: [everyone]
    exclude:
      - {PATTERN}
"""
    assert features(rules) == {Feature.NUL: 2, Feature.PATTERNS: 7}


def test_the_seed_of_a_split_asks_too() -> None:
    split = 'split: {seed: "a\\0", variants: {one: 100}}'
    rules = f"segments:\n  - {{name: s, label: s, entity: customer, include: [everyone], {split}}}\n"
    assert features(rules) == {Feature.NUL: 2}


def test_only_what_a_dialect_lacks_is_refused() -> None:
    rules = f"segments:\n  - {{name: s, label: s, entity: customer, include: [{PATTERN}, {{attribute: tags, size: 1}}]}}\n"
    loaded = load_texts({"catalog.yml": CATALOG, "rules.yml": rules})
    assert loaded.project is not None, loaded.text
    complaints = Complaints()
    complain_of_lacks(needs(loaded.project), DUCKDB, complaints)
    assert not complaints.found
    without = type(DUCKDB)(name="small", title="Small", lacks=frozenset({Feature.PATTERNS}))
    complain_of_lacks(needs(loaded.project), without, complaints)
    assert [(found.code, found.message, found.expected) for found in complaints.found] == [
        (
            Code.ENGINE,
            "the segment `s` asks for a regular expression, which Small does not have",
            "`contains`, `starts_with`, `ends_with`, or a boolean attribute that the model computes",
        )
    ]


def test_every_feature_has_a_way_out_and_every_dialect_a_title() -> None:
    assert set(INSTEAD) == set(Feature)
    assert all(dialect.title for dialect in DIALECTS.values())
