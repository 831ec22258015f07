"""What diff counts between two segments of a story, held against their members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from segwh import ir
from segwh.sql.compile import Before
from segwh.sql.difference import Version, difference_query
from segwh.types import Relation
from tests.cases.engine import Engine


def compared(
    engine: Engine,
    project: ir.Project,
    members: Mapping[str, Sequence[str]],
    as_of: datetime,
    names: Mapping[Relation, str],
    before: Before | None,
    rule_hashes: Mapping[str, str],
) -> None:
    """Counts who moves if the last segment of a kind of member is put in the place of the first."""
    if not engine.dialect.nests_named_queries or not members:
        return
    first = next(iter(members))
    last = [name for name in members if project.segment(name).grain == project.segment(first).grain][-1]
    earlier = Version(project, {first: "it"}, lambda relation, _: names[relation], before, rule_hashes)
    later = Version(project, {last: "it"}, lambda relation, _: names[relation], before, rule_hashes)
    sql = difference_query(earlier, later, as_of, engine.dialect)
    one, other = set(members[first]), set(members[last])
    expected = [("it", *map(str, (len(one), len(other), len(other - one), len(one - other))))] if one or other else []
    assert [tuple(map(str, row)) for row in engine.rows(sql)] == expected, f"{first} and {last}"
