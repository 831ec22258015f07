"""Files are plain YAML 1.2 data, and nothing that a file holds can do harm."""

from __future__ import annotations

from decimal import Decimal

import pytest

from segwh.text.source import Items, Mapping, Scalar, UnusableNumber, value_of
from segwh.text.yaml_text import MAX_DEPTH, read_yaml


def value(text: str) -> object:
    node, problems = read_yaml(text, "a.yml")
    assert problems == ()
    assert isinstance(node, Scalar)
    return value_of(node)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("012", 12),
        ("0o17", 15),
        ("0xff", 255),
        ("-5", -5),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("2026-01-01", "2026-01-01"),
        ("0.10", Decimal("0.10")),
        ("1.0", 1),
        ("1e3", 1000),
        ("12345678901234567890123456789012345678", 12345678901234567890123456789012345678),
        ("~", None),
        ("null", None),
        ('"5"', "5"),
        ("'true'", "true"),
        ("=", "="),
    ],
)
def test_scalars_follow_the_core_schema(text: str, expected: object) -> None:
    found = value(text)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize("text", ["9" * 39, "9" * 5000, "1e999999999", "-.inf", ".nan", "0." + "1" * 60])
def test_numbers_that_no_engine_holds_are_not_guessed_at(text: str) -> None:
    assert value(text) == UnusableNumber(text)


def test_places_are_those_of_the_text() -> None:
    node, _ = read_yaml("a:\n  - {b: é}\n", "a.yml")
    assert isinstance(node, Mapping)
    items = node.get("a")
    assert isinstance(items, Items)
    [inner] = items.items
    assert isinstance(inner, Mapping)
    assert str(inner.span) == "a.yml:2:5"
    assert (inner.span.end_line, inner.span.end_column) == (2, 11)


def test_an_alias_is_a_copy_of_what_its_anchor_names() -> None:
    node, problems = read_yaml("a: &cities [London, Paris]\nb: *cities\n", "a.yml")
    assert problems == ()
    assert isinstance(node, Mapping)
    assert node.get("a") == node.get("b")


def kinds(text: str) -> list[str]:
    return [problem.kind for problem in read_yaml(text, "a.yml")[1]]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a: 1\na: 2\n", "duplicate"),
        ("a: !!str 5\n", "feature"),
        ("a: &x {b: 1}\nc: {<<: *x}\n", "feature"),
        ("a: *x\n", "feature"),
        ("a: &x [*x]\n", "feature"),
        ("a: 1\n---\nb: 2\n", "feature"),
        ("? [a]\n: b\n", "feature"),
        ("a: {b: decimal(18, 2), c: d}\n", "comma"),
        ("a: [f(1, 2), b]\n", "comma"),
        ("\ta: b\n", "syntax"),
        ("a: 'b\n", "syntax"),
        ("a: b\x00\n", "encoding"),
        ("a: \ud800\n", "encoding"),
        ("[" * 100_000, "depth"),
        ("- " * (MAX_DEPTH + 1), "depth"),
        ("a: " + "{b: " * 500 + "}" * 500, "depth"),
    ],
)
def test_what_is_not_read_is_a_problem_of_its_kind(text: str, kind: str) -> None:
    assert kinds(text) == [kind]


def test_a_bomb_of_aliases_does_not_go_off() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for name, inner in zip("bcdefghij", "abcdefghi", strict=True):
        bomb += f"{name}: &{name} [{', '.join(['*' + inner] * 10)}]\n"
    assert kinds(bomb) == ["size"]


def test_an_unclosed_bracket_alone_is_no_comma_trap() -> None:
    assert kinds("a: [smile :(, b]\n") == []
