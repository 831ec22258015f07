"""A project's texts become bound rules: the shortest stories, end to end."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from segwh import ir
from segwh.catalog.load import known_zone
from segwh.project import load_project, load_texts
from segwh.semantics import AS_OF, Duration, Interval, Relative, Shift, Unit
from segwh.types import DataType

CATALOG = """
entities:
  - name: customer
    relation: ref('customers')
    key: customer_id
    created_at: signed_up_at
    attributes: {city: string, score: integer}
    events:
      - {name: orders, relation: ref('orders'), key: customer_id, time: ordered_at, properties: {amount: decimal}}
"""


def test_an_event_in_a_window_is_a_count_of_rows() -> None:
    rules = """
segments:
  - name: recent
    label: Recent buyers
    entity: customer
    include:
      - {event: orders, within: 30 days}
"""
    loaded = load_texts({"catalog.yml": CATALOG, "rules.yml": rules})
    assert loaded.text == ""
    assert loaded.project is not None
    [rule] = loaded.project.segment("recent").include
    month = Interval(Relative((Shift(-1, Duration(30, Unit.DAYS)),)), AS_OF)
    rows = ir.Rows("event", "orders", None, month)
    assert rule.predicate == ir.Compare(ir.Measured(rows, ir.Count(), DataType.INTEGER), "gte", 1)
    assert rule.text == "{event: orders, within: 30 days}"
    assert str(rule.span) == "rules.yml:7:9"


def test_an_error_leaves_no_project_but_its_place_and_the_nearest_name() -> None:
    rules = """
segments:
  - {name: londoners, label: London, entity: customer, include: [{attribute: ctiy, is: London}]}
"""
    loaded = load_texts({"catalog.yml": CATALOG, "rules.yml": rules})
    assert loaded.project is None
    [diagnostic] = loaded.diagnostics
    assert (diagnostic.code.value, str(diagnostic.span)) == ("SEG012", "rules.yml:3:78")
    assert diagnostic.hint == "`city` might be meant"


RULES = "segments:\n  - {name: NAME, label: L, entity: customer, include: everyone}\n"


def project_in(folder: Path, files: Mapping[str, str]) -> Path:
    """A project of a catalog and some files."""
    for name, text in {"segwh.yml": "version: 1\n", "segments/catalog.yml": CATALOG, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def names_in(folder: Path) -> list[str]:
    """The segments of a project without mistakes."""
    loaded = load_project(folder)
    assert loaded.text == ""
    assert loaded.project is not None
    return [segment.name for segment in loaded.project.segments]


@pytest.mark.parametrize("name", ["a.YML", "a.Yaml", ".yml", "deep/tests/a.yml", "Tests/a.yml", "x.yml/a.yml"])
def test_every_yaml_file_is_read_whatever_its_letters_and_its_folder(name: str, tmp_path: Path) -> None:
    assert names_in(project_in(tmp_path, {f"segments/{name}": RULES.replace("NAME", "a")})) == ["a"]


def test_a_linked_folder_is_read_and_a_link_back_leads_to_nothing_new(tmp_path: Path) -> None:
    folder = project_in(tmp_path / "project", {"segments/own/b.yml": RULES.replace("NAME", "b")})
    project_in(tmp_path / "shared", {"below/a.yml": RULES.replace("NAME", "a")})
    for name in ("segwh.yml", "segments/catalog.yml"):
        (tmp_path / "shared" / name).unlink()
    (folder / "segments/linked").symlink_to(tmp_path / "shared")
    (folder / "segments/own/back").symlink_to("..")
    (tmp_path / "shared/round").symlink_to(folder / "segments")
    assert names_in(folder) == ["a", "b"]


def test_what_cannot_be_told_from_rules_is_a_mistake(tmp_path: Path) -> None:
    for name in ("a.yml.txt", "b.YAML ", "notes.md", "c.yml~", "d.yaml.bak", ".#e.yml.swp"):
        project_in(tmp_path, {f"segments/{name}": "exclusions: []"})
    for name in ("lost.yml", "lost", ".#open.yml"):
        (tmp_path / "segments" / name).symlink_to("nowhere")
    os.mkfifo(tmp_path / "segments/pipe.yml")
    loaded = load_project(tmp_path)
    assert loaded.project is None
    assert [(each.span.file, each.code.value, each.message) for each in loaded.diagnostics] == [
        ("segments/a.yml.txt", "SEG008", "its name is not quite that of a YAML file, so it is not read"),
        ("segments/b.YAML ", "SEG008", "its name is not quite that of a YAML file, so it is not read"),
        ("segments/lost", "SEG008", "the link leads nowhere"),
        ("segments/lost.yml", "SEG008", "the link leads nowhere"),
        ("segments/pipe.yml", "SEG008", "this is no file"),
    ]


def test_rules_among_the_tests_are_a_mistake_and_tests_among_the_rules_too(tmp_path: Path) -> None:
    rules = "tests: []\nexclusions:\n  - {entity: customer, segment: a}\n"
    tests = {"segments/tests/a.yml": rules, "segments/tests/deep/b.YML": "segments: ["}
    loaded = load_project(project_in(tmp_path, {**tests, "segments/deep/tests/c.yml": "tests: []\n"}))
    assert loaded.project is None
    assert loaded.text == (
        "segments/deep/tests/c.yml:1:1: error SEG011: `tests` is not a key of a file of rules\n"
        "  1 | tests: []\n    | ^^^^^\n"
        "  expected: one of `entities`, `conditions`, `traits`, `segments`, `groups`, `matrices`, `exclusions`\n\n"
        "segments/tests/a.yml:2:1: error SEG011: `exclusions` stands in a file of tests, where no rules are read\n"
        "  2 | exclusions:\n    | ^^^^^^^^^^\n"
        "  expected: `tests`\n  hint: move it out of the folder of tests\n\n"
        "segments/tests/deep/b.YML:2:1: error SEG002: this is not YAML: "
        "while parsing a flow node: did not find expected node content\n"
    )


def test_tests_alone_are_no_rules(tmp_path: Path) -> None:
    tests = "tests:\n  - {name: n, given: {segments: [{entities: 1}]}, expect: {a: []}}\n"
    files = {"segments/a.yml": RULES.replace("NAME", "a"), "segments/tests/t.yml": tests}
    assert names_in(project_in(tmp_path, files)) == ["a"]


@pytest.mark.parametrize("name", ["localtime", "posixrules", "Factory", "right/UTC", "posix/Europe/London", "europe", "../UTC"])
def test_what_only_lies_beside_the_zones_is_none(name: str) -> None:
    assert not known_zone(name)
    assert known_zone("Europe/London")
