"""Flat filters as Mautic keeps them: `glue: or` begins a new group; all filters of a group hold, and one group is enough.

It means what Mautic's own queries on MySQL mean: texts compare without regard to case, `!=`, `!like`, `!in` and `!between` hold
for a missing value, `!regexp` does not, `empty` is null or the empty text, and `like` takes `%` and `_` as wildcards (and is
`contains` without any `%`). Of a field of several choices `in` wants all that it lists, and `!in` a value that is none of them.
"""

from __future__ import annotations

from segwh.importing.conditions import all_of, any_of, between, comparison, like, listed, one_of
from segwh.importing.found import Condition, Found, Json, NotCarriedError, Notebook, at, described, items, mapping
from segwh.importing.subjects import Subject, Subjects, typed
from segwh.text.reading import DATE
from segwh.types import DataType

COMPARISONS: dict[str, tuple[str, bool]] = {
    "=": ("is", False),
    "!=": ("is", True),
    "gt": ("gt", False),
    "gte": ("gte", False),
    "lt": ("lt", False),
    "lte": ("lte", False),
}
CALENDAR: dict[str, Condition] = {
    "today": {"this": "day"},
    "yesterday": {"last": 1, "unit": "day"},
    "tomorrow": {"next": 1, "unit": "day"},
    **{
        f"{word} {unit}": {"this": unit} if word == "this" else {word: 1, "unit": unit}
        for word in ("this", "last", "next")
        for unit in ("week", "month", "year")
    },
}
"""Words for calendar units in place of a date."""
ACCENTS = "MySQL also takes letters with and without accents for the same, which is not carried over"
CASE_IN_LISTS = "MySQL also takes large and small letters for the same, which is not carried over for lists"


def read(content: Json, title: str, subjects: Subjects) -> list[Found]:
    """The segments of a file: one segment, a list of them, or an answer of Mautic's API."""
    lists = _lists(content)
    is_published: dict[str, bool] = {}
    for path, entry in lists:
        with at(path):
            fields = mapping(entry, "a segment")
        for key in ("id", "alias"):
            if fields.get(key) is not None:
                is_published[str(fields[key])] = _is_published(fields)
    return [_segment(entry, path, title, subjects, is_published) for path, entry in lists]


def _lists(content: Json) -> list[tuple[str, Json]]:
    if isinstance(content, dict) and "filters" in content:
        return [("", content)]
    if isinstance(content, dict) and "list" in content:
        return [("list", content["list"])]
    prefix, inner = ("lists", content["lists"]) if isinstance(content, dict) and "lists" in content else ("", content)
    if isinstance(inner, list):
        return [(f"{prefix}[{number}]", entry) for number, entry in enumerate(inner)]
    if isinstance(inner, dict):
        return [(f"{prefix}.{key}" if prefix else key, entry) for key, entry in inner.items()]
    raise NotCarriedError(f"{described(content)} stands where segments are expected")


def _is_published(entry: dict[str, Json]) -> bool:
    return entry.get("isPublished", True) not in (False, "0", "false")


def _segment(entry: dict[str, Json], path: str, title: str, subjects: Subjects, known: dict[str, bool]) -> Found:
    notebook = Notebook()
    reader = _Reader(subjects, notebook, known)
    name, description = entry.get("name"), entry.get("description")
    is_active = _is_published(entry)
    where = f"{path}.filters" if path else "filters"
    try:
        include = reader.groups(items(entry.get("filters"), "a list of filters"), where)
    except NotCarriedError as error:
        include = notebook.lost(where, error.reason)
    if not is_active:
        notebook.note(path or "isPublished", "it is not published, so it is inactive here")
    return Found(
        path=path,
        title=name if isinstance(name, str) and name else title,
        include=tuple(include["all"]) if set(include) == {"all"} else (include,),
        description=description if isinstance(description, str) else "",
        is_active=is_active,
        problems=tuple(notebook.problems),
        notes=tuple(notebook.notes),
        identifiers=tuple(str(entry[key]) for key in ("id", "alias") if entry.get(key) is not None),
    )


class _Reader:
    """Reads the filters of one segment. `known` says of the segments of the file whether they are published."""

    def __init__(self, subjects: Subjects, notebook: Notebook, known: dict[str, bool]) -> None:
        self.subjects = subjects
        self.notebook = notebook
        self.known = known

    def groups(self, filters: list[Json], where: str) -> Condition:
        """All filters: each `or` begins a group."""
        groups: list[list[Condition]] = []
        for number, node in enumerate(filters):
            path = f"{where}[{number}]"
            try:
                fields = mapping(node, "a filter")
                glue = str(fields.get("glue") or "and").lower()
                if glue not in ("and", "or"):
                    raise NotCarriedError(f"{described(fields.get('glue'))} is neither `and` nor `or`", "glue")
                condition = self.filter(fields)
            except NotCarriedError as error:
                glue = "and" if not isinstance(node, dict) or node.get("glue") != "or" else "or"
                condition = self.notebook.lost(".".join(part for part in (path, error.path) if part), error.reason)
            if glue == "or" or not groups:
                groups.append([])
            groups[-1].append(condition)
        return any_of(all_of(group) for group in groups)

    def filter(self, fields: dict[str, Json]) -> Condition:
        """One filter."""
        about = fields.get("object") or "lead"
        if about not in ("lead", "contact"):
            raise NotCarriedError(f"filters on {described(about)} have no counterpart: only fields of contacts do", "object")
        operator = fields.get("operator")
        if not isinstance(operator, str):
            raise NotCarriedError(f"{described(operator)} is no operator", "operator")
        properties = fields.get("properties")
        value = properties["filter"] if isinstance(properties, dict) and "filter" in properties else fields.get("filter")
        if fields.get("field") == "leadlist":
            return self.membership(operator, value)
        with at("field"):
            subject = self.subjects.find(fields.get("field"))
        if subject.type is DataType.STRING and operator not in ("empty", "!empty"):
            self.notebook.note("", ACCENTS)
        if fields.get("type") == "multiselect" and operator in ("in", "!in"):
            # Mautic means by these words something else on a field of several choices
            operator = "!multiselect" if operator == "!in" else "multiselect"
        with at("properties.filter"):
            return self.condition(subject, operator, value)

    def membership(self, operator: str, value: Json) -> Condition:
        """Being in other segments."""
        if operator not in ("in", "!in"):
            raise NotCarriedError(f"the operator `{operator}` has no counterpart on segments", "operator")
        wanted = [str(each) for each in (value if isinstance(value, list) else [value])]
        unknown = [each for each in wanted if each not in self.known]
        if unknown or not wanted:
            raise NotCarriedError(f"the segments {', '.join(unknown) or 'it names'} are not in this file", "properties.filter")
        unpublished = [each for each in wanted if not self.known[each]]
        if unpublished:
            # inactive here, they would hold nobody: the rule would let all those in whom they keep out
            reason = f"the segments {', '.join(unpublished)} are not published and would be without members here"
            raise NotCarriedError(reason, "properties.filter")
        references = [{REFERENCE: each} for each in wanted]
        return any_of(references) if operator == "in" else {"none": references}

    def condition(self, subject: Subject, operator: str, value: Json) -> Condition:
        """A comparison of a field."""
        is_negative = operator.startswith("!")
        match operator:
            case "empty" | "!empty":
                return {"attribute": subject.name, "exists": is_negative}
            case "=" | "!=" | "gt" | "gte" | "lt" | "lte":
                return self.compared(subject, *COMPARISONS[operator], value)
            case "like" | "!like":
                text = self.text(value)
                return like(subject, text if "%" in text else f"%{text}%", negative=is_negative, ignore_case=True)
            case "contains":
                return like(subject, f"%{self.text(value)}%", ignore_case=True)
            case "startsWith":
                return like(subject, f"{self.text(value)}%", ignore_case=True)
            case "endsWith":
                return like(subject, f"%{self.text(value)}", ignore_case=True)
            case "in" | "!in":
                values = listed(value, subject.type, "|")
                return one_of(subject, values, negative=is_negative, ignore_case=True)
            case "between" | "!between":
                self.no_clock(subject, value)
                return between(subject, value, negative=is_negative)
            case "regexp" | "!regexp":
                missing = "fails" if is_negative else ""
                pattern = self.text(value).replace("\\\\", "\\")  # as Mautic does before it asks
                return comparison(subject, "matches", pattern, negative=is_negative, missing=missing, ignore_case=True)
            case "multiselect" | "!multiselect" if subject.type is DataType.STRING_LIST:
                values = listed(value, subject.type, "|")
                self.notebook.note("", CASE_IN_LISTS)
                if is_negative:
                    return comparison(subject, "has_any", values, negative=True, missing="fails")
                return comparison(subject, "has_all", values)
            case _:
                raise NotCarriedError(f"the operator `{operator}` has no counterpart on {subject.type}", "operator")

    def compared(self, subject: Subject, word: str, is_negative: bool, value: Json) -> Condition:
        """A comparison with one value; on dates also with a calendar unit."""
        if subject.type.is_temporal:
            unit = CALENDAR.get(str(value).strip().lower().replace("_", " "))
            if unit is not None and word == "is":
                calendar: Condition = {"attribute": subject.name, "calendar": unit}
                return {"not": calendar} if is_negative else calendar
            self.no_clock(subject, value)
        literal = typed(value, subject.type)
        return comparison(subject, word, literal, negative=is_negative, ignore_case=word == "is")

    def no_clock(self, subject: Subject, value: Json) -> None:
        """Refuse dates that need Mautic's own clock: words such as `-30 days`, and whole days on a timestamp."""
        for each in value if isinstance(value, list) else [value]:
            text = str(each).strip()
            if not text[:1].isdigit():
                reason = (
                    f"the date {described(each)} depends on when it is asked; `within`, `more_than_ago` or `calendar` say that"
                )
                raise NotCarriedError(reason)
            if subject.type is DataType.TIMESTAMP and DATE.fullmatch(text):
                raise NotCarriedError(f"`{text}` on a timestamp depends on the time zone of Mautic's database; give the time")

    def text(self, value: Json) -> str:
        """A text that is not empty."""
        if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
            raise NotCarriedError(f"{described(value)} is not a text" if value != "" else "the text is empty")
        return str(value)


REFERENCE = "segment of the file"
"""The key of a reference to another segment of the same file, by its id; its name is known once all are named."""
