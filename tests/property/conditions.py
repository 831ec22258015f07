"""Strategies for conditions: every operator, measure, window and combinator of the language, as plain structures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from hypothesis import strategies as st

from segwh.semantics import Duration
from segwh.types import DataType
from tests.property import pools
from tests.property.yaml_text import Word

Node = dict[str, Any]
NUMERIC = (DataType.INTEGER, DataType.NUMBER, DataType.DECIMAL)
COUNTS = (0, 1, 2, 3)
"""What a trait that counts can be: it is never missing."""
MISSING = st.sampled_from(("fails", "matches", None, None, None, None))


@dataclass(frozen=True, slots=True)
class Scope:
    """What a condition may name, and the few values that rules and rows share.

    `events` and `related` map names to their properties; none inside a `where`.
    """

    attributes: dict[str, DataType]
    texts: tuple[str, ...]
    durations: tuple[Duration, ...]
    instants: tuple[datetime, ...]
    """Edges of windows of those durations, and other edges of time."""
    days: tuple[date, ...]
    events: Mapping[str, dict[str, DataType]] | None = None
    related: Mapping[str, dict[str, DataType]] | None = None
    segments: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    """Conditions of the section `conditions`."""
    choices: Mapping[str, tuple[str, ...] | tuple[int, ...]] = field(default_factory=dict)
    """The only values of some attributes; a rule that names another is refused."""

    def inside(self, properties: dict[str, DataType]) -> Scope:
        """The scope of a `where`."""
        return replace(self, attributes=properties, events=None, related=None, segments=(), named=())


@st.composite
def conditions(draw: st.DrawFn, scope: Scope, depth: int = 2) -> Node:
    """Any condition."""
    kinds = ["attribute", "attribute", "attribute"]
    kinds += ["event", "event", "event", "sequence"] if scope.events else []
    kinds += ["related"] if scope.related else []
    kinds += ["segment", "segment"] if scope.segments else []
    kinds += ["condition"] if scope.named else []
    kinds += ["all", "any", "none", "not", "at_least"] if depth else []
    match draw(st.sampled_from(kinds)):
        case "attribute":
            return draw(attribute_conditions(scope))
        case "event":
            return draw(event_conditions(scope))
        case "related":
            return draw(related_conditions(scope))
        case "sequence":
            return draw(sequences(scope))
        case "segment":
            since: tuple[Node, ...] = (
                {},
                {},
                {"entered": {"within": draw(duration_words(scope))}},
                {"for": draw(duration_words(scope))},
            )
            return {"segment": draw(st.sampled_from(scope.segments)), **draw(st.sampled_from(since))}
        case "condition":
            return {"condition": draw(st.sampled_from(scope.named))}
        case "not":
            return {"not": draw(conditions(scope, depth - 1))}
        case "at_least":
            items = draw(st.lists(conditions(scope, depth - 1), min_size=1, max_size=3))
            return {"at_least": draw(st.integers(1, len(items))), "of": items}
        case word:
            return {word: draw(st.lists(conditions(scope, depth - 1), min_size=1, max_size=3))}


@st.composite
def attribute_conditions(draw: st.DrawFn, scope: Scope) -> Node:
    """A condition on an attribute of the scope."""
    names = sorted(scope.attributes)
    if draw(st.booleans()):  # of a type, so that one which few attributes have comes up, too
        chosen = draw(st.sampled_from(sorted({scope.attributes[name] for name in names})))
        names = [name for name in names if scope.attributes[name] is chosen]
    name = draw(st.sampled_from(names))
    data_type = scope.attributes[name]
    others = [other for other, its in scope.attributes.items() if comparable(its, data_type) and other != name]
    if others and data_type not in (DataType.STRING_LIST, DataType.BOOLEAN) and draw(st.integers(0, 5)) == 5:
        words = ["is", "is_not", "gt", "gte", "lt", "lte"]
        if data_type is DataType.STRING:
            words = ["is", "is_not", "contains", "not_contains", "starts_with", "not_starts_with", "ends_with", "not_ends_with"]
        test: Node = {draw(st.sampled_from(words)): {"attribute": draw(st.sampled_from(others))}}
        if data_type is DataType.STRING and draw(st.booleans()):
            test["ignore_case"] = True
    elif name in scope.choices:
        values = scope.choices[name]
        test = draw(number_bounds() if values == COUNTS else choice_tests(values))
    else:
        test = draw(tests_of(data_type, scope))
    missing = draw(MISSING)
    if missing is not None and "exists" not in test:
        test = {**test, "missing": missing}
    return {"attribute": name, **test}


@cache
@st.composite
def choice_tests(draw: st.DrawFn, values: tuple[str, ...] | tuple[int, ...]) -> Node:
    """An operator on a text that has few values, or on a number that has at least these, which ascend from its least one."""
    orders = ("gt", "gte", "lt", "lte", "between", "not_between") if isinstance(values[0], int) else ()
    word = draw(st.sampled_from(("is", "is_not", "in", "not_in", "exists", *orders)))
    if word == "exists":
        return {word: draw(st.booleans())}
    if word in ("gt", "lte"):
        return {word: draw(st.sampled_from(values[:-1]))}
    if word in ("gte", "lt"):
        return {word: draw(st.sampled_from(values[1:]))}
    if word == "between":
        return {word: sorted(draw(st.tuples(st.sampled_from(values), st.sampled_from(values))))}
    if word == "not_between":
        return {word: [draw(st.sampled_from(values))] * 2}
    if word in ("in", "not_in"):
        # not all of them: to be none of what a count can be is an error
        return {word: draw(st.lists(st.sampled_from(values), min_size=1, max_size=max(len(values) - 1, 1), unique=True))}
    return {word: draw(st.sampled_from(values))}


def comparable(one: DataType, other: DataType) -> bool:
    """Whether two columns may be compared."""
    return one is other or (one.is_numeric and other.is_numeric) or (one.is_temporal and other.is_temporal)


def tests_of(data_type: DataType, scope: Scope) -> st.SearchStrategy[Node]:
    """An operator and its argument, for values of a type."""
    return st.one_of(*[comparisons(data_type, scope)] * 3, st.booleans().map(lambda flag: {"exists": flag}))


def comparisons(data_type: DataType, scope: Scope) -> st.SearchStrategy[Node]:
    """The same, of operators that compare."""
    match data_type:
        case DataType.STRING:
            return text_tests(scope)
        case DataType.INTEGER | DataType.NUMBER | DataType.DECIMAL:
            return number_tests(data_type)
        case DataType.BOOLEAN:
            flags = st.builds(lambda word, flag: {word: flag}, st.sampled_from(("is", "is_not")), st.booleans())
            lists = st.builds(lambda word, flag: {word: [flag]}, st.sampled_from(("in", "not_in")), st.booleans())
            return st.one_of(flags, lists)
        case DataType.DATE | DataType.TIMESTAMP:
            return st.one_of(date_tests(data_type, scope), time_tests(scope), local_tests(data_type))
        case DataType.STRING_LIST:
            words = st.builds(
                lambda word, values: {word: values},
                st.sampled_from(("has_any", "has_all", "has_none")),
                st.lists(texts_of(scope.texts), min_size=1, max_size=3, unique=True),
            )
            return st.one_of(words, words, size_bounds().map(lambda bound: {"size": bound}))


@cache
def any_texts() -> st.SearchStrategy[str]:
    """A text of the pool, seldom any text at all."""
    anything = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=4)
    return st.one_of(*[st.sampled_from(pools.TEXTS)] * 9, anything)


@lru_cache(maxsize=8)
def texts_of(texts: tuple[str, ...]) -> st.SearchStrategy[str]:
    """A text that rows hold too, or any."""
    return st.one_of(*[st.sampled_from(texts)] * 6, any_texts())


@lru_cache(maxsize=8)
def parts_of(texts: tuple[str, ...]) -> st.SearchStrategy[str]:
    """A text that is not empty, often a piece of one that rows hold."""
    pieces = st.builds(
        lambda text, start, end: text[start : start + end], texts_of(texts), st.integers(0, 2), st.integers(1, 3)
    )
    return st.one_of(pieces, texts_of(texts)).map(lambda part: part or "a")


@st.composite
def text_tests(draw: st.DrawFn, scope: Scope) -> Node:
    """An operator on a text."""
    word = draw(st.sampled_from(TEXT_OPERATORS))
    argument: object
    if word in ("in", "not_in") and draw(st.integers(0, 3)) == 3:
        argument = {"relation": "ref('words')", "column": "word"}
    elif word in ("in", "not_in"):
        argument = draw(st.lists(texts_of(scope.texts), min_size=1, max_size=4, unique=True))
    elif word in ("matches", "not_matches"):
        argument = draw(st.sampled_from(pools.PATTERNS))
    elif word in ("is", "is_not"):
        argument = draw(texts_of(scope.texts))
    else:
        argument = draw(parts_of(scope.texts))
    return {word: argument, **({"ignore_case": True} if draw(st.integers(0, 3)) == 3 else {})}


TEXT_OPERATORS = (
    "is", "is_not", "in", "not_in", "contains", "not_contains", "like", "not_like", "starts_with", "not_starts_with",
    "ends_with", "not_ends_with", "matches", "not_matches",
)  # fmt: skip


@cache
@st.composite
def number_tests(draw: st.DrawFn, data_type: DataType) -> Node:
    """An operator on a number; integers meet halves too, decimals meet what no double can hold."""
    pool: tuple[object, ...] = (*pools.INTEGERS, *(pools.DECIMALS if data_type is DataType.DECIMAL else pools.LITERALS))
    word = draw(st.sampled_from(("is", "is_not", "in", "not_in", "gt", "gte", "lt", "lte", "between", "not_between")))
    if data_type is DataType.INTEGER and word in ("is", "is_not", "in", "not_in"):
        pool = pools.INTEGERS
    if word in ("in", "not_in"):
        return {word: draw(st.lists(st.sampled_from(pool), min_size=1, max_size=3, unique=True))}
    if word in ("between", "not_between"):
        return {word: sorted(draw(st.tuples(st.sampled_from(pool), st.sampled_from(pool))))}
    return {word: draw(st.sampled_from(pool))}


@st.composite
def date_tests(draw: st.DrawFn, data_type: DataType, scope: Scope) -> Node:
    """A date or, on a timestamp, an instant, as the argument of an order."""
    points: list[date | datetime] = list(scope.days)
    if data_type is DataType.TIMESTAMP and draw(st.booleans()):
        points = list(scope.instants)
    words = ("is", "is_not", "in", "not_in", "gt", "gte", "lt", "lte", "before", "after", "between", "not_between")
    word = draw(st.sampled_from(words))
    if word in ("in", "not_in"):
        return {word: [time_word(at) for at in draw(st.lists(st.sampled_from(points), min_size=1, max_size=3, unique=True))]}
    if word in ("between", "not_between"):
        pair = sorted(draw(st.tuples(st.sampled_from(points), st.sampled_from(points))))
        return {word: [time_word(at) for at in pair]}
    return {word: time_word(draw(st.sampled_from(points)))}


def time_word(at: date | datetime) -> str:
    """A date or an instant as text."""
    return at.isoformat().replace("+00:00", "Z")


def duration_word(duration: Duration) -> Word:
    """A duration as text."""
    return Word(str(duration))


@lru_cache(maxsize=8)
def words_of(durations: tuple[Duration, ...]) -> st.SearchStrategy[Word]:
    """One of these durations as text."""
    return st.sampled_from(durations).map(duration_word)


def duration_words(scope: Scope) -> st.SearchStrategy[Word]:
    """One of the scope's durations as text."""
    return words_of(scope.durations)


@st.composite
def time_tests(draw: st.DrawFn, scope: Scope, future: bool = True) -> Node:
    """A stretch of time relative to as-of."""
    match draw(st.sampled_from(("within", "ending", "more_than_ago", *(("within_next",) if future else ()), "calendar"))):
        case "within":
            return {"within": draw(duration_words(scope))}
        case "ending":
            return {"within": draw(duration_words(scope)), "ending": Word(f"{draw(duration_words(scope))} ago")}
        case "calendar":
            return {"calendar": draw(calendars(future))}
        case word:
            return {word: draw(duration_words(scope))}


@cache
@st.composite
def calendars(draw: st.DrawFn, future: bool) -> Node:
    """Calendar units around as-of."""
    which = draw(st.sampled_from(("this", "last", "next") if future else ("this", "last")))
    unit = Word(draw(st.sampled_from(pools.UNITS)))
    return {"this": unit} if which == "this" else {which: draw(st.integers(1, 3)), "unit": unit}


@cache
@st.composite
def local_tests(draw: st.DrawFn, data_type: DataType) -> Node:
    """Parts of the local clock: day of the year, of the week, hour."""
    words = ("between", "is", "within_next", "week", "week", *(("hour",) * 8 if data_type is DataType.TIMESTAMP else ()))
    month_days = st.sampled_from(("01-01", "02-27", "02-28", "02-29", "03-01", "03-31", "06-15", "12-31", "12-02", "01-03"))
    match draw(st.sampled_from(words)):
        case "between":
            return {"day_of_year": {"between": [Word(draw(month_days)), Word(draw(month_days))]}}
        case "is":
            return {"day_of_year": {"is": Word(draw(month_days))}}
        case "within_next":
            return {"day_of_year": {"within_next": Word(f"{draw(st.sampled_from((1, 2, 3, 7, 31, 365, 366)))} days")}}
        case "week":
            days = draw(st.lists(st.sampled_from(pools.WEEK_DAYS), min_size=1, max_size=3, unique=True))
            first, last = Word(days[0]), Word(days[-1])
            forms: tuple[Node, ...] = ({"in": [Word(day) for day in days]}, {"is": first}, {"between": [first, last]})
            return {"day_of_week": draw(st.sampled_from(forms))}
        case _:
            hours = [draw(st.integers(0, 23)), draw(st.integers(0, 23))]
            return {"hour": {"is": hours[0]} if draw(st.booleans()) else {"between": hours}}


# --- rows -----------------------------------------------------------------------------------------------------------------


@cache
@st.composite
def count_bounds(draw: st.DrawFn) -> object:
    """A bound on a number of rows that some numbers meet and some do not: the bare number, or operators."""
    word = draw(st.sampled_from(("", "is", "is_not", "gt", "gte", "lt", "lte", "both")))
    number = draw(st.integers(1 if word in ("gte", "lt", "both") else 0, 3))
    if word == "both":
        return {"gte": number, "lte": draw(st.integers(number, 4))}
    return {word: number} if word else number


@cache
def number_bounds() -> st.SearchStrategy[Node]:
    """A test of a small number, which is always there."""
    return choice_tests(COUNTS).map(lambda test: {"gte": 2} if "exists" in test else test)


@cache
@st.composite
def size_bounds(draw: st.DrawFn) -> object:
    """A bound on the size of a list."""
    word = draw(st.sampled_from(("", "is", "gt", "gte", "lt", "lte", "both")))
    number = draw(st.integers(1 if word == "lt" else 0, 3))
    if word == "both":
        return {"gte": number, "lte": draw(st.integers(number, 4))}
    return {word: number} if word else number


@st.composite
def wheres(draw: st.DrawFn, properties: dict[str, DataType], scope: Scope) -> Node:
    """Nothing, or a `where` of one node or a list."""
    inside = scope.inside(properties)
    match draw(st.integers(0, 3)):
        case 0 | 1:
            return {}
        case 2:
            return {"where": draw(conditions(inside, 1))}
        case _:
            return {"where": draw(st.lists(conditions(inside, 1), min_size=1, max_size=2))}


@st.composite
def windows(draw: st.DrawFn, scope: Scope) -> Node:
    """Nothing, or one window."""
    kinds = ("all", "all", "within", "ending", "between", "since", "until", "calendar", "before")
    match draw(st.sampled_from(kinds)):
        case "all":
            return {}
        case "within":
            return {"within": draw(duration_words(scope))}
        case "ending":
            return {"within": draw(duration_words(scope)), "ending": Word(f"{draw(duration_words(scope))} ago")}
        case "between":
            points: tuple[date | datetime, ...] = draw(st.sampled_from((scope.days, scope.instants)))
            pair = sorted(draw(st.lists(st.sampled_from(points), min_size=2, max_size=2, unique=True)))
            return {"between": [time_word(at) for at in pair]}
        case "calendar":
            return {"calendar": draw(calendars(future=False))}
        case "before":
            return {"before": Word(f"{draw(duration_words(scope))} ago")}
        case word:
            return {word: time_word(draw(st.sampled_from((*scope.days, *scope.instants))))}


@st.composite
def measures(draw: st.DrawFn, properties: dict[str, DataType], scope: Scope, timed: bool) -> Node:
    """Nothing, or one measure."""
    numeric = sorted(name for name, data_type in properties.items() if data_type.is_numeric)
    single = sorted(name for name, data_type in properties.items() if data_type is not DataType.STRING_LIST)
    ordered = [name for name in single if properties[name] is not DataType.BOOLEAN]
    kinds = ["none", "count", "count", "by", "sum", "avg", "min", "max", "distinct"]
    kinds += ["days", "first", "last", "first_where", "last_where"] if timed else []
    match draw(st.sampled_from(kinds)):
        case "none":
            return {}
        case "count":
            return {"count": draw(count_bounds())}
        case "days":
            return {"days": draw(count_bounds())}
        case "by":
            return {"count": {"by": draw(st.sampled_from(single)), **draw(number_bounds())}}
        case "distinct":
            return {"distinct": {"of": draw(st.sampled_from(single)), **draw(number_bounds())}}
        case "sum" | "avg" as function:
            name = draw(st.sampled_from(numeric))
            return {function: {"of": name, **draw(number_tests(properties[name]))}}
        case "min" | "max" as function:
            name = draw(st.sampled_from(ordered))
            test = draw(comparisons(properties[name], scope))
            return {function: {"of": name, **{word: argument for word, argument in test.items() if word != "ignore_case"}}}
        case "first" | "last" as edge:
            return {edge: draw(st.one_of(time_tests(scope, future=False), date_tests(DataType.TIMESTAMP, scope)))}
        case edge:
            return {edge.removesuffix("_where"): {"where": draw(conditions(scope.inside(properties), 1))}}


@st.composite
def event_conditions(draw: st.DrawFn, scope: Scope) -> Node:
    """A condition on an event."""
    assert scope.events is not None
    name = draw(st.sampled_from(sorted(scope.events)))
    properties = scope.events[name]
    node = {"event": name, **draw(wheres(properties, scope)), **draw(windows(scope))}
    return {**node, **draw(measures(properties, scope, timed=True))}


@st.composite
def related_conditions(draw: st.DrawFn, scope: Scope) -> Node:
    """A condition on related rows."""
    assert scope.related is not None
    name = draw(st.sampled_from(sorted(scope.related)))
    properties = scope.related[name]
    return {"related": name, **draw(wheres(properties, scope)), **draw(measures(properties, scope, timed=False))}


@st.composite
def sequences(draw: st.DrawFn, scope: Scope) -> Node:
    """Two to four steps, some negative."""
    assert scope.events is not None
    names = sorted(scope.events)
    steps: list[Node] = []
    positive = ""
    for number in range(draw(st.integers(2, 4))):
        name = draw(st.sampled_from(names))
        negative = number > 0 and draw(st.integers(0, 2)) == 2
        step: Node = {"without" if negative else "event": name, **draw(wheres(scope.events[name], scope))}
        if negative or (number > 0 and draw(st.booleans())):
            step["within"] = draw(duration_words(scope))
        shared = sorted(
            property_
            for property_, data_type in scope.events[name].items()
            if "." not in property_ and scope.events.get(positive, {}).get(property_) is data_type
        )
        if number > 0 and shared and draw(st.integers(0, 2)) == 2:
            step["same"] = [draw(st.sampled_from(shared))]
        positive = positive if negative else name
        steps.append(step)
    return {"sequence": steps, **draw(windows(scope))}
