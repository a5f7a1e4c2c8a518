"""What may reach a terminal or a log: colours of ours, and nothing of anybody else's that either would obey."""

import re
from dataclasses import dataclass
from typing import Final

# C0 but the newline, DEL, C1, bidirectional controls, zero-width characters and line separators.
_OBEYED: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_CODES: Final = {
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
    "bold": "1",
    "dim": "2",
}


@dataclass(frozen=True, slots=True)
class Paint:
    """Colours text, or leaves it as it is."""

    enabled: bool = False

    def __call__(self, text: str, *styles: str) -> str:
        """Return the text in the given styles, each a colour's name, `bold` or `dim`."""
        if not self.enabled or not text:
            return text
        return f"\x1b[{';'.join(_CODES[style] for style in styles)}m{text}\x1b[0m"


def inert(text: str) -> str:
    """Return text that came from outside with everything escaped that a terminal or a CI log would obey.

    GitHub's runner obeys `##[...]` anywhere in a line, and `::...` where a line begins: callers put something before.
    """
    return _OBEYED.sub(_escape, text).replace("##[", "#\\x23[")


def one_line(text: str, *, longest: int) -> str:
    """Return inert text on one line, cut with an ellipsis where it is too long."""
    flat = inert(text.replace("\n", "⏎"))
    return flat if len(flat) <= longest else flat[: max(longest - 1, 0)] + "…"


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if match[0] == "\t":
        return "\\t"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
