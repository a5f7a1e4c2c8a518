"""Phrases that all drawings of a fleet's run share: the verdict, who is an outlier and why, waves and their gates."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from reconciler.core.codec.fleet_run import total
from reconciler.model.fleet_run import FleetRun, Result, Standing, Wave
from reconciler.model.outcome import Status
from reconciler.view.fleet.words import organisations
from reconciler.view.words import counted

# The gravest first.
ORDER: Final = (
    Standing.UNKNOWN,
    Standing.FAILED,
    Standing.STOPPED,
    Standing.RETURNED,
    Standing.REFUSED,
    Standing.APPLIED,
    Standing.UNCHANGED,
    Standing.NOT_BEGUN,
)
WORDS: Final = {
    Standing.UNKNOWN: "unknown",
    Standing.FAILED: "failed",
    Standing.STOPPED: "stopped on the way",
    Standing.RETURNED: "came back for review",
    Standing.REFUSED: "refused",
    Standing.APPLIED: "applied",
    Standing.UNCHANGED: "unchanged",
    Standing.NOT_BEGUN: "not begun",
}
_TROUBLE: Final = ORDER[:5]
_MOST_SLOW: Final = 5
# Seconds from which one is worth naming for how long it took, or waited.
_LONG: Final = 1.0


@dataclass(frozen=True, slots=True)
class Reason:
    """Why organisations are not as they should be, told once, by the first of them."""

    standing: Standing
    message: str
    hint: str | None
    organisations: tuple[str, ...]


def verdict(run: FleetRun) -> str:
    """Return in a sentence how it went as a whole."""
    if run.stopped is not None:
        return run.stopped
    if not run.results:
        return "there was no organisation to apply anything to"
    troubled = run.of(*_TROUBLE)
    if troubled:
        return f"{organisations(len(troubled))} of {len(run.results):,} not as reviewed"
    if not run.waves:
        return "nothing was to do"
    return f"all {organisations(len(run.of(Standing.APPLIED)))} with changes applied"


def named(run: FleetRun) -> str:
    """Return the run's name, with the word for it."""
    return "nothing was begun" if run.run is None else f"run {run.run}"


def standings(results: Iterable[Result]) -> str:
    """Return how many organisations stand where, the gravest first."""
    counts = Counter(each.standing for each in results)
    return ", ".join(f"{counts[standing]:,} {WORDS[standing]}" for standing in ORDER if counts[standing]) or "none"


def outcomes(run: FleetRun) -> str:
    """Return how many sequences have which outcome."""
    counts = run.outcomes()
    said = [f"{counts[status]:,} {status.value.replace('_', ' ')}" for status in Status if counts[status]]
    return f"{counted(counts.total(), 'sequence')}: {', '.join(said)}" if said else "no sequence was to be written"


def reasons(run: FleetRun) -> tuple[Reason, ...]:
    """Return each reason for trouble once, with all that have it; the gravest first, then what most have."""
    found: dict[tuple[Standing, str], list[Result]] = {}
    for each in run.of(*_TROUBLE):
        found.setdefault((each.standing, _without_name(each)), []).append(each)
    told = [
        Reason(
            standing=standing,
            message=results[0].reason or WORDS[standing],
            hint=None if results[0].failure is None else results[0].failure.hint,
            organisations=tuple(each.organisation for each in results),
        )
        for (standing, _), results in found.items()
    ]
    return tuple(sorted(told, key=lambda each: (ORDER.index(each.standing), -len(each.organisations))))


def slowest(run: FleetRun) -> tuple[Result, ...]:
    """Return the organisations that took longest, where that is worth a word."""
    ordered = sorted(run.results, key=lambda each: (-each.spent.seconds, each.organisation))
    return tuple(each for each in ordered[:_MOST_SLOW] if each.spent.seconds >= _LONG)


def held_up(run: FleetRun) -> tuple[Result, ...]:
    """Return the organisations that were answered 429 most, or waited most for their limit."""
    ordered = sorted(run.results, key=lambda each: (-each.spent.throttled, -each.spent.waited, each.organisation))
    return tuple(each for each in ordered[:_MOST_SLOW] if each.spent.throttled or each.spent.waited >= _LONG)


def took(result: Result) -> str:
    """Return what an organisation took."""
    spent = result.spent
    return ", ".join(
        (
            seconds(spent.seconds),
            counted(spent.requests, "request"),
            *([f"{spent.throttled:,} answered 429"] if spent.throttled else []),
            *([f"{seconds(spent.waited)} waited"] if spent.waited >= _LONG else []),
        )
    )


def spent(run: FleetRun) -> str:
    """Return what all of it took."""
    whole = total(run.results)
    throttled = f", {whole.throttled:,} answered 429" if whole.throttled else ""
    time = f" in {seconds(run.seconds)}" if run.seconds >= _LONG else ""
    return f"{counted(whole.requests, 'request')}{time}{throttled}"


def seconds(number: float) -> str:
    """Return so many seconds in the units that people read."""
    if number < 10:
        return f"{number:.1f} s"
    if number < 120:
        return f"{number:.0f} s"
    return counted(round(number / 60), "minute") if number < 7200 else f"{number / 3600:.1f} hours"


def wave_name(wave: Wave) -> str:
    """Return what a wave is called."""
    return f"wave {wave.number}" + (" (canaries)" if wave.is_canary else "")


def gate_words(run: FleetRun, wave: Wave) -> str:
    """Return what the gate behind a wave decided; nothing where it was not asked."""
    gate = run.gate(wave.number)
    return "" if gate is None else f"{'open' if gate.is_open else 'shut'}: {gate.reason}"


def outside(run: FleetRun) -> Sequence[Result]:
    """Return the organisations that are in no wave."""
    return tuple(each for each in run.results if each.wave is None)


def going_on(run: FleetRun) -> str | None:
    """Return the command that goes on with the run; None where there is nothing to go on with."""
    return f"reconciler fleet apply {run.fleet} --resume {run.run}" if run.is_resumable else None


def single(run: FleetRun) -> str | None:
    """Return how a command is given to one organisation in trouble alone; None where none is."""
    troubled = run.of(*_TROUBLE)
    return f"reconciler --env {run.fleet}/{troubled[0].organisation} COMMAND" if troubled else None


def _without_name(result: Result) -> str:
    return (result.reason or "").replace(result.organisation, "").replace(result.organisation.upper(), "")
