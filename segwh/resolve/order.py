"""The order of dependency of traits and segments, and the cycles in it with their path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from segwh.text.diagnostics import Code, Complaints
from segwh.text.source import Span

Dependent = tuple[str, ...]
"""("segment", name), ("trait", entity, name) or ("entity", name)."""


@dataclass(frozen=True, slots=True)
class Edge:
    """That something refers to something, where, and why if it is not written in the rule itself."""

    to: Dependent
    span: Span
    because: str = ""


def in_order(edges: Mapping[Dependent, tuple[Edge, ...]], complaints: Complaints) -> tuple[Dependent, ...]:
    """All keys, each after what it refers to, else in the order given; cycles are complained about, each once."""
    done: dict[Dependent, None] = {}
    reported: set[frozenset[Dependent]] = set()
    for start in edges:
        path: list[tuple[Dependent, int]] = [] if start in done else [(start, 0)]
        on_path = {node for node, _ in path}
        while path:
            node, index = path.pop()
            following = edges.get(node, ())
            if index >= len(following):
                done[node] = None
                on_path.discard(node)
                continue
            path.append((node, index + 1))
            target = following[index].to
            if target in on_path:
                nodes = [member for member, _ in path]
                report(nodes[nodes.index(target) :], edges, reported, complaints)
            elif target not in done and target in edges:
                path.append((target, 0))
                on_path.add(target)
    return tuple(done)


def report(
    cycle: list[Dependent],
    edges: Mapping[Dependent, tuple[Edge, ...]],
    reported: set[frozenset[Dependent]],
    complaints: Complaints,
) -> None:
    """Complain about a cycle, if it was not yet."""
    members = frozenset(cycle)
    if members in reported:
        return
    reported.add(members)
    words = [title(cycle[0])]
    for node, following in zip(cycle, [*cycle[1:], cycle[0]], strict=True):
        edge = next(edge for edge in edges[node] if edge.to == following)
        words.append(f"{title(following)} ({edge.because})" if edge.because else title(following))
    closing = next(edge for edge in edges[cycle[-1]] if edge.to == cycle[0])
    message = "references lead back to where they began: " + " -> ".join(words)
    complaints.error(Code.CYCLE, closing.span, message, "references that end somewhere")


def title(node: Dependent) -> str:
    """A trait, a segment or an entity in messages."""
    return ".".join(node[1:])
