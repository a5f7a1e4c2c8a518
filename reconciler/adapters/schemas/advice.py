"""What to do about a text that is not written as it must be. It is looked at and never repeated: it may be personal."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from reconciler.adapters.schemas.formats import DATE, DATE_TIME, DOMAIN, EMAIL, UUID
from reconciler.adapters.schemas.overlay import (
    CUSTOM_ID,
    DOTTED,
    LABEL,
    LANGUAGE,
    ONE_LINE,
    PHONE_NUMBER,
    POINTER,
    RELATIVE_FILE,
    VARIABLE_NAME,
)

# By format or pattern: what a value has to be, and, asked with the value, what to do about this one.
_UUIDS: Final = "be a uuid, such as `123e4567-e89b-42d3-a456-426614174000`"
MUST: Final[Mapping[str, str]] = MappingProxyType(
    {
        DATE_TIME: "be a date-time with its offset, such as `2026-01-31T09:00:00Z`",
        DATE: "be a day, such as `2026-12-31`",
        UUID: _UUIDS,
        EMAIL: "be an e-mail address",
        DOMAIN: "be a domain name",
        DOTTED: "be a domain name",
        PHONE_NUMBER: "be a phone number in international form, such as `+15550100123`",
        LABEL: "be letters, digits, `.`, `_` and `-`, and begin and end with a letter or digit",
        LANGUAGE: "be a language code, such as `en` or `en_US`",
        ONE_LINE: "be one line, without line breaks",
        CUSTOM_ID: "be 1 to 50 letters, digits, `_` and `-`, and begin and end with a letter or digit",
        POINTER: "be a JSON pointer, such as `/name`",
        RELATIVE_FILE: "be the relative path of a file, with `/` between its parts",
        VARIABLE_NAME: "be the name of a variable: letters, digits and `_`, not beginning with a digit",
    }
)


def advice(kind: str, value: str) -> str:
    """Return what to do about a value that breaks a format or a pattern."""
    return _ADVICE[kind](value) if kind in _ADVICE else "compare it with how the API's documentation writes it"


def _address(value: str) -> str:
    is_and_advice = (
        (
            any(sign in value for sign in ",;") or value.count("@") > 1,
            "write one address alone",
        ),
        ("<" in value or " " in value.strip(), "write the address alone, without a name, brackets or spaces"),
        (value != value.strip(), "remove the spaces and line breaks around it"),
        (value.startswith("mailto:"), "leave out `mailto:`"),
        ("@" not in value, "an address has an `@`, as in `hello@example.org`"),
        ("." not in value.rpartition("@")[2], "what follows the `@` needs an ending, as in `hello@example.org`"),
    )
    otherwise = "look for a sign too many, a dot at the wrong place, or an ending that mail cannot reach"
    return next((said for is_so, said in is_and_advice if is_so), otherwise)


def _domain(value: str) -> str:
    if "@" in value:
        return "leave out the `@` and what stands before it"
    if "/" in value or ":" in value:
        return "leave out `https://` and what follows the domain, as in `example.org`"
    if "*" in value:
        return "leave out the `*`; name each domain that is meant"
    if "." not in value.strip("."):
        return "add the ending, as in `example.org`"
    return "write the domain alone, as in `example.org`"


def _phone_number(value: str) -> str:
    if value.startswith("00"):
        return "write `+` in place of the `00` at its beginning, and nothing but digits after it"
    if not value.startswith("+"):
        return "begin with `+` and the country's code, drop the `0` before the number, and write nothing but digits"
    if re.search(r"[^0-9+]", value):
        return "leave out everything but the `+` and the digits"
    if value.startswith("+0"):
        return "no country's code begins with `0`"
    return "with the country's code, a number has 7 to 15 digits"


def _moment(value: str) -> str:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return "add the time and the offset: `T00:00:00Z` is midnight in UTC"
    if re.fullmatch(r"\d{4}-\d\d-\d\d [\d:.]+.*", value):
        return "write `T` between the day and the time, and the offset at the end: `Z` is UTC"
    if re.fullmatch(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?", value):
        return "add the offset: `Z` for UTC, or hours and minutes such as `+02:00`"
    if re.fullmatch(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d([Zz]|[+-]\d\d:\d\d)?", value):
        return "add the seconds, and the offset at the end: `T09:00:00Z`"
    if re.fullmatch(r"\d{4}-\d\d-\d\d[Tt].*", value):
        return "look for a day or an hour that does not exist; the offset is `Z` or like `+02:00`"
    return "write year, month and day, then `T`, the time, and the offset"


def _language(value: str) -> str:
    language, _, country = value.strip().replace("-", "_").partition("_")
    meant = "_".join(filter(None, (language.lower(), country.upper())))
    if re.fullmatch(LANGUAGE, meant):
        return f"did you mean `{meant}`?"
    return "the language in two small letters, then if needed `_` and the country in two capitals"


def _custom_id(value: str) -> str:
    plain = unicodedata.normalize("NFKD", value.casefold()).encode("ascii", "ignore").decode()
    meant = re.sub(r"[^a-z0-9_-]+", "-", plain).strip("-_")
    is_plain = not re.search(r"@|[0-9]{5}", value)
    if is_plain and re.fullmatch(CUSTOM_ID, meant) and meant != value:
        return f"did you mean `{meant}`?"
    if len(value) > 50:
        return "shorten it to 50 characters"
    return "write something like `welcome` or `spring-sale-2`"


_ADVICE: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {
        DATE_TIME: _moment,
        DATE: lambda _: "write year, month and day of a day that exists, with `-` between them and without a time",
        UUID: lambda _: "copy the whole id: 32 digits and letters `a` to `f` in five groups",
        EMAIL: _address,
        DOMAIN: _domain,
        DOTTED: _domain,
        PHONE_NUMBER: _phone_number,
        LABEL: lambda _: "write the label as the environment or the organisation carries it: `eu`",
        LANGUAGE: _language,
        ONE_LINE: lambda _: "write it on one line; a text after `|` or `>`, and that of a file, ends in a line break",
        CUSTOM_ID: _custom_id,
        POINTER: lambda _: "begin with `/`, and write `/` between the keys: `/steps/0/action`",
        RELATIVE_FILE: lambda _: "leave out a leading `/`, drives and backslashes: `bodies/welcome.html`",
        VARIABLE_NAME: lambda _: "write the name alone, as it stands in reconciler.toml: `vip_segment`",
    }
)
