"""The packages as they would be published: built, installed where nothing of the checkout is, and used from outside."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.end_to_end.conftest import FIRST
from tests.end_to_end.shop import ROOT, Done, Shop, small_copy

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source archive."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with dbt and its adapter for DuckDB alone; its folder of programs."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    installed(programs, "dbt-core", "dbt-duckdb")
    return programs


def installed(programs: Path, *packages: str) -> None:
    """Install packages at the pinned versions."""
    pip = [str(programs / "python"), "-m", "pip", "install", "-qq", "--constraint", str(ROOT / "constraints.txt")]
    subprocess.run([*pip, *packages], check=True)


def run(shop: Shop, programs: Path, program: str, *arguments: str) -> Done:
    """Run a program of an environment in a shop."""
    return shop.run(str(programs / program), *arguments, PYTHONPATH="", PATH=f"{programs}{os.pathsep}{os.environ['PATH']}")


def test_the_packages_carry_what_runs(packages: Path) -> None:
    (wheel,) = packages.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    macros = {f"segwh/dbt/macros/{file.name}" for file in (ROOT / "macros").glob("*.sql")}
    templates = {f"segwh/dbt/templates/{file.name}" for file in (ROOT / "segwh/dbt/templates").glob("*.sql")}
    assert macros | templates | {"segwh/py.typed"} <= names
    assert not [name for name in names if not name.startswith(("segwh/", "segwh-"))]
    assert any(name.endswith("licenses/LICENSE") for name in names)
    (archive,) = packages.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        kept = {name.split("/", 1)[1] for name in opened.getnames() if "/" in name}
    wanted = {"dev.py", "constraints.txt", "macros/run.sql", "dbt_project/segwh.yml", "tests/end_to_end/shop.py", "LICENSE"}
    assert wanted <= kept
    assert not [name for name in kept if name.endswith(".duckdb") or name.startswith((".venv", "dbt_project/target"))]


def test_dbt_does_the_job_where_segwh_was_never_installed(empty: Path, tmp_path: Path) -> None:
    shop = small_copy(tmp_path / "dbt_project")
    assert shop.segwh("compile").code == 0
    assert run(shop, empty, "python", "-c", "from importlib.util import find_spec; print(find_spec('segwh'))").out == "None\n"
    built = run(shop, empty, "dbt", "build", "--exclude", "tag:segwh")
    assert built.code == 0, built.out
    done = run(shop, empty, "dbt", "build", "--select", "tag:segwh", "--vars", f"{{segwh_as_of: '{FIRST}'}}")
    assert done.code == 0, done.out
    ((members, runs),) = shop.ask("select (select count(*) from segwh_customer_membership), (select count(*) from segwh_runs)")
    assert (members > 1000, runs) == (True, 1)


@pytest.mark.parametrize("package", ["*.whl", "*.tar.gz"])
def test_an_installed_segwh_runs_the_example(empty: Path, packages: Path, package: str, tmp_path: Path) -> None:
    (file,) = packages.glob(package)
    installed(empty, "--force-reinstall", "--no-deps", str(file))
    installed(empty, str(file))
    shop = small_copy(tmp_path / "dbt_project")
    assert run(shop, empty, "dbt", "build", "--quiet", "--exclude", "tag:segwh").code == 0
    done = run(shop, empty, "segwh", "run", "--as-of", FIRST)
    assert (done.code, done.err) == (0, "")
    assert "77 segments, +" in done.out
