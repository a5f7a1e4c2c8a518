"""Filters that leave somebody out, and hardly anybody: a period that began long ago, or ends when nobody knows yet.

`created after 2010` is everyone whom most organisations ever had, and `created before` next month is everyone whom they
have today. The core has no clock, so the years are written down: the same manifest is told the same on every day.
"""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.core.meaning import instant
from reconciler.model.pointer import Path

# OpenCX is younger than this: whoever was created later is everyone, but for what was brought along from elsewhere.
_LONG_AGO: Final = "2015-01-01T00:00:00.000+00:00"
# By what a period is about, the first `before` that lets nearly everyone through. Whoever was created before the year
# of this version is a part of today's contacts; before a later moment, nearly all of them. Who was last written to
# before a moment is who is won back: one of this year or the next leaves those out who were written to lately.
_BEFORE: Final = {
    "contacts_created_at_between": "2026-01-01T00:00:00.001+00:00",
    "last_contacted_at_between": "2028-01-01T00:00:00.000+00:00",
    "last_contacted_at_with_handoff_between": "2028-01-01T00:00:00.000+00:00",
}


def nearly_everyone(payload_filter: Any) -> tuple[Path, str] | None:
    """Return the first group that leaves hardly anybody out, by its first period, and why; None where there is none.

    The filter is one that `audience.everyone` found to leave somebody out.
    """
    for position, group in enumerate(payload_filter["or"]):
        reasons = [_hardly_narrows(condition) for condition in group["and"]]
        if all(reasons):
            return ("or", position, "and", 0), str(reasons[0])
    return None


def _hardly_narrows(condition: Mapping[str, Any]) -> str | None:
    kind = condition["type"]
    if kind == "all_contacts":
        return "`all_contacts` leaves nobody out"
    latest = _BEFORE.get(kind)
    if latest is None:
        return None
    after, before = (instant(condition.get(key) or "") for key in ("after", "before"))
    if (after is not None and after >= _LONG_AGO) or (before is not None and before < latest):
        return None
    if before is None:
        return "a period that begins before 2015 and does not end leaves out hardly anybody"
    since = "without `after`" if after is None else "that begins before 2015"
    return f"a period {since} that ends this late leaves out hardly anybody"
