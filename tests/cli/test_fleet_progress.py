"""The line that a fleet's run draws: organisations, requests, their rate against the sum of the limits, time left."""

import io
import re
from contextlib import redirect_stderr
from pathlib import Path

import pytest

from reconciler.cli.fleet_progress import RunMeter
from reconciler.cli.session import Session
from reconciler.errors import ExitCode
from reconciler.model.fleet_run import Gate, Result, Spent, Standing, Tally, Wave
from reconciler.model.settings import RateLimit

WAVES = (Wave(number=1, organisations=("acme",)), Wave(number=2, organisations=("globex", "hooli")))
LIMITS = {name: RateLimit(requests=60, seconds=60) for name in ("acme", "globex", "hooli")}
SESSION = Session(root=Path(), environment=None, color="never", verbose=False, quiet=False)
FAILED = Result(
    organisation="acme",
    wave=1,
    standing=Standing.FAILED,
    exit_code=ExitCode.PARTIAL,
    spent=Spent(requests=3, throttled=1, waited=2, seconds=4),
)


class Terminal(io.StringIO):
    """What somebody looks at."""

    def isatty(self) -> bool:
        return True

    @property
    def lines(self) -> list[str]:
        """What was drawn and said, each by itself."""
        return [each.strip() for each in re.split(r"\r\x1b\[K|\n", self.getvalue()) if each.strip()]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("COLUMNS", "160")
    return Terminal()


def meter(limits: dict[str, RateLimit] = LIMITS, *, silent: bool = False, pause: float = 0) -> RunMeter:
    return RunMeter(SESSION, WAVES, limits, {"acme": 3, "globex": 130, "hooli": 3}, pause=pause, silent=silent)


def test_the_line_tells_how_far_it_came_how_fast_it_goes_and_when_it_is_through(terminal: Terminal) -> None:
    with redirect_stderr(terminal), meter() as shown:
        shown.wave(WAVES[0], 2, ["acme"])
        for _ in range(30):
            shown.requested()
        shown.ended(FAILED)
        shown.wave(WAVES[1], 2, ["globex", "hooli"])
    assert terminal.lines[0] == "wave 1 (canaries) of 2: 1 organisation"
    last = terminal.lines[-1]
    assert last.startswith("wave 2 of 2 ██████░░░░░░░░░░░░░░ 1 of 3 organisations  30 requests, ")
    assert "/s of 2.0/s allowed  1 not as reviewed  until about " in last
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_without_limits_none_is_told_and_what_is_soon_has_no_time(terminal: Terminal) -> None:
    with redirect_stderr(terminal), meter(dict.fromkeys(LIMITS, RateLimit(requests=0))) as shown:
        shown.wave(WAVES[0], 2, ["acme"])
        for _ in range(300):
            shown.requested()
        shown.ended(FAILED)
    assert "allowed" not in terminal.getvalue()
    assert "until" not in terminal.getvalue()


def test_a_pause_counts_into_the_time_that_is_left(terminal: Terminal) -> None:
    with redirect_stderr(terminal), meter(dict.fromkeys(LIMITS, RateLimit(requests=0)), pause=600) as shown:
        shown.wave(WAVES[0], 2, ["acme"])
    assert "until about " in terminal.lines[-1]


def test_a_log_has_a_line_for_each_organisation_and_gate(capsys: pytest.CaptureFixture[str]) -> None:
    with meter() as shown:
        shown.wave(WAVES[0], 2, ["acme"])
        shown.requested()
        shown.ended(FAILED)
        shown.pausing(2.5)
        shown.judged(Gate(wave=1, is_open=False, reason="its only organisation failed", tally=Tally(organisations=1)))
    assert capsys.readouterr().err.splitlines() == [
        "wave 1 (canaries) of 2: 1 organisation",
        "[1/3] acme failed (4.0 s, 3 requests, 1 answered 429, 2.0 s waited)",
        "wave 1 (canaries) of 2: waiting 2.5 s, then what was written is read again",
        "wave 1 (canaries) of 2: gate shut: its only organisation failed",
    ]


def test_nothing_is_said_to_whoever_wants_to_hear_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with meter(silent=True) as shown:
        shown.wave(WAVES[0], 2, ["acme"])
        shown.requested()
        shown.ended(FAILED)
        shown.notice("a sentence")
    assert capsys.readouterr().err == ""
