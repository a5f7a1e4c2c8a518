"""The formats that the contract names, checked by our own functions in both validators.

Neither library's own check will do: one does not know `date-time` without an extra package, and the two differ on what
RFC 3339 allows. A leap second is refused: no date-time value of Python's can hold it, so it could not be compared.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Final

_DATE_TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
    r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


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


def is_uuid(value: object) -> bool:
    """Tell whether a string is written as a uuid, of any version; other values are not judged."""
    return not isinstance(value, str) or _UUID.fullmatch(value) is not None


FORMATS: Final[dict[str, Callable[[object], bool]]] = {"date-time": is_date_time, "uuid": is_uuid}
