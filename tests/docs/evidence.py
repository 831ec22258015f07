"""Where each feature is proven: stories, golden plans, golden SQL, the reference, other tests."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cache
from pathlib import Path

from segwh import ir, semantics
from segwh.catalog import model
from segwh.project import load_texts
from segwh.sql import DIALECTS
from segwh.text.source import Span
from tests.cases import harness
from tests.docs import features
from tests.docs.features import FEATURES, Feature, Id
from tests.sql import stories
from tests.sql.families import SETTINGS

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "segwh" / "reference"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where one feature is seen. Names of stories; names of golden projects; modules of the reference; files of tests."""

    feature: Feature
    stories: tuple[str, ...]
    goldens: tuple[str, ...]
    reference: tuple[str, ...]
    tests: tuple[str, ...]


@cache
def all_evidence() -> tuple[Evidence, ...]:
    """The evidence of every feature; stories that tell of little else come first."""
    told = used_by_stories()
    plainest = sorted(told, key=lambda name: (len(told[name]), name))
    kept = {name: features.used(stories.files(name), SETTINGS.get(name)) for name in stories.STORIES}
    kept = dict(sorted(kept.items(), key=lambda item: (len(item[1]), item[0])))
    named = names_by_module()
    return tuple(
        Evidence(
            feature,
            tuple(name for name in plainest if feature.id in told[name]),
            tuple(name for name, used in kept.items() if feature.id in used and goldens_exist(name)),
            supported(feature, named),
            () if feature.decides else tests_with(feature.name.split(":")[0]),
        )
        for feature in FEATURES
    )


@cache
def used_by_stories() -> Mapping[str, frozenset[Id]]:
    """What every story uses; stories that expect a refusal apart."""
    found = {}
    for path in harness.paths():
        case = harness.load(path)
        if any(check.refused is None for check in case.checks):
            found[case.name] = features.used(case.texts, case.settings)
    return found


def goldens_exist(name: str) -> bool:
    """Whether the plan and the SQL of a golden project are kept, with how every dialect differs."""
    plan, sql = ROOT / "tests/plan/golden", ROOT / "tests/sql/golden"
    differ = all(f"=== {name}\n" in (sql / f"{dialect}.diff").read_text(encoding="utf-8") for dialect in DIALECTS)
    return (plan / f"{name}.txt").is_file() and (sql / f"{name}.sql").is_file() and differ


# --- the reference --------------------------------------------------------------------------------------------------------

Names = Mapping[str, frozenset[str]]
NO_MATTER = frozenset({"Event.id_unique", "Segment.hidden"})
"""Fields that a naive evaluator has no use for: to trust an id, and what is shown to people, change no member."""
NODES = {name: node for module in (ir, model, semantics) for name, node in vars(module).items() if is_dataclass(node)}
RULES = {inspect.getmodule(node) for module in (ir, model) for node in vars(module).values() if is_dataclass(node)}
"""The modules that say what bound rules and catalogs are."""


@cache
def names_by_module() -> Names:
    """By module of the reference: every attribute it asks for and every class and field that it takes apart.

    What a method of the bound rules asks for is asked for by whoever calls the method.
    """
    methods = {
        node.name: set(names_in([node]))
        for module in RULES
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(node, ast.FunctionDef)
    }
    found = {}
    for path in sorted(REFERENCE.glob("*.py")):
        names = set(names_in(ast.walk(ast.parse(path.read_text(encoding="utf-8")))))
        for method in names & set(methods):
            names |= methods[method]
        found[path.stem] = frozenset(names)
    return found


def names_in(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Attributes that are read, and classes with the fields that a pattern binds as `Class.field`."""
    for top in nodes:
        for node in ast.walk(top) if isinstance(top, ast.FunctionDef) else [top]:
            match node:
                case ast.Attribute(_, name):
                    yield name
                case ast.MatchClass(cls, patterns, keywords):
                    name = cls.attr if isinstance(cls, ast.Attribute) else cls.id if isinstance(cls, ast.Name) else ""
                    declared = [one.name for one in fields(NODES[name])] if name in NODES else []
                    yield from (f"{name}.{field}" for field in (*declared[: len(patterns)], *keywords))


def supported(feature: Feature, named: Names) -> tuple[str, ...]:
    """The modules of the reference that know what a feature is bound to; none if a field that it sets is asked for nowhere."""
    if not feature.decides:
        return ()
    whole = marks(feature.files, feature.settings) - NO_MATTER
    usual = frozenset() if "entities:" in feature.text else marks(Feature("", "", "", "", features.segment()).files, None)
    found: set[str] = set()
    for mark in (whole - usual) or whole:
        node, _, field = mark.partition(".")
        modules = {module for module, names in named.items() if mark in names or (field or node) in names}
        if field and not modules:
            return ()
        found |= modules
    return tuple(sorted(found))


def marks(files: Mapping[str, str], settings: str | None) -> frozenset[str]:
    """The node classes of a bound project, and their fields that are not at their defaults."""
    loaded = load_texts(files, settings)
    assert loaded.project is not None, loaded.text
    return frozenset(marks_of(loaded.project))


def marks_of(node: object) -> Iterator[str]:
    """Classes and fields, all the way down; what is left out of equality means nothing."""
    if isinstance(node, tuple):
        for part in node:
            yield from marks_of(part)
    elif is_dataclass(node) and not isinstance(node, Span):
        name = type(node).__name__
        yield name
        for one in fields(node):
            value = getattr(node, one.name)
            if one.compare and value != one.default:
                if one.default is not MISSING:
                    yield f"{name}.{one.name}"
                yield from marks_of(value)


# --- other tests ----------------------------------------------------------------------------------------------------------


WRITTEN_ONLY = tuple(f"tests/{name}/" for name in ("docs", "cases", "errors", "frontend/schema", "importing"))
"""Folders in which a key that does not decide is at most written, not tried."""


@cache
def texts_of_tests() -> Mapping[str, str]:
    """The texts of tests that use what does not decide about members, by file."""
    files = sorted(path for path in (ROOT / "tests").rglob("*") if path.suffix in (".py", ".yml", ".txt"))
    texts = {path.relative_to(ROOT).as_posix(): path for path in files}
    return {name: path.read_text(encoding="utf-8") for name, path in texts.items() if not name.startswith(WRITTEN_ONLY)}


def tests_with(key: str) -> tuple[str, ...]:
    """Files of tests in which a key stands."""
    wanted = re.compile(rf"(?:\b|\\n){key}['\"]?[:=]")
    return tuple(name for name, text in texts_of_tests().items() if wanted.search(text))
