"""What a dbt project holds: models, seeds, snapshots and sources, with columns from the warehouse or the manifest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from segwh.errors import UserError
from segwh.init.propose import Table, TableColumn
from segwh.types import Relation
from segwh.warehouse.column_types import data_type_of
from segwh.warehouse.complaints import is_unbuilt
from segwh.warehouse.connection import READABLE, Warehouse


def tables(warehouse: Warehouse) -> tuple[Table, ...]:
    """Every table of the project that rules could read, with the columns it has or is documented to have.

    Raises UserError if the warehouse is there but refuses.
    """
    unique = _unique_columns(warehouse.manifest)
    nodes = tuple(_nodes(warehouse))
    relations = {node.unique_id: relation for relation, _, node in nodes}
    return tuple(
        Table(
            relation,
            name,
            _columns(warehouse, relation, node, unique.get(node.unique_id, frozenset())),
            frozenset(_reads(warehouse.manifest, node, relations)),
        )
        for relation, name, node in nodes
    )


def _nodes(warehouse: Warehouse) -> Iterator[tuple[Relation, str, Any]]:
    project, manifest = warehouse.target.project, warehouse.manifest
    for node in sorted(manifest.nodes.values(), key=lambda node: node.unique_id):
        if node.resource_type not in READABLE or "segwh" in node.tags or node.config.materialized == "ephemeral":
            continue
        own = node.package_name == project
        yield Relation("ref", (node.name,) if own else (node.package_name, node.name)), node.name, node
    for source in sorted(manifest.sources.values(), key=lambda source: source.unique_id):
        yield Relation("source", (source.source_name, source.name)), source.name, source


def _reads(manifest: Any, node: Any, relations: Mapping[str, Relation]) -> Iterator[Relation]:
    """The tables that a node's query reads; what is no table itself (an ephemeral model) stands for what it reads."""
    for unique_id in getattr(getattr(node, "depends_on", None), "nodes", ()):
        if unique_id in relations:
            yield relations[unique_id]
        elif unique_id in manifest.nodes:
            yield from _reads(manifest, manifest.nodes[unique_id], relations)


def _columns(warehouse: Warehouse, relation: Relation, node: Any, unique: frozenset[str]) -> tuple[TableColumn, ...]:
    """The columns in the warehouse; for what is not built yet those documented with a type."""
    try:
        found = [(column.name, column.type) for column in warehouse.columns(warehouse.relation_name(relation))]
    except UserError as error:
        if not is_unbuilt(str(error.__cause__)):
            raise
        found = [(column.name, column.data_type or "") for column in node.columns.values()]
    return tuple(TableColumn(name, data_type_of(spelling), name in unique) for name, spelling in found)


def _unique_columns(manifest: Any) -> Mapping[str, frozenset[str]]:
    """By node, the columns on which the project has dbt's test `unique`."""
    found: dict[str, set[str]] = {}
    for node in manifest.nodes.values():
        metadata = getattr(node, "test_metadata", None)
        if metadata is not None and metadata.name == "unique" and node.column_name and node.attached_node:
            found.setdefault(node.attached_node, set()).add(node.column_name)
    return {unique_id: frozenset(columns) for unique_id, columns in found.items()}
