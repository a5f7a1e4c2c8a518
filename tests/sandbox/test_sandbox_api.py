"""Routes, keys, scopes and refusals, seen from outside."""

import json
import uuid
from typing import Any

import httpx
import pytest

from reconciler.sandbox.keys import DEFAULT_ORG, READ_KEY, Scope
from tests.sandbox.sandbox_bodies import SMS, body, step

NOWHERE = "/sequences/11111111-1111-4111-8111-111111111111"
OTHER_ORG = "5a4d8b0c-0000-4000-8000-000000000002"


def refused(response: httpx.Response, status: int, *, code: int | None = None) -> str:
    """Assert that the answer is an ErrorDto of this status, and return its message."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith("application/json")
    dto = response.json()
    assert set(dto) == {"statusCode", "message", "error"}
    assert dto["statusCode"] == (code or status)
    return str(dto["message"])


def test_a_created_sequence_answers_its_id_and_nothing_else(api):
    response = api.request("POST", "/sequences", json=body())
    assert response.status_code == 201
    assert list(response.json()) == ["id"]
    assert str(uuid.UUID(response.json()["id"])) == response.json()["id"]


def test_get_answers_every_documented_field(api):
    sequence_id = api.create(body())
    assert api.get(sequence_id) == {
        **body(),
        "id": sequence_id,
        "org_id": DEFAULT_ORG,
        "steps": [{**step(delay=0), "started_at": "2026-01-01T00:00:00.000Z"}],
        "started_at": "2026-01-01T00:00:00.000Z",
        "canceled_at": None,
        "ended_at": None,
        "status": "active",
    }


def test_post_fills_in_the_defaults_of_the_contract(api):
    sequence_id = api.create(body(name=..., custom_id=..., is_continuous=..., filter=None))
    answer = api.get(sequence_id)
    assert (answer["name"], answer["custom_id"], answer["is_continuous"]) == ("New Sequence", None, True)
    assert answer["filter"] is None


def test_a_patch_changes_what_it_states_and_keeps_the_id(api):
    sequence_id = api.create(body())
    response = api.request("PATCH", f"/sequences/{sequence_id}", json=body(name="Hello", custom_id="hello"))
    assert (response.status_code, response.json()) == (200, {})
    answer = api.get(sequence_id)
    assert (answer["id"], answer["name"], answer["custom_id"]) == (sequence_id, "Hello", "hello")


def test_an_uppercase_uuid_names_the_same_sequence(api):
    sequence_id = api.create(body())
    assert api.get(sequence_id.upper())["id"] == sequence_id


def test_a_custom_id_is_looked_up_percent_encoded(api):
    sequence_id = api.create(body(custom_id="a/b ü%?"))
    assert api.get("a%2Fb%20%C3%BC%25%3F")["id"] == sequence_id


def test_writes_take_only_the_id_of_the_server(api):
    api.create(body(is_continuous=False))
    refused(api.request("PATCH", "/sequences/welcome", json=body()), 404)
    refused(api.request("PUT", "/sequences/welcome/start"), 404)
    refused(api.request("PUT", "/sequences/welcome/cancel"), 404)
    assert [entry.mutation for entry in api.simulator.ledger()] == ["create", None, None, None]


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic sandbox-key", "sandbox-key", "Bearer sandbox-key-"],
)
@pytest.mark.parametrize(("method", "path"), [("GET", NOWHERE), ("POST", "/sequences"), ("GET", "/nothing")])
def test_no_key_or_a_wrong_one_is_401(api, authorization, method, path):
    headers = {} if authorization is None else {"Authorization": authorization}
    refused(api.raw(method, path, **headers), 401)


def test_the_scheme_is_read_without_regard_to_case(api):
    refused(api.raw("GET", NOWHERE, Authorization="bearer sandbox-key"), 404)


def test_a_read_only_key_reads_and_cannot_write(api):
    sequence_id = api.create(body(is_continuous=False))
    assert api.request("GET", f"/sequences/{sequence_id}", key=READ_KEY).status_code == 200
    before = api.simulator.sequences()
    for method, path in [
        ("POST", "/sequences"),
        ("PATCH", f"/sequences/{sequence_id}"),
        ("PUT", f"/sequences/{sequence_id}/start"),
        ("PUT", f"/sequences/{sequence_id}/cancel"),
    ]:
        message = refused(api.request(method, path, key=READ_KEY, json=body(name="changed")), 403)
        assert "sequences:write" in message
    assert api.simulator.sequences() == before


def test_a_key_that_may_only_write_cannot_read(api):
    api.simulator.add_key("writer", DEFAULT_ORG, {Scope.WRITE})
    sequence_id = api.request("POST", "/sequences", key="writer", json=body()).json()["id"]
    assert "sequences:read" in refused(api.request("GET", f"/sequences/{sequence_id}", key="writer"), 403)


def test_another_organisation_sees_none_of_it(api):
    api.simulator.add_key("other", OTHER_ORG, {Scope.READ, Scope.WRITE})
    sequence_id = api.create(body(is_continuous=False))
    refused(api.request("GET", f"/sequences/{sequence_id}", key="other"), 404)
    refused(api.request("GET", "/sequences/welcome", key="other"), 404)
    refused(api.request("PATCH", f"/sequences/{sequence_id}", key="other", json=body()), 404)
    refused(api.request("PUT", f"/sequences/{sequence_id}/start", key="other"), 404)
    refused(api.request("PUT", f"/sequences/{sequence_id}/cancel", key="other"), 404)
    theirs = api.request("POST", "/sequences", key="other", json=body()).json()["id"]
    assert api.request("GET", "/sequences/welcome", key="other").json()["org_id"] == OTHER_ORG
    assert [sequence["id"] for sequence in api.simulator.sequences()] == [sequence_id]
    assert [sequence["id"] for sequence in api.simulator.sequences(OTHER_ORG)] == [theirs]


def test_a_key_is_added_once_and_only_with_scopes_that_exist(simulator):
    assert simulator.add_key("secret", OTHER_ORG, ["sequences:read"]) == "key-3"
    with pytest.raises(ValueError, match="already has"):
        simulator.add_key("secret", DEFAULT_ORG, [], name="again")
    with pytest.raises(ValueError, match="sequences:read and sequences:write"):
        simulator.add_key("more", OTHER_ORG, ["sequences:delete"])


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/sequences", "POST"),
        ("PUT", "/sequences", "POST"),
        ("DELETE", NOWHERE, "GET, PATCH"),
        ("POST", NOWHERE, "GET, PATCH"),
        ("PUT", NOWHERE, "GET, PATCH"),
        ("POST", NOWHERE + "/start", "PUT"),
        ("GET", NOWHERE + "/cancel", "PUT"),
    ],
)
def test_another_method_is_405_and_says_which_are_allowed(api, method, path, allowed):
    response = api.request(method, path)
    refused(response, 405)
    assert response.headers["allow"] == allowed


@pytest.mark.parametrize(
    "path", ["/", "/nothing", "/sequences/", "/sequences//start", "/v1/sequences", NOWHERE + "/contacts", NOWHERE + "/"]
)
def test_a_path_that_the_api_lacks_is_404(api, path):
    assert refused(api.request("GET", path), 404) == "there is no such path"


def test_a_sequence_that_is_not_there_is_404_for_every_verb(api):
    for method, path in [("GET", ""), ("PATCH", ""), ("PUT", "/start"), ("PUT", "/cancel")]:
        refused(api.request(method, NOWHERE + path, json=body()), 404)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"not json",
        json.dumps(body(steps=[step(SMS, float("nan"))])).encode(),
        json.dumps(body(steps=[step(SMS, float("inf"))])).encode(),
        b'{"name": "\xff"}',
        b'{"name": "\\ud800"}',
        b"[" * 100_000,
        b'{"steps": ' + b"9" * 5000 + b"}",
        '{"name": "x"}'.encode("utf-16"),
    ],
)
def test_a_body_that_is_not_json_is_400_and_changes_nothing(api, content):
    sequence_id = api.create(body())
    before = api.get(sequence_id)
    refused(api.request("PATCH", f"/sequences/{sequence_id}", content=content), 400)
    refused(api.request("POST", "/sequences", content=content), 400)
    assert api.simulator.sequences() == [before]


def test_whatever_the_body_of_start_and_cancel_is_it_is_not_read(api):
    sequence_id = api.create(body(is_continuous=False, steps=[step(delay=60)]))
    assert api.request("PUT", f"/sequences/{sequence_id}/start", content=b"{").status_code == 200
    assert api.request("PUT", f"/sequences/{sequence_id}/cancel", content=b"{").status_code == 200


@pytest.mark.parametrize(
    ("changes", "before"),
    [
        ({"is_continuous": True}, []),
        ({"is_continuous": False}, ["cancel"]),
        ({"is_continuous": False}, ["start"]),
    ],
    ids=["continuous", "canceled", "started"],
)
def test_what_cannot_be_started_is_409(api, changes: dict[str, Any], before: list[str]):
    sequence_id = api.create(body(**changes, steps=[step(delay=60)]))
    for verb in before:
        assert api.request("PUT", f"/sequences/{sequence_id}/{verb}").status_code == 200
    answer = api.get(sequence_id)
    refused(api.request("PUT", f"/sequences/{sequence_id}/start"), 409)
    assert api.get(sequence_id) == answer
