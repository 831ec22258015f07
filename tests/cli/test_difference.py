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
    rewrite(RULES, "[in_leeds, buyers]", "[buyers, in_leeds]")
    # that in_leeds follows now from what buyers read is no other cause
    found = changes("--offline")
    assert {name: one["what"] for name, one in found.items()} == {"buyers": ["group"], "in_leeds": ["group"]}
    rewrite(RULES, "[buyers, in_leeds]", "[in_leeds, buyers]")
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


def test_it_leaves_no_trace(repository: Path, files_of_dbt: None) -> None:
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
    assert segwh("diff", "").stderr == "error: `` is no revision of git\n"
    assert segwh("diff", "HEAD:segments").stderr == "error: `HEAD:segments` is no commit of git\n"
    git("update-ref", "refs/remotes/origin/trunk", "HEAD")
    assert segwh("diff", "trunk").stderr == "error: git knows no revision `trunk` here\n  `origin/trunk` is there\n"


def test_a_folder_without_git(shop: Path) -> None:
    result = segwh("diff")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: not a git repository")


def test_what_the_rules_of_before_read_may_be_gone(repository: Path) -> None:
    catalog = Path("segments/catalog.yml")
    rewrite(catalog, "city: string", "city: {type: string, column: town}")
    commit("town")
    rewrite(catalog, "{type: string, column: town}", "string")
    lines = segwh("diff", *AS_OF).stdout.splitlines()
    assert lines[1] == (
        "how many come and go is not known: by the rules at HEAD ref('customers') has no column `town` (attribute of customer)"
    )


def test_what_some_segments_read_may_be_out_of_order(repository: Path) -> None:
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute("alter table tickets alter status type integer using 1")
    rewrite(RULES, "is: Leeds", "is: Hull")
    rewrite(RULES, "within: 90 days", "within: 10 days")
    _, note, *_, buyers, leeds = (" ".join(line.split()) for line in segwh("diff", *AS_OF).stdout.splitlines())
    assert note.startswith("how many come and go of buyers is not known: column `status` of ref('tickets') (property of")
    assert (buyers, leeds) == ("~ buyers include", "~ in_leeds 2 1 +1 −2 include")
    assert [one["before"] for one in changes().values()] == [None, 2]
    shown = segwh("diff", *AS_OF, "--format", "markdown").stdout
    assert "| changed | `buyers` |  |  |  |  | include |" in shown


def test_more_changes_than_one_statement_asks(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("segwh.commands.difference.AT_ONCE", 1)
    rewrite(RULES, "  - name: in_leeds\n", "  - name: of_leeds\n    was: in_leeds\n")
    rewrite(RULES, "is: Leeds", "is: Hull")
    rewrite(RULES, "within: 90 days", "within: 10 days")
    text = RULES.read_text()
    RULES.write_text(text[: text.index("  - name: spring_list")])
    assert {name: counts(one) for name, one in changes().items()} == {
        "buyers": (1, 0, 0, 1),
        "of_leeds": (2, 1, 1, 2),
        "spring_list": (2, 0, 0, 2),
    }


# --- what is a change, and what is none ---------------------------------------------------------------------------------


def test_what_is_not_listed_is_known_nevertheless(repository: Path) -> None:
    rewrite(RULES, "    label: Lives in Leeds\n", "    label: Lives in Leeds\n    hidden: true\n")
    assert changes() == {}
    commit("hidden")
    rewrite(RULES, "is: Leeds", "is: Hull")
    assert changes() == {}
    with RULES.open("a") as rules:
        rules.write("  - {name: there, label: T, entity: customer, include: [{segment: in_leeds}]}\n")
    assert changes()["there"]["kind"] == "added"
    commit("there")
    rewrite(RULES, "is: Hull", "is: Leeds")
    assert {name: one["what"] for name, one in changes().items()} == {"there": ["follows from in_leeds"]}
    rewrite(RULES, "    hidden: true\n", "")
    found = changes()
    assert {name: one["kind"] for name, one in found.items()} == {"in_leeds": "changed", "there": "changed"}
    assert counts(found["in_leeds"]) == (1, 2, 2, 1)
    rewrite(RULES, "is: Leeds", "is: Hull")
    assert changes() == {}


def test_the_order_of_exclusions_is_no_change(repository: Path) -> None:
    one = "  - {entity: customer, segment: spring_list}\n"
    other = "  - {entity: customer, segment: in_leeds, tags: [campaign]}\n"
    text = RULES.read_text()
    RULES.write_text(f"{text}exclusions:\n{one}{other}")
    commit("exclusions")
    RULES.write_text(f"{text}exclusions:\n{other}{one}")
    assert changes() == {}
    rewrite(RULES, "    tags: [campaign]\n    entity: customer\n    time_to_live", "    entity: customer\n    time_to_live")
    rewrite(RULES, "    label: Lives in Leeds\n", "    label: Lives in Leeds\n    tags: [campaign]\n")
    with RULES.open("a") as rules:
        rules.write("groups: [{name: one_of, exclusive: [buyers]}]\n")
    text = RULES.read_text()
    RULES.write_text(text.replace("segment: in_leeds, tags", "segment: spring_list, tags").replace(one, ""))
    assert {name: one["what"] for name, one in changes().items()} == {"buyers": ["exclusions"], "in_leeds": ["exclusions"]}


def test_members_of_another_kind_are_no_members_that_stay(repository: Path) -> None:
    with Path("segments/catalog.yml").open("a") as catalog:
        catalog.write("  - {name: person, relation: ref('customers'), key: {column: customer_id, type: integer},\n")
        catalog.write("     attributes: {city: string}}\n")
    commit("a person")
    rewrite(RULES, "    label: Lives in Leeds\n    entity: customer\n", "    label: Lives in Leeds\n    entity: person\n")
    (found,) = changes().values()
    assert (found["kind"], found["what"], counts(found)) == ("changed", ["entity"], (2, 2, 2, 2))
    assert str(found["note"]).startswith("members of another kind: it starts anew")
    git("checkout", "--quiet", ".")
    rewrite(RULES, "    label: Lives in Leeds\n", "    label: Lives in Leeds\n    was: leeds\n    aggregate_on: city\n")
    (found,) = changes().values()
    assert (found["what"], counts(found)) == (["aggregate_on"], (2, 1, 1, 2))


def test_an_entity_of_another_name_begins_anew(repository: Path) -> None:
    rewrite(RULES, "entity: customer", "entity: client")
    rewrite(Path("segments/catalog.yml"), "name: customer\n", "name: client\n")
    found = changes()
    assert {name: one["what"] for name, one in found.items()} == {
        "buyers": ["entity"],
        "in_leeds": ["entity"],
        "spring_list": ["entity"],
    }
    assert counts(found["in_leeds"]) == (2, 2, 2, 2)


def test_what_the_catalog_promises_of_rows_that_are_read(repository: Path) -> None:
    rewrite(Path("segments/catalog.yml"), "id: order_id\n", "id: order_id\n        id_unique: true\n")
    found = changes()
    assert {name: one["what"] for name, one in found.items()} == {
        "buyers": ["traits or catalog"],
        "spring_list": ["traits or catalog"],
    }
    assert counts(found["buyers"])[2:] == (0, 0)


def test_the_zone_of_versions(repository: Path) -> None:
    catalog = Path("segments/catalog.yml")
    rewrite(catalog, "relation: ref('tickets')\n", "relation: ref('tickets')\n        validity: {from: since, to: till}\n")
    with RULES.open("a") as rules:
        rules.write("  - {name: with_tickets, label: T, entity: customer, include: [{related: tickets}]}\n")
    commit("versions")
    rewrite(Path("segwh.yml"), "Europe/London", "America/New_York")
    found = json.loads(segwh("diff", "--offline", "--format", "json").stdout)["changes"]
    assert "with_tickets" in {one["segment"] for one in found}
    assert "in_leeds" not in {one["segment"] for one in found}


def test_all_reasons_are_told(repository: Path) -> None:
    with RULES.open("a") as rules:
        rules.write(
            "  - {name: both, label: B, entity: customer, include: [{segment: buyers}, {segment: in_leeds}]}\n"
            "  - {name: halves, label: H, entity: customer, include: everyone, split: {seed: s, variants: {a: 50, b: 50}}}\n"
            "  - {name: hull, label: H, entity: customer, include: [{attribute: city, is: Hull}]}\n"
        )
    commit("more")
    rewrite(RULES, "variants: {a: 50, b: 50}", "variants: {a: 50, b: 40, c: 10}")
    assert {name: one["what"] for name, one in changes().items()} == {"halves__b": ["split"], "halves__c": []}
    git("checkout", "--quiet", ".")
    rewrite(RULES, "is: Leeds", "is: York")
    rewrite(RULES, "include: [{segment: buyers}, {segment: in_leeds}]", "include: [{segment: in_leeds}, {segment: buyers}]")
    with RULES.open("a") as rules:
        rules.write("exclusions: [{entity: customer, segment: hull}]\n")
    assert {name: one["what"] for name, one in changes().items()} == {
        "buyers": ["exclusions"],
        "in_leeds": ["include", "exclusions"],
        "spring_list": ["exclusions"],
        "both": ["exclusions", "follows from in_leeds"],
        "halves": ["exclusions"],
        "halves__a": ["exclusions"],
        "halves__b": ["exclusions"],
    }


# --- what git has -------------------------------------------------------------------------------------------------------


def test_before_there_was_a_segwh_yml_all_is_new(repository: Path) -> None:
    git("rm", "--quiet", "--cached", "segwh.yml")
    git("commit", "--quiet", "--message", "no rules")
    result = segwh("diff", *AS_OF)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("3 segments changed since HEAD (")
    assert lines[1] == "there is no segwh.yml at HEAD: all is new"
    assert {line[0] for line in lines[4:]} == {"+"}
    assert counts(changes()["in_leeds"]) == (0, 2, 2, 0)


def test_a_commit_may_be_named_as_git_allows(repository: Path) -> None:
    git("tag", "--annotate", "v1", "--message", "x")
    git("branch", "feat/a-b")
    rewrite(RULES, "is: Leeds", "is: Hull")
    commit("hull")
    for name in ("HEAD~1", "v1", "feat/a-b", ":/rules", git("rev-parse", "--short", "HEAD~1")):
        assert list(changes(name)) == ["in_leeds"], name
    git("checkout", "--quiet", "--detach")
    assert list(changes("HEAD~1")) == ["in_leeds"]


def test_a_hook_tells_git_of_another_folder(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / "analytics").mkdir()
    for name in ("dbt_project.yml", "segwh.yml", "segments", "models", "profiles.yml"):
        git("mv", name, f"analytics/{name}")
    commit("moved")
    monkeypatch.chdir(repository / "analytics")
    rewrite(RULES, "is: Leeds", "is: Hull")
    for place in (".git", str(repository / ".git")):
        monkeypatch.setenv("GIT_DIR", place)
        monkeypatch.setenv("GIT_INDEX_FILE", f"{place}/index")
        assert list(changes()) == ["in_leeds"]


def test_a_file_may_have_any_name(repository: Path) -> None:
    RULES.rename("segments/Aktionen für März.yml")
    commit("renamed")
    assert changes() == {}
    Path("segments/Aktionen für März.yml").rename(RULES)
    assert changes() == {}


def test_the_folder_of_the_rules_may_be_another_one_now(repository: Path) -> None:
    Path("segwh.yml").write_text("version: 1\ntimezone: Europe/London\nrules_path: ./rules/\n")
    Path("segments").rename("rules")
    assert changes() == {}
    commit("moved")
    assert changes() == {}
    rewrite(Path("rules/rules.yml"), "is: Leeds", "is: Hull")
    assert list(changes()) == ["in_leeds"]


def test_ends_of_lines_are_no_change(repository: Path) -> None:
    for file in (RULES, Path("segments/catalog.yml"), Path("segwh.yml")):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert changes() == {}


def test_links_are_followed_as_they_were(repository: Path) -> None:
    Path("shared").mkdir()
    RULES.rename("shared/rules.yml")
    RULES.symlink_to("../shared/rules.yml")
    Path("segments/round").symlink_to("../segments")
    commit("a file")
    assert changes() == {}
    rewrite(Path("shared/rules.yml"), "is: Leeds", "is: Hull")
    assert list(changes()) == ["in_leeds"]
    git("checkout", "--quiet", ".")
    RULES.unlink()
    Path("segments/round").unlink()
    Path("segments/more").symlink_to("../shared")
    commit("a folder")
    assert changes() == {}
    Path("segments").rename("real")
    Path("segments").symlink_to("real")
    commit("the folder of the rules")
    assert changes() == {}


@pytest.mark.parametrize(
    ("leads_to", "said"),
    [
        ("../nowhere", "leads to nothing in an earlier revision"),
        ("../../shared", "out of what git keeps, which is not known in an earlier revision"),
        ("/tmp", "out of what git keeps, which is not known in an earlier revision"),
        ("more", "goes round in a circle"),
    ],
)
def test_a_link_that_was_wrong(repository: Path, leads_to: str, said: str) -> None:
    Path("segments/more").symlink_to(leads_to)
    commit("wrong")
    Path("segments/more").unlink()
    result = segwh("diff")
    assert result.exit_code == 1
    assert result.stderr.startswith("error: segments/more is a link ")
    assert said in result.stderr


def test_rules_in_a_submodule_are_not_taken_for_none(repository: Path) -> None:
    git("update-index", "--force-remove", "segments/rules.yml", "segments/catalog.yml")
    git("update-index", "--add", "--cacheinfo", f"160000,{git('rev-parse', 'HEAD')},segments")
    git("commit", "--quiet", "--message", "submodule")
    assert segwh("diff").stderr.startswith("error: segments is a submodule")


def test_a_shallow_clone_says_so(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit_of_others = git("commit-tree", "HEAD^{tree}", "-m", "x")
    rewrite(RULES, "is: Leeds", "is: Hull")
    commit("hull")
    (repository / ".git/shallow").write_text(git("rev-parse", "HEAD") + "\n")
    assert "this clone is shallow" in segwh("diff", "HEAD~1").stderr
    assert "have no commit in common" in segwh("diff", commit_of_others).stderr


def test_what_git_refuses_is_said_in_its_words(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    assert segwh("diff").stderr.startswith("error: detected dubious ownership in repository at ")


def test_a_list_that_is_not_there_is_told_with_its_rule(repository: Path) -> None:
    rule = "{attribute: city, in: {relation: ref('customers'), column: town}}"
    segment = f"{{name: listed, label: L, entity: customer, include: [{rule}]}}"
    Path("segments/lists.yml").write_text(f"segments:\n  - {segment}\n", encoding="utf-8")
    told = "ref('customers') has no column `town` (list for `city` at segments/lists.yml:2)"
    assert f"how many come and go is not known: {told}" in segwh("diff", *AS_OF).stdout
    result = segwh("backfill", "--from", "2026-01-01", "--to", "2026-01-02")
    assert (result.exit_code, told in result.stderr) == (1, True)
