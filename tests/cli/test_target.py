"""Finding the dbt project, the profile and the target, and saying what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from segwh.commands.workspace import find_workspace
from segwh.errors import UserError
from segwh.warehouse.target import find_project_dir, find_target


def complaint_of(**options: str) -> str:
    with pytest.raises(UserError) as caught:
        find_target(**options)
    return str(caught.value)


def test_the_profiles_own_target_is_taken(bare_shop: Path) -> None:
    found = find_target()
    assert (found.project, found.profile, found.name, found.adapter, found.dialect) == (
        "shop",
        "shop",
        "dev",
        "duckdb",
        "duckdb",
    )


def test_the_project_is_found_from_a_folder_inside(bare_shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(bare_shop / "models")
    assert find_target().project_dir == bare_shop


def test_another_target_has_another_dialect(bare_shop: Path) -> None:
    assert find_target(target="nowhere").dialect == "postgres"


def test_a_profile_from_the_environment(bare_shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (bare_shop / "dbt_project.yml").write_text("name: shop\nprofile: \"{{ env_var('WHICH') }}\"\n")
    assert "the environment variable WHICH is not set" in complaint_of()
    monkeypatch.setenv("WHICH", "shop")
    assert find_target().profile == "shop"


def test_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"no dbt_project.yml in .* or above it"):
        find_project_dir()


def test_a_folder_without_project(bare_shop: Path) -> None:
    assert "models holds no dbt_project.yml" in complaint_of(project_dir="models")


def test_no_profiles(bare_shop: Path) -> None:
    assert "no profiles.yml in" in complaint_of(profiles_dir="models")


def test_an_unknown_profile(bare_shop: Path) -> None:
    (bare_shop / "dbt_project.yml").write_text("name: shop\nprofile: shopp\n")
    said = complaint_of()
    assert "the profile `shopp` is not in" in said
    assert "`shop` might be meant" in said


def test_an_unknown_target(bare_shop: Path) -> None:
    said = complaint_of(target="dve")
    assert "the profile `shop` has no target `dve`; `dev` might be meant" in said
    assert "dev, nowhere, oracle" in said


def test_a_warehouse_without_dialect(bare_shop: Path) -> None:
    assert complaint_of(target="oracle") == (
        f"target `oracle` in {bare_shop / 'profiles.yml'} has the type `oracle`, which segwh writes no SQL for\n"
        "supported: athena, bigquery, clickhouse, databricks, duckdb, fabric, postgres, redshift, snowflake, spark, "
        "sqlserver, trino"
    )


def test_a_dialect_stands_for_that_of_the_adapter(bare_shop: Path) -> None:
    assert find_target(target="oracle", dialect="spark").dialect == "spark"
    assert find_workspace(target="oracle", dialect="spark").dialect == "spark"


def test_an_unknown_dialect(bare_shop: Path) -> None:
    with pytest.raises(UserError) as raised:
        find_workspace(dialect="postgre")
    assert str(raised.value) == (
        "segwh writes no SQL for the dialect `postgre`; `postgres` might be meant\n"
        "dialects: athena, bigquery, clickhouse, databend, databricks, duckdb, fabric, postgres, redshift, snowflake, spark, "
        "trino, tsql"
    )


def test_broken_yaml_is_said_with_its_place(bare_shop: Path) -> None:
    (bare_shop / "dbt_project.yml").write_text("name: shop\nprofile: [\n")
    assert "dbt_project.yml:3:1: not readable as YAML" in complaint_of()
