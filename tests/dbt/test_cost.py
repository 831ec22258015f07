"""What a fixed project costs, counted rather than timed: scans, joins, aggregates and size of its SQL, models and tests."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlglot
import yaml
from sqlglot import exp

from benchmarks import rules
from segwh.dbt.compile import compiled_files
from segwh.project import collection_paused, load_texts
from segwh.resolve.rule_hash import RuleHashes
from tests import golden

GOLDEN = Path(__file__).parent / "golden"
COUNTED = ("bigquery", "clickhouse", "databricks", "duckdb", "postgres", "spark")
"""The dialects of which each has a shape of its own."""
PARTS = ("facts", "evaluation", "evaluated", "pending")


def files(count: int, dialect: str) -> dict[str, str]:
    with collection_paused():
        texts = {"segments/catalog.yml": rules.CATALOG, "segments/rules.yml": rules.yaml_text(rules.segments(count))}
        project = load_texts(texts, dialect=dialect).project
        assert project is not None
        hashes = RuleHashes(project)
        return compiled_files(project, {one.name: hashes.of(one) for one in project.segments}, dialect)


def counted(text: str, dialect: str) -> dict[str, int]:
    """What stands in the SQL of a model; Jinja's expressions are names there."""
    sql = "".join(pieces(text))
    tree = sqlglot.parse_one(sql, dialect=dialect)
    named = {cte.alias for cte in tree.find_all(exp.CTE)}
    return {
        "kilobytes": round(len(text.encode()) / 1000),
        "scans": sum(1 for table in tree.find_all(exp.Table) if table.name not in named),
        "reads of named queries": sum(1 for table in tree.find_all(exp.Table) if table.name in named),
        "joins": sum(1 for _ in tree.find_all(exp.Join)),
        "groupings": sum(1 for _ in tree.find_all(exp.Group)),
        "aggregates": sum(1 for _ in tree.find_all(exp.AggFunc)),
        "conditional aggregates": sum(1 for one in tree.find_all(exp.AggFunc) if is_conditional(one)),
        "windows": sum(1 for _ in tree.find_all(exp.Window)),
    }


def is_conditional(aggregate: exp.AggFunc) -> bool:
    """Whether each row is asked whether it counts: by a CASE, or by a function that takes the condition (sumIf)."""
    return isinstance(aggregate.this, exp.Case) or isinstance(aggregate, exp.CountIf) or aggregate.name.endswith("If")


def pieces(text: str) -> Iterator[str]:
    """The SQL of the branch that reads everything, each Jinja expression as a name, or as text inside a literal."""
    body = text.split("{%- else %}\n", 1)[1].rsplit("{%- endif %}", 1)[0]
    for number, piece in enumerate(body.split("{{")):
        if number:
            yield f"jinja_{number}"
            piece = piece.split("}}", 1)[1]
        yield piece


def nodes(compiled: dict[str, str]) -> tuple[list[str], int]:
    """The models, and how many data tests there are: what dbt runs."""
    models = sorted(path for path in compiled if path.startswith("models/") and path.endswith(".sql"))
    return models, sum(len(list(data_tests(yaml.safe_load(text)))) for path, text in compiled.items() if path.endswith(".yml"))


def data_tests(node: object) -> Iterator[object]:
    """The tests of models and of their columns."""
    match node:
        case dict():
            for key, value in node.items():
                yield from value if key == "data_tests" else data_tests(value)
        case list():
            for each in node:
                yield from data_tests(each)


@pytest.mark.parametrize(("count", "dialect"), [*((50, name) for name in COUNTED), (200, "duckdb"), (200, "postgres")])
def test_the_sql_costs_what_it_did(count: int, dialect: str) -> None:
    compiled = files(count, dialect)
    places = {path.rsplit("/", 1)[-1]: path for path in compiled}
    told = {
        "models": len(nodes(compiled)[0]),
        "data tests": nodes(compiled)[1],
        "characters in thousands": round(sum(map(len, compiled.values())) / 1000),
        **{part: counted(compiled[places[f"segwh_customer_{part}.sql"]], dialect) for part in PARTS},
    }
    golden.check(GOLDEN / f"cost_{count}.{dialect}.json", json.dumps(told, indent=2) + "\n")


def test_with_more_segments_there_are_no_more_nodes_and_once_every_measure_is_there_no_larger_facts() -> None:
    few, many = (files(count, "duckdb") for count in (300, 600))
    assert nodes(few) == nodes(many) == nodes(files(5, "duckdb"))
    assert nodes(many)[1] > 0
    counts = [counted(each["models/segwh/customer/internal/segwh_customer_facts.sql"], "duckdb") for each in (few, many)]
    assert counts[0]["scans"] == counts[1]["scans"]
    assert counts[0]["aggregates"] == counts[1]["aggregates"]


@pytest.mark.usefixtures("usual_collection")
def test_a_thousand_segments_compile_in_fifteen_times_what_reading_them_takes() -> None:
    text = rules.yaml_text(rules.segments(1000))
    files(10, "duckdb")
    ratios = []
    for _ in range(4):
        started = time.process_time()
        yaml.compose(text, Loader=yaml.CSafeLoader)
        composed = time.process_time()
        files(1000, "duckdb")
        ratios.append((time.process_time() - composed) / (composed - started))
        if ratios[-1] <= 15:
            return
    raise AssertionError(f"compiling took {min(ratios):.1f} times as long as reading")


SCRIPT = """
import resource
from tests.dbt.test_cost import files
files({count}, "duckdb")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.slow
def test_ten_thousand_segments_compile_in_half_a_gigabyte_and_in_proportion() -> None:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = []
    for count in (2000, 10_000):
        done = subprocess.run([sys.executable, "-c", SCRIPT.format(count=count)], capture_output=True, text=True, check=True)
        now = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(now.ru_utime - used.ru_utime)
        used = now
    assert int(done.stdout) < 500
    assert seconds[1] < 7 * seconds[0]
