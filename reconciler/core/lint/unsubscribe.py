"""Whether people can leave: an e-mail that is not transactional needs a way to unsubscribe, by law and by the inboxes.

What counts is a link whose address or words say so, in one of many languages; a template token whose name says so; or
a mark of the organisation's own from `unsubscribe_marks`. The word alone, with nothing to click, does not count.
"""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from reconciler.core.lint.remark import Remark
from reconciler.core.lint.text import Text
from reconciler.model import rules

if TYPE_CHECKING:
    from reconciler.core.lint.parts import Link

_WORDS: Final = (
    "unsubscri|un-subscri|opt[ _-]?out|stop receiving|"
    "(?:manage|change|update|edit)[ _-]?(?:your[ _-]|my[ _-]|email[ _-]|e-mail[ _-])*(?:preferences|subscription)|"
    "email[ _-]?preferences|subscription[ _-]?(?:preferences|settings)|"
    "abmelden|abbestellen|austragen|désabonn|desabonn|désinscri|desinscri|da(?:r[mst]e|te) de baja|"
    "cancelar (?:la )?suscripci|cancelar (?:a )?(?:inscri|subscri)|descadastr|disiscri|"
    "annulla (?:l')?iscrizione|\\bcancellati\\b|afmelden|uitschrijven|"
    "avregistrera|avmeld|afmeld|peruuta tilaus|wypisz|rezygnuj|odhlásit|leiratkoz|dezabon|отпис|відпис|abonelikten|"
    "إلغاء الاشتراك|הסר|退订|退訂|配信停止|수신거부"
)
_WORD: Final = re.compile(_WORDS)
_USUAL: Final = "unsubscri"
# The opening tag of a link with nothing odd in it, and its attributes.
_LINK: Final = re.compile(r"""<a\s[^<>"']*(?:(?:"[^"<>]*"|'[^'<>]*')[^<>"']*)*>""")
_ATTRIBUTE: Final = re.compile(r"""([^\s"'<>=/]+)\s*=\s*("[^"]*"|'[^']*')""")
# A link that begins farther away is for the parser.
_LONGEST: Final = 2000
# What a template has in the place of an address until somebody writes one.
_NOWHERE: Final = re.compile(r"\s*(?:#|javascript:|about:|$)", re.IGNORECASE)
_TOKEN: Final = re.compile(r"\{\{([^{}]*)\}\}")
_ADDRESS: Final = re.compile(r"https?://|mailto:|\S@\S")
_HINT: Final = (
    'add a link such as `<a href="https://...">Unsubscribe</a>`, or set `email_is_transactional: true` '
    "if this e-mail only answers what the person did"
)


def is_clean(text: Text) -> bool:
    """Tell whether there is surely a way out, or none is needed."""
    if not text.sells:
        return True
    seen = text.seen_lowered
    at = seen.find(_USUAL)
    if at < 0:
        word = _WORD.search(seen)
        at = word.start() if word else -1
    return at >= 0 and bool(text.tag_names) and _is_in_link(seen, at)


def _is_in_link(seen: str, at: int) -> bool:
    """Tell whether what stands there is surely in the address of a link, or begins its words."""
    tag = seen.rfind("<", max(0, at - _LONGEST), at)
    link = _LINK.match(seen, tag) if tag >= 0 else None
    if link is None:
        return False
    addresses = (each for each in _ATTRIBUTE.finditer(link[0]) if each[1] == "href")
    address = next(addresses, None)
    if address is None or len(address[2]) == len('""'):
        return False
    if _NOWHERE.match(address[2][1:-1]):
        return False
    return at >= link.end() or address.start(2) <= at - tag < address.end(2)


def look(text: Text) -> Iterator[Remark]:
    """Say that people cannot leave, where they cannot."""
    if not text.sells or any(mark.lower() in text.lowered for mark in text.settings.unsubscribe_marks):
        return
    if text.is_html and any(map(_leads_out, text.page.links)):
        return
    if any(_WORD.search(token) for token in _TOKEN.findall(text.seen_lowered)):
        return
    if not text.is_html and _is_told_in_words(text.lowered):
        return
    # In lower case some letters become two, and places move.
    word = _WORD.search(text.seen_lowered) if len(text.seen_lowered) == len(text.raw) else None
    if word is None:
        yield Remark(rules.NO_UNSUBSCRIBE, "people cannot unsubscribe from this e-mail: it has no link for it", _HINT)
    else:
        message = "this e-mail speaks of unsubscribing, but there is no link for it"
        yield Remark(rules.NO_UNSUBSCRIBE, message, _HINT, word.start(), len(word[0]))


def _is_told_in_words(lowered: str) -> bool:
    """Tell whether an address stands in the line that speaks of it, or below a line that ends in a colon."""
    lines = [line.strip() for line in lowered.splitlines() if not line.isspace() and line]
    return any(
        _WORD.search(line) and (_ADDRESS.search(line) or (line.endswith(":") and _ADDRESS.search(below)))
        for line, below in zip(lines, [*lines[1:], ""], strict=False)
    )


def _leads_out(link: "Link") -> bool:
    """Tell whether a link that can be clicked says so, and leads somewhere."""
    if not link.is_clicked or _NOWHERE.match(link.url):
        return False
    return _WORD.search(f"{link.url}\n{link.words}".lower()) is not None
