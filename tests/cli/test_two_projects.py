"""Two projects in one warehouse: in schemas of their own they never meet, in one schema the second is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from segwh.cli import cli
from tests.cli.conftest import FILES, PROFILES, RULES, connect_beside, enter, make, write_rules

DAYS = ("2026-06-15", "2026-06-16", "2026-06-17")


def segwh(folder: Path, *arguments: str) -> Result:
    result = CliRunner().invoke(cli, (*arguments, "--project-dir", str(folder), "--profiles-dir", str(folder)))
    assert "Traceback" not in result.stderr + result.stdout
    return result


def activated(text: str) -> str:
    """The rules with an audience view of each segment."""
    return text.replace("    entity: customer\n    ", "    entity: customer\n    activate: true\n    ")


@pytest.fixture(scope="module")
def shop_of_one_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop with audiences after a run. Only to be copied."""
    tmp_path = tmp_path_factory.mktemp("one_run")
    folder = tmp_path / "shop"
    make(folder)
    write_rules(folder)
    rules = folder / "segments/rules.yml"
    rules.write_text(activated(rules.read_text()))
    with pytest.MonkeyPatch.context() as monkeypatch:
        enter(folder, tmp_path / "cache", monkeypatch)
        connect_beside(folder)
        assert segwh(folder, "run", "--as-of", DAYS[0]).exit_code == 0
        assert told(folder)  # to read brings the file to rest, so that it can be copied
    return folder


@pytest.fixture
def shop(shop_of_one_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it; it is the current folder."""
    folder = tmp_path / "shop"
    shutil.copytree(shop_of_one_run, folder)
    enter(folder, tmp_path / "cache", monkeypatch)
    return folder


@pytest.fixture
def market(shop: Path) -> Path:
    """Another project on the same file and in the same schema, with one segment, beside the shop, which has run once."""
    folder = shop.parent / "market"
    texts = {**FILES, "profiles.yml": PROFILES.replace("SHOP_FILE", str(shop / "shop.duckdb")), **RULES}
    texts["dbt_project.yml"] = texts["dbt_project.yml"].replace("name: shop", "name: market")
    two = texts["segments/rules.yml"].split("  - name: spring_list")[0].replace("buyers", "loyal")
    texts["segments/rules.yml"] = activated(two)
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def told(shop: Path) -> dict[str, list[tuple[object, ...]]]:
    """What readers see of the tables."""
    with duckdb.connect(str(shop / "shop.duckdb")) as connection:
        found = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'main' and table_name ~ '^(segwh|aud)_'"
        ).fetchall()
        return {name: sorted(connection.execute(f"select * from {name}").fetchall(), key=repr) for (name,) in found}


def test_another_project_in_one_schema_is_refused(shop: Path, market: Path) -> None:
    before = told(shop)
    for _ in range(2):
        refused = segwh(market, "run", "--as-of", DAYS[1])
        assert (refused.exit_code, refused.stderr) == (
            1,
            "error: the tables of segwh in main belong to the project shop, and this is market; nothing was written\n"
            "  give this one a schema of its own; or, if it is the same under another name,"
            " run it once with --vars '{segwh_adopt: shop}'\n",
        )
        assert told(shop) == before
    assert segwh(shop, "run", "--as-of", DAYS[1]).exit_code == 0


def test_a_project_with_another_name_adopts_its_tables(shop: Path, market: Path) -> None:
    assert segwh(market, "run", "--as-of", DAYS[1], "--vars", "{segwh_adopt: shap}").exit_code == 1
    assert segwh(market, "run", "--as-of", DAYS[1], "--vars", "{segwh_adopt: shop}").exit_code == 0
    assert segwh(market, "run", "--as-of", DAYS[2]).exit_code == 0
    assert "belong to the project market, and this is shop" in segwh(shop, "run", "--as-of", DAYS[2]).stderr


def test_in_schemas_of_their_own_they_never_meet(shop: Path, market: Path) -> None:
    before = told(shop)
    profiles = market / "profiles.yml"
    profiles.write_text(profiles.read_text().replace("threads: 1}", "threads: 1, schema: market}", 1))
    for name in ("customers", "orders", "tickets"):
        (market / f"models/{name}.sql").write_text(f"select * from main.raw_{name}\n")
    assert segwh(market, "run", "--as-of", DAYS[1], "-s", "customers orders tickets tag:segwh").exit_code == 0
    assert told(shop) == before
