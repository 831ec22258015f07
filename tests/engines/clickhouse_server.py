"""A ClickHouse server of the tests' own: the engine from the package `chdb-core` behind the part of ClickHouse's HTTP interface
that clickhouse-connect uses, so that dbt and segwh talk to it as to any other.

A session keeps its settings, as on a server. Run as a program it prints its port and serves until its input ends.
"""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

HOST = "127.0.0.1"
DATA = re.compile(rb"\s*(INSERT INTO .+?) FORMAT Native\n", re.DOTALL)
"""An insert whose rows follow it."""


@dataclass(slots=True)
class Session:
    """A connection to the engine with the settings that it was given, used by one request at a time."""

    connection: Any
    lock: threading.Lock = field(default_factory=threading.Lock)
    settings: dict[str, str] = field(default_factory=dict)
    database: str = ""

    def answer(self, statement: bytes, database: str, settings: dict[str, str]) -> bytes:
        """What the engine says to a statement. Raises RuntimeError."""
        with self.lock:
            if database and database != self.database:
                self._run(f"USE `{database}`")
                self.database = database
            for name, value in settings.items():
                if self.settings.get(name) != value:
                    self._run(f"SET {name} = '{value}'")
                    self.settings[name] = value
            found = DATA.match(statement)
            if found is None:
                return self._run(statement.decode())
            with tempfile.NamedTemporaryFile(suffix=".native") as rows:
                rows.write(statement[found.end() :])
                rows.flush()
                return self._run(f"{found[1].decode()} FROM INFILE '{rows.name}' FORMAT Native")

    def _run(self, statement: str) -> bytes:
        return bytes(self.connection.query(statement, "TabSeparated").bytes() or b"")


class Engine:
    """The engine of this process, with the sessions that are open."""

    def __init__(self, path: str) -> None:
        import chdb

        self._path, self._connect = path, chdb.connect
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()
        first = self.session("")
        names = first.answer(b"SELECT name FROM system.settings", "", {}).decode()
        self.settings = frozenset(names.split())

    def session(self, name: str) -> Session:
        """The session of that name; it begins when it is first asked for."""
        with self._lock:
            if name not in self._sessions:
                self._sessions[name] = Session(self._connect(self._path))
            return self._sessions[name]


class Handler(BaseHTTPRequestHandler):
    """One request: a statement in, rows or a complaint out."""

    protocol_version = "HTTP/1.1"
    # An answer leaves in one piece: its end would otherwise wait 40 ms for the word that its beginning came.
    wbufsize = -1
    disable_nagle_algorithm = True
    engine: Engine

    def do_GET(self) -> None:
        """`/ping`, and statements that stand in the address."""
        self._answer(b"")

    def do_POST(self) -> None:
        """A statement in the body, or in the address with rows in the body."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return self._answer(b"".join(chunks))

    def _answer(self, body: bytes) -> None:
        given = dict(parse_qsl(urlsplit(self.path).query))
        statement = b"\n".join(part for part in (given.get("query", "").encode(), body) if part)
        if not statement:
            return self._send(200, b"Ok.\n", "TabSeparated")
        settings = {name: value for name, value in given.items() if name in self.engine.settings}
        session = self.engine.session(given.get("session_id", ""))
        try:
            found = session.answer(statement, given.get("database", ""), settings)
        except Exception as error:
            text = str(error)
            code = re.match(r"Code: (\d+)", text)
            return self._send(500, text.encode(), "", {"X-ClickHouse-Exception-Code": code[1] if code else "1002"})
        form = re.search(rb"\bFORMAT\s+(\w+)\s*;?\s*$", statement)
        return self._send(200, found, form[1].decode() if form else "TabSeparated" if found else "")

    def _send(self, status: int, body: bytes, form: str, more: dict[str, str] | None = None) -> None:
        self.send_response(status)
        headers = {"X-ClickHouse-Timezone": "UTC", **({"X-ClickHouse-Format": form} if form else {}), **(more or {})}
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is printed."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: user `default`, no password."""

    port: int

    def client(self, **options: Any) -> Any:
        """A connection of its own."""
        import clickhouse_connect

        return clickhouse_connect.get_client(host=HOST, port=self.port, compress=False, **{"tz_mode": "naive_utc", **options})


def is_installed() -> bool:
    """Whether the engine and what speaks to it are there."""
    return all(importlib.util.find_spec(name) is not None for name in ("chdb", "clickhouse_connect"))


@contextmanager
def running() -> Iterator[Server]:
    """A fresh server in a process of its own, for as long as the context lasts."""
    root = Path(__file__).parents[2]
    with tempfile.TemporaryDirectory(prefix="segwh-clickhouse-") as home:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.engines.clickhouse_server", home],
            cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            port = process.stdout.readline()
            if not port:
                raise RuntimeError("the server did not start")
            yield Server(int(port))
        finally:
            process.stdin.close()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def main() -> None:
    """Serve until the input ends."""
    Handler.engine = Engine(sys.argv[1])
    server = ThreadingHTTPServer((HOST, 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()
    # at once: the engine would first bring files in order that are removed then
    os._exit(0)


if __name__ == "__main__":
    main()
