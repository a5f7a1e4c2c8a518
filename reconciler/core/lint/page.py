"""An e-mail body read as HTML: its links, its images and its hidden texts, each with its place in the body.

A parser is asked, since patterns cannot tell what is an attribute, a comment or an entity. This one follows the HTML
standard, says where each element begins, and takes no more than linear time: `html.parser` has the places too, but
takes minutes over a hundred kilobytes of `<a `, and lxml and selectolax keep no columns.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

import justhtml

from reconciler.core.lint.parts import IN_STYLE, Link, Page, Piece, links_in

# What mail programs clip in any case; no body may hold up the reading of the others.
_MOST_CHARACTERS: Final = 128 * 1024
# What is behind so many nodes is not what a link or a preheader says.
_MOST_NODES: Final = 200
_LINKING: Final = ("href", "src", "background", "action", "poster")
_HIDING: Final = re.compile(
    r"display:none|visibility:hidden|mso-hide:all|max-height:0|opacity:0(?![.\d])|font-size:[01]px"
)
_UNREAD: Final = frozenset({"style", "script", "title", "template"})


def read_page(body: str) -> Page:
    """Read a body; nothing that is in it fails."""
    tree = justhtml.JustHTML(body[:_MOST_CHARACTERS], sanitize=False, track_node_locations=True)
    links: list[Link] = []
    images: list[Piece] = []
    hidden: list[Piece] = []
    for node in _nodes(tree.root):
        if node.name == "#text":
            links += _links_in_words(body, node)
        elif isinstance(node, justhtml.Element) and node.origin_offset is not None:
            links += _links_of(body, node)
            if node.name == "img" and "alt" not in node.attrs:
                images.append(_piece(body, node))
            if _is_hidden(node):
                hidden.append(_piece(body, node))
    return Page(links=tuple(links), images_without_alt=tuple(images), hidden=tuple(hidden))


def _nodes(root: Any) -> Iterator[Any]:
    """Return what people may see, in order. Not by recursion: a body may nest deeper than Python calls."""
    left = [root]
    while left:
        node = left.pop()
        yield node
        if node.name not in _UNREAD:
            left.extend(reversed(node.children or ()))


def _words(node: Any) -> str:
    """Return what people read of a node: of an image, what stands in its place."""
    near = islice(_nodes(node), _MOST_NODES)
    return " ".join("".join(map(_read, near)).split())


def _read(node: Any) -> str:
    return node.data or "" if node.name == "#text" else f" {node.attrs.get('alt') or ''} " if node.name == "img" else ""


def _piece(body: str, node: Any) -> Piece:
    return Piece(node.name, node.origin_offset, _tag_end(body, node) - node.origin_offset, _words(node))


def _tag_end(body: str, node: Any) -> int:
    """Return where the tag ends, for drawing it: a `>` inside an attribute only makes the drawing shorter."""
    return body.find(">", node.origin_offset) + 1 or len(body)


def _is_hidden(node: Any) -> bool:
    named = f"{node.attrs.get('class') or ''} {node.attrs.get('id') or ''}".lower()
    style = "".join((node.attrs.get("style") or "").lower().split())
    return "preheader" in named or _HIDING.search(style) is not None


def _links_of(body: str, node: Any) -> Iterator[Link]:
    for name, value in node.attrs.items():
        if name in _LINKING and value:
            words = _words(node) if node.name == "a" else ""
            yield _placed(body, node, value.strip(), words, is_clicked=name == "href")
        elif name == "srcset" and value:
            for each in value.split(","):
                if url := each.strip().partition(" ")[0]:
                    yield _placed(body, node, url, "", is_clicked=False)
        elif name == "style" and value and "url(" in value.lower():
            for url in IN_STYLE.findall(value):
                yield _placed(body, node, url, "", is_clicked=False)


def _placed(body: str, node: Any, url: str, words: str, *, is_clicked: bool) -> Link:
    """Find an address behind the beginning of its tag; where it is written with entities, the tag must do."""
    start = body.find(url, node.origin_offset)
    if start < 0:
        return Link(url, node.origin_offset, _tag_end(body, node) - node.origin_offset, words, is_clicked)
    return Link(url, start, len(url), words, is_clicked)


def _links_in_words(body: str, node: Any) -> Iterator[Link]:
    for link in links_in(node.data or ""):
        start = body.find(link.url, node.origin_offset or 0)
        if start >= 0:
            yield Link(link.url, start, link.length)
