"""A Snowflake in the making: dbt and statements on fakesnow, which turns Snowflake's SQL into DuckDB's.

A program for an environment of its own, for fakesnow wants another version of sqlglot.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

import fakesnow
import snowflake.connector
from fakesnow import cursor, transforms
from sqlglot import exp
from worker_lines import serve

DATABASE = "shop"
GONE = (exp.TemporaryProperty, exp.TransientProperty)


def typeof(node: exp.Expression) -> exp.Expression:
    """SYSTEM$TYPEOF as far as segwh asks for it: how the name of the type begins."""
    if not (isinstance(node, exp.StartsWith) and "TYPEOF" in node.this.name.upper()):
        return node
    duck = {"TIMESTAMP_NTZ": "TIMESTAMP", "DATE": "DATE"}[node.expression.name]
    column = node.this.expressions[0]
    return exp.EQ(this=exp.Anonymous(this="TYPEOF", expressions=[column]), expression=exp.Literal.string(duck))


def hexadecimal(node: exp.Expression) -> exp.Expression:
    """TO_NUMBER of hexadecimal digits."""
    if isinstance(node, exp.ToNumber) and set(str(node.args["format"].name)) == {"X"}:
        return exp.cast(exp.DPipe(this=exp.Literal.string("0x"), expression=node.this), "BIGINT")
    return node


def offset(node: exp.Expression) -> exp.Expression:
    """A time before its offset: DuckDB wants no space between."""
    if isinstance(node, exp.Literal) and node.is_string and re.fullmatch(r"([\d-]+ [\d:.]+)? \+00:00", node.name):
        return exp.Literal.string(node.name.replace(" +", "+"))
    return node


def persistent(node: exp.Expression) -> exp.Expression:
    """A temporary table is a table: dbt makes one, for an incremental model, in a schema."""
    if isinstance(node, exp.Create) and node.kind in ("TABLE", "VIEW") and node.args.get("properties"):
        kept = [one for one in node.args["properties"].expressions if not isinstance(one, GONE)]
        node.set("properties", exp.Properties(expressions=kept) if kept else None)
    return node


def shimmed(parse: Callable[[str], exp.Expression]) -> Callable[[str], exp.Expression]:
    def parsed(command: str) -> exp.Expression:
        tree = parse(command)
        for shim in (typeof, hexadecimal, offset, persistent):
            tree = tree.transform(shim, copy=False)
        return tree

    return parsed


def main() -> None:
    """Answer until the input ends."""
    cursor.parse_one = shimmed(cursor.parse_one)
    transforms.merge = lambda merge: [merge]  # fakesnow's own stumbles over columns of one name; DuckDB knows MERGE by now
    with fakesnow.patch():
        connection = snowflake.connector.connect(database=DATABASE, schema=sys.argv[1])

        def rows(query: str) -> list[tuple[Any, ...]]:
            with connection.cursor() as cursor:
                return [tuple(row) for row in cursor.execute(query).fetchall()]

        serve(rows, rows)


if __name__ == "__main__":
    main()
