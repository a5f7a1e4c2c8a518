"""Whether a filter can match everyone, so that nobody is mailed by accident.

Sound, not complete: what is not known to leave someone out counts as everyone (hazard 2 of the API's description).
Whether an empty list of ids matches nobody or everybody is unknown, so it counts as everyone too.
"""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.core.meaning import SETS
from reconciler.model.diagnostic import Finding
from reconciler.model.pointer import Path
from reconciler.model.sequence import Instructions

RULE_UNDECLARED: Final = "OCX201"

_REASONS: Final = {
    "all_contacts": "`all_contacts` is everyone",
    "contacts_created_at_between": "a range without `after` and `before` leaves nobody out",
    "last_contacted_at_between": "a range without `after` and `before` leaves nobody out",
    "last_contacted_at_with_handoff_between": "a range without `after` and `before` leaves nobody out",
    "contacts_attributes_in": "without `attributes` it leaves nobody out",
    "contacts_sessions_attributes_in": "without `attributes` it leaves nobody out",
}


def everyone(payload_filter: Any) -> tuple[Path, str] | None:
    """Return the first place in a filter that can match everyone and why it can; None where there is none."""
    if payload_filter is None:
        return (), "a filter that is null (or left blank) is everyone"
    for position, group in enumerate(payload_filter["or"]):
        conditions = group["and"]
        if not conditions:
            return ("or", position, "and"), "an empty `and` leaves nobody out"
        reasons = [_matches_all(condition) for condition in conditions]
        if all(reasons):
            return ("or", position, "and", 0), str(reasons[0])
    return None


def check_audience(payload: Mapping[str, Any], instructions: Instructions) -> tuple[Finding, ...]:
    """Refuse a filter that can match everyone unless the manifest says so in as many words."""
    found = everyone(payload["filter"])
    if found is None or instructions.audience == "everyone":
        return ()
    path, reason = found
    return (
        Finding(
            rule=RULE_UNDECLARED,
            message=f"this filter can match every contact of the organisation: {reason}",
            path=("filter", *path),
            hint="narrow the filter, or say that it is meant: `reconciler: {audience: everyone}`",
        ),
    )


def _matches_all(condition: Mapping[str, Any]) -> str | None:
    kind = condition["type"]
    if kind == "all_contacts":
        return _REASONS[kind]
    if kind.endswith("_between") and condition.get("after") is None and condition.get("before") is None:
        return _REASONS.get(kind, "a range without bounds leaves nobody out")
    if kind.endswith("attributes_in") and not any(condition.get("attributes") or ()):
        return _REASONS.get(kind, "without `attributes` it leaves nobody out")
    for key in SETS & condition.keys():
        if not condition[key]:
            return f"whether an empty `{key}` matches nobody or everybody is unknown"
    return None
