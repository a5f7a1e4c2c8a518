"""The fast way through a manifest: its value and nothing about where anything stands.

It takes plain documents only. Whatever is wrong, rare or doubtful (an anchor, a tag, an escape that makes a control
character, any error) makes it give up, and the careful way decides what to say. It must never accept what the careful
way refuses, nor read it differently: a test holds the two against each other.
"""

from typing import Any, Final

from yaml.error import YAMLError
from yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from reconciler.adapters.manifests.characters import BIDI, UNFIT_IN_VALUE
from reconciler.adapters.manifests.document import MAX_DEPTH, MAX_EVENTS, Document, Refusal
from reconciler.adapters.manifests.events import FAST, GetEvent
from reconciler.adapters.manifests.scalars import LONGEST_WORD, resolve

# As UTF-8: the byte order mark, NEL, the first two bytes of LS, PS and U+202A-E, and of U+2066-9.
_DOUBTFUL: Final = (b"\xef\xbb\xbf", b"\xc2\x85", b"\xe2\x80\xa8", b"\xe2\x80\xa9", b"\xe2\x80\xaa", b"\xe2\x80\xab")
_MORE_DOUBTFUL: Final = (b"\xe2\x80\xac", b"\xe2\x80\xad", b"\xe2\x80\xae", b"\xe2\x81\xa6", b"\xe2\x81\xa7")
# A key after a question mark may stand on another line than its mapping begins.
_EXPLICIT_KEYS: Final = (b"\n?", b"\r?", b"--- ?", b"---\t?")
_FORBIDDEN: Final = (*_DOUBTFUL, *_MORE_DOUBTFUL, b"\xe2\x81\xa8", b"\xe2\x81\xa9", b"\xef\xbf\xbe", b"\xef\xbf\xbf")


class _GiveUpError(Exception):
    """This document is for the careful way."""


def read_lean(data: bytes) -> Document | None:
    """Return the document, or None if it is not plain enough to be sure without looking closer."""
    if FAST is None or not _is_plain(data):
        return None
    try:
        return _read(FAST(data).get_event)
    except (YAMLError, _GiveUpError):
        return None


def _read(get_event: GetEvent) -> Document:
    get_event()
    start = get_event()
    root: Any = get_event()
    if type(start) is not DocumentStartEvent or start.version is not None or start.tags:
        raise _GiveUpError
    if type(root) is not MappingStartEvent or root.flow_style or root.anchor is not None or root.tag is not None:
        raise _GiveUpError
    start_mark: Any = root.start_mark
    value = _construct(get_event)
    if type(get_event()) is not DocumentEndEvent or type(get_event()) is not StreamEndEvent:
        raise _GiveUpError
    return Document(value=value, line=start_mark.line + 1)


def _is_plain(data: bytes) -> bool:
    """Tell whether the bytes are free of all that libyaml lets through and a manifest may not hold."""
    if any(sign in data for sign in _EXPLICIT_KEYS) or data.startswith(b"?"):
        return False
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        return False
    if data.isascii():
        return True
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any(mark in data for mark in _FORBIDDEN)


def _construct(get_event: GetEvent) -> dict[str, Any]:  # noqa: C901, PLR0912
    """Build the root mapping from the events after its start.

    One long loop on purpose: a call for each of the hundred events of a manifest would double its time.
    """
    root: dict[str, Any] = {}
    mapping: dict[str, Any] | None = root  # the open mapping, or
    append: Any = None  # the open list's append
    key: str | None = None  # the key whose value comes next
    stack: list[tuple[dict[str, Any] | None, Any]] = []
    for _ in range(MAX_EVENTS - 6):
        event = get_event()
        kind = type(event)
        if kind is ScalarEvent:
            if event.anchor is not None or event.tag is not None:
                raise _GiveUpError
            value = event.value
            style = event.style
            if not style:
                # Longer text that begins with a letter is surely text; so is nearly everything.
                if len(value) <= LONGEST_WORD or not value[0].isalpha():
                    value = resolve(value)
                    if type(value) is Refusal:
                        raise _GiveUpError
            elif style == '"' and (UNFIT_IN_VALUE.search(value) or BIDI.search(value)):
                raise _GiveUpError
            if mapping is None:
                append(value)
            elif key is None:
                if type(value) is not str or value in mapping or not value.isascii():
                    raise _GiveUpError
                key = value
            else:
                mapping[key] = value
                key = None
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            if event.anchor is not None or event.tag is not None or len(stack) >= MAX_DEPTH - 1:
                raise _GiveUpError
            child: Any = {} if kind is MappingStartEvent else []
            if mapping is None:
                append(child)
            elif key is None:
                raise _GiveUpError
            else:
                mapping[key] = child
                key = None
            stack.append((mapping, append))
            mapping, append = (child, None) if kind is MappingStartEvent else (None, child.append)
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            if not stack:
                return root
            mapping, append = stack.pop()
        else:
            raise _GiveUpError
    raise _GiveUpError
