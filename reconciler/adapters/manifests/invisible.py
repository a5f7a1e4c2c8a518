"""Differences that nobody sees: white space at the ends of a name, letters in pieces, characters without a shape.

Two names that look alike and are not lead to searches that find nothing and reviews that approve something else. These
are warnings, since some writing systems need what looks like a mistake in others. What stands is shown as its code
point alone: a name may be a person's.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from reconciler.adapters.manifests.characters import BIDI
from reconciler.core.enough import AGAIN, first_of
from reconciler.model import rules
from reconciler.model.diagnostic import Finding, Severity
from reconciler.model.pointer import Path

# Texts that are read and not compared: their ends do not matter, nor in which form their letters are written.
PROSE: Final = frozenset({"email_body", "message", "value", "fallback"})
# Zero width, soft hyphen, invisible operators, byte order mark; not the joiners that emoji and some scripts need.
_SHAPELESS: Final = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2060-\u2064\ufeff]")
# A prose text in canonical bytes, with its key.
_PROSE_TEXT: Final = re.compile(
    rb'"(?:%s)":"[^"\\]*(?:\\.[^"\\]*)*"' % b"|".join(each.encode() for each in sorted(PROSE)), re.DOTALL
)
_REVERSING: Final = re.compile(rb"\\u20(?:2[a-e]|6[6-9])")
# What else there is stands beside a quotation mark, or is an escape; a mark that is itself escaped counts for none.
_AT_AN_END: Final = (b' "', b'" ')
_ESCAPED: Final = re.compile(rb'\\u|\\[nt]"| "|[:\[,{]"(?: |\\[nt])')
_MOST: Final = 100


def find_invisible(encoded: bytes, payload: dict[str, Any]) -> tuple[Finding, ...]:
    """Return a warning for each text of a payload that differs from how it looks; `encoded` is its canonical form."""
    # Nearly all are free of the signs, and looking at each of a hundred texts would cost ten times as much.
    names = _PROSE_TEXT.sub(b"", encoded)
    signs = _ESCAPED.search(names) if b"\\" in names else any(each in names for each in _AT_AN_END)
    if not signs and _REVERSING.search(encoded) is None:
        return ()
    return first_of(_texts(payload, ()), _MOST, _more)


def _more(first: Finding, others: int) -> Finding:
    message = f"{others:,} more texts of this manifest differ from how they look, from here on: they are not listed"
    return replace(first, message=message, hint=AGAIN)


def is_seen(data: bytes) -> bool:
    """Tell whether a printable text, as UTF-8, surely holds nothing that is not seen, and no letters in pieces."""
    if data.isascii():
        return True
    text = data.decode("utf-8")
    # What reverses the direction of writing is not printable, and a part of what is composed is composed.
    return _SHAPELESS.search(text) is None and unicodedata.is_normalized("NFC", text)


def looks_as_it_is(text: Any, path: Path) -> bool:
    """Tell whether nothing is surely to be said of a text at a path."""
    return type(text) is str and text.isascii() and (path[-1] in PROSE or text == text.strip())


def _texts(value: Any, path: Path) -> Iterator[Finding]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _judged(key, (*path, key), at_key=True)
            yield from _texts(child, (*path, key))
    elif isinstance(value, list):
        for position, child in enumerate(value):
            yield from _texts(child, (*path, position))
    elif isinstance(value, str):
        yield from _judged(value, path, at_key=False)


def _judged(text: str, path: Path, *, at_key: bool) -> Iterator[Finding]:
    if text.isascii() and text == text.strip():
        return
    reason = _reversing(text)
    if at_key or path[-1] not in PROSE:
        reason = reason or _ends(text) or _shapeless(text) or _in_pieces(text)
    if reason is not None:
        message, hint = reason
        yield Finding(
            rule=rules.INVISIBLE, message=message, path=path, hint=hint, at_key=at_key, severity=Severity.WARNING
        )


def _reversing(text: str) -> tuple[str, str] | None:
    found = BIDI.search(text)
    if found is None:
        return None
    code = _code(found.group())
    return (
        f"the text holds {code}, which reverses the direction of writing and is not seen",
        "remove it if it is not meant",
    )


def _ends(text: str) -> tuple[str, str] | None:
    if text == text.strip() or not text.strip():
        return None
    where, character = ("begins", text[0]) if text[0].isspace() else ("ends", text[-1])
    hint = "remove it" if character != "\n" else "write the text behind the key, or `|-` for `|`"
    return f"the text {where} with {_code(character)}, white space that is not seen", hint


def _shapeless(text: str) -> tuple[str, str] | None:
    found = _SHAPELESS.search(text)
    if found is None:
        return None
    return f"the text holds {_code(found.group())}, which is not seen", "remove it, or type the text anew"


def _in_pieces(text: str) -> tuple[str, str] | None:
    if unicodedata.is_normalized("NFC", text):
        return None
    composed = unicodedata.normalize("NFC", text)
    at = next((place for place, pair in enumerate(zip(text, composed, strict=False)) if pair[0] != pair[1]), 0)
    pieces = " ".join(_code(each) for each in text[at : at + 2])
    return (
        f"a character is written as {pieces}, which looks like {_code(composed[at])} and is not equal to it",
        "type the text anew, or save the file in Unicode's form NFC",
    )


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"
