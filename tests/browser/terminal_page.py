"""What a terminal shows, as a page, for a picture of it: the colours that the tool writes become a browser's."""

import html
import re
from typing import Final

_STYLED: Final = re.compile("\x1b\\[([\\d;]+)m(.*?)\x1b\\[0m", re.DOTALL)
_COLOURS: Final = {
    "31": "color: #ff7b72",
    "32": "color: #7ee787",
    "33": "color: #e3b341",
    "34": "color: #79c0ff",
    "35": "color: #d2a8ff",
    "36": "color: #76e3ea",
    "1": "font-weight: bold",
    "2": "color: #8b949e",
}
_PAGE: Final = """\
<!doctype html>
<meta charset="utf-8">
<title>A terminal</title>
<style>
  body {{ margin: 0; padding: 26px; background: #0d1117; color: #f0f6fc }}
  pre {{ margin: 0; font: 15px/22px "DejaVu Sans Mono", monospace }}
</style>
<pre><span style="color: #7ee787">$</span> {}

{}</pre>
"""


def terminal_page(command: str, shown: str) -> str:
    """Return the page of a command and what it showed, in colours."""
    parts = _STYLED.split(shown)
    # In turn: plain text, the codes of what is styled, that text.
    coloured = [
        html.escape(text)
        if number % 3 == 0
        else f'<span style="{_style(parts[number - 1])}">{html.escape(text)}</span>'
        for number, text in enumerate(parts)
        if number % 3 != 1
    ]
    return _PAGE.format(html.escape(command), "".join(coloured).rstrip())


def _style(codes: str) -> str:
    return "; ".join(_COLOURS[code] for code in codes.split(";"))
