"""Files of other tools become rules: the very text, who is in, and a list of whatever could not be carried over.

A case is a file of a tool; beside it stand the rules that it becomes and what is said about it. With SEGWH_ACCEPT=1 those are
written anew, for review.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from segwh.cli import cli
from segwh.display.importing import as_text
from segwh.errors import UserError
from segwh.importing.conditions import like
from segwh.importing.importer import Imported, import_content, read_json
from segwh.importing.subjects import Subject
from segwh.importing.written import segment_text
from segwh.project import Loaded, load_texts
from segwh.sql import dialect_named, standalone
from segwh.types import DataType

FOLDER = Path(__file__).parent
CATALOG = {"segments/catalog.yml": (FOLDER / "catalog.yml").read_text(encoding="utf-8")}
CASES = sorted((FOLDER / "cases").glob("*.json"))


def loaded(**more: str) -> Loaded:
    """The project that is imported into."""
    found = load_texts({**CATALOG, **more})
    assert found.project is not None, found.text
    return found


def imported(path: Path, **options: Any) -> Imported:
    """What becomes of a case."""
    tool = path.name.split(".")[1]
    return import_content(read_json(path), path.name.split(".")[0], tool, loaded(), **options)


@pytest.mark.parametrize("path", CASES, ids=[path.name for path in CASES])
def test_rules_and_report_are_as_promised(path: Path) -> None:
    found = imported(path)
    rules, report = path.with_suffix(".yml"), path.with_suffix(".txt")
    if os.environ.get("SEGWH_ACCEPT"):
        rules.write_text(found.text, encoding="utf-8")
        report.write_text(as_text(found), encoding="utf-8")
    assert found.text == rules.read_text(encoding="utf-8")
    assert as_text(found) == report.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", CASES, ids=[path.name for path in CASES])
def test_what_is_carried_over_goes_with_the_project(path: Path) -> None:
    found = imported(path)
    bound = loaded(imported=found.text)
    assert {segment.name for segment in bound.project.segments} == {"staff", *found.segments}  # type: ignore[union-attr]


@pytest.mark.parametrize("path", CASES, ids=[path.name for path in CASES])
def test_what_is_left_out_can_be_kept_as_comments_that_are_no_rules(path: Path) -> None:
    found = imported(path, partial=True)
    assert found.left_out
    assert found.text.count("\n  # left out:\n") == len(found.left_out)
    assert loaded(imported=found.text).project == loaded(imported=imported(path).text).project
    uncommented = found.text.replace("  # ", "").replace("left out:", "# left out:")
    with pytest.raises(AssertionError):
        loaded(imported=uncommented)


# --- who is in ----------------------------------------------------------------------------------------------------------

PEOPLE = """
  (1, 'a.bc@example.org', 'London', 'UK', 120, 50.00, '1995-05-05', '2026-10-05', true, ['press'], 'London'),
  (2, 'A.B@shop.example', 'london', 'FR', 5, 9.00, '2001-01-01', '2025-10-05', true, [], 'Paris'),
  (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (4, 'test12@x.example', 'Paris', 'UK', 49, 10.50, '1990-01-01', '2026-01-01', false, ['staff'], 'Rome'),
  (5, '', '', '', 0, 0.00, '2000-02-29', '2026-09-30', false, ['press', NULL], '')
"""
MEMBERS = {
    # NULL is unknown to SQL, also under `not`
    "good_customers": {1},
    "not_london_and_known": {2, 4, 5},
    "turned_round": {1, 2, 4, 5},
    "in_a_row": {1, 4},
    "two_fields": {2, 4, 5},
    "dates": {1},
    # Mautic: case does not matter, `!=` holds for null
    "fans": {1, 2},
    "patterns": {2},
    # Flagsmith: a trait that is not set fails whatever it is asked
    "beta_testers": {1, 2},
    "regular_expressions": {1},
}


def test_the_members_are_those_that_the_tools_would_pick() -> None:
    texts = {path.name: imported(path).text for path in CASES}
    project = loaded(**texts).project
    assert project is not None
    with duckdb.connect() as connection:
        connection.execute(
            "create table contacts (id bigint, email varchar, city varchar, country varchar, points bigint,"
            " spent decimal(9, 2), born date, last_active timestamp, optin boolean, tags varchar[], home varchar)"
        )
        connection.execute(f"insert into contacts values {PEOPLE}")
        connection.execute("create table regions (city varchar, name varchar)")
        connection.execute('create table orders (contact_id bigint, "at" timestamp, amount decimal(9, 2))')
        sql = standalone(
            project,
            MEMBERS,
            datetime(2026, 10, 15, tzinfo=UTC),
            dialect_named("duckdb"),
            lambda relation, _: relation.parts[-1],
        )
        rows = connection.execute(sql).fetchall()
    found: dict[str, set[int]] = {name: set() for name in MEMBERS}
    for segment, key in rows:
        found[segment].add(int(key))
    assert found == MEMBERS


# --- pieces -------------------------------------------------------------------------------------------------------------

CITY = Subject("city", DataType.STRING)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("%don%", {"contains": "don"}),
        ("Lon%", {"starts_with": "Lon"}),
        ("%don", {"ends_with": "don"}),
        ("London", {"is": "London"}),
        ("100\\%%", {"starts_with": "100%"}),
        ("a%b", {"matches": "^a.*b$"}),
        ("%a_(b", {"matches": "a.\\(b$"}),
        ("_%", {"matches": "^."}),
    ],
)
def test_patterns_of_like(pattern: str, expected: dict[str, str]) -> None:
    assert like(CITY, pattern) == {"attribute": "city", **expected}


@pytest.mark.parametrize(
    "value", ["no", "1e3", "0x1F", "0o17", "null", "~", "2026-01-01", " x ", "a: b", "#", "", "{{ x }}", "北京\n2"]
)
def test_texts_stay_texts(value: str) -> None:
    text = "segments:\n" + segment_text(
        {"name": "one", "label": "One", "entity": "contact", "include": [{"attribute": "city", "is": value}]}
    )
    (rule,) = loaded(one=text).project.segment("one").include  # type: ignore[union-attr]
    assert rule.predicate.values == (value,)  # type: ignore[union-attr]


def test_exact_numbers_stay_exact() -> None:
    text = "segments:\n" + segment_text(
        {"name": "one", "label": "One", "entity": "contact", "include": [{"attribute": "spent", "gte": Decimal("0.10")}]}
    )
    assert "gte: 0.10" in text
    assert loaded(one=text).project is not None


@pytest.mark.parametrize(
    ("content", "tool"),
    [
        (7, "mautic"),
        ([7], "mautic"),
        ({"x": 1}, "flagsmith"),
        (["x"], "flagsmith"),
        ("x", "react-querybuilder"),
        ([1], "react-querybuilder"),
    ],
)
def test_a_file_of_something_else_is_a_mistake(content: Any, tool: str) -> None:
    with pytest.raises(UserError, match=f"this is no file of {tool}"):
        import_content(content, "x", tool, loaded())


@pytest.mark.parametrize(
    "query",
    [
        None, [], "x", {"rules": "x"}, {"rules": [None], "combinator": 3}, {"rules": [{"field": 1}], "combinator": "and"},
        {"rules": [{"field": "city", "operator": "in", "valueSource": "field"}], "combinator": "and"},
        {"rules": [{"field": "city", "operator": "=", "valueSource": "field", "value": "a,b"}], "combinator": "and"},
        {"rules": [{"field": "city", "operator": "="}, "and"]},
        {"rules": [{"field": "tags", "operator": "=", "value": "x"}], "combinator": "or"},
        {"rules": [{"field": "last_active", "operator": "=", "value": "2026-02-30"}], "combinator": "or"},
    ],
)  # fmt: skip
def test_whatever_stands_in_a_tree_is_either_carried_over_or_listed(query: Any) -> None:
    found = import_content([{"name": "odd", "query": query}], "x", "react-querybuilder", loaded())
    assert found.segments == ()
    assert [left.title for left in found.left_out] == ["odd"]
    assert found.left_out[0].problems


def test_two_segments_of_one_name_get_two_names() -> None:
    rule = {"combinator": "and", "rules": [{"field": "city", "operator": "=", "value": "x"}]}
    found = import_content(
        [{"name": "A b", "query": rule}, {"name": "a-b", "query": rule}], "x", "react-querybuilder", loaded()
    )
    assert found.segments == ("a_b", "a_b_2")


def test_the_command_writes_a_file_and_tells_what_is_lost(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: small\nprofile: small\n")
    (tmp_path / "segwh.yml").write_text("version: 1\n")
    (tmp_path / "segments").mkdir()
    (tmp_path / "segments" / "catalog.yml").write_text(CATALOG["segments/catalog.yml"])
    source, target = tmp_path / "vips.json", tmp_path / "segments" / "vips.yml"

    def run(query: Any, *options: str) -> tuple[int, str]:
        source.write_text(json.dumps(query))
        arguments = ["import", str(source), "--from", "react-querybuilder", "--project-dir", str(tmp_path), *options]
        result = CliRunner().invoke(cli, arguments)
        return result.exit_code, result.output

    query = {"combinator": "and", "rules": [{"field": "town", "operator": "=", "value": "Leeds"}]}
    code, text = run(query)
    assert code == 1
    assert "rules[0].field: `town` is not an attribute or trait of contact" in text
    code, text = run(query, "--map", "town=city", "--output", str(target))
    assert (code, text) == (0, "1 segment carried over, 0 left out\n")
    assert "name: vips" in target.read_text()
    assert run(query, "--output", str(target))[0] == 1
    assert run(query, "--map", "town")[0] == 1
    assert (
        "not a tool"
        in CliRunner().invoke(cli, ["import", str(source), "--from", "mautik", "--project-dir", str(tmp_path)]).output
    )
    source.write_text("{")
    result = CliRunner().invoke(cli, ["import", str(source), "--from", "mautic", "--project-dir", str(tmp_path)])
    assert (result.exit_code, "is not JSON" in result.output) == (1, True)


def mautic_filter(**said: Any) -> dict[str, Any]:
    """A filter of Mautic on a contact."""
    return {"glue": "and", "object": "lead", **said}


def test_several_choices_of_mautic_must_all_be_there() -> None:
    choices = {"field": "tags", "type": "multiselect", "properties": {"filter": ["a", "b"]}}
    filters = [mautic_filter(operator="in", **choices), mautic_filter(operator="!in", **choices)]
    found = import_content({"name": "choices", "filters": filters}, "x", "mautic", loaded())
    assert "has_all: [a, b]" in found.text
    assert "has_none: [a, b]" in found.text
    assert "missing: fails" in found.text
    assert [note.reason for _, note in found.notes] == [
        "MySQL also takes large and small letters for the same, which is not carried over for lists"
    ]


@pytest.mark.parametrize("operator", ["in", "!in"])
def test_several_choices_of_mautic_are_not_one_text(operator: str) -> None:
    choices = mautic_filter(field="city", type="multiselect", operator=operator, properties={"filter": ["a"]})
    found = import_content({"name": "choices", "filters": [choices]}, "x", "mautic", loaded())
    assert (found.segments, len(found.left_out)) == ((), 1)


@pytest.mark.parametrize("is_published", [False, 0, "0"])
def test_a_segment_of_mautic_that_is_not_published_would_keep_nobody_out(is_published: Any) -> None:
    city = mautic_filter(field="city", operator="=", filter="x")
    outside = mautic_filter(field="leadlist", operator="!in", filter=[1])
    found = import_content(
        [
            {"id": 1, "name": "Competitors", "isPublished": is_published, "filters": [city]},
            {"id": 2, "name": "All others", "filters": [city, outside]},
        ],
        "x",
        "mautic",
        loaded(),
    )
    assert found.segments == ("competitors",)
    assert "status: inactive" in found.text
    (left,) = found.left_out
    assert (left.title, [problem.path for problem in left.problems]) == ("All others", ["[1].filters[1].properties.filter"])
    assert "the segments 1 are not published" in left.problems[0].reason


def test_a_pattern_of_mautic_may_double_its_backslashes() -> None:
    filters = [mautic_filter(field="city", operator=word, filter=r"^\\d+$") for word in ("regexp", "!regexp")]
    found = import_content({"name": "digits", "filters": filters}, "x", "mautic", loaded())
    assert r"{attribute: city, matches: ^\d+$, ignore_case: true}" in found.text
    assert r"{attribute: city, not_matches: ^\d+$, ignore_case: true, missing: fails}" in found.text
