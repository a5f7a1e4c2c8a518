"""Whether a request is sent once more, and when (faults, N1 to N4, N11 to N15, N18).

A write is sent again only where it provably was not acted on: not sent at all, or answered 429. A read also where the
answer is missing or of no use. How often in a whole run is bounded by an allowance, so that an API that is down is not
hammered.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_tz
from re import ASCII, IGNORECASE
from re import compile as pattern
from typing import Final, TypeAlias

from reconciler.core.classify import Reply
from reconciler.core.sent import Failure, NoReply, no_reply

TRIES: Final = 4
FEWER_TRIES: Final = 2
BASE: Final = 0.5  # seconds
CAP: Final = 20.0
LONGEST_WAIT: Final = 120.0
LONGEST_WINDOW: Final = 60.0

ALLOWANCE: Final = 50
COST: Final = 5
COST_OF_TIMEOUT: Final = 10

_NEVER_AGAIN: Final = frozenset(
    {
        Failure.UNTRUSTED,
        Failure.HANDSHAKE,
        Failure.MALFORMED,
        Failure.HALTED,
        Failure.OUT_OF_TIME,
        Failure.HELD,
    }
)
_TIMEOUTS: Final = frozenset({Failure.CONNECT_TIMEOUT, Failure.READ_TIMEOUT, Failure.WRITE_TIMEOUT})
_OVERLOADED: Final = frozenset({408, 502, 503, 504})
_SECONDS: Final = pattern(r"[0-9]+", ASCII)
# RFC 9110, section 5.6.7: its own form, RFC 850's and asctime's; an offset in the place of GMT is let pass.
_TIME: Final = r"[0-9]{2}:[0-9]{2}:[0-9]{2}"
_DATE: Final = pattern(
    rf"[a-z]{{3}}, [0-9]{{2}} [a-z]{{3}} [0-9]{{4}} {_TIME}( GMT| UTC| [+-][0-9]{{4}})?"
    rf"|[a-z]{{6,9}}, [0-9]{{2}}-[a-z]{{3}}-[0-9]{{2}} {_TIME} GMT"
    rf"|[a-z]{{3}} [a-z]{{3}} [ 0-9][0-9] {_TIME} [0-9]{{4}}",
    ASCII | IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """Send it once more after so many seconds. `cost` is taken from the run's allowance.

    `for_all` means that nobody with this key may send before that.
    """

    seconds: float
    reason: str
    cost: int = 0
    for_all: bool = False


Verdict: TypeAlias = Again | NoReply | None


def verdict(method: str, seen: Reply | NoReply, *, tried: int, window: float, chance: float) -> Verdict:
    """Return what to do after the request was tried so many times: send it again, or None where `seen` is the end of
    it, or what it comes to instead.

    `window` is the limit's, in seconds; `chance` is random, from 0 up to 1.
    """
    if isinstance(seen, NoReply):
        return _without_reply(method, seen, tried=tried, chance=chance)
    if seen.status == 429:
        return _rate_limited(seen, tried=tried, window=window, chance=chance)
    if method != "GET":
        return None
    tries = _tries_of_read(seen)
    if tried >= tries:
        return None
    asked = asked_seconds(seen.retry_after, seen.date) if seen.status in _OVERLOADED else None
    if asked is not None and asked > LONGEST_WAIT:
        return None
    seconds = asked or _jittered(tried, chance)
    said = f"the server answered {seen.status}" if seen.status >= 400 else "the answer is of no use"
    return Again(seconds=seconds, reason=_reason(said, seconds, tried + 1, tries), cost=COST)


def _without_reply(method: str, seen: NoReply, *, tried: int, chance: float) -> Verdict:
    if seen.failure in _NEVER_AGAIN or (seen.was_sent and method != "GET"):
        return None
    tries = FEWER_TRIES if seen.failure is Failure.NAME else TRIES
    if tried >= tries:
        return None
    seconds = _jittered(tried, chance)
    cost = COST_OF_TIMEOUT if seen.failure in _TIMEOUTS else COST
    return Again(seconds=seconds, reason=_reason(seen.reason, seconds, tried + 1, tries), cost=cost)


def _rate_limited(seen: Reply, *, tried: int, window: float, chance: float) -> Verdict:
    asked = asked_seconds(seen.retry_after, seen.date)
    if asked is not None and asked > LONGEST_WAIT:
        return no_reply(Failure.HELD, f"the server asks to wait {span(asked)}; stopping")
    if tried >= TRIES:
        return None
    seconds = _within_window(tried, window, chance) if asked is None else asked or _jittered(tried, chance)
    return Again(seconds=seconds, reason=_reason("rate limited", seconds, tried + 1, TRIES), for_all=True)


def _tries_of_read(seen: Reply) -> int:
    if seen.status in _OVERLOADED:
        return TRIES
    # 500 is the one error that the API documents: a steady one may be the request's own fault.
    return FEWER_TRIES if seen.status >= 500 or (not seen.is_json and not 300 <= seen.status < 400) else 1


def _jittered(tried: int, chance: float) -> float:
    return chance * min(CAP, BASE * 2.0**tried)


def _within_window(tried: int, window: float, chance: float) -> float:
    """Return a wait of at most a window; those of all tries together are longer than one."""
    longest = min(window, LONGEST_WINDOW)
    return float(longest * 2.0 ** (tried - TRIES + 1) * (0.75 + chance / 4))


def asked_seconds(retry_after: str | None, date: str | None) -> float | None:
    """Return how long a Retry-After asks to wait; None where it says nothing that can be read.

    A moment is counted from the answer's own date, not from a clock of ours.
    """
    text = (retry_after or "").strip(" \t")
    if _SECONDS.fullmatch(text):
        return float(text)
    until, now = _moment(text), _moment((date or "").strip(" \t"))
    return None if until is None or now is None else max(0.0, (until - now).total_seconds())


def _moment(text: str) -> datetime | None:
    parsed = parsedate_tz(text) if _DATE.fullmatch(text) else None
    if parsed is None:
        return None
    try:
        moment = datetime(*parsed[:6], tzinfo=UTC)
    except ValueError:
        return None
    return datetime.fromtimestamp(moment.timestamp() - (parsed[9] or 0), UTC)


def span(seconds: float) -> str:
    """Return a duration in words, in the one unit that fits."""
    if seconds == float("inf"):
        return "longer than anybody lives"
    for unit, name in ((86_400 * 3, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * unit:
            return f"{seconds / min(unit, 86_400):.0f} {name}"
    return f"{seconds:.0f} s" if seconds >= 1 or not seconds else f"{seconds:.1f} s"


def _reason(said: str, seconds: float, attempt: int, tries: int) -> str:
    return f"{said}, waiting {span(seconds)} ({attempt} of {tries})"
