"""Views of audiences that the rules ask for no more go with the next run, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.engines.clickhouse import Database
from tests.engines.clickhouse_server import Server as ClickHouseServer
from tests.engines.forked import Done
from tests.engines.places import DuckFile, Place, Schema
from tests.engines.postgres import Server
from tests.engines.shop import Shop

RULES = """
segments:
  - {name: everybody, label: S, entity: customer, include: everyone, activate: true}
  - {name: buyers, label: S, entity: customer, include: [{event: orders}], activate: true}
  - name: trial
    label: S
    entity: customer
    include: everyone
    activate: true
    split: {seed: q1, variants: {control: 30, a: 70}}
  - {name: mailed, label: S, entity: customer, include: everyone, activate: {columns: [email]}}
  - {name: loyal, label: S, entity: customer, include: everyone, activate: true}
  - {name: lost, label: S, entity: customer, include: everyone, activate: true}
  - {name: plain, label: S, entity: customer, include: everyone}
  - {name: phones, label: S, entity: customer, aggregate_on: phone, include: everyone, activate: true}
"""
LATER = """
segments:
  - {name: everybody, label: S, entity: customer, include: everyone, activate: true}
  - name: buyers
    label: S
    entity: customer
    include: [{event: orders}]
    activate: true
    split: {seed: q1, variants: {holdout: 30, a: 70}}
  - name: trial
    label: S
    entity: customer
    include: everyone
    activate: true
    split: {seed: q1, variants: {holdout: 30, a: 70}}
  - {name: mailed, label: S, entity: customer, include: everyone}
  - {name: regulars, was: loyal, label: S, entity: customer, include: everyone, activate: true}
  - {name: plain, label: S, entity: customer, include: everyone}
"""
STALE = ["aud_buyers", "aud_lost", "aud_loyal", "aud_mailed", "aud_phones", "aud_trial__control"]
BEFORE = {"aud_everybody", "aud_trial__a", *STALE}
AFTER = {"aud_everybody", "aud_buyers__a", "aud_trial__a", "aud_regulars"}
OTHERS = {"aud_other", "aud_plain", "aud_"}
NAMING = """
{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
  {{ 'x_aud_lost_v' if node.name == 'mine' else 'x_' ~ node.name ~ '_v' }}
{%- endmacro %}
"""


def audiences(place: Place, schema: str) -> set[str]:
    """All that is called like an audience."""
    found = f"select table_name from information_schema.tables where table_schema = '{schema}' and table_name like '%aud%'"
    return {name for (name,) in place.rows(found)}


def dropped(done: Done) -> list[str]:
    """The views that a run says it dropped."""
    assert done.code == 0, done.output
    lines = [line for line in done.output.splitlines() if "segwh: " in line and " dropped: " in line]
    return sorted(line.split("segwh: ")[1].split(" dropped: ")[0] for line in lines)


def with_others(place: Place) -> None:
    """Make what other people may have made."""
    place.execute(
        "create view aud_other as select 1 as one",  # no segment is called so
        "create table aud_plain (one integer)",  # a segment is called so, but this is a table
        "create view aud_ as select 1 as one",
    )


def test_views_of_former_audiences_go_and_nothing_else(tmp_path: Path) -> None:
    shop = Shop.new(tmp_path / "shop", DuckFile(tmp_path / "shop.duckdb"), RULES)
    with_others(shop.place)
    shop.run(3)
    assert audiences(shop.place, "main") == BEFORE | OTHERS
    shop.write_rules(LATER)
    for part in (["--empty"], ["--select", "segwh_runs"]):
        assert dropped(shop.dbt("run", *part, day=4)) == []
        assert audiences(shop.place, "main") >= BEFORE | OTHERS
    # another run has begun since, of rules that may be newer
    shop.place.execute(
        "insert into segwh_run_starts by name "
        "select * replace ('another' as run_id, started_at + interval 1 year as started_at) from segwh_run_starts limit 1"
    )
    assert dropped(shop.dbt(day=4)) == []
    shop.place.execute("delete from segwh_run_starts where run_id = 'another'")
    assert dropped(shop.dbt(day=4)) == STALE
    assert audiences(shop.place, "main") == AFTER | OTHERS
    assert len(shop.place.rows("select 1 from aud_regulars")) > 40
    # a name of which segwh's books know: but these are somebody's table and sources, and a model that is switched off
    shop.place.execute(
        "create table aud_buyers as select 1 as one",
        "create view aud_loyal as select 1 as one",
        "create view aud_mailed as select 1 as one",
    )
    source = {"name": "mine", "schema": "main", "tables": [{"name": "aud_loyal"}]}
    (shop.folder / "models/more.yml").write_text(yaml.safe_dump({"version": 2, "sources": [source]}))
    off = {"shop": {"segwh": {"audiences": {"aud_everybody": {"+enabled": False}}}}}
    settings = shop.folder / "dbt_project.yml"
    settings.write_text(settings.read_text() + yaml.safe_dump({"models": off}))
    shop.write_rules(LATER)
    done = shop.dbt(day=5)
    assert dropped(done) == ["aud_mailed"]
    assert "the model aud_everybody is disabled, or its file is gone: what it made stays as it is" in done.output
    assert audiences(shop.place, "main") == AFTER | OTHERS | {"aud_buyers", "aud_loyal"}


@pytest.mark.slow
def test_they_are_looked_for_where_the_project_puts_audiences_and_segwh_run_tells_of_them(tmp_path: Path) -> None:
    shop = Shop.new(tmp_path / "shop", DuckFile(tmp_path / "shop.duckdb"), RULES)
    placed = {"shop": {"segwh": {"audiences": {"+schema": "sync"}}}}
    settings = shop.folder / "dbt_project.yml"
    settings.write_text(settings.read_text() + yaml.safe_dump({"models": placed}))
    (shop.folder / "macros/naming.sql").write_text(NAMING)
    shop.run(3)
    assert audiences(shop.place, "main_sync") == {f"x_{name}_v" for name in BEFORE}
    shop.place.execute("create view aud_buyers as select 1 as one", "create view main_sync.aud_buyers as select 1 as one")
    # a living model of the user has the place that a former audience had
    (shop.folder / "models/mine.sql").write_text("{{ config(schema='sync', materialized='view') }} select 1 as one")
    shop.write_rules(LATER)
    done = shop.segwh("run", "--as-of", "2026-03-04T06:00:00Z")
    assert dropped(done) == [f"x_{name}_v" for name in STALE if name != "aud_lost"]
    assert audiences(shop.place, "main_sync") == {f"x_{name}_v" for name in AFTER | {"aud_lost"}} | {"aud_buyers"}
    assert audiences(shop.place, "main") == {"aud_buyers"}


@pytest.mark.slow
def test_on_postgres_a_view_that_others_read_stays_and_so_does_theirs(postgres: Server, tmp_path: Path) -> None:
    shop = Shop.new(tmp_path / "shop", Schema(postgres, "former_audiences"), RULES)
    with_others(shop.place)
    shop.run(3)
    shop.place.execute("create view readers_own as select * from aud_lost")
    shop.write_rules(LATER)
    done = shop.dbt(day=4)
    assert dropped(done) == [name for name in STALE if name != "aud_lost"]
    assert "aud_lost is no audience of the rules any more and stays" in done.output
    assert audiences(shop.place, "former_audiences") == AFTER | OTHERS | {"aud_lost"}
    assert shop.place.has("readers_own")
    shop.place.execute("drop view readers_own")
    # with the last audience goes what told where audiences are
    shop.write_rules("segments:\n  - {name: plain, label: S, entity: customer, include: everyone}\n")
    assert dropped(shop.dbt(day=5)) == sorted({*AFTER, "aud_lost"})
    assert audiences(shop.place, "former_audiences") == OTHERS


@pytest.mark.slow
def test_on_postgres_relations_may_be_named_in_capitals(postgres: Server, tmp_path: Path) -> None:
    shop = Shop.new(tmp_path / "shop", Schema(postgres, "capitals"), RULES)
    (shop.folder / "macros/naming.sql").write_text(
        "{% macro generate_alias_name(custom_alias_name=none, node=none) %}{{ ('x ' ~ node.name) | upper }}{% endmacro %}"
    )
    shop.run(3)
    shop.run(4)
    shop.write_rules(LATER)
    assert dropped(shop.dbt(day=5)) == [f"X {name.upper()}" for name in STALE]
    assert len(shop.place.rows('select 1 from "X AUD_REGULARS"')) > 40
    marks = shop.place.rows("select segment from \"X SEGWH_CUSTOMER_STATE\" where kind = 'segment'")
    assert len(marks) == len(set(marks)) > 4


@pytest.mark.slow
@pytest.mark.parametrize("remembers", [True, False])
def test_where_views_cannot_be_listed_dbt_s_memory_is_asked(tmp_path: Path, remembers: bool) -> None:
    shop = Shop.new(tmp_path / "shop", DuckFile(tmp_path / "shop.duckdb"), RULES)
    with_others(shop.place)
    shop.run(3)
    shop.write_rules(LATER)
    macros = shop.folder / "macros/segwh/audiences.sql"
    text = macros.read_text()
    assert text.count("('duckdb', 'postgres')") == 2
    macros.write_text(text.replace("('duckdb', 'postgres')", "()").replace("target.type == 'duckdb'", "false"))
    flag = "--populate-cache" if remembers else "--no-populate-cache"
    done = shop.dbt(flag, "build", "--select", "tag:segwh", day=4)
    assert dropped(done) == (STALE if remembers else [])
    assert audiences(shop.place, "main") == AFTER | OTHERS | (set() if remembers else BEFORE)


@pytest.mark.slow
def test_on_clickhouse_only_plain_views_go(clickhouse_server: ClickHouseServer, tmp_path: Path) -> None:
    shop = Shop.new(tmp_path / "shop", Database(clickhouse_server, "former_audiences"), RULES)
    with_others(shop.place)
    shop.run(3)
    shop.write_rules(LATER)
    assert dropped(shop.dbt(day=4)) == STALE
    assert audiences(shop.place, "former_audiences") == AFTER | OTHERS
    shop.place.execute("create materialized view aud_lost (one Int64) engine = MergeTree order by tuple() as select 1 as one")
    assert dropped(shop.dbt(day=5)) == []
    assert shop.place.has("aud_lost")
