"""Init inside a dbt project: what it proposes is valid and previews at once."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import jsonschema
import yaml
from click.testing import CliRunner, Result

from segwh.cli import cli

CATALOG = """\
entities:
  - name: customer
    relation: ref('customers')
    key: {column: customer_id, type: integer}  # tested as unique
    created_at: created_at      # needed by time_to_live
    attributes:
      email: string
      city: string
      created_at: timestamp
    events:                       # rows with a time
      - name: orders
        relation: ref('orders')
        key: customer_id
        time: ordered_at
        id: order_id                # rows with the same id count once
        properties:
          amount: decimal
    related:                      # rows without a time
      - name: tickets
        relation: ref('tickets')
        key: customer_id
        properties:
          status: string
"""


def segwh(*arguments: str) -> Result:
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert "Traceback" not in result.stderr + result.stdout
    return result


def test_init_validate_preview(bare_shop: Path) -> None:
    result = segwh("init")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "customer by customer_id from ref('customers'), 3 attributes; events: orders; related: tickets\n" in result.stdout
    assert result.stdout.endswith("next: read segments/catalog.yml, then segwh preview recent_orders\n")
    assert CATALOG in (bare_shop / "segments/catalog.yml").read_text()
    schema = json.loads((bare_shop / "segments/.segwh.schema.json").read_text())
    for name in ("catalog.yml", "example.yml"):
        text = (bare_shop / "segments" / name).read_text()
        assert text.startswith("# yaml-language-server: $schema=.segwh.schema.json\n")
        jsonschema.validate(yaml.safe_load(text), schema)
    assert segwh("validate").stdout == "1 segment, 1 entity: valid\n"
    assert segwh("preview", "recent_orders", "--as-of", "2026-06-15").stdout.startswith(
        "recent_orders as of 2026-06-15 00:00 UTC: 2 members, 66.7% of 3\n"
    )


def test_a_source_gives_way_to_the_model_that_is_made_of_it(bare_shop: Path) -> None:
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute("create table order_export as from raw_orders; create table people_1 as from raw_customers")
    models = bare_shop / "models"
    (models / "sources.yml").write_text(
        "sources: [{name: crm, schema: main, tables: [{name: order_export}, {name: people_1}]}]\n"
    )
    (models / "orders.sql").write_text("select * from {{ ref('cleaned') }}\n")
    (models / "cleaned.sql").write_text(
        "{{ config(materialized='ephemeral') }}\nselect * from {{ source('crm', 'order_export') }}\n"
    )
    (models / "customers.sql").write_text("select * from {{ source('crm', 'people_1') }}\n")
    assert segwh("init").exit_code == 0
    proposed, left_out = (bare_shop / "segments/catalog.yml").read_text().split("\n# Left out, since ", 1)
    assert "relation: ref('orders')" in proposed
    assert "order_export" not in proposed
    told = "a table above is made of them:\n#   source('crm', 'order_export')\n#   source('crm', 'people_1')\n"
    assert left_out == told


def test_what_is_there_is_kept(shop: Path) -> None:
    catalog = (shop / "segments/catalog.yml").read_text()
    kept = segwh("init")
    assert "kept  segments/catalog.yml (there already; --force overwrites it)" in kept.stdout
    assert (shop / "segments/catalog.yml").read_text() == catalog
    assert not (shop / "segments/example.yml").exists()
    assert segwh("init", "--force").exit_code == 0
    assert CATALOG in (shop / "segments/catalog.yml").read_text()


def test_no_second_catalog_is_written_beside_one_of_another_name(shop: Path) -> None:
    (shop / "segments/catalog.yml").rename(shop / "segments/entities.yml")
    for given in ("init",), ("init", "--force"):
        told = segwh(*given).stdout
        assert "no catalog was written: segments/entities.yml declares entities already" in told
        assert not [*shop.glob("segments/catalog.yml"), *shop.glob("segments/example.yml")]
    assert segwh("validate").exit_code == 0


def test_what_is_overwritten_is_kept_beside(shop: Path) -> None:
    catalog, settings = (shop / "segments/catalog.yml").read_bytes(), (shop / "segwh.yml").read_bytes()
    forced = segwh("init", "--force").stdout
    assert "  wrote segments/catalog.yml (what was there is now segments/catalog.yml.bak)\n" in forced
    assert "  wrote segments/example.yml\n" in forced  # nothing was there
    assert (shop / "segments/catalog.yml.bak").read_bytes() == catalog
    assert (shop / "segwh.yml.bak").read_bytes() == settings
    # again: what is the same needs no copy, and a copy never goes for another
    (shop / "segments/catalog.yml").write_text("entities: []\n")
    forced = segwh("init", "--force").stdout
    assert "(what was there is now segments/catalog.yml.bak2)\n" in forced
    assert "  wrote segwh.yml\n" in forced
    assert (shop / "segments/catalog.yml.bak").read_bytes() == catalog
    assert (shop / "segments/catalog.yml.bak2").read_text() == "entities: []\n"
    assert not [*shop.rglob("example.yml.bak*"), *shop.rglob("*.json.bak*")]
    # none of them is read as rules
    (shop / "segments/rules.yml").unlink()
    assert segwh("validate").stdout == "1 segment, 1 entity: valid\n"


def test_a_project_without_tables(bare_shop: Path) -> None:
    (bare_shop / "shop.duckdb").unlink()
    result = segwh("init")
    assert result.exit_code == 0
    assert "no table with a key was found" in result.stdout
    assert "#   ref('customers')\n" in (bare_shop / "segments/catalog.yml").read_text()
    assert segwh("validate").stdout == "0 segments, 0 entities: valid\n"


def test_a_warehouse_that_does_not_answer(bare_shop: Path) -> None:
    result = segwh("init", "--target", "nowhere")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "nothing listens at 127.0.0.1, port 1" in result.stderr


def test_a_column_called_as_one_of_the_contract(bare_shop: Path) -> None:
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute("alter table customers rename city to segment")
    assert segwh("init").exit_code == 0
    assert segwh("validate").exit_code == 0
