"""How one text becomes another, as lines in which the words that differ are marked."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import islice, takewhile
from typing import Final

_WORDS: Final = re.compile(r"\s+|\w+|[^\w\s]")
# Above these, comparing takes longer than anybody waits: the whole counts as changed.
_MOST_WORDS: Final = 400
_MOST_LINES: Final = 2_000
# Less alike than this, marks in a line would be all over it.
_ALIKE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a line; `is_changed` where the other side has something else."""

    text: str
    is_changed: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a difference: `sign` is `-`, `+`, a space where both have it, or `@` where lines are left out."""

    sign: str
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """The line as it stands, without its sign."""
        return "".join(part.text for part in self.parts)


GAP: Final = Line("@", ())


def word_diff(before: Sequence[str], after: Sequence[str], *, context: int) -> Iterator[Line]:
    """Yield the lines that differ, with so many that do not around them."""
    if max(len(before), len(after)) > _MOST_LINES:
        yield from (_plain("-", line) for line in before)
        yield from (_plain("+", line) for line in after)
        return
    groups = SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(context)
    for number, group in enumerate(groups):
        if number:
            yield GAP
        for kind, a, b, c, d in group:
            if kind == "equal":
                yield from (_plain(" ", line) for line in before[a:b])
            else:
                yield from _changed(before[a:b], after[c:d])


def marked(line: Line, *, opening: str = "⟦", closing: str = "⟧") -> str:
    """Return a line with its sign, and with brackets around what differs; none where all of it does."""
    if all(part.is_changed for part in line.parts):
        return f"{line.sign} {line.text}"
    parts = (f"{opening}{part.text}{closing}" if part.is_changed else part.text for part in line.parts)
    return f"{line.sign} {''.join(parts)}"


def _changed(before: Sequence[str], after: Sequence[str]) -> Iterator[Line]:
    """Lines that take each other's place are compared word by word where they are the same number."""
    if len(before) != len(after):
        yield from (_plain("-", line) for line in before)
        yield from (_plain("+", line) for line in after)
        return
    for was, becomes in zip(before, after, strict=True):
        old, new = _parts(was, becomes)
        yield Line("-", old)
        yield Line("+", new)


def _parts(was: str, becomes: str) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    old, new = _WORDS.findall(was), _WORDS.findall(becomes)
    # Most edits are in one place: what is alike on both sides of it need not be searched for.
    start = sum(1 for _ in takewhile(_is_same, zip(old, new, strict=False)))
    left = min(len(old), len(new)) - start
    end = sum(1 for _ in islice(takewhile(_is_same, zip(reversed(old), reversed(new), strict=False)), left))
    inner_old, inner_new = old[start : len(old) - end], new[start : len(new) - end]
    whole = (Part(was, is_changed=True),), (Part(becomes, is_changed=True),)
    if max(len(inner_old), len(inner_new)) > _MOST_WORDS:
        return whole
    matcher = SequenceMatcher(None, inner_old, inner_new, autojunk=False)
    same = start + end + sum(size for _, _, size in matcher.get_matching_blocks())
    if 2 * same < _ALIKE * (len(old) + len(new)):
        return whole
    codes = matcher.get_opcodes()
    around = (Part("".join(old[:start]), is_changed=False), Part("".join(old[len(old) - end :]), is_changed=False))
    sides = (
        [Part("".join(inner_old[a:b]), is_changed=kind != "equal") for kind, a, b, _, _ in codes if a < b],
        [Part("".join(inner_new[c:d]), is_changed=kind != "equal") for kind, _, _, c, d in codes if c < d],
    )
    before, after = (tuple(part for part in (around[0], *side, around[1]) if part.text) for side in sides)
    return before, after


def _is_same(pair: tuple[str, str]) -> bool:
    return pair[0] == pair[1]


def _plain(sign: str, text: str) -> Line:
    return Line(sign, (Part(text, is_changed=sign != " "),))
