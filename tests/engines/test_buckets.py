"""Splits on 100,000 keys: every engine puts each key into the bucket that the reference does, in every run.

An engine is one more line of ENGINES: its fixture, how it makes rows of a list of hexadecimal texts, and how many keys it is
given in each run, where all of them take it too long; `-m slow` gives it all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from random import Random

import duckdb
import pytest

from segwh import ir
from segwh.plan import build
from segwh.reference.evaluate import bucket, evaluate
from segwh.sql.compile import facts_query
from segwh.sql.holes import RelationHole
from segwh.sql.render import literals, render
from segwh.types import Relation
from tests.cases import compiled, harness
from tests.cases.duck import Duck
from tests.cases.engine import Engine
from tests.engines.postgres_engine import postgres_engine

__all__ = ["postgres_engine"]

NUMBER = 100_000
SEED = "q1: d'été \\ {{ 2 }}"
AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
RULES = """
entities:
  - {name: person, relation: ref('people'), key: person_id}
  - {name: thing, relation: ref('things'), key: {column: thing_id, type: integer}}
segments:
  - {name: people, label: P, entity: person, include: everyone, split: {seed: SEED, variants: VARIANTS}}
  - {name: things, label: T, entity: thing, include: everyone, split: {seed: SEED, variants: VARIANTS}}
""".replace("SEED", "\"q1: d'été \\\\ {{ 2 }}\"").replace("VARIANTS", "{holdout: 10, a: 33.33, b: 0.01, c: 56.66}")
SHARES = {"holdout": (0, 1_000), "a": (1_000, 4_333), "b": (4_333, 4_334), "c": (4_334, 10_000)}
"""The buckets of each variant, written by hand: in the order written, the first bucket and the one after the last."""


@dataclass(frozen=True, slots=True)
class Place:
    """An engine, and the queries that make keys of `{hexes}`, a list of hexadecimal texts parted by commas."""

    fixture: str
    texts: str
    integers: str
    keys: int = NUMBER
    most: int = NUMBER


ENGINES = (
    Place(
        "duck",
        "SELECT decode(unhex(one)) AS person_id FROM (SELECT unnest(string_split('{hexes}', ',')) AS one)",
        "SELECT CAST(decode(unhex(one)) AS BIGINT) AS thing_id FROM (SELECT unnest(string_split('{hexes}', ',')) AS one)",
    ),
    Place(
        "postgres_engine",
        "SELECT convert_from(decode(one, 'hex'), 'UTF8') AS person_id FROM unnest(string_to_array('{hexes}', ',')) AS one",
        "SELECT CAST(convert_from(decode(one, 'hex'), 'UTF8') AS BIGINT) AS thing_id "
        "FROM unnest(string_to_array('{hexes}', ',')) AS one",
    ),
    Place(
        "spark",
        "SELECT decode(unhex(one), 'UTF-8') AS person_id FROM (SELECT explode(split('{hexes}', ',')) AS one)",
        "SELECT CAST(decode(unhex(one), 'UTF-8') AS BIGINT) AS thing_id FROM (SELECT explode(split('{hexes}', ',')) AS one)",
        keys=200,
        most=2_000,  # it plans texts of that length for long
    ),
    Place(
        "clickhouse",
        "SELECT unhex(one) AS person_id FROM (SELECT arrayJoin(splitByChar(',', '{hexes}')) AS one)",
        "SELECT toInt64(unhex(one)) AS thing_id FROM (SELECT arrayJoin(splitByChar(',', '{hexes}')) AS one)",
        keys=2_000,
    ),
    Place(
        "googlesql",
        "SELECT SAFE_CONVERT_BYTES_TO_STRING(FROM_HEX(one)) AS person_id FROM UNNEST(SPLIT('{hexes}', ',')) AS one",
        "SELECT CAST(SAFE_CONVERT_BYTES_TO_STRING(FROM_HEX(one)) AS INT64) AS thing_id "
        "FROM UNNEST(SPLIT('{hexes}', ',')) AS one",
        keys=200,
        most=2_000,  # it interprets row by row
    ),
)


@cache
def texts() -> tuple[str, ...]:
    """Keys of every script, and those that quoting, trimming, case, normal forms or encodings would change."""
    random, letters = Random(1), "aAzZ09 _%-.:'\"\\/äÄßéİıσςΣЖя中文あア한글אבعر़ि𝕏🍵👩‍👩‍👧\t\n\u00a0\u0301\u200b\ufeff\u2028"
    alike = ["\\N", "{{ k }}", "", " ", "a", "A", "a ", " a", "é", "e\u0301", "ß", "SS", "İ", "i̇", ":",
             "1", "01", "1.0", "null", "NULL"]  # fmt: skip
    found = dict.fromkeys(alike)
    while len(found) < NUMBER // 2:
        found["".join(random.choices(letters, k=random.randint(1, 12)))] = None
    found |= {f"customer-{number}": None for number in range(NUMBER - len(found))}
    return tuple(found)


@cache
def integers() -> tuple[int, ...]:
    """Keys in a row, and far away ones."""
    random = Random(2)
    edges = [0, 2**63 - 1, -(2**63), 2**31, -(2**31), 10**18, -1]
    found = dict.fromkeys([*edges, *range(1, NUMBER // 2)])
    while len(found) < NUMBER:
        found[random.randint(-(2**63), 2**63 - 1)] = None
    return tuple(found)


PLACES = [
    *(pytest.param(place, id=place.fixture) for place in ENGINES),
    *(
        pytest.param(replace(place, keys=place.most), id=f"{place.fixture}-{place.most}", marks=pytest.mark.slow)
        for place in ENGINES
        if place.keys < place.most
    ),
]


@pytest.fixture
def duck() -> Iterator[Duck]:
    with duckdb.connect() as connection:
        yield Duck(connection)


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> tuple[Place, Engine]:
    engine: Engine = request.getfixturevalue(request.param.fixture)
    return request.param, engine


def fill(place: Place, engine: Engine, people: tuple[str, ...], things: tuple[int, ...]) -> Callable[[RelationHole], str]:
    """Tables of keys; their names."""
    for name, template, keys in (("people", place.texts, people), ("things", place.integers, things)):
        engine.keep(name, template.replace("{hexes}", ",".join(str(key).encode().hex() for key in keys)))

    def named(hole: RelationHole) -> str:
        assert isinstance(hole, Relation)
        return hole.parts[-1]

    return named


def buckets(engine: Engine, project: ir.Project, entity: str, names: Callable[[RelationHole], str]) -> dict[object, object]:
    """The bucket of each key by the compiled SQL."""
    plan = build(project, {})
    fill_in = literals(names, AS_OF, project.settings.calendar, engine.dialect)
    facts = render(facts_query(plan, entity, engine.dialect), engine.dialect, fill_in)
    (column,) = [segment.bucket for segment in plan.entity(entity).segments if segment.segment.split is not None]
    found = engine.rows(f"SELECT {plan.entity(entity).entity.key.name}, {column} FROM ({facts}) AS facts")
    assert len(found) == len(dict(found))  # type: ignore[arg-type]
    return dict(found)  # type: ignore[arg-type]


def test_each_key_has_the_bucket_and_the_variant_of_the_reference_in_every_run(place: tuple[Place, Engine]) -> None:
    of, engine = place
    project = harness.bound("version: 1\n", {"segments/rules.yml": RULES})
    people, things = texts()[: of.keys], integers()[: of.keys]
    names = fill(of, engine, people, things)
    expected = {"person": {key: bucket(SEED, key) for key in people}, "thing": {key: bucket(SEED, key) for key in things}}
    for entity, told in expected.items():
        assert buckets(engine, project, entity, names) == told
    relations = {Relation("ref", (name,)): name for name in ("people", "things")}
    wanted = [f"{whole}__{variant}" for whole in ("people", "things") for variant in SHARES]
    found = compiled.members(engine, project, wanted, AS_OF, relations)
    for whole, told in (("people", expected["person"]), ("things", expected["thing"])):
        for variant, (low, high) in SHARES.items():
            members = sorted(str(key) for key, one in told.items() if low <= one < high)
            assert found[f"{whole}__{variant}"] == members
    # Members come and go, in another order: whoever stays has the bucket of before.
    names = fill(of, engine, people[::-2], things[::-2])
    for entity, told in expected.items():
        again = buckets(engine, project, entity, names)
        assert again == {key: told[key] for key in again}  # type: ignore[index]
        assert len(again) == (of.keys + 1) // 2


def test_the_naive_evaluator_shares_out_the_same_way() -> None:
    project = harness.bound("version: 1\n", {"segments/rules.yml": RULES})
    people, things = texts()[::20], integers()[::20]
    rows = {
        Relation("ref", ("people",)): [{"person_id": key} for key in people],
        Relation("ref", ("things",)): [{"thing_id": key} for key in things],
    }
    found = evaluate(project, rows, AS_OF)
    for whole, keys in (("people", people), ("things", things)):
        for variant, (low, high) in SHARES.items():
            assert found.members(f"{whole}__{variant}") == {key for key in keys if low <= bucket(SEED, key) < high}


@pytest.mark.parametrize("keys", [texts, integers], ids=["texts", "integers"])
def test_the_buckets_are_as_full_as_chance_has_it(keys: Callable[[], tuple[str | int, ...]]) -> None:
    """10,000 buckets of ten keys each on average: sums of squares as of independent draws, and no share far from its own."""
    filled = Counter(bucket(SEED, key) for key in keys())
    assert set(filled) <= set(range(10_000))
    mean = NUMBER / 10_000
    spread = sum((filled[number] - mean) ** 2 for number in range(10_000)) / mean
    assert 9_300 < spread < 10_700  # chi square of 9,999 degrees: five standard deviations of 141 either way
    for low, high in SHARES.values():
        share = sum(filled[number] for number in range(low, high)) / NUMBER
        assert abs(share - (high - low) / 10_000) < 0.007
