"""How much of a subject people get to see."""

import re
from collections.abc import Iterator
from typing import Final

from reconciler.core.lint.remark import Remark
from reconciler.core.lint.text import Text
from reconciler.model import rules

_TOKEN: Final = re.compile(r"\{\{[^{}]*\}\}")
# What stands in the place of a token differs for each person; first names are about that long.
_IN_ITS_PLACE: Final = 8


def is_clean(text: Text) -> bool:
    """Tell whether a subject surely has a fitting length."""
    return len(text.raw) <= text.settings.longest_subject


def look(text: Text) -> Iterator[Remark]:
    """Say that a subject is too long."""
    most = text.settings.longest_subject
    count = seen_length(text.raw.strip())
    if count > most:
        yield Remark(
            rules.SUBJECT_LENGTH,
            f"this subject has {count} characters, and inboxes cut it off after about {most}",
            "put what matters first, and shorten it; phones show about 40",
        )


def seen_length(line: str) -> int:
    """Return how many characters people see: an emoji of several code points is one, and a token a word."""
    words = _TOKEN.sub(lambda token: "x" * min(_IN_ITS_PLACE, len(token[0])), line)
    if words.isascii():
        return len(words)
    # Imported where it is needed: it has a table for each version of Unicode.
    from wcwidth import iter_graphemes

    return sum(1 for _ in iter_graphemes(words))
