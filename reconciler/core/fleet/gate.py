"""The gate behind each wave: whether the next one may begin, by what became of this one. It says its numbers.

What comes back for review is no failure: it says that somebody moved something, not that the change is bad. But a wave
of which nothing was applied has proved nothing.
"""

from collections.abc import Iterable
from typing import Final

from reconciler.core.spelling import first_few
from reconciler.model.fleet_run import Gate, Result, Standing, Tally, Wave
from reconciler.model.waves import Most, WaveSettings

_FAILED: Final = (Standing.FAILED, Standing.REFUSED)
_MOST_NAMED: Final = 5


def judged(wave: Wave, results: Iterable[Result], settings: WaveSettings) -> Gate:
    """Decide after a wave; `results` are those of its organisations, with what a look found where one was made."""
    given = tuple(results)
    tally = Tally(
        organisations=len(wave.organisations),
        failed=sum(each.standing in _FAILED for each in given),
        unknown=sum(each.standing is Standing.UNKNOWN for each in given),
        moved=sum(each.seen is not None and bool(each.seen.moved) for each in given),
        unread=sum(each.seen is not None and not each.seen.is_complete for each in given),
    )
    why = (
        _unfinished(given, tally) or _too_many(tally, wave, settings) or _moved(given) or _unread(tally, wave, settings)
    )
    why = why or _unproved(given, tally)
    return Gate(wave=wave.number, is_open=why is None, reason=why or _passed(given, tally), tally=tally)


def _unfinished(given: tuple[Result, ...], tally: Tally) -> str | None:
    ended = sum(each.standing not in (Standing.NOT_BEGUN, Standing.STOPPED) for each in given)
    left = tally.organisations - ended
    return f"{_of(left, tally)} did not come to an end" if left else None


def _too_many(tally: Tally, wave: Wave, settings: WaveSettings) -> str | None:
    if tally.unknown > settings.unknowns.of(tally.organisations):
        return f"what became of {_of(tally.unknown, tally)} is unknown, and {_may(settings.unknowns, tally)}"
    most = settings.most_failures(is_canary=wave.is_canary)
    if tally.failed > most.of(tally.organisations):
        return f"{_of(tally.failed, tally)} failed, and {_may(most, tally)}"
    return None


def _moved(given: tuple[Result, ...]) -> str | None:
    found = [f"`{each.organisation}`" for each in given if each.seen is not None and each.seen.moved]
    if not found:
        return None
    return f"after the pause, what was written had moved again in {first_few(found, _MOST_NAMED)}"


def _unread(tally: Tally, wave: Wave, settings: WaveSettings) -> str | None:
    most = settings.most_failures(is_canary=wave.is_canary)
    if tally.unread + tally.failed <= most.of(tally.organisations):
        return None
    more = f", and {tally.failed:,} failed" if tally.failed else ""
    counted = f"after the pause, {_of(tally.unread, tally)} could not be looked at{more}"
    return f"{counted}; {_may(most, tally)}" if tally.unread else None


def _unproved(given: tuple[Result, ...], tally: Tally) -> str | None:
    if any(each.standing is Standing.APPLIED for each in given):
        return None
    if all(each.standing is Standing.UNCHANGED for each in given):
        return None
    if tally.organisations == 1:
        return "its only organisation was not applied, so nothing is proved by it"
    return f"none of its {tally.organisations:,} organisations was applied, so nothing is proved by them"


def _passed(given: tuple[Result, ...], tally: Tally) -> str:
    counts = [
        (sum(each.standing is Standing.APPLIED for each in given), "applied"),
        (sum(each.standing is Standing.UNCHANGED for each in given), "unchanged"),
        (sum(each.standing is Standing.RETURNED for each in given), "came back for review"),
        (tally.failed, "failed"),
        (tally.unknown, "unknown"),
    ]
    looked = [each.seen for each in given if each.seen is not None]
    seen = f"; {sum(each.read for each in looked):,} of their sequences read again, none moved" if looked else ""
    return ", ".join(f"{number:,} {word}" for number, word in counts if number) + seen


def _of(number: int, tally: Tally) -> str:
    if tally.organisations == 1:
        return "its only organisation"
    return f"{number:,} of {tally.organisations:,} organisations"


def _may(most: Most, tally: Tally) -> str:
    allowed = most.of(tally.organisations)
    share = f" ({most})" if most.is_share and most.number else ""
    return f"at most {allowed:,} may{share}" if allowed else f"none may{share}"
