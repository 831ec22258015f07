"""The check of a property's `sql:`: one scalar expression over one row's own columns, in the dialect of the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

# sqlglot takes a quarter of a second to import, so it is imported where the first `sql:` is met.
if TYPE_CHECKING:
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


def problem_of(sql: str, dialect: str, is_time: bool = False) -> str:
    """What is wrong with an expression, in words that follow "the expression"; nothing when it is a scalar over one row.
    `is_time`: it is declared to be a date or timestamp.
    """
    import sqlglot
    from sqlglot import TokenType, exp
    from sqlglot.errors import ErrorLevel, SqlglotError

    if "{{" in sql or "{%" in sql or "{#" in sql:
        return "holds Jinja, which is not expanded here"
    try:
        if any(token.token_type is TokenType.SEMICOLON for token in sqlglot.tokenize(sql, read=dialect)):
            return "is not one expression"
        # Read as the only column of a SELECT, so that a statement cannot be mistaken for an expression.
        select = sqlglot.parse_one(f"SELECT {sql}\n", read=dialect)
    except (SqlglotError, RecursionError, ValueError):
        return f"is not SQL of {dialect}"
    if not isinstance(select, exp.Select) or len(select.expressions) != 1:
        return "is not one expression"
    if any(value for name, value in select.args.items() if name != "expressions"):
        return "is not a scalar expression"
    if any(node.comments for node in select.walk()):
        return "holds a comment, which would reach into the statement around it"
    tree = select.expressions[0]
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
                written = node.sql(dialect, unsupported_level=ErrorLevel.IGNORE)
                return f"calls {written}, which does not depend on the row alone"
            case exp.Literal() if stands_for_a_time(node, is_time):
                return f"takes {node.sql(dialect)} for a time, which does not depend on the row alone"
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
    scalar = isinstance(tree, (exp.Condition, exp.Func)) and not isinstance(tree, exp.Lambda)
    return "" if scalar else "is not a scalar expression"


def reads_the_clock(node: object) -> bool:
    """Whether a node is about now, though neither its name nor its class says so: `age(x)` is from x to today, and
    `'now'::timestamp` no text.
    """
    from sqlglot import exp

    match node:
        case exp.Anonymous(expressions=[_]):
            return node.name.lower() == "age"
        case exp.Cast(this=exp.Literal() as text, to=exp.DataType() as to):
            return to.this in exp.DataType.TEMPORAL_TYPES and is_clock_word(text)
        case exp.Date(this=exp.Literal() as text) | exp.TsOrDsToDate(this=exp.Literal() as text):
            return is_clock_word(text)
        case _:
            return False


def is_clock_word(text: exp.Literal) -> bool:
    """Whether a text is read as a time of the clock once it is made a time: such a word, or one beside a time of day."""
    words = text.name.lower().split() if text.is_string else []
    others = [word for word in words if word not in CLOCK_WORDS]
    return len(others) < len(words) and all(word[0].isdigit() for word in others)


def stands_for_a_time(text: exp.Literal, is_time: bool) -> bool:
    """Whether an engine may read a text as a time of the clock though no cast says so: it is put in order or counted with
    (`born < 'today'`), or is what comes out where that is a time (`coalesce(died_on, 'today')`). What is asked to be equal to
    it may be a text.
    """
    from sqlglot import exp

    if not is_clock_word(text):
        return False
    place: exp.Expr = text
    while isinstance(place.parent, exp.Paren):
        place = place.parent
    match place.parent:
        case exp.LT() | exp.LTE() | exp.GT() | exp.GTE() | exp.Between() | exp.Add() | exp.Sub():
            return True
        case exp.Coalesce() | exp.Greatest() | exp.Least() | exp.Case() | exp.Select():
            return is_time
        case exp.If():
            return is_time and place.arg_key != "this"
        case _:
            return False


def named(node: object) -> str:
    """The name of a function that sqlglot does not know by a class of its own, or of a bare word, in lower case."""
    from sqlglot import exp

    if isinstance(node, exp.Anonymous):
        return node.name.lower()
    if isinstance(node, exp.Func):
        return node.sql_name().lower()
    return ""
