"""Renames, upgrades, erasures and backfills on a real PostgreSQL, as they are typed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from segwh.dbt.models import CONTRACT_VERSION
from tests.engines.places import Schema
from tests.engines.postgres import Server
from tests.engines.shop import RULES, Shop, as_of


def segwh(shop: Shop, *arguments: str) -> str:
    done = shop.segwh(*arguments)
    assert done.code == 0, done.output
    return done.output


@pytest.mark.slow
def test_years_of_a_shop(postgres: Server, tmp_path: Path) -> None:
    place = Schema(postgres, "long_life")
    shop = Shop.new(tmp_path / "shop", place)
    shop.load(3)
    segwh(shop, "run", "--as-of", as_of(3))
    members = place.rows("select segment, customer_id, entered_at from segwh_customer_membership order by 1, 2")

    # tables as an older version left them
    place.execute(
        "alter table segwh_run_ends drop column note cascade",
        "update segwh_run_starts set contract_version = 1",
    )
    renamed = RULES.replace("name: tea\n", "name: tea_lovers\n    was: tea\n")
    rules = renamed.replace("name: phones\n", "name: calls\n    was: phones\n")
    shop.write_rules(rules)
    segwh(shop, "run", "--as-of", as_of(3))
    now = place.rows("select segment, customer_id, entered_at from segwh_customer_membership order by 1, 2")
    assert sorted(now) == sorted(("tea_lovers" if name == "tea" else name, *rest) for name, *rest in members)
    assert place.rows("select note from segwh_runs where status = 'renamed' order by 1") == [
        ("phones is called calls now",),
        ("tea is called tea_lovers now",),
    ]
    assert place.rows("select max(contract_version) from segwh_runs") == [(CONTRACT_VERSION,)]

    [(key,)] = place.rows("select customer_id from segwh_customer_membership group by 1 order by count(*) desc, 1 limit 1")
    sizes = place.rows("select * from segwh_segment_sizes order by 1, 2")
    segwh(shop, "erase", str(key), "--entity", "customer", "--yes")
    for table in ("log", "state", "facts", "evaluation", "pending", "history"):
        assert place.rows(f"select count(*) from segwh_customer_{table} where customer_id = {key}") == [(0,)]
    assert place.rows("select * from segwh_segment_sizes order by 1, 2") == sizes
    assert place.rows("select note from segwh_runs where status = 'erased'") == [("one customer was erased",)]

    segwh(shop, "backfill", "--from", as_of(4), "--to", as_of(6))
    assert place.rows("select count(distinct as_of) from segwh_segment_sizes where segment = 'everybody'") == [(4,)]

    # what explain says of somebody is what the last run recorded, where nothing but the rule decides
    [(who,)] = place.rows("select customer_id from segwh_customer_membership group by 1 order by count(*), 1 limit 1")
    is_in = {name for (name,) in place.rows(f"select segment from segwh_customer_membership where customer_id = {who}")}
    for name in ("tea_lovers", "everybody", "no_consent"):
        found = json.loads(segwh(shop, "explain", name, str(who), "--as-of", as_of(6), "--format", "json"))
        assert (found["is_member_by_rule"], found["is_recorded_member"]) == (name in is_in, name in is_in)
        stays = place.rows(f"select 1 from segwh_customer_history where segment = '{name}' and customer_id = {who}")
        assert len(found["stays"]) == len(stays)

    # and what diff counts is what the next run has
    somebody = ("-c", "user.name=somebody", "-c", "user.email=somebody@example.com", "-c", "commit.gpgsign=false")
    for arguments in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message", "rules")):
        subprocess.run(["git", *somebody, *arguments], cwd=shop.folder, check=True)
    shop.write_rules(rules.replace("include: [{related: complaints}]", "include: [{attribute: home.region, is: south}]"))
    [told] = json.loads(segwh(shop, "diff", "--as-of", as_of(6), "--format", "json"))["changes"]
    segwh(shop, "run", "--as-of", as_of(6))
    [(size,)] = place.rows(f"select count(*) from segwh_customer_membership where segment = '{told['segment']}'")
    assert told["after"] == size
    assert (told["entering"], told["leaving"]) != (0, 0)

    overlaps = place.rows(
        "select 1 from segwh_customer_history a join segwh_customer_history b on a.segment = b.segment "
        "and a.customer_id = b.customer_id and a.valid_from < b.valid_from and coalesce(a.valid_to, 'infinity') > b.valid_from"
    )
    assert overlaps == []


@pytest.mark.slow
def test_a_suppression_list_that_is_lost(postgres: Server, tmp_path: Path) -> None:
    place = Schema(postgres, "lost_list")
    shop = Shop.new(tmp_path / "shop", place)
    shop.load(3)
    segwh(shop, "run", "--as-of", as_of(3))
    place.execute("alter table segwh_run_starts drop column suppression_lists cascade")  # as an older version left it
    segwh(shop, "run", "--as-of", as_of(4))
    members = "select segment, count(*) from segwh_customer_membership where segment in ('everybody', 'no_consent') group by 1"
    before = sorted(place.rows(members))
    shop.write_rules(RULES[: RULES.index("exclusions:")] + RULES[RULES.index("segments:") :])
    for day in (5, 6):
        done = shop.segwh("run", "--as-of", as_of(day))
        assert done.code == 1
        assert "suppression list no_consent is not in exclusions any more" in done.output
        assert sorted(place.rows(members)) == before
    segwh(shop, "run", "--as-of", as_of(7), "--accept", "no_consent")
    assert dict(place.rows(members))["everybody"] == sum(count for _, count in before)
    segwh(shop, "run", "--as-of", as_of(8))
