"""What is no text at all, though it has characters: white space, and signs that take no place or show nothing.

Who is sent it sees an empty message. Servers and mail programs trim differently, so no one library's idea of white
space is followed: what any of them may leave out counts as nothing.
"""

import re
from typing import Final

# One sign that is seen. Written out, since `\s` is another set in each language that reads schemas: controls and
# spaces, the soft hyphen and joiners, what turns the direction of writing, fillers, and the empty sign of braille.
NOT_BLANK: Final = (
    r"[^\x00-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180e\u2000-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
_SEEN: Final = re.compile(NOT_BLANK)


def is_blank_text(text: str) -> bool:
    """Tell whether nobody sees anything of a text."""
    return _SEEN.search(text) is None
