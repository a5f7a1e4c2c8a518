"""Trying again, over real sockets and on a clock of the test's own; the halt on the real one."""

import threading
from collections.abc import Callable

import pytest

from reconciler.adapters.api.caller import Caller, EventPause
from reconciler.adapters.api.client import ApiReader, ApiWriter
from reconciler.adapters.api.limiter import Limiter, OwnSlots, Page
from reconciler.core.budget import NEVER, Limit
from reconciler.core.classify import Reply
from reconciler.core.sent import Failure, NoReply
from reconciler.errors import ExitCode
from reconciler.model.outcome import Accepted, NotSent, Unanswered
from reconciler.model.sequence import Unreadable
from reconciler.wiring.clock import SystemClock
from tests.adapters.api.conftest import VirtualClock, caller_of, connect, response
from tests.adapters.api.loopback import Loopback, Peer, serving

ID = "11111111-2222-4333-8444-555555555555"
FINE = response("200 OK", b"{}")
BUSY = response("503 Service Unavailable", b"{}")
LIMITED = response("429 Too Many Requests", b"{}", retry_after="12")


def answering(*answers: bytes) -> Callable[[Peer, Loopback], None]:
    """Answer the requests in turn, the last answer for all that follow; an empty one hangs up."""
    left = list(answers)

    def behave(peer: Peer, server: Loopback) -> None:
        server.seen.append((peer.number, peer.request()))
        peer.socket.sendall(left.pop(0) if len(left) > 1 else left[0])

    return behave


class Bench:
    """A caller on a virtual clock before a server, and what it told."""

    def __init__(self, url: str, *, limiter: Limiter | None = None, deadline: float | None = None) -> None:
        self.clock = VirtualClock()
        self.told: list[tuple[float, str]] = []
        self.connection = connect(url)
        self.caller = caller_of(
            self.connection, clock=self.clock, limiter=limiter, told=self.told, deadline=deadline, chance=0.5
        )
        self.reader, self.writer = ApiReader(self.caller), ApiWriter(self.caller)


@pytest.mark.parametrize("method", ["PATCH", "POST"])
def test_a_write_that_is_rate_limited_is_sent_again_byte_for_byte(method: str) -> None:
    with serving(answering(LIMITED, LIMITED, response("200 OK", b'{"id": "x"}'))) as server:
        bench = Bench(server.url)
        seen = bench.caller.call(method, "/sequences/x", b'{"a":1}')
        bench.connection.close()
    assert isinstance(seen, Reply)
    assert seen.status == 200
    assert bench.told == [(12, "rate limited, waiting 12 s (2 of 4)"), (12, "rate limited, waiting 12 s (3 of 4)")]
    assert bench.clock.now == 1024
    assert len({request for _, request in server.seen}) == 1
    assert len(server.seen) == 3


def test_what_is_forbidden_by_the_time_that_its_turn_comes_does_not_leave() -> None:
    limiter = Limiter(Limit(requests=1, seconds=60, patience=65))
    with serving(answering(FINE)) as server:
        bench = Bench(server.url, limiter=limiter)
        writer = bench.writer.unless(lambda: "too late" if bench.clock.now >= 1050 else None)
        assert writer.update(ID, b"{}") == Accepted()
        assert writer.update(ID, b"{}") == NotSent("too late", cause=ExitCode.REFUSED)
        waited = bench.clock.now
        bench.reader.read(ID)
        bench.connection.close()
    # It had waited for its turn, and gave it back: reading is not forbidden, and goes at once.
    assert (len(server.seen), waited >= 1060, bench.clock.now) == (2, True, waited)


def test_a_write_that_was_rate_limited_does_not_leave_again_once_it_is_forbidden() -> None:
    with serving(answering(LIMITED)) as server:
        bench = Bench(server.url)
        writer = bench.writer.unless(lambda: "too late" if bench.clock.now >= 1020 else None)
        assert writer.create(b"{}") == NotSent("too late", cause=ExitCode.REFUSED)
        bench.connection.close()
    assert (len(server.seen), bench.clock.now) == (2, 1024)


def test_after_four_tries_the_limit_is_what_it_comes_to() -> None:
    with serving(answering(LIMITED)) as server:
        bench = Bench(server.url)
        assert bench.writer.create(b"{}") == NotSent("the request limit is used up (429)")
        bench.connection.close()
    assert len(server.seen) == 4


def test_a_server_that_asks_for_a_day_is_not_waited_for() -> None:
    with serving(answering(response("429 Too Many Requests", b"{}", retry_after="97200"))) as server:
        bench = Bench(server.url)
        assert bench.writer.create(b"{}") == NotSent("the server asks to wait 27 h; stopping")
        bench.connection.close()
    assert (len(server.seen), bench.clock.slept) == (1, [])


def test_rate_limiting_holds_up_everybody_who_shares_the_slots() -> None:
    page = Page()
    limiter = Limiter(Limit(requests=9, seconds=60, patience=65), slots=OwnSlots(page))
    with serving(answering(LIMITED, FINE)) as server:
        bench = Bench(server.url, limiter=limiter)
        bench.writer.update(ID, b"{}")
        bench.connection.close()
    assert page.hold == 1012
    assert sorted(page.uses)[-2:] == [1000, 1012]


@pytest.mark.parametrize(
    ("answer", "requests"),
    [(BUSY, 4), (response("500 Oh", b"{}"), 2), (response("200 OK", b"<p>", kind="text/html"), 2), (b"", 4)],
    ids=["503", "500", "a page", "hung up"],
)
def test_a_read_is_tried_again_and_a_write_is_not(answer: bytes, requests: int) -> None:
    with serving(answering(answer)) as server:
        bench = Bench(server.url)
        assert isinstance(bench.reader.read(ID), Unreadable)
        assert len(server.seen) == requests
        assert isinstance(bench.writer.create(b"{}"), Unanswered)
        assert isinstance(bench.writer.update(ID, b"{}"), Unanswered)
        bench.connection.close()
    assert len(server.seen) == requests + 2
    assert len(bench.told) == requests - 1


def test_a_read_succeeds_once_the_server_is_back() -> None:
    with serving(answering(BUSY, b"", response("404 Not Found", b"{}"))) as server:
        bench = Bench(server.url)
        seen = bench.caller.call("GET", "/x")
        bench.connection.close()
    assert isinstance(seen, Reply)
    assert seen.status == 404
    assert bench.clock.slept == [0.5, 1.0]


def test_a_server_that_is_down_is_not_hammered() -> None:
    """Fifty tokens of five: ten tries more in all, whatever the number of requests; a success earns one back."""
    with serving(answering(*[BUSY] * 18, *[FINE] * 10, BUSY)) as server:
        bench = Bench(server.url)
        for _ in range(8):
            bench.caller.call("GET", "/x")
        assert len(server.seen) == 18
        for _ in range(10):
            bench.caller.call("GET", "/x")
        for _ in range(3):
            bench.caller.call("GET", "/x")
        bench.connection.close()
    assert len(server.seen) == 18 + 10 + 3 + 2


def test_a_host_that_refuses_is_tried_four_times_also_with_a_write() -> None:
    with serving(answering(FINE)) as server:
        url = server.url
    bench = Bench(url)
    assert bench.writer.create(b"{}") == NotSent("cannot connect to 127.0.0.1: refused; nothing was sent")
    bench.connection.close()
    assert bench.clock.slept == [0.5, 1.0, 2.0]
    assert bench.told[0][1] == "cannot connect to 127.0.0.1: refused; nothing was sent, waiting 0.5 s (2 of 4)"


def test_nothing_is_begun_after_the_run_s_time() -> None:
    with serving(answering(LIMITED)) as server:
        bench = Bench(server.url, deadline=1030)
        assert bench.writer.create(b"{}") == NotSent("the request limit is used up (429)")
        assert (len(server.seen), bench.clock.now) == (3, 1024)
        bench.clock.now = 1030
        assert bench.writer.create(b"{}") == NotSent("the run's time (30 s) is up; nothing was sent")
        assert isinstance(bench.reader.read(ID), Unreadable)
        bench.connection.close()
    assert len(server.seen) == 3


def test_the_limit_is_not_waited_for_beyond_the_run_s_time() -> None:
    page = Page()
    limiter = Limiter(Limit(requests=1, seconds=60, patience=65), slots=OwnSlots(page))
    with serving(answering(FINE)) as server:
        bench = Bench(server.url, limiter=limiter, deadline=1030)
        assert bench.writer.update(ID, b"{}") == Accepted()
        assert bench.writer.update(ID, b"{}") == NotSent("the run's time (30 s) is up; nothing was sent")
        bench.connection.close()
    assert (bench.clock.slept, page.uses) == ([], [1000])


@pytest.mark.parametrize(
    ("answer", "requests", "why"),
    [
        (response("429 Too Many Requests", b"{}", retry_after="100"), 0, "rate limited, waiting 100 s (2 of 4)"),
        (response("503 Oh", b"{}", retry_after="100"), 0, "the server answered 503, waiting 100 s (2 of 4)"),
        (FINE, 1, "the limit of 1 in 60 s is reached"),
    ],
    ids=["Retry-After", "backing off", "the limit"],
)
def test_a_halt_releases_whoever_waits_and_lets_nothing_leave(answer: bytes, requests: int, why: str) -> None:
    """On the real clock, with waits that are longer than a test may take."""
    waits, told = threading.Event(), []
    page = Page()

    def waiting(seconds: float, reason: str) -> None:
        told.append(reason)
        waits.set()

    def work() -> None:
        while not seen or isinstance(seen[-1], Reply):
            seen.append(caller.call("GET", "/x"))

    seen: list[Reply | NoReply] = []
    with serving(answering(answer)) as server:
        connection = connect(server.url)
        caller = Caller(
            connection,
            limiter=Limiter(Limit(requests=requests, seconds=60, patience=65), slots=OwnSlots(page)),
            clock=SystemClock(),
            random=lambda: 0.5,
            waiting=waiting,
            deadline=None,
            pause=EventPause(),
        )
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        assert waits.wait(10)
        caller.halt("stopped by Ctrl-C")
        thread.join(10)
        assert not thread.is_alive()
        assert seen[-1] == NoReply("stopped by Ctrl-C", False, Failure.HALTED)
        assert ApiWriter(caller).create(b"{}").reason == "stopped by Ctrl-C"  # type: ignore[union-attr]
        caller.halt("another reason")
        assert caller.call("GET", "/x") == seen[-1]
        connection.close()
    assert told == [why]
    assert len(server.seen) == 1
    assert all(use == NEVER or use < SystemClock.monotonic() for use in page.uses)
