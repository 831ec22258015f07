"""The check of a property's `sql:`: one scalar expression over one row's own columns, in the dialect of the target."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from segwh.catalog.constant import results, texts_of, written

# sqlglot takes a quarter of a second to import, so it is imported where the first `sql:` is met.
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlglot import exp

FORBIDDEN_FUNCTIONS = frozenset(
    {
        "random", "rand", "randn", "uuid", "gen_random_uuid", "newid", "generate_uuid", "generateuuidv4", "nextval",
        "currval", "lastval", "setseed", "sleep", "pg_sleep", "now", "getdate", "getutcdate", "sysdate", "systimestamp",
        "sysdatetime", "sysutcdatetime", "today", "yesterday", "curdate", "curtime", "clock_timestamp",
        "statement_timestamp", "transaction_timestamp", "timeofday", "current_date", "current_time",
        "current_timestamp", "localtime", "localtimestamp", "unix_timestamp", "get_current_timestamp",
        "get_current_time", "utc_date", "utc_time", "utc_timestamp", "now64", "rand64", "rand32", "randcanonical",
        "monotonically_increasing_id", "unnest", "explode", "posexplode", "flatten", "generate_series", "arrayjoin",
        "array_join_rows", "read_csv", "read_parquet", "read_json", "read_text", "read_blob", "query", "query_table",
        "getvariable", "current_setting", "getenv", "current_localtime", "current_localtimestamp", "current_timestamp_l_t_z",
        "sysdatetimeoffset", "nowinblock", "uuidv4", "uuidv7", "uuid_string", "uuid_generate_v1", "uuid_generate_v4",
        "generateuuidv7", "newsequentialid", "random_normal", "gen_random_bytes", "randstr", "uniform", "normal", "shuffle",
        "seq1", "seq2", "seq4", "seq8", "txid_current", "pg_backend_pid", "current_user", "session_user", "current_role",
        "current_schema", "current_catalog", "current_database", "spark_partition_id", "input_file_name",
        "pg_current_xact_id", "generateulid", "generatesnowflakeid", "rownumberinallblocks", "rownumberinblock",
    }
)  # fmt: skip
"""Functions that read the clock, draw by chance, wait, make rows, or read what is not of the row."""
CLOCK_WORDS = frozenset({"now", "today", "tomorrow", "yesterday"})
"""Texts that some engines read as a time of the clock where one is cast to a date or timestamp."""
WITHOUT_CLOCK_WORDS = frozenset({"duckdb", "clickhouse", "bigquery", "snowflake", "trino", "athena", "tsql", "fabric"})
"""Dialects whose engines read such a text as no time: a query that makes one of it ends, or finds nothing."""
WITHOUT_AT_TIME_ZONE = frozenset({"snowflake", "spark", "databricks"})
"""Dialects whose engines have no such operator, though sqlglot reads it and writes something else in its place."""
WITH_AT_TIME_ZONE = frozenset({"duckdb", "postgres", "redshift", "trino", "athena", "tsql", "fabric"})
"""Those whose engines have it."""
BESIDE_CLOCK_WORDS = frozenset({"am", "pm", "ad", "bc", "utc", "gmt", "z"})
"""What may stand beside them; a zone with a stroke may, too."""


def problem_of(sql: str, dialect: str, is_time: bool = False, texts: frozenset[str] = frozenset()) -> str:
    """What is wrong with an expression, in words that follow "the expression"; nothing when it is a scalar over one row.
    `is_time`: it is declared to be a date or timestamp. `texts`: the columns, in lower case, that are known to hold texts.
    """
    import sqlglot
    from sqlglot import TokenType, exp
    from sqlglot.errors import ErrorLevel, SqlglotError

    if "{{" in sql or "{%" in sql or "{#" in sql:
        return "holds Jinja, which is not expanded here"
    try:
        tokens = sqlglot.tokenize(sql, read=dialect)
        if any(token.token_type is TokenType.SEMICOLON for token in tokens):
            return "is not one expression"
        words = " ".join("'" if token.token_type is TokenType.STRING else token.text.lower() for token in tokens)
        if dialect in WITHOUT_AT_TIME_ZONE and " at time zone " in words:
            return f"holds AT TIME ZONE, which {dialect} does not have"
        # Read as the only column of a SELECT, so that a statement cannot be mistaken for an expression.
        select = sqlglot.parse_one(f"SELECT {sql}\n", read=dialect)
        select.sql(dialect, unsupported_level=ErrorLevel.IGNORE)  # as it is written into the models and into complaints
    except (SqlglotError, RecursionError, ValueError, AttributeError, LookupError, TypeError):
        # the parser trips over some odd SQL itself, and so does what writes it
        return f"is not SQL of {dialect}"
    if not isinstance(select, exp.Select) or len(select.expressions) != 1:
        return "is not one expression"
    if any(value for name, value in select.args.items() if name != "expressions"):
        return "is not a scalar expression"
    if any(node.comments for node in select.walk()):
        return "holds a comment, which would reach into the statement around it"
    tree = select.expressions[0]
    has_clock_words = dialect not in WITHOUT_CLOCK_WORDS
    clocks = (exp.CurrentDate, exp.CurrentTime, exp.CurrentTimestamp, exp.CurrentDatetime, exp.Rand, exp.Randn, exp.Uuid)
    for node in tree.walk():
        match node:
            case exp.Query() | exp.Subquery() | exp.Exists() | exp.Table() | exp.From():
                return "holds a query; only the row's own columns can be used"
            case exp.Window() | exp.WindowSpec():
                return "holds a window function; it must look at one row only"
            case exp.AggFunc():
                return f"holds the aggregate {node.key.upper()}; it must look at one row only"
            case _ if isinstance(node, clocks) or named(node) in FORBIDDEN_FUNCTIONS or reads_the_clock(node):
                return f"calls {_shown(node, dialect)}, which does not depend on the row alone"
            case exp.Expr() if has_clock_words and _is_quoted(node) and stands_for_a_time(node, is_time, texts):
                return f"takes {_shown(node, dialect)} for a time, which does not depend on the row alone"
            case exp.UDTF() | exp.Explode() | exp.Unnest():
                return "makes several rows of one"
            case exp.Star():
                return "holds `*`; columns are named one by one"
            case exp.Placeholder() | exp.Parameter() | exp.SessionParameter():
                return "holds a parameter"
            case exp.Column() if node.table:
                return f"names `{node.sql()}`; a column is named without its table"
            case exp.Alias() | exp.Command() | exp.DDL() | exp.DML() | exp.PropertyEQ():
                return "is not a scalar expression"
    for node in tree.walk() if has_clock_words else ():
        if wrong := problem_of_time(node, is_time, texts, dialect):
            return wrong
    zoned = dialect in WITH_AT_TIME_ZONE or dialect in WITHOUT_AT_TIME_ZONE  # there it was a function
    scalar = isinstance(tree, (exp.Condition, exp.Func)) or (zoned and isinstance(tree, (exp.AtTimeZone, exp.FromTimeZone)))
    scalar = scalar and not isinstance(tree, exp.Lambda)
    return "" if scalar else "is not a scalar expression"


def _shown(node: exp.Expr, dialect: str) -> str:
    """A part of an expression as a complaint shows it."""
    from sqlglot.errors import ErrorLevel

    return node.sql(dialect, unsupported_level=ErrorLevel.IGNORE)


def reads_the_clock(node: object) -> bool:
    """Whether a node is about now, though neither its name nor its class says so: `age(x)` is from x to today, and
    `'now'::timestamp` no text.
    """
    from sqlglot import exp

    match node:
        case exp.Anonymous(expressions=[_]):
            return node.name.lower() == "age"
        case exp.Cast(this=text, to=exp.DataType() as to):
            # whatever else stands there is of the time (`today 00:00 CET`), or no time comes of it
            return to.this in exp.DataType.TEMPORAL_TYPES and _is_quoted(text.unnest()) and has_clock_word(text.unnest())
        case exp.Date(this=exp.Literal() as text) | exp.TsOrDsToDate(this=exp.Literal() as text):
            return is_clock_word(text)
        case _:
            return False


def problem_of_time(node: exp.Expr, is_time: bool, texts: frozenset[str], dialect: str) -> str:
    """What is wrong with a text that is put together and made a time (`cast('to' || 'day' as date)`): it may be a word of the
    clock. Nothing where it can be none, or where it is a text as it is written, of which others judge.
    """
    from sqlglot import exp

    made = _made_a_time(node, is_time)
    if made is not None and not _is_written(made):
        found = texts_of(made)
        # a word that the row itself holds is the row's affair
        is_known = None not in found or made.find(exp.Column) is not None
        if any(text is not None and _has_clock_word(text) for text in found):
            return f"takes {_shown(made, dialect)} for a time, which does not depend on the row alone"
        if not is_known:
            return f"makes a time of {_shown(made, dialect)}, which may come to a word of the clock such as `today`"
    # the engine of PostgreSQL makes no time of such a text unasked; others may
    is_whole = isinstance(node, exp.DPipe | exp.Concat) and not isinstance(node.parent, exp.DPipe | exp.Concat)
    is_one = dialect != "postgres" and is_whole and any(text is not None and _is_clock_word(text) for text in texts_of(node))
    if is_one and _stands_for_a_time(node, is_time, texts):
        return f"takes {_shown(node, dialect)} for a time, which does not depend on the row alone"
    return ""


def _made_a_time(node: exp.Expr, is_time: bool) -> exp.Expr | None:
    """What a node makes a time of, also by being declared one."""
    from sqlglot import exp

    made: object = node if is_time and isinstance(node.parent, exp.Select) else None
    match node:
        case exp.Cast() if _is_of_time(node.to):
            made = node.this
        case exp.Date() | exp.Timestamp() | exp.Datetime() | exp.TsOrDsToDate() | exp.TsOrDsToTimestamp():
            made = node.this
        case exp.Anonymous(expressions=[one]) if node.name.lower() == "timestamptz":
            made = one
    return made.unnest() if isinstance(made, exp.Expr) else None


def has_clock_word(text: exp.Expr) -> bool:
    """Whether one is among the words of a text."""
    return text.args.get("is_string") is not False and _has_clock_word(written(text))


def _has_clock_word(text: str) -> bool:
    return not CLOCK_WORDS.isdisjoint(re.findall(r"[a-z]+", text.lower()))


def is_clock_word(text: exp.Expr) -> bool:
    """Whether a text is read as a time of the clock once it is made a time: such a word, or one beside a time of day or a zone,
    whatever signs are around it (`today,`, `{now}`).
    """
    return text.args.get("is_string") is not False and _is_clock_word(written(text))


def _is_clock_word(text: str) -> bool:
    words = [word for word in re.findall(r"[a-z][a-z/_]*", text.lower()) if "/" not in word]
    return not CLOCK_WORDS.isdisjoint(words) and all(word in CLOCK_WORDS | BESIDE_CLOCK_WORDS for word in words)


def stands_for_a_time(text: exp.Expr, is_time: bool, texts: frozenset[str]) -> bool:
    """Whether an engine may read a text as a time of the clock though no cast says so: where it stands beside what is a time
    (`born = 'today'`, `nullif(born, 'today')`, `coalesce(died_on, 'today')`), or comes out as one. Beside what is known to be a
    text it is one.
    """
    return is_clock_word(text) and _stands_for_a_time(text, is_time, texts)


def _stands_for_a_time(text: exp.Expr, is_time: bool, texts: frozenset[str]) -> bool:
    from sqlglot import exp

    comparisons = (exp.Predicate, exp.Nullif, exp.Operator)
    names_in_json = (exp.JSONBExtract, exp.JSONBExtractScalar, exp.JSONBContainsTopKey)
    values = (exp.Coalesce, exp.Greatest, exp.Least, exp.Case, exp.If, exp.Nvl2)
    place, is_text, is_beside = text, False, False
    while (parent := place.parent) is not None:
        match parent:
            case exp.Cast():
                if _is_of_time(parent.to):
                    return True
                is_text = True
            case exp.Paren() | exp.Array() | exp.Tuple() | exp.Any() | exp.All():
                pass
            case exp.Select():
                return is_time or (is_beside and not is_text)
            case exp.If() if place.arg_key == "this":
                of = parent.parent.this if isinstance(parent.parent, exp.Case) else None
                return of is not None and not (is_text or _is_text(of, texts))
            case exp.Case() if place.arg_key == "this":
                return not (is_text or all(_is_text(one.this, texts) for one in parent.args["ifs"]))
            case exp.AtTimeZone():
                return place.arg_key == "this" and not is_text
            case exp.DPipe() | exp.Concat() | exp.ConcatWs() | exp.Lower() | exp.Upper() | exp.Trim():
                is_text = True  # which may be cast: `('today ' || opens)::timestamp`
            case exp.Like() | exp.ILike() | exp.SimilarTo() | exp.RegexpLike() | exp.Bracket():
                return False
            case _ if isinstance(parent, names_in_json):
                return False
            case _ if isinstance(parent, comparisons):
                return not (is_text or _are_texts(_others(place), texts))
            case _ if isinstance(parent, values):
                is_text, is_beside = is_text or _are_texts(results(parent), texts), True
                if isinstance(parent, exp.If) and isinstance(parent.parent, exp.Case):
                    parent = parent.parent
            case exp.Add() | exp.Sub():
                return not is_text
            case exp.Func():
                return not (is_text or _is_text(parent, texts) or any(_is_column_of(one, texts) for one in _others(place)))
            case _:
                return False
        place = parent
    return is_time or (is_beside and not is_text)


def _is_of_time(type_: exp.Expr) -> bool:
    """Whether it is a type of times, or one of which nobody knows."""
    from sqlglot import exp

    doubtful = exp.DataType.TEMPORAL_TYPES | {exp.DataType.Type.USERDEFINED, exp.DataType.Type.UNKNOWN}
    kinds = [one.this for one in type_.find_all(exp.DataType)]
    return any(one in doubtful or (isinstance(one, exp.DataType.Type) and one.name.endswith("RANGE")) for one in kinds)


def _others(place: exp.Expr) -> Iterator[exp.Expr]:
    """What stands beside an operand."""
    return (one for one in place.parent.iter_expressions() if one is not place) if place.parent is not None else iter(())


def _are_texts(values: Iterable[exp.Expr], texts: frozenset[str]) -> bool:
    """Whether values of one type are texts: one is known to be, or all are written there."""
    found = list(values)
    return any(_is_text(one, texts) and not _is_written(one) for one in found) or all(map(_is_written, found))


def _is_written(value: exp.Expr) -> bool:
    """Whether it is a text that is written there, or nothing."""
    from sqlglot import exp

    return _is_quoted(value.unnest()) or isinstance(value.unnest(), exp.Null)


def _is_quoted(value: exp.Expr) -> bool:
    from sqlglot import exp

    return isinstance(value, exp.Literal | exp.ByteString | exp.UnicodeString | exp.RawString | exp.National)


def _is_column_of(value: exp.Expr, texts: frozenset[str]) -> bool:
    from sqlglot import exp

    return isinstance(value.unnest(), exp.Column) and value.unnest().name.lower() in texts


def _is_text(value: exp.Expr, texts: frozenset[str]) -> bool:
    """Whether it is known to be no time."""
    from sqlglot import exp

    value = value.unnest()
    match value:
        case exp.Column():
            return value.name.lower() in texts
        case exp.Cast():
            return not _is_of_time(value.to)
        case exp.Tuple() | exp.Array() | exp.Any() | exp.All():
            return all(_is_text(one, texts) for one in value.iter_expressions())
        case exp.Coalesce() | exp.Greatest() | exp.Least() | exp.Case() | exp.If() | exp.Nvl2():
            return _are_texts(results(value), texts)
        case exp.Nullif() | exp.Bracket():
            return _is_text(value.this, texts)
        case exp.DPipe() | exp.JSONExtractScalar() | exp.JSONBExtractScalar() | exp.Collate():
            return True
        case _:
            return _is_quoted(value) or isinstance(value, _functions_of_texts())


def _functions_of_texts() -> tuple[type[exp.Expr], ...]:
    from sqlglot import exp

    return (
        exp.Lower, exp.Upper, exp.Trim, exp.Concat, exp.ConcatWs, exp.Substring, exp.SubstringIndex, exp.Replace, exp.Left,
        exp.Right, exp.Initcap, exp.SplitPart, exp.Split, exp.Reverse, exp.RegexpReplace, exp.RegexpExtract,
        exp.StrPosition, exp.Length, exp.StartsWith, exp.EndsWith, exp.Contains, exp.Pad, exp.Repeat, exp.Translate,
        exp.TimeToStr, exp.ToChar, exp.MD5, exp.Format, exp.StringToArray, exp.RegexpSplit,
    )  # fmt: skip


def named(node: object) -> str:
    """The name of a function that sqlglot does not know by a class of its own, or of a bare word, in lower case."""
    from sqlglot import exp

    if isinstance(node, exp.Anonymous):
        return node.name.lower()
    if isinstance(node, exp.Func):
        return node.sql_name().lower()
    return ""
