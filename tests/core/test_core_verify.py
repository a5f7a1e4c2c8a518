"""Judging a write by what was read before and after it, and an HTTP answer by its status and its sender."""

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from reconciler.core.classify import Reply, answer_to_write, reading, refuses_key, said
from reconciler.core.normalise import is_id, to_live
from reconciler.core.planner import build_plan
from reconciler.core.verify import (
    Shown,
    after_write,
    before_create,
    before_recording,
    before_update,
    is_another,
    is_stale,
    rejected,
    shown,
)
from reconciler.errors import ExitCode
from reconciler.model.change import Change
from reconciler.model.outcome import Accepted, NotSent, Rejected, Status, Unanswered
from reconciler.model.pointer import to_pointer
from reconciler.model.sequence import Gone, Live, Record, StepTimes, Unreadable
from reconciler.model.state import Pending
from tests.core.core_values import ORG, STEP, body, desired, live, payload, record, snapshot, uuid

SENT = payload(name="B")


def update() -> Change:
    (change,) = build_plan(snapshot(desired(name="B"), records={"a": record()}, readings={"a": live()})).changes
    return change


def create() -> Change:
    (change,) = build_plan(snapshot(desired(name="B"))).changes
    return change


# --- before -----------------------------------------------------------------------------------------------------------


def test_what_is_as_the_plan_saw_it_may_be_written() -> None:
    assert before_update(update(), SENT, live(), org_id=ORG) is None
    assert before_update(update(), SENT, live(), org_id=None) is None
    # What the plan saw was another spelling of it.
    assert before_update(replace(update(), seen=None), SENT, live(name="C"), org_id=ORG) is None
    assert before_create(create(), Gone()) is None


@pytest.mark.parametrize(
    ("found", "cause", "stops", "words"),
    [
        (Gone(), ExitCode.REFUSED, False, "not created again"),
        (Unreadable("502"), ExitCode.UNAVAILABLE, False, "502"),
        (live(name="C"), ExitCode.REFUSED, False, "(/name)"),
        (live(org_id="other"), ExitCode.REFUSED, True, "organisation other"),
        (live(org_id=None), ExitCode.REFUSED, True, "(unknown)"),
    ],
    ids=["gone", "unreadable", "moved", "other organisation", "no organisation"],
)
def test_an_update_is_held_back(found: Any, cause: ExitCode, stops: bool, words: str) -> None:
    refused = before_update(update(), SENT, found, org_id=ORG)
    assert refused is not None
    assert (refused.status, refused.cause, refused.stops, refused.record) == (Status.NOT_SENT, cause, stops, None)
    assert words in refused.detail


def test_what_is_in_place_by_then_is_recorded_and_not_sent() -> None:
    found = live(name="B")
    for change in (update(), replace(update(), seen=payload(name="Z"))):
        ended = before_update(change, SENT, found, org_id=ORG)
        assert ended is not None
        assert (ended.status, ended.org_id) == (Status.APPLIED, ORG)
        assert ended.record == Record(id=uuid("a"), applied=SENT, status="active")
    # The organisation comes first.
    refused = before_update(update(), SENT, live(name="B", org_id="other"), org_id=ORG)
    assert refused is not None
    assert refused.status is Status.NOT_SENT


def test_what_moved_comes_back_with_what_the_plan_saw_what_is_live_and_what_is_desired() -> None:
    refused = before_update(update(), SENT, live(name="C", is_continuous=False), org_id=ORG)
    assert refused is not None
    assert [(to_pointer(each.path), each.recorded, each.live, each.desired) for each in refused.fields] == [
        ("/name", "A", "C", "B"),
        ("/is_continuous", True, False, True),
    ]


def test_an_answer_about_another_sequence_stops_the_run() -> None:
    mixed_up = Unreadable("asked for A, got B", is_mixed_up=True)
    for refused in (before_update(update(), SENT, mixed_up, org_id=ORG), before_create(create(), mixed_up)):
        assert refused is not None
        assert refused.stops
    assert after_write(update(), SENT, uuid("a"), mixed_up, moment="T").stops
    assert not after_write(update(), SENT, uuid("a"), Unreadable("502"), moment="T").stops


def test_a_record_follows_only_what_live_still_shows() -> None:
    waiting = {"a": Pending(payload=payload(name="X"), since="T", id=uuid("a"))}
    plan = build_plan(snapshot(desired(), records={"a": record()}, pending=waiting, readings={"a": live()}))
    (change,) = plan.changes
    assert before_recording(change, live(), org_id=ORG) is None
    for found in (live(name="X"), live(org_id="other"), Gone(), Unreadable("502")):
        refused = before_recording(change, found, org_id=ORG)
        assert refused is not None
        assert refused.status is Status.NOT_SENT


@pytest.mark.parametrize(
    ("status", "cause", "words"),
    [
        (400, ExitCode.PARTIAL, ""),
        (422, ExitCode.PARTIAL, ""),
        (404, ExitCode.REFUSED, "not created again"),
        (409, ExitCode.REFUSED, "plan again"),
        (412, ExitCode.REFUSED, "plan again"),
    ],
)
def test_a_refusal_of_what_has_moved_is_told_from_one_of_the_body(status: int, cause: ExitCode, words: str) -> None:
    judged = rejected(update(), Rejected(status, "no"))
    assert (judged.status, judged.cause, judged.stops) == (Status.REJECTED, cause, False)
    assert words in judged.detail
    assert "not created again" not in rejected(create(), Rejected(status, "no")).detail


SHOWN = {
    "what was sent": (live(name="B"), Shown.SENT),
    "trimmed": (live(name=" B "), Shown.SENT),
    "with a default": (live(name="B", steps=[{**STEP, "extra": 1}]), Shown.SENT),
    "as before": (live(), Shown.BEFORE),
    "another name": (live(name="C"), Shown.OTHER),
    "another text": (live(name="B", steps=[]), Shown.OTHER),
    "everyone": (live(name="B", filter=None), Shown.OTHER),
    "gone": (Gone(), Shown.NOTHING),
    "unreadable": (Unreadable("502"), Shown.NOTHING),
}


@pytest.mark.parametrize(("found", "expected"), SHOWN.values(), ids=SHOWN)
def test_what_a_look_after_a_silence_shows(found: Any, expected: Shown) -> None:
    assert shown(SENT, payload(), found) is expected


def test_what_stood_there_before_is_no_default_that_the_server_filled_in() -> None:
    before = live(steps=[{**STEP, "extra": 1}])
    assert shown(payload(), before.payload, before) is Shown.BEFORE
    assert shown(payload(name="A "), payload(), live()) is Shown.SENT  # a matter of form, and nothing to send again


def test_only_the_sequence_that_was_created_is_ours() -> None:
    assert is_another(payload(), live("b"))
    assert is_another(payload(), live(custom_id=None))
    assert not any(is_another(payload(), found) for found in (live(), Gone(), Unreadable("502")))


@pytest.mark.parametrize(("id_", "usable"), [("a" * 128, True), ("0-9_A", True), ("", False), ("a" * 129, False)])
def test_an_id_that_can_lead_to_a_sequence_is_id(id_: str, usable: bool) -> None:
    assert is_id(id_) is usable
    for odd in ("/", "?", ".", "\n", "é", " "):
        assert not is_id(id_ + odd)


@pytest.mark.parametrize(
    ("found", "cause"),
    [(Unreadable("502"), ExitCode.UNAVAILABLE), (live(), ExitCode.REFUSED)],
    ids=["unreadable", "there"],
)
def test_a_create_is_held_back(found: Any, cause: ExitCode) -> None:
    refused = before_create(create(), found)
    assert refused is not None
    assert (refused.status, refused.cause) == (Status.NOT_SENT, cause)


# --- after ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "status", "stored", "harmless"),
    [
        pytest.param(live(name="B"), Status.APPLIED, None, False, id="equal"),
        pytest.param(live(name="B!"), Status.DIFFERENT, payload(name="B!"), True, id="copy stored otherwise"),
        pytest.param(live(name="B", filter=None), Status.DIFFERENT, None, False, id="everyone"),
        pytest.param(live(), Status.UNVERIFIED, None, False, id="still the old one"),
        pytest.param(Gone(), Status.UNVERIFIED, None, False, id="not there"),
        pytest.param(Unreadable("502"), Status.UNVERIFIED, None, False, id="unreadable"),
    ],
)
def test_reading_back_is_the_proof(found: Any, status: Status, stored: Any, harmless: bool) -> None:
    judged = after_write(update(), SENT, uuid("a"), found, moment="T")
    assert (judged.status, judged.harmless, judged.id) == (status, harmless, uuid("a"))
    assert judged.record is not None
    assert (judged.record.applied, judged.record.stored) == (SENT, stored)
    assert judged.record.unverified == ("T" if status is Status.UNVERIFIED else None)
    assert judged.org_id == (ORG if isinstance(found, Live) else None)


def test_an_audience_that_the_server_stored_otherwise_stays_drift() -> None:
    found = live(name="B", filter=None)
    judged = after_write(update(), SENT, uuid("a"), found, moment="T")
    assert isinstance(judged.record, Record)
    again = build_plan(snapshot(desired(name="B"), records={"a": judged.record}, readings={"a": found}))
    assert [change.is_drifted for change in again.changes] == [True]


def test_the_plan_after_an_apply_is_empty_whatever_form_the_server_stored_it_in() -> None:
    for found in (live(name="B"), live(name="b "), live(name="B", steps=[{**STEP, "extra": 1}])):
        judged = after_write(update(), SENT, uuid("a"), found, moment="T")
        assert isinstance(judged.record, Record)
        again = build_plan(snapshot(desired(name="B"), records={"a": judged.record}, readings={"a": found}))
        assert (again.changes, again.kept) == ((), 1)


def test_only_what_still_looks_like_before_is_stale() -> None:
    assert is_stale(update(), SENT, Gone())
    assert is_stale(update(), SENT, live())
    assert not is_stale(update(), SENT, live(name="B"))
    assert not is_stale(update(), SENT, live(name="C"))
    assert not is_stale(update(), SENT, Unreadable("502"))
    assert not is_stale(create(), SENT, live())
    assert not is_stale(update(), payload(name="A "), live())  # a server that trims shows no more than that


# --- answers ----------------------------------------------------------------------------------------------------------

ANSWER = {**body(), "id": uuid("a"), "org_id": ORG, "status": "active", "started_at": None, "extra": 1}


def json_reply(status: int, content: Any = MappingProxyType({})) -> Reply:
    return Reply(status=status, body=content, is_json=True)


def empty(status: int) -> Reply:
    return Reply(status=status, body=None, is_json=False, is_empty=True)


def page(status: int) -> Reply:
    return Reply(status=status, body=None, is_json=False, trouble="text/html")


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (json_reply(200, ANSWER), Live),
        (json_reply(404, {"message": "no"}), Gone),
        (json_reply(404), Gone),
        (empty(404), Unreadable),
        (empty(200), Unreadable),
        (page(404), Unreadable),
        (page(200), Unreadable),
        (page(403), Unreadable),
        (json_reply(500, {"statusCode": 404}), Unreadable),
        (json_reply(401), Unreadable),
        (json_reply(429), Unreadable),
        (json_reply(204), Unreadable),
        (json_reply(200, None), Unreadable),
        (json_reply(200, []), Unreadable),
        (json_reply(200, {}), Unreadable),
        (json_reply(200, {**ANSWER, "id": None}), Unreadable),
        (json_reply(200, {**ANSWER, "steps": None}), Unreadable),
        (json_reply(200, {**ANSWER, "id": "another"}), Unreadable),
        (json_reply(200, {**ANSWER, "custom_id": "A"}), Unreadable),
    ],
    ids=lambda each: f"{each.status} {each.body}"[:40] if isinstance(each, Reply) else each.__name__,
)
def test_only_the_apis_own_404_is_gone_and_only_a_whole_sequence_is_live(reply: Reply, kind: type) -> None:
    assert isinstance(reading(reply, sequence_id=uuid("a"), custom_id="a"), kind)


@pytest.mark.parametrize(
    ("reply", "update_means", "create_means"),
    [
        (json_reply(200), Accepted(), Unanswered),
        (json_reply(201, {"id": "new"}), Accepted(), Accepted("new")),
        (json_reply(201, {"id": 5}), Accepted(), Unanswered),
        (page(200), Unanswered, Unanswered),
        (json_reply(302), Unanswered, Unanswered),
        (json_reply(400), Rejected, Rejected),
        (page(400), Unanswered, Unanswered),
        (json_reply(401), NotSent, NotSent),
        (json_reply(403), NotSent, NotSent),
        (page(403), Unanswered, Unanswered),
        (json_reply(404), Rejected, Rejected),
        (json_reply(408), Unanswered, Unanswered),
        (json_reply(409), Rejected, Rejected),
        (page(429), NotSent, NotSent),
        (json_reply(500), Unanswered, Unanswered),
        (page(502), Unanswered, Unanswered),
    ],
    ids=lambda each: f"{each.status} {'json' if each.is_json else 'page'}" if isinstance(each, Reply) else "",
)
def test_an_answer_to_a_write_proves_no_more_than_it_says(reply: Reply, update_means: Any, create_means: Any) -> None:
    for creates, means in ((False, update_means), (True, create_means)):
        answer = answer_to_write(reply, creates=creates)
        assert isinstance(answer, means) if isinstance(means, type) else answer == means


def test_a_refused_key_is_told_from_a_proxys_page_and_from_a_limit() -> None:
    asked = {401: json_reply(401), 403: json_reply(403), "page": page(403), "empty": empty(403), 404: json_reply(404)}
    assert [name for name, reply in asked.items() if refuses_key(reply)] == [401, 403]
    refused, limited = (answer_to_write(json_reply(status), creates=True) for status in (403, 429))
    assert isinstance(refused, NotSent)
    assert isinstance(limited, NotSent)
    assert (refused.cause, limited.cause) == (ExitCode.REFUSED_CONFIGURATION, ExitCode.UNAVAILABLE)


def test_what_an_error_says_is_kept_short() -> None:
    assert said(json_reply(400, {"message": "no such thing"})) == ": no such thing"
    assert said(json_reply(400, {"message": ["no", "text"]})) == said(json_reply(400)) == ""
    assert len(said(json_reply(400, {"message": "x" * 1000}))) == len(": …") + 200


def test_what_only_the_server_writes_is_set_aside() -> None:
    answer = {**ANSWER, "canceled_at": "T", "steps": [{**STEP, "started_at": "T", "ended_at": None}, "odd"]}
    found = to_live(answer)
    assert found is not None
    assert found.payload == payload(steps=[STEP, "odd"])
    assert (found.id, found.org_id, found.status) == (uuid("a"), ORG, "active")
    assert found.facts == {
        "status": "active",
        "started_at": None,
        "canceled_at": "T",
    }
    assert found.times == (StepTimes(started_at="T"), StepTimes())


def test_a_managed_field_that_the_answer_lacks_is_absent_and_one_that_is_null_is_null() -> None:
    without = {key: value for key, value in ANSWER.items() if key != "filter"}
    bare, nulled = to_live(without), to_live({**ANSWER, "filter": None})
    assert bare is not None
    assert nulled is not None
    assert "filter" not in bare.payload.value
    assert nulled.payload.value["filter"] is None
