"""The formats that manifests have, checked by our own functions in both validators.

Neither library's own check will do: one does not know `date-time` without an extra package, the two differ on what
RFC 3339 allows, and any text with an `@` in it is an e-mail address to one of them. A leap second is refused: no
date-time value of Python's can hold it, so it could not be compared.
"""

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Final

DATE_TIME: Final = "date-time"
DATE: Final = "date"
UUID: Final = "uuid"
EMAIL: Final = "email"
DOMAIN: Final = "idn-hostname"

_DATE_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

# Surely an address, or a domain, by every rule there is. Of any other the library is asked, in 35 ms the first time.
# No country's and none of these names can come to be reserved, as `.local` is.
_LABEL: Final = "[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*"
_PLAIN_DOMAIN: Final = rf"(?=.{{1,63}}\Z)(?:{_LABEL}\.)+(?:com|net|org|edu|gov|example|[A-Za-z]{{2}})"
_PLAIN_EMAIL = re.compile(rf"(?=[^@]{{1,64}}@)[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*@{_PLAIN_DOMAIN}")
_PLAIN = re.compile(_PLAIN_DOMAIN)


def is_date_time(value: object) -> bool:
    """Tell whether a string is a date-time of RFC 3339 on a day that exists; other values are not judged."""
    if not isinstance(value, str):
        return True
    match = _DATE_TIME.fullmatch(value)
    if match is None:
        return False
    try:
        date(*map(int, match.groups()))
    except ValueError:
        return False
    return True


def is_date(value: object) -> bool:
    """Tell whether a string is a day of RFC 3339 that exists; other values are not judged."""
    if not isinstance(value, str):
        return True
    try:
        return _DATE.fullmatch(value) is not None and bool(date.fromisoformat(value))
    except ValueError:
        return False


def is_uuid(value: object) -> bool:
    """Tell whether a string is written as a uuid, of any version; other values are not judged."""
    return not isinstance(value, str) or _UUID.fullmatch(value) is not None


def is_email(value: object) -> bool:
    """Tell whether a string is written as an e-mail address that mail could reach; other values are not judged.

    Nothing is looked up. A domain under `.test` counts as well, which is reserved for trying things out.
    """
    if not isinstance(value, str):
        return True
    return _PLAIN_EMAIL.fullmatch(value) is not None or _is_email(value)


def is_domain(value: object) -> bool:
    """Tell whether a string is what can stand after the `@` of an e-mail address; other values are not judged."""
    if not isinstance(value, str):
        return True
    return _PLAIN.fullmatch(value) is not None or ("@" not in value and _is_email(f"a@{value}"))


@lru_cache(maxsize=4096)
def _is_email(value: str) -> bool:
    from email_validator import EmailNotValidError, validate_email

    try:
        address = validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return "." in address.ascii_domain if address.ascii_domain else False


FORMATS: Final[dict[str, Callable[[object], bool]]] = {
    DATE_TIME: is_date_time,
    DATE: is_date,
    UUID: is_uuid,
    EMAIL: is_email,
    DOMAIN: is_domain,
}
