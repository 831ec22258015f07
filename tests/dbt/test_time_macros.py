"""The run-time macros work out the same instants as `semantics`, at DST changes, month ends and leap days of several zones."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from segwh.dbt.files import literal_text, start_lines
from segwh.dbt.run_time_macros import run_time_macros
from segwh.ir import Settings
from segwh.semantics import Bound, Calendar, CalendarEdge, Duration, Fixed, Relative, Shift, Unit, date_of, instant_of
from segwh.sql.holes import BoundHole

ZONES = (
    "UTC",
    "Europe/London",
    "Europe/Dublin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Sao_Paulo",
)

CHANGED_RULES = ("America/Sao_Paulo",)
"""Zones that gave up DST after 2010: past 2037 the macros cannot know that."""


def _bounds(random_source: random.Random) -> list[Bound]:
    units = list(Unit)
    calendar_units = [Unit.DAYS, Unit.WEEKS, Unit.MONTHS, Unit.QUARTERS, Unit.YEARS]
    shifts = [
        Relative(
            tuple(
                Shift(random_source.choice((-1, 1)), Duration(random_source.randint(1, 40), random_source.choice(units)))
                for _ in range(random_source.randint(1, 2))
            )
        )
        for _ in range(20)
    ]
    edges = [CalendarEdge(unit, offset) for unit in calendar_units for offset in (-13, -1, 0, 1)]
    before_1000 = Relative((Shift(-1, Duration(60_000, Unit.WEEKS)),))
    return [*shifts, *edges, before_1000, Fixed(datetime(1969, 7, 20, 20, 17, tzinfo=UTC))]


def _instants() -> list[datetime]:
    around = [
        datetime(2026, 3, 29, 1, 30),
        datetime(2026, 10, 25, 0, 30),
        datetime(2026, 11, 1, 5, 30),
        datetime(2024, 2, 29, 12),
        datetime(2026, 3, 31),
        datetime(2026, 12, 31, 23, 59, 59, 999999),
        datetime(2017, 10, 15, 3),
        datetime(2026, 4, 4, 15, 15),
    ]
    return [moment.replace(tzinfo=UTC) + timedelta(minutes=minutes) for moment in around for minutes in (-61, -30, 0, 30, 61)]


@pytest.mark.parametrize("instants", [2, pytest.param(40, marks=pytest.mark.slow)])
def test_macros_and_semantics_agree(instants: int, tmp_path: Path) -> None:
    """At that many of the instants in each calendar."""
    chosen = random.Random(20261101)
    expected: list[list[str]] = []
    lines = []
    for zone in ZONES:
        for week_start in (0, 6):
            calendar = Calendar(zone, week_start)
            bounds = _bounds(chosen)
            for at in chosen.sample(_instants(), instants):
                expressions = []
                for bound in bounds:
                    if zone in CHANGED_RULES and instant_of(bound, at, calendar).year > 2036:
                        continue
                    holes = (BoundHole(bound, "timestamp"), BoundHole(bound, "date"))
                    expressions += [literal_text(hole, calendar) for hole in holes]
                    instant = instant_of(bound, at, calendar).replace(tzinfo=None)
                    day = date_of(bound, at, calendar)
                    expected.append([instant.isoformat(sep=" "), day.isoformat()])
                lines.append(f"{{% set run = {{'as_of': segwh__parsed('{at.replace(tzinfo=None).isoformat()}', 'UTC')}} %}}")
                lines += [f"{{% do found.append({expression}) %}}" for expression in expressions]
    macro = "{% macro told() %}{% set found = [] %}\n" + "\n".join(lines) + "\n{{ print(tojson(found)) }}{% endmacro %}"
    (tmp_path / "macros").mkdir()
    for name, text in {**run_time_macros(), "told.sql": macro}.items():
        (tmp_path / "macros" / name).write_text(text)
    (tmp_path / "dbt_project.yml").write_text("name: told\nprofile: told\n")
    (tmp_path / "profiles.yml").write_text("told: {target: dev, outputs: {dev: {type: duckdb, path: ':memory:'}}}\n")
    command = "from dbt.cli.main import dbtRunner; import sys; sys.exit(not dbtRunner().invoke(sys.argv[1:]).success)"
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            command,
            "--quiet",
            "run-operation",
            "told",
            "--project-dir",
            str(tmp_path),
            "--profiles-dir",
            str(tmp_path),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout.strip().splitlines()[-1])
    pairs = [found[index : index + 2] for index in range(0, len(found), 2)]
    assert len(pairs) == len(expected) > 550 * instants
    assert pairs == expected


def test_an_as_of_unit_reaches_the_macro() -> None:
    assert "'hour'" in start_lines(Settings(as_of_unit="hour"))[0]
