"""What segwh.yml says about the compiled project."""

from __future__ import annotations

from segwh.dbt.compile import compiled_files
from segwh.project import load_texts
from segwh.resolve.rule_hash import RuleHashes

RULES = """
entities:
  - {name: customer, relation: ref('customers'), key: customer_id, attributes: {city: string}}
segments:
  - {name: local, label: L, entity: customer, include: [{attribute: city, is: Leeds}]}
"""


def compiled(settings: str) -> dict[str, str]:
    loaded = load_texts({"segments/rules.yml": RULES}, f"version: 1\n{settings}\n")
    assert loaded.project is not None, loaded.text
    hashes = RuleHashes(loaded.project)
    return compiled_files(loaded.project, {each.name: hashes.of(each) for each in loaded.project.segments}, "duckdb")


def folders(files: dict[str, str]) -> set[str]:
    return {"/".join(path.split("/")[:2]) for path in files}


def test_files_go_where_the_settings_say() -> None:
    assert folders(compiled("")) == {"models/segwh", "macros/segwh"}
    assert folders(compiled("models_path: models/audiences\nmacros_path: macros/audiences")) == {
        "models/audiences", "macros/audiences",
    }  # fmt: skip


def test_a_unit_of_the_as_of_reaches_the_models() -> None:
    plain, by_day = compiled(""), compiled("as_of_unit: day")
    changed = {path for path in plain if plain[path] != by_day[path]}
    assert changed
    assert all("'day'" in by_day[path] and "'day'" not in plain[path] for path in changed if path.endswith(".sql"))
