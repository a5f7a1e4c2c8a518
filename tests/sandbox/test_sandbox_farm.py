"""A farm: each key is answered by its own simulator, with its own sequences, limit and switches; no other by any."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from reconciler.sandbox.farm import Farm
from reconciler.sandbox.keys import FULL_KEY
from reconciler.sandbox.switches import Switches
from tests.scenarios.workbench import SCHEMA, manifest

BODY = json.dumps(manifest("welcome")).encode()


def ask(farm: Farm, key: str | None, method: str = "GET", path: str = "/sequences/welcome", body: bytes = b"") -> Any:
    """The status and the JSON body that a request is answered with."""
    headers = [] if key is None else [(b"authorization", f"Bearer {key}".encode())]
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(farm(scope, receive, send))  # type: ignore[arg-type]
    text = b"".join(each.get("body", b"") for each in sent)
    return sent[0]["status"], json.loads(text) if text else None


@pytest.fixture
def farm() -> Iterator[Farm]:
    made = Farm(SCHEMA)
    for name in ("acme", "globex"):
        made.add(name, f"key-of-{name}")
    yield made
    for each in made.simulators.values():
        each.close()


def test_organisations_do_not_see_each_other(farm: Farm) -> None:
    assert ask(farm, "key-of-acme", "POST", "/sequences", BODY)[0] in (200, 201)
    status, found = ask(farm, "key-of-acme")
    assert (status, found["custom_id"], found["org_id"]) == (200, "welcome", Farm.org_id("acme"))
    assert ask(farm, "key-of-globex")[0] == 404
    assert [len(farm.simulators[name].ledger()) for name in ("acme", "globex")] == [2, 1]


@pytest.mark.parametrize("key", [None, "", "key-of-nobody", FULL_KEY])
def test_any_other_key_is_let_in_nowhere(farm: Farm, key: str | None) -> None:
    assert ask(farm, key)[0] == 401
    assert all(each.ledger() == [] for each in farm.simulators.values())


def test_each_has_its_own_limit_and_switches(farm: Farm) -> None:
    farm.simulators["acme"].switches = Switches.parse(["limit=1"])
    assert [ask(farm, "key-of-acme")[0] for _ in range(2)] == [404, 429]
    assert [ask(farm, "key-of-globex")[0] for _ in range(2)] == [404, 404]


def test_a_name_or_a_key_is_let_in_once(farm: Farm) -> None:
    for name, key in (("acme", "another"), ("another", "key-of-acme")):
        with pytest.raises(ValueError, match="already has"):
            farm.add(name, key)
