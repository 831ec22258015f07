"""What segwh.yml says about the compiled project."""

from __future__ import annotations

import re
from types import SimpleNamespace

import jinja2
import pytest

from segwh.dbt.compile import compiled_files
from segwh.dbt.files import unaliased, whole
from segwh.dbt.run_time_macros import run_time_macros
from segwh.project import load_texts
from segwh.resolve.rule_hash import RuleHashes
from segwh.sql.dialects import DIALECTS
from tests.macro_calls import CompilerError, complain

RULES = """
entities:
  - {name: customer, relation: ref('customers'), key: customer_id, attributes: {city: string}}
segments:
  - {name: local, label: L, entity: customer, include: [{attribute: city, is: Leeds}]}
"""


def compiled(settings: str, dialect: str = "duckdb") -> dict[str, str]:
    loaded = load_texts({"segments/rules.yml": RULES}, f"version: 1\n{settings}\n")
    assert loaded.project is not None, loaded.text
    hashes = RuleHashes(loaded.project)
    return compiled_files(loaded.project, {each.name: hashes.of(each) for each in loaded.project.segments}, dialect)


def folders(files: dict[str, str]) -> set[str]:
    return {"/".join(path.split("/")[:2]) for path in files}


def test_files_go_where_the_settings_say() -> None:
    assert folders(compiled("")) == {"models/segwh", "macros/segwh"}
    assert folders(compiled("models_path: models/audiences\nmacros_path: macros/audiences")) == {
        "models/audiences", "macros/audiences",
    }  # fmt: skip


def config_of(model: str, settings: str, dialect: str) -> str:
    loaded = load_texts({"segments/rules.yml": RULES}, f"version: 1\n{settings}\n")
    assert loaded.project is not None, loaded.text
    hashes = RuleHashes(loaded.project)
    files = compiled_files(loaded.project, {each.name: hashes.of(each) for each in loaded.project.segments}, dialect)
    [text] = [text for path, text in files.items() if path.endswith(f"/segwh_customer_{model}.sql")]
    return text[: text.index("\n) }}")]


def test_large_tables_lie_as_the_engine_likes_it() -> None:
    log = config_of("log", "", "bigquery")
    assert "partition_by={'field': 'changed_at', 'data_type': 'timestamp', 'granularity': 'month'}" in log
    assert "cluster_by=['segment', 'customer_id']" in config_of("state", "", "bigquery")
    assert "liquid_clustered_by=['segment', 'customer_id']" in config_of("state", "", "databricks")
    assert "cluster" not in config_of("state", "", "postgres")


def test_settings_change_how_large_tables_lie() -> None:
    settings = "storage: {log: {partition_by: null, labels: {team: growth}}, facts: {cluster_by: [city, '{{ 1 }}']}}"
    log = config_of("log", settings, "bigquery")
    assert "partition_by" not in log
    assert "cluster_by=['segment']" in log
    assert "labels={'team': 'growth'}" in log
    facts = config_of("facts", settings, "bigquery")
    assert "'city'" in facts
    assert "'{{ 1 }}'" in facts  # inside an expression of Jinja this is text like any other


def test_what_the_log_rests_on_is_not_for_settings() -> None:
    loaded = load_texts({"segments/rules.yml": RULES}, "version: 1\nstorage:\n  log: {materialized: table}\n")
    assert loaded.project is None
    assert "segwh.yml:3:9" in loaded.text
    assert "`materialized` is no option of storage: segwh sets it itself" in loaded.text
    for wrong in ("logs: {a: 1}", "log: [1]", "log: {a: 1.5}"):
        assert load_texts({"segments/rules.yml": RULES}, f"version: 1\nstorage: {{{wrong}}}\n").project is None


def test_contracts_of_the_whole_project_are_not_for_these_models() -> None:
    models = {path: text for path, text in compiled("").items() if path.endswith(".sql") and path.startswith("models/")}
    assert models
    assert not [path for path, text in models.items() if "contract={'enforced': false}" not in text]


@pytest.mark.parametrize(("strategy", "is_refused"), [("merge", True), ("delete+insert", False), ("append", False)])
@pytest.mark.parametrize("option", ["merge_update_columns", "merge_exclude_columns"])
def test_what_a_merge_is_told_matters_where_something_merges(option: str, strategy: str, *, is_refused: bool) -> None:
    text = re.search(r"\{%- macro segwh__require_settings\(.*?endmacro -%\}", run_time_macros()["refusals.sql"], re.DOTALL)
    assert text is not None
    config = {"materialized": "incremental", "incremental_strategy": strategy, option: ["segment"]}
    names = ("segwh_customer_log", "segwh_run_ends", "segwh_runs")
    nodes = {
        name: SimpleNamespace(name=name, resource_type="model", package_name="shop", config=config) for name in names
    }
    given = {
        "graph": SimpleNamespace(nodes=nodes), "model": SimpleNamespace(package_name="shop"),
        "exceptions": SimpleNamespace(raise_compiler_error=complain),
        "segwh__existing": lambda name: None, "segwh__require_table": lambda relation: None,
    }  # fmt: skip
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, extensions=["jinja2.ext.do"])
    macro = environment.from_string(text[0]).make_module(given).segwh__require_settings  # type: ignore[attr-defined]
    if is_refused:
        with pytest.raises(CompilerError, match=f"sets {option} for segwh_customer_log, which would pass over rows"):
            macro(names)
    else:
        macro(names)


def test_views_take_collations_off_the_texts_of_others_whatever_these_are_called() -> None:
    read = "select * from {{ source('segwh_shop', 'cities') }}, {{ ref('segwh_customer_state') }}"
    whole_rows = "select * from {{ segwh__whole(source('segwh_shop', 'cities')) }}, {{ ref('segwh_customer_state').render() }}"
    assert whole(read, DIALECTS["postgres"]) == whole_rows


def test_tables_take_collations_off_the_texts_of_others_whatever_these_are_called() -> None:
    read = "select * from {{ source('segwh_shop', 'cities') }}, {{ ref('segwh_customer_state') }}"
    others, own = "segwh__plain_rows(source('segwh_shop', 'cities'))", "segwh__rows(ref('segwh_customer_state'))"
    assert unaliased(read, DIALECTS["postgres"]) == f"select * from {{{{ {others} }}}}, {{{{ {own} }}}}"


def test_postgres_is_told_of_each_table_that_is_written_how_to_plan_and_what_is_in_it() -> None:
    growing = [text for text in compiled("", "postgres").values() if "materialized='incremental'" in text]
    assert growing
    for text in growing:
        assert "pre_hook=['{{ segwh__take_turns(" in text
        assert "'{{ segwh__plan_for_many() }}']" in text
        assert "'{{ segwh__gather_statistics(this) }}']" in text
    written = run_time_macros()["postgres.sql"].split("macro segwh__write_table(")[1]
    assert written.index("segwh__plan_for_many()") < written.index("get_create_table_as_sql(True, staged, sql)")
    filled, gathered = written.rindex("segwh__fill(target, staged)"), written.index("segwh__gather_statistics(target, renewed)")
    assert filled < gathered < written.index("adapter.commit()")


def test_a_unit_of_the_as_of_reaches_the_models() -> None:
    plain, by_day = compiled(""), compiled("as_of_unit: day")
    changed = {path for path in plain if path.startswith("models/") and plain[path] != by_day[path]}
    assert changed
    assert all("'day'" in by_day[path] and "'day'" not in plain[path] for path in changed if path.endswith(".sql"))


def test_no_two_macros_bear_one_name() -> None:
    names = [name for text in run_time_macros().values() for name in re.findall(r"\{%-? *macro +(\w+)", text)]
    assert len(names) > 50
    assert sorted(names) == sorted(set(names))
