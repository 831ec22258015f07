"""A series of runs on DuckDB in which nothing goes wrong, for disturbed ones and other engines to be held against."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.engines.places import DuckFile, Rows
from tests.engines.shop import Shop

FIRST = 3
"""The day on which every series begins."""
SERIES = (FIRST, FIRST + 1, FIRST + 1, FIRST + 2)
"""Three days, one of them twice."""


class Undisturbed:
    """The series on DuckDB, run as far as it is asked for; other engines give the same rows."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shop = Shop.new(folder / "shop", DuckFile(folder / "shop.duckdb"))
        self._shop.connects_beside()
        self._days: dict[int, tuple[Mapping[str, Rows], Mapping[str, Rows]]] = {}
        self.nodes = len(list((self._shop.folder / "models").rglob("*.sql")))

    def after(self, day: int) -> tuple[Mapping[str, Rows], Mapping[str, Rows]]:
        """The books and the other public relations after a day."""
        for each in range(FIRST, day + 1):
            if each not in self._days:
                self._shop.run(each)
                # to read brings the file to rest, so that it can be copied
                self._days[each] = self._shop.books(), self._shop.views()
                Shop.copied(self._folder, self._folder / f"after {each}")
        return self._days[day]

    def copied(self, day: int, folder: Path) -> Shop:
        """A shop in which the series went as far as that day, for another end of it."""
        self.after(day)
        return Shop.copied(self._folder / f"after {day}", folder)


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """The series of this test session."""
    return Undisturbed(tmp_path_factory.mktemp("undisturbed"))
