"""The runs that state keeps: what names one, which one a person means, and what it did to each sequence."""

from collections.abc import Iterator
from typing import Final

from reconciler.errors import RefusedError, UsageError
from reconciler.model.sequence import Payload
from reconciler.model.state import Run, State, Write

LAST: Final = "last"
_SHORT: Final = 10


def short(digest: str) -> str:
    """Return what people type for a run: the first digits of the digest of its plan."""
    return digest.removeprefix("sha256:")[:_SHORT]


def find_run(state: State, word: str) -> Run:
    """Return the run that a person means: `last`, or the beginning of its digest; UsageError where that is none."""
    if not state.runs:
        raise UsageError("no run is kept that wrote anything", hint="nothing can be undone")
    wanted_digits = word.removeprefix("sha256:")
    found = [run for run in state.runs if run.plan.digest.removeprefix("sha256:").startswith(wanted_digits)]
    if word == LAST:
        return state.runs[-1]
    if not wanted_digits or not found:
        raise UsageError(
            f"no run is kept whose digest begins with `{word}`",
            hint="`reconciler undo` lists the runs that are kept; `last` is the last one",
        )
    if len(found) > 1:
        names = ", ".join(short(run.plan.digest) for run in found)
        raise UsageError(f"`{word}` is the beginning of several runs: {names}", hint="type more of it")
    return found[0]


def run_of(state: State | None, digest: str) -> Run:
    """Return the run with this very digest; RefusedError where it is not kept any more."""
    for run in () if state is None else state.runs:
        if run.plan.digest == digest:
            return run
    raise RefusedError(f"run {short(digest)} is not kept any more, so it cannot be undone; nothing was sent")


def target(write: Write) -> Payload | None:
    """Return what stood there before a write; None where it was a create."""
    return write.live or write.before


def written(run: Run) -> Iterator[tuple[str, Write, str]]:
    """Return what a run wrote: custom_id, write, and in a word what it did."""
    for custom_id, write in sorted(run.writes.items()):
        kind = "updated" if write.recorded_as is None else "renamed"
        if write.before is None:
            kind = "created" if write.live is None else "adopted"
        yield custom_id, write, kind
