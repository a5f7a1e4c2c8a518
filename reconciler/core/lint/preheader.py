"""The line that an inbox shows after the subject: the preheader, a hidden text at the beginning of the body.

Only whole pages are asked for one. A short body without `<body>` begins with its first sentence, and so does its line
in the inbox; a page begins with a menu, or with "View in browser".
"""

import re
from collections.abc import Iterator
from typing import Final

from reconciler.core.lint.remark import Remark
from reconciler.core.lint.text import Text
from reconciler.model import rules

_PAGE: Final = "<body"
_PROOF: Final = re.compile(
    r"""<[a-z]+ (?:[^<>]*\s)?(?:(?:class|id)\s*=\s*["'][^"'<>]*preheader|style\s*=\s*["'][^"'<>]*display:\s*none)"""
    r"""[^<>]*>\s*(?:[^\W_]|\{\{)"""
)


def is_clean(text: Text) -> bool:
    """Tell whether a body surely has a preheader, or needs none."""
    return (
        not text.is_html
        or _PAGE not in text.lowered
        or (bool(text.tag_names) and _PROOF.search(text.seen_lowered) is not None)
    )


def look(text: Text) -> Iterator[Remark]:
    """Say where a preheader is missing or empty."""
    at = text.seen_lowered.find(_PAGE) if text.is_html else -1
    hidden = text.page.hidden if at >= 0 else ()
    if at < 0 or any(_says_something(each.words) for each in hidden):
        return
    if hidden:
        yield Remark(
            rules.EMPTY_PREHEADER,
            "the preheader is empty: after the subject, the inbox shows whatever comes next in the body",
            "write one sentence into it that goes on where the subject ends",
            hidden[0].start,
            hidden[0].length,
        )
    else:
        yield Remark(
            rules.NO_PREHEADER,
            "this body has no preheader: after the subject, the inbox shows whatever comes first in the body",
            'begin the body with `<div style="display:none">One sentence for the inbox.</div>`',
            # In lower case some letters become two, and places move.
            at if len(text.seen_lowered) == len(text.raw) else None,
            len(_PAGE),
        )


def _says_something(words: str) -> bool:
    # Not by length: preheaders are padded with spaces of no width.
    return any(each.isalnum() for each in words)
