"""Keys that become of another type, on an engine that compares no texts with numbers."""

from __future__ import annotations

from pathlib import Path

from tests.engines.places import Schema
from tests.engines.postgres import Server
from tests.engines.shop import CATALOG, Shop, as_of

REMEMBERS = """
segments:
  - {name: everybody, label: E, entity: customer, include: everyone}
  - {name: staying, label: S, entity: customer, include: [{segment: everybody, for: 1 days}]}
"""
READ = ("customers", "orders", "visits", "complaints")


def test_rules_that_remember_are_told_of_a_key_of_another_type(postgres: Server, tmp_path: Path) -> None:
    place = Schema(postgres, "keys_as_texts")
    shop = Shop.new(tmp_path / "shop", place, REMEMBERS)
    shop.load(3)
    assert shop.segwh("run", "--as-of", as_of(3)).code == 0
    before = place.rows("select change_id, segment, changed_at from segwh_customer_changes order by sequence")
    for table in READ:
        place.execute(
            f"create table former as select * from {table}",
            f"drop table {table} cascade",
            f"alter table former rename to {table}",
            f"alter table {table} alter column customer_id type varchar(40) using customer_id::varchar",
        )
    catalog = CATALOG.replace("key: {column: customer_id, type: integer}", "key: {column: customer_id, type: string}")
    (shop.folder / "segments" / "catalog.yml").write_text(catalog)
    for _ in range(2):
        done = shop.segwh("run", "--as-of", as_of(4))
        assert done.code == 1
        assert (
            "error: the log segwh_customer_log holds keys of type bigint, and customer_id is character varying(40) now;"
            " nothing was written\n"
        ) in done.output
        assert "operator does not exist" not in done.output
    place.execute(
        "drop table segwh_customer_state cascade",
        "drop view segwh_customer_changes, segwh_customer_history cascade",
        "alter table segwh_customer_log alter column customer_id type varchar(40) using customer_id::varchar",
    )
    done = shop.segwh("run", "--as-of", as_of(4))
    assert done.code == 0, done.output
    now = place.rows("select change_id, segment, changed_at from segwh_customer_changes order by sequence")
    assert now[: len(before)] == before
    [(staying,)] = place.rows("select count(*) from segwh_customer_membership where segment = 'staying'")
    assert staying > 0  # the log was read
