"""Segments with all they may say, and those that matrices and splits make."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from segwh import ir
from segwh.semantics import Duration, Unit
from segwh.types import DataType, Relation
from tests.frontend.catalogs import complaint, load

EVERYTHING = """
segments:
  - name: winback
    label: Win back
    description: Silent for long.
    owner: crm@example.com
    tags: [retention, email]
    entity: customer
    type: static
    status: inactive
    expires_on: 2027-01-01
    created_within: 90 days
    aggregate_on: phone
    include: everyone
    exclude: {attribute: city, exists: false}
    limit: {percent: 12.5, by: lead_score, order: asc, per: city}
    stay: {at_most: 14 days, again_after: 90 days}
    always: ref('seeds')
    activate: {columns: [email, city]}
    analytics: true
    refresh: hourly
    hidden: true
    was: come_back
    max_exit_fraction: 0.25
    max_entry_fraction: 1.5
"""


def test_a_segment_keeps_all_that_it_says() -> None:
    segment = load(EVERYTHING, "version: 1\ntimezone: America/New_York\n").segment("winback")
    assert segment == ir.Segment(
        name="winback",
        entity="customer",
        include=(ir.Rule(ir.Everyone()),),
        exclude=(ir.Rule(ir.IsEmpty(ir.Field("city", DataType.STRING))),),
        type="static",
        status="inactive",
        aggregate_on=ir.Field("phone", DataType.STRING),
        expires_at=datetime(2027, 1, 1, 5, tzinfo=UTC),
        time_to_live=Duration(90, Unit.DAYS),
        limit=ir.Limit(
            ir.Field("lead_score", DataType.INTEGER), "asc", None, Decimal("12.5"), ir.Field("city", DataType.STRING)
        ),
        stay=ir.Stay(Duration(14, Unit.DAYS), Duration(90, Unit.DAYS)),
        always=Relation("ref", ("seeds",)),
        hidden=True,
    )
    assert (segment.label, segment.owner, segment.tags) == ("Win back", "crm@example.com", ("retention", "email"))
    assert (segment.activate, segment.analytics) == (("email", "city"), True)
    assert (segment.refresh, segment.was, segment.grain) == ("hourly", "come_back", "customer_by_phone")
    assert (segment.max_exit_fraction, segment.expires_on) == (Decimal("0.25"), "2027-01-01")
    assert segment.text.startswith("name: winback\nlabel: Win back\n")
    assert segment.max_entry_fraction == Decimal("1.5")
    assert segment.text.endswith("max_entry_fraction: 1.5")


def test_a_split_makes_a_segment_of_each_variant_and_no_audience_of_the_holdout() -> None:
    project = load(
        """
segments:
  - name: trial
    label: Trial
    entity: customer
    include: everyone
    activate: {columns: [email]}
    split: {seed: q1, variants: {holdout: 10, a: 45, b: 44.99}}
"""
    )
    assert [segment.name for segment in project.segments] == ["trial", "trial__holdout", "trial__a", "trial__b"]
    assert project.segment("trial").split == ir.Split("q1", (("holdout", 1000), ("a", 4500), ("b", 4499)))
    variant = project.segment("trial__a")
    assert variant.variant_of == ("trial", "a")
    assert [rule.predicate for rule in variant.include] == [ir.MemberOf("trial")]
    assert [segment.activate for segment in project.segments] == [("email",), None, ("email",), ("email",)]


def test_a_matrix_without_event_joins_row_and_column() -> None:
    project = load(
        """
matrices:
  - name: grid
    entity: customer
    tags: [grid]
    rows: {london: {attribute: city, is: London}}
    columns: {new: {attribute: lead_score, gte: 5}, old: {attribute: lead_score, lt: 5}}
"""
    )
    cell = project.segment("grid__london__new")
    assert [rule.predicate for rule in cell.include] == [
        ir.OneOf(ir.Field("city", DataType.STRING), ("London",)),
        ir.Compare(ir.Field("lead_score", DataType.INTEGER), "gte", 5),
    ]
    assert (cell.label, cell.tags) == ("grid: london, new", ("grid",))
    assert project.segment("grid__london__old").label == "grid: london, old"


def test_a_matrix_with_event_filters_by_row_and_measures_by_column() -> None:
    project = load(
        """
matrices:
  - name: interest
    entity: customer
    event: page_views
    rows: {shoes: {attribute: url, contains: /shoes/}}
    columns: {web: {where: {attribute: source, is: web}, count: {gte: 5}}}
"""
    )
    [rule] = project.segment("interest__shoes__web").include
    url, source = ir.Field("url", DataType.STRING), ir.Field("source", DataType.STRING)
    where = ir.And((ir.TextMatch(url, "contains", "/shoes/"), ir.OneOf(source, ("web",))))
    rows = ir.Rows("event", "page_views", where)
    assert rule.predicate == ir.Compare(ir.Measured(rows, ir.Count(), DataType.INTEGER), "gte", 5)


def test_segments_come_after_what_they_refer_to_by_rule_trait_group_and_exclusion() -> None:
    project = load(
        """
segments:
  - {name: a, label: A, entity: customer, include: [{segment: b}]}
  - {name: b, label: B, entity: customer, include: [{attribute: points, gte: 1}]}
  - {name: c, label: C, entity: customer, include: everyone, tags: [email]}
  - {name: d, label: D, entity: customer, include: everyone}
  - {name: off, label: Off, entity: customer, include: everyone}
traits:
  - {name: points, entity: customer, points: [{when: {segment: d}, add: 1}]}
groups:
  - {name: g, exclusive: [c, d]}
exclusions:
  - {entity: customer, segment: off, reason: consent, tags: [email]}
  - {entity: customer, segment: off}
"""
    )
    assert [segment.name for segment in project.segments] == ["off", "c", "d", "b", "a"]
    assert project.exclusions[0] == ir.Exclusion("customer", "off", "consent", ("email",))


def test_what_is_only_shown_may_ask_for_the_segment_itself() -> None:
    project = load(
        """
traits:
  - {name: stage, entity: customer, stages: [{name: valued, when: {segment: vip}}, {name: other}]}
segments:
  - {name: vip, label: V, entity: customer, include: [{attribute: subscribed, is: true}], activate: {columns: [stage]}}
"""
    )
    assert project.segment("vip").activate == ("stage",)


def test_a_chain_of_a_thousand_references_is_put_in_order() -> None:
    rules = "segments:\n"
    for number in range(1000):
        rules += f"  - {{name: s{number}, label: S, entity: customer, include: [{{segment: s{number + 1}}}]}}\n"
    rules += "  - {name: s1000, label: S, entity: customer, include: everyone}\n"
    assert [segment.name for segment in load(rules).segments] == [f"s{number}" for number in range(1000, -1, -1)]


def test_more_segments_for_analysis_than_a_table_has_columns_are_refused() -> None:
    rules = "segments:\n" + "".join(
        f"  - {{name: s{number}, label: S, entity: customer, include: everyone, analytics: true}}\n" for number in range(501)
    )
    assert "more than 500 segments of customer have `analytics: true`" in complaint(rules)


def test_a_segment_has_expired_at_the_very_midnight_that_ends_it() -> None:
    end = datetime(2026, 12, 31, 10, 15, tzinfo=UTC)  # in Chatham, 13:45 ahead
    ending = "segments: [{name: a, label: A, entity: customer, include: everyone, expires_on: 2027-01-01}]"
    segment = load(ending, settings="version: 1\ntimezone: Pacific/Chatham\n").segment("a")
    assert [segment.freeze(end - timedelta(microseconds=1)), segment.freeze(end)] == [None, "expired"]
