"""What is tried again, how often, and after how long: tables over every answer, and every Retry-After that was seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.classify import Reply
from reconciler.core.retry import Again, asked_seconds, span, verdict
from reconciler.core.sent import Failure, NoReply, no_reply

DATE = "Sun, 06 Nov 1994 08:49:37 GMT"


def reply(status: int, *, is_json: bool = True, retry_after: str | None = None, date: str | None = DATE) -> Reply:
    return Reply(status=status, body={} if is_json else None, is_json=is_json, retry_after=retry_after, date=date)


def tries_of(method: str, seen: Reply | NoReply) -> int:
    """How often a request is made that is answered like this each time."""
    tried = 1
    while isinstance(verdict(method, seen, tried=tried, window=60, chance=0.5), Again):
        tried += 1
    return tried


@pytest.mark.parametrize(
    ("retry_after", "date", "seconds"),
    [
        ("12", DATE, 12),
        ("0", None, 0),
        (" 7\t", None, 7),
        ("007", None, 7),
        ("97200", None, 97200),
        ("9" * 400, None, float("inf")),
        ("9" * 9000, None, float("inf")),
        ("Sun, 06 Nov 1994 08:49:49 GMT", DATE, 12),
        ("Sun, 06 Nov 1994 08:49:49 +0000", DATE, 12),
        ("Sun, 06 Nov 1994 08:49:49 -0000", DATE, 12),
        ("Sun, 06 Nov 1994 09:49:49 +0100", DATE, 12),
        ("Sun, 06 Nov 1994 08:49:49", DATE, 12),
        ("Sunday, 06-Nov-94 08:49:49 GMT", DATE, 12),
        ("Sun Nov  6 08:49:49 1994", DATE, 12),
        ("Sun, 06 Nov 1994 08:49:36 GMT", DATE, 0),
        ("Sun, 06 Nov 2094 08:49:37 GMT", DATE, 36525 * 86400),
        ("Sun, 06 Nov 1994 08:49:49 GMT", "Sun Nov  6 08:49:37 1994", 12),
        ("Sun, 06 Nov 1994 08:49:49 GMT", None, None),
        ("Sun, 06 Nov 1994 08:49:49 GMT", "yesterday", None),
        ("Sun, 99 Nov 1994 08:49:49 GMT", DATE, None),
        ("Sun, 06 Nov 1994 25:49:49 GMT", DATE, None),
        ("Sun, 06 Foo 1994 08:49:49 GMT", DATE, None),
        ("06 Nov 1994", DATE, None),
        ("-5", DATE, None),
        ("+5", DATE, None),
        ("1e9", DATE, None),
        ("1.5", DATE, None),
        ("1,5", DATE, None),
        ("12 s", DATE, None),
        ("12, 13", DATE, None),
        ("٣", DATE, None),
        ("\uff11\uff12", DATE, None),
        ("²", DATE, None),
        ("1_0", DATE, None),
        ("", DATE, None),
        ("\x00", DATE, None),
        (None, DATE, None),
    ],
)
def test_a_retry_after_is_read_or_ignored(retry_after: str | None, date: str | None, seconds: float | None) -> None:
    assert asked_seconds(retry_after, date) == seconds


@given(st.text() | st.text("0123456789 :,-+GMTadeiunov", max_size=40), st.none() | st.text() | st.just(DATE))
def test_no_retry_after_breaks_anything_or_asks_for_less_than_nothing(retry_after: str, date: str | None) -> None:
    asked = asked_seconds(retry_after, date)
    assert asked is None or asked >= 0


@pytest.mark.parametrize("method", ["GET", "PATCH", "POST"])
def test_429_is_waited_for_by_all_with_any_method(method: str) -> None:
    again = verdict(method, reply(429, retry_after="12"), tried=2, window=60, chance=0.3)
    assert again == Again(seconds=12, reason="rate limited, waiting 12 s (3 of 4)", cost=0, for_all=True)
    assert tries_of(method, reply(429, retry_after="12", is_json=False)) == 4


@pytest.mark.parametrize(
    ("retry_after", "words"),
    [
        ("121", "2 min"),
        ("97200", "27 h"),
        ("864000", "10 d"),
        ("9" * 400, "longer than anybody lives"),
        ("Mon, 07 Nov 1994 11:49:37 GMT", "27 h"),
    ],
)
def test_more_patience_than_a_run_has_is_not_given(retry_after: str, words: str) -> None:
    stop = no_reply(Failure.HELD, f"the server asks to wait {words}; stopping")
    assert verdict("POST", reply(429, retry_after=retry_after), tried=1, window=60, chance=0.5) == stop
    assert not stop.was_sent
    assert verdict("GET", reply(503, retry_after=retry_after), tried=1, window=60, chance=0.5) is None


def test_the_longest_wait_is_still_waited() -> None:
    again = verdict("GET", reply(429, retry_after="120"), tried=1, window=60, chance=0.5)
    assert isinstance(again, Again)
    assert again.seconds == 120


@given(chance=st.floats(0, 1, exclude_max=True), window=st.sampled_from([1.0, 10.0, 60.0, 3600.0]))
@pytest.mark.parametrize("junk", [None, "soon", "-3"])
def test_without_a_word_on_how_long_a_whole_window_is_waited_in_all(
    junk: str | None, chance: float, window: float
) -> None:
    waits = [verdict("PATCH", reply(429, retry_after=junk), tried=n, window=window, chance=chance) for n in (1, 2, 3)]
    seconds = [each.seconds for each in waits if isinstance(each, Again)]
    assert len(seconds) == 3
    assert max(seconds) <= min(window, 60)
    assert sum(seconds) >= min(window, 60)
    assert seconds == sorted(seconds)


@pytest.mark.parametrize("asked", ["0", "Sun, 06 Nov 1994 08:00:00 GMT"])
def test_a_wait_of_nothing_is_jittered_all_the_same(asked: str) -> None:
    again = verdict("GET", reply(429, retry_after=asked), tried=1, window=60, chance=0.5)
    assert isinstance(again, Again)
    assert again.seconds == 0.5


READS = {
    200: 1, 201: 1, 204: 1, 301: 1, 302: 1, 307: 1, 400: 1, 401: 1, 403: 1, 404: 1, 408: 4, 409: 1, 412: 1, 422: 1,
    429: 4, 500: 2, 501: 2, 502: 4, 503: 4, 504: 4, 520: 2,
}  # fmt: skip


@pytest.mark.parametrize(("status", "tries"), READS.items())
def test_a_read_is_tried_again_where_that_may_help(status: int, tries: int) -> None:
    assert tries_of("GET", reply(status)) == tries
    without_json = tries if tries > 1 or 300 <= status < 400 else 2
    assert tries_of("GET", reply(status, is_json=False)) == without_json


@pytest.mark.parametrize("status", [each for each in READS if each != 429])
@pytest.mark.parametrize("method", ["PATCH", "POST"])
def test_a_write_that_was_answered_is_never_sent_again(method: str, status: int) -> None:
    for is_json in (True, False):
        assert verdict(method, reply(status, is_json=is_json, retry_after="1"), tried=1, window=60, chance=0.5) is None


TRIES_WITHOUT_ANSWER = {
    Failure.NAME: (2, 2),
    Failure.REFUSED: (4, 4),
    Failure.UNREACHABLE: (4, 4),
    Failure.CONNECT_TIMEOUT: (4, 4),
    Failure.POOL: (4, 4),
    Failure.PROXY: (4, 4),
    Failure.UNTRUSTED: (1, 1),
    Failure.HANDSHAKE: (1, 1),
    Failure.MALFORMED: (1, 1),
    Failure.HALTED: (1, 1),
    Failure.OUT_OF_TIME: (1, 1),
    Failure.HELD: (1, 1),
    Failure.WRITE: (4, 1),
    Failure.WRITE_TIMEOUT: (4, 1),
    Failure.READ: (4, 1),
    Failure.READ_TIMEOUT: (4, 1),
    Failure.PROTOCOL: (4, 1),
    Failure.UNKNOWN: (4, 1),
}


@pytest.mark.parametrize("failure", list(Failure))
def test_what_got_no_answer_is_tried_again_only_where_that_is_safe(failure: Failure) -> None:
    reads, writes = TRIES_WITHOUT_ANSWER[failure]
    seen = no_reply(failure, "why")
    assert (tries_of("GET", seen), tries_of("PATCH", seen), tries_of("POST", seen)) == (reads, writes, writes)


def test_waits_grow_are_jittered_and_cost_more_after_a_timeout() -> None:
    refused, late = no_reply(Failure.REFUSED, "refused"), no_reply(Failure.READ_TIMEOUT, "late")
    waits = [verdict("GET", refused, tried=n, window=60, chance=0.75) for n in (1, 2, 3)]
    assert waits == [
        Again(seconds=0.75, reason="refused, waiting 0.8 s (2 of 4)", cost=5),
        Again(seconds=1.5, reason="refused, waiting 2 s (3 of 4)", cost=5),
        Again(seconds=3.0, reason="refused, waiting 3 s (4 of 4)", cost=5),
    ]
    assert verdict("GET", late, tried=1, window=60, chance=0.0) == Again(
        seconds=0.0, reason="late, waiting 0 s (2 of 4)", cost=10
    )
    assert verdict("GET", reply(503), tried=3, window=60, chance=0.5) == Again(
        seconds=2.0, reason="the server answered 503, waiting 2 s (4 of 4)", cost=5
    )
    assert verdict("GET", reply(503, retry_after="9"), tried=1, window=60, chance=0.5) == Again(
        seconds=9, reason="the server answered 503, waiting 9 s (2 of 4)", cost=5
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (0.25, "0.2 s"), (1, "1 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h"), (604800, "7 d")],
)
def test_spans_in_words(seconds: float, words: str) -> None:
    assert span(seconds) == words
