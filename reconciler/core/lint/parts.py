"""The parts of a message that checks ask for, each with its place; and how addresses show in plain words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_ADDRESS: Final = re.compile(r"https?://[^\s<>\"'{}]+", re.IGNORECASE)
IN_STYLE: Final = re.compile(r"""url\(\s*["']?([^"')\s]+)""", re.IGNORECASE)
# What ends a sentence rather than an address.
_BEHIND: Final = ".,;:!?)"


@dataclass(frozen=True, slots=True)
class Link:
    """An address that a body points to, and its place.

    `words` is what people see of an anchor, else empty; `is_clicked` is false for what only loads, like an image.
    """

    url: str
    start: int
    length: int
    words: str = ""
    is_clicked: bool = True


@dataclass(frozen=True, slots=True)
class Piece:
    """An element with the place of its tag; `words` is the text in it."""

    name: str
    start: int
    length: int
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the checks ask of a body."""

    links: tuple[Link, ...]
    images_without_alt: tuple[Piece, ...]
    hidden: tuple[Piece, ...]


def links_in(words: str) -> Iterator[Link]:
    """Return the addresses that stand in plain words."""
    for match in _ADDRESS.finditer(words):
        url = match[0].rstrip(_BEHIND)
        yield Link(url, match.start(), len(url))
