"""The tree of react-querybuilder: groups of rules joined by `and` or `or`, with `not`, nested, in both of its forms.

It means what its own export to SQL means. There a comparison with null is unknown, also under `not`, and unknown rules nobody
in: so `not` is carried down to the comparisons, and each one that is negative says `missing: fails`. Texts of `contains`,
`beginsWith` and `endsWith` are taken literally and with their case.
"""

from __future__ import annotations

from typing import Any

from segwh.importing.conditions import all_of, any_of, between, comparison, is_null, listed, one_of
from segwh.importing.found import Condition, Found, Json, NotCarriedError, Notebook, at, described, items, mapping
from segwh.importing.subjects import Subject, Subjects, typed
from segwh.types import DataType

OPERATORS: dict[str, tuple[str, bool]] = {
    "=": ("is", False),
    "!=": ("is", True),
    "<": ("lt", False),
    "<=": ("lte", False),
    ">": ("gt", False),
    ">=": ("gte", False),
    "contains": ("contains", False),
    "doesnotcontain": ("contains", True),
    "beginswith": ("starts_with", False),
    "doesnotbeginwith": ("starts_with", True),
    "endswith": ("ends_with", False),
    "doesnotendwith": ("ends_with", True),
    "in": ("in", False),
    "notin": ("in", True),
    "between": ("between", False),
    "notbetween": ("between", True),
    "null": ("null", False),
    "notnull": ("null", True),
}
"""Each operator (letter case does not matter) as a positive one, and whether it negates that."""
OPPOSITES = {"lt": "gte", "lte": "gt", "gt": "lte", "gte": "lt"}
TEXT_WORDS = frozenset({"contains", "starts_with", "ends_with"})
PLACEHOLDER = "~"


def read(content: Json, title: str, subjects: Subjects) -> list[Found]:
    """The segments of a file: one tree called `title`, a list of objects with `name` and `query`, or trees by name."""
    if isinstance(content, dict) and "rules" in content:
        return [_segment(content, "", title, "", subjects)]
    found: list[Found] = []
    if isinstance(content, list):
        for number, entry in enumerate(content):
            path = f"[{number}]"
            with at(path):
                entry = mapping(entry, "a segment with `name` and `query`")
            name = entry.get("label") or entry.get("name")
            named = name if isinstance(name, str) else f"{title} {number + 1}"
            description = entry.get("description")
            told = description if isinstance(description, str) else ""
            found.append(_segment(entry.get("query"), f"{path}.query", named, told, subjects))
    elif isinstance(content, dict):
        found = [_segment(query, name, name, "", subjects) for name, query in content.items()]
    else:
        raise NotCarriedError(f"{described(content)} stands where a query is expected")
    return found


def _segment(query: Json, path: str, title: str, description: str, subjects: Subjects) -> Found:
    notebook = Notebook()
    reader = _Reader(subjects, notebook)
    whole = reader.part(query, path, negated=False)
    include = whole["all"] if set(whole) == {"all"} else [whole]
    return Found(path, title, tuple(include), description, True, tuple(notebook.problems), tuple(notebook.notes))


class _Reader:
    """Reads the parts of one tree. What has no counterpart is noted and replaced, so that all of it is told at once."""

    def __init__(self, subjects: Subjects, notebook: Notebook) -> None:
        self.subjects = subjects
        self.notebook = notebook

    def part(self, node: Json, path: str, negated: bool) -> Condition:
        """A group or a rule."""
        try:
            fields = mapping(node, "a rule or a group")
            if "rules" in fields:
                return self.group(fields, path, negated)
            return self.rule(fields, negated)
        except NotCarriedError as error:
            return self.notebook.lost(".".join(part for part in (path, error.path) if part) or "query", error.reason)

    def group(self, fields: dict[str, Json], path: str, negated: bool) -> Condition:
        """A group. Under `not`, "and" becomes "or" of the opposites, and the other way round."""
        if fields.get("muted") is True:
            raise NotCarriedError("the group is muted", "muted")
        rules = items(fields["rules"], "a list of rules")
        inverts = fields.get("not", False)
        if not isinstance(inverts, bool):
            raise NotCarriedError(f"{described(inverts)} is not true or false", "not")
        negated = negated is not inverts
        prefix = f"{path}.rules" if path else "rules"
        if not rules:
            raise NotCarriedError("the group is empty", "rules")
        if "combinator" in fields:
            word = self.combinator(fields["combinator"], "combinator")
            parts = [self.part(rule, f"{prefix}[{number}]", negated) for number, rule in enumerate(rules)]
            return (all_of if (word == "and") is not negated else any_of)(parts)
        return self.independent(rules, prefix, negated)

    def independent(self, rules: list[Json], prefix: str, negated: bool) -> Condition:
        """Rules with a combinator between each two; as in SQL, `and` binds tighter than `or`."""
        if len(rules) % 2 == 0:
            raise NotCarriedError("between each two rules stands one combinator", "rules")
        parts = [self.part(rule, f"{prefix}[{2 * number}]", negated) for number, rule in enumerate(rules[::2])]
        runs = [[parts[0]]]
        for number, (word, part) in enumerate(zip(rules[1::2], parts[1:], strict=True)):
            if self.combinator(word, f"rules[{2 * number + 1}]") == "and":
                runs[-1].append(part)
            else:
                runs.append([part])
        inner, outer = (any_of, all_of) if negated else (all_of, any_of)
        return outer(inner(run) for run in runs)

    def combinator(self, word: Json, path: str) -> str:
        """`and` or `or`."""
        lowered = word.lower() if isinstance(word, str) else word
        if lowered not in ("and", "or"):
            raise NotCarriedError(f"{described(word)} is neither `and` nor `or`", path)
        return str(lowered)

    def rule(self, fields: dict[str, Json], negated: bool) -> Condition:
        """A comparison."""
        if fields.get("muted") is True:
            raise NotCarriedError("the rule is muted", "muted")
        for key in ("match", "params"):
            if fields.get(key):
                raise NotCarriedError(f"`{key}` has no counterpart", key)
        if PLACEHOLDER in (fields.get("field"), fields.get("operator")):
            raise NotCarriedError("nothing is chosen here yet", "field" if fields.get("field") == PLACEHOLDER else "operator")
        with at("field"):
            subject = self.subjects.find(fields.get("field"))
        written = fields.get("operator")
        known = OPERATORS.get(written.lower()) if isinstance(written, str) else None
        if known is None:
            raise NotCarriedError(f"the operator {described(written)} has no counterpart", "operator")
        word, is_negative = known
        negative = is_negative is not negated
        if word == "null":
            return is_null(subject, negative)
        if negative and word in OPPOSITES:
            word, negative = OPPOSITES[word], False
        source = fields.get("valueSource") or "value"
        with at("value"):
            if source == "field":
                return self.with_field(subject, word, negative, fields.get("value"))
            if source != "value":
                raise NotCarriedError(f"the source of values {described(source)} has no counterpart", "valueSource")
            return self.with_value(subject, word, negative, fields.get("value"))

    def with_value(self, subject: Subject, word: str, negative: bool, value: Json) -> Condition:
        """A comparison with a literal."""
        missing = "fails" if negative else ""
        if word == "in":
            return one_of(subject, listed(value, subject.type), negative=negative, missing=missing)
        if word == "between":
            return between(subject, value, negative=negative, missing=missing)
        if word == "contains" and subject.type is DataType.STRING_LIST:
            return one_of(subject, [typed(value, subject.type)], negative=negative, missing=missing)
        literal: Any = typed(value, subject.type)
        if word in TEXT_WORDS and isinstance(literal, str):
            if literal == "":
                raise NotCarriedError("the text is empty")
            if "%" in literal or "_" in literal:
                self.notebook.note("value", f"`%` and `_` of `{literal}` are taken literally, where SQL's LIKE has wildcards")
        return comparison(subject, word, literal, negative=negative, missing=missing)

    def with_field(self, subject: Subject, word: str, negative: bool, value: Json) -> Condition:
        """A comparison with another field, or with several."""
        missing = "fails" if negative else ""
        names = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
        others = [self.subjects.find(name.strip() if isinstance(name, str) else name) for name in names]
        if word == "in":
            parts = [
                comparison(subject, "is", {"attribute": other.name}, negative=negative, missing=missing) for other in others
            ]
            return all_of(parts) if negative else any_of(parts)
        if word == "between":
            if len(others) != 2:
                raise NotCarriedError("a range needs two fields")
            low, high = ({"attribute": other.name} for other in others)
            if negative:
                return any_of([comparison(subject, "lt", low), comparison(subject, "gt", high)])
            return all_of([comparison(subject, "gte", low), comparison(subject, "lte", high)])
        if len(others) != 1:
            raise NotCarriedError("one field is needed")
        (other,) = others
        return comparison(subject, word, {"attribute": other.name}, negative=negative, missing=missing)
