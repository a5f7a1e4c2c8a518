"""A text that people will receive, and what every check of it asks: its lower case, its page, where its words stand."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from reconciler.model.settings import LintSettings

if TYPE_CHECKING:
    from reconciler.core.lint.parts import Link, Page  # nobody asks for parts of a text that is surely clean

# What an HTML text holds that nobody reads.
_UNSEEN: Final = re.compile(r"<!--.*?(?:-->|\Z)|<(style|script|title)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
# How one of those ends that does: `<!-->` is a whole comment.
_CLOSED: Final = re.compile(r"-->\Z|\A<!--?->|</(?:style|script|title)\s*>\Z", re.IGNORECASE)

# A tag with nothing odd in it: whatever is quoted is closed, and holds no angle brackets.
_TAG: Final = re.compile(r"""<(/?[a-z][a-z0-9:-]*)[^<>"']*(?:(?:"[^"<>]*"|'[^'<>]*')[^<>"']*)*>""")
# Inside these, tags are words to some readers.
_RAW: Final = frozenset({"iframe", "math", "noembed", "noframes", "noscript", "plaintext", "select", "svg", "template"})
_MORE_RAW: Final = _RAW | {"textarea", "xmp"}


class Text:
    """One text of a message.

    `seen` is the text with spaces for comments, styles and scripts, so that all else stands where it stood. `lost` is
    where the beginning of one that is never closed stands, from and to: nobody sees what follows it.
    """

    __slots__ = ("_names", "_page", "is_html", "lost", "lowered", "raw", "seen", "seen_lowered", "sells", "settings")

    def __init__(self, raw: str, settings: LintSettings, *, is_html: bool = False, sells: bool = True) -> None:
        self.raw = raw
        self.lowered = lowered = raw.lower()
        self.settings = settings
        self.is_html = is_html and "<" in raw
        self.sells = sells
        self._page: Page | None = None
        self._names: tuple[str, ...] | None = None
        self.lost: tuple[int, int] | None = None
        self.seen, self.seen_lowered = raw, lowered
        if self.is_html and ("<!--" in lowered or "<style" in lowered or "<script" in lowered or "<title" in lowered):
            self.seen = _UNSEEN.sub(self._blank, raw)
            self.seen_lowered = self.seen.lower()

    def _blank(self, match: re.Match[str]) -> str:
        if match.end() == len(self.raw) and _CLOSED.search(match[0]) is None:
            name = match[1]
            self.lost = (match.start(), match.start() + len(f"<{name}" if name else "<!--"))
        return " " * len(match[0])

    @property
    def tag_names(self) -> tuple[str, ...]:
        """The names of all tags in lower case, with the `/` of those that close; nothing where a pattern cannot tell.

        Where there are some, whatever looks like a tag is one, so that further patterns are to be trusted.
        """
        if self._names is None:
            seen = self.seen_lowered
            names = tuple(_TAG.findall(seen)) if self.is_html else ()
            is_neat = len(names) == seen.count("<") - seen.count("<!doctype") and _MORE_RAW.isdisjoint(names)
            self._names = names if is_neat else ()
        return self._names

    @property
    def page(self) -> "Page":
        """The text read as HTML, when a check first asks for it."""
        if self._page is None:
            # Imported only where the text alone does not settle the matter: the parser costs 90 ms, and a body 0.3 ms.
            from reconciler.core.lint.page import read_page

            # Without comments: one that is not closed is words to the parser, and all the rest to mail programs.
            self._page = read_page(self.seen)
        return self._page

    def _styled(self) -> "Iterator[Link]":
        """Return the addresses that style sheets in the text load."""
        from reconciler.core.lint.parts import IN_STYLE, Link

        for block in _UNSEEN.finditer(self.raw) if "url(" in self.lowered else ():
            if (block[1] or "").lower() == "style":
                for each in IN_STYLE.finditer(self.raw, block.start(), block.end()):
                    yield Link(each[1], each.start(1), len(each[1]), is_clicked=False)

    @property
    def links(self) -> "tuple[Link, ...]":
        """Every address that the text points to, once, where it stands first."""
        from reconciler.core.lint.parts import links_in

        found = (*self.page.links, *self._styled()) if self.is_html else links_in(self.raw)
        return tuple({each.url: each for each in reversed(tuple(found))}.values())[::-1]
