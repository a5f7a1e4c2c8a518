"""An e-mail's body that can be looked at and not followed: no link, form, frame, script or redirect is left in it.

The page's policy and the frame's sandbox forbid all of them too; without them there is also nothing to click, and
nothing that is fetched.
"""

import re
from html import escape
from html.parser import HTMLParser
from typing import Final

from reconciler.view.taming import tame

# With all that is in them.
_DROPPED: Final = frozenset(
    {"script", "object", "iframe", "frame", "frameset", "applet", "noscript", "audio", "video", "portal", "template"}
)
_DROPPED_ALONE: Final = frozenset({"meta", "base", "link", "embed", "source", "track", "param", "form"})
_KEPT: Final = frozenset(
    {
        *(
            "align",
            "alt",
            "bgcolor",
            "border",
            "cellpadding",
            "cellspacing",
            "class",
            "color",
            "colspan",
            "dir",
            "face",
        ),
        *("height", "id", "lang", "role", "rowspan", "size", "style", "title", "type", "valign", "width"),
    }
)
_PICTURE: Final = "data:image/"
# What a style would fetch. Escapes could spell any of them, and a style that is shown needs none.
_FETCHED: Final = re.compile(
    r"@import|\b(?:url|src|image|image-set|cross-fade|element)\s*\((?!\s*[\"']?data:image/)", re.I
)
_FRAME: Final = (
    "<!doctype html><meta charset=utf-8><base target=_blank>"
    "<style>body{font-family:Arial,Helvetica,sans-serif}a{color:#0969da;text-decoration:underline}</style>"
)


def still(body: str) -> str:
    """Return a whole document for a frame."""
    reader = _Reader()
    reader.feed(tame(body)[0])
    reader.close()
    return _FRAME + "".join(reader.kept)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.kept: list[str] = []
        self._dropped: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED:
            self._dropped.append(tag)
        elif not self._dropped and tag not in _DROPPED_ALONE and tag.isalnum():
            self._in_style = tag == "style"
            self.kept.append(f"<{tag}{''.join(_attribute(name, value or '') for name, value in attrs)}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _DROPPED:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._dropped:
            del self._dropped[self._dropped.index(tag) :]
        elif not self._dropped and tag not in _DROPPED_ALONE and tag.isalnum():
            self._in_style = False
            self.kept.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._dropped:
            # Inside a style nothing is unescaped; what would end it cannot stand there.
            self.kept.append(_unfetching(data).replace("<", "") if self._in_style else escape(data, quote=False))


def _attribute(name: str, value: str) -> str:
    is_picture = name == "src" and value.startswith(_PICTURE)
    value = _unfetching(value) if name == "style" else value
    return f' {name}="{escape(value)}"' if name in _KEPT or is_picture else ""


def _unfetching(style: str) -> str:
    """Return a style that fetches nothing; what would have been fetched becomes a word that means nothing."""
    return _FETCHED.sub("none(", style.replace("\\", ""))
