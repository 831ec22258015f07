"""The tables of docs/engines.md that are made: what was shown of each engine, and what it cannot do."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from segwh.features import INSTEAD, Feature
from segwh.sql.dialects import DIALECTS, SqlDialect
from segwh.sql.lacks import refused
from segwh.warehouse.target import DIALECT_OF_ADAPTER
from tests.docs.evidence import ROOT
from tests.engines.results import Result, kept

PAGE = ROOT / "docs" / "engines.md"
BEGIN = "<!-- Made by `python docs/make_reference.py` from the dialects and tests/engines/results; a test compares. -->\n"
END = "<!-- End of what is made. -->\n"
UNSHOWN = "nothing was kept"


def page() -> str:
    """The document as it is, with its tables made anew."""
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + tables() + END + after


def tables() -> str:
    """The tables."""
    return "\n".join(["", *shown(), "", *lacking(), "", *largest(), "", ""])


def shown() -> Iterator[str]:
    """What was shown of each engine."""
    found = {dialect: list(results) for dialect, results in groupby(kept(), key=lambda result: result.dialect)}
    yield "| adapter | dialect | engine | shown |"
    yield "| --- | --- | --- | --- |"
    for adapter, name in DIALECT_OF_ADAPTER.items():
        said = "; ".join(words(result) for result in found.get(name, ())) or UNSHOWN
        yield f"| `{adapter}` | `{name}` | {DIALECTS[name].title} | {said} |"


def words(result: Result) -> str:
    """What one result says."""
    if result.how == "parsed":
        return f"parsed by {result.engine} {result.version}: {result.equal:,} of {result.told:,} statements"
    if result.how == "dbt":
        return f"dbt on {result.engine} {result.version}: {result.equal} of {result.told} runs with DuckDB's rows"
    others = f", {result.refused} refused" if result.refused else ""
    return f"{result.how} on {result.engine} {result.version}: {result.equal} of {result.told} stories equal{others}"


def lacking() -> Iterator[str]:
    """What engines cannot do, with the mistake that one sees."""
    yield "| a rule that asks for | on | is the mistake [SEG090](errors.md#seg090) | with what to write instead |"
    yield "| --- | --- | --- | --- |"
    for feature in Feature:
        without = [dialect.title for dialect in DIALECTS.values() if feature in refused(dialect)]
        if without:
            mistake = f"the segment ... asks for {feature}, which {without[0]} does not have"
            yield f"| {feature} | {', '.join(without)} | {mistake} | {INSTEAD[feature]} |"


def largest() -> Iterator[str]:
    """What engines take at most."""
    yield "| engine | bytes of a statement | columns of a table | queries of a union |"
    yield "| --- | --- | --- | --- |"
    for dialect in DIALECTS.values():
        yield f"| {dialect.title} | {' | '.join(numbers(dialect))} |"


def numbers(dialect: SqlDialect) -> Iterator[str]:
    """The limits of an engine, in words where there is none."""
    limits = dialect.limits
    for limit in (limits.statement, limits.columns, limits.unions):
        yield "-" if limit is None else f"{limit:,}"
