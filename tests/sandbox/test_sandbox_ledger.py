"""The ledger, and what a person does by hand."""

import json

import pytest

from reconciler.sandbox.keys import FULL_KEY, READ_KEY
from reconciler.sandbox.ledger import Entry
from reconciler.sandbox.switches import Lists, Switches
from tests.sandbox.sandbox_bodies import SMS, body, every, step


def test_the_ledger_tells_the_whole_story_in_order(api, clock):
    one_off = json.dumps(body(is_continuous=False, steps=[step(SMS, 60)])).encode()
    sequence_id = api.request("POST", "/sequences", content=one_off).json()["id"]
    stated = b'{"name":  "x", "custom_id": "renamed", "is_continuous":false}'
    clock.move(seconds=1.5)
    api.request("GET", "/sequences/welcome", key=READ_KEY)
    api.request("PATCH", f"/sequences/{sequence_id}", content=stated)
    api.request("PUT", f"/sequences/{sequence_id}/start")
    api.request("PUT", f"/sequences/{sequence_id}/cancel")
    api.request("PUT", f"/sequences/{sequence_id}/cancel")
    start = 1_767_225_600.0
    common = {
        "actor": "api",
        "status": 200,
        "sequence_id": sequence_id,
        "key_name": "full",
        "time": start + 1.5,
        "body": None,
    }
    path = f"/sequences/{sequence_id}"
    renamed = {**common, "custom_id": "renamed"}
    assert api.simulator.ledger() == [
        Entry(
            number=1,
            method="POST",
            path="/sequences",
            mutation="create",
            **{**common, "time": start, "status": 201, "body": one_off, "custom_id": "welcome"},
        ),
        Entry(
            number=2,
            method="GET",
            path="/sequences/welcome",
            mutation=None,
            **{**common, "key_name": "read-only", "custom_id": "welcome"},
        ),
        Entry(
            number=3,
            method="PATCH",
            path=path,
            mutation="update",
            **{**renamed, "body": stated},
        ),
        Entry(number=4, method="PUT", path=path + "/start", mutation="start", **renamed),
        Entry(number=5, method="PUT", path=path + "/cancel", mutation="cancel", **renamed),
        Entry(number=6, method="PUT", path=path + "/cancel", mutation=None, **renamed),
    ]
    assert [entry.number for entry in api.simulator.ledger(after=4)] == [5, 6]


def test_refused_requests_are_in_the_ledger_too_and_mutate_nothing(api):
    sequence_id = api.create(body())
    junk = b"\x00\xff not json"
    api.request("PATCH", f"/sequences/{sequence_id}", content=junk)
    api.request("PATCH", f"/sequences/{sequence_id}", content=b'{"name": 5}', key=READ_KEY)
    api.request("GET", "/sequences/a%2Fb", key="wrong")
    api.request("BREW", "/coffee?now=1", content=b"beans")
    api.request("PUT", f"/sequences/{sequence_id}/start")
    api.throw("limit=1")
    api.request("GET", "/sequences/nope")
    assert [
        (entry.status, entry.method, entry.path, entry.key_name, entry.body, entry.sequence_id, entry.mutation)
        for entry in api.simulator.ledger(after=1)
    ] == [
        (400, "PATCH", f"/sequences/{sequence_id}", "full", junk, sequence_id, None),
        (403, "PATCH", f"/sequences/{sequence_id}", "read-only", b'{"name": 5}', None, None),
        (401, "GET", "/sequences/a%2Fb", None, None, None, None),
        (404, "BREW", "/coffee", "full", b"beans", None, None),
        (409, "PUT", f"/sequences/{sequence_id}/start", "full", None, sequence_id, None),
        (429, "GET", "/sequences/nope", "full", None, None, None),
    ]


def test_no_key_is_written_anywhere(api, tmp_path):
    api.simulator.add_key("a-very-secret-key", "org", ["sequences:read"])
    for key in ("a-very-secret-key", FULL_KEY, READ_KEY, "a-key-that-is-not-known"):
        api.request("GET", "/sequences/welcome", key=key)
    files = list((tmp_path / "deep").iterdir())
    written = b"".join(file.read_bytes() for file in files)
    assert b"welcome" in written
    for secret in (b"a-very-secret-key", b"sandbox-key", b"sandbox-read-key", b"a-key-that-is-not-known"):
        assert secret not in written


def test_reset_is_a_new_sandbox(api):
    api.create(body())
    api.simulator.add_key("extra", "org", ["sequences:read"])
    api.throw("lists=reordered")
    api.simulator.reset()
    assert (api.simulator.sequences(), api.simulator.ledger()) == ([], [])
    assert api.simulator.switches == Switches(lists=Lists.REORDERED)
    assert api.request("GET", "/sequences/welcome", key="extra").status_code == 401
    assert api.request("GET", "/sequences/welcome").status_code == 404
    assert [entry.number for entry in api.simulator.ledger()] == [1, 2]
    api.simulator.reset(Switches())
    assert api.simulator.switches == Switches()


def test_a_person_finds_a_sequence_by_either_name(api):
    sequence_id = api.create(body())
    assert api.simulator.find("welcome") == api.simulator.find(sequence_id) == api.get(sequence_id)
    assert api.simulator.find("nope") is None
    assert api.simulator.find("welcome", org_id="other") is None


def test_a_person_edits_fields_and_the_ledger_says_so(api):
    sequence_id = api.create(body(steps=[step(SMS, 60), step(SMS, 60)]))
    changes = {
        "/name": "Edited",
        "/filter": None,
        "/steps/1/action/data/message": "bye",
        "/steps/0/delay_in_minutes": 90,
        "/steps/-": step(SMS, 61),
    }
    answer = api.simulator.edit("welcome", changes)
    farewell = {"type": "send_sms_messages", "data": {"message": "bye"}}
    whole = body(name="Edited", filter=None, steps=[step(SMS, 90), step(farewell, 60), step(SMS, 61)])
    assert answer == api.get(sequence_id) == {**answer, **whole}
    entry = api.simulator.ledger()[1]
    assert (entry.actor, entry.key_name, entry.mutation, entry.status) == ("person", None, "update", 200)
    assert (entry.method, entry.path, entry.custom_id) == ("PATCH", f"/sequences/{sequence_id}", "welcome")
    assert json.loads(entry.body or b"") == whole


def test_an_edit_states_everything_so_nothing_else_moves(api):
    api.create(body(custom_id=..., name="nameless", is_continuous=False, filter=every()))
    sequence_id = api.simulator.sequences()[0]["id"]
    for omitted in ("kept", "defaulted", "nulled"):
        api.throw(f"omitted={omitted}")
        before = api.get(sequence_id)
        assert api.simulator.edit(sequence_id, {"/name": omitted}) == {**before, "name": omitted}


EDITS = {
    "/name": (5, "must be a string"),
    "/custom_id": (None, "must be a string"),
    "/steps": ([], "at least 1"),
    "/steps/0/delay_minutes": (5, "not a key that the contract names"),
    "/steps/0/action/type": ("fax", "not one that the contract names"),
    "/steps/1": ({}, "leads nowhere"),
    "/steps/x/action": ({}, "leads nowhere"),
    "/filters/or": ([], "no place in a sequence"),
    "/status": ("canceled", "no place in a sequence"),
    "": ({}, "no place in a sequence"),
    "name": ("x", "no place in a sequence"),
    "/name/first": ("x", "leads nowhere"),
    "/filter/and/or": ([], "leads nowhere"),
}


@pytest.mark.parametrize(("pointer", "value", "message"), [(key, *rest) for key, rest in EDITS.items()], ids=EDITS)
def test_an_edit_that_the_api_would_refuse_changes_nothing(api, pointer, value, message):
    sequence_id = api.create(body())
    before, ledger = api.simulator.find(sequence_id), api.simulator.ledger()
    with pytest.raises(ValueError, match=message):
        api.simulator.edit("welcome", {"/name": "changed", pointer: value})
    assert (api.simulator.find(sequence_id), api.simulator.ledger()) == (before, ledger)


def test_an_edit_keeps_what_the_switch_kept(api):
    api.throw("unknown_keys=kept")
    api.create(body(steps=[{**step(SMS, 60), "note": "x"}]))
    assert api.simulator.edit("welcome", {"/name": "changed", "/steps/0/note": "y"})["steps"][0]["note"] == "y"


def test_keys_with_slashes_and_tildes_are_reached_by_their_escapes(api):
    rule = {"type": "contacts_attributes_in", "attributes": [{"a/b~c": "x"}]}
    api.create(body(filter=every(rule)))
    edited = api.simulator.edit("welcome", {"/filter/or/0/and/0/attributes/0/a~1b~0c": "y"})
    assert edited["filter"]["or"][0]["and"][0]["attributes"] == [{"a/b~c": "y"}]


def test_what_a_person_deletes_is_gone_for_every_read(api):
    api.throw("lag=3")
    sequence_id = api.create(body())
    api.simulator.delete("welcome")
    for reference in (sequence_id, "welcome"):
        assert api.request("GET", f"/sequences/{reference}").status_code == 404
    assert api.request("PATCH", f"/sequences/{sequence_id}", json=body()).status_code == 404
    entry = api.simulator.ledger()[1]
    assert (entry.actor, entry.method, entry.mutation, entry.sequence_id) == ("person", "DELETE", "delete", sequence_id)


def test_a_person_starts_and_cancels(api):
    sequence_id = api.create(body(is_continuous=False, steps=[step(SMS, 60)]))
    assert api.simulator.start("welcome")["status"] == "active"
    with pytest.raises(ValueError, match="only a pending one"):
        api.simulator.start("welcome")
    assert api.simulator.cancel("welcome")["status"] == api.simulator.cancel(sequence_id)["status"] == "canceled"
    assert [(entry.actor, entry.path, entry.mutation) for entry in api.simulator.ledger()[1:]] == [
        ("person", f"/sequences/{sequence_id}/start", "start"),
        ("person", f"/sequences/{sequence_id}/cancel", "cancel"),
        ("person", f"/sequences/{sequence_id}/cancel", None),
    ]


def test_a_person_is_told_which_sequence_is_not_there(simulator):
    for act in (
        simulator.start,
        simulator.cancel,
        simulator.delete,
        lambda sequence_id: simulator.edit(sequence_id, {}),
    ):
        with pytest.raises(LookupError, match="no sequence `nope`"):
            act("nope")
    assert simulator.ledger() == []
