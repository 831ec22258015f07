"""The example profiles: an output for every warehouse that segwh compiles for, which dbt's adapter takes as it stands."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from segwh.sql.dialects import DIALECTS
from segwh.warehouse.target import DIALECT_OF_ADAPTER, find_target
from tests.cli import credentials
from tests.cli.credentials import type_of
from tests.engines.emulated import python

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "profiles.example.yml"
COMMENTED = re.compile(r"^    # ((?:\w+:$|  +[\w-]+:).*)", re.MULTILINE)
"""A line of an output behind a comment mark; a remark is none."""
VALUE = "here"
"""What the environment variables of the example say."""


def profiles() -> str:
    """The example with the comment marks taken away."""
    return COMMENTED.sub(r"    \1", EXAMPLE.read_text(encoding="utf-8"))


ELSEWHERE = {
    "athena": "1.11.1", "bigquery": "1.12.1", "databricks": "1.12.7", "fabric": "1.11.1", "redshift": "1.11.2",
    "snowflake": "1.12.4", "sqlserver": "1.11.3", "trino": "1.11.0",
}  # fmt: skip
"""Adapters that want an environment of their own, with what they want beside them."""
WITHOUT_ADAPTER = {"databend"}
"""Dialects that are there for `--dialect` alone: dbt's adapter was never tried."""


def outputs() -> dict[str, dict[str, Any]]:
    """Every output by name."""
    found: dict[str, dict[str, Any]] = yaml.safe_load(profiles())["segwh_shop"]["outputs"]
    return found


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A dbt project beside the example profiles, in an environment that has all that they ask for."""
    (tmp_path / "profiles.yml").write_text(profiles(), encoding="utf-8")
    (tmp_path / "dbt_project.yml").write_text("name: shop\nprofile: segwh_shop\n", encoding="utf-8")
    for name in re.findall(r"env_var\('(\w+)'", profiles()):
        monkeypatch.setenv(name, VALUE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_warehouse_has_an_output_an_extra_and_a_dialect() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    named = outputs()
    assert {name: output["type"] for name, output in named.items()} == {name: name for name in DIALECT_OF_ADAPTER}
    assert set(DIALECT_OF_ADAPTER.values()) == set(DIALECTS) - WITHOUT_ADAPTER
    assert set(extras) | {"duckdb"} == set(DIALECT_OF_ADAPTER)
    for name, output in named.items():
        assert f'pip install "segwh[{name}]"' in EXAMPLE.read_text(encoding="utf-8") or name == "duckdb"
        assert output["threads"] == 1
        assert {"schema", "dataset"} & set(output)


def test_no_secret_stands_in_the_example() -> None:
    for name, output in outputs().items():
        for key, value in output.items():
            if re.search("password|secret|token|passphrase|keyfile", key):
                assert "env_var(" in value, f"{name}: {key}"


@pytest.mark.parametrize("name", DIALECT_OF_ADAPTER)
def test_the_adapter_of_an_output_says_the_dialect(name: str, project: Path) -> None:
    target = find_target(target=name)
    assert (target.adapter, target.dialect) == (name, DIALECT_OF_ADAPTER[name])


@pytest.mark.parametrize("name", DIALECT_OF_ADAPTER)
def test_dbt_takes_an_output(name: str, project: Path) -> None:
    if importlib.util.find_spec("dbt.adapters." + name) is None:
        pytest.skip(f"THE PROFILE FOR {name.upper()} IS NOT READ BY DBT: `pip install dbt-{name}` brings its adapter")
    assert type_of(outputs()[name]) == name


@pytest.mark.slow
def test_dbt_takes_the_outputs_of_adapters_that_are_installed_elsewhere(project: Path) -> None:
    adapters = [f"dbt-{name}=={version}" for name, version in ELSEWHERE.items()]
    program = python("adapters", ["dbt-core==1.11.16", *adapters])
    given = json.dumps({name: output for name, output in outputs().items() if name in ELSEWHERE})
    done = subprocess.run([program, credentials.__file__], input=given, text=True, capture_output=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == {name: name for name in ELSEWHERE}
