"""dbt's own flags: none of them writes a false exit, drops the log or mixes two instants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engines.forked import PARSED
from tests.engines.places import DuckFile, Schema
from tests.engines.postgres import Server
from tests.engines.shop import Shop, as_of

PARTS = (
    ["run", "--select", "segwh_customer_facts"],
    ["run", "--select", "segwh_customer_evaluation", "segwh_customer_pending", "segwh_customer_log"],
    ["run", "--select", "segwh_customer_log+"],
    ["build", "--select", "segwh_customer_pending+"],
    ["run", "--select", "segwh_run_starts", "segwh_customer_pending", "segwh_customer_log"],
    ["run", "--select", "segwh_run_starts", "segwh_customer_evaluation+", "--exclude", "segwh_runs"],
    ["run", "--select", "segwh_customer_by_phone_state+", "--exclude", "segwh_runs"],
    ["run", "--select", "tag:segwh_audiences"],
    ["run", "--select", "segwh_run_ends+"],
)


@pytest.fixture(scope="module")
def day_four(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a shop lies that has had two runs."""
    folder = tmp_path_factory.mktemp("flags")
    shop = Shop.new(folder / "shop", DuckFile(folder / "shop.duckdb"))
    shop.run(3)
    shop.run(4)
    assert shop.books()  # and to read brings the file to rest, so that it can be copied
    return folder


def changes_of(shop: Shop, day: int) -> set[tuple[str, str]]:
    """The (segment, change) pairs that bear a day's as-of."""
    at = as_of(day).replace("T", " ").replace("Z", "+00")
    rows = shop.place.rows(f"select segment, change from segwh_customer_changes where changed_at = '{at}'")
    return {(segment, change) for segment, change in rows}


def nothing_happens(shop: Shop, arguments: Sequence[str], day: int) -> str:
    """Run dbt, which is to change nothing. What it printed."""
    before, views = shop.books(), shop.views()
    done = shop.dbt(*arguments, day=day)
    assert done.code == 0, done.output
    assert shop.books() == before
    assert shop.views() == views
    return done.output


@pytest.mark.parametrize(
    "flags",
    [
        pytest.param(["--sample=3 days"], marks=pytest.mark.slow),
        pytest.param(["--empty"], marks=pytest.mark.slow),
        ["--empty", "--full-refresh"],
    ],
    ids=" ".join,
)
def test_reading_a_part_of_the_data_changes_nothing(tmp_path: Path, day_four: Path, flags: list[str]) -> None:
    shop = Shop.copied(day_four, tmp_path)
    shop.load(5)
    told = nothing_happens(shop, ["run", "--select", "tag:segwh", *flags], 5)
    assert "segwh: only a part of the data was to be read (--empty, --sample): nothing is recorded" in told
    # and the run after it is as if it had not been
    shop.run(5)
    assert ("everybody", "exited") in changes_of(shop, 5)
    assert max(sequence for *_, sequence in shop.books()["customer_changes"]) > 150


@pytest.mark.slow
def test_on_postgres_nothing_happens_either(tmp_path: Path, postgres: Server) -> None:
    shop = Shop.new(tmp_path / "shop", Schema(postgres, "flags"))
    shop.run(3)
    shop.load(4)
    nothing_happens(shop, ["run", "--select", "tag:segwh", "--empty"], 4)
    shop.run(4)
    before = shop.books()
    done = shop.dbt("run", "--select", "tag:segwh", "--full-refresh", day=4)
    assert done.code == 0, done.output
    assert shop.books() == before


def test_an_edited_model_writes_nothing_under_any_flag(tmp_path: Path, day_four: Path) -> None:
    shop = Shop.copied(day_four, tmp_path)
    [evaluation] = shop.folder.glob("models/**/segwh_customer_evaluation.sql")
    evaluation.write_text(evaluation.read_text().replace("UNION ALL", "UNION ALL /* mended */", 1))
    (shop.folder / PARSED).unlink()  # dbt is to read the files again
    before = shop.books()
    done = shop.dbt("run", "--select", "segwh_customer_pending+", "--empty", day=5)
    assert done.code == 1
    assert "segwh_customer_evaluation.sql is not as `segwh compile` wrote the project: nothing is written" in done.output
    assert shop.books() == before


SETTINGS: dict[str, Any] = {
    "+materialized": "table",
    "+contract": {"enforced": True},
    "+full_refresh": True,
    "+on_schema_change": "fail",
    "+incremental_strategy": "delete+insert",
    "+unique_key": "segment",
    "+merge_update_columns": ["status"],  # nothing merges on DuckDB
    "+persist_docs": {"relation": True, "columns": True},
    "+pre-hook": "select 1",
    "+post-hook": ["select 2", {"sql": "select 3", "transaction": False}],
}
"""What a project may want of all its models."""


def settle(shop: Shop, models: Mapping[str, Any]) -> None:
    """Set what the project wants of its models."""
    project = yaml.safe_load((shop.folder / "dbt_project.yml").read_text())
    (shop.folder / "dbt_project.yml").write_text(yaml.safe_dump({**project, "models": models}))
    (shop.folder / PARSED).unlink(missing_ok=True)


@pytest.mark.slow
def test_settings_of_the_whole_project_change_nothing(tmp_path: Path, day_four: Path) -> None:
    shop, plain = (Shop.copied(day_four, tmp_path / name) for name in ("settled", "plain"))
    settle(shop, SETTINGS)
    shop.run(5)
    plain.run(5)
    assert (shop.books(), shop.views()) == (plain.books(), plain.views())


@pytest.mark.parametrize(
    ("models", "why"),
    [
        ({"+incremental_predicates": ["1 = 0"]}, "the config of the project sets incremental_predicates for segwh_"),
        ({"shop": {"segwh": {"segwh_runs": {"+enabled": False}}}}, "the model segwh_runs is disabled, or its file is gone"),
        pytest.param(
            {"shop": {"segwh": {"segwh_runs": {"+enabled": False}, "internal": {"segwh_run_ends": {"+enabled": False}}}}},
            "the model segwh_run_ends is disabled, or its file is gone",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_settings_that_would_change_the_books_are_refused(
    tmp_path: Path, day_four: Path, models: Mapping[str, Any], why: str
) -> None:
    shop = Shop.copied(day_four, tmp_path)
    settle(shop, models)
    before = shop.books()
    done = shop.dbt("build", "--select", "tag:segwh", day=5)
    assert done.code == 1
    assert why in done.output
    assert shop.books() == before


@pytest.mark.parametrize("part", ["tag:segwh", "segwh_customer_log"])
def test_a_log_that_was_cloned_into_a_view_is_not_written_over(tmp_path: Path, day_four: Path, part: str) -> None:
    shop = Shop.copied(day_four, tmp_path)
    shop.place.execute("alter table segwh_customer_log rename to cloned", "create view segwh_customer_log as from cloned")
    before = shop.books()
    done = shop.dbt("run", "--select", part, day=5)
    assert done.code == 1
    assert 'segwh_customer_log" is a view, as `dbt clone` makes one' in done.output
    # what writes nothing may look at the clone
    done = shop.dbt("compile", "--select", part, day=5)
    assert done.code == 0, done.output
    assert shop.books() == before


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["postgres", "clickhouse", "spark", "snowflake"])
def test_models_of_another_dialect_write_nothing(tmp_path: Path, day_four: Path, dialect: str) -> None:
    shop = Shop.copied(day_four, tmp_path)
    before = shop.books()
    written = shop.segwh("compile", "--dialect", dialect)
    assert written.code == 0, written.output
    (shop.folder / PARSED).unlink()
    done = shop.dbt("build", "--select", "tag:segwh", day=5)
    assert done.code == 1
    assert f"the models are compiled for {dialect}, and the target test is duckdb: nothing is written" in done.output
    assert shop.books() == before


@pytest.mark.slow
def test_the_first_run_of_all_may_be_empty(tmp_path: Path) -> None:
    shop = Shop.new(tmp_path / "shop", DuckFile(tmp_path / "shop.duckdb"))
    shop.load(3)
    done = shop.dbt("run", "--select", "tag:segwh", "--empty", day=3)
    assert done.code == 0, done.output
    assert shop.place.rows("select * from segwh_customer_changes") == []
    shop.run(3)
    assert {change for _, change in changes_of(shop, 3)} == {"entered"}
    assert shop.place.rows("select distinct reason from segwh_customer_changes") == [("first_run",)]


def test_full_refresh_keeps_the_log(tmp_path: Path, day_four: Path) -> None:
    shop = Shop.copied(day_four, tmp_path)
    nothing_happens(shop, ["run", "--select", "tag:segwh", "--full-refresh"], 4)
    assert len(shop.place.rows("select * from segwh_runs")) == 3


@pytest.mark.slow
def test_parts_of_the_models_never_write_what_is_not_so(tmp_path: Path, day_four: Path) -> None:
    """Whichever part is built over new data, the log gets what a whole run at that as-of would write, or nothing at all."""
    shop, whole, plain = (Shop.copied(day_four, tmp_path / name) for name in ("parts", "whole", "plain"))
    shop.load(5)
    for part in PARTS:
        done = shop.dbt(*part, day=5)
        assert done.code == 0 or "segwh held back" in done.output, done.output
    early = shop.books()
    # Without a new start the customers are evaluated at the last as-of again: those are corrections of day 4.
    whole.load(5)
    assert whole.dbt(day=4).code == 0
    whole.run(5)
    plain.run(5)
    shop.run(5)
    for grain, reference in (("customer", whole), ("customer_by_phone", plain)):
        expected, final = reference.books(), shop.books()
        identifiers = {row[0] for row in expected[f"{grain}_changes"]}
        assert {row[0] for row in early[f"{grain}_changes"]} <= identifiers
        assert {row[0] for row in final[f"{grain}_changes"]} == identifiers
        for what in ("membership", "history"):
            assert final[f"{grain}_{what}"] == expected[f"{grain}_{what}"]


@pytest.mark.slow
def test_a_retry_goes_on_with_the_dead_runs_as_of(tmp_path: Path, day_four: Path) -> None:
    shop = Shop.copied(day_four, tmp_path)
    shop.load(5)
    # The orders are away in the middle of the run: the facts fail, the rest is skipped.
    shop.place.execute("alter table orders rename to orders_away")
    failed = shop.dbt("build", "--write-json", "--select", "tag:segwh", day=5)
    assert failed.code == 1
    assert "segwh_customer_facts" in failed.output
    shop.place.execute("alter table orders_away rename to orders")
    retried = shop.dbt("retry")
    assert retried.code == 0, retried.output
    runs = shop.place.rows("select as_of, status, run_id from segwh_runs order by started_at")
    assert len(runs) == 3
    assert runs[-1][0].isoformat() == as_of(5).replace("Z", "+00:00")
    assert runs[-1][1] == "finished"
    assert changes_of(shop, 5)
    straight = Shop.copied(day_four, tmp_path / "straight")
    straight.run(5)
    assert shop.books() == straight.books()


def test_a_retry_takes_the_as_of_of_the_run_even_when_that_was_the_time_of_day(tmp_path: Path) -> None:
    shop = Shop.new(tmp_path / "shop", DuckFile(tmp_path / "shop.duckdb"))
    shop.load(5)
    shop.place.execute("alter table orders rename to orders_away")
    assert shop.dbt("build", "--write-json", "--select", "tag:segwh").code == 1
    shop.place.execute("alter table orders_away rename to orders")
    retried = shop.dbt("retry")
    assert retried.code in (0, 1), retried.output  # the visits stopped long ago: their readers are held back
    ((as_of_of_the_run, started_at),) = shop.place.rows("select as_of, started_at from segwh_runs")
    assert as_of_of_the_run == started_at
    instants = shop.place.rows("select distinct changed_at from segwh_customer_changes")
    assert instants == [(as_of_of_the_run,)]
