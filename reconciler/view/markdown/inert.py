"""What may stand in Markdown that a forge shows: words of ours, and everything else where nothing is obeyed.

Text from a manifest or a server stands only in a fence or in a code span: there no mention, link, HTML, picture or
diagram is made of it. Names of one charset (a custom_id, a path of the contract) are the only ones for a table.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from reconciler.view.terminal import inert, inert_line

_TICKS: Final = re.compile("`+")
_SHORTEST: Final = 4


def fenced(lines: Iterable[str], kind: str = "") -> str:
    """Return lines in a fence that nothing inside can end; `kind` is a word of ours, such as `diff`."""
    text = "\n".join(inert(line) for line in lines)
    longest = max((len(run) for run in _TICKS.findall(text)), default=0)
    fence = "`" * max(longest + 1, _SHORTEST)
    return f"{fence}{kind}\n{text}\n{fence}"


def code(text: str, *, longest: int = 80) -> str:
    """Return text on one line as a code span that also stays whole inside a table's cell."""
    flat = inert_line(text)
    flat = flat if len(flat) <= longest else flat[: longest - 1] + "…"
    # A `|` ends a cell even inside a code span, and a backslash before it would be shown; a backtick ends the span.
    flat = flat.replace("|", "¦").replace("`", "'")
    return f"`{flat}`" if flat.strip() else "` `"


def codes(names: Sequence[str], most: int) -> str:
    """Return names as code spans, the first of many."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(code(name) for name in names[:most]) + more
