"""What may reach a terminal or a log: colours of ours, and nothing of anybody else's that either would obey."""

import re
from dataclasses import dataclass
from typing import Final

# C0 but the newline, DEL, C1, bidirectional controls, zero-width characters and line separators.
_OBEYED: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_COMMAND: Final = re.compile(r"(?<!\S)::")
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

    GitHub's runner obeys `##[...]` anywhere in a line, and `::...` where a line begins, spaces aside: as a word, since
    it may come to begin a line where long texts are broken.
    """
    if text.isascii() and text.isprintable() and ":" not in text and "#" not in text:
        return text  # most texts, at a fraction of the cost
    return _COMMAND.sub(":\\\\x3a", _OBEYED.sub(_escape, text).replace("##[", "#\\x23["))


def inert_line(text: str) -> str:
    """Return inert text on one line: a line of its own could begin with a command to a CI log."""
    return inert(text.replace("\n", "⏎"))


def paragraph(text: str, *, width: int, indent: str = "", first: str = "") -> list[str]:
    """Return inert text broken into lines: `first` stands before the first one, `indent` before the others."""
    # Imported here: where nothing is wrong there is nothing to break.
    import textwrap

    lines = textwrap.wrap(
        inert_line(text),
        width=width,
        initial_indent=" " * len(first),
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [first + lines[0][len(first) :], *lines[1:]] if lines else [first]


def one_line(text: str, *, longest: int) -> str:
    """Return inert text on one line, cut with an ellipsis where it is too long."""
    flat = inert_line(text)
    return flat if len(flat) <= longest else flat[: max(longest - 1, 0)] + "…"


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if match[0] == "\t":
        return "\\t"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
