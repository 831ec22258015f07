"""Compiling again after any change gives the bytes that compiling anew gives, whatever became of what is kept in between."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest
from sqlglot import exp

from segwh import ir, project
from segwh.commands.workspace import MEMORY, PIECES, Workspace, compile_workspace
from segwh.dbt.aside import FOLDER, kept
from segwh.dbt.compile import compiled_files
from segwh.dbt.pieces import Pieces
from segwh.dbt.unchanged import NOTE, fingerprint
from segwh.errors import RulesError, UserError
from segwh.plan import build
from segwh.plan.nodes import EntityPlan, SegmentPlan
from segwh.plan.reads import of_segment, of_trait
from segwh.resolve.plain import nodes_of, rows_of
from segwh.resolve.rule_hash import RuleHashes
from segwh.sql.dialects import DIALECTS
from segwh.sql.dialects.duckdb import DUCKDB
from segwh.sql.evaluation import evaluation_tree
from segwh.sql.holes import Holes
from segwh.sql.people import Person
from segwh.sql.reasons import reasons_tree
from segwh.sql.scans import Source
from tests.sql import corpus, stories

KEPT = (MEMORY, PIECES, NOTE.name)
CATALOG = (
    stories.CATALOG
    + """
    lookups:
      home: {relation: ref('homes'), by: home_id, key: home_id}
  - {name: home, relation: ref('homes'), key: home_id, attributes: {country: string}}
"""
)
SHARED = """
conditions:
  - {name: local, entity: customer, when: {attribute: city, is: Leeds}}
traits:
  - {name: spent, entity: customer, event: orders, sum: amount}
  - {name: mean, entity: customer, event: orders, avg: amount}
  - name: mood
    entity: customer
    track: true
    stages: [{name: keen, when: {attribute: spent, gte: 50}}, {name: calm}]
matrices:
  - name: who
    label: Who
    tags: [mail]
    entity: customer
    rows: {uk: {attribute: city, is: Leeds}}
    columns: {known: {attribute: phone, exists: true}}
segments:
  - {name: consent, label: No mail, entity: customer, include: [{attribute: subscribed, is: false}]}
  - {name: far, label: Far, entity: home, include: [{attribute: country, is_not: UK}]}
groups:
  - {name: waterfall, exclusive: [who__uk__known, mood__keen]}
exclusions:
  - {entity: customer, segment: consent, tags: [mail]}
"""
LISTS = SHARED.replace("is: false}]}", "is: false}], limit: {top: 5, by: spent}}")
SEGMENTS = """
label: Many, entity: customer, include: [{event: orders, within: 30 days, count: {gte: N}}]
label: Tea, entity: customer, include: [{event: orders, where: {attribute: source, is: tN}, sum: {of: amount, gte: N}}]
label: Dashed, entity: customer, include: [{event: orders, where: {attribute: source, is: "a-N"}, count: {gte: 1}}]
label: Blank, entity: customer, include: [{event: orders, where: {attribute: source, is: "a N"}, count: {gte: 1}}]
label: Where, entity: customer, include: [{attribute: city, in: [London, Leeds N]}], activate: {columns: [spent]}
label: Rich, entity: customer, include: [{attribute: spent, gte: N}, {attribute: mean, gt: 2}], analytics: true
label: In, entity: customer, include: [{segment: OTHER}, {event: carts, within: N days}]
label: Out, entity: customer, include: everyone, exclude: [{segment: OTHER}, {condition: local}], tags: [mail]
label: Newly, entity: customer, include: [{segment: OTHER, entered: {within: N days}}]
label: Best, entity: customer, include: everyone, limit: {top: N, by: spent, per: city}
label: Phones, entity: customer, aggregate_on: phone, include: [{event: orders, within: N days}]
label: Once, entity: customer, type: static, include: [{attribute: subscribed, is: true}]
label: Soon, entity: customer, include: [{attribute: birthday, within_next: N days}]
label: Young, entity: customer, created_within: N days, include: everyone
label: Stays, entity: customer, include: everyone, stay: {at_most: N days, again_after: 90 days}
label: Always, entity: customer, include: [{attribute: tags, has_any: [pN]}], always: ref('test_customers')
label: Closed, entity: customer, status: inactive, include: everyone
label: Ends, entity: customer, expires_on: 2027-01-0N, include: [{condition: local}]
label: Parts, entity: customer, include: [{segment: OTHER}], split: {seed: s, variants: {a: 50, b: 50}}
label: Heir, entity: customer, was: formerly_N, include: [{attribute: mood, is: keen}]
label: Abroad, entity: customer, include: [{segment: home.far}, {attribute: city, contains: "{{ N }} {% x"}]
label: Lands, entity: home, include: [{attribute: country, is: "U\\nN"}]
label: Vain, entity: customer, include: [{attribute: city, is: Leeds}, {attribute: city, is: "Leeds N"}]
label: Turns, entity: customer, include: [{event: orders, calendar: {this: month}, count: {gte: N}}]
label: Least, entity: customer, include: everyone, limit: {top: N, by: spent}
"""
KINDS = [line for line in SEGMENTS.splitlines() if line]
SETTINGS = ("version: 1\n", "version: 1\ntimezone: Europe/London\n", "version: 1\nweek_starts_on: sunday\n")


@dataclass
class Rules:
    """Rules that are edited at random."""

    random: Random
    settings: str = SETTINGS[0]
    catalog: str = CATALOG
    shared: str = SHARED
    dialect: str = "duckdb"
    files: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    count: int = 0

    @property
    def named(self) -> list[str]:
        return [name for items in self.files.values() for name, _ in items]

    def one(self) -> tuple[str, str]:
        self.count += 1
        kind = self.random.choice(KINDS)
        text = kind.replace("N", str(self.random.randint(1, 9))).replace("OTHER", self.random.choice(self.named or ["consent"]))
        return f"s_{self.random.randint(0, 99):02}_{self.count}", text

    def write(self, folder: Path) -> None:
        shutil.rmtree(folder / "segments", ignore_errors=True)
        texts = {
            "dbt_project.yml": "name: rules\n",
            "segwh.yml": self.settings,
            "segments/catalog.yml": self.catalog,
            "segments/shared.yml": self.shared,
        }
        for name, items in self.files.items():
            texts[f"segments/{name}.yml"] = "segments:\n" + "".join(f"  - {{name: {own}, {text}}}\n" for own, text in items)
        for name, text in texts.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")

    # --- edits ---

    def some_file(self) -> list[tuple[str, str]]:
        return self.files[self.random.choice([*self.files])]

    def add(self) -> None:
        items = self.some_file()
        items.insert(self.random.randint(0, len(items)), self.one())

    def change(self) -> None:
        items = self.some_file()
        at = self.random.randrange(len(items))
        items[at] = (items[at][0], self.one()[1])

    def remove(self) -> None:
        items = self.some_file()
        if len(items) > 1:
            del items[self.random.randrange(len(items))]

    def rename(self) -> None:
        items = self.some_file()
        at = self.random.randrange(len(items))
        items[at] = (self.one()[0], items[at][1])

    def relabel(self) -> None:
        items = self.some_file()
        at = self.random.randrange(len(items))
        items[at] = (items[at][0], items[at][1].replace("label: ", "label: New "))

    def move(self) -> None:
        items = self.some_file()
        if len(items) > 1:
            self.some_file().append(items.pop(self.random.randrange(len(items))))

    def rename_file(self) -> None:
        name = self.random.choice([*self.files])
        self.count += 1
        self.files[f"{self.random.choice('abyz')}_{self.count}"] = self.files.pop(name)

    def turn(self) -> None:
        self.settings = self.random.choice(SETTINGS)

    def other_engine(self) -> None:
        self.dialect = self.random.choice(["duckdb", "postgres", "snowflake"])

    def other_catalog(self) -> None:
        self.catalog = self.random.choice(
            [
                CATALOG,
                CATALOG.replace("birthday: date", "birthday: date\n      more: string"),
                CATALOG.replace("id: order_id", "id: order_id\n        loaded_at: loaded_at\n        id_unique: true"),
                CATALOG.replace("ref('homes')", "ref('houses')"),
                CATALOG.replace("city: string", "city: {type: string, column: town}"),
            ]
        )

    def other_shared(self) -> None:
        self.shared = self.random.choice(
            [
                SHARED,
                SHARED.replace("is: Leeds", "is: York", 1),
                SHARED.replace("sum: amount", "max: amount"),
                LISTS,
                SHARED.replace(", tags: [mail]}", "}"),
                SHARED.replace("exclusive: [who__uk__known, mood__keen]", "exclusive: [mood__keen, who__uk__known]"),
                SHARED.replace("entity: home, include: [{attribute: country", "entity: customer, include: [{attribute: city"),
            ]
        )


EDITS: list[Callable[[Rules], None]] = [
    *[Rules.add, Rules.change, Rules.remove, Rules.rename, Rules.relabel, Rules.move] * 2,
    *[Rules.rename_file, Rules.turn, Rules.other_engine, Rules.other_catalog, Rules.other_shared],
]


def outcome(folder: Path, dialect: str) -> dict[str, bytes] | str:
    """The compiled files by name and, as one more, what was warned of; or what is wrong with the rules."""
    try:
        report = compile_workspace(Workspace(folder, dialect))
    except (RulesError, UserError) as error:
        return str(error)
    found = (path for top in ("models", "macros") for path in (folder / top).rglob("*") if path.is_file())
    files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}
    return files | {"warnings": report.warnings.encode()}


def damage(random: Random, folder: Path, copies: list[Path]) -> None:
    """Do something to what is kept, or to a compiled file; or put what was kept of other rules in its place."""
    path = folder / FOLDER / random.choice(KEPT)
    data = path.read_bytes() if path.is_file() else b""
    models = [*(folder / "models").rglob("*.sql")]
    match random.randrange(7):
        case 0:
            path.write_bytes(data[: random.randint(0, len(data))])
        case 1 if data:
            at = random.randrange(len(data))
            path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        case 2:
            path.unlink(missing_ok=True)
        case 3:
            path.write_text("[]", encoding="utf-8")
        case 4:
            shutil.copytree(random.choice(copies), folder / FOLDER, dirs_exist_ok=True)
        case 5 if models:
            edited = random.choice(models)
            edited.write_bytes(edited.read_bytes().replace(b"1", b"2") + b"-- by hand\n")
        case 6 if models:
            random.choice(models).unlink()


def edited_at_random(seed: int, steps: int, scratch: Path) -> None:
    random = Random(seed)
    rules = Rules(random)
    folder, copies = scratch / "edited", [scratch / "copy_0"]
    while not rules.files or isinstance(outcome(folder, rules.dialect), str):
        for name in "bcdx":
            rules.files[name] = []
            rules.files[name] += [rules.one() for _ in range(3)]
        rules.write(folder)
    shutil.copytree(folder / FOLDER, copies[0])
    for step in range(1, steps):
        before = replace(rules, files={name: list(items) for name, items in rules.files.items()})
        edits = random.choices(EDITS, k=random.choice([0, 1, 1, 1, 2]))
        for edit in edits:
            edit(rules)
        rules.write(folder)
        if random.random() < 0.4:
            damage(random, folder, copies)
        fresh = scratch / f"fresh_{step}"
        rules.write(fresh)
        expected = outcome(fresh, rules.dialect)
        assert outcome(folder, rules.dialect) == expected, (seed, step, edits)
        copies.append(fresh / FOLDER)
        if isinstance(expected, str):
            rules = replace(before, count=rules.count)
            shutil.rmtree(fresh)
            copies.pop()


@pytest.mark.parametrize("seed", range(1))
def test_after_any_edit_the_bytes_are_those_of_compiling_anew(seed: int, tmp_path: Path) -> None:
    edited_at_random(seed, 14, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 130))
def test_after_many_edits_too(seed: int, tmp_path: Path) -> None:
    edited_at_random(seed, 40, tmp_path)


# --- what is kept is used, and is no more than it seems -------------------------------------------------------------------


def some_rules(folder: Path) -> Rules:
    """Three files of four segments that need no other, and are no variants."""
    rules = Rules(Random(0))
    for name in "abc":
        rules.files[name] = [(f"{name}_{at}", kind.replace("N", "3")) for at, kind in enumerate(KINDS[:4])]
    rules.write(folder)
    return rules


@pytest.mark.parametrize(
    ("more", "pieces"),
    [
        ("", ["its members", "what the rules say of it"]),
        (", type: static", ["its members", "why who is hidden from it is", "what the rules say of it"]),
    ],
)
def test_where_one_file_changed_only_that_is_read_and_only_its_pieces_are_made(
    more: str, pieces: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = some_rules(tmp_path)
    outcome(tmp_path, "duckdb")
    read, made = [], []
    own_read, own_written = project.read_file, Pieces.written
    monkeypatch.setattr(project, "read_file", lambda *given: read.append(given[0]) or own_read(*given))
    monkeypatch.setattr(Pieces, "written", lambda *given: made.append(given[1]) or own_written(*given))
    rules.files["b"][0] = ("b_0", KINDS[0].replace("N", "4") + more)
    rules.write(tmp_path)
    outcome(tmp_path, "duckdb")
    assert sorted(read) == ["segments/b.yml", "segments/catalog.yml", "segments/shared.yml", "segwh.yml"]
    assert len(made) == len(pieces)


def test_what_was_warned_of_is_told_again_and_its_file_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = some_rules(tmp_path)
    rules.shared = LISTS
    vain, turns = (next(kind for kind in KINDS if label in kind).replace("N", "3") for label in ("Vain", "Turns"))
    rules.files["a"] += [("vain", vain), ("turns", turns)]
    read: list[str] = []
    own_read = project.read_file
    told = []
    for text in (KINDS[0].replace("N", "3"), KINDS[0].replace("N", "4"), vain, KINDS[0].replace("N", "3")):
        rules.files["b"][0] = ("b_0", text)
        for folder in (tmp_path / "fresh", tmp_path):
            rules.write(folder)
        shutil.rmtree(tmp_path / "fresh" / FOLDER, ignore_errors=True)
        expected = outcome(tmp_path / "fresh", "duckdb")
        with monkeypatch.context() as patched:
            read.clear()
            patched.setattr(project, "read_file", lambda *given: read.append(given[0]) or own_read(*given))
            found = outcome(tmp_path, "duckdb")
        assert found == expected
        assert isinstance(found, dict)
        told.append([line.partition(": ")[0] for line in found["warnings"].decode().splitlines() if ": warning SEG" in line])
        assert ("segments/a.yml" in read) == (len(told) == 1)
    assert [len(places) for places in told] == [3, 3, 4, 3]
    assert sum(place.startswith("segments/a.yml:") for place in told[1]) == 2


def test_an_added_measure_leaves_the_pieces_of_other_segments_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = some_rules(tmp_path)
    outcome(tmp_path, "duckdb")
    made: list[str] = []
    own = Pieces.written
    monkeypatch.setattr(Pieces, "written", lambda *given: made.append(given[1]) or own(*given))
    days = "label: Days, entity: customer, include: [{event: carts, within: 77 days, days: {gte: 2}}]"
    rules.files["c"].append(("c_more", days))
    rules.write(tmp_path)
    outcome(tmp_path, "duckdb")
    assert len(made) == 2, "its members, and what the rules say of it"


def test_a_column_whose_name_another_segment_takes_first_is_called_otherwise(tmp_path: Path) -> None:
    rules = some_rules(tmp_path)
    rules.files["c"].append(("blank", next(kind for kind in KINDS if "Blank" in kind)))
    rules.write(tmp_path)
    before = outcome(tmp_path, "duckdb")
    rules.files["a"].append(("dashed", next(kind for kind in KINDS if "Dashed" in kind)))
    for folder in (tmp_path, tmp_path / "fresh"):
        rules.write(folder)
    after = outcome(tmp_path, "duckdb")
    assert after == outcome(tmp_path / "fresh", "duckdb")
    evaluation = "models/segwh/customer/internal/segwh_customer_evaluation.sql"
    own = [told[evaluation].decode().partition("'blank'")[2] for told in (before, after) if isinstance(told, dict)]
    assert own[0] != own[1], "the column of `blank` has another name now"


def test_segments_that_begin_to_follow_what_changed_are_written_anew(tmp_path: Path) -> None:
    """A measure that is brought up to date lets all segments read changed facts alone."""
    rules = some_rules(tmp_path)
    rules.catalog = CATALOG.replace("id: order_id", "id: order_id\n        loaded_at: loaded_at\n        id_unique: true")
    rules.shared = "conditions: []\n"
    cities = [(f"city_{at}", f"label: City, entity: customer, include: [{{attribute: city, is: c{at}}}]") for at in range(3)]
    rules.files = {"a": cities, "b": [("first", "label: First, entity: customer, include: everyone")]}
    rules.write(tmp_path)
    told = []
    for text in (rules.files["b"][0][1], KINDS[0].replace("N", "3")):
        rules.files["b"] = [("first", text)]
        for folder in (tmp_path, tmp_path / "fresh"):
            rules.write(folder)
        shutil.rmtree(tmp_path / "fresh" / FOLDER, ignore_errors=True)
        files = outcome(tmp_path, "duckdb")
        assert files == outcome(tmp_path / "fresh", "duckdb")
        assert isinstance(files, dict)
        told.append(files["models/segwh/customer/internal/segwh_customer_evaluation.sql"].count(b"FROM {{ looked.facts }}"))
    assert told == [0, 4]


@pytest.mark.parametrize("tags", ["", ", tags: [mail]", ", tags: [post]"])
def test_whom_an_exclusion_is_for_is_seen_in_files_that_did_not_change(tags: str, tmp_path: Path) -> None:
    rules = some_rules(tmp_path)
    rules.files["b"][0] = ("b_0", f"{KINDS[0].replace('N', '3')}, tags: [mail]")
    shared = rules.shared.partition("exclusions:")[0]
    for more in (", tags: [mail]", tags):
        rules.shared = f"{shared}exclusions: [{{entity: customer, segment: a_0, reason: consent{more}}}]\n"
        for folder in (tmp_path, tmp_path / "fresh"):
            rules.write(folder)
        shutil.rmtree(tmp_path / "fresh" / FOLDER, ignore_errors=True)
        files = outcome(tmp_path, "duckdb")
        assert isinstance(files, str) == ("post" in more)  # no segment has it, which is an error
        assert files == outcome(tmp_path / "fresh", "duckdb")


@pytest.mark.parametrize("option", ["was: formerly", "split: {seed: s, variants: {a: 50, b: 50}}"])
def test_what_others_must_know_of_a_segment_is_known_of_it_in_files_that_did_not_change(option: str, tmp_path: Path) -> None:
    rules = some_rules(tmp_path)
    rules.files["d"] = [("special", f"label: Special, entity: customer, include: everyone, {option}")]
    rules.write(tmp_path)
    assert not isinstance(outcome(tmp_path, "duckdb"), str)
    for text in (KINDS[0].replace("N", "4"), f"{KINDS[0].replace('N', '4')}, was: formerly", "label: Again, entity: customer"):
        rules.files["b"][0] = ("b_0", text)
        for folder in (tmp_path, tmp_path / "fresh"):
            rules.write(folder)
        shutil.rmtree(tmp_path / "fresh" / FOLDER, ignore_errors=True)
        assert outcome(tmp_path, "duckdb") == outcome(tmp_path / "fresh", "duckdb"), text


def sealed(body: str) -> bytes:
    """A text with its digest, as what is kept begins."""
    return f"{hashlib.sha256(body.encode()).hexdigest()}\n{body}".encode()


def damaged(data: bytes) -> dict[str, bytes]:
    """What may have become of a kept file, some with a digest that is right. It would be seen if one were read."""
    digest, _, right = data.partition(b"\n")
    body = right.replace(b"Many", b"None")
    assert body != right
    told = json.loads(body)
    return {
        "nothing": b"",
        "half": data[: len(data) // 2],
        "no digest": body,
        "another digest": b"0" * 64 + b"\n" + body,
        "a word more": digest + b"\n" + body + b" ",
        "no UTF-8": b"\xff\xfe" + data,
        "a list": sealed("[]"),
        "a number": sealed("7"),
        "no JSON": sealed("{"),
        "deep": sealed("[" * 100_000),
        "of another segwh": sealed(json.dumps({**told, "maker": "0" * 64})),
        "nothing kept": sealed(json.dumps({"maker": told["maker"], "kept": None})),
        "other kinds": sealed(json.dumps({"maker": told["maker"], "kept": {"rest": 1, "files": [], "x": 2}})),
    }


@pytest.mark.parametrize("name", [MEMORY, pytest.param(PIECES, marks=pytest.mark.slow)])
def test_what_is_broken_or_of_another_make_is_passed_over(name: str, tmp_path: Path) -> None:
    rules = some_rules(tmp_path)
    outcome(tmp_path, "duckdb")
    path = tmp_path / FOLDER / name
    rules.files["b"][0] = ("b_0", KINDS[0].replace("N", "4"))
    rules.write(tmp_path / "fresh")
    expected = outcome(tmp_path / "fresh", "duckdb")
    for what, data in damaged(path.read_bytes()).items():
        some_rules(tmp_path)
        outcome(tmp_path, "duckdb")
        path.write_bytes(data)
        rules.write(tmp_path)
        assert outcome(tmp_path, "duckdb") == expected, what
    path.unlink()
    path.mkdir()
    some_rules(tmp_path)
    outcome(tmp_path, "duckdb")
    rules.write(tmp_path)
    assert outcome(tmp_path, "duckdb") == expected
    assert not [*(tmp_path / FOLDER).glob(".segwh-*")], "what could not be put there is not left beside it"


@pytest.mark.parametrize(
    "row",
    [[], ["no kind"], ["Span"], ["Span", 1], ["Decimal", "x"], ["tuple", [9]], ["tuple", []], [["tuple"]], 7, ["datetime", 1]],
)
def test_rows_that_nobody_wrote_are_no_segments(row: object, tmp_path: Path) -> None:
    """Where somebody made up rows and their digest, they are passed over too if they say nothing."""
    rules = some_rules(tmp_path)
    expected = outcome(tmp_path, "duckdb")
    maker = fingerprint({}, "duckdb")
    told = kept(tmp_path, MEMORY, maker)
    assert isinstance(told, dict)
    files = {key: [row] for key in told["files"]}
    body = json.dumps({"maker": maker, "kept": {**told, "files": files}})
    (tmp_path / FOLDER / MEMORY).write_bytes(sealed(body))
    rules.write(tmp_path)
    assert outcome(tmp_path, "duckdb") == expected


def test_a_segment_that_moved_to_another_entity_is_complained_of_where_it_is_referred_to(tmp_path: Path) -> None:
    rules = some_rules(tmp_path)
    rules.files["d"] = [("refers", "label: In, entity: customer, include: [{segment: a_0}]")]
    rules.write(tmp_path)
    assert not isinstance(outcome(tmp_path, "duckdb"), str)
    rules.files["a"][0] = ("a_0", "label: Lands, entity: home, include: everyone")
    rules.write(tmp_path)
    told = outcome(tmp_path, "duckdb")
    assert isinstance(told, str)
    assert "`a_0` is a segment of home, not of customer" in told


def test_a_check_takes_nobodys_word(tmp_path: Path) -> None:
    """Pieces and rules that were forged with their digests make no difference to a check."""
    some_rules(tmp_path)
    outcome(tmp_path, "duckdb")
    maker = fingerprint({}, "duckdb")
    pieces = kept(tmp_path, PIECES, maker)
    assert isinstance(pieces, dict)
    forged = json.dumps({"maker": maker, "kept": dict.fromkeys(pieces, "forged")})
    (tmp_path / FOLDER / PIECES).write_bytes(sealed(forged))
    (tmp_path / FOLDER / NOTE.name).unlink()
    assert not compile_workspace(Workspace(tmp_path, "duckdb"), check=True).drift


# --- the parts by themselves ----------------------------------------------------------------------------------------------


def compiled_with(bound: ir.Project, dialect: str, pieces: Pieces | None) -> dict[str, str]:
    hashes = RuleHashes(bound)
    return compiled_files(bound, {one.name: hashes.of(one) for one in bound.segments}, dialect, pieces=pieces)


@pytest.mark.parametrize("dialect", ["duckdb", "postgres"])
def test_a_model_in_pieces_is_the_same_text(dialect: str) -> None:
    """Written piece by piece, out of known pieces, and in one go."""
    own = DIALECTS[dialect]
    assert own.writes_pieces
    for name in ("references", "traits", "dates", "options", "lookups", "windows"):
        bound = stories.project(name)
        at_once = Pieces(bound, replace(own, writes_pieces=False))
        in_one_go = compiled_with(bound, dialect, at_once)
        assert not at_once.made
        first = Pieces(bound, own)
        assert compiled_with(bound, dialect, first) == in_one_go, name
        assert first.made, name
        assert compiled_with(bound, dialect, Pieces(bound, own, first.made)) == in_one_go, name


def test_bound_segments_are_plain_data_and_back() -> None:
    for name, bound in corpus.projects().items():
        rows = json.loads(json.dumps(rows_of(bound.segments)))
        assert repr(nodes_of(rows)) == repr(bound.segments), name


def test_what_is_no_part_of_bound_rules_is_not_said() -> None:
    for node in (1.5, b"bytes", {"a": 1}, object()):
        with pytest.raises(TypeError):
            rows_of([node])


def narrowed(entity: EntityPlan, own: SegmentPlan, bound: ir.Project) -> EntityPlan:
    """The plan of an entity with nothing in it that the key of a segment's pieces does not tell."""
    read = {*of_segment(own.segment), *(each for trait in bound.traits for each in of_trait(trait))}
    others = [
        replace(one, segment=SimpleNamespace(name=one.name, grain=""), rule_hash="")  # type: ignore[arg-type]
        for one in entity.segments
        if one is not own and any(isinstance(each, ir.MemberOf) and each.segment == one.name for each in read)
    ]
    return replace(
        entity,
        scans=(),
        cuts={},
        shares={},
        levels=(),
        columns={each: name for each, name in entity.columns.items() if each in read},
        means={each: names for each, names in entity.means.items() if each in read},
        segments=(own, *others),
    )


def test_a_piece_looks_at_nothing_but_what_its_key_tells() -> None:
    """Of other segments, and of columns that a segment does not read, the queries of members and reasons know nothing."""
    seen = 0
    for name, bound in corpus.projects().items():
        if not corpus.possible(bound, DUCKDB):
            continue
        plan = build(bound, {segment.name: f"hash of {segment.name}" for segment in bound.segments})
        alone = replace(bound, segments=(), groups=(), exclusions=())
        for entity in plan.entities:
            for own in entity.segments:
                if own.segment.variant_of is not None:
                    continue
                texts = []
                for seen_of, of in ((entity, bound), (narrowed(entity, own, bound), alone)):
                    source = Source(DUCKDB, bound.settings.calendar, Holes())
                    trees = [evaluation_tree(seen_of, [own], of, source)]
                    one = replace(seen_of, segments=(own, *(each for each in seen_of.segments if each is not own)))
                    reasons = reasons_tree(one, own.segment.grain, Person(one, of, source, "facts"))
                    case = next(found for found in reasons.find_all(exp.Case) if found.this is not None)
                    trees.append(case.args["ifs"][0].args["true"])
                    texts.append([tree.sql("duckdb") for tree in trees])
                assert texts[0] == texts[1], (name, own.name)
                seen += 1
    assert seen > 300
