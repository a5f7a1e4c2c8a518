"""The YAML parser behind its event stream: libyaml's where it is there, PyYAML's own otherwise.

Only events are used. Composing nodes or loading recurses with the depth of the input, in C without a limit.
"""

import re
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import StreamEndEvent
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner

FastParser: TypeAlias = Callable[[str | bytes], Any]
GetEvent: TypeAlias = Callable[[], Any]


def _fast_parser() -> FastParser | None:
    try:
        from yaml._yaml import CParser
    except ImportError:  # this PyYAML was built without libyaml
        return None
    return CParser


class PureParser(Reader, Scanner, Parser):
    """PyYAML's parser in Python: slower by far, and the only one that reads escaped surrogate pairs."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)


FAST: Final = _fast_parser()
# JSON writes characters beyond U+FFFF as two escapes. libyaml refuses each half.
_SURROGATE_ESCAPE: Final = re.compile(r"\\(?:u|U0000)[dD][89a-fA-F]")
_REFUSED: Final = "Unicode character escape code"
# What the parser in Python reads in half a second. In what is larger, libyaml's refusal of the escapes stands.
_LARGEST_SLOW: Final = 2**17


def open_events(text: str) -> GetEvent:
    """Return the function that yields the text's next event; it raises YAMLError where the text is no YAML."""
    if FAST is None or (len(text) <= _LARGEST_SLOW and _SURROGATE_ESCAPE.search(text) and _refuses_escapes(FAST(text))):
        return PureParser(text).get_event
    get_event: GetEvent = FAST(text).get_event
    return get_event


def _refuses_escapes(parser: Any) -> bool:
    """Tell whether libyaml stops at an escape, and not before it: without quotes, what looks like one is text.

    The parser in Python takes no tab behind a value, which YAML 1.2 allows and libyaml reads: it is asked only about
    what it alone can read, so that whether a manifest is one does not hang on a text in it.
    """
    try:
        while not isinstance(parser.get_event(), StreamEndEvent):
            pass
    except MarkedYAMLError as error:
        return _REFUSED in (error.problem or "")
    except YAMLError:
        return False
    return False
