"""Tables on terminals of all widths: figures are never cut, names give way first."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from segwh.display.terminal import Column, put, table

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
