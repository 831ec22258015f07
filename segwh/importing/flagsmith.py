"""Segments as Flagsmith keeps them: rules of type ALL, ANY or NONE, each with conditions and rules inside it.

It means what Flagsmith's own engine means: every rule and every sub-rule must hold, a condition on a trait that is not set is
false whatever its operator (so NOT_EQUAL and NOT_CONTAINS say `missing: fails`), texts keep their case, and REGEX matches from
the start of the text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from segwh.importing.conditions import comparison, is_null, listed, one_of
from segwh.importing.found import Condition, Found, Json, NotCarriedError, Notebook, at, described, items, mapping
from segwh.importing.subjects import Subject, Subjects, typed
from segwh.types import DataType

COMBINATORS = {"ALL": "all", "ANY": "any", "NONE": "none"}
COMPARISONS: dict[str, tuple[str, bool]] = {
    "EQUAL": ("is", False),
    "NOT_EQUAL": ("is", True),
    "GREATER_THAN": ("gt", False),
    "GREATER_THAN_INCLUSIVE": ("gte", False),
    "LESS_THAN": ("lt", False),
    "LESS_THAN_INCLUSIVE": ("lte", False),
}
NO_COUNTERPART = {
    "PERCENTAGE_SPLIT": "a share of people is the `split` of a segment here, and picks other people than Flagsmith does",
    "MODULO": "there is no remainder of a division; a column of the table could hold it",
}
VERSION_MARK = ":semver"


def read(content: Json, title: str, subjects: Subjects) -> list[Found]:
    """The segments of a file: one, a list, a page of the API (`results`), or an environment (`project.segments`)."""
    return [_segment(entry, path, title, subjects) for path, entry in _segments(content)]


def _segments(content: Json) -> Iterator[tuple[str, Json]]:
    path, inner = "", content
    for keys in (("results",), ("segments",), ("project", "segments")):
        found = content
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        if isinstance(found, list):
            path, inner = ".".join(keys), found
            break
    if isinstance(inner, dict) and "rules" in inner:
        yield "", inner
    elif isinstance(inner, list):
        for number, entry in enumerate(inner):
            yield f"{path}[{number}]", entry
    else:
        raise NotCarriedError(f"{described(content)} stands where segments are expected")


def _segment(entry: Json, path: str, title: str, subjects: Subjects) -> Found:
    with at(path):
        fields = mapping(entry, "a segment")
    notebook = Notebook()
    reader = _Reader(subjects, notebook)
    name, description = fields.get("name"), fields.get("description")
    where = f"{path}.rules" if path else "rules"
    try:
        rules = items(fields.get("rules"), "a list of rules")
        if not rules:
            raise NotCarriedError("a segment without rules holds nobody")
        include = [reader.part(rule, f"{where}[{number}]") for number, rule in enumerate(rules)]
    except NotCarriedError as error:
        include = [notebook.lost(where, error.reason)]
    return Found(
        path=path,
        title=name if isinstance(name, str) and name else title,
        include=tuple(_flattened(include)),
        description=description if isinstance(description, str) else "",
        problems=tuple(notebook.problems),
        notes=tuple(notebook.notes),
    )


def _flattened(conditions: list[Condition]) -> Iterator[Condition]:
    """The conditions of a list that all hold, without lists of one kind inside it."""
    for condition in conditions:
        if set(condition) == {"all"}:
            yield from _flattened(condition["all"])
        else:
            yield condition


class _Reader:
    """Reads the rules of one segment."""

    def __init__(self, subjects: Subjects, notebook: Notebook) -> None:
        self.subjects = subjects
        self.notebook = notebook

    def part(self, node: Json, path: str) -> Condition:
        """A rule: its conditions by its type, and all of its sub-rules."""
        try:
            return self.rule(mapping(node, "a rule"), path)
        except NotCarriedError as error:
            return self.notebook.lost(".".join(part for part in (path, error.path) if part), error.reason)

    def rule(self, fields: dict[str, Json], path: str) -> Condition:
        """A rule. Without conditions its type says nothing."""
        conditions = items(fields.get("conditions") or [], "a list of conditions")
        rules = items(fields.get("rules") or [], "a list of rules")
        made: list[Condition] = []
        if conditions:
            kind = fields.get("type")
            if kind not in COMBINATORS:
                raise NotCarriedError(f"{described(kind)} is none of ALL, ANY, NONE", "type")
            parts = [self.condition(each, f"{path}.conditions[{number}]") for number, each in enumerate(conditions)]
            made.append(parts[0] if len(parts) == 1 and kind != "NONE" else {COMBINATORS[kind]: parts})
        made += [self.part(rule, f"{path}.rules[{number}]") for number, rule in enumerate(rules)]
        if not made:
            raise NotCarriedError("a rule without conditions holds for everybody")
        flat = list(_flattened(made))
        return flat[0] if len(flat) == 1 else {"all": flat}

    def condition(self, node: Json, path: str) -> Condition:
        """A condition."""
        try:
            return self.known(mapping(node, "a condition"))
        except NotCarriedError as error:
            return self.notebook.lost(".".join(part for part in (path, error.path) if part), error.reason)

    def known(self, fields: dict[str, Json]) -> Condition:
        """A condition that has a counterpart. Raises NotCarriedError."""
        operator, value = fields.get("operator"), fields.get("value")
        if operator in NO_COUNTERPART:
            raise NotCarriedError(NO_COUNTERPART[operator], "operator")
        key = "property" if "property" in fields else "property_"
        with at(key):
            subject = self.subjects.find(fields.get(key))
        with at("value"):
            if isinstance(value, str) and value.endswith(VERSION_MARK):
                raise NotCarriedError(f"versions (`{value}`) do not compare as texts")
            return self.compared(subject, operator, value)

    def compared(self, subject: Subject, operator: Json, value: Json) -> Condition:
        """A comparison of a trait."""
        match operator:
            case "IS_SET" | "IS_NOT_SET":
                return is_null(subject, negative=operator == "IS_SET")
            case "IN":
                if subject.type not in (DataType.STRING, DataType.INTEGER):
                    raise NotCarriedError(f"IN compares texts and whole numbers, and `{subject.name}` is {subject.type}")
                return one_of(subject, listed(in_values(value), subject.type), negative=False)
            case "CONTAINS" | "NOT_CONTAINS":
                if not isinstance(value, str) or value == "":
                    raise NotCarriedError(f"{described(value)} is not a text that can be looked for")
                is_negative = operator == "NOT_CONTAINS"
                missing = "fails" if is_negative else ""
                return comparison(subject, "contains", value, negative=is_negative, missing=missing)
            case "REGEX":
                if subject.type is not DataType.STRING or not isinstance(value, str):
                    raise NotCarriedError(f"a regular expression needs a text, and `{subject.name}` is {subject.type}")
                return comparison(subject, "matches", anchored(value))
            case str() if operator in COMPARISONS:
                word, is_negative = COMPARISONS[operator]
                if subject.type is DataType.BOOLEAN and str(value) not in ("true", "True", "false", "False"):
                    raise NotCarriedError(f"{described(value)} is neither `true` nor `false`")
                missing = "fails" if is_negative else ""
                return comparison(subject, word, typed(value, subject.type), negative=is_negative, missing=missing)
            case _:
                raise NotCarriedError(f"the operator {described(operator)} has no counterpart", "operator")


def in_values(value: Json) -> Json:
    """The values of IN: a list, the JSON of one, or text with commas."""
    if isinstance(value, str):
        try:
            decoded = json.loads(value)
        except ValueError:
            decoded = None
        return decoded if isinstance(decoded, list) else value.split(",")
    return value


def anchored(pattern: str) -> str:
    """The pattern from the start of the text on.

    >>> anchored("a|b")
    '^(a|b)'
    """
    return pattern if pattern.startswith("^") and "|" not in pattern else f"^({pattern})"
