"""What a warehouse or dbt complains of, in its own words, made into one clear message with what to do about it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from re import Match, Pattern
from textwrap import dedent

from segwh.errors import UserError


def explain(complaint: str) -> UserError:
    """The error for a complaint: a known one in plain words, any other as the first lines of the complaint itself."""
    text = _cleaned(complaint)
    for pattern, tell in _KNOWN:
        found = pattern.search(text)
        if found:
            return tell(found)
    return UserError(text or "the warehouse gave no reason")


def is_unbuilt(complaint: str) -> bool:
    """Whether a complaint says that a relation, its schema or the whole database file does not exist yet."""
    return any(pattern.search(complaint) for pattern in (_NO_FILE, _NO_RELATION, _NO_SCHEMA))


def ends_the_run(complaint: str) -> bool:
    """Whether a run as a whole came to nothing: another one was under way, the log is gone, the tables are those of another
    project, or settings would pass over rows. No node is to blame then.
    """
    return any(pattern.search(complaint) for pattern in (_OVERTAKEN, _SAME_TABLES, _LOST_LOG, _OTHER_PROJECT, _SETTINGS))


def is_too_late(complaint: str) -> bool:
    """Whether a run was refused since every segment was evaluated at a later as-of already."""
    return _TOO_LATE.search(complaint) is not None


def is_fault_of_the_sql(complaint: str) -> bool:
    """Whether a warehouse could not even read a query: then whoever wrote the SQL is to blame, not the user's data."""
    return re.search(r"Parser Error|syntax error|SYNTAX_ERROR|PARSE_SYNTAX_ERROR", complaint, re.IGNORECASE) is not None


def _cleaned(complaint: str) -> str:
    """A complaint without terminal colours, dbt's frame around it, and what comes after its tenth line."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", complaint).strip()
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    lines = [line for line in lines if not _FRAME.match(line.strip())]
    # dbt indents what it frames
    return dedent("\n".join(lines[:10]))


_FRAME = re.compile(
    r"(Encountered an error:?|(Runtime|Database|Compilation|Parsing|Internal) Error|"
    r"compiled code at .*|> in .*|> called by .*)$"
)
_NO_FILE = re.compile(r'Cannot open database "(?P<file>[^"]+)" in read-only mode: database does not exist')
_NO_RELATION = re.compile(
    r"Table with name (?P<a>[^\n]+?) does not exist"  # DuckDB
    r'|relation "(?P<b>[^"]+)" does not exist'  # PostgreSQL, Redshift
    r"|Object '(?P<c>[^']+)' does not exist or not authorized"  # Snowflake
    r"|Not found: Table (?P<d>\S+) was not found"  # BigQuery
    r"|\[TABLE_OR_VIEW_NOT_FOUND\] The table or view (?P<e>\S+)"  # Spark, Databricks
    r"|Unknown table expression identifier '(?P<f>[^']+)'|Table (?P<g>\S+) does not exist\. "  # ClickHouse
    r"|Table '(?P<h>[^']+)' does not exist",  # Trino
)
_OVERTAKEN = re.compile(r"(?P<told>another run of segwh wrote its changes while [^\n:;]*)")
_LOST_LOG = re.compile(
    r"(?P<told>the log segwh_\w+ [^\n:;]*): nothing is written\. (?P<hint>(?:Restore the log|(?:Give|Convert) the key) [^\n]*)"
)
_OTHER_PROJECT = re.compile(
    r"(?P<told>the tables of segwh in [^\n]+ belong to the project \S+, and this is \S+)"
    r": nothing is written\. (?P<hint>Give [^\n]*)"
)
_SETTINGS = re.compile(
    r"(?P<told>(?:the config of the project sets |the model \w+ is disabled, or |\S[^\n]*? is a view, as `dbt clone`)[^\n]*)"
    r": nothing is written\. (?P<hint>[^\n]*)"
)
_TOO_LATE = re.compile(r"the as-of of this run is refused, nothing was changed: (?P<told>[^\n,]*)")
_SAME_TABLES = re.compile(
    r'relation "segwh_\w+" already exists'  # PostgreSQL
    r"|duplicate key value violates unique constraint \"pg_(?:class|type|namespace)_\w+\""
    r"|Key \(sequence\)=\(\d+\) already exists"
)
_NO_SCHEMA = re.compile(
    r"Schema with name (?P<a>[^\n]+?) does not exist|schema \"(?P<b>[^\"]+)\" does not exist"
    r"|Schema '(?P<c>[^']+)' does not exist|Not found: Dataset (?P<d>\S+) was not found|\[SCHEMA_NOT_FOUND\]"
    r"|Database (?P<e>\S+) does not exist\. "
)
_NO_COLUMN = re.compile(
    r'Referenced column "(?P<a>[^"]+)" not found|does not have a column named "(?P<b>[^"]+)"'  # DuckDB
    r'|column "?(?P<c>[\w.]+)"? does not exist'  # PostgreSQL, Redshift
    r"|invalid identifier '(?P<d>[^']+)'"  # Snowflake
    r"|Unrecognized name: (?P<e>[\w.]+)"  # BigQuery
    r"|\[UNRESOLVED_COLUMN[^\]]*\][^`]*(?P<f>`[^`]+`)"  # Spark, Databricks
    r"|Unknown expression identifier [`'](?P<g>[^`']+)[`']|Missing columns: '(?P<h>[^']+)'"  # ClickHouse
    r"|Column '(?P<i>[^']+)' cannot be resolved",  # Trino
)


def _named(found: Match[str]) -> str:
    return next((name.strip("`\"';.,!") for name in found.groupdict().values() if name), "?")


def _locked(found: Match[str]) -> UserError:
    pid = found["pid"]
    command = command_of(int(pid))
    return UserError(
        f"the DuckDB file {found['file']} is locked by another process: {command or found['holder']} (process {pid})",
        f"wait until it is done, or close it (`kill {pid}`), then run the command again",
    )


def command_of(pid: int) -> str:
    """The command line of a running process, at most 160 characters, or nothing if it cannot be seen."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        line = " ".join(word.decode(errors="replace") for word in words if word)
    except OSError:
        try:
            asked = ["ps", "-p", str(pid), "-o", "args="]
            line = subprocess.run(asked, capture_output=True, text=True, timeout=2, check=False).stdout.strip()
        except (OSError, subprocess.TimeoutExpired):
            line = ""
    line = " ".join(line.split())
    return line if len(line) <= 160 else f"{line[:157]}..."


def _overtaken(found: Match[str]) -> UserError:
    return UserError(found["told"], "nothing is lost or doubled: run it again, or let the next run find what this one found")


def _nothing_written(found: Match[str]) -> UserError:
    return UserError(f"{found['told']}; nothing was written", found["hint"][0].lower() + found["hint"][1:])


def _too_late(found: Match[str]) -> UserError:
    return UserError(f"the as-of is refused: {found['told']}", "the log goes forward only: give a later --as-of")


def _same_tables(_: Match[str]) -> UserError:
    return UserError(
        "another run of segwh makes the same tables, so this one gave way",
        "nothing is lost or doubled: run it again when the other is done",
    )


def _other_configuration(_: Match[str]) -> UserError:
    return UserError(
        "this process has the DuckDB file open with other settings",
        "close that connection, then run the command again",
    )


def _refused(found: Match[str]) -> UserError:
    host = found["host"]
    return UserError(
        f"the warehouse does not answer: nothing listens at {host}, port {found['port']}",
        "start it, or correct host and port in profiles.yml",
    )


def _unknown_host(found: Match[str]) -> UserError:
    return UserError(
        f"the warehouse cannot be reached: no address is known for the host `{found['host']}`",
        "correct the host in profiles.yml, or check the network",
    )


def _timeout(_: Match[str]) -> UserError:
    return UserError("the warehouse cannot be reached: it did not answer in time", "check host, port and network")


def _password(found: Match[str]) -> UserError:
    return UserError(
        f"the warehouse refused the user or the password: {found[0].strip()}",
        "correct user and password in profiles.yml",
    )


def _read_only_database(found: Match[str]) -> UserError:
    return UserError(
        f"the warehouse lets nobody write here: {found[0].strip()}",
        "take read-only settings (such as `access_mode` of DuckDB, or a standby as the host) out of this target in"
        " profiles.yml, or give another `--target`",
    )


def no_file(path: str) -> UserError:
    """That a file of DuckDB is not there."""
    return UserError(
        f"the DuckDB file {path} does not exist yet",
        "run `dbt build` first: it makes the file and the tables that the rules read",
    )


def _no_relation(found: Match[str]) -> UserError:
    name = _named(found)
    return UserError(f"relation {name} does not exist in the warehouse", "run `dbt build` first if dbt makes it")


def _no_schema(found: Match[str]) -> UserError:
    name = _named(found)
    return UserError(f"schema {name} does not exist in the warehouse", "run `dbt build` first if dbt makes it")


def _no_column(found: Match[str]) -> UserError:
    candidates = re.search(r"(?:Candidate bindings|Did you mean|suggestions?)[^\n]*", found.string, re.IGNORECASE)
    return UserError(
        f"column {_named(found)} does not exist in the warehouse",
        candidates[0].strip() if candidates else "",
    )


def _read_only_folder(found: Match[str]) -> UserError:
    return UserError(f"no permission to write: {found[0].strip()}", "make the folder writable, or name another one")


def _disk_full(_: Match[str]) -> UserError:
    return UserError("no space left on the disk", "free some, then run the command again")


def _no_package(found: Match[str]) -> UserError:
    return UserError(found[0].strip(), "run `dbt deps` first: it installs the project's packages")


def _no_variable(found: Match[str]) -> UserError:
    return UserError(
        f"the environment variable {found['name']} is not set",
        "profiles.yml, dbt_project.yml or another file of the dbt project asks for it by `env_var`",
    )


def _one_thread(_: Match[str]) -> UserError:
    return UserError(
        "dbt closed its connection to DuckDB and went on with it",
        "it does so where DBT_SINGLE_THREADED is set, in any project: unset that, and say `--threads 1`",
    )


_KNOWN: tuple[tuple[Pattern[str], Callable[[Match[str]], UserError]], ...] = (
    (
        re.compile(r'Could not set lock on file "(?P<file>[^"]+)".*?held in (?P<holder>.*?) ?\(PID (?P<pid>\d+)\)', re.DOTALL),
        _locked,
    ),
    (_OVERTAKEN, _overtaken),
    (_SAME_TABLES, _same_tables),
    (_LOST_LOG, _nothing_written),
    (_OTHER_PROJECT, _nothing_written),
    (_SETTINGS, _nothing_written),
    (_TOO_LATE, _too_late),
    (re.compile(r"same database file with a different configuration"), _other_configuration),
    (_NO_FILE, lambda found: no_file(found["file"])),
    (
        re.compile(r'connection to server at "(?P<host>[^"]+)"[^\n]*port (?P<port>\d+) failed: Connection refused'),
        _refused,
    ),
    (re.compile(r"host='(?P<host>[^']+)', port=(?P<port>\d+)\).*?(?:Connection refused|Max retries)", re.DOTALL), _refused),
    (re.compile(r'could not translate host name "(?P<host>[^"]+)"'), _unknown_host),
    (re.compile(r"Failed to resolve '(?P<host>[^']+)'|Name or service not known: (?P<other>\S+)"), _unknown_host),
    (re.compile(r"timeout expired|timed out", re.IGNORECASE), _timeout),
    (
        re.compile(r"[^\n]*(?:password authentication failed|Incorrect username or password|no password supplied)[^\n]*"),
        _password,
    ),
    (_NO_RELATION, _no_relation),
    (_NO_SCHEMA, _no_schema),
    (_NO_COLUMN, _no_column),
    (re.compile(r"[^\n]*(?:Permission denied|Read-only file system)[^\n]*"), _read_only_folder),
    (re.compile(r"[^\n]*(?:attached in read-only mode|in a read-only transaction)[^\n]*"), _read_only_database),
    (re.compile(r"No space left on device"), _disk_full),
    (re.compile(r"Env var required but not provided: '(?P<name>[^']+)'"), _no_variable),
    (re.compile(r"Connection already closed!"), _one_thread),
    (re.compile(r"[^\n]*dbt found \d+ package\(s\) specified[^\n]*"), _no_package),
)
