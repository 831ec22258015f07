"""The benchmarks that go through dbt, at a small size: that they run and measure what they say; how much it is is not asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import compiling, models_by_hand, overhead, rules, whole_runs

pytestmark = pytest.mark.slow
SIZES = ["--customers", "500", "--events", "9000", "--segments", "40"]


def test_what_is_added_to_the_sql_is_what_is_left_of_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = tmp_path / "told.json"
    overhead.main([*SIZES, "--repeat", "1", "--folder", str(tmp_path / "project"), "--json", str(told)])
    later, same = json.loads(told.read_text())
    for one in (later, same):
        parts = ("start", "nodes_alone", "sql", "added")
        assert one["whole"]["cpu"] == pytest.approx(sum(one[part]["cpu"] for part in parts))
        assert 0 < one["sql"]["cpu"] < one["whole"]["cpu"]
        assert one["nodes"] == 19
    assert "the same as-of: 19 nodes" in capsys.readouterr().out


def test_a_model_for_each_segment_finds_the_same_members(tmp_path: Path) -> None:
    told = tmp_path / "told.json"
    assert models_by_hand.main([*SIZES, "--json", str(told)]) == 0
    found = json.loads(told.read_text())
    assert found["nodes"] == {"segwh": 19, "by hand": 40}


def test_by_hand_a_segment_refers_to_another_by_ref() -> None:
    (one, *_) = [each for each in rules.segments(60) if any(isinstance(part, rules.Member) for part in each.conditions)]
    assert "{{ ref('by_hand_segment_" in models_by_hand.model(one)
    assert "FROM events " not in models_by_hand.model(one)


def test_a_change_of_one_file_and_none_are_both_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = tmp_path / "told.json"
    compiling.main(["--segments", "20,40", "--repeat", "1", "--json", str(told)])
    found = json.loads(told.read_text())
    for one in found["compiling"]:
        assert 0 < one["files_changed"] < one["files"]
        assert one["again"] < one["one_changed"]
    assert set(found["starts"]) == {"import click", "segwh --version", "segwh --help"}
    assert "2 times as many segments" in capsys.readouterr().out


def test_whole_runs_are_told_model_by_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = tmp_path / "told.json"
    engines = ("duckdb", "postgres", "clickhouse")
    whole_runs.main([*SIZES, "--engines", ",".join(engines), "--json", str(told)])
    found = json.loads(told.read_text())
    assert [one["engine"] for one in found] == list(engines)
    assert len({one["memberships"] for one in found}) == 1
    assert found[0]["memberships"] > 0
    assert all(seconds["segwh_customer_log"] > 0 for one in found for seconds in one["seconds"].values())
    assert "a million memberships" in capsys.readouterr().out
