"""Which characters a manifest may hold, and what its bytes are as text.

Control characters reach terminals, e-mail headers and logs; NEL, LS and PS end a line for YAML 1.1 and not for
YAML 1.2; bidirectional controls make an id or a name look like another one.
"""

import re
from itertools import islice
from typing import Final

from reconciler.adapters.manifests.document import Problem, Refusal
from reconciler.model import rules
from reconciler.model.diagnostic import Span

BOM: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
BIDI: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
# In a value, after escapes: anything but text, line feeds and tabs.
UNFIT_IN_VALUE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# In a file: those, but CR LF is a line break, and what breaks lines for some readers only.
_UNFIT_IN_SOURCE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)")
_LONE_RETURN: Final = re.compile(r"\r(?!\n)")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def decode(data: bytes) -> str | Problem:
    """Return the text of a file without its byte order mark, or where it stops being UTF-8."""
    try:
        return data.decode("utf-8").removeprefix(BOM)
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").removeprefix(BOM)
        return Problem(
            rule=rules.NOT_UTF8,
            message="the file is not UTF-8",
            hint="save it as UTF-8",
            span=point(before, len(before)),
        )


def point(text: str, offset: int) -> Span:
    """Return the span of the character at an offset of the text."""
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return Span(line=line, column=column, end_line=line, end_column=column + 1)


def unfit_in_source(text: str, *, limit: int) -> list[tuple[int, Refusal]]:
    """Return the offsets of characters that no manifest may hold as they are, each with the reason.

    Where all lines end in a carriage return, that is one mistake: it is told of the first.
    """
    lone = _LONE_RETURN.search(text)
    first = lone.start() if lone else None
    found = (each for each in _UNFIT_IN_SOURCE.finditer(text) if each[0] != "\r" or each.start() == first)
    return [(each.start(), _unfit(each.group())) for each in islice(found, limit)]


def _unfit(character: str) -> Refusal:
    name = f"U+{ord(character):04X}"
    if character in "\x85\u2028\u2029":
        return Refusal(
            rules.LINE_SEPARATOR, f"{name} ends the line for some YAML readers only", "use an ordinary line break"
        )
    if character == BOM:
        return Refusal(
            rules.CONTROL, f"{name}, a byte order mark, stands inside the file", "remove it; it is invisible"
        )
    if character == "\r":
        return Refusal(
            rules.CONTROL,
            "a carriage return without a line feed ends the line for some readers only",
            "use line feeds in all of the file",
        )
    return Refusal(
        rules.CONTROL,
        f"an invisible control character, {name}, stands in the text",
        "remove it; only tabs and line breaks are allowed",
    )


def unfit_in_value(text: str) -> Refusal | None:
    """Return why a value may not be what its escapes made of it, None if it may."""
    found = UNFIT_IN_VALUE.search(text)
    if found is None:
        return None
    if _SURROGATE.match(found.group()):
        return Refusal(rules.SURROGATE, "the escape is half a character", "write the character itself")
    return _unfit(found.group())


def joined(text: str) -> str:
    """Join escaped surrogate pairs into the characters that they stand for; lone ones stay."""
    if _SURROGATE.search(text) is None:
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
