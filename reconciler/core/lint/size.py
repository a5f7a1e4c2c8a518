"""How much of an e-mail an inbox shows before it cuts it off."""

from collections.abc import Iterator
from typing import Final

from reconciler.core.lint.remark import Remark
from reconciler.core.lint.text import Text
from reconciler.model import rules

# Gmail's, the smallest of the large ones.
MOST_BYTES: Final = 102 * 1024
_LARGEST_CHARACTER: Final = 4


def is_clean(text: Text) -> bool:
    """Tell whether a body is surely small enough."""
    return len(text.raw) * _LARGEST_CHARACTER <= MOST_BYTES


def look(text: Text) -> Iterator[Remark]:
    """Say how much is too much."""
    data = text.raw.encode("utf-8", "surrogatepass")
    if len(data) > MOST_BYTES:
        cut = len(data[:MOST_BYTES].decode("utf-8", "ignore"))
        yield Remark(
            rules.CLIPPED,
            f"this body has {len(data) / 1024:.0f} KB, and Gmail cuts an e-mail off at 102 KB, "
            "here: what follows, like a link to unsubscribe, is hidden",
            "shorten it; inline images and styles that are repeated take the most",
            cut,
            1,
        )
