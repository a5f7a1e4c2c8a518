"""Runs of fleets as they come out, from values: some organisations fine, some in each kind of trouble."""

from dataclasses import replace

from reconciler.core.fleet.gate import judged
from reconciler.core.fleet.waves import waves
from reconciler.errors import ExitCode
from reconciler.model.change import Action
from reconciler.model.fleet_run import FleetRun, Gate, Result, Seen, Spent, Standing
from reconciler.model.outcome import Outcome, Status
from reconciler.model.plan_set import Failure
from reconciler.model.waves import DEFAULT_WAVES

DIGEST = "sha256:" + "0123456789abcdef" * 4
CODES = {
    Standing.APPLIED: ExitCode.DONE,
    Standing.UNCHANGED: ExitCode.DONE,
    Standing.NOT_BEGUN: ExitCode.DONE,
    Standing.FAILED: ExitCode.REFUSED_CONFIGURATION,
    Standing.UNKNOWN: ExitCode.UNKNOWN,
    Standing.RETURNED: ExitCode.REFUSED,
    Standing.REFUSED: ExitCode.REFUSED,
    Standing.STOPPED: ExitCode.TERMINATED,
}


def outcome(status: Status, detail: str = "", custom_id: str = "welcome") -> Outcome:
    return Outcome(custom_id=custom_id, id="id-1", action=Action.UPDATE, status=status, detail=detail)


def result(name: str, standing: Standing, wave: int | None, *, word: str = "", seconds: float = 2.0) -> Result:
    failure = None
    outcomes = [outcome(Status.APPLIED), outcome(Status.APPLIED, custom_id="bye")]
    if standing is Standing.FAILED:
        message = f"the key of `{name}` was refused (401){word}"
        failure = Failure(kind="credentials", exit_code=CODES[standing], message=message, hint="give it a new key")
        outcomes = []
    if standing is Standing.UNKNOWN:
        outcomes = [outcome(Status.APPLIED), outcome(Status.UNKNOWN, f"no answer had come{word}", "bye")]
    if standing is Standing.RETURNED:
        outcomes = [outcome(Status.NOT_SENT, f"live moved since the plan was made{word}")]
    if standing in (Standing.NOT_BEGUN, Standing.UNCHANGED):
        outcomes = []
    return Result(
        organisation=name,
        labels=("eu",),
        wave=wave,
        standing=standing,
        exit_code=CODES[standing],
        digest=DIGEST if outcomes else None,
        outcomes=tuple(outcomes),
        failure=failure,
        spent=Spent(requests=6, seconds=seconds) if outcomes else Spent(),
    )


def large_run(number: int = 1000, word: str = "") -> FleetRun:
    """A run that was shut after its second wave, in which there is one of everything."""
    names = [f"org-{each:04}" for each in range(number)]
    formed = waves(dict.fromkeys(names, ("eu",)), DEFAULT_WAVES, digest=DIGEST)
    of = {name: wave.number for wave in formed for name in wave.organisations}
    stands = dict.fromkeys(names, Standing.APPLIED)
    stands |= {name: Standing.NOT_BEGUN for name in names if of[name] > 2}
    second = formed[1].organisations
    stands |= dict.fromkeys(second[:4], Standing.FAILED)
    stands |= {second[4]: Standing.UNKNOWN, second[5]: Standing.RETURNED}
    found = {name: result(name, stands[name], of[name], word=word) for name in names}
    slow = second[6]
    found[slow] = result(slow, Standing.APPLIED, 2, seconds=93)
    throttled = Spent(requests=90, throttled=7, waited=41, seconds=50)
    found[second[7]] = replace(found[second[7]], spent=throttled, seen=Seen(read=2, moved=("welcome",)))
    gates: list[Gate] = [
        judged(wave, [found[name] for name in wave.organisations], DEFAULT_WAVES) for wave in formed[:2]
    ]
    outside = (result("zz-refused", Standing.REFUSED, None), result("zz-unchanged", Standing.UNCHANGED, None))
    return FleetRun(
        run="01234567",
        fleet="clients",
        digest=DIGEST,
        waves=formed,
        results=(*found.values(), *outside),
        gates=tuple(gates),
        stopped=f"the gate after wave 2 of {len(formed)} is shut: {gates[-1].reason}",
        seconds=125,
    )


def small_run(*stands: Standing) -> FleetRun:
    """A run of one wave."""
    names = [f"org-{number}" for number, _ in enumerate(stands)]
    formed = waves(dict.fromkeys(names, ()), DEFAULT_WAVES, digest=DIGEST)
    of = {name: wave.number for wave in formed for name in wave.organisations}
    found = [result(name, each, of[name], seconds=0.1) for name, each in zip(names, stands, strict=True)]
    return FleetRun(run="01234567", fleet="clients", digest=DIGEST, waves=formed, results=tuple(found))
