"""Attributes of HTML in the quotes that word processors make of straight ones: to HTML they belong to the value.

A link in them leads nowhere, and a style does nothing.
"""

import re
from collections.abc import Iterator
from typing import Final

from reconciler.core.lint.remark import Remark
from reconciler.core.lint.text import Text
from reconciler.model import rules

_TAG: Final = re.compile(r"<[A-Za-z][^<>]*")
_QUOTED: Final = re.compile("([\\w-]+)\\s{0,9}=\\s{0,9}([\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u2033])")


def is_clean(text: Text) -> bool:
    """Tell whether there is surely no such quote."""
    return not text.is_html or text.raw.isascii() or _QUOTED.search(text.seen) is None


def look(text: Text) -> Iterator[Remark]:
    """Return the attributes in such quotes."""
    for tag in _TAG.finditer(text.seen) if text.is_html else ():
        for found in _QUOTED.finditer(text.seen, tag.start(), tag.end()):
            yield Remark(
                rules.CURLY_QUOTES,
                f"`{found[1][:40]}` is in the quotes of a word processor, which HTML takes for a part of the value",
                'write straight quotes: `"`',
                found.start(2),
                1,
            )
