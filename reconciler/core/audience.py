"""Whether a filter can match everyone, so that nobody is mailed by accident.

Sound, not complete: what is not known to leave someone out counts as everyone (hazard 2 of the API's description).
Whether an empty list or an empty text matches nobody or everybody is unknown, so it counts as everyone too.
"""

from collections.abc import Mapping
from typing import Any, Final

from reconciler.core.breadth import nearly_everyone
from reconciler.core.meaning import is_blank, leaves_nobody_out
from reconciler.model import rules
from reconciler.model.diagnostic import Finding, Severity
from reconciler.model.pointer import Path
from reconciler.model.sequence import Instructions

# The one key that makes a condition of this type leave someone out.
_NARROWED_BY: Final = {
    "contact_belongs_to_segment": "segment_id",
    "contact_id_in": "contact_ids",
    "contacts_affected_by_sequence": "sequence_id",
    "contacts_email_domain_name_in": "domain_name_in",
    "contacts_email_in": "email_in",
    "contacts_name_in": "name_in",
    "contacts_phone_number_in": "phone_number_in",
}
_RANGES: Final = frozenset(
    {"contacts_created_at_between", "last_contacted_at_between", "last_contacted_at_with_handoff_between"}
)
_ATTRIBUTES: Final = frozenset({"contacts_attributes_in", "contacts_sessions_attributes_in"})

_NEEDLESS: Final = Finding(
    rule=rules.NEEDLESS_AUDIENCE,
    severity=Severity.WARNING,
    message="this filter leaves people out, and the manifest says that it is meant for everyone",
    path=("reconciler", "audience"),
    hint="remove `audience: everyone`, so that a later slip in the filter does not pass; or widen the filter",
)


def everyone(payload_filter: Any) -> tuple[Path, str] | None:
    """Return the first place in a filter that can match everyone and why it can; None where there is none."""
    if payload_filter is None:
        return (), "a filter that is null (or left blank) is everyone"
    if not payload_filter["or"]:
        return ("or",), "an empty `or` leaves nobody out"
    of_periods = 0
    for position, group in enumerate(payload_filter["or"]):
        if not group["and"]:
            return ("or", position, "and"), "an empty `and` leaves nobody out"
        reasons = [_matches_all(condition) for condition in group["and"]]
        if all(reasons):
            return ("or", position, "and", 0), str(reasons[0])
        of_periods += all(reason or each["type"] in _RANGES for reason, each in zip(reasons, group["and"], strict=True))
    if of_periods > 1 and _are_everyone_together(payload_filter):
        return ("or",), "its groups leave nobody out together: what one of them leaves out, another one matches"
    return None


def _are_everyone_together(payload_filter: Any) -> bool:
    # Imported where they are used: hardly any filter has two groups of nothing but periods.
    from reconciler.core.filters.reading import read_filter
    from reconciler.core.filters.witnesses import can_match_everyone

    return can_match_everyone(read_filter(payload_filter))


def check_audience(payload: Mapping[str, Any], instructions: Instructions) -> tuple[Finding, ...]:
    """Refuse a filter that can match everyone unless the manifest says so in as many words; warn where it says so idly.

    A payload without a well-formed filter has none to judge.
    """
    if "filter" not in payload:
        return ()
    found = everyone(payload["filter"])
    is_declared = instructions.audience == "everyone"
    if found is None:
        nearly = nearly_everyone(payload["filter"])
        if nearly is not None:
            return () if is_declared else (_nearly(*nearly),)
        return (_NEEDLESS,) if is_declared else ()
    if is_declared:
        return ()
    path, reason = found
    return (
        Finding(
            rule=rules.UNDECLARED_AUDIENCE,
            message=f"this filter can match every contact of the organisation: {reason}",
            path=("filter", *path),
            hint="narrow the filter, or say that it is meant: `reconciler: {audience: everyone}`",
        ),
    )


def _nearly(path: Path, reason: str) -> Finding:
    return Finding(
        rule=rules.NEARLY_EVERYONE,
        severity=Severity.WARNING,
        message=f"this filter can match nearly every contact of the organisation: {reason}",
        path=("filter", *path),
        hint="narrow the filter, or say that it is meant: `reconciler: {audience: everyone}`",
    )


def _matches_all(condition: Mapping[str, Any]) -> str | None:
    kind = condition["type"]
    if kind == "all_contacts":
        return "`all_contacts` is everyone"
    if kind in _RANGES:
        bounds = {key: moment for key in ("after", "before") if (moment := condition.get(key))}
        if not bounds:
            return "a range without `after` and `before` leaves nobody out"
        idle = all(leaves_nobody_out(key, moment) for key, moment in bounds.items())
        return "a range that begins before the year 2000 or ends after 2099 leaves nobody out there" if idle else None
    if kind in _ATTRIBUTES:
        return _attributes_match_all(condition.get("attributes"))
    key = _NARROWED_BY.get(kind)
    if key is None:
        return f"`{kind}` is not known to leave anyone out"
    return f"whether an empty `{key}` matches nobody or everybody is unknown" if is_blank(condition.get(key)) else None


def _attributes_match_all(attributes: Any) -> str | None:
    if not attributes or not all(attributes):
        return "without `attributes` it leaves nobody out"
    blank = any(is_blank(value) for each in attributes for value in each.values())
    return "whether an empty attribute matches nobody or everybody is unknown" if blank else None
