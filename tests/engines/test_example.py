"""The example shop on PostgreSQL: built there from its seeds, run at several instants, it has the rows of DuckDB, log first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from segwh.commands.workspace import Workspace, compile_workspace
from tests.end_to_end.shop import VOLATILE, is_public, small_copy
from tests.engines.forked import start
from tests.engines.places import DuckFile, Place, Rows, Schema
from tests.engines.postgres import Server

INSTANTS = ("2026-10-25T00:00:00Z", "2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z", "2026-11-02T13:30:00Z", "2026-11-30T06:00Z")
"""A first run; a week on, across the end of summer time; the same with rows that came late; a day and a half on; a month on."""
LATE = (
    "update orders set status = 'paid' where order_id % 11 = 3 and status <> 'paid'",
    "delete from cart_events where cart_event_id % 13 = 5",
    "update customers set city = 'Leeds' where customer_id % 17 = 4",
)
"""What the warehouse learns between the two runs of one instant."""


class Example:
    """The example with few customers, in one place."""

    def __init__(self, folder: Path, place: Place) -> None:
        self.place = place
        self.folder = small_copy(folder).folder
        profile = {"segwh_shop": {"target": "test", "outputs": {"test": place.output}}}
        (self.folder / "profiles.yml").write_text(yaml.safe_dump(profile))
        compile_workspace(Workspace(self.folder, place.adapter))
        self.dbt("--exclude", "tag:segwh")

    def dbt(self, *arguments: str) -> None:
        """`dbt build`; it must succeed."""
        done = start("dbt", ["build", *arguments, "--project-dir", ".", "--profiles-dir", "."], self.folder).done(900)
        assert done.code == 0, done.output

    def run(self, as_of: str) -> None:
        self.dbt("--select", "tag:segwh", "--vars", f"{{segwh_as_of: '{as_of}'}}")

    def logs(self) -> Mapping[str, Rows]:
        """Every row of every log in its order, ids of runs apart."""
        keys = {"customer": "customer_id", "lead": "lead_id", "lead_by_phone": "phone"}
        columns = "change_id, segment, {}, change, changed_at, reason, rule_hash, sequence"
        return self.place.several(
            {grain: f"select {columns.format(key)} from segwh_{grain}_changes order by sequence" for grain, key in keys.items()}
        )

    def public(self) -> Mapping[str, Rows]:
        """The rows of the other public relations, in an order of their own; sums of doubles to nine digits."""
        schema = self.place.output["schema"]
        query = f"select table_name, column_name from information_schema.columns where table_schema = '{schema}' order by 1, 2"
        columns: dict[str, list[str]] = {}
        for table, column in self.place.rows(query):
            if is_public(table) and not table.endswith("_changes") and column not in VOLATILE.get(table, ()):
                columns.setdefault(table, []).append(column)
        found = self.place.several({table: f"select {', '.join(names)} from {table}" for table, names in columns.items()})
        return {table: sorted((tuple(map(plain, row)) for row in rows), key=repr) for table, rows in found.items()}


def plain(cell: object) -> object:
    return float(f"{cell:.9g}") if isinstance(cell, float) else cell


@pytest.mark.slow
def test_the_log_on_postgres_is_that_of_duckdb_row_for_row(postgres: Server, tmp_path: Path) -> None:
    duck = Example(tmp_path / "duck", DuckFile(tmp_path / "shop.duckdb"))
    other = Example(tmp_path / "postgres", Schema(postgres, "example"))
    for number, as_of in enumerate(INSTANTS):
        for shop in (duck, other):
            if as_of in INSTANTS[:number]:
                shop.place.execute(*LATE)
            shop.run(as_of)
        logs = duck.logs()
        told = ", ".join(f"{len(rows):,} rows of {grain}" for grain, rows in logs.items())
        print(f"as of {as_of}: {told}", flush=True)
        assert other.logs() == logs
        assert other.public() == duck.public()
    assert len({row[4] for row in duck.logs()["customer"]}) == len(set(INSTANTS))
    runs_of_an_instant = "select count(distinct run_id) from segwh_customer_changes where changed_at = '2026-11-01 00:00+00'"
    assert duck.place.rows(runs_of_an_instant) == [(2,)]
