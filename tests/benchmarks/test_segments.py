"""The benchmark at a small size: it compiles, runs, and finds the same members in every way; how fast is not asked here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import data, rules, segments


def test_every_way_finds_the_same_members(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = tmp_path / "told.json"
    sizes = ["--customers", "300", "--events", "9000", "--segments", "40", "--repeat", "1", "--sample", "8", "--threads", "1"]
    segments.main([*sizes, "--json", str(told)])
    (result,) = json.loads(told.read_text())["results"]
    assert result["segments"] == 40
    assert result["members"] > 100
    assert set(result["to the floor"]) == {"floor", "segwh", "one scan", "one query a segment"}
    assert "40 segments" in capsys.readouterr().out


def test_a_difference_is_told() -> None:
    with pytest.raises(segments.DifferentMembersError, match="one scan: 1 segments differ, first b"):
        segments._same({"a": (1, 5), "b": (2, 7)}, {"a": (1, 5), "b": (2, 8)}, "one scan")


def test_fewer_segments_are_the_beginning_of_more_and_mix_what_is_to_be_mixed() -> None:
    many = rules.segments(1000)
    assert rules.segments(50) == many[:50]
    conditions = [condition for segment in many for condition in segment.conditions]
    measured = [condition for condition in conditions if isinstance(condition, rules.Measured)]
    assert {(one.type, one.days, one.what) for one in measured} == {
        (kind, days, what) for kind in data.TYPES for days in rules.WINDOWS for what in ("count", "sum")
    }
    assert sum(one.negated for one in measured) > 100
    assert sum(isinstance(one, rules.Attribute) for one in conditions) > 100
    assert sum(isinstance(one, rules.Member) for one in conditions) > 50
