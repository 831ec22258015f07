"""The reading of segwh.yml."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Literal as OneWordOf

from segwh.catalog.load import time_zone
from segwh.ir import Settings
from segwh.rules.options import fraction, growth
from segwh.rules.windows import WEEK_DAYS
from segwh.semantics import Calendar
from segwh.text.diagnostics import Code, Complaints, RejectedError
from segwh.text.reading import Fields, Reader, described
from segwh.text.source import Items, Mapping, Node, Scalar, UnusableNumber, start_of, value_of

KEYS = (
    "version", "timezone", "week_starts_on", "rules_path", "models_path", "macros_path", "max_exit_fraction",
    "max_entry_fraction", "as_of_unit", "load_delay", "unit_tests", "storage",
)  # fmt: skip
VERSION = 1
STORED = ("facts", "members", "state", "log")
NOT_STORAGE = frozenset({
    "materialized", "unique_key", "incremental_strategy", "full_refresh", "on_schema_change", "pre_hook", "post_hook",
    "pre-hook", "post-hook", "tags", "enabled", "alias", "contract", "indexes",
})  # fmt: skip
"""What a wrong word in would break the log."""


def read_settings(root: Node | None, complaints: Complaints) -> Settings:
    """What segwh.yml says; defaults where it is silent or wrong."""
    if root is None:
        if not complaints.incomplete:  # else the text cannot be read, which is said already
            complaints.error(Code.MISSING_KEY, start_of("segwh.yml"), "segwh.yml has no `version`", "`version`")
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
    exits = default.max_exit_fraction
    settings = Settings(
        calendar=calendar,
        rules_path=fields.read("rules_path", lambda node: inner_path(node, reader), default.rules_path),
        models_path=fields.read("models_path", lambda node: inner_path(node, reader), default.models_path),
        macros_path=fields.read("macros_path", lambda node: inner_path(node, reader), default.macros_path),
        max_exit_fraction=fields.read("max_exit_fraction", lambda node: breaker(node, reader, fraction), exits),
        max_entry_fraction=fields.read("max_entry_fraction", lambda node: breaker(node, reader, growth), None),
        as_of_unit=as_of_unit,
        load_delay=fields.read("load_delay", reader.duration, default.load_delay),
        unit_tests=fields.read("unit_tests", reader.flag, default.unit_tests),
        storage=fields.read("storage", lambda node: storage(node, reader), default.storage),
    )
    fields.finish()
    check_places(settings, fields)
    return settings


def check_places(settings: Settings, fields: Fields) -> None:
    """Nothing that is compiled lies among the rules, where it would be read as one of them, nor the other way round."""
    rules = PurePosixPath(settings.rules_path)
    for key, path in (("models_path", settings.models_path), ("macros_path", settings.macros_path)):
        compiled = PurePosixPath(path)
        if rules.is_relative_to(compiled) or compiled.is_relative_to(rules):
            place = fields.key_span(key if fields.get(key) is not None else "rules_path")
            message = f"`{path}` and the rules in `{settings.rules_path}` are not apart"
            fields.complaints.error(Code.BAD_SETTING, place, message, "folders of which none lies in the other")


def storage(node: Node, reader: Reader) -> dict[str, dict[str, object]]:
    """Options of dbt for each of the large tables. Raises RejectedError."""
    fields = reader.fields(node, "`storage`", STORED)
    found = {table: fields.read(table, lambda given: options_of(given, reader), {}) for table in STORED}
    fields.finish()
    return {table: options for table, options in found.items() if options}


def options_of(node: Node, reader: Reader) -> dict[str, object]:
    """Options of dbt as plain data. Raises RejectedError for one that segwh sets itself."""
    if not isinstance(node, Mapping):
        reader.complaints.reject(
            Code.WRONG_SHAPE, node.span, f"{described(node)} stands where options of dbt are expected", "a mapping"
        )
    for key, _ in node.entries:
        if key.text.lstrip("+") in NOT_STORAGE:
            message = f"`{key.text}` is no option of storage: segwh sets it itself"
            reader.complaints.reject(Code.BAD_SETTING, key.span, message, "an option such as `cluster_by` or `partition_by`")
    return {key.text: plain(value, reader) for key, value in node.entries}


def plain(node: Node, reader: Reader) -> object:
    """A node as texts, whole numbers, booleans, None, lists and mappings. Raises RejectedError for other numbers."""
    match node:
        case Mapping(entries=entries):
            return {key.text: plain(value, reader) for key, value in entries}
        case Items(items=items):
            return [plain(item, reader) for item in items]
        case Scalar():
            value = value_of(node)
            if isinstance(value, (Decimal, UnusableNumber)):
                reader.complaints.reject(
                    Code.WRONG_SHAPE,
                    node.span,
                    f"{described(node)} is no value of an option",
                    "a whole number, or text in quotes",
                )
            return value


def breaker(node: Node, reader: Reader, read: Callable[[Node, Reader], Decimal]) -> Decimal | None:
    """What `read` makes of it, or `false` for no circuit breaker."""
    if isinstance(node, Scalar) and node.plain and node.text == "false":
        return None
    return read(node, reader)


def inner_path(node: Node, reader: Reader) -> str:
    """A folder inside the project, with forward slashes. Raises RejectedError for one outside."""
    path = PurePosixPath(reader.text(node, "a folder").replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or path == PurePosixPath(".") or path.parts[0].endswith(":"):
        message = f"{described(node)} is not a folder inside the project"
        reader.complaints.reject(Code.BAD_SETTING, node.span, message, "a relative path without `..`")
    return str(path)
