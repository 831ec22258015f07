"""What was compiled before is not compiled again, and no note of it, whatever became of it, changes what is written."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import rules
from segwh.commands.workspace import Workspace, compile_workspace
from segwh.dbt.unchanged import NOTE, fingerprint
from segwh.errors import UserError

MODEL = "models/segwh/customer/internal/segwh_customer_evaluation.sql"


def project(folder: Path, segments: int = 4) -> Path:
    texts = {
        "dbt_project.yml": "name: bench\n",
        "segwh.yml": "version: 1\n",
        "segments/catalog.yml": rules.CATALOG,
        "segments/rules.yml": rules.yaml_text(rules.segments(segments)),
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def compiled(folder: Path) -> dict[str, bytes]:
    compile_workspace(Workspace(folder, "duckdb"))
    return written(folder)


def written(folder: Path) -> dict[str, bytes]:
    found = (path for top in ("models", "macros") for path in (folder / top).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def test_what_did_not_change_is_not_compiled(tmp_path: Path) -> None:
    before = compiled(project(tmp_path))
    program = """
import sys
from segwh.commands.workspace import compile_workspace, find_workspace
report = compile_workspace(find_workspace(sys.argv[1], dialect="duckdb"))
print(len(report.drift.unchanged), bool(report.drift), "sqlglot" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout == f"{len(before)} False False\n"
    assert written(tmp_path) == before


def other_rules(folder: Path) -> None:
    """The digests of today's files under the rules of tomorrow, as a note would be that was copied from elsewhere."""
    note = json.loads((folder / NOTE).read_text(encoding="utf-8"))
    (folder / NOTE).write_text(json.dumps({**note, "source": "0" * 64}), encoding="utf-8")


def one_file_missing(folder: Path) -> None:
    (folder / MODEL).unlink()


def one_file_edited(folder: Path) -> None:
    (folder / MODEL).write_bytes((folder / MODEL).read_bytes() + b"-- by hand\n")


def one_file_of_ours_too_many(folder: Path) -> None:
    (folder / "models/segwh/left_over.sql").write_bytes((folder / MODEL).read_bytes())


def note_of(text: str) -> Callable[[Path], None]:
    return lambda folder: (folder / NOTE).write_text(text, encoding="utf-8") and None


def note_without_files(folder: Path) -> None:
    note = json.loads((folder / NOTE).read_text(encoding="utf-8"))
    (folder / MODEL).unlink()
    (folder / NOTE).write_text(json.dumps({**note, "files": {}}), encoding="utf-8")


def note_is_a_folder(folder: Path) -> None:
    (folder / NOTE).unlink()
    (folder / NOTE).mkdir()


DAMAGE: dict[str, Callable[[Path], None]] = {
    "no note": lambda folder: (folder / NOTE).unlink(),
    "an empty note": note_of(""),
    "half a note": note_of('{"source": "12'),
    "a list": note_of("[]"),
    "a word for files": note_of('{"source": "1", "files": "all"}'),
    "no files": note_without_files,
    "a folder": note_is_a_folder,
    "of other rules": other_rules,
    "a file missing": one_file_missing,
    "a file edited": one_file_edited,
    "a file too many": one_file_of_ours_too_many,
}


def test_a_stale_or_broken_note_never_changes_what_is_written(tmp_path: Path) -> None:
    changed = compiled(project(tmp_path / "new", segments=5))
    folder = project(tmp_path / "damaged")
    expected = compiled(folder)
    for name, damage in DAMAGE.items():
        damage(folder)
        assert compiled(folder) == expected, name
        if (folder / NOTE).is_dir():
            (folder / NOTE).rmdir()
            compiled(folder)
    for name in ("an empty note", "no files", "a file edited"):
        compiled(project(folder))
        DAMAGE[name](folder)
        assert compiled(project(folder, segments=5)) == changed, name


def test_the_fingerprint_follows_all_that_goes_in() -> None:
    texts = {"a.yml": "one", "b.yml": "two"}
    others = [
        fingerprint({"a.yml": "one", "b.yml": "three"}, "duckdb"),
        fingerprint({"a.yml": "one"}, "duckdb"),
        fingerprint({"a.yml": "one", "c.yml": "two"}, "duckdb"),
        fingerprint({"a.yml": "one\n5 b.yml\n3 two"}, "duckdb"),
        fingerprint(texts, "snowflake"),
    ]
    assert fingerprint(dict(reversed(texts.items())), "duckdb") == fingerprint(texts, "duckdb")
    assert len({fingerprint(texts, "duckdb"), *others}) == 6


def test_another_version_of_segwh_compiles_again(tmp_path: Path) -> None:
    """The note of a segwh whose files are older than those of this one."""
    before = compiled(project(tmp_path / "project"))
    copy = tmp_path / "segwh"
    program = f"""
import shutil, sys
from pathlib import Path
shutil.copytree({str(Path(fingerprint.__code__.co_filename).parents[1])!r}, {str(copy)!r})
sys.path.insert(0, {str(tmp_path)!r})
import segwh
assert Path(segwh.__file__).parent == Path({str(copy)!r})
segwh.__version__ = "0.0.1"
from segwh.dbt.unchanged import fingerprint
print(fingerprint({{}}, "duckdb"))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() != fingerprint({}, "duckdb")
    assert compiled(tmp_path / "project") == before


def test_a_check_takes_no_notes_word(tmp_path: Path) -> None:
    compiled(project(tmp_path))
    (tmp_path / MODEL).write_bytes((tmp_path / MODEL).read_bytes() + b"-- by hand\n")
    note = json.loads((tmp_path / NOTE).read_text(encoding="utf-8"))
    note["files"][MODEL] = hashlib.sha256((tmp_path / MODEL).read_bytes()).hexdigest()
    (tmp_path / NOTE).write_text(json.dumps(note), encoding="utf-8")
    assert compile_workspace(Workspace(tmp_path, "duckdb"), check=True).drift.changed == (MODEL,)


def test_a_foreign_file_in_the_way_is_complained_of_again_and_again(tmp_path: Path) -> None:
    compiled(project(tmp_path))
    (tmp_path / MODEL).write_text("select 1 as one\n", encoding="utf-8")
    for _ in range(2):
        with pytest.raises(UserError, match="was not written by segwh"):
            compile_workspace(Workspace(tmp_path, "duckdb"))


def test_where_nothing_can_be_noted_all_is_written_nonetheless(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("no folder", encoding="utf-8")
    assert compiled(project(tmp_path)) == compiled(project(tmp_path / "other"))


FIXTURE = """
tests:
  - name: a first
    as_of: 2026-10-02
    given: {{customers: [{{customer_id: {key}}}]}}
    expect: {{segment_00000: []}}
"""


def test_a_changed_fixture_is_compiled_anew_where_unit_tests_are_made_of_it(tmp_path: Path) -> None:
    folder = project(tmp_path)
    (folder / "segwh.yml").write_text("version: 1\nunit_tests: true\n", encoding="utf-8")
    fixture = folder / "segments" / "tests" / "first.yml"
    fixture.parent.mkdir()
    fixture.write_text(FIXTURE.format(key=1), encoding="utf-8")
    before = compiled(folder)
    fixture.write_text(FIXTURE.format(key=2), encoding="utf-8")
    after = compiled(folder)
    assert [name for name in before if before[name] != after[name]] == ["models/segwh/segwh_unit_tests.yml"]
    assert compiled(folder) == after
