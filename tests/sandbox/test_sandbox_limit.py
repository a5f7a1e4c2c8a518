"""The sliding limit, on a clock that the test moves."""

import pytest

from reconciler.sandbox.api import Request
from reconciler.sandbox.keys import FULL_KEY, READ_KEY
from reconciler.sandbox.simulator import Simulator
from tests.sandbox.sandbox_bodies import SCHEMA, body


def ask(simulator: Simulator, key: str = FULL_KEY, **options) -> tuple[int, str | None]:
    answer = simulator.answer(Request(method="GET", path="/sequences/nope", authorization=f"Bearer {key}"), **options)
    return answer.status, dict(answer.headers).get("Retry-After")


def test_there_is_no_limit_unless_one_is_asked_for(simulator):
    assert {ask(simulator) for _ in range(300)} == {(404, None)}


def test_one_more_than_the_limit_is_429_with_the_seconds_to_wait(api, clock):
    api.throw("limit=3")
    api.create(body())
    clock.move(seconds=20)
    api.get("welcome")
    api.get("welcome")
    response = api.request("POST", "/sequences", json=body())
    assert (response.status_code, response.headers["retry-after"]) == (429, "40")
    assert response.json() == {
        "statusCode": 429,
        "message": "more than 3 requests in a minute",
        "error": "Too Many Requests",
    }
    assert len(api.simulator.sequences()) == 1


def test_the_window_slides_with_each_request(simulator, clock):
    def burst(count: int) -> list[int]:
        return [ask(simulator, limit=3)[0] for _ in range(count)]

    assert burst(1) == [404]
    clock.move(seconds=30)
    assert burst(3) == [404, 404, 429]
    clock.move(seconds=29.5)
    assert ask(simulator, limit=3) == (429, "1")
    clock.move(seconds=0.5)
    assert burst(2) == [404, 429]
    clock.move(seconds=30)
    assert burst(3) == [404, 404, 429]


def test_waiting_as_long_as_it_was_told_is_enough(simulator, clock):
    clock.move(seconds=0.25)
    for _ in range(20):
        status, wait = ask(simulator, limit=5)
        if status == 429:
            clock.move(seconds=int(wait or 0))
            status, wait = ask(simulator, limit=5)
        assert status == 404
        clock.move(seconds=0.3)
    times = [entry.time for entry in simulator.ledger() if entry.status != 429]
    assert len(times) == 20
    assert all(late - early >= 60 for early, late in zip(times, times[5:], strict=False))


def test_refused_requests_do_not_prolong_the_wait(simulator, clock):
    ask(simulator, limit=1)
    for _ in range(59):
        clock.move(seconds=1)
        assert ask(simulator, limit=1)[0] == 429
    clock.move(seconds=1)
    assert ask(simulator, limit=1)[0] == 404


def test_each_key_has_its_own_window(simulator):
    assert [ask(simulator, FULL_KEY, limit=1)[0], ask(simulator, READ_KEY, limit=1)[0]] == [404, 404]
    assert [ask(simulator, FULL_KEY, limit=1)[0], ask(simulator, READ_KEY, limit=1)[0]] == [429, 429]


def test_a_request_without_a_key_counts_for_nobody_and_is_401_all_the_time(simulator):
    assert [ask(simulator, "wrong", limit=1)[0] for _ in range(3)] == [401] * 3
    assert ask(simulator, limit=1)[0] == 404


def test_what_a_person_does_counts_for_nobody(api):
    api.create(body())
    api.throw("limit=2")
    for name in "abc":
        api.simulator.edit("welcome", {"/name": name})
    assert [api.request("GET", "/sequences/welcome").status_code for _ in range(2)] == [200, 429]


def test_the_limit_holds_over_several_servers_on_one_file(simulator, clock, tmp_path):
    with Simulator(tmp_path / "deep" / "sandbox.sqlite3", schema=SCHEMA, now=clock) as other:
        statuses = [ask(server, limit=4)[0] for server in (simulator, other) * 3]
    assert statuses == [404] * 4 + [429] * 2


@pytest.mark.parametrize(("switch", "override", "last"), [(2, None, 429), (2, 0, 404), (0, 2, 429)])
def test_the_application_may_override_the_switch(api, switch, override, last):
    api.throw(f"limit={switch}")
    assert [ask(api.simulator, limit=override)[0] for _ in range(3)][-1] == last
