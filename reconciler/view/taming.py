"""HTML that the standard library reads in a time that grows with its length alone, whoever wrote it.

Its parser looks again, from every `<` that does not end, at all that follows. Here each `<` has its `>`, or is text.
"""

import re
from typing import Final

_LOOSE: Final = re.compile(r"<(?=[^<>]*(?:<|\Z))")
# Declarations show nothing, and the parser gives up on some.
_DECLARATION: Final = re.compile(r"<[!?][^<>]*>")
# No mail program shows more of a body; what comes after is said to be left out.
LONGEST: Final = 256 * 1024


def tame(body: str) -> tuple[str, list[str]]:
    """Return a body without its comments and with nothing left open, and the comments."""
    kept: list[str] = []
    comments: list[str] = []
    at = 0
    while (start := body.find("<!--", at)) >= 0 and (end := body.find("-->", start + 4)) >= 0:
        kept.append(body[at:start])
        comments.append(body[start + 4 : end])
        at = end + 3
    kept.append(body[at:])
    closed = _LOOSE.sub("&lt;", "".join(kept)[:LONGEST])
    return _DECLARATION.sub("", closed), comments
