"""A PATCH and everything that can become of it: rows N5 to N8, N16, N18 to N27 and N32 of the fault matrix."""

import json
import threading

import pytest

from tests.faults import fault_kinds as kinds
from tests.faults.fault_bench import EMAIL, KEY, PHONE, TIMEOUTS, Bench
from tests.faults.fault_kinds import applied, bystander, error, page, says
from tests.faults.fault_proxy import forwarded
from tests.scenarios.workbench import email

OTHER_ID = "99999999-2222-4333-8444-555555555555"

NO_ANSWER = {
    "reset while the body is on its way": kinds.reset_unread,
    "reset": kinds.reset,
    "closed, as an idle connection is": kinds.end,
    "no answer in time": kinds.hang,
}
NO_PROOF = {
    "500 of the API": error(500),
    "503 of the API": error(503),
    "408 of the API": error(408),
    "408 of somebody": page(408),
    **{f"{status} of somebody": page(status) for status in (502, 503, 520)},
    "404 of somebody": page(404),
    "an empty 400": says(400, b"", kind=None),
    "a sign-in page with 200": page(200),
}
# What a client must be able to take for an answer's body, whatever it makes of it.
MANGLED = {
    "no JSON": lambda body: b"OK" + body,
    "half of it": lambda body: body[: len(body) // 2],
    "another shape": lambda body: b"[" + body + b"]",
    "null": lambda body: b"null",
    "another id": lambda body: json.dumps({**json.loads(body), "id": OTHER_ID}).encode(),
    "an id that is none": lambda body: json.dumps({**json.loads(body), "id": "../../x"}).encode(),
    "the id twice": lambda body: b'{"id": "' + OTHER_ID.encode() + b'", ' + body.lstrip(b"{ ") + b"}" * (body == b"{}"),
    "NaN": lambda body: b'{"x": NaN, "y": ' + body + b"}",
    "an endless number": lambda body: b'{"x": ' + b"9" * 5000 + b"}",
    "deep": lambda body: b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "no UTF-8": lambda body: b'{"x": "\xff\xfe", "y": ' + body + b"}",
    "half a character": lambda body: b'{"x": "\\ud83d", "y": ' + body + b"}",
    "nothing": lambda body: b"",
}
BROKEN = {
    "cut off": kinds.cut,
    "chunks that are none": kinds.chunks_gone_wrong,
    "a page in its place": applied(page(200)),
    "a head byte by byte": kinds.dripped(),
    "a body byte by byte": kinds.dripped_body,
    "1xx for ever": kinds.flood,
    "zipped": kinds.zipped,
    "a bomb": kinds.bomb,
    "200 MB": kinds.huge(200),
    "called plain text": kinds.reworded(lambda body: body, kind="text/plain"),
    **{name: kinds.reworded(change) for name, change in MANGLED.items()},
}
ENDLESS = ("no answer in time", "a head byte by byte", "a body byte by byte", "1xx for ever", "200 MB")
HARMLESS = {
    "HTTP/1.0": kinds.old_protocol,
    "1xx before it": kinds.heralded(100),
    "called JSON of a kind": kinds.reworded(lambda body: body, kind="application/problem+json; charset=utf-8"),
}


@pytest.fixture
def one(bench: Bench) -> Bench:
    bench.recorded("welcome")
    return bench


def test_where_nothing_was_done_the_same_bytes_are_sent_once_more(bench):
    names = bench.each("PATCH", NO_ANSWER | NO_PROOF)
    ended = bench.apply()
    assert ended.by(names) == dict.fromkeys(names, "applied"), ended.said
    assert ended.code == 0
    for fault, name in names.items():
        assert (fault, ended.done(name)) == (fault, ["update"])
        first, second = bench.requests("PATCH", name)
        assert fault == "reset while the body is on its way" or first.body() == second.body()
        # Between the two it was looked at, and found unchanged.
        seen = bench.proxy.seen
        between = [each for each in seen[seen.index(first) + 1 : seen.index(second)] if each.path == first.path]
        assert {each.method for each in between} == {"GET"}, fault
    bench.settles()


def test_where_it_was_done_it_is_read_back_and_not_sent_again(bench):
    done = {name: applied(fault) for name, fault in (NO_ANSWER | NO_PROOF).items()}
    names = bench.each("PATCH", done | BROKEN | HARMLESS)
    ended = bench.apply()
    assert ended.by(names) == dict.fromkeys(names, "applied"), ended.said
    assert ended.code == 0
    for fault, name in names.items():
        assert (fault, ended.done(name), len(bench.requests("PATCH", name))) == (fault, ["update"], 1)
        (patch,) = bench.requests("PATCH", name)
        if fault in ENDLESS:
            assert patch.given_up(), fault  # the client had enough, long before it was over
        if fault in NO_ANSWER:
            assert "in place" in ended.detail(name)
    (huge,) = bench.requests("PATCH", names["200 MB"])
    assert huge.answered < 100 * 2**20
    bench.settles()


@pytest.mark.parametrize("name", ["reset", "no answer in time", "500 of the API", "a sign-in page with 200"])
def test_what_stays_unanswered_is_sent_twice_and_no_more(one, name):
    one.proxy.on("PATCH", (NO_ANSWER | NO_PROOF)[name], nth=None)
    ended = one.apply()
    assert (ended.code, ended.statuses, ended.done("welcome")) == (9, {"welcome": "unknown"}, []), ended
    assert len(one.proxy.requests("PATCH")) == 2
    assert one.state()["pending"]["welcome"]["id"] == one.state()["records"]["welcome"]["id"]
    one.settles()


def test_a_claim_that_is_not_read_back_is_unverified(one):
    one.configure(timeouts=TIMEOUTS.replace("run = 30", "run = 2"))
    one.proxy.on("PATCH", says(200, {}), nth=None)
    ended = one.apply()
    assert (ended.code, ended.statuses, ended.done("welcome")) == (8, {"welcome": "unverified"}, []), ended
    assert len(one.proxy.requests("PATCH")) == 1


def test_what_acts_late_but_in_time_is_not_sent_again(one):
    one.configure(timeouts="connect = 0.5, request = 1, settle = 1.5, run = 30")
    one.proxy.on("PATCH", kinds.late(0.05))
    ended = one.apply()
    assert (ended.code, ended.statuses, ended.done("welcome")) == (0, {"welcome": "applied"}, ["update"]), ended
    assert len(one.proxy.requests("PATCH")) == 1
    one.settles()


@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_what_acts_after_the_look_or_after_the_second_sending_does_no_harm(one, method):
    begins = threading.Event()
    one.proxy.on("PATCH", kinds.late(begins))
    one.proxy.on(method, lambda exchange: (forwarded(exchange), begins.set())[0], nth=None, after="PATCH")
    ended = one.apply()
    assert (ended.code, ended.statuses) == (0, {"welcome": "applied"}), ended
    assert len(one.proxy.requests("PATCH")) <= 2
    one.settles()


@pytest.mark.parametrize("fault", [kinds.reset, error(503)])
def test_somebody_elses_change_in_the_meantime_is_left_alone(one, fault):
    def edit() -> None:
        one.repository.simulator.edit("welcome", {"/name": "By hand", "/steps": [email("By hand")]})

    one.proxy.on("PATCH", fault)
    one.proxy.on("GET", kinds.before(forwarded, edit), after="PATCH")
    ended = one.apply()
    assert ended.code in (7, 8), ended
    assert len(one.proxy.requests("PATCH")) == 1
    assert one.repository.simulator.find("welcome")["name"] == "By hand"
    one.settles()  # a new plan shows it as a conflict, and says yes


REFUSED = {
    "400": (error(400), 8, {"rejected"}),
    "422": (error(422), 8, {"rejected"}),
    "404": (error(404), 7, {"rejected", "not_sent"}),
    "409": (error(409), 7, {"rejected", "not_sent"}),
    "412": (error(412), 7, {"rejected", "not_sent"}),
    "401": (error(401), 4, {"not_sent"}),
    "403": (error(403), 4, {"not_sent"}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_api_refuses_is_not_tried_again(one, name):
    fault, code, statuses = REFUSED[name]
    one.proxy.on("PATCH", fault, nth=None)
    ended = one.apply()
    assert (ended.code, ended.statuses["welcome"] in statuses, ended.done("welcome")) == (code, True, []), ended
    assert name in ended.said
    assert len(one.proxy.requests("PATCH")) == 1
    assert one.proxy.requests("POST") == []
    one.settles()


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_somebody_else_refuses_writes_nothing(one, status):
    """The tables do not say whose word a page is; that nothing was done, and that it is told, holds either way."""
    one.proxy.on("PATCH", page(status), nth=None)
    ended = one.apply()
    assert (ended.code in (4, 9), ended.done("welcome")) == (True, []), ended
    one.settles()


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (301, None, b""),
        (302, "text/html", b"<html>moved</html>"),
        (303, "application/json", b'{"message": "moved"}'),
        (307, "application/json", b"{}"),
        (308, None, b""),
    ],
)
def test_a_redirect_is_not_followed(one, status, kind, body):
    with bystander() as (elsewhere, visits):
        one.proxy.on("PATCH", says(status, body, kind=kind, location=f"{elsewhere}/?key={KEY}"), nth=None)
        ended = one.apply()
        assert (ended.code, ended.statuses, ended.done("welcome")) == (4, {"welcome": "rejected"}, []), ended
        assert "redirect" in ended.said
        assert len(one.proxy.requests("PATCH")) == 1
        one.settles()
        assert visits == []


def test_a_redirect_after_it_was_done_is_read_back_too(one):
    with bystander() as (elsewhere, visits):
        one.proxy.on("PATCH", applied(says(307, b"", kind=None, location=elsewhere)), nth=None)
        ended = one.apply()
        assert (ended.code, ended.statuses) == (0, {"welcome": "applied"}), ended
        assert visits == []


@pytest.mark.parametrize("status", [300, 400, 401, 409, 500])
def test_what_a_server_quotes_back_is_not_passed_on(one, status):
    """The bench looks for the key, the address and the number in all that is told."""
    quoted = f"{KEY} may not write to {EMAIL} or {PHONE}"
    one.proxy.on("PATCH", error(status, quoted, www_authenticate=f'Bearer error="{KEY}"'), nth=None)
    one.configure(timeouts=TIMEOUTS.replace("run = 30", "run = 2"))
    assert one.apply().code != 0
    assert one.run("-q", "apply", "--yes").code != 0


def test_after_three_failures_in_a_row_the_rest_is_left(bench):
    names = [f"s{number:02}" for number in range(20)]
    bench.recorded(*names)
    bench.proxy.on("PATCH", error(400), nth=None)
    ended = bench.apply()
    assert (ended.code, set(ended.statuses.values())) == (8, {"rejected", "not_sent"}), ended
    # As many again may have been under way as there are threads.
    assert 3 <= len(bench.proxy.requests("PATCH")) <= 3 + 8
    assert "3 failures in a row" in ended.said
    bench.settles()


def test_one_refusal_does_not_keep_the_others_back(bench):
    names = ["a", "b", "c", "d"]
    bench.recorded(*names)
    bench.proxy.on("PATCH", error(422), nth=None, of=bench.id_of("b"))
    ended = bench.apply()
    assert (ended.code, ended.statuses) == (8, {name: "rejected" if name == "b" else "applied" for name in names})
    bench.settles()
