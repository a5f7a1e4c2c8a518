"""HTML in which something is closed that was never opened, or opened and never closed.

Browsers and mail programs repair it, each in its own way, so the e-mail looks different in each of them. A parser
repairs it as well, silently: here the tags are counted as they are written. What HTML lets one leave open (`<p>`,
`<li>`) may be left open; the cells and rows of tables may not, since that is where layouts of e-mails break.
"""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from reconciler.core.lint.remark import Remark
from reconciler.core.lint.text import Text
from reconciler.core.spelling import nearest
from reconciler.model import rules

_TAGS: Final = re.compile(r"""<(/?)([a-z][a-z0-9:-]*)((?:"[^"]*"|'[^']*'|[^"'<>])*)>""")
# fmt: off
_EMPTY: Final = frozenset({
    "area", "base", "basefont", "br", "col", "embed", "frame", "hr", "img", "input", "link", "meta", "param",
    "source", "track", "wbr",
})
# fmt: on
# fmt: off
_MAY_STAY_OPEN: Final = frozenset({
    "body", "colgroup", "dd", "dt", "head", "html", "li", "optgroup", "option", "p", "rb", "rp", "rt", "tbody",
    "tfoot", "thead",
})
# fmt: on
# Two halves of a message may each open or close something: which of them is sent is not known here.
_HALVES: Final = ("{{#", "{{^", "{{else", "{%")
_HINT: Final = "close what is opened, in reverse order"


def is_clean(text: Text) -> bool:
    """Tell whether everything is surely closed."""
    if not text.is_html:
        return True
    return text.lost is None and bool(text.tag_names) and "/>" not in text.seen_lowered and _is_balanced(text.tag_names)


def look(text: Text) -> Iterator[Remark]:
    """Return the tags that have no counterpart."""
    seen = text.seen_lowered
    if text.lost is not None:
        start, end = text.lost
        message = f"`{text.raw[start:end]}` is never closed: nobody sees what follows it"
        hint = "write `-->` behind the comment" if text.raw[start:end] == "<!--" else _HINT
        yield Remark(rules.UNBALANCED_HTML, message, hint, start, end - start)
    if not text.is_html or any(sign in seen for sign in _HALVES) or len(seen) != len(text.raw):
        return
    opened: list[tuple[str, int, int]] = []
    counts: Counter[str] = Counter()
    # Closed by what stands around it: its own end, which may follow, is no second mistake.
    forced: Counter[str] = Counter()
    for match in _TAGS.finditer(seen):
        name, place = match[2], (match.start(), len(match[0]))
        if not match[1]:
            if name not in _EMPTY and not match[3].endswith("/"):
                opened.append((name, *place))
                counts[name] += 1
        elif counts[name]:
            counts[name] -= 1
            while (last := opened.pop())[0] != name:
                counts[last[0]] -= 1
                if last[0] not in _MAY_STAY_OPEN:
                    forced[last[0]] += 1
                    yield _unclosed(*last, before=f"`</{name}>`")
        elif forced[name]:
            forced[name] -= 1
        elif opened and name not in _EMPTY and _is_meant(name, opened[-1][0], seen, match.end()):
            # One of the two is misspelt: that is one mistake.
            other, *where = opened.pop()
            counts[other] -= 1
            message = f"`<{other}>` is closed by `</{name}>`"
            yield Remark(rules.UNBALANCED_HTML, message, "write the two alike", *where)
        elif name not in _EMPTY and name not in _MAY_STAY_OPEN:
            yield Remark(rules.UNBALANCED_HTML, f"`</{name}>` closes nothing that is open here", _HINT, *place)
    yield from (_unclosed(*each, before="the end") for each in opened if each[0] not in _MAY_STAY_OPEN)


def _is_meant(name: str, other: str, seen: str, behind: int) -> bool:
    """Tell whether an end tag closes what is open, and one of the two is misspelt: it is closed nowhere else."""
    return nearest(name, [other]) is not None and seen.find(f"</{other}", behind) < 0


def _unclosed(name: str, start: int, length: int, *, before: str) -> Remark:
    return Remark(rules.UNBALANCED_HTML, f"`<{name}>` is not closed before {before}", _HINT, start, length)


@lru_cache(maxsize=1024)
def _is_balanced(names: tuple[str, ...]) -> bool:
    """Tell whether tags close each other one by one. Cached: most bodies of a repository are built alike."""
    opened: list[str] = []
    for name in names:
        if name[0] == "/":
            if not opened or opened.pop() != name[1:]:
                return False
        elif name not in _EMPTY:
            opened.append(name)
    return not opened
