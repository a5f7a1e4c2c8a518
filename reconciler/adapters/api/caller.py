"""Requests within the limit, tried again where that is safe, until the run's time is up or somebody halts it."""

import threading
from collections.abc import Callable
from contextlib import nullcontext
from typing import Final, Protocol, TypeAlias

from reconciler.adapters.api.exchange import Exchange
from reconciler.adapters.api.limiter import Limiter
from reconciler.core.budget import Turn
from reconciler.core.classify import Reply
from reconciler.core.retry import ALLOWANCE, Again, span, verdict
from reconciler.core.sent import Failure, NoReply, no_reply
from reconciler.core.unobserved import UNOBSERVED
from reconciler.errors import RefusedError
from reconciler.model.metrics import RETRIES, WAITS, Attributes
from reconciler.ports import Clock, Telemetry, Waiting

# Shorter waits for the limit are not worth a word.
_WORTH_TELLING: Final = 1.0
# Seconds by which a turn may be late.
_PUNCTUAL: Final = 1.0
# After these the bytes may still lie somewhere and reach the server later.
_UNFINISHED: Final = frozenset({Failure.READ_TIMEOUT, Failure.WRITE_TIMEOUT, Failure.UNKNOWN})
# Why a request waits: for its turn, since the API said 429, or after a try that failed.
_LIMIT: Final[Attributes] = {"reconciler.wait.reason": "limit"}
_LIMITED: Final[Attributes] = {"reconciler.wait.reason": "429"}
_FAILED: Final[Attributes] = {"reconciler.wait.reason": "retry"}

# Why a request must not leave now; None where it may.
Forbidden: TypeAlias = Callable[[], str | None]


class Pause(Protocol):
    """Waits that somebody else can end."""

    def wait(self, seconds: float) -> None:
        """Wait so long, or until `end`."""
        ...

    def end(self) -> None:
        """End every wait, also those that begin later."""
        ...


class ClockPause:
    """Waits that nobody ends: one sleep of the clock each."""

    def __init__(self, clock: Clock) -> None:
        self.wait = clock.sleep

    def end(self) -> None:
        """Do nothing."""


class EventPause:
    """Waits in real time."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self.end = self._ended.set

    def wait(self, seconds: float) -> None:
        """Wait so long, or until `end`."""
        self._ended.wait(min(seconds, threading.TIMEOUT_MAX))


class Caller:
    """Sends requests. Safe to share between threads.

    `random` returns a number from 0 up to 1. After `deadline`, a moment of `clock` in monotonic seconds, nothing is
    begun. `waiting` is told of waits.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        limiter: Limiter,
        clock: Clock,
        random: Callable[[], float],
        waiting: Waiting,
        deadline: float | None,
        pause: Pause | None = None,
        telemetry: Telemetry = UNOBSERVED,
    ) -> None:
        self._exchange = exchange
        self._limiter = limiter
        self._clock = clock
        self._random = random
        self._waiting = waiting
        self._deadline = float("inf") if deadline is None else deadline
        self._time = self._deadline - clock.monotonic()
        self._pause = pause or ClockPause(clock)
        self._telemetry = telemetry
        self._halted: NoReply | None = None
        self._allowance = ALLOWANCE
        self._lock = threading.Lock()

    def halt(self, reason: str) -> None:
        """Let nothing leave from now on; whoever waits stops waiting. What is out already is not touched."""
        self._halted = self._halted or no_reply(Failure.HALTED, reason)
        self._pause.end()

    def call(
        self, method: str, path: str, body: bytes | None = None, *, forbidden: Forbidden = lambda: None
    ) -> Reply | NoReply:
        """Send a request, and again where that is safe and of use; never raises for what the network does.

        `forbidden` is asked each time that it is about to leave, once its turn has come.
        """
        tried = 0
        while True:
            seen = self._once(method, path, body, forbidden)
            tried += 1
            again = verdict(method, seen, tried=tried, window=self._window, chance=self._random())
            if not isinstance(again, Again):
                self._earn(seen)
                return again or seen
            until = self._clock.monotonic() + again.seconds
            if again.for_all:
                self._limiter.hold(until, until - again.seconds)
            if until >= self._deadline or not self._spend(again.cost):
                return seen
            self._waiting(again.seconds, again.reason)
            why = _LIMITED if again.for_all else _FAILED
            if stopped := self._wait(until, why):
                return stopped
            self._telemetry.tell(RETRIES, 1, why)

    @property
    def _window(self) -> float:
        return self._limiter.limit.seconds

    def _once(self, method: str, path: str, body: bytes | None, forbidden: Forbidden) -> Reply | NoReply:
        turn = self._turn()
        if isinstance(turn, NoReply):
            return turn
        reason = forbidden()
        if reason is not None:
            self._limiter.cancel(turn, self._now)
            return no_reply(Failure.HALTED, reason)
        try:
            seen = self._exchange.exchange(method, path, body)
        except RefusedError:
            self._limiter.cancel(turn, self._now)
            raise
        if isinstance(seen, Reply) or (seen.was_sent and seen.failure not in _UNFINISHED):
            self._limiter.settle(turn, self._now)
        elif seen.was_sent:
            self._limiter.lose(turn, self._now)
        else:
            self._limiter.cancel(turn, self._now)
        return seen

    def _turn(self) -> Turn | NoReply:
        """Wait for a turn, and until it has come."""
        who = object()
        while not isinstance(turn := self._limiter.take(who, self._now), Turn):
            if stopped := self._wait_for_limit(turn):
                self._limiter.leave(who, self._now)
                return stopped
        while True:
            is_early = turn.at > self._now
            if stopped := self._wait_for_limit(turn.at):
                self._limiter.cancel(turn, self._now)
                return stopped
            if self._now - turn.at > _PUNCTUAL:
                # This process stood still (SIGSTOP, a closed lid): what it was given may be somebody else's by now.
                self._limiter.cancel(turn, self._now)
                return self._turn()
            confirmed = self._limiter.confirm(turn, self._now) if is_early else turn
            if confirmed is turn:
                return turn
            turn = confirmed

    @property
    def _now(self) -> float:
        return self._clock.monotonic()

    def _wait_for_limit(self, until: float) -> NoReply | None:
        seconds = until - self._now
        if seconds >= _WORTH_TELLING and self._halted is None and until < self._deadline:
            limit = self._limiter.limit
            self._waiting(seconds, f"the limit of {limit.requests} in {span(limit.seconds)} is reached")
        return self._wait(until, _LIMIT)

    def _wait(self, until: float, why: Attributes) -> NoReply | None:
        """Wait until a moment and return None; or why nothing is to leave then."""
        if self._halted is None and until >= self._deadline:
            return no_reply(Failure.OUT_OF_TIME, f"the run's time ({span(self._time)}) is up; nothing was sent")
        began = self._now
        if self._halted is None and until > began:
            is_long = until - began >= _WORTH_TELLING
            with self._telemetry.span("wait", why) if is_long else nullcontext():
                self._rest(until)
            self._telemetry.tell(WAITS, self._now - began, why)
        if self._halted is None and self._now >= self._deadline:
            return no_reply(Failure.OUT_OF_TIME, f"the run's time ({span(self._time)}) is up; nothing was sent")
        return self._halted

    def _rest(self, until: float) -> None:
        while self._halted is None and (left := until - self._now) > 0:
            self._pause.wait(left)

    def _spend(self, cost: int) -> bool:
        with self._lock:
            if cost > self._allowance:
                return False
            self._allowance -= cost
            return True

    def _earn(self, seen: Reply | NoReply) -> None:
        if isinstance(seen, Reply) and seen.status < 500:
            with self._lock:
                self._allowance = min(ALLOWANCE, self._allowance + 1)
