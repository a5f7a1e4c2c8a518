"""What an unquoted YAML scalar means, where every YAML reader and JSON agree; a refusal where they do not.

YAML 1.1 readers (PyYAML, Ruby, many CI systems) and YAML 1.2 readers (editors, JavaScript, Go) disagree on `no`, `010`,
`1e3` and dates. A manifest decides who is written to, so such a form is never interpreted: it is refused with the
reason, whichever reading would have been meant. Messages never repeat digits: they may be someone's phone number.
"""

import math
import re
from typing import Final, TypeAlias

from reconciler.adapters.manifests.document import Refusal
from reconciler.model import rules
from reconciler.model.jsonvalue import LARGEST_INTEGER

Scalar: TypeAlias = str | int | float | bool | None

# All that YAML 1.2's core schema and YAML 1.1 both take for null and booleans.
WORDS: Final[dict[str, Scalar]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_DISPUTED: Final = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}
LONGEST_WORD: Final = 5

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+][0-9]+)?")
_QUOTE = "put it in quotes if it is text, as phone numbers and ids are"


def _number(reason: str, hint: str) -> Refusal:
    return Refusal(rules.DISPUTED_NUMBER, reason, hint)


_IN_DECIMAL: Final = "write the number in decimal, or put it in quotes if it is text"
# The first pattern that matches the whole scalar says why it is refused.
_REFUSED: Final = tuple(
    (re.compile(pattern), refusal)
    for pattern, refusal in (
        (
            r"\+[0-9]+",
            _number(
                "digits after a `+` are read as a number, and the `+` is lost",
                "put a phone number in quotes; leave out the `+` of a number",
            ),
        ),
        (
            r"[-+]?0[0-9]+",
            _number(
                "digits that begin with `0` are another number to some YAML readers",
                "put a phone number or an id in quotes; leave out the zeros before a number",
            ),
        ),
        (r"[-+]?0[xX][0-9a-fA-F_]+", _number("`0x` begins a number for some YAML readers only", _IN_DECIMAL)),
        (r"[-+]?0[oO][0-7_]+", _number("`0o` begins a number for some YAML readers only", _IN_DECIMAL)),
        (r"[-+]?0[bB][01_]+", _number("`0b` begins a number for some YAML readers only", _IN_DECIMAL)),
        (
            r"[-+]?[0-9][0-9_]*_[0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]*\.[0-9]*_[0-9_]*",
            _number(
                "digits with underscores are a number to some YAML readers and text to others",
                "leave out the underscores, or put it in quotes if it is text",
            ),
        ),
        (
            r"[-+]?[0-9]+(?::[0-9]+)+(?:\.[0-9]*)?",
            _number(
                "digits with colons are one number to some YAML readers and text to others",
                "put a time of day in quotes; write a number without colons",
            ),
        ),
        (
            r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?",
            _number(
                "this is a number to some YAML readers and text to others",
                f"write a number like 1000 or 0.5; {_QUOTE}",
            ),
        ),
        (
            r"[-+]?\.(?:inf|Inf|INF)|[-+]?\.(?:nan|NaN|NAN)",
            Refusal(
                rules.NOT_FINITE,
                "a number that is infinite, or none at all, cannot be sent",
                "write a number, or leave the key out; in quotes it is text",
            ),
        ),
        (
            r"[0-9]{4}-[0-9][0-9]?-[0-9][0-9]?(?:(?:[Tt]|[ \t]+)[0-9][0-9:.]*[ \t]*(?:[Zz]|[-+][0-9:]+)?)?",
            Refusal(
                rules.DATE,
                "a date without quotes is a date to some YAML readers and text to others",
                "put the date in quotes",
            ),
        ),
        (r"=", Refusal(rules.RESERVED, "`=` without quotes is a reserved sign to some YAML readers", 'write "="')),
        (r"<<", Refusal(rules.MERGE_KEY, "`<<` merges keys for some YAML readers only", "write the keys out")),
    )
)
_SUSPECT_START: Final = frozenset("0123456789+-.=<")


def resolve(text: str) -> Scalar | Refusal:
    """Return the value of an unquoted scalar, or why it has none that all readers agree on."""
    if text in WORDS:
        return WORDS[text]
    if len(text) <= LONGEST_WORD and text.lower() in _DISPUTED:
        meaning = _DISPUTED[text.lower()]
        return Refusal(
            rules.DISPUTED_WORD,
            f"`{text}` without quotes is {meaning} to some YAML readers and a word to others",
            f'write {meaning}, or "{text}" if the word is meant',
        )
    return _suspect(text) if text[0] in _SUSPECT_START else text


def _suspect(text: str) -> Scalar | Refusal:
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _FLOAT.fullmatch(text):
        return _float(text)
    for pattern, refusal in _REFUSED:
        if pattern.fullmatch(text):
            return refusal
    return text


def _integer(text: str) -> int | Refusal:
    # The length is looked at first: Python refuses, and slowly, to convert thousands of digits.
    if len(text) <= len(str(-LARGEST_INTEGER)) and abs(number := int(text)) <= LARGEST_INTEGER:
        return number
    return Refusal(rules.NUMBER_RANGE, "a number this large is not kept exactly by every reader", _QUOTE)


def _float(text: str) -> float | Refusal:
    number = float(text)
    vanished = number == 0 and any(digit in "123456789" for digit in re.split("[eE]", text)[0])
    if vanished or not math.isfinite(number):
        return Refusal(rules.NUMBER_RANGE, "this number is too large or too small to be kept", _QUOTE)
    return number
