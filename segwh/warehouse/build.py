"""`dbt build` on the compiled project: what to select in, one event per step as it happens, what became of each node out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from segwh.warehouse.connection import Warehouse, invoke, where

SEGWH_TAG = "tag:segwh"
"""What dbt selects when the user names nothing else: every node that segwh compiled."""

Status = Literal["ok", "warn", "failed", "skipped"]
STATUS_OF: Mapping[str, Status] = {
    "success": "ok",
    "pass": "ok",
    "no-op": "ok",
    "warn": "warn",
    "skipped": "skipped",
    "partial success": "failed",
    "error": "failed",
    "fail": "failed",
    "runtime error": "failed",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One node of the build, such as a model or a test. `seconds` is how long it took, 0 while it runs."""

    name: str
    kind: str
    number: int
    total: int
    status: Status | Literal["running"] = "running"
    seconds: float = 0.0
    message: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A line that a macro or dbt itself wants read while building."""

    text: str
    is_warning: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a node: its name, kind (model, test, ...), file, status, and dbt's message if it failed.

    `is_compiled` says whether segwh wrote it; all others are the user's.
    """

    name: str
    kind: str
    path: str
    status: Status
    message: str
    is_compiled: bool
    hint: str = ""
    """What the catalog has to do with it."""


Event = Step | Note


def build(
    warehouse: Warehouse,
    *,
    select: Sequence[str] = (),
    threads: int | None = None,
    variables: str = "",
    watch: Callable[[Event], None] = lambda event: None,
) -> tuple[Outcome, ...]:
    """Run `dbt build` for what is selected (default: all that segwh compiled), reusing the parsed project.

    `variables` is a YAML mapping as for dbt's --vars: those that the project was opened with, and such as matter only when
    models run. `watch` gets each event in dbt's own threads. Raises UserError if dbt cannot start.
    """
    arguments = ["build", *where(warehouse.target, variables)]
    arguments += ["--select", *(select or (SEGWH_TAG,))]
    if threads is not None:
        arguments += ["--threads", str(threads)]
    listener = _Listener(watch)
    result = invoke(arguments, manifest=warehouse.manifest, callbacks=[listener], failures=True)
    return tuple(_outcome(item) for item in result.results)


class _Listener:
    """Turns dbt's structured log into events. dbt calls it from several threads."""

    def __init__(self, watch: Callable[[Event], None]) -> None:
        self._watch = watch
        self._place: dict[str, tuple[int, int]] = {}

    def __call__(self, event: Any) -> None:
        match event.info.name:
            case "LogStartLine":
                place = (event.data.index, event.data.total)
                self._place[event.data.node_info.unique_id] = place
                self._watch(Step(event.data.node_info.node_name, event.data.node_info.resource_type, *place))
            case "SkippingDetails":
                self._place[event.data.node_info.unique_id] = (event.data.index, event.data.total)
            case "NodeFinished":
                info, result = event.data.node_info, event.data.run_result
                number, total = self._place.get(info.unique_id, (0, 0))
                status = STATUS_OF.get(result.status, "failed")
                step = Step(info.node_name, info.resource_type, number, total, status, result.execution_time, result.message)
                self._watch(step)
            case "JinjaLogInfo" | "PrintEvent":
                self._watch(Note(event.data.msg, is_warning=False))
            case "JinjaLogWarning":
                self._watch(Note(event.data.msg, is_warning=True))
            case _:
                return


def _outcome(item: Any) -> Outcome:
    return Outcome(
        name=item.node.name,
        kind=str(item.node.resource_type),
        path=item.node.original_file_path,
        status=STATUS_OF.get(str(item.status), "failed"),
        message=item.message or "",
        is_compiled="segwh" in item.node.tags,
    )
