"""The properties file of the compiled models: what each relation and column means, and the tests that guard them."""

from __future__ import annotations

import re
from typing import Any

import yaml

from segwh.dbt.lists import FOLDER as LISTS_FOLDER
from segwh.dbt.model import Model
from segwh.dbt.placed import Project

HEADER = "# segwh: compiled from the rules. Edit those and run `segwh compile`, which overwrites this file."

COLUMNS = {
    "segment": "Name of the segment.",
    "change_id": "Identifies the change: the same change always gets the same id.",
    "change": "`entered` or `exited`.",
    "changed_at": "The as-of at which the change was seen (UTC).",
    "reason": "Why: first_run, gone, segment_removed, definition, suppressed, excluded, time_to_live, priority, limit or rule.",
    "rule_hash": "Hash of what the rule means; it changes when the meaning does, not when the text does.",
    "run_id": "The run that wrote the row.",
    "sequence": "Strictly growing: the cursor for incremental readers.",
    "membership_id": "`segment:key`.",
    "entered_at": "The as-of at which the member came in (UTC). It does not change while the member stays.",
    "valid_from": "When the stay began (UTC, included).",
    "valid_to": "When the stay ended (UTC, excluded); null while it lasts.",
    "entered_reason": "Why the stay began.",
    "exited_reason": "Why the stay ended; null while it lasts.",
    "label": "What people call the segment.",
    "description": "What the segment is for.",
    "owner": "Who answers for it.",
    "tags": "Its tags, separated by commas.",
    "entity": "Whose rows are looked at.",
    "grain": "What is a member: the entity, or `<entity>_by_<attribute>`.",
    "type": "dynamic or static.",
    "status": "How it stands.",
    "evergreen": "Whether it never expires.",
    "expires_on": "The local day from which on it takes nobody.",
    "time_to_live": "Only entities created within it are members.",
    "rule": "The rule as written.",
    "source_file": "The file that holds the rule.",
    "source_line": "The line at which it begins.",
    "first_evaluated_at": "The as-of of its first evaluation (UTC).",
    "last_evaluated_at": "The as-of of its newest evaluation (UTC).",
    "as_of": "The instant that was evaluated (UTC).",
    "members": "How many are in.",
    "entered": "How many came in, net of corrections.",
    "exited": "How many left, net of corrections.",
    "share": "Members as a share of the existing keys.",
    "left_out": "Entities that pass but have no value to be a member by.",
    "started_at": "When the run started (UTC).",
    "finished_at": "When it finished (UTC); null if it is under way or died.",
    "segments": "How many segments the run looked at.",
    "held_back": "How many segments kept an earlier version.",
    "note": "What was done beside runs: which segment was renamed, or what kind of key was erased (never which).",
    "package_version": "The version of segwh that compiled the project.",
    "contract_version": "The version of the layout of these tables.",
}
"""What the public columns mean, wherever they stand."""

DESCRIPTIONS = {
    "changes": "Who entered and left which segment, when and why: append-only, the single source of truth.",
    "membership": "Who is in which segment now. A member who stays has the very same row after every run.",
    "history": "One row a stay.",
    "wide": "One row a key with one boolean for each segment offered for analysis.",
    "traits": "One row an entity with its computed traits, scores and life-cycle stage.",
    "segwh_segments": "Every segment of the rules, and when it was evaluated.",
    "segwh_segment_sizes": "Size of each segment at each as-of, zero included.",
    "segwh_runs": "One row a run. Without `finished_at` it is under way or died.",
    "facts": "Internal: one row an entity with everything that rules look at, as of the newest run.",
    "evaluation": "Internal: who is in which segment by the rules, as of the newest run.",
    "evaluated": "Internal: by which rule each segment was evaluated in the newest run, and what is wrong with its data.",
    "pending": "Internal: what the newest run was about to write into the log.",
    "part": "Internal: a step towards what the newest run was about to write into the log.",
    "chunk": "Internal: some of the segments, which are too many for one statement.",
    "log": "Internal: the log with one row more for each segment and evaluation.",
    "standing": "Internal: what the log says before the run.",
    "state": "Internal: the log folded up, so that a run need not read all of it.",
    "tested": "Internal: always empty; dbt's unit tests run its query on the rows of fixtures.",
    "segwh_run_starts": "Internal: the as-of of each run, written first.",
    "segwh_run_ends": "Internal: how each run ended, written last.",
    "segwh_rules": "Internal: what the rules say of each segment.",
}


CHUNK = re.compile(r"_(\d+|rest)$")


def safe(text: str) -> str:
    """Text that dbt's Jinja renders as it is."""
    return text.replace("{", "{{ '{' }}") if "{" in text else text


def _description(model: Model, project: Project) -> str:
    if model.name.startswith("aud_"):
        segment = project.bound.segment(model.name.removeprefix("aud_"))
        return segment.label or segment.description
    if model.folder == LISTS_FOLDER:
        return "Internal: values that rules compare with, too many for their own statement."
    if "_pending_" in model.name:
        return DESCRIPTIONS["part"]
    if CHUNK.search(model.name) and "internal" in model.folder:
        return DESCRIPTIONS["chunk"]
    return DESCRIPTIONS.get(model.name) or DESCRIPTIONS.get(model.name.rsplit("_", 1)[-1], "")


def _contract_columns(model: Model) -> list[str]:
    """The columns that mean what the contract says; keys, attributes and traits may bear the same names."""
    if "internal" in model.folder or model.name.startswith("aud_") or model.name.endswith("_traits"):
        return []
    return [name for name in model.query.named_selects if name in COLUMNS and name != model.key]


def _tests(model: Model, project: Project) -> list[Any]:
    what = model.name.rsplit("_", 1)[-1]
    if not model.name.startswith("segwh_") or "internal" in model.folder:
        return []
    match what:
        case "changes":
            return [{"segwh__new_changes_are_unique": {}}]
        case "membership":
            changes = f"ref('{model.name.removesuffix(what)}changes')"
            return [{"segwh__new_members_are_unique": {"arguments": {"changes": changes}}}]
        case "history":
            return [
                {
                    "segwh__stays_do_not_overlap": {
                        # the test writes it as it is
                        "arguments": {"key": project.dialect.identifier(model.key).sql(dialect=project.dialect.name)},
                        "config": {"enabled": "{{ var('segwh_audit', false) }}"},
                    }
                }
            ]
        case _:
            return []


def schema_text(models: tuple[Model, ...], project: Project) -> str:
    """The text of the properties file."""
    entries: list[dict[str, Any]] = []
    for model in models:
        entry: dict[str, Any] = {"name": model.name, "description": safe(_description(model, project))}
        if model.name.startswith("aud_"):
            segment = project.bound.segment(model.name.removeprefix("aud_"))
            if segment.span:
                entry["config"] = {"meta": {"segwh": {"source": segment.span.file, "segment": segment.name}}}
        columns = [{"name": name, "description": COLUMNS[name]} for name in _contract_columns(model)]
        if columns:
            entry["columns"] = columns
        tests = _tests(model, project)
        if tests:
            entry["data_tests"] = tests
        entries.append(entry)
    body = yaml.safe_dump({"version": 2, "models": entries}, sort_keys=False, allow_unicode=True, width=120)
    return f"{HEADER}\n{body}"
