"""The connection through dbt: names, rows, columns, locks."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from segwh.errors import UserError
from segwh.types import Relation
from segwh.warehouse.build import Note, Step, build
from segwh.warehouse.connection import Warehouse, WarehouseColumn, with_whole_records
from segwh.warehouse.target import find_target

CUSTOMERS = Relation("ref", ("customers",))


def contents(folder: Path) -> dict[str, str]:
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def test_reading_leaves_no_trace(bare_shop: Path, files_of_dbt: None) -> None:
    before = contents(bare_shop)
    with Warehouse.open(find_target()) as warehouse:
        name = warehouse.relation_name(CUSTOMERS)
        rows = warehouse.query(f"select customer_id, email from {name} where city = 'Leeds' order by 1")
        columns = warehouse.columns(name)
    assert rows == ({"customer_id": 1, "email": "ann@example.com"}, {"customer_id": 3, "email": None})
    assert [(column.name, column.type) for column in columns][:2] == [("customer_id", "INTEGER"), ("email", "VARCHAR")]
    assert contents(bare_shop) == before


def test_the_file_is_free_after_closing(bare_shop: Path) -> None:
    with Warehouse.open(find_target()) as warehouse:
        warehouse.query("select 1 as one")
        with pytest.raises(UserError, match="read-only"):
            warehouse.query("create table t as select 1 as one")
    duckdb.connect(str(bare_shop / "shop.duckdb")).close()


def test_an_unknown_model_gets_the_nearest_name(bare_shop: Path) -> None:
    with Warehouse.open(find_target()) as warehouse, pytest.raises(UserError) as caught:
        warehouse.relation_name(Relation("ref", ("custmers",)))
    assert caught.value.message == "the dbt project has no ref('custmers'); `customers` might be meant"


def test_a_locked_file_names_who_holds_it(bare_shop: Path) -> None:
    hold = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(60)"
    holder = subprocess.Popen([sys.executable, "-c", hold, "shop.duckdb"], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with Warehouse.open(find_target()) as warehouse, pytest.raises(UserError) as caught:
            warehouse.query("select 1")
    finally:
        holder.kill()
        holder.wait()
    assert f"(process {holder.pid})" in caught.value.message
    assert "import duckdb, sys, time" in caught.value.message


def test_a_warehouse_that_does_not_answer(bare_shop: Path) -> None:
    started = time.monotonic()
    with Warehouse.open(find_target(target="nowhere")) as warehouse, pytest.raises(UserError) as caught:
        warehouse.query("select 1")
    assert caught.value.message == "the warehouse does not answer: nothing listens at 127.0.0.1, port 1"
    assert time.monotonic() - started < 60


def test_a_project_that_dbt_cannot_parse(bare_shop: Path) -> None:
    (bare_shop / "models" / "broken.sql").write_text("select * from {{ ref('nothing_like_it') }}")
    with pytest.raises(UserError, match=r"models/broken.sql.*'nothing_like_it' which was not found"):
        Warehouse.open(find_target())


def test_a_schema_that_dbt_cannot_name_is_said_to_be_that(bare_shop: Path) -> None:
    profiles = bare_shop / "profiles.yml"
    profiles.write_text(profiles.read_text().replace("type: duckdb,", "type: duckdb, schema: 'sh\"op',"))
    with Warehouse.open(find_target()) as warehouse, pytest.raises(UserError) as caught:
        warehouse.relation_name(CUSTOMERS)
    assert caught.value.message == 'the schema of customers is `sh"op`, and dbt writes no name with a " in it'
    (bare_shop / "models" / "segwh_runs.sql").write_text("{{ config(tags=['segwh']) }} select 1 as one")
    with pytest.raises(UserError, match='the schema of segwh_runs is `sh"op`'):
        Warehouse.open(find_target(), write=True)


def test_building_tells_each_step(bare_shop: Path) -> None:
    (bare_shop / "models" / "wrong.sql").write_text("{{ log('a word', info=True) }}select nope from {{ ref('customers') }}")
    (bare_shop / "models" / "later.sql").write_text("select * from {{ ref('wrong') }}")
    steps: list[Step | Note] = []
    with Warehouse.open(find_target(), write=True) as warehouse:
        outcomes = build(warehouse, select=("customers", "wrong", "later"), watch=steps.append)
        assert warehouse.query("select count(*) as n from main.customers") == ({"n": 4},)
    done = {step.name: step.status for step in steps if isinstance(step, Step) and step.status != "running"}
    assert done["customers"] == "ok"
    assert (done["wrong"], done["later"]) == ("failed", "skipped")
    assert Note("a word", is_warning=False) in steps
    failed = next(outcome for outcome in outcomes if outcome.status == "failed")
    assert (failed.name, failed.path) == ("wrong", "models/wrong.sql")
    assert 'Referenced column "nope" not found' in failed.message


def test_the_fields_of_a_structure_are_no_columns(bare_shop: Path) -> None:
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute("create table odd as select {'city': 'Leeds'} as address, 1 as \"a.b\", [{'x': 1}] as many")
    with Warehouse.open(find_target()) as warehouse:
        found = [(column.name, column.type) for column in warehouse.columns("main.odd")]
    assert found == [("address", "STRUCT(city VARCHAR)"), ("a.b", "INTEGER"), ("many", "STRUCT(x INTEGER)[]")]


def test_the_fields_of_a_record_are_no_columns() -> None:
    flat = [WarehouseColumn("id", "INT64"), *(WarehouseColumn(f"address.{name}", "STRING") for name in ("city", "zip.code"))]
    assert list(with_whole_records(flat)) == [WarehouseColumn("id", "INT64"), WarehouseColumn("address", "record")]
