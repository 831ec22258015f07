"""What segwh keeps beside dbt's artifacts for the next time: written whole or not at all, read only as it was written.

Nothing here is needed. What is missing, cut off, changed by hand or of another make reads as nothing, and all is made anew.
It is JSON and nothing that could run. Its digest tells damage, not malice: who may write into `target/` may write the models.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from contextlib import suppress
from pathlib import Path

FOLDER = "target"
"""The folder of a dbt project where dbt keeps what it can do without, too."""


def put(project_dir: Path, name: str, text: str) -> None:
    """Write a file of that name; where nothing can be written, nothing is kept."""
    path = project_dir / FOLDER / name
    whole: Path | None = None
    try:
        path.parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".segwh-", delete=False, encoding="utf-8") as file:
            whole = Path(file.name)
            file.write(text)
        whole.replace(path)
    except OSError:
        if whole is not None:
            with suppress(OSError):
                whole.unlink()


def keep(project_dir: Path, name: str, maker: str, kept: object) -> None:
    """Keep what JSON can say under a name. `maker` is a digest of all that makes it so beside what it says itself."""
    body = json.dumps({"maker": maker, "kept": kept}, separators=(",", ":"))
    put(project_dir, name, f"{hashlib.sha256(body.encode()).hexdigest()}\n{body}")


def kept(project_dir: Path, name: str, maker: str) -> object:
    """What was kept under a name by the same maker; None where there is none, or not as it was written."""
    try:
        digest, _, body = (project_dir / FOLDER / name).read_bytes().partition(b"\n")
        if hashlib.sha256(body).hexdigest().encode() != digest:
            return None
        told = json.loads(body)
        return told["kept"] if told["maker"] == maker else None
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
