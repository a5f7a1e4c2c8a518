"""The order in which sequences are written: whoever is referred to comes first."""

from collections.abc import Mapping, Sequence

Graph = Mapping[str, Sequence[str]]


def find_cycle(graph: Graph) -> tuple[str, ...] | None:
    """Return the members of one cycle, each referring to the next and the last to the first; None where there is none.

    The result depends on neither the order of the mapping nor that of the references.
    """
    finished: set[str] = set()
    for start in sorted(graph):
        trail: dict[str, list[str]] = {}
        stack = [start]
        while stack:
            name = stack[-1]
            if name not in trail and name not in finished:
                trail[name] = sorted(set(graph.get(name, ())), reverse=True)
            left = trail.get(name)
            if not left:
                finished.add(stack.pop())
                trail.pop(name, None)
                continue
            following = left.pop()
            if following in trail:
                members = list(trail)
                return _from_smallest(members[members.index(following) :])
            if following not in finished:
                stack.append(following)
    return None


def _from_smallest(members: list[str]) -> tuple[str, ...]:
    first = members.index(min(members))
    return (*members[first:], *members[:first])


def depths(graph: Graph) -> dict[str, int]:
    """Return how many layers of references lie under each name; the graph must have no cycle."""
    found: dict[str, int] = {}
    for start in graph:
        stack = [start]
        while stack:
            name = stack[-1]
            below = [each for each in graph.get(name, ()) if each in graph]
            missing = [each for each in below if each not in found]
            if missing:
                stack.extend(missing)
                continue
            found[name] = 1 + max((found[each] for each in below), default=-1)
            stack.pop()
    return found
