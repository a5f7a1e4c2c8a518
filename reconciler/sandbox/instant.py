"""Instants as texts (RFC 3339): recognising them, and writing the same instant in another form."""

import re
from datetime import UTC, datetime, timedelta, timezone

_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_ELSEWHERE = timezone(timedelta(hours=2))


def is_instant(text: str) -> bool:
    """Tell whether the text is a date-time with an offset, on a day and at an hour that exist."""
    return _parts(text) is not None


def from_seconds(seconds: float) -> str:
    """Write seconds since the epoch as `YYYY-MM-DDTHH:MM:SS.sssZ`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def in_milliseconds(text: str) -> str:
    """Write the instant as `YYYY-MM-DDTHH:MM:SS.sssZ`; digits that are finer than that stay."""
    parts = _parts(text)
    if parts is None:
        return text
    moment, fraction = parts
    return f"{moment.replace(tzinfo=None).isoformat()}.{fraction.ljust(3, '0')}Z"


def with_offset(text: str) -> str:
    """Write the instant as a clock two hours east of UTC shows it, without a fraction that is zero."""
    parts = _parts(text)
    if parts is None:
        return text
    moment, fraction = parts
    try:
        there = moment.astimezone(_ELSEWHERE).isoformat()
    except OverflowError:
        return text
    kept = fraction.rstrip("0")
    return there.replace("+02:00", f".{kept}+02:00") if kept else there


def _parts(text: str) -> tuple[datetime, str] | None:
    """Return the instant in UTC to the second, and the digits of its fraction, which no offset changes."""
    match = _RFC3339.fullmatch(text)
    if match is None:
        return None
    date, clock, fraction, offset = match.groups()
    try:
        moment = datetime.fromisoformat(f"{date}T{clock}{offset.upper()}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment, fraction or ""
