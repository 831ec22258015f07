"""The reading of segwh.yml."""

from __future__ import annotations

from decimal import Decimal
from pathlib import PurePosixPath
from typing import Literal as OneWordOf

from segwh.catalog.load import time_zone
from segwh.ir import Settings
from segwh.rules.options import fraction
from segwh.rules.windows import WEEK_DAYS
from segwh.semantics import Calendar
from segwh.text.diagnostics import Code, Complaints, RejectedError
from segwh.text.reading import Reader, described
from segwh.text.source import Node, Scalar

KEYS = (
    "version", "timezone", "week_starts_on", "rules_path", "models_path", "macros_path", "max_exit_fraction", "as_of_unit",
    "unit_tests",
)  # fmt: skip
VERSION = 1


def read_settings(root: Node | None, complaints: Complaints) -> Settings:
    """What segwh.yml says; defaults where it is silent or wrong. An empty file is all defaults."""
    if root is None:
        return Settings()
    reader = Reader(complaints)
    try:
        fields = reader.fields(root, "segwh.yml", KEYS)
    except RejectedError:
        return Settings()
    try:
        fields.need("version")
        fields.read("version", lambda node: reader.whole(node, "a version of the language", VERSION, VERSION), VERSION)
    except RejectedError:
        pass
    default = Settings()
    week = fields.read("week_starts_on", lambda node: reader.word(node, WEEK_DAYS, "a day of the week"), WEEK_DAYS[0])
    calendar = Calendar(fields.read("timezone", lambda node: time_zone(node, reader), "UTC"), WEEK_DAYS.index(week))
    unit = fields.read("as_of_unit", lambda node: reader.word(node, ("day", "hour"), "a unit of as-of"), "")
    as_of_unit: OneWordOf["day", "hour"] | None = "day" if unit == "day" else "hour" if unit == "hour" else None
    settings = Settings(
        calendar=calendar,
        rules_path=fields.read("rules_path", lambda node: inner_path(node, reader), default.rules_path),
        models_path=fields.read("models_path", lambda node: inner_path(node, reader), default.models_path),
        macros_path=fields.read("macros_path", lambda node: inner_path(node, reader), default.macros_path),
        max_exit_fraction=fields.read("max_exit_fraction", lambda node: breaker(node, reader), default.max_exit_fraction),
        as_of_unit=as_of_unit,
        unit_tests=fields.read("unit_tests", reader.flag, default.unit_tests),
    )
    fields.finish()
    return settings


def breaker(node: Node, reader: Reader) -> Decimal | None:
    """A fraction, or `false` for no circuit breaker."""
    if isinstance(node, Scalar) and node.plain and node.text == "false":
        return None
    return fraction(node, reader)


def inner_path(node: Node, reader: Reader) -> str:
    """A folder inside the project, with forward slashes. Raises RejectedError for one outside."""
    path = PurePosixPath(reader.text(node, "a folder").replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or path == PurePosixPath(".") or path.parts[0].endswith(":"):
        message = f"{described(node)} is not a folder inside the project"
        reader.complaints.reject(Code.BAD_SETTING, node.span, message, "a relative path without `..`")
    return str(path)
