"""What of a text is somebody's: e-mail addresses and phone numbers, which no output repeats (design, law 8)."""

import re
from typing import Final

_WORD: Final = r"[^\s@<>\"'(),;:\[\]{}]"
# Each begins where a word does and looks no further than it must, since a line may have a megabyte.
# A space that slipped in beside the `@` makes it no less somebody's, where what follows looks like a host.
_SLIPPED: Final = rf"[ \t]{{0,3}}@[ \t]{{0,3}}(?=[\w-]+\.\w){_WORD}++"
ADDRESS: Final = re.compile(f"(?<!{_WORD}){_WORD}++(?:{_SLIPPED}|@{_WORD}*+)")
PHONE: Final = re.compile(r"(?<![\w.-])(?!\d{4}-\d\d-\d\d)\+?\(?\d(?:[\s().\-/]{0,4}\d){6,17}(?![\w-])")
