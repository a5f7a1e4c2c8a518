"""The fastest way through a manifest: lines of plain block YAML, as people and formatters write them, without a parser.

Each line must be of one of a few shapes that all YAML readers take alike: a key, a list item, a value on the same line,
a block of text. Anything else (an escape, a nested flow collection, text over several lines, a tab, an anchor) makes it
give up, and the lean way reads the document instead. Like that one it must never accept what the careful way refuses,
nor read it differently: a test holds the three against each other.

It is there for speed: a shape costs a tenth of what the events of a YAML parser cost, made as objects one by one.
"""

import re
from functools import lru_cache
from typing import Any, Final, TypeAlias

from reconciler.adapters.manifests.document import MAX_DEPTH, Document, Refusal
from reconciler.adapters.manifests.instructions import INSTRUCTIONS, SIGNS
from reconciler.adapters.manifests.invisible import PROSE, is_seen
from reconciler.adapters.manifests.scalars import LONGEST_WORD, Scalar, resolve
from reconciler.model.pointer import Path

# These shapes make no more parts than they have bytes, so that a document this small is within MAX_EVENTS.
_LARGEST: Final = 2**16
# What the deepest line can open by itself: a mapping in its list, and a flow collection in that.
_DEEPEST: Final = MAX_DEPTH - 3
# From its first letter, digit or harmless sign, what is without `: ` and ` #` is one plain scalar to its end.
_PLAIN: Final = r"(?:-?[0-9]|[A-Za-z_/<($+]|[^\x00-\x7f])[^:#]*(?:(?::(?!\ |$)|(?<!\ )\#)[^:#]*)*"
_FLOW_SCALAR: Final = r'(?:[A-Za-z0-9_/](?:[^][{},:#?"]*[^][{},:#?"\ ])?|"[^"\\]*")'
_FLOW_ENTRY: Final = rf"[A-Za-z_$][A-Za-z0-9_$-]{{0,99}}:\ {_FLOW_SCALAR}"
_LINE: Final = re.compile(
    rf"""(?P<indent>\ *)(?P<dashes>(?:-\ )*)
    (?:(?P<key>[A-Za-z_$][A-Za-z0-9_$.-]{{0,99}}):(?:\ +|$))?
    (?:(?P<plain>{_PLAIN})
      |"(?P<double>[^"\\]*)"
      |'(?P<single>(?:[^']|'')*)'
      |\[(?P<list>(?:{_FLOW_SCALAR}(?:,\ {_FLOW_SCALAR})*)?)\]
      |\{{(?P<mapping>(?:{_FLOW_ENTRY}(?:,\ {_FLOW_ENTRY})*)?)\}}
      |(?P<block>[|>]-?)
    )?(?:\ +\#.*|\ *)""",
    re.VERBOSE,
)
_IN_FLOW: Final = re.compile(rf"(?:([A-Za-z_$][A-Za-z0-9_$-]*):\ )?({_FLOW_SCALAR})(?:,\ )?", re.VERBOSE)

_CONTROLS: Final = bytes(code for code in range(128) if not chr(code).isprintable() and chr(code) != "\n")

# What stands behind a key or a dash: nothing yet, a scalar, the sign of a block, or how to make a new container or an
# instruction.
_NOTHING, _SCALAR, _BLOCK, _MAKER, _INSTRUCTION = range(5)
# Indentation, number of dashes, key, and what stands behind.
_Line: TypeAlias = tuple[int, int, str | None, int, Any]


class _GiveUpError(Exception):
    """This document is for the lean way."""


def read_plain(data: bytes) -> Document | None:
    """Return the document, or None if not every line of it is of a shape that is known here."""
    if len(data) > _LARGEST or not data.endswith(b"\n"):
        return None
    try:
        text = data.decode("utf-8")
        return _read(text.split("\n"), data) if _is_visible(data, text) else None
    except (UnicodeDecodeError, _GiveUpError):
        return None


def _is_visible(data: bytes, text: str) -> bool:
    """Tell whether there are neither tabs, carriage returns and control characters, nor anything that is invisible."""
    if data.isascii():
        return len(data.translate(None, _CONTROLS)) == len(data)
    return text.replace("\n", " ").isprintable()


def _read(lines: list[str], data: bytes) -> Document:  # noqa: C901, PLR0912
    """Build the document line by line.

    One long loop on purpose, as in the lean way. `opened` are the mappings and lists around the innermost one, which is
    `top`, each with its column; `key` is the key in `top` whose value may stand on the lines that follow.
    """
    root: dict[str, Any] = {}
    opened: list[tuple[int, Any]] = []
    indent = 0
    top: Any = root
    key: str | None = None
    instructions: list[Path] = []
    is_trimmed = True
    first, position, last = 0, 0, len(lines)
    while position < last:
        parsed = _parse(lines[position])
        position += 1
        if parsed is None:
            continue
        column, dashes, name, kind, value = parsed
        if key is not None:
            # A list may stand in the same column as the key that it belongs to; a mapping may not.
            if column > indent or (dashes and column == indent):
                opened.append((indent, top))
                top[key] = top = [] if dashes else {}
                indent = column
            key = None
        while indent > column or (indent == column and not dashes and type(top) is list):
            indent, top = opened.pop()
        if indent != column or len(opened) + dashes > _DEEPEST or (dashes and type(top) is not list):
            raise _GiveUpError
        for remaining in range(dashes if name is not None else dashes - 1, 0, -1) if dashes else ():
            opened.append((indent, top))
            child: Any = {} if remaining == 1 and name is not None else []
            top.append(child)
            indent, top = indent + 2, child
        first = first or position
        if kind == _BLOCK:
            value, position = _block(lines, position, indent, value)
            is_trimmed = is_trimmed and (name in PROSE or value == value.strip())
        elif kind >= _MAKER:
            value = value()
            if kind == _INSTRUCTION:
                instructions.append((*map(_last, [each for _, each in opened]), len(top) if name is None else name))
        if name is None:
            if not dashes or kind == _NOTHING:
                raise _GiveUpError
            top.append(value)
            continue
        if name in top:
            raise _GiveUpError
        top[name] = value
        if kind == _NOTHING:
            key = name
    if not root:
        raise _GiveUpError
    return Document(
        value=root,
        line=first,
        # Where there are more signs than that, one may be written in another way, or stand in a text.
        instructions=tuple(instructions) if len(instructions) == _count_of_signs(data, len(instructions)) else None,
        is_as_it_looks=is_trimmed and is_seen(data),
    )


def _count_of_signs(data: bytes, least: int) -> int:
    """Return how many signs of an instruction there are, of which there are so many at least."""
    dollars = data.count(b"$")
    return dollars if dollars == least else sum(map(data.count, SIGNS))


def _last(container: Any) -> str | int:
    """Return the key or the position of what was put last into a mapping or a list that is not empty."""
    return len(container) - 1 if type(container) is list else next(reversed(container))


@lru_cache(maxsize=8192)
def _parse(line: str) -> _Line | None:
    """Return what a line says, None where it is empty or a comment. The same few lines stand in many manifests."""
    if not line or line.lstrip(" ").startswith("#"):
        return None
    found = _LINE.fullmatch(line)
    if found is None or (found["key"] is not None and type(_scalar(found["key"])) is not str):
        raise _GiveUpError
    return len(found["indent"]), len(found["dashes"]) // 2, found["key"], *_behind(found)


def _behind(found: re.Match[str]) -> tuple[int, Any]:
    kind = found.lastgroup
    written = found[kind] if kind is not None else ""
    match kind:
        case "plain":
            return _SCALAR, _scalar(written.rstrip(" "))
        case "double" | "single":
            return _SCALAR, _trimmed(written if kind == "double" else written.replace("''", "'"))
        case "list":
            return _MAKER, [_in_flow(scalar) for _, scalar in _IN_FLOW.findall(written)].copy
        case "mapping":
            mapping = _flow_mapping(_IN_FLOW.findall(written))
            return _MAKER if INSTRUCTIONS.isdisjoint(mapping) else _INSTRUCTION, mapping.copy
        case "block":
            return _BLOCK, written
        case _:
            return _NOTHING, None


def _flow_mapping(entries: list[tuple[str, str]]) -> dict[str, Scalar]:
    mapping = {key: _in_flow(scalar) for key, scalar in entries}
    if len(mapping) < len(entries) or any(type(_scalar(key)) is not str for key in mapping):
        raise _GiveUpError
    return mapping


def _scalar(text: str) -> Scalar:
    if len(text) > LONGEST_WORD and text[0].isalpha():
        return text
    value = resolve(text)
    if isinstance(value, Refusal):
        raise _GiveUpError
    return value


def _in_flow(text: str) -> Scalar:
    return _trimmed(text[1:-1]) if text[0] == '"' else _scalar(text)


def _trimmed(text: str) -> str:
    """Return a quoted text; one with white space at its ends is rare, and looked at more closely."""
    if text != text.strip():
        raise _GiveUpError
    return text


def _block(lines: list[str], position: int, indent: int, sign: str) -> tuple[str, int]:
    """Return the text of the block that begins at a position, and the position behind it."""
    first = lines[position]
    prefix = first[: len(first) - len(first.lstrip(" "))]
    if len(prefix) <= indent or len(prefix) == len(first):
        raise _GiveUpError
    width = len(prefix)
    texts: list[str] = []
    for line in lines[position:]:
        if line.startswith(prefix):
            texts.append(line[width:])
        elif not line:
            texts.append(line)
        elif line.isspace():
            raise _GiveUpError
        else:
            break
    behind = position + len(texts)
    while not texts[-1]:
        texts.pop()
    if sign[0] == ">" and any(not each or each[0] == " " or each[-1] == " " for each in texts):
        raise _GiveUpError
    text = ("\n" if sign[0] == "|" else " ").join(texts)
    return (text if sign[1:] else text + "\n"), behind
