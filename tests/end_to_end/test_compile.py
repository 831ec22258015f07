"""Compiling: the same bytes from the same rules, its own files looked after, those of others left alone."""

from __future__ import annotations

from pathlib import Path

from tests.end_to_end.shop import EXAMPLE, Shop, small_copy


def test_the_committed_models_follow_the_rules() -> None:
    """After a change of rules or compiler: `python3 dev.py compile`, and commit what it wrote."""
    checked = Shop(EXAMPLE).segwh("compile", "--check")
    assert (checked.code, checked.out.splitlines()[1:]) == (0, []), checked.out


def test_the_same_bytes_every_time_and_everywhere(rules_only: Shop, tmp_path: Path) -> None:
    first = rules_only.segwh("compile", PYTHONHASHSEED="1")
    assert first.code == 0
    compiled = rules_only.compiled()
    assert len(compiled) > 40
    again = rules_only.segwh("compile", PYTHONHASHSEED="2")
    assert again.out == f"77 segments of 2 entities: {len(compiled)} files up to date\n"
    elsewhere = small_copy(tmp_path / "somewhere else" / "über")
    assert elsewhere.segwh("compile", PYTHONHASHSEED="3", TZ="Asia/Tokyo").code == 0
    assert elsewhere.compiled() == compiled
    from_above = small_copy(tmp_path / "third")
    Shop(tmp_path).segwh("compile", "--project-dir", "third", "--profiles-dir", "third", PYTHONHASHSEED="4")
    assert from_above.compiled() == compiled


def test_no_file_names_the_machine_or_the_hour(rules_only: Shop) -> None:
    rules_only.segwh("compile")
    for name, content in rules_only.compiled().items():
        assert str(rules_only.folder).encode() not in content, name


def test_stale_own_files_go_and_foreign_ones_stay(rules_only: Shop) -> None:
    rules_only.segwh("compile")
    compiled = rules_only.compiled()
    mine = rules_only.folder / "models/segwh/mine.sql"
    mine.write_text("select 1 as one\n")
    leads = rules_only.folder / "segments/leads.yml"
    rules = leads.read_text(encoding="utf-8")
    leads.unlink()
    (rules_only.folder / "segments/tests/leads.yml").unlink()
    done = rules_only.segwh("compile")
    assert done.code == 0, done.err
    assert "removed  models/segwh/audiences/aud_sim_leads_90d.sql" in done.out
    assert mine.read_text() == "select 1 as one\n"
    assert not any("lead_by_phone" in name for name in rules_only.compiled())
    leads.write_text(rules, encoding="utf-8")
    assert rules_only.segwh("compile").code == 0
    assert rules_only.compiled() == {**compiled, "models/segwh/mine.sql": b"select 1 as one\n"}


def test_a_foreign_file_in_the_way_stops_before_anything_is_written(rules_only: Shop) -> None:
    rules_only.segwh("compile")
    in_the_way = rules_only.folder / "models/segwh/segwh_segments.sql"
    in_the_way.write_text("select 'mine' as segment\n")
    stale = rules_only.folder / "models/segwh/segwh_runs.sql"
    stale.unlink()
    done = rules_only.segwh("compile")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: models/segwh/segwh_segments.sql was not written by segwh; move it")
    assert in_the_way.read_text() == "select 'mine' as segment\n"
    assert not stale.exists()


def test_a_check_writes_nothing_and_names_what_differs(rules_only: Shop) -> None:
    checked = rules_only.segwh("compile", "--check")
    assert checked.code == 1
    assert rules_only.compiled() == {}
    assert "missing  models/segwh/segwh_segments.sql\n" in checked.out
    rules_only.segwh("compile")
    edited = rules_only.folder / "models/segwh/segwh_segments.sql"
    edited.write_text(edited.read_text(encoding="utf-8") + "-- by hand\n", encoding="utf-8")
    checked = rules_only.segwh("compile", "--check")
    assert (checked.code, checked.out.splitlines()[0]) == (1, "changed  models/segwh/segwh_segments.sql")
