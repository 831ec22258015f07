"""The queries that the operations guide gives to people work, and say what it says they say."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.histories.runner import Call, Runner, compiled
from tests.histories.shop import START, Shop

GUIDE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
QUERIES = re.findall(r"```sql\n(.*?)```", GUIDE, re.DOTALL)


@pytest.fixture(scope="module")
def runner() -> Runner:
    shop, made = Shop(), Runner()
    shop.customers = {key: (START - timedelta(days=9), points, "01", True) for key, points in (("a", 30), ("b", 50), ("c", 5))}
    for day, points in ((1, 30), (3, 5), (3, 30), (6, 5), (8, 40)):
        shop.customers["a"] = (START - timedelta(days=9), points, "01", True)
        shop.fill(made)
        made.run(compiled(shop.rules), Call(START + timedelta(days=day)))
    return made


def query(word: str) -> str:
    [found] = [text for text in QUERIES if word in text]
    return found


def test_every_query_runs(runner: Runner) -> None:
    assert len(QUERIES) == 7
    for text in QUERIES:
        runner.rows(text)


def test_a_replay_gives_membership(runner: Runner) -> None:
    replayed = set(runner.rows(query("row_number")))
    assert replayed == set(runner.rows("select segment, customer_id from segwh_customer_membership"))
    assert ("rich", "a") in replayed


def test_the_cursor_gives_every_change(runner: Runner) -> None:
    assert len(runner.rows(query("sequence > 0"))) == runner.rows("select count(*) from segwh_customer_changes")[0][0]


def test_history_tells_who_was_in(runner: Runner) -> None:
    then = {key for segment, key in runner.rows(query("valid_from <=")) if segment == "rich"}
    assert then == {"a", "b"}


def test_every_status_is_explained() -> None:
    for status in ("kept", "blocked", "skipped", "refused", "orphaned", "left", "overtaken", "erased", "renamed"):
        assert f"`{status}`" in GUIDE
