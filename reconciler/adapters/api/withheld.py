"""The key, wherever an answer quotes it back: nothing that is kept or shown may hold it."""

import re
from typing import Any, Final

_SHOWN: Final = "(the key)"
# What JSON may or must write behind a backslash. Any other character is written as itself, or as `\u` and digits.
_ESCAPED: Final = frozenset('"\\/')


class Withheld:
    """Puts words in the place of a key, in whatever case it is quoted. Safe to share between threads."""

    def __init__(self, key: str) -> None:
        self._pattern = re.compile(re.escape(key), re.IGNORECASE)
        self._lower = key.lower()
        self._is_plain = _ESCAPED.isdisjoint(key)

    def of_text(self, text: str) -> str:
        """Return a text without the key."""
        return self._pattern.sub(_SHOWN, text)

    def of_json(self, text: str, value: Any) -> Any:
        """Return the value that a JSON text says, without the key."""
        return self._of(value) if self._may_hold(text) else value

    def _may_hold(self, text: str) -> bool:
        """Look for the key in the text, which costs a twentieth of looking into every value that it says."""
        if not self._is_plain or "\\u" in text:
            return True
        return self._lower in text.lower() if text.isascii() else self._pattern.search(text) is not None

    def _of(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.of_text(value)
        if isinstance(value, dict):
            return {self.of_text(key): self._of(each) for key, each in value.items()}
        return [self._of(each) for each in value] if isinstance(value, list) else value
