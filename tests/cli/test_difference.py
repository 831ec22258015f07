"""Diff as it is typed: which segments a change of the rules changes, and how many come and go."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import duckdb
import pytest

from tests.cli.test_commands import AS_OF, rewrite, segwh

RULES = Path("segments/rules.yml")


def git(*arguments: str) -> str:
    identity = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, text=True).stdout.strip()


def commit(said: str) -> None:
    git("add", "--all")
    git("commit", "--quiet", "--message", said)


@pytest.fixture
def repository(shop: Path) -> Path:
    """The shop in a repository of git, everything committed."""
    assert shutil.which("git"), "these tests need git, as diff does"
    git("init", "--quiet", "--initial-branch", "main")
    commit("rules")
    return shop


def changes(*arguments: str) -> dict[str, dict[str, object]]:
    found = json.loads(segwh("diff", *arguments, *AS_OF, "--format", "json").stdout)
    return {one["segment"]: one for one in found["changes"]}


def counts(one: dict[str, object]) -> tuple[object, ...]:
    return one["before"], one["after"], one["entering"], one["leaving"]


def test_nothing_changed(repository: Path) -> None:
    result = segwh("diff")
    commit_name = git("rev-parse", "HEAD")[:9]
    assert (result.exit_code, result.stdout) == (0, f"no segment changed since HEAD ({commit_name}); 3 segments as before\n")


def test_words_for_people_are_no_change(repository: Path) -> None:
    rewrite(RULES, "label: Bought lately", "label: Bought recently")
    rewrite(RULES, "include:\n      - {attribute: city, is: Leeds}", "include: [{is: Leeds, attribute: city}]")
    assert changes() == {}


def test_who_comes_and_who_goes(repository: Path) -> None:
    rewrite(RULES, "is: Leeds", "in: [York, Hull]")
    result = segwh("diff", *AS_OF)
    commit_name = git("rev-parse", "HEAD")[:9]
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        f"1 segment changed since HEAD ({commit_name}), as of 2026-06-30 23:00 UTC; 2 as before\n"
        "\n"
        "   segment   before  after  enter  leave  what\n"
        "~  in_leeds       2      2     +2     −2  include\n"
    )


def test_added_removed_and_renamed(repository: Path) -> None:
    rewrite(RULES, "  - name: in_leeds\n", "  - name: of_leeds\n    was: in_leeds\n")
    text = RULES.read_text()
    RULES.write_text(text[: text.index("  - name: spring_list")])
    with RULES.open("a") as rules:
        rules.write("  - {name: all_of_them, label: All, entity: customer, include: everyone}\n")
    found = changes()
    assert {name: one["kind"] for name, one in found.items()} == {
        "of_leeds": "renamed",
        "all_of_them": "added",
        "spring_list": "removed",
    }
    assert counts(found["of_leeds"]) == (2, 2, 0, 0)
    assert counts(found["all_of_them"]) == (0, 4, 4, 0)
    assert counts(found["spring_list"]) == (2, 0, 0, 2)
    shown = segwh("diff", *AS_OF).stdout
    assert ">  of_leeds          2      2      ·      ·  was in_leeds\n" in shown
    assert "-  spring_list       2                   −2  its members stay until `segwh run --remove`\n" in shown.replace(
        "· ", "  "
    )


def test_what_a_segment_follows_from(repository: Path) -> None:
    with RULES.open("a") as rules:
        rules.write(
            "  - {name: buyers_of_leeds, label: B, entity: customer, include: [{segment: buyers}, {segment: in_leeds}]}\n"
            "  - {name: rich, label: R, entity: customer, include: [{attribute: spent, gte: 30}]}\n"
            "traits: [{name: spent, entity: customer, event: orders, sum: amount}]\n"
        )
    commit("more")
    rewrite(RULES, "    exclude:\n      - {related: tickets, where: {attribute: status, is: open}}\n", "")
    rewrite(RULES, "sum: amount}", "sum: amount, within: 20 days}")
    found = changes()
    assert {name: one["what"] for name, one in found.items()} == {
        "buyers": ["exclude"],
        "buyers_of_leeds": ["follows from buyers"],
        "rich": ["traits or catalog"],
    }
    assert counts(found["buyers_of_leeds"]) == (0, 1, 1, 0)
    assert counts(found["rich"]) == (1, 0, 0, 1)


def test_suppression_and_groups(repository: Path) -> None:
    with RULES.open("a") as rules:
        rules.write("groups: [{name: one_of, exclusive: [in_leeds, buyers]}]\n")
    found = changes()
    assert {name: one["what"] for name, one in found.items()} == {"buyers": ["group"]}
    commit("group")
    with RULES.open("a") as rules:
        rules.write("exclusions: [{entity: customer, segment: spring_list}]\n")
    found = changes()
    assert found["in_leeds"]["what"] == ["exclusions"]
    assert found["buyers"]["what"] == ["exclusions"]
    assert counts(found["in_leeds"]) == (2, 1, 0, 1)


def test_a_renamed_list_changes_nobody_else(repository: Path) -> None:
    with RULES.open("a") as rules:
        rules.write("exclusions: [{entity: customer, segment: spring_list}]\n")
    commit("exclusions")
    rewrite(RULES, "  - name: spring_list\n", "  - name: list_of_spring\n    was: spring_list\n")
    rewrite(RULES, "segment: spring_list}", "segment: list_of_spring}")
    assert {name: one["kind"] for name, one in changes().items()} == {"list_of_spring": "renamed"}


def test_frozen_segments_say_so(repository: Path) -> None:
    rewrite(RULES, "    label: Lives in Leeds\n", "    label: Lives in Leeds\n    status: inactive\n")
    found = changes()
    assert (found["in_leeds"]["what"], found["in_leeds"]["note"]) == (["status"], "inactive: it keeps the members that it has")


def test_a_branch_is_compared_with_where_it_began(repository: Path) -> None:
    git("checkout", "--quiet", "-b", "mine")
    rewrite(RULES, "is: Leeds", "is: Hull")
    commit("mine")
    git("checkout", "--quiet", "main")
    rewrite(RULES, "within: 90 days", "within: 10 days")
    commit("of somebody else")
    git("checkout", "--quiet", "mine")
    assert list(changes("main")) == ["in_leeds"]


def test_a_rule_file_that_is_new_or_gone(repository: Path) -> None:
    (repository / "segments/more.yml").write_text(
        "segments:\n  - {name: all_of_them, label: All, entity: customer, include: everyone}\n"
    )
    assert {name: one["kind"] for name, one in changes().items()} == {"all_of_them": "added"}
    commit("more")
    (repository / "segments/more.yml").unlink()
    assert {name: one["kind"] for name, one in changes().items()} == {"all_of_them": "removed"}


def test_the_project_may_be_a_folder_of_the_repository(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / "analytics").mkdir()
    for name in ("dbt_project.yml", "segwh.yml", "segments", "models", "profiles.yml"):
        git("mv", name, f"analytics/{name}")
    commit("moved")
    monkeypatch.chdir(repository / "analytics")
    rewrite(RULES, "is: Leeds", "is: Hull")
    assert counts(changes()["in_leeds"]) == (2, 1, 1, 2)


def test_without_the_warehouse(repository: Path) -> None:
    rewrite(RULES, "is: Leeds", "is: Hull")
    shown = segwh("diff", "--offline").stdout
    assert shown.splitlines()[-1].split() == ["~", "in_leeds", "include"]
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute("drop table customers")
    result = segwh("diff")
    assert result.exit_code == 0
    assert "\nhow many come and go is not known: " in result.stdout
    assert result.stdout.splitlines()[-1].split() == ["~", "in_leeds", "include"]


def test_markdown_for_a_pull_request(repository: Path) -> None:
    rewrite(RULES, "is: Leeds", "is: Hull")
    lines = segwh("diff", *AS_OF, "--format", "markdown").stdout.splitlines()
    assert lines[0].startswith("**segwh**: 1 segment changed since HEAD (")
    assert lines[-1] == "| changed | `in_leeds` | 2 | 1 | +1 | −2 | include |"


def test_it_leaves_no_trace(repository: Path) -> None:
    rewrite(RULES, "is: Leeds", "is: Hull")
    before = {str(path): path.read_bytes() for path in repository.rglob("*") if path.is_file() and ".git" not in path.parts}
    assert segwh("diff", *AS_OF).exit_code == 0
    assert {
        str(path): path.read_bytes() for path in repository.rglob("*") if path.is_file() and ".git" not in path.parts
    } == before


def test_what_the_user_can_fix(repository: Path) -> None:
    assert segwh("diff", "nowhere").stderr == "error: git knows no revision `nowhere` here\n"
    assert segwh("diff", "--", "--output=x").stderr == "error: `--output=x` is no revision of git\n"
    rewrite(RULES, "is: Leeds", "si: Leeds")
    commit("broken")
    rewrite(RULES, "si: Leeds", "is: Leeds")
    result = segwh("diff")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: the rules at HEAD (")
    assert "segments/rules.yml:15:" in result.stderr
    git("rm", "--quiet", "--cached", "segwh.yml")
    git("commit", "--quiet", "--message", "no rules")
    assert segwh("diff").stderr == "error: there is no segwh.yml at HEAD\n"


def test_a_folder_without_git(shop: Path) -> None:
    result = segwh("diff")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: not a git repository")
