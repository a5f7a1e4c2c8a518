"""Small real values to decide about, and strategies that draw many more."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from reconciler.core.snapshot import Request, Snapshot
from reconciler.model.plan import Refresh
from reconciler.model.sequence import Desired, Instructions, Live, Payload, Reading, Record, Source
from reconciler.model.state import Pending, State

# The machine is shared, deepdiff is imported by the first example, and drawing the first nested value takes its time.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

ORG = "org-ours"
BERLIN = ZoneInfo("Europe/Berlin")
STEP = {"action": {"type": "send_sms_messages", "data": {"message": "Hi"}}, "delay_in_minutes": 0}
SEGMENT = {"type": "contact_belongs_to_segment", "segment_id": "s1"}


def where(*conditions: Mapping[str, Any]) -> dict[str, Any]:
    return {"or": [{"and": list(conditions)}]}


def body(custom_id: str = "a", **changes: Any) -> dict[str, Any]:
    plain = {"custom_id": custom_id, "name": "A", "is_continuous": True, "filter": where(SEGMENT), "steps": [STEP]}
    return {**plain, **changes}


def payload(custom_id: str = "a", **changes: Any) -> Payload:
    return Payload.of(body(custom_id, **changes))


def desired(custom_id: str = "a", *, references: tuple[str, ...] = (), line: int = 1, **changes: Any) -> Desired:
    instructions = {key: changes.pop(key) for key in ("ignore", "renamed_from", "owner") if key in changes}
    if references:
        referring = [{"type": "contacts_affected_by_sequence", "sequence_id": {"$sequence": n}} for n in references]
        changes = {"filter": where(*referring), **changes}
    return Desired(
        custom_id=custom_id,
        payload=payload(custom_id, **changes),
        source=Source(file=f"sequences/{custom_id}.yaml", line=line),
        references=references,
        instructions=Instructions(**instructions),
    )


def uuid(name: str) -> str:
    return f"id-of-{name}"


def record(custom_id: str = "a", *, stored: Payload | None = None, **changes: Any) -> Record:
    return Record(id=uuid(custom_id), applied=payload(custom_id, **changes), status="active", stored=stored)


def live(custom_id: str = "a", *, org_id: str | None = ORG, **changes: Any) -> Live:
    return Live(id=uuid(custom_id), org_id=org_id, payload=payload(custom_id, **changes), status="active")


def state(records: Mapping[str, Record], pending: Mapping[str, Pending] | None = None) -> State:
    return State(lineage="l", serial=3, org_id=ORG, records=records, pending=pending or {})


def request(**changes: Any) -> Request:
    plain: dict[str, Any] = {
        "environment": "e",
        "endpoint": "sandbox",
        "schema": "sha256:s",
        "refresh": Refresh.ALL,
    }
    return Request(**{**plain, **changes})


def snapshot(
    *wanted: Desired,
    records: Mapping[str, Record] | None = None,
    pending: Mapping[str, Pending] | None = None,
    readings: Mapping[str, Reading] | None = None,
    **asked: Any,
) -> Snapshot:
    known = None if records is None and pending is None else state(records or {}, pending)
    return Snapshot(request=request(**asked), desired=wanted, state=known, readings=readings or {})


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def at(text: str) -> str:
    """The moment as the clock tells it: in UTC, to the second."""
    return datetime.fromisoformat(text).astimezone(UTC).isoformat().replace("+00:00", "Z")


# --- strategies -------------------------------------------------------------------------------------------------------

KEYS = st.sampled_from(["a", "b", "__c", "0", "07", "after", "email_in", "~/", "'\"]["])
SCALARS = st.sampled_from([None, True, False, 0, 1, 1.5, "", "a", "b", "1", "2026-01-01T00:00:00Z"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
)
INSTANTS = st.sampled_from(
    [
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00.000Z",
        "2026-01-01t01:00:00+01:00",
        "2026-01-01T00:00:00.001Z",
        "2026-02-30T00:00:00Z",
    ]
)
SETS = st.lists(st.sampled_from(["x@e.c", "y@e.c", "z@e.c"]), max_size=3)
CONDITIONS: st.SearchStrategy[Any] = st.one_of(
    st.fixed_dictionaries({"type": st.just("between")}, optional={"after": INSTANTS, "before": INSTANTS}),
    st.fixed_dictionaries({"type": st.just("contacts_email_in"), "email_in": SETS}),
    st.fixed_dictionaries({"type": st.just("attributes"), "attributes": st.lists(st.dictionaries(KEYS, INSTANTS))}),
    VALUES,
)
FILTERS: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {"or": st.lists(st.fixed_dictionaries({"and": st.lists(CONDITIONS, max_size=3)}), max_size=2)}
    ),
    VALUES,
)
STEPS: st.SearchStrategy[Any] = st.lists(
    st.fixed_dictionaries({"action": st.fixed_dictionaries({"type": SCALARS, "data": VALUES})}, optional={"x": VALUES})
    | VALUES,
    max_size=3,
)
BODIES: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"name": SCALARS, "filter": FILTERS, "steps": STEPS}, optional={"is_continuous": SCALARS, "__odd": VALUES}
)
