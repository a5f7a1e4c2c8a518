"""What a forge makes of Markdown, by GitHub's own parser: what is active in it, and what stands outside code."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from cmarkgfm import github_flavored_markdown_to_html
from cmarkgfm.cmark import Options

# Tags that the tool itself writes; a comment of a forge may have no others from it.
OURS = frozenset(
    "h3 h4 ul li strong em code pre details summary table thead tbody tr th td p sub".split()  # noqa: SIM905
)
_QUIET = frozenset({"code", "pre"})


@dataclass
class Rendered:
    """`tags` with their attributes, the text outside code, where a forge looks for mentions, and what is diagrams."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    loud: str = ""
    comments: list[str] = field(default_factory=list)
    diagrams: str = ""


def rendered(markdown: str) -> Rendered:
    html = github_flavored_markdown_to_html(markdown, options=Options.CMARK_OPT_UNSAFE)
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == [], f"left open: {reader.open}"
    return reader.found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = Rendered()
        self.open: list[str] = []
        self._is_diagram = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.tags.append((tag, dict(attrs)))
        if tag == "pre":
            self._is_diagram = dict(attrs).get("lang") == "mermaid"
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"nothing is open that </{tag}> could end"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if _QUIET.isdisjoint(self.open):
            self.found.loud += data
        elif self._is_diagram:
            self.found.diagrams += data

    def handle_comment(self, data: str) -> None:
        self.found.comments.append(data)
