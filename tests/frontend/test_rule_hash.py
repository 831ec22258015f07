"""The hash of a segment follows its meaning: not its words, not its order, but everything that it stands on."""

from __future__ import annotations

import pytest

from segwh import ir
from segwh.project import load_texts
from segwh.resolve.rule_hash import RuleHashes, rule_hash
from tests.frontend.catalogs import CATALOG

RULES = """
conditions:
  - {name: big, entity: customer, when: {attribute: lead_score, gte: 50}}
traits:
  - {name: spend, entity: customer, event: orders, sum: amount, within: 90 days}
segments:
  - {name: base, label: Base, entity: customer, include: [{attribute: spend, gte: 10}]}
  - name: vip
    label: VIP
    description: The best.
    tags: [a]
    entity: customer
    include:
      - {segment: base}
      - {attribute: city, in: [London, Paris]}
      - any: [{condition: big}, {event: orders, calendar: {this: month}, where: {attribute: product.category, is: Tea}}]
    limit: {top: 10, by: lead_score}
    split: {seed: s, variants: {a: 50, b: 50}}
"""


def hash_of(
    rules: str = RULES,
    catalog: str = CATALOG,
    settings: str | None = None,
    name: str = "vip",
    dialect: str = "duckdb",
) -> str:
    loaded = load_texts({"catalog.yml": catalog, "rules.yml": rules}, settings, dialect)
    assert loaded.project is not None, loaded.text
    return rule_hash(loaded.project, loaded.project.segment(name))


def changed(old: str, new: str) -> str:
    assert old in RULES
    return RULES.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("label: VIP", "label: Very important"),
        ("description: The best.", "owner: crm@example.com"),
        ("tags: [a]", "tags: [b, c]"),
        ("tags: [a]", "status: inactive"),
        ("tags: [a]", "activate: true"),
        ("[London, Paris]", "[Paris, London, Paris]"),
        ("      - {segment: base}\n", "      - {all: [{segment: base}, {segment: base}]}\n"),
        ("{condition: big}", "{attribute: lead_score, gte: 50.0}"),
        ("label: Base,", "label: Ground,"),
        ("name: spend,", "description: D, name: spend,"),
        ("variants: {a: 50, b: 50}", "variants: {a: 10, b: 50}"),
    ],
)
def test_words_order_and_names_do_not_count(old: str, new: str) -> None:
    assert hash_of(changed(old, new)) == hash_of()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[London, Paris]", "[London]"),
        ("- any:", "- all:"),
        ("gte: 50", "gt: 50"),
        ("{attribute: spend, gte: 10}", "{attribute: spend, gte: 11}"),
        ("within: 90 days", "within: 91 days"),
        ("top: 10", "top: 11"),
        ("tags: [a]", "type: static"),
        ("tags: [a]", "time_to_live: 3 days"),
        ("tags: [a]", "aggregate_on: phone"),
        ("tags: [a]", "always: ref('seeds')"),
        ("is: Tea", "is: tea"),
        ("is: Tea", "is: Tea, ignore_case: true"),
        ("{segment: base}", "{segment: base, for: 3 days}"),
    ],
)
def test_meaning_counts_wherever_it_is_written(old: str, new: str) -> None:
    assert hash_of(changed(old, new)) != hash_of()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("relation: ref('orders')", "relation: ref('all_orders')"),
        ("amount: decimal", "amount: {type: decimal, column: net_amount}"),
        ("city: string", "city: {type: string, sql: trim(city)}"),
        ("by: product_id, key: product_id", "by: product_id, key: sku"),
        ("id: order_id", "id: order_number"),
        ("created_at: signed_up_at", "created_at: born_at"),
    ],
)
def test_the_pieces_of_the_catalog_that_are_used_count(old: str, new: str) -> None:
    assert old in CATALOG
    assert hash_of(catalog=CATALOG.replace(old, new)) != hash_of()


def test_pieces_of_the_catalog_that_are_not_used_do_not_count() -> None:
    assert hash_of(catalog=CATALOG.replace("relation: ref('visits')", "relation: ref('all_visits')")) == hash_of()
    assert hash_of(catalog=CATALOG.replace("budget: decimal", "budget: number")) == hash_of()


def test_the_time_zone_counts_where_it_is_used() -> None:
    london = "version: 1\ntimezone: Europe/London\n"
    assert hash_of(settings=london) != hash_of()
    assert hash_of(settings=london, name="base") == hash_of(name="base")
    sunday = "version: 1\nweek_starts_on: sunday\n"
    assert hash_of(settings=sunday) == hash_of()
    weekly = changed("this: month", "this: week")
    assert hash_of(weekly, settings=sunday) != hash_of(weekly)


def test_a_renamed_reference_means_the_same_unless_its_past_counts() -> None:
    renamed = RULES.replace("base", "ground")
    assert hash_of(renamed) == hash_of()
    static = changed("label: Base,", "label: Base, type: static,")
    assert hash_of(static.replace("base", "ground")) != hash_of(static)
    kept = static.replace("base", "ground").replace("label: Base,", "label: Base, was: base,")
    assert hash_of(kept) == hash_of(static)


def test_variants_differ_by_their_buckets_and_follow_the_whole() -> None:
    assert hash_of(name="vip__a") != hash_of(name="vip__b")
    assert hash_of(changed("a: 50, b: 50", "a: 50, b: 40"), name="vip__a") == hash_of(name="vip__a")
    assert hash_of(changed("a: 50, b: 50", "a: 40, b: 50"), name="vip__b") != hash_of(name="vip__b")
    assert hash_of(changed("top: 10", "top: 11"), name="vip__a") != hash_of(name="vip__a")


def test_a_hash_is_32_digits_and_the_same_in_whatever_order_it_is_asked() -> None:
    loaded = load_texts({"catalog.yml": CATALOG, "rules.yml": RULES})
    assert isinstance(loaded.project, ir.Project)
    forwards, backwards = RuleHashes(loaded.project), RuleHashes(loaded.project)
    first = {segment.name: forwards.of(segment) for segment in loaded.project.segments}
    last = {segment.name: backwards.of(segment) for segment in reversed(loaded.project.segments)}
    assert first == last
    assert all(len(value) == 32 for value in first.values())


BEHIND = """
entities:
  - name: contact
    relation: ref('contacts')
    key: contact_id
    lookups:
      account:
        relation: ref('accounts')
        by: account_id
        key: account_id
        lookups: {parent: {relation: ref('accounts'), by: parent_id, key: account_id}}
  - {name: account, relation: ref('accounts'), key: account_id, attributes: {plan: string}}
segments:
  - {name: gold, label: G, entity: account, include: [{attribute: plan, is: gold}]}
  - {name: vip, label: V, entity: contact, include: [{segment: account.parent.gold}]}
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("is: gold", "is: silver"),
        ("by: account_id", "by: main_account_id"),
        ("by: parent_id", "by: owner_id"),
        ("account.parent.gold", "account.gold"),
        ("account.parent.gold}", "account.parent.gold, for: 1 day}"),
    ],
)
def test_what_a_lookup_leads_to_belongs_to_the_meaning(old: str, new: str) -> None:
    assert old in BEHIND
    assert hash_of("", BEHIND) != hash_of("", BEHIND.replace(old, new))


def test_the_name_of_a_lookup_says_nothing() -> None:
    renamed = BEHIND.replace("      account:", "      company:").replace("account.parent", "company.parent")
    assert hash_of("", renamed) == hash_of("", BEHIND)


def test_numbers_of_many_digits_are_told_apart() -> None:
    def with_number(number: str) -> str:
        return changed("{attribute: spend, gte: 10}", f"{{attribute: spend, gte: {number}}}")

    long = "0.12345678901234567890123456789012345"
    # an engine whose decimals are as long as that
    assert hash_of(with_number(f"{long}1"), dialect="postgres") != hash_of(with_number(f"{long}2"), dialect="postgres")
    assert hash_of(with_number("2.50")) == hash_of(with_number("2.5"))
    assert hash_of(with_number("1e-9")) == hash_of(with_number("0.000000001"))
