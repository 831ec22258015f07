"""What engines say, as they say it, and what is made of it."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from segwh.errors import how_to_write
from segwh.warehouse.complaints import command_of, ends_the_run, explain, is_fault_of_the_sql, is_unbuilt

SAID = {
    'Catalog Error: Table with name orders does not exist!\nDid you mean "order"?': "relation orders does not exist",
    "Catalog Error: Table with name our orders does not exist!": "relation our orders does not exist",
    'relation "main.orders" does not exist\nLINE 1: ...': "relation main.orders does not exist",
    "002003 (42S02): SQL compilation error:\nObject 'DB.S.ORDERS' does not exist or not authorized.": "relation DB.S.ORDERS ",
    "404 Not found: Table p:d.orders was not found in location EU": "relation p:d.orders does not exist",
    "[TABLE_OR_VIEW_NOT_FOUND] The table or view `a`.`orders` cannot be found.": "relation a`.`orders does not exist",
    'Binder Error: Referenced column "emial" not found in FROM clause!': "column emial does not exist",
    'column "emial" does not exist\nHINT: Perhaps ...': "column emial does not exist",
    "SQL compilation error: error line 1\ninvalid identifier 'EMIAL'": "column EMIAL does not exist",
    "Unrecognized name: emial; Did you mean email? at [1:8]": "column emial does not exist",
    'connection to server at "10.0.0.1", port 5432 failed: Connection refused': "nothing listens at 10.0.0.1, port 5432",
    'could not translate host name "wh.example.com" to address: Name or service not known': "host `wh.example.com`",
    'connection to server at "h", port 1 failed: timeout expired': "did not answer in time",
    'FATAL:  password authentication failed for user "u"': "refused the user or the password",
    'Cannot open database "/x/shop.duckdb" in read-only mode: database does not exist': "/x/shop.duckdb does not exist yet",
    "No space left on device": "no space left on the disk",
    "Env var required but not provided: 'PG_PASSWORD'": "the environment variable PG_PASSWORD is not set",
    "Runtime Error\n  Connection Error: Connection already closed!": "dbt closed its connection to DuckDB",
    "dbt found 2 package(s) specified in packages.yml, but only 0 package(s) installed in dbt_packages.": "dbt found 2 package",
}


@pytest.mark.parametrize("said", SAID)
def test_a_known_complaint_in_plain_words(said: str) -> None:
    assert SAID[said] in explain(said).message


def test_a_locked_file_names_the_process() -> None:
    pid = os.getpid()
    said = f'IO Error: Could not set lock on file "/x/a.duckdb": Conflicting lock is held in /usr/bin/python (PID {pid}) by u.'
    error = explain(said)
    assert "/x/a.duckdb is locked" in error.message
    assert command_of(pid) in error.message
    assert Path(sys.executable).name in command_of(pid)
    assert f"(process {pid})" in error.message


@pytest.mark.parametrize(
    "said",
    [
        'Invalid Input Error: Cannot execute statement of type "CREATE" on database "x" which is attached in read-only mode!',
        "cannot execute CREATE TABLE in a read-only transaction",
    ],
)
def test_a_database_that_is_read_only_is_told_with_what_can_be_done(said: str) -> None:
    error = explain(f"Encountered an error:\nRuntime Error\n  {said}\n")
    assert error.message == f"the warehouse lets nobody write here: {said}"
    assert "out of this target in profiles.yml" in error.hint


def test_an_unknown_complaint_is_shown_without_its_frame() -> None:
    assert explain("Encountered an error:\nRuntime Error\n  the moon is full\n").message == "the moon is full"


@pytest.mark.parametrize(
    ("told", "hint"),
    [
        ("the config of the project sets predicates for segwh_runs, which would pass over rows of it", "Set it for"),
        ("the model segwh_runs is disabled, or its file is gone", "It says how a run ended"),
        ('"shop"."main"."segwh_runs" is a view, as `dbt clone` makes one, and a run adds rows to a table of that name', "Drop"),
        ('"shop"."Our Marts"."segwh_runs" is a view, as `dbt clone` makes one, and a run adds rows to a table of it', "Drop"),
        ("the tables of segwh in Our Marts belong to the project market, and this is shop", "Give this one a schema"),
    ],
)
def test_settings_that_are_refused_end_the_run_and_no_model_is_to_blame(told: str, hint: str) -> None:
    said = f"Compilation Error in model segwh_rules (models/x.sql)\n  {told}: nothing is written. {hint}\n  \n  > in macro x"
    assert ends_the_run(said)
    assert explain(said).message == f"{told}; nothing was written"
    assert explain(said).hint == hint[0].lower() + hint[1:]


def test_dbt_says_which_file_is_broken() -> None:
    said = "Compilation Error in model bad (models/bad.sql)\n  'nofunc' is undefined."
    assert explain(said).message == "Compilation Error in model bad (models/bad.sql)\n  'nofunc' is undefined."


def test_what_is_not_there_is_unbuilt() -> None:
    assert is_unbuilt("Catalog Error: Table with name orders does not exist!")
    assert is_unbuilt('Cannot open database "/x" in read-only mode: database does not exist')
    assert not is_unbuilt('Binder Error: Referenced column "x" not found in FROM clause!')


def test_unreadable_sql_is_not_the_users_fault() -> None:
    assert is_fault_of_the_sql('Parser Error: syntax error at or near "selct"')
    assert not is_fault_of_the_sql("Catalog Error: Table with name orders does not exist!")


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (errno.EACCES, "make the folder writable"),
        (errno.ENOSPC, "free some space on the disk"),
        (errno.EFBIG, "raise the limit on the size of files"),
        (errno.ENOTDIR, "something else has that name"),
        (errno.EEXIST, "something else has that name"),
    ],
)
def test_what_to_do_is_told_by_why_nothing_could_be_written(number: int, hint: str) -> None:
    assert how_to_write(OSError(number, os.strerror(number))).startswith(hint)
