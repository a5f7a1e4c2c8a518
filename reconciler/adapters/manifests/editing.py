"""Changes values in a manifest's text and leaves the rest of it as it is: comments, order, quotes, anchors elsewhere.

What cannot be edited in place is written anew as the smallest part that can be, and told. Nothing here is believed:
whoever writes the result reads it back first.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from reconciler.adapters.manifests import dressing, shape
from reconciler.adapters.manifests.dressing import Wardrobe
from reconciler.adapters.manifests.instructions import FILE, INSTRUCTIONS
from reconciler.adapters.manifests.shape import Splice
from reconciler.adapters.manifests.syntax import BLOCK_TEXT, Entry, Leaf, Node, Syntax, UnusualError
from reconciler.adapters.manifests.syntax import Mapping as MappingNode
from reconciler.adapters.manifests.syntax import Sequence as SequenceNode
from reconciler.adapters.manifests.writing import as_json, entry_lines, inline, item_lines, scalar
from reconciler.core.alignment import align
from reconciler.core.meaning import same_at
from reconciler.model.pointer import Path, shown_pointer
from reconciler.model.risk import StepKind
from reconciler.model.sequence import MANAGED_FIELDS

OrderAt: TypeAlias = Callable[[Path], Sequence[str]]
# What may change at the root; a manifest's own instructions do where a filter comes to match everyone.
_FIELDS: Final = (*(key for key in MANAGED_FIELDS if key != "custom_id"), "reconciler")


@dataclass(frozen=True, slots=True)
class Sides:
    """One value three times: as it is written, with its instructions resolved, and as it is to become."""

    written: Any
    before: Any
    after: Any

    def below(self, key: Any) -> "Sides":
        """Return the same of a part that all three have."""
        return Sides(self.written[key], self.before[key], self.after[key])


@dataclass(slots=True)
class Editor:
    """Edits one text. `notes` say what was not edited in place; `wardrobe` has the files that change."""

    syntax: Syntax
    order: OrderAt
    wardrobe: Wardrobe
    notes: list[str] = field(default_factory=list)
    released: set[str] = field(default_factory=set)

    def edit(self, sides: Sides) -> str:
        """Return the text in which the managed fields are what they are to become."""
        root = self.syntax.root
        splices = self._mapping(root, sides, ())
        splices += self._without_aliases(root, sides.written, splices)
        return applied(self.syntax.text, splices)

    def anew(self, sides: Sides) -> str:
        """Return the text with each field that differs written anew as a whole."""
        splices: list[Splice] = []
        for entry in self.syntax.root.entries:
            name = entry.name
            if name in _FIELDS and name in sides.after and not same_at((name,), *_two(sides, name)):
                splices += self._rewritten(entry, sides.below(name), (name,))
        return applied(self.syntax.text, splices)

    def _value(self, node: Node, sides: Sides, path: Path) -> list[Splice]:
        """Return the edits of one value; UnusualError where it cannot be edited in place."""
        if same_at(path, sides.before, sides.after):
            return []
        if isinstance(sides.written, dict) and not INSTRUCTIONS.isdisjoint(sides.written):
            return self._instruction(node, sides, path)
        if isinstance(node, Leaf) and node.style == "*":
            self.notes.append(f"`{shown_pointer(path)}` was an alias, and has a value of its own now")
            return self._in_place(node, sides, path)
        release = self._release(node, path)
        if isinstance(node, MappingNode) and isinstance(sides.after, dict):
            return release + self._mapping(node, sides, path)
        if isinstance(node, SequenceNode) and isinstance(sides.after, list):
            return release + self._sequence(node, sides, path)
        return self._in_place(node, sides, path)

    def _in_place(self, node: Node, sides: Sides, path: Path) -> list[Splice]:
        """Replace a value that stands in a line by another one that does."""
        value = self._stays_inline(node, sides, path)
        is_flow = not isinstance(node, Leaf) and node.is_flow
        if isinstance(node, Leaf) and node.style in BLOCK_TEXT and isinstance(value, str):
            return [shape.block_text(self.syntax, node, value)]
        if (
            isinstance(value, dict | list)
            and not is_flow
            and (not isinstance(value, dict) or INSTRUCTIONS.isdisjoint(value))
        ):
            raise UnusualError
        if not isinstance(node, Leaf) and not is_flow:
            raise UnusualError
        style = node.style if isinstance(node, Leaf) else ""
        return [Splice(node.start, shape.end_of(self.syntax, node), self._line(value, style))]

    def _stays_inline(self, node: Node, sides: Sides, path: Path) -> Any:
        """Return the new value; a text that stood in the manifest stays there, unless it has lines now and had none."""
        is_text = isinstance(sides.written, str) and isinstance(sides.after, str)
        is_block = isinstance(node, Leaf) and node.style in BLOCK_TEXT
        if is_text and (is_block or "\n" not in sides.after) and sides.after not in self.wardrobe.names:
            return sides.after
        return self._dressed(sides, path)

    def _line(self, value: Any, style: str = "") -> str:
        if self.syntax.root.is_flow:
            return as_json(value)
        return inline(value) if isinstance(value, dict | list) else scalar(value, style=style, in_flow=True)

    def _instruction(self, node: Node, sides: Sides, path: Path) -> list[Splice]:
        name = next(iter(sides.written))
        if name == FILE and self.wardrobe.change(sides.written[FILE], sides.after):
            return []
        value = self.wardrobe.fresh(sides.after, path)
        self.notes.append(f"`{shown_pointer(path)}` no longer is what its `{name}` means, and was replaced")
        return [Splice(node.start, node.end, self._line(value))]

    def _mapping(self, node: MappingNode, sides: Sides, path: Path) -> list[Splice]:
        wanted = [key for key in sides.after if path or key in _FIELDS]
        there = {each.name: each for each in node.entries}
        new = [key for key in wanted if key not in there and not self._is_default(sides, key, path)]
        gone = [key for key in there if key in sides.before and key not in sides.after]
        if (new or gone) and node.is_flow:
            if not path:
                raise UnusualError
            return [Splice(node.start, node.end, self._line(self._dressed(sides, path)))]
        splices: list[Splice] = []
        for key in wanted:
            if key in there and key in sides.before:
                splices += self._entry(there[key], sides.below(key), (*path, key), is_flow=node.is_flow)
        for key in gone:
            splices.append(shape.without_entry(self.syntax, node, there[key]))
        return splices + [self._inserted(node, key, sides.after[key], path) for key in new]

    @staticmethod
    def _is_default(sides: Sides, key: str, path: Path) -> bool:
        return not path and key in sides.before and same_at((key,), sides.before[key], sides.after[key])

    def _entry(self, entry: Entry, sides: Sides, path: Path, *, is_flow: bool) -> list[Splice]:
        notes = len(self.notes)
        try:
            return self._value(entry.value, sides, path)
        except UnusualError:
            if is_flow:
                raise
            del self.notes[notes:]
            return self._rewritten(entry, sides, path)

    def _rewritten(self, entry: Entry, sides: Sides, path: Path) -> list[Splice]:
        if len(path) == 1 or isinstance(sides.written, dict | list):
            self.notes.append(f"`{shown_pointer(path)}` was written anew, without the comments in it")
        self.released.update(shape.anchors(self.syntax, entry.value))
        value, column = self._dressed(sides, path), self.syntax.column_of(entry.key.start)
        lines = "\n".join(entry_lines(entry.name, value, column))[column:]
        end = shape.end_of(self.syntax, entry.value)
        return [Splice(entry.key.start, max(end, entry.key.end + 1), lines)]

    def _inserted(self, node: MappingNode, key: str, value: Any, path: Path) -> Splice:
        order = list(self.order(path))
        rank = order.index(key) if key in order else len(order)
        before = [each for each in node.entries if each.name in order[:rank]] or [node.entries[0]]
        column = self.syntax.column_of(node.entries[0].key.start)
        lines = entry_lines(key, self.wardrobe.fresh(value, (*path, key)), column)
        at = shape.line_end(self.syntax, before[-1].value)
        return Splice(at, at, "".join(f"{line}\n" for line in lines))

    def _sequence(self, node: SequenceNode, sides: Sides, path: Path) -> list[Splice]:
        if node.is_flow:
            is_small = len(sides.before) == len(sides.after) and all(isinstance(each, dict) for each in sides.after)
            if not is_small:
                return [Splice(node.start, node.end, self._line(self._dressed(sides, path)))]
            return [
                splice
                for at, item in enumerate(node.items)
                for splice in self._value(item, sides.below(at), (*path, at))
            ]
        if not sides.after:
            raise UnusualError
        pairs = _pairs(sides.before, sides.after)
        regions = shape.regions(self.syntax, node)
        if [was for was, _, _ in pairs] == list(range(len(sides.before))) and all(b is not None for _, b, _ in pairs):
            return [
                splice
                for was, becomes, _ in pairs
                for splice in self._item(node, regions, _pair(sides, was, becomes), path, was)
            ]
        chunks = [self._chunk(node, regions, sides, path, each) for each in pairs if each[1] is not None]
        self.notes += _moves(pairs, path)
        return [Splice(regions[0][0], regions[-1][1], "".join(chunks))]

    def _chunk(
        self, node: SequenceNode, regions: Sequence[tuple[int, int]], sides: Sides, path: Path, pair: "Pair"
    ) -> str:
        was, becomes, _ = pair
        if was is None:
            column = shape.dash_column(self.syntax, node)
            lines = item_lines(self.wardrobe.fresh(sides.after[becomes], (*path, becomes or 0)), column)
            return "".join(f"{line}\n" for line in lines)
        start, end = regions[was]
        splices = self._item(node, regions, _pair(sides, was, becomes), path, was)
        moved = [Splice(each.start - start, each.end - start, each.text) for each in splices]
        chunk = applied(self.syntax.text[start:end], moved)
        return chunk if chunk.endswith("\n") else chunk + "\n"

    def _item(
        self, node: SequenceNode, regions: Sequence[tuple[int, int]], sides: Sides, path: Path, at: int | None
    ) -> list[Splice]:
        assert at is not None  # noqa: S101 - only what was there can be edited
        item, notes = node.items[at], len(self.notes)
        try:
            return self._value(item, sides, (*path, at))
        except UnusualError:
            del self.notes[notes:]
            self.notes.append(f"`{shown_pointer((*path, at))}` was written anew, without the comments in it")
            self.released.update(shape.anchors(self.syntax, item))
            column = shape.dash_column(self.syntax, node)
            lines = "\n".join(item_lines(self._dressed(sides, (*path, at)), column))
            start = shape.dash_of(self.syntax, item, regions[at])
            return [Splice(start, shape.end_of(self.syntax, item), lines[column:])]

    def _dressed(self, sides: Sides, path: Path) -> Any:
        return dressing.dressed(self.wardrobe, sides.written, sides.before, sides.after, path)

    def _release(self, node: Node, path: Path) -> list[Splice]:
        """Take the anchor off a value that changes: its aliases mean what it was."""
        name, sign = shape.anchor(self.syntax, node)
        if not name:
            return []
        self.released.add(name)
        self.notes.append(f"`{shown_pointer(path)}` was shared by `&{name}`: the other places keep what it was")
        return [Splice(sign[0], sign[1], "")] if not isinstance(node, Leaf) else []

    def _without_aliases(self, root: Node, written: Any, splices: Sequence[Splice]) -> list[Splice]:
        """Write out the aliases of what has changed, where they are not replaced already."""
        found: list[Splice] = []
        for place in shape.aliases(self.syntax, root, written):
            is_done = any(each.start <= place.node.start < max(each.end, each.start + 1) for each in splices)
            if place.name not in self.released or is_done:
                continue
            if isinstance(place.value, dict | list) and INSTRUCTIONS.isdisjoint(place.value):
                lines = shape.written_out(self.syntax, place)
                found.append(Splice(place.node.start, place.node.end, lines))
            else:
                found.append(Splice(place.node.start, place.node.end, self._line(place.value)))
        return found


Pair: TypeAlias = tuple[int | None, int | None, bool]


def applied(text: str, splices: Iterable[Splice]) -> str:
    """Return the text with the splices made, of which no two overlap."""
    for each in sorted(splices, reverse=True):
        text = text[: each.start] + each.text + text[each.end :]
    return text


def _two(sides: Sides, name: str) -> tuple[Any, Any]:
    return sides.before[name], sides.after[name]


def _pair(sides: Sides, was: int | None, becomes: int | None) -> Sides:
    return Sides(sides.written[was], sides.before[was], sides.after[becomes])


def _pairs(before: Sequence[Any], after: Sequence[Any]) -> list[Pair]:
    """Return which entry becomes which, in the new order, the third part telling what has moved."""
    return [(each.before, each.after, each.kind is StepKind.MOVED) for each in align(before, after)]


def _moves(pairs: Sequence[Pair], path: Path) -> list[str]:
    where = shown_pointer(path)
    added = [becomes for was, becomes, _ in pairs if was is None]
    gone = [was for was, becomes, _ in pairs if becomes is None]
    moved = [becomes for was, becomes, is_moved in pairs if is_moved]
    words = ((added, "added"), (gone, "removed"), (moved, "moved"))
    return [f"`{where}`: {len(positions)} {word}" for positions, word in words if positions]
