"""One small shop, built once, and what a series of runs left in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.end_to_end.shop import Done, Rows, Shop, small_copy

FIRST, LATER = "2026-11-01T00:00:00Z", "2026-11-08T00:00:00Z"


@dataclass(frozen=True)
class Step:
    """A run and what stood in the public tables after it."""

    done: Done
    tables: dict[str, Rows]
    runs: Rows


@dataclass(frozen=True)
class Series:
    """Runs one after the other in one shop."""

    shop: Shop
    first: Step
    later: Step
    later_again: Step
    older: Step


@pytest.fixture(scope="session")
def built_shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The shop's own tables are there, nothing of segwh. Only to be copied."""
    shop = small_copy(tmp_path_factory.mktemp("built") / "dbt_project")
    done = shop.dbt_alone("build", "--quiet", "--exclude", "tag:segwh")
    assert done.code == 0, done.out + done.err
    return shop


@pytest.fixture(scope="session")
def series(built_shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Series:
    """A first run, one a week later, the same again, and one that comes too late."""
    shop = built_shop.copy(tmp_path_factory.mktemp("series") / "dbt_project")

    def step(as_of: str) -> Step:
        done = shop.segwh("run", "--as-of", as_of)
        assert "as of " in done.out or "the as-of " in done.out, done.out + done.err
        return Step(done, shop.public(), shop.ask("select as_of, status, entered, exited from segwh_runs order by started_at"))

    return Series(shop, step(FIRST), step(LATER), step(LATER), step(FIRST))


@pytest.fixture
def rules_only(tmp_path: Path) -> Shop:
    """The shop's files, for what needs no warehouse."""
    return small_copy(tmp_path / "dbt_project")
