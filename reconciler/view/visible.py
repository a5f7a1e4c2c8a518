"""What a reader of an HTML body sees, apart from how it is marked up: two lists of lines that can be compared."""

from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from typing import Final

from reconciler.view.taming import tame

_BLOCKS: Final = frozenset(
    {
        *("address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "div", "dl", "dt"),
        *("figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li"),
        *("main", "nav", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    }
)
_UNSEEN: Final = frozenset({"head", "script", "style", "template", "title"})


# A message and its difference are drawn one after the other, of the same two bodies.
_SEEN_AT_ONCE: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A body in two parts: `text` is a line for each block that is seen, `markup` one for each tag."""

    text: tuple[str, ...]
    markup: tuple[str, ...]


@lru_cache(maxsize=_SEEN_AT_ONCE)
def seen(body: str) -> Seen:
    """Read a body as an e-mail program would; whatever is wrong with it, something is returned."""
    reader = _Reader()
    text, comments = tame(body)
    reader.feed(text)
    reader.close()
    reader.end_line()
    return Seen(text=tuple(reader.text), markup=(*reader.markup, *(f"<!--{' '.join(c.split())}-->" for c in comments)))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.markup: list[str] = []
        self._line: list[str] = []
        self._unseen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.markup.append(_tag(tag, attrs))
        if tag in _UNSEEN:
            self._unseen.append(tag)
        if tag in _BLOCKS:
            self.end_line()
        if tag == "img":
            described = dict(attrs).get("alt")
            self._line.append(f" [image: {described}] " if described else " [image] ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self._unseen and self._unseen[-1] == tag:
            self._unseen.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in self._unseen:
            del self._unseen[self._unseen.index(tag) :]
        if tag in _BLOCKS:
            self.end_line()

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._line.append(data)
        elif data.strip():
            self.markup.append(" ".join(data.split()))

    def end_line(self) -> None:
        line = " ".join("".join(self._line).split())
        if line:
            self.text.append(line)
        self._line.clear()


def _tag(tag: str, attributes: list[tuple[str, str | None]]) -> str:
    given = [name if value is None else f'{name}="{" ".join(value.split())}"' for name, value in attributes]
    return f"<{' '.join([tag, *given])}>"
