"""Tables on terminals of all widths: figures are never cut, names give way first."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from importlib.resources import files

import pytest
from rich.console import Console

from segwh.commands.run import RunReport
from segwh.display.preview import _cell
from segwh.display.run import HOW_TO_ACCEPT, IF_RIGHT, show_failure, summary
from segwh.display.terminal import Column, put, table
from segwh.warehouse.build import Outcome
from segwh.warehouse.published import RunRow

COLUMNS = (Column("segment", shrinks=True), Column("members", "right"), Column("label", shrinks=True))
ROWS = (("chinese_tea_winback__voucher", "1,234,567", "Chinese tea, win back (voucher)"), ("vips", "12", "茶友 · [bold]"))


def shown(width: int) -> list[str]:
    screen = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None, highlight=False, markup=False)
    put(screen, table(COLUMNS, ROWS))
    return screen.file.getvalue().splitlines()


def test_nothing_is_cut_where_there_is_room() -> None:
    assert [line.rstrip() for line in shown(100)] == [
        "segment                         members  label",
        "chinese_tea_winback__voucher  1,234,567  Chinese tea, win back (voucher)",
        "vips                                 12  茶友 · [bold]",
    ]


@pytest.mark.parametrize("width", [30, 40, 60, 72])
def test_figures_stay_whole_and_lines_fit(width: int) -> None:
    lines = shown(width)
    assert len(lines) == 3
    assert "1,234,567" in lines[1]
    assert lines[1].startswith("chinese")
    assert max(map(len, lines)) <= width


def test_a_table_without_rows_has_its_headings() -> None:
    screen = Console(file=io.StringIO(), width=80, force_terminal=True, color_system=None)
    put(screen, table(COLUMNS, []))
    assert screen.file.getvalue().split() == ["segment", "members", "label"]


@pytest.mark.parametrize("what", ["lose", "gain"])
def test_what_the_circuit_breaker_held_back_comes_with_what_can_be_done(what: str) -> None:
    reason = f"kept: it would {what} too many members; accept it if that is right"
    template = files("segwh").joinpath("dbt/templates/pending.sql").read_text(encoding="utf-8")
    assert f"'{reason.removeprefix('kept: ')}'" in template
    assert reason.endswith(IF_RIGHT)
    for why, is_told in ((reason, True), ("skipped: ref('customers') has keys with more than one row", False)):
        out = io.StringIO()
        message = f"segwh held back 1 segment, the others are published: vips ({why})"
        failure = Outcome("segwh_runs", "model", "models/segwh/segwh_runs.sql", "failed", message, True)
        show_failure(failure, Console(file=out, width=200))
        assert f"  vips  {why}\n" in out.getvalue()
        assert (HOW_TO_ACCEPT in out.getvalue()) is is_told


def test_a_run_again_in_which_segments_were_held_back_does_not_say_that_all_is_as_recorded() -> None:
    at = datetime(2026, 7, 1, tzinfo=UTC)
    for held_back, said in (
        (0, "nothing changed in 1.0 s; this as-of was"),
        (9, "0 segments, none entered, none exited, 9 held back in 1.0 s"),
    ):
        run = RunRow("one", at, "failed", at, 0, 0, held_back)
        report = RunReport(at, (), (), run, repeated=True, place="", relations=(), seconds=1.0)
        assert summary(report).plain.startswith(f"as of 2026-07-01 00:00 UTC: {said}")


def test_members_of_a_preview_are_shown_in_the_words_of_rules() -> None:
    assert [str(_cell(value)) for value in (True, False, None, 0, "True")] == ["true", "false", "null", "0", "True"]


def test_a_column_that_wraps_loses_no_word() -> None:
    out = io.StringIO()
    screen = Console(file=out, width=30, force_terminal=True, color_system=None, highlight=False, markup=False)
    rule = "include {event: orders, where: {attribute: status, is: paid}}"
    put(screen, table((Column("left", "right"), Column("after", shrinks=True, wraps=True)), [("1,234", rule)]))
    heading, first, *more = out.getvalue().splitlines()
    assert first.startswith("1,234  include")
    assert " ".join([first.removeprefix("1,234"), *more]).split() == rule.split()
    assert {len(line.rstrip()) <= 30 for line in (heading, first, *more)} == {True}
