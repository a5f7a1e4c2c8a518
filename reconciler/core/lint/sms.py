"""What an SMS costs: it is sent in segments, and one character beyond the GSM alphabet halves what fits into each.

The alphabet is a table of our own: 137 characters of a standard that is fixed (3GPP TS 23.038), where the packages for
it only encode, and do not say which characters are to blame.
"""

from collections.abc import Iterator
from typing import Final

from reconciler.core.lint.remark import Remark
from reconciler.core.lint.text import Text
from reconciler.core.spelling import first_few
from reconciler.model import rules

BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each takes the place of two.
EXTENDED: Final = frozenset("\f^{}\\[~]|€")
_GSM: Final = BASIC | EXTENDED
# Characters in one segment alone, and in each of several.
_GSM_FITS: Final = (160, 153)
_UCS2_FITS: Final = (70, 67)
_BEYOND_16_BITS: Final = 0xFFFF
# Signs that word processors put in, and what people typed: quotes, dashes, spaces.
_PLAIN: Final = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4\u0060", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u00a0\u2002\u2003\u2009\u200a\u202f\t", " "),
        "…": "...",
        "•": "*",
    }
)
_FEW: Final = 3


def segments(text: str) -> int:
    """Return how many segments a text is sent in."""
    if _GSM.issuperset(text):
        return _filled([2 if each in EXTENDED else 1 for each in text], *_GSM_FITS)
    return _filled([2 if ord(each) > _BEYOND_16_BITS else 1 for each in text], *_UCS2_FITS)


def _filled(sizes: list[int], alone: int, each: int) -> int:
    """Count the segments; what takes two places is never cut in two."""
    if sum(sizes) <= alone:
        return 1
    count, left = 1, each
    for size in sizes:
        if size > left:
            count, left = count + 1, each
        left -= size
    return count


def is_clean(text: Text) -> bool:
    """Tell whether a text surely fits into one segment."""
    return len(text.raw) <= _GSM_FITS[0] and BASIC.issuperset(text.raw)


def look(text: Text) -> Iterator[Remark]:
    """Say what an SMS costs, where that is more than it need be or more than is wanted."""
    count = segments(text.raw)
    strange = [each for each in dict.fromkeys(text.raw) if each not in _GSM]
    # A text in Russian or in Arabic cannot be written otherwise, and costs what it costs.
    typed = {each: _plain(each) for each in strange}
    if strange and not any(each.isalpha() and not typed[each] for each in strange):
        plain = segments("".join(typed.get(each, each) for each in text.raw))
        if plain < count:
            yield _alphabet(text.raw, strange, plain, count)
        count = plain
    most = text.settings.most_sms_segments
    if count > most:
        yield Remark(
            rules.SMS_SEGMENTS,
            f"this SMS takes {count} segments, each of them paid for, and at most {most} are wanted",
            "shorten it, or raise `most_sms_segments` in reconciler.toml",
        )


def _plain(character: str) -> str:
    """Return what people type on a phone for a character: a straight quote, a letter without its accent, or nothing."""
    typed = character.translate(_PLAIN)
    if typed != character:
        return typed
    # Imported where it is needed: most texts hold nothing of the kind.
    from unicodedata import normalize

    return "".join(each for each in normalize("NFKD", character) if each in _GSM)


def _alphabet(text: str, strange: list[str], plain: int, written: int) -> Remark:
    shown = first_few([_shown(each) for each in strange], _FEW)
    once = "is not in the SMS alphabet, so" if len(strange) == 1 else "are not in the SMS alphabet, so"
    ways = [f"{_shown(_plain(each))} for {_shown(each)}" for each in strange if _plain(each)]
    hint = f"write {first_few(ways, _FEW)}" if ways else "leave it out" if len(strange) == 1 else "leave them out"
    start = text.index(strange[0])
    message = f"{shown} {once} this SMS takes {written} segments for each person instead of {plain}"
    return Remark(rules.SMS_ALPHABET, message, hint, start, 1)


def _shown(words: str) -> str:
    """Return how a message shows signs: those that are not seen by their number."""
    if words == " ":
        return "a plain space"
    is_seen = words.isprintable() and not words.isspace()
    return f"`{words}`" if is_seen else ", ".join(f"U+{ord(each):04X}" for each in words)
