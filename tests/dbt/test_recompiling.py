"""Compiling again after any change gives the bytes that compiling anew gives, whatever became of what is kept in between."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
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
from tests.dbt.edited_rules import CATALOG, KINDS, LISTS, Rules, edited_at_random, outcome
from tests.sql import corpus, stories


@pytest.mark.parametrize("seed", range(1))
def test_after_any_edit_the_bytes_are_those_of_compiling_anew(seed: int, tmp_path: Path) -> None:
    edited_at_random(seed, 9, tmp_path)


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
