"""A value as YAML in the style of the manifests: blocks, two columns a level, quotes only where a text needs them.

What is written here is read back by whoever writes it to a file: nothing here is trusted to mean what it should.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from reconciler.adapters.manifests.document import Refusal, Value
from reconciler.adapters.manifests.instructions import INSTRUCTIONS
from reconciler.adapters.manifests.scalars import resolve

STEP: Final = 2
LONGEST_INLINE: Final = 80
# A text that no reader of YAML takes for anything else. Most signs could be meant as something where they stand.
_PLAIN: Final = re.compile(r"[^\W\d_](?:[\w ,.!?/@()&%+;'*=$-]*[\w.!?)%])?")
_FLOW_SIGNS: Final = frozenset(",[]{}")


def scalar(value: Value, *, style: str = "", in_flow: bool = False) -> str:
    """Return a scalar on one line. `style` is the quote that it had before, which it keeps if it can."""
    if isinstance(value, str) and value in INSTRUCTIONS:
        return value
    if not isinstance(value, str):
        return json.dumps(value)
    if style == "'" and value.isprintable() and "'" not in value:
        return f"'{value}'"
    return value if style != '"' and _is_plain(value, in_flow=in_flow) else _quoted(value)


def inline(value: Any) -> str:
    """Return a value in flow style on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key, in_flow=True)}: {inline(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return scalar(value, in_flow=True)


def as_json(value: Any) -> str:
    """Return a value on one line as JSON, which is YAML too, for a manifest that is written so."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_quoted(key)}: {as_json(each)}" for key, each in value.items()) + "}"
    return "[" + ", ".join(map(as_json, value)) + "]" if isinstance(value, list) else json.dumps(value)


def entry_lines(key: str, value: Any, column: int) -> list[str]:
    """Return a key and its value as lines of a block at a column."""
    head = " " * column + scalar(key) + ":"
    return [f"{head} {_in_line(value)}"] if _fits(value) else [head, *block_lines(value, column + STEP)]


def item_lines(value: Any, column: int) -> list[str]:
    """Return an entry of a list as lines of a block, its dash at a column."""
    head = " " * column + "- "
    if _fits(value):
        return [head + _in_line(value)]
    first, *more = block_lines(value, column + STEP)
    return [head + first[column + STEP :], *more]


def block_lines(value: Any, column: int) -> list[str]:
    """Return a mapping or a list that is not empty as lines at a column."""
    return list(_lines(value, column))


def _lines(value: Any, column: int) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from entry_lines(key, each, column)
    else:
        for each in value:
            yield from item_lines(each, column)


def _in_line(value: Any) -> str:
    return inline(value) if isinstance(value, dict | list) else scalar(value)


def _fits(value: Any) -> bool:
    """Tell whether people write a value behind its key: a scalar, an instruction, what is empty, a template's text."""
    if not isinstance(value, dict | list) or not value:
        return True
    if isinstance(value, list):
        return False
    is_short = len(inline(value)) <= LONGEST_INLINE and not any(
        isinstance(each, dict | list) for each in value.values()
    )
    return is_short and (not INSTRUCTIONS.isdisjoint(value) or str(value.get("type", "")).isupper())


def _is_plain(text: str, *, in_flow: bool) -> bool:
    if _PLAIN.fullmatch(text) is None or not text.isprintable() or isinstance(resolve(text), Refusal):
        return False
    return resolve(text) == text and not (in_flow and _FLOW_SIGNS & set(text))


def _quoted(text: str) -> str:
    """Return a text in double quotes, with whatever cannot be seen as an escape."""
    return "".join(each if each.isprintable() else _escaped(each) for each in json.dumps(text, ensure_ascii=False))


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
