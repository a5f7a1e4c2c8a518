"""Pointers of a document as the paths that they are written for."""

from reconciler.model.pointer import Path, parse_pointer, position_of


def read_path(pointer: str) -> Path:
    """Return the path that a pointer shows; what can be a position of a list is one. ValueError if it is none."""
    positions = ((part, position_of(part)) for part in parse_pointer(pointer))
    return tuple(part if position is None else position for part, position in positions)
