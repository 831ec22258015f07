"""A BigQuery in the making: dbt and statements on bqemulator, which turns BigQuery's SQL into DuckDB's.

A program for an environment of its own, for the emulator wants another version of duckdb.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from typing import Any

import google.auth
from bqemulator.config import Settings
from bqemulator.server import EmulatorServer
from duckdb_extensions import import_extension
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from worker_lines import serve

PROJECT = "shop"


def main() -> None:
    """Answer until the input ends."""
    import_extension("spatial")
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    emulator = EmulatorServer(Settings(rest_port=0, grpc_port=0, default_project_id=PROJECT, log_level="error"))
    asyncio.run_coroutine_threadsafe(emulator.start(), loop).result(90)
    place = emulator.rest_url
    os.environ["BIGQUERY_EMULATOR_HOST"] = place
    google.auth.default = lambda *given, **named: (AnonymousCredentials(), PROJECT)
    client = bigquery.Client(PROJECT, AnonymousCredentials(), client_options={"api_endpoint": place})
    client.create_dataset(sys.argv[1])
    within = bigquery.QueryJobConfig(default_dataset=f"{PROJECT}.{sys.argv[1]}")

    def rows(query: str) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in client.query(query, job_config=within).result()]

    def execute(statement: str) -> None:
        client.query(statement, job_config=within).result()

    serve(execute, rows)


if __name__ == "__main__":
    main()
