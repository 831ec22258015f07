"""What statements that the commands ask by themselves read the relations of the catalog from: the same as runs."""

from __future__ import annotations

from segwh import ir
from segwh.dbt.readable import Reading, readings_of
from segwh.sql.dialects import DIALECTS
from segwh.types import Relation
from segwh.warehouse.connection import Warehouse


class Read:
    """The relations of a project as its facts read them (RelationNames); the warehouse is asked once of each."""

    def __init__(self, project: ir.Project, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._readings = readings_of(project, DIALECTS[warehouse.dialect]) if warehouse.reads_as_runs else {}
        self._found: dict[tuple[Relation, str], str] = {}
        self.in_utc = frozenset(name for name, one in self._readings.items() if one.in_utc)
        """The entities whose relations have their instants as UTC timestamps without zone."""

    def __call__(self, relation: Relation, entity: str) -> str:
        """What the facts of an entity, or where it is '' a statement beside them, read a relation from. Raises UserError."""
        if (relation, entity) not in self._found:
            one = self._readings.get(entity)
            reading = Reading(relation) if one is None else one.of(relation)
            self._found[relation, entity] = self._warehouse.read_from(reading)
        return self._found[relation, entity]
