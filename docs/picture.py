"""The picture in the README: the example run week by week in a folder of its own, the end of the last run as an SVG.

`python3 dev.py picture` runs it.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from segwh.commands.run import RunOptions, RunReport, run
from segwh.display import run as display
from segwh.display.terminal import grid, line, put

HOME = Path(__file__).resolve().parents[1]
WEEKS = ("2026-10-11", "2026-10-18", "2026-10-25", "2026-11-01", "2026-11-08")
SHOWN = (
    "at_risk_of_churn", "birthday_this_week", "black_friday_2025_buyers", "cart_abandoned", "chinese_tea_winback",
    "chinese_tea_winback__holdout", "cross_sell_teaware", "first_order_lately", "high_value", "interest__shoes__heavy",
    "new_customers", "price_sensitive", "silent_high_spenders", "spring_shoes_2026", "unsubscribed", "weekly_readers",
    "lead_nurturing", "warm_leads", "sim_leads_90d",
)  # fmt: skip
WIDTH = 104
WITHOUT_FONTS = re.sub(r"@font-face \{.*?\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
"""Rich's frame without fonts from somewhere else: a page that shows the picture loads nothing."""


def main() -> None:
    """Run the weeks and write docs/run.svg."""
    with tempfile.TemporaryDirectory() as folder:
        shop = Path(folder, "dbt_project")
        shutil.copytree(HOME / "dbt_project", shop, ignore=shutil.ignore_patterns("*.duckdb*", "target", "logs"))
        os.chdir(shop)
        subprocess.run([Path(sys.executable).with_name("dbt"), "build", "--quiet", "--exclude", "tag:segwh"], check=True)
        for week in WEEKS:
            report = run(RunOptions(as_of=f"{week}T00:00:00Z"), lambda event: None)
            if report.has_failed:
                sys.exit(f"the run of {week} failed")
    (HOME / "docs" / "run.svg").write_text(drawn(report), encoding="utf-8", newline="\n")


def drawn(report: RunReport) -> str:
    """The end of a run as an SVG, with some of its segments."""
    screen = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    screen.print(line((f"$ segwh run --as-of {WEEKS[-1]}T00:00:00Z", "bold")))
    screen.print()
    chosen = tuple(result for result in report.segments if result.name in SHOWN)
    put(screen, display.segments(replace(report, segments=chosen), WIDTH))
    screen.print(Text(f"... and {len(report.segments) - len(chosen)} more", style="dim"))
    screen.print()
    screen.print(display.summary(report))
    screen.print(line("tables in ", (report.place, "bold")))
    put(screen, grid(display.relations(report)))
    return screen.export_svg(title="segwh", unique_id="segwh", code_format=WITHOUT_FONTS)


if __name__ == "__main__":
    main()
