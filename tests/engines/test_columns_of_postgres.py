"""Columns that PostgreSQL knows and dbt says little of: those of materialised views, lists, enums, domains, amounts, bits,
texts with collations, numbers beyond doubles; and rows that policies hide.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.engines.places import Schema
from tests.engines.postgres import Server
from tests.engines.shop import CATALOG, Shop, as_of

AMONG_ORDERED = "in: {relation: \"source('shop', 'orders')\", column: product_id}"


def git(*arguments: str, folder: Path) -> None:
    identity = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


COLUMNS = {
    # name: declared type, type in the warehouse, value of one customer, condition, what is wrong
    "mood": ("string", "mood", "'fine'", "is: fine", ""),
    "age": ("integer", "age", "7", "is: 7", ""),
    "moods": ("list<string>", "mood[]", "array['fine']::mood[]", "has_any: [fine]", ""),
    "counts": ("list<string>", "integer[]", "array[1, 2]", "has_all: ['1', '2']", ""),
    "own_id": ("string", "uuid", "'0f071dc8-a75f-41d8-96a6-37feba15c3d1'", AMONG_ORDERED, ""),
    "words": ("string", "text[]", "array['a']", "is: '{a}'", "text[]"),
    "is_fine": ("boolean", "mood", "'fine'", "is: true", "enum columns_of_postgres.mood"),
    "flag": ("boolean", "bit", "b'1'", "is: true", "bit(1)"),
    "amount": ("decimal", "money", "7", "is: 7", "money"),
    "address": ("integer", "inet", "'10.0.0.1'", "is: 7", "inet"),
    "points": ("integer", "double precision", "'NaN'", "is: 7", "holds numbers that are none"),
    "count": ("integer", "numeric", "1e30", "is_not: 7", "holds numbers that are none"),
    "long": ("integer", "numeric(30, 0)", "1e25", "is_not: 7", "holds numbers that are none"),
    "vast": ("number", "numeric(400, 0)", "1e350", "gte: 7", ""),
    "huge": ("number", "numeric", "'1e400'", "gte: 7", ""),
    "tiny": ("number", "numeric", "'-1e-400'", "is: 0", ""),
    "here": ("string", 'text collate "POSIX"', "'a'", "is: {attribute: there}", ""),
    "there": ("string", "text collate ucs_basic", "'a'", "is: {attribute: mail}", ""),
    "mail": ("string", "address_of_mail", "'a'", "is: {attribute: here}", ""),
    "span": ("decimal", 'columns_of_postgres."numeric"', "'[1, 2)'", "is_not: 7", "range numeric"),
    "tags": ("list<string>", "citext[]", "array['Tea']::citext[]", "has_none: [tea], missing: fails", ""),
    "pair": ("string", "pair", "row(1, 2)::pair", "is: '(1,2)'", "record pair"),
}
BESIDE = """\
      plan: {relation: "source('shop', 'products')", by: plan_id, key: product_id, properties: {category: string}}
"""


def test_columns_are_what_they_are_and_those_of_no_use_stop_what_reads_them(postgres: Server, tmp_path: Path) -> None:
    place = Schema(postgres, "columns_of_postgres")
    rules = "segments:\n  - {name: lately, label: x, entity: customer, include: [{event: visits, within: 1 days}]}\n"
    rules += "  - {name: north, label: x, entity: customer, include: [{attribute: home.region, is: north}]}\n"
    rules += "  - {name: costly, label: x, entity: customer, include: [{related: complaints, sum: {of: cost, gte: 7}}]}\n"
    rules += "  - {name: dear, label: x, entity: customer, include: [{related: complaints, avg: {of: cost, gte: 7}}]}\n"
    rules += "  - {name: planned, label: x, entity: customer, include: [{attribute: plan.category, is: tea}]}\n"
    rules += "  - {name: phones, label: x, entity: customer, aggregate_on: phone, include: everyone}\n"
    for name, (_, _, _, condition, _) in COLUMNS.items():
        rules += f"  - {{name: by_{name}, label: x, entity: customer, include: [{{attribute: {name}, {condition}}}]}}\n"
    shop = Shop.new(tmp_path / "shop", place, "segments:\n  - {name: all, label: x, entity: customer, include: everyone}\n")
    declared = "".join(f", {name}: '{kind}'" for name, (kind, *_) in COLUMNS.items())
    (shop.folder / "segments/catalog.yml").write_text(
        CATALOG.replace("score: number", f"score: number{declared}")
        .replace("kind: string", "kind: string, cost: number")
        .replace("    lookups:\n      home:", f"    lookups:\n{BESIDE}      home:", 1)
    )
    shop.write_rules(rules)
    place.execute(
        "create type mood as enum ('fine', 'bad')",
        'create type columns_of_postgres."numeric" as range (subtype = integer)',
        "create type pair as (one integer, other integer)",
        "create domain year_count as integer",
        "create domain age as year_count check (value > 0)",
        "create extension citext with schema columns_of_postgres",
        "create domain address_of_mail as citext check (value <> '')",
        'alter table customers alter city type citext, alter phone type text collate "POSIX"',
        "alter table orders alter product_id type uuid using null",
        "insert into orders (product_id) values ('0f071dc8-a75f-41d8-96a6-37feba15c3d1')",
        "alter table customers add column plan_id bigint",
        "insert into products values ('p7', 'no number'), ('7', 'tea')",
        "alter table cities alter city type citext",
        "alter table complaints add column cost double precision",
        "insert into complaints values (1, 'late', 1.7e308), (1, 'late', 1.7e308), (2, 'late', 1)",
        "insert into cities values ('Lima', 'south'), ('lima', 'north')",
        "insert into customers (customer_id, city, phone, plan_id) values (1, 'lima', '1', 7), (2, 'Lima', '2', 8)",
        *(f"alter table customers add column {name} {kind}" for name, (_, kind, *_) in COLUMNS.items()),
        *(f"update customers set {name} = {value} where customer_id = 1" for name, (_, _, value, *_) in COLUMNS.items()),
        # the visits are those of a materialised view, and the session's zone is not UTC
        "drop table visits",
        "create materialized view visits as "
        "select 1::bigint as customer_id, ''::text as page, timestamptz '2026-03-02 07:00:00+00' as visited_at",
        "create role new_yorker login",
        "alter role new_yorker set timezone = 'America/New_York'",
        "grant usage, create on schema columns_of_postgres to new_yorker",
        "grant select on all tables in schema columns_of_postgres to new_yorker",
        "alter table complaints enable row level security",
        "create policy of_one on complaints using (customer_id = 1)",
        "alter table customers enable row level security",
        "create policy all_to_readers on customers for select to new_yorker using (true)",
    )
    output = {**place.output, "user": "new_yorker"}
    (shop.folder / "profiles.yml").write_text(yaml.safe_dump({"shop": {"target": "test", "outputs": {"test": output}}}))
    done = shop.segwh("run", "--as-of", as_of(3))
    members = place.rows("select segment, customer_id from segwh_customer_membership order by 1, 2")
    fitting = sorted(f"by_{name}" for name, (*_, wrong) in COLUMNS.items() if not wrong)
    assert members == [(name, 1) for name in sorted([*fitting, "costly", "dear", "lately", "north", "planned"])], done.output
    # what is asked beside runs finds the same, and is told of the same columns
    git("init", "--quiet", folder=shop.folder)
    git("commit", "--quiet", "--allow-empty", "--message", "nothing", folder=shop.folder)
    told = shop.segwh("diff", "--as-of", as_of(3), "--format", "json").output
    changes = json.loads(told)["changes"]
    assert sorted((one["segment"], 1) for one in changes if one["after"] and one["segment"] != "phones") == members, told
    assert {one["segment"] for one in changes if one["after"] is None} == {f"by_{name}" for name in COLUMNS} - {*fitting}, told
    said = shop.segwh("preview", "by_huge", "--as-of", as_of(3), "--format", "json").output
    assert json.loads(said)["members"] == 1, said
    said = shop.segwh("explain", "dear", "1", "--as-of", as_of(3), "--format", "json").output
    assert json.loads(said)["is_member_by_rule"] is True, said
    hidden = "row security shows new_yorker only a part of"
    assert done.output.count(hidden) == done.output.count(f"{hidden} source('shop', 'complaints')") == 1
    # published keys are compared as those of any table, whatever collation they came with
    published = "attrelid = 'segwh_customer_by_phone_membership'::regclass and attname = 'phone'"
    assert place.rows(f"select attcollation::regcollation::text from pg_attribute where {published}") == [('"default"',)]
    for name, (kind, *_, wrong) in COLUMNS.items():
        what = wrong if wrong.startswith("holds") else f"is {wrong}"
        if wrong:
            assert f"column {name} of source('shop', 'customers') is declared {kind} and {what}" in done.output


KEYS = """\
entities:
  - name: customer
    relation: source('shop', 'customers')
    key: {column: customer_id, type: string}
    events:
      - {name: visits, relation: "source('shop', 'visits')", key: customer_id, time: visited_at}
"""


@pytest.mark.slow
@pytest.mark.parametrize(("own", "theirs"), [("uuid", "text"), ("text", "uuid"), ('"Key"', "text"), ("text", '"Key"')])
def test_a_uuid_or_an_enum_is_its_text_beside_keys_that_are_texts(
    postgres: Server, tmp_path: Path, own: str, theirs: str
) -> None:
    place = Schema(postgres, f"keys_of_{own}_{theirs}".replace('"', "").lower())
    shop = Shop.new(tmp_path / "shop", place, "segments:\n  - {name: all, label: x, entity: customer, include: everyone}\n")
    (shop.folder / "segments/catalog.yml").write_text(KEYS)
    shop.write_rules("segments:\n  - {name: here, label: x, entity: customer, include: [{event: visits}]}\n")
    one, two = "0f071dc8-a75f-41d8-96a6-37feba15c3d1", "0f071dc8-a75f-41d8-96a6-37feba15c3d2"
    place.execute(
        f"create type \"Key\" as enum ('{one}', '{two}')",
        f"alter table customers alter customer_id type {own} using null",
        f"alter table visits alter customer_id type {theirs} using null",
        f"insert into customers (customer_id) values ('{one}'), ('{two}')",
        f"insert into visits values ('{one}', '/', '2026-03-01')",
        *(["insert into visits values ('none', '/', '2026-03-01')"] if theirs == "text" else []),
    )
    done = shop.segwh("run", "--as-of", as_of(3))
    rows = place.rows("select customer_id::text, pg_typeof(customer_id)::text from segwh_customer_membership")
    assert [(key, spelling.rpartition(".")[2]) for key, spelling in rows] == [(one, own)], done.output
    said = shop.segwh("preview", "here", "--as-of", as_of(3), "--format", "json").output
    assert json.loads(said)["members"] == 1, said
