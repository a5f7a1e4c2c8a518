"""Plain values written as their author would: with the instructions that still mean the same, long texts in files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.adapters.manifests.instructions import FILE, SEQUENCE
from reconciler.adapters.manifests.leaves import Order
from reconciler.core.composing import is_for_a_file
from reconciler.core.meaning import same_at
from reconciler.model.pointer import Path


@dataclass(slots=True)
class Wardrobe:
    """The files that one manifest brings in, by how it names them, and those that change or are new.

    `names` has the custom_ids that can be referred to, by id. `is_free` tells whether a new file can have a name, and
    `is_shared` whether another place brings in the same file.
    """

    stem: str
    names: Mapping[str, str]
    is_free: Callable[[str], bool]
    is_shared: Callable[[str], bool]
    changed: dict[str, str] = field(default_factory=dict)
    new: dict[str, str] = field(default_factory=dict)

    def change(self, name: str, text: Any) -> bool:
        """Have a file hold another text; False where it cannot, or where others would change with it."""
        if not isinstance(text, str) or text.startswith("\ufeff") or "\r" in text or self.is_shared(name):
            return False
        self.changed[name] = text
        return True

    def fresh(self, value: Any, path: Path) -> Any:
        """Return a value as it is written where nothing was."""
        if isinstance(value, dict):
            return {key: self.fresh(each, (*path, key)) for key, each in value.items()}
        if isinstance(value, list):
            return [self.fresh(each, (*path, at)) for at, each in enumerate(value)]
        if path[-1:] == ("sequence_id",) and value in self.names:
            return {SEQUENCE: self.names[value]}
        if path[:1] == ("steps",) and is_for_a_file(value) and "\r" not in value:
            return {FILE: self._kept(value, "html" if path[-1] == "email_body" else "txt")}
        return value

    def _kept(self, text: str, ending: str) -> str:
        number = 1
        while True:
            name = f"{self.stem}.{ending}" if number == 1 else f"{self.stem}-{number}.{ending}"
            if self.is_free(name) and name not in self.new:
                self.new[name] = text
                return name
            number += 1


def in_order(value: Any, order: Order, path: Path) -> Any:
    """Return a value with the keys of its mappings in their order; keys without one come last."""
    if isinstance(value, dict):
        ranks = {key: rank for rank, key in enumerate(order.get(path, ()))}
        keys = sorted(value, key=lambda key: ranks.get(key, len(ranks)))
        return {key: in_order(value[key], order, (*path, key)) for key in keys}
    if isinstance(value, list):
        return [in_order(each, order, (*path, at)) for at, each in enumerate(value)]
    return value


def dressed(wardrobe: Wardrobe, written: Any, before: Any, after: Any, path: Path) -> Any:
    """Return what a value is to become, as it was written wherever it stays the same."""
    if same_at(path, before, after):
        return written
    if isinstance(written, dict) and FILE in written and wardrobe.change(written[FILE], after):
        return written
    if all(isinstance(each, dict) for each in (written, before, after)):
        return {key: _part(wardrobe, written, before, after, key, path) for key in _keys(written, after)}
    if all(isinstance(each, list) for each in (written, before, after)) and len(before) == len(after):
        return [
            dressed(wardrobe, written[at], before[at], after[at], (*path, at)) for at in range(len(after))
        ]  # fmt: skip
    return wardrobe.fresh(after, path)


def _keys(written: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    return [key for key in written if key in after] + [key for key in after if key not in written]


def _part(wardrobe: Wardrobe, written: Any, before: Any, after: Any, key: str, path: Path) -> Any:
    if key in written and key in before:
        return dressed(wardrobe, written[key], before[key], after[key], (*path, key))
    return wardrobe.fresh(after[key], (*path, key))
