"""Plans as the planner really makes them, from values: no clock, no uuid and no digest that changes."""

from typing import Any

from reconciler.core.planner import build_plan
from reconciler.core.snapshot import Request, Snapshot
from reconciler.model.plan import Plan, Refresh
from reconciler.model.sequence import Desired, Gone, Live, Payload, Reading, Record, Source, Unreadable
from reconciler.model.state import State

DIGEST = "sha256:" + "0123456789abcdef" * 4
ORG = "org-1"


def email(subject: str, delay: float = 0, body: str = "<p>Hello</p>") -> dict[str, Any]:
    data = {
        "from_email": "hello@example.com",
        "email_subject": subject,
        "email_body": body,
        "email_sender_name": "Example",
        "email_is_transactional": False,
    }
    return {"action": {"type": "send_emails", "data": data}, "delay_in_minutes": delay}


def call(agent: str, delay: float = 0) -> dict[str, Any]:
    return {"action": {"type": "make_phone_calls", "data": {"aiPhoneAgentId": agent}}, "delay_in_minutes": delay}


def reaching(*conditions: dict[str, Any]) -> dict[str, Any]:
    return {"or": [{"and": list(conditions)}]}


PEOPLE = {
    "or": [
        {"and": [{"type": "contacts_email_in", "email_in": ["ada@example.org", "grace@example.org"]}]},
        {
            "and": [
                {"type": "contacts_phone_number_in", "phone_number_in": ["+15555550100"]},
                {"type": "contacts_name_in", "name_in": ["Ada Example"]},
            ]
        },
    ]
}
SEGMENT = reaching({"type": "contact_belongs_to_segment", "segment_id": "segment-1"})


def payload(custom_id: str, **changes: Any) -> Payload:
    whole = {"custom_id": custom_id, "name": custom_id.title(), "is_continuous": True, "filter": SEGMENT}
    return Payload.of({**whole, "steps": [email("Hello")], **changes})


def desired(custom_id: str, **changes: Any) -> Desired:
    source = Source(file=f"sequences/{custom_id}.yaml", line=2)
    return Desired(custom_id=custom_id, payload=payload(custom_id, **changes), source=source)


def live(custom_id: str, **changes: Any) -> Live:
    return Live(id=f"id-{custom_id}", org_id=ORG, payload=payload(custom_id, **changes), status="active")


def plan(
    *wanted: Desired,
    records: dict[str, Payload] | None = None,
    readings: dict[str, Reading] | None = None,
    refresh: Refresh = Refresh.CHANGED,
    adopt: bool = False,
) -> Plan:
    """The plan for these three sides; a record's id is that of the live sequence of the same name."""
    recorded = {name: Record(id=f"id-{name}", applied=each) for name, each in (records or {}).items()}
    return build_plan(
        Snapshot(
            request=Request(environment="production", endpoint="x", schema="y", refresh=refresh, adopt=adopt),
            desired=wanted,
            state=State(lineage="one", serial=1, org_id=ORG, records=recorded),
            readings=readings or {},
        )
    )


BODY = "<html>\n<p>Hello</p>\n<p>Good to have you here.</p>\n<p>Bye</p>\n</html>\n"
LONG = (
    "A subject line that goes on for longer than any line of a terminal has room for, and then a little further still"
)
CREATE = plan(
    desired(
        "recall",
        name="Recall of planters, batch 7, for everybody who bought one in the spring of the year before the last one",
        is_continuous=False,
        filter=PEOPLE,
        steps=[email("Sorry"), call("agent-1", 90.5), email(LONG, 4320.25)],
    ),
    readings={"recall": Gone()},
)
UPDATE = plan(
    desired("welcome", name="Welcome", steps=[email(LONG, 5, BODY.replace("Good", "So good")), call("agent-1")]),
    records={"welcome": payload("welcome", steps=[email("Hello", 5, BODY)]), "other": payload("other")},
    refresh=Refresh.NONE,
)
DRIFT = plan(
    desired("welcome"),
    records={"welcome": payload("welcome")},
    readings={"welcome": live("welcome", name="Oops", filter=None)},
    refresh=Refresh.ALL,
)
CONFLICT = plan(
    desired("welcome", name="Desired"),
    records={"welcome": payload("welcome", name="Recorded, " + LONG)},
    readings={"welcome": live("welcome", name="Live")},
)
ADOPT = plan(desired("welcome", name="Mine"), readings={"welcome": live("welcome", name="Theirs")}, adopt=True)
VIOLATIONS = plan(
    desired("appears"),
    desired("gone", name="New name"),
    desired("hidden"),
    records={"gone": payload("gone")},
    readings={"appears": live("appears", name="Theirs"), "gone": Gone(), "hidden": Unreadable("the API answered 500")},
)
ORPHAN = plan(desired("welcome"), records={"welcome": payload("welcome"), "leaving": payload("leaving")})
INSERTED = plan(
    desired("welcome", steps=[email("Hello"), call("agent-1", 60), email("Water them", 1440), email("Bye", 60)]),
    records={"welcome": payload("welcome", steps=[email("Hello"), email("Water it", 1440), email("Bye", 60)])},
    readings={"welcome": live("welcome", steps=[email("Hello"), email("Water it", 1440), email("Bye", 60)])},
)
FOLLOWED = plan(
    desired("welcome", steps=[email("Hello", 5), email("Bye")], filter=reaching({"type": "all_contacts"})),
    desired("next", filter=reaching({"type": "contacts_affected_by_sequence", "sequence_id": "id-welcome"})),
    records={
        "welcome": payload("welcome", steps=[email("Hello"), email("Bye")]),
        "next": payload(
            "next", filter=reaching({"type": "contacts_affected_by_sequence", "sequence_id": "id-welcome"})
        ),
    },
    refresh=Refresh.NONE,
)
EMPTY = plan(desired("welcome"), records={"welcome": payload("welcome")})
PLANS = {
    "create": CREATE,
    "update": UPDATE,
    "drift": DRIFT,
    "conflict": CONFLICT,
    "adopt": ADOPT,
    "violations": VIOLATIONS,
    "orphan": ORPHAN,
    "inserted": INSERTED,
    "followed": FOLLOWED,
    "empty": EMPTY,
}
