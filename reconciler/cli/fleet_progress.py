"""Progress of a fleet's run on stderr: one line that keeps up on a terminal, one line an organisation in a log."""

import sys
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final, Self

from reconciler.cli.session import Session, draw, say, width
from reconciler.model.fleet_run import Gate, Result, Standing, Wave
from reconciler.model.settings import RateLimit
from reconciler.view.fleet.run_text import COLOURS
from reconciler.view.fleet.run_words import WORDS, took, wave_name
from reconciler.view.fleet.words import organisations
from reconciler.view.terminal import inert_line, one_line

# Seconds over which the rate is told, and between two drawings.
_RECENT: Final = 10.0
_OFTEN: Final = 0.1
_SOON: Final = 5.0
_SHORT: Final = 120.0
_FAST: Final = 10.0
_BAR: Final = 20
_MOST_REASON: Final = 200


class RunMeter:
    """Shows how far a run came: organisations, requests, their rate against the sum of the limits, and time left.

    `limits` are those of the organisations, `requests` what each of them that is left is expected to take, `waves` are
    those of the run, and `pause` are the seconds after each. Safe to call from any thread.
    """

    def __init__(
        self,
        session: Session,
        waves: Sequence[Wave],
        limits: Mapping[str, RateLimit],
        requests: Mapping[str, int],
        *,
        pause: float,
        silent: bool,
    ) -> None:
        self._silent = silent
        self._live = not silent and sys.stderr.isatty()
        self._paint = session.paint(sys.stderr)
        self._limits, self._expected = limits, requests
        self._waves, self._pause, self._total = waves, pause, len(requests)
        self._done = self._troubled = 0
        self._wave = ""
        self._number = 0
        self._ended: set[str] = set()
        self._sent = 0
        self._times: list[tuple[float, int]] = []
        self._drawn = 0.0
        self._lock = threading.RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._clear()
            self._live = False

    def wave(self, wave: Wave, of: int, left: Sequence[str]) -> None:
        """Tell that a wave begins."""
        with self._lock:
            self._wave, self._number = f"{wave_name(wave)} of {of}", wave.number
            self._say(f"{self._wave}: {organisations(len(left))}")

    def requested(self) -> None:
        """Count a request that left."""
        with self._lock:
            self._sent += 1
            now = time.monotonic()
            self._times.append((now, self._sent))
            if self._live and now - self._drawn >= _OFTEN:
                self._draw()

    def ended(self, result: Result) -> None:
        """Tell what became of an organisation."""
        with self._lock:
            if result.standing is Standing.NOT_BEGUN:
                return
            self._ended.add(result.organisation)
            self._done += 1
            self._troubled += not result.is_settled
            if self._live:
                self._draw()
            elif not self._silent:
                word = self._paint(WORDS[result.standing], COLOURS[result.standing])
                reason = f": {one_line(result.reason, longest=_MOST_REASON)}" if result.reason else ""
                say(f"[{self._done}/{self._total}] {result.organisation} {word}{reason} ({took(result)})")

    def pausing(self, seconds: float) -> None:
        """Tell of the pause after a wave."""
        self._say(f"{self._wave}: waiting {seconds:g} s, then what was written is read again")

    def judged(self, gate: Gate) -> None:
        """Tell what a gate decided."""
        word = self._paint("open", "green") if gate.is_open else self._paint("shut", "red")
        self._say(f"{self._wave}: gate {word}: {inert_line(gate.reason)}")

    def stopping(self, why: str) -> None:
        """Tell that the run stops. In a thread of its own: a signal may have come while this one was writing."""
        text = f"{why}: finishing what is under way; once more stops at once"
        threading.Thread(target=self._say, args=(text,), daemon=True).start()

    def waiting(self, seconds: float, reason: str) -> None:
        """One organisation that waits for its limit delays no other one, so it is not worth a line."""
        del seconds, reason

    def notice(self, text: str) -> None:
        """Say a sentence beside the line."""
        self._say(inert_line(text))

    def _say(self, text: str) -> None:
        if self._silent:
            return
        with self._lock:
            self._clear()
            say(text)
            self._draw()

    def _clear(self) -> None:
        if self._live:
            draw("\r\x1b[K")

    def _draw(self) -> None:
        if not self._live:
            return
        self._drawn = time.monotonic()
        filled = _BAR * self._done // max(self._total, 1)
        bar = "█" * filled + "░" * (_BAR - filled)
        troubled = f"{self._troubled:,} not as reviewed" if self._troubled else ""
        parts = [
            f"{self._wave} {bar} {self._done:,} of {organisations(self._total)}",
            f"{self._sent:,} requests{self._pace()}",
            troubled,
            self._until(),
        ]
        draw(f"\r\x1b[K{one_line('  '.join(part for part in parts if part), longest=width() - 1)}")

    def _pace(self) -> str:
        rate = self._rate()
        return f", {rate:.{0 if rate >= _FAST else 1}f}/s{self._allowed()}" if rate else ""

    def _rate(self) -> float:
        """Return how many requests a second left lately."""
        now = time.monotonic()
        self._times = [each for each in self._times if each[0] >= now - _RECENT]
        if len(self._times) < 2:
            return 0.0
        (first, before), (_, after) = self._times[0], self._times[-1]
        return (after - before) / max(now - first, _OFTEN)

    def _allowed(self) -> str:
        """Return the sum of the limits of the wave's organisations, where each has one."""
        limits = [
            self._limits[name] for wave in self._waves[self._number - 1 : self._number] for name in self._due(wave)
        ]
        if not limits or not all(each.requests for each in limits):
            return ""
        return f" of {sum(each.requests / each.seconds for each in limits):.1f}/s allowed"

    def _due(self, wave: Wave) -> list[str]:
        """Return who of a wave is, or was, to be applied this time."""
        return [name for name in wave.organisations if name in self._expected and name in self._limits]

    def _until(self) -> str:
        """Return when all of it is through: by the rate, or by what the limits allow one wave after the other."""
        waves = [
            [name for name in self._due(wave) if name not in self._ended] for wave in self._waves[self._number - 1 :]
        ]
        rate = self._rate()
        by_rate = sum(self._expected[name] for wave in waves for name in wave) / rate if rate else 0.0
        by_limit = sum(
            max((_at_limit(self._expected[name], self._limits[name]) for name in wave), default=0.0) for wave in waves
        )
        seconds = max(by_rate, by_limit) + self._pause * len(waves)
        if not any(waves) or seconds < _SOON:
            return ""
        end = datetime.now().astimezone() + timedelta(seconds=seconds)
        return f"until about {end.strftime('%H:%M:%S' if seconds < _SHORT else '%H:%M')}"


def _at_limit(requests: int, limit: RateLimit) -> float:
    return 0.0 if not limit.requests else max(requests - 1, 0) // limit.requests * limit.seconds
