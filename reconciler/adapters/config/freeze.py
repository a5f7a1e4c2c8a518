"""`freeze` of an environment's guards: windows of local time, each with its zone, checked against the zone's own data.

Zones come from the system, and from the package `tzdata` where a system has none.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, time, tzinfo
from typing import Any, Final

from reconciler.adapters.config.values import known, refused, table
from reconciler.core.spelling import did_you_mean
from reconciler.errors import ConfigurationError
from reconciler.model.guards import Day, Freeze, Period, Weekly

_PERIOD: Final = ("from", "to", "zone")
_WEEKLY: Final = ("days", "hours", "zone")
_HOURS: Final = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)", re.ASCII)
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?", re.ASCII)


def read_freeze(value: Any, *, where: str) -> tuple[Freeze, ...]:
    """Return the windows; ConfigurationError for one that is not plain."""
    if not isinstance(value, list):
        raise refused("`freeze` must be a list of tables", where=where)
    return tuple(_window(each, where=f"{where}.freeze[{number}]") for number, each in enumerate(value, start=1))


def _window(value: Any, *, where: str) -> Freeze:
    given = table(value, where=where)
    known(given, dict.fromkeys((*_PERIOD, *_WEEKLY)), where=where)
    is_period = bool({"from", "to"} & given.keys())
    if is_period and {"days", "hours"} & given.keys():
        raise refused("it has both a period (`from`, `to`) and a weekly window (`days`, `hours`)", where=where)
    zone = _zone(given, where=where)
    return _period(given, zone, where=where) if is_period else _weekly(given, zone, where=where)


def _period(given: Mapping[str, Any], zone: tzinfo, *, where: str) -> Period:
    begin, end = (_moment(given, key, where=where) for key in ("from", "to"))
    if end <= begin:
        raise refused("`to` must be after `from`", where=where)
    return Period(begin=begin, end=end, zone=zone)


def _moment(given: Mapping[str, Any], key: str, *, where: str) -> datetime:
    value = given.get(key)
    text = value.isoformat() if isinstance(value, datetime) else value
    hint = 'write a local time without an offset, as "2026-12-24T00:00"; `zone` says where that is'
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        raise refused(f"`{key}` is no local time", where=where, hint=hint)
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise refused(f"`{key}` is a time that there is not", where=where, hint=hint) from error


def _weekly(given: Mapping[str, Any], zone: tzinfo, *, where: str) -> Weekly:
    if not {"days", "hours"} & given.keys():
        raise refused("it says neither `from` and `to` nor `days` or `hours`", where=where)
    days = _days(given["days"], where=where) if "days" in given else tuple(Day)
    if "hours" not in given:
        return Weekly(days=days, zone=zone)
    begin, end = _hours(given["hours"], where=where)
    return Weekly(days=days, zone=zone, begin=begin, end=end)


def _days(value: Any, *, where: str) -> tuple[Day, ...]:
    names = [day.name.lower() for day in Day]
    listed = ", ".join(f'"{name}"' for name in names)
    if not isinstance(value, list) or not value:
        raise refused(f"`days` must be a list of {listed}", where=where)
    for each in value:
        if not isinstance(each, str) or each not in names:
            hint = did_you_mean(each, names) if isinstance(each, str) else None
            raise refused(f"`days` must be a list of {listed}", where=where, hint=hint)
    return tuple(Day[each.upper()] for each in value)


def _hours(value: Any, *, where: str) -> tuple[time, time]:
    hint = 'write two times of the day, as "18:00-08:00": over midnight where the second is the earlier one'
    match = _HOURS.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise refused("`hours` must be a text with two times of the day", where=where, hint=hint)
    numbers = [int(each) for each in match.groups()]
    if numbers[2:] == [24, 0]:
        numbers[2:] = [0, 0]
    try:
        begin, end = time(numbers[0], numbers[1]), time(numbers[2], numbers[3])
    except ValueError as error:
        raise refused("`hours` has a time that there is not", where=where, hint=hint) from error
    if begin == end and value != "00:00-24:00":
        raise refused("`hours` begins and ends at the same time", where=where, hint="leave it out for whole days")
    return begin, end


def _zone(given: Mapping[str, Any], *, where: str) -> tzinfo:
    # Imported where it is needed: whoever freezes nothing does not pay for it.
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

    name = given.get("zone")
    hint = 'write the name of a time zone, as "Europe/Berlin" or "UTC"'
    if not isinstance(name, str) or not name:
        raise refused("it needs a `zone`: a time of the day means nothing without one", where=where, hint=hint)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _no_zone(name, available_timezones(), where=where, hint=hint) from error


def _no_zone(name: str, names: Iterable[str], *, where: str, hint: str) -> ConfigurationError:
    listed = sorted(names)
    if not listed:
        return refused("this machine has no data about time zones", where=where, hint="pip install tzdata")
    return refused(f"there is no time zone `{name}`", where=where, hint=did_you_mean(name, listed) or hint)
