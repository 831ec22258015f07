"""The documents that are made from the code: the reference, the table of what proves it, and the codes of mistakes."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path

import click

from segwh.cli import cli
from segwh.project import load_project
from segwh.rules.json_schema import NOT_COVERED
from segwh.rules.words import Place
from segwh.semantics import Unit
from segwh.text.diagnostics import MEANINGS, Code
from segwh.types import DataType
from tests.docs import engines
from tests.docs.evidence import ROOT, Evidence, all_evidence
from tests.docs.features import MEASURE, OPERATOR, RFM_PART, TRAIT_MEASURE, WINDOW, Feature

NOTE = "<!-- Made by `python docs/make_reference.py` from the tables in the code; a test compares. -->\n"
SHOWN = 3
"""Stories and tests that are linked for one feature: those that tell of little else."""

INTRODUCTIONS: Mapping[str, str] = {
    Place.CONDITION: "A condition is a mapping with one of these subjects, or the word `everyone`.",
    Place.COMBINATOR: "They hold conditions, and nest as deep as you like. An empty list is an error.",
    OPERATOR: "An attribute condition has exactly one. A negative one complements its positive: it is true on what is missing.",
    Place.ARGUMENT: "Forms that some operators and measures take, and what may stand beside them.",
    MEASURE: "At most one in a condition on rows. The types are those of the property that is measured.",
    WINDOW: "At most one in a condition on an event, in a sequence, in a trait. Each is a half-open stretch of time.",
    Place.SEQUENCE: "Keys of a step; a step is a condition on an event without window and measure.",
    Place.TRAIT: "An item of `traits` has a `name`, an `entity` and one of these. It is used as an attribute.",
    TRAIT_MEASURE: "What may stand in a trait over rows. The types are those of the property that is measured.",
    Place.RFM: "Keys of `rfm`. `recency`, `frequency` and `monetary` say how each becomes a score.",
    RFM_PART: "Attributes that a trait named `rfm` makes.",
    Place.SEGMENT: "Keys of an item of `segments`; a matrix takes those of them that are no name, rule or split.",
    Place.LIMIT: "Keys of `limit`: the best of those eligible, after exclusions and groups.",
    Place.SPLIT: "Keys of `split`: `md5(seed:key)` decides, the same on every engine.",
    Place.STAY: "Keys of `stay`.",
    Place.CONDITIONS: "Keys of an item of `conditions`.",
    Place.GROUP: "Keys of an item of `groups`.",
    Place.MATRIX: "Keys of an item of `matrices`.",
    Place.EXCLUSION: "Keys of an item of `exclusions`.",
    Place.ENTITY: "Keys of an item of `entities`.",
    Place.EVENT: "Keys of an item of `events`.",
    Place.RELATED: "Keys of an item of `related`.",
    Place.LOOKUP: "Keys of one of the `lookups`.",
    Place.COLUMN: "An attribute or property is `name: type`, or a mapping of these.",
    Place.SETTING: "Keys of segwh.yml.",
}
TYPES = {
    DataType.STRING: "text",
    DataType.INTEGER: "whole numbers",
    DataType.NUMBER: "doubles; sums and averages are equal only up to rounding",
    DataType.DECIMAL: "exact numbers, for money; the scale is the column's own",
    DataType.BOOLEAN: "true or false",
    DataType.DATE: "a local day; as an instant its local midnight",
    DataType.TIMESTAMP: "an instant; a column without zone is UTC unless the catalog names a zone",
    DataType.STRING_LIST: "several texts",
}


LAST = ("Types", "Durations", "Commands")


def pages() -> dict[str, str]:
    """The text of each document by its name in docs/."""
    return {"reference.md": reference(), "coverage.md": coverage(), "errors.md": errors(), "engines.md": engines.page()}


def families() -> Iterator[tuple[str, list[Evidence]]]:
    """The evidence by family, in order."""
    for family, found in groupby(all_evidence(), key=lambda evidence: evidence.feature.family):
        yield family, list(found)


def reference() -> str:
    """Every word of the language, and every command."""
    parts = [
        "# Reference\n",
        NOTE,
        "Every word of the language: what it says, of which types, an example, and stories in the tests that use it,\n"
        "with rows one can see and members that a person wrote down. [language.md](language.md) explains,\n"
        "[coverage.md](coverage.md) tells what proves it, [errors.md](errors.md) lists the mistakes.\n",
        *(f"- [{title}](#{anchor(title)})" for title in (*(family for family, _ in families()), *LAST)),
        "",
    ]
    for family, found in families():
        parts += [f"\n## {family}\n", INTRODUCTIONS[family] + "\n"]
        parts += table(("word", *(("of",) if any(one.feature.types for one in found) else ()), "says", "example", "stories"),
                       (row(one, any(other.feature.types for other in found)) for one in found))  # fmt: skip
    parts += ["\n## Types\n", *table(("type", "holds"), ((code(str(type_)), TYPES[type_]) for type_ in DataType))]
    units = ", ".join(f"`{unit.value}`" for unit in Unit)
    meaning = f"A whole number above 0 and a unit: {units}; the singular says the same. `30 days ago` is as-of minus them."
    parts += ["\n## Durations\n", meaning]
    parts += ["\n## Commands\n", *commands()]
    return "\n".join(parts) + "\n"


def anchor(title: str) -> str:
    """The anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def row(one: Evidence, has_types: bool) -> tuple[str, ...]:
    """A row of the reference."""
    feature = one.feature
    proof = one.stories or one.tests
    return (
        code(feature.name),
        *((feature.types,) if has_types else ()),
        feature.doc,
        code(shown(feature)),
        linked(proof, story=bool(one.stories)),
    )


WHOLE_EXAMPLES = (Place.ARGUMENT, Place.CONDITION, Place.SEQUENCE, Place.TRAIT, Place.RFM)


def shown(feature: Feature) -> str:
    """The example, unless it does not show the word."""
    return feature.example if feature.family in WHOLE_EXAMPLES or feature.name.split(":")[0] in feature.example else ""


def linked(names: tuple[str, ...], *, story: bool) -> str:
    """Links to a few stories or tests."""
    paths = [f"tests/cases/{name}.yml" if story else name for name in names[:SHOWN]]
    links = [f"[{Path(path).stem}](../{path})" for path in paths]
    return ", ".join(links) + (", ..." if len(names) > SHOWN else "")


def code(text: str) -> str:
    """A text as code in a cell of a table."""
    return f"`{escaped(text)}`" if text else ""


def escaped(text: str) -> str:
    """A text that ends no cell."""
    return text.replace("|", "\\|")


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """The lines of a table."""
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for cells in rows:
        yield f"| {' | '.join(cells)} |"


def commands() -> Iterator[str]:
    """Every command with its arguments and options."""
    yield "Exit codes: 0 done, 1 something you can fix, 2 a fault of segwh, 130 stopped with Ctrl-C.\n"
    for name, command in cli.commands.items():
        context = click.Context(command, info_name=f"segwh {name}")
        arguments = [one for one in command.params if isinstance(one, click.Argument)]
        yield f"### segwh {name}\n"
        yield f"{(command.help or '').strip()}\n"
        yield f"    {' '.join(['segwh', name, '[OPTIONS]', *(one.make_metavar(context) for one in arguments)])}\n"
        records = [one.get_help_record(context) for one in command.params if isinstance(one, click.Option)]
        yield from table(("option", "says"), ((code(option), escaped(says)) for option, says in filter(None, records)))
        yield ""


# --- coverage -------------------------------------------------------------------------------------------------------------


def coverage() -> str:
    """What proves each feature."""
    parts = [
        "# What proves each word\n",
        NOTE,
        "Of each word that bears on who is a member, or on what a trait is:\n",
        "- which **stories** use it: rows one can see, members written down by hand, held against DuckDB and the\n"
        "  reference; those that tell of little else come first;",
        "- in which small project its **plan and SQL** are kept, for every dialect;",
        "- which modules of the **reference**, the naive second evaluator, know it;",
        "- whether the **random projects** of the property suite draw it.\n",
        "Tests in `tests/docs` fail when one of these is missing. Of the other words: which tests use them.\n"
        "[reference.md](reference.md) says what each means.\n",
    ]
    for family, found in families():
        deciding = [one for one in found if one.feature.decides]
        others = [one for one in found if not one.feature.decides]
        parts.append(f"\n## {family}\n")
        if deciding:
            parts += table(("word", "stories", "plan and SQL", "reference", "random projects"), map(proof, deciding))
        if others:
            parts += ["", "Not about members:" if deciding else "None of them is about members:", ""]
            parts += table(("word", "tests"), ((code(one.feature.name), linked(one.tests, story=False)) for one in others))
    parts += [
        "\n## What the JSON Schema leaves to segwh\n",
        "The schema that `segwh init` writes for editors judges files as `segwh validate` does, but for this:\n",
        *(f"- {line}" for line in NOT_COVERED),
    ]
    return "\n".join(parts) + "\n"


def proof(one: Evidence) -> tuple[str, ...]:
    """A row of the table of proof."""
    kept = one.goldens[0]
    goldens = f"[{kept}](../tests/plan/golden/{kept}.txt), [SQL](../tests/sql/golden/{kept}.sql)"
    return code(one.feature.name), linked(one.stories, story=True), goldens, ", ".join(one.reference), "drawn"


# --- mistakes -------------------------------------------------------------------------------------------------------------


def errors() -> str:
    """Every code with what it means and an example."""
    found = examples()
    parts = [
        "# Mistakes\n",
        NOTE,
        "Every code keeps its meaning for ever. The examples are those of `tests/errors`, kept as text there.\n",
        *table(("code", "means"), ((f"[{one.value}](#{one.value.lower()})", escaped(MEANINGS[one])) for one in Code)),
    ]
    for one in Code:
        meaning = f"{MEANINGS[one][0].upper()}{MEANINGS[one][1:]}.\n"
        parts += [f"\n## {one.value}\n", meaning, "```text", found[one].rstrip("\n"), "```"]
    return "\n".join(parts) + "\n"


def examples() -> Mapping[Code, str]:
    """For each code the shortest message that some test expects. Raises KeyError for a code without one."""
    cases = sorted((ROOT / "tests/errors").glob("*.txt"))
    texts = [path.read_text(encoding="utf-8").partition("=== expected\n")[2] for path in cases]
    texts.append((ROOT / "tests/fixtures/mistakes.txt").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as empty:
        texts.append(load_project(Path(empty)).text)
    messages: dict[str, list[str]] = {}
    for text in texts:
        for message in re.split(r"\n(?=\n)\n", text.strip()):
            if shown_code := re.search(r": (?:error|warning) (SEG\d+): ", message):
                messages.setdefault(shown_code[1], []).append(message)
    return {one: min(messages[one.value], key=plainness) for one in Code}


def plainness(message: str) -> tuple[bool, int, int]:
    """A message that is not too long, but says all it can, comes first."""
    return len(message) > 700, -message.count("\n"), len(message)
