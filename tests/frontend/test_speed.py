"""A thousand segments are checked in a moment: in a small ratio to what reading their YAML alone takes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

import pytest
import yaml

from segwh.project import load_texts
from segwh.text.yaml_text import yaml_loader
from tests.frontend.catalogs import CATALOG

SEGMENT = """  - name: segment_{number}
    label: Chinese tea, win back
    owner: crm@example.com
    tags: [retention]
    entity: customer
    include:
      - {{event: orders, where: {{attribute: product.category, is: Chinese tea}}, count: {{gte: {number}}}}}
      - {{event: orders, last: {{more_than_ago: 3 months}}}}
      - {{attribute: city, in: [London, Paris, Rome]}}
    exclude:
      - {{segment: segment_0}}
"""
FIRST = "segments:\n  - {name: segment_0, label: First, entity: customer, include: everyone}\n"
MOST = 8
"""Times what the YAML parser alone takes; measured: about four."""
FEWEST, ROUNDS = 3, 15
"""Neighbours slow the two works down unevenly, so bad rounds are followed by more; what is slow stays so in all."""


def seconds(work: Callable[[], object]) -> float:
    """The processor time of a run."""
    start = time.process_time()
    work()
    return time.process_time() - start


def least_ratio(work: Callable[[], object], measure: Callable[[], object], most: float, rounds: int = ROUNDS) -> float:
    """The least time of one work to the least time of another, measured in turns until it is less than `most`."""
    working = measuring = float("inf")
    for number in range(rounds):
        measuring = min(measuring, seconds(measure))
        working = min(working, seconds(work))
        if number + 1 >= FEWEST and working < most * measuring:
            break
    return working / measuring


@pytest.mark.usefixtures("usual_collection")
def test_a_thousand_segments_take_a_few_times_what_their_yaml_takes() -> None:
    rules = FIRST + "".join(SEGMENT.format(number=number) for number in range(1, 1000))
    assert load_texts({"catalog.yml": CATALOG, "rules.yml": rules}).text == ""
    files = {"catalog.yml": CATALOG, "rules.yml": rules}
    assert least_ratio(lambda: load_texts(files), lambda: yaml.compose(rules, Loader=yaml_loader()), MOST) < MOST


def test_what_is_slower_than_promised_stays_so_in_every_round() -> None:
    def slow() -> None:
        sum(range(400_000))

    def quick() -> None:
        sum(range(20_000))

    assert least_ratio(slow, quick, MOST, rounds=3) > MOST


def test_no_sql_parser_is_imported_while_no_expression_needs_it() -> None:
    program = f"""
import sys
from segwh.project import load_texts
assert load_texts({{"catalog.yml": {CATALOG!r}}}).project is not None
sys.exit("sqlglot" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
