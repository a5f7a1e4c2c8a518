"""What must not be echoed of a manifest's line: addresses, phone numbers, and whatever a filter names contacts by.

Inside a filter the rule is default deny: a value is shown only under a key that holds no person's data. Elsewhere only
what looks like an address or a phone number is blanked. Each blanked sign becomes one `*`, so that offsets keep.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final

from reconciler.adapters.manifests.document import Layout, Malformed
from reconciler.core.personal import ADDRESS, PHONE
from reconciler.model.diagnostic import Span
from reconciler.model.pointer import Path

BLANK: Final = "*"
_INSTRUCTIONS: Final = frozenset({"$file", "$var", "$sequence"})
# Keys of a filter whose values say nothing about a person.
_HARMLESS: Final = _INSTRUCTIONS | {"type", "after", "before", "segment_id", "sequence_id", "domain_name_in"}
_OUTSIDE: Final = frozenset({"custom_id", "name", "is_continuous", "steps", "reconciler"})
# Under these, many digits are no phone number.
_NUMBERS: Final = frozenset({"custom_id", "delay_in_minutes", "segment_id", "sequence_id"})
# What a value may be without being anybody's.
_EMPTY: Final = frozenset({"", "null", "~", "true", "false", "[]", "{}", '""', "''"})

# It begins where a word does and gives nothing back: a word of a megabyte is looked at once.
_KEY: Final = re.compile(r"""(?P<quote>["']?)(?<![$\w-])(?P<key>[$\w-]++)(?P=quote)\s*+:(?=\s|$)""")
_PLAIN_KEY: Final = re.compile(r"""["']?[\w$.<-]{1,64}["']?""")
_DIGITS_IN_A_ROW: Final = re.compile(r"\d{5}")
_COMMENT: Final = re.compile(r"(?:^|(?<=\s))#")
_TOP_KEY: Final = re.compile(r"""["']?(\w+)["']?\s*:""")
_SPARED: Final = frozenset(" \t\r[]{},:-\"'#&|>")


@dataclass(frozen=True, slots=True)
class Shield:
    """Blanks what is personal in the lines of one manifest."""

    lines: list[str]
    layout: Layout
    _leaves: dict[int, list[tuple[Path, Span]]] = field(default_factory=dict)
    _keys: dict[int, list[Span]] = field(default_factory=dict)
    _tops: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Note which values and keys stand on which line, and under which key of the manifest those do that do not."""
        if isinstance(self.layout.result, Malformed):
            tops = ((number, _TOP_KEY.match(line)) for number, line in enumerate(self.lines, 1))
            self._tops.extend((number, found[1]) for number, found in tops if found)
        containers = {path[:-1] for path in self.layout.places if path}
        for path, (key, value) in self.layout.places.items():
            if key is not None:
                self._keys.setdefault(key.line, []).append(key)
            if path and path not in containers:
                for line in range(value.line, value.end_line + 1):
                    self._leaves.setdefault(line, []).append((path, value))

    def shown(self, line: int) -> str:
        """Return a line, by its 1-based number, with what is personal blanked."""
        text = self.lines[line - 1]
        signs = list(text)
        known = [False] * len(text)
        for span in self._keys.get(line, ()):
            part = _part(span, line, text)
            _fill(known, part, value=True)
            if not _is_plain_key(text[part]):
                _blank(signs, part)
        exempt = [False] * len(text)
        for path, span in self._leaves.get(line, ()):
            part = _part(span, line, text)
            _fill(known, part, value=True)
            _fill(exempt, part, value=_last_key(path) in _NUMBERS)
            if not _is_harmless(path, text[part]):
                _blank(signs, part)
        if self._is_in_filter(line):
            _blank_values(signs, known, text)
        _blank_patterns(signs, exempt, text)
        return "".join(signs)

    def _is_in_filter(self, line: int) -> bool:
        """Tell whether what no value accounts for may be a contact's: a comment, or a line that was never read."""
        place = self.layout.places.get(("filter",))
        if place is not None and place[1].line <= line <= place[1].end_line:
            return True
        if not isinstance(self.layout.result, Malformed):
            return False
        at = bisect_right(self._tops, line, key=itemgetter(0))
        return at == 0 or self._tops[at - 1][1] not in _OUTSIDE


def shown_text(text: str) -> str:
    """Return a line of a file that is no manifest, with addresses and phone numbers blanked."""
    signs = list(text)
    _blank_patterns(signs, [False] * len(text), text)
    return "".join(signs)


def _is_harmless(path: Path, text: str) -> bool:
    if text.strip() in _EMPTY:
        return True
    if path[0] == "filter":
        return _last_key(path) in _HARMLESS
    # One level down, an unknown key may be `filter` misspelt.
    return path[0] in _OUTSIDE or len(path) == 1


def _is_plain_key(text: str) -> bool:
    """Tell whether a key looks like one: somebody may have typed a name or a number there."""
    return _PLAIN_KEY.fullmatch(text) is not None and _DIGITS_IN_A_ROW.search(text) is None


def _last_key(path: Path) -> str:
    return next((part for part in reversed(path) if isinstance(part, str)), "")


def _part(span: Span, line: int, text: str) -> slice:
    start = span.column - 1 if span.line == line else 0
    end = span.end_column - 1 if span.end_line == line else len(text)
    return slice(start, end)


def _blank_values(signs: list[str], known: list[bool], text: str) -> None:
    """Blank comments, and what was not read as a value, except behind keys that hold no person's data."""
    comment = next((each.start() for each in _COMMENT.finditer(text) if not known[each.start()]), len(text))
    at, key = 0, ""
    for found in (*_KEY.finditer(text, 0, comment), None):
        end = comment if found is None else found.start()
        if key not in _HARMLESS:
            _blank(signs, (place for place in range(at, end) if not known[place]))
        if found is not None:
            at, key = found.end(), found["key"]
    _blank(signs, range(comment, len(text)))


def _blank_patterns(signs: list[str], exempt: list[bool], text: str) -> None:
    for pattern in (ADDRESS, PHONE):
        for found in pattern.finditer(text):
            if pattern is ADDRESS or not exempt[found.start()]:
                _blank(signs, range(*found.span()))


def _blank(signs: list[str], part: slice | Iterable[int]) -> None:
    for place in range(*part.indices(len(signs))) if isinstance(part, slice) else part:
        if signs[place] not in _SPARED:
            signs[place] = BLANK


def _fill(marks: list[bool], part: slice, *, value: bool) -> None:
    for place in range(*part.indices(len(marks))):
        marks[place] = value
