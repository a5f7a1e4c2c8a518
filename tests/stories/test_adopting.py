"""Adopting: a sequence exists that nobody recorded, and a manifest asks for it."""

import json

import pytest

from reconciler.sandbox.api import Request
from reconciler.sandbox.keys import DEFAULT_ORG, FULL_KEY
from tests.scenarios.workbench import Door, Repository, manifest, writes
from tests.stories.story import SERVERS, actions, is_quiet, refusals, sent


def by_hand(repository: Repository, custom_id: str, **changes: object) -> str:
    """Somebody makes a sequence in the dashboard, without the tool."""
    body = json.dumps(manifest(custom_id, **changes)).encode()
    request = Request(method="POST", path="/sequences", authorization=f"Bearer {FULL_KEY}", body=body)
    id_ = str(json.loads(repository.simulator.answer(request).body)["id"])
    repository.simulator.answer(Request(method="GET", path=f"/sequences/{id_}", authorization=f"Bearer {FULL_KEY}"))
    return id_


@pytest.mark.parametrize("server", SERVERS)
def test_what_exists_is_taken_over_only_if_that_is_said_and_every_field_is_shown(
    embedded: Repository, server: str
) -> None:
    embedded.simulator.reset(SERVERS[server])
    id_ = by_hand(embedded, "welcome", name="Made by hand")
    embedded.write("welcome")
    # It is shown as what it is, with each field that it would take over, and is refused.
    plan = embedded.plan()
    assert actions(plan) == {"welcome": "adopt"}
    (field,) = plan["changes"][0]["fields"]
    assert (field["path"], field["origin"], field["live"], field["desired"]) == (
        *("/name", "takeover", "Made by hand", "Welcome"),
    )
    assert list(refusals(plan)) == ["adoption"]
    with embedded.watched() as seen:
        assert embedded.apply().code == 7
    assert writes(seen) == []
    # Whoever says so adopts it: one PATCH to the sequence that was there, and no second one.
    assert sent(embedded, "--adopt") == [("PATCH", id_)]
    assert [each["id"] for each in embedded.simulator.sequences()] == [id_]
    assert embedded.state["records"]["welcome"]["id"] == id_
    assert is_quiet(embedded)


def test_an_environment_that_adopts_nothing_refuses_whatever_is_said(embedded: Repository) -> None:
    embedded.configure('[environments.sandbox]\napi = "sandbox"\nguards = { adoption = "refuse" }\n')
    by_hand(embedded, "welcome", name="Made by hand")
    embedded.write("welcome")
    with embedded.watched() as seen:
        assert embedded.apply("--adopt").code == 7
    assert writes(seen) == []


def test_a_foreign_custom_id_in_the_answer_to_a_look_up_is_refused(behind: Repository, door: Door) -> None:
    foreign = {**manifest("other"), "id": "11111111-2222-4333-8444-555555555555", "org_id": DEFAULT_ORG}
    foreign |= {"status": "active", "started_at": None, "canceled_at": None, "ended_at": None}
    door.before = lambda method, _path, _nth: (
        (200, "application/json", json.dumps(foreign).encode()) if method == "GET" else None
    )
    behind.write("welcome")
    plan = behind.plan("--adopt")
    assert (actions(plan), list(refusals(plan))) == ({}, ["unreadable"])
    assert "another" in refusals(plan)["unreadable"]
    with behind.watched() as seen:
        assert behind.apply("--adopt").code == 10
    assert writes(seen) == []
