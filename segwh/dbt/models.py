"""From a plan to the models of a dbt project: a fixed set for the project, for each entity and for each grain.

The order in which they run:

    run_starts, rules -> state -> facts -> evaluation -> pending -> log -> changes, membership, history, wide, audiences
                                                                       -> segments, segment_sizes -> run_ends -> runs

How many there are does not depend on the number of segments (audience views apart).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain

from sqlglot import exp

import segwh
from segwh import ir
from segwh.dbt import ledger, rows
from segwh.dbt.jinja import HEADER, config_block, day_text, instant_text, jinja_string, run_line
from segwh.dbt.ledger import Grain, ref
from segwh.dbt.templates import ctes_of, filled, raw, template, with_ctes

CONTRACT_VERSION = 1
"""The version of the tables' layout; kept in segwh_runs so that a later segwh knows what it finds."""


@dataclass(frozen=True, slots=True)
class Model:
    """One dbt model before it is text.

    `keep` says what happens when dbt reads only a part of the data (--empty, --sample): "rows" keeps the table as it is,
    "none" adds nothing to an append-only table, "" needs no care (views, and what reads no data).
    """

    name: str
    folder: str
    materialized: str
    query: exp.Query
    bounds: Mapping[str, str] = field(default_factory=dict)
    """Names that stand in the SQL as `{{ name }}`, and the Jinja expression of each."""
    keep: str = ""
    config: Mapping[str, object] = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()
    """Models that must be there first though the SQL does not name them by ref()."""
