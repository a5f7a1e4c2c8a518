"""`python -m tests.simulation.soak`: random schedules of faults for as long as it is told, and what they met.

One process plays schedules one after the other; `--jobs` of them share the seeds. It ends with 1 where an invariant
was violated, or where a kind of fault or a phase was never met: then the simulation does not test what it says.
"""

import argparse
import gc
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

ROOT: Final = Path(__file__).parents[2]
_REPORT_EVERY: Final = 50
# From here on every kind must have been met in every phase that it can meet.
_MANY: Final = 10_000
_SHOWN: Final = 20
_EMERGENCY: Final = re.compile(r"(reconciler-emergency-\d+)-[\w-]+\.jsonl")


@dataclass
class Tally:
    """What a number of schedules came to. Faults and runs are counted by name; `violations` are by seed."""

    schedules: int = 0
    seconds: float = 0.0
    faults: Counter[tuple[str, str]] = field(default_factory=Counter)
    happened: Counter[str] = field(default_factory=Counter)
    killed_at: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    endings: Counter[str] = field(default_factory=Counter)
    violations: dict[int, list[str]] = field(default_factory=dict)

    def add(self, told: dict[str, Any]) -> None:
        """Take in what one report says."""
        self.schedules += told["schedules"]
        self.seconds += told["seconds"]
        self.faults.update({(kind, phase): number for kind, phase, number in told["faults"]})
        for name in ("happened", "killed_at", "outcomes", "endings"):
            getattr(self, name).update(told[name])
        self.violations.update({int(seed): found for seed, found in told["violations"].items()})

    def document(self) -> dict[str, Any]:
        """Return the report that `add` takes in."""
        return {
            "schedules": self.schedules,
            "seconds": self.seconds,
            "faults": [[kind, phase, number] for (kind, phase), number in sorted(self.faults.items())],
            "happened": self.happened,
            "killed_at": self.killed_at,
            "outcomes": self.outcomes,
            "endings": self.endings,
            "violations": self.violations,
        }


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    asked = _parser().parse_args(arguments)
    if asked.replay is not None:
        play = _player()
        return max(replay(play(seed)) for seed in asked.replay)
    if asked.worker is not None:
        _work(asked.seed, asked.worker, asked.jobs, asked.schedules, asked.seconds)
        return 0
    tally = run(seed=asked.seed, jobs=asked.jobs, schedules=asked.schedules, seconds=asked.seconds)
    sys.stdout.write(table(tally))
    return 1 if tally.violations or never_met(tally) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, help="how long to go on")
    parser.add_argument("--schedules", type=int, help="how many to play")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--replay", type=int, nargs="+", metavar="SEED", help="play a schedule and tell all of it")
    parser.add_argument("--worker", type=int, help=argparse.SUPPRESS)
    return parser


def run(*, seed: int, jobs: int, schedules: int | None, seconds: float | None) -> Tally:
    """Play schedules in so many processes and return what they came to."""
    if schedules is None and seconds is None:
        schedules = 2000
    tally, lock = Tally(), threading.Lock()
    limits = [
        *(["--schedules", str(schedules)] if schedules else []),
        *(["--seconds", str(seconds)] if seconds else []),
    ]
    threads = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(jobs):
            command = [sys.executable, "-m", "tests.simulation.soak", "--seed", str(seed), "--jobs", str(jobs), *limits]
            log = (Path(folder) / str(number)).open("w+")
            process = subprocess.Popen(
                [*command, "--worker", str(number)], stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT
            )
            threads.append(threading.Thread(target=_collect, args=(process, log, tally, lock)))
            threads[-1].start()
        for thread in threads:
            thread.join()
    return tally


def _collect(process: "subprocess.Popen[str]", log: IO[str], tally: Tally, lock: threading.Lock) -> None:
    assert process.stdout is not None
    with process, log:
        for line in process.stdout:
            with lock:
                before = len(tally.violations)
                tally.add(json.loads(line))
                for seed, found in list(tally.violations.items())[before:]:
                    sys.stderr.write(_told(seed, found))
        if process.wait() != 0:
            log.seek(0)
            with lock:
                tally.violations[-1] = [f"a worker ended with {process.returncode}: {log.read()[-2000:]}"]


def _told(seed: int, found: list[str]) -> str:
    lines = "".join(f"  {each}\n" for each in found)
    return f"seed {seed}:\n{lines}  replay: python -m tests.simulation.soak --replay {seed}\n"


def _work(seed: int, number: int, jobs: int, schedules: int | None, seconds: float | None) -> None:
    """Play every `jobs`-th schedule from `number` on, and report on stdout now and then."""
    play = _player()
    began, tally = time.monotonic(), Tally()
    at = number
    gc.disable()  # worlds are rings of references; they are collected where it is cheapest
    while (schedules is None or at < schedules) and (seconds is None or time.monotonic() - began < seconds):
        _count(tally, play(seed + at))
        at += jobs
        if tally.schedules == _REPORT_EVERY:
            tally = _report(tally)
    _report(tally)


def _report(tally: Tally) -> Tally:
    gc.collect()
    sys.stdout.write(json.dumps(tally.document()) + "\n")
    sys.stdout.flush()
    return Tally()


def _player() -> Any:
    """Return what plays a seed, with locks whose waiters are tasks; before that nothing of the package is imported."""
    from tests.simulation.locks import take_over_locks

    take_over_locks()
    from tests.simulation.schedule import play

    return lambda seed: play(seed, gives_way=True)


def _count(tally: Tally, world: Any) -> None:
    tally.schedules += 1
    tally.seconds += world.scheduler.now
    tally.faults.update(world.faults.met)
    tally.happened.update(world.happened)
    tally.killed_at.update(world.killed_at)
    for each in world.runs:
        tally.endings[f"{each.kind}: {'killed' if each.ended is None else type(each.error).__name__}"] += 1
        if each.applied is not None:
            tally.outcomes.update(outcome.status.value for outcome in each.applied.outcomes)
    if world.violations:
        tally.violations[world.seed] = sorted(set(world.violations))


def replay(world: Any) -> int:
    """Tell every event of a schedule that was played, and what it violates; return 1 where it does."""
    told = [f"seed {world.seed}: {world.settings}", str(world.switches)]
    told += [f"faults: network {world.faults.network}, store {world.faults.store}", *world.scheduler.log]
    for each in world.runs:
        if each.applied is not None:
            told += [f"{each.name}:", *(f"  {_outcome(outcome)}" for outcome in each.applied.outcomes)]
        if each.error is not None:
            told.append(f"{each.name}: {each.error!r}")
    told += [f"VIOLATED {each}" for each in sorted(set(world.violations))] or ["nothing was violated"]
    # Names that the system gives are other ones each time.
    text = "\n".join(told).replace(str(world.folder), "FOLDER")
    sys.stdout.write(_EMERGENCY.sub(r"\1-NAME.jsonl", text) + "\n")
    if world.trouble is not None:
        import traceback

        traceback.print_exception(world.trouble)
    return 1 if world.violations else 0


def _outcome(outcome: Any) -> str:
    return f"{outcome.custom_id} {outcome.id} {outcome.action.value} {outcome.status.value}: {outcome.detail}"


def never_met(tally: Tally) -> list[str]:
    """Return which kinds of faults and which phases were never met."""
    from tests.simulation.faults import FOR_GET, FOR_WRITE, NETWORK_PHASES, PHASES, STORE_KINDS

    kinds = {kind for kind, _ in tally.faults}
    phases = {phase for _, phase in tally.faults}
    missing = [kind for kind in (*dict.fromkeys((*FOR_GET, *FOR_WRITE)), *STORE_KINDS) if kind not in kinds]
    missing += [f"any fault in {phase}" for phase in PHASES if phase not in phases]
    if tally.schedules >= _MANY:
        pairs = [(kind, phase) for kind in FOR_GET for phase in NETWORK_PHASES if phase != "write"]
        pairs += [(kind, "write") for kind in FOR_WRITE]
        missing += [f"{kind} in {phase}" for kind, phase in pairs if (kind, phase) not in tally.faults]
    return missing


def table(tally: Tally) -> str:
    """Return what was met, as text."""
    from tests.simulation.faults import PHASES

    kinds = list(dict.fromkeys(kind for kind, _ in sorted(tally.faults)))
    lines = [
        f"{tally.schedules:,} schedules, {tally.seconds / 86400:,.0f} simulated days, "
        f"{sum(tally.faults.values()):,} faults, {len(tally.violations):,} schedules with violations",
        "",
        f"{'fault':28}" + "".join(f"{phase:>10}" for phase in PHASES),
    ]
    lines += [f"{kind:28}" + "".join(f"{tally.faults[kind, phase] or '':>10}" for phase in PHASES) for kind in kinds]
    total = [sum(number for (_, each), number in tally.faults.items() if each == phase) for phase in PHASES]
    lines.append(f"{'all':28}" + "".join(f"{number:>10}" for number in total))
    for title, counted in (
        ("what happened", tally.happened),
        ("killed at", tally.killed_at),
        ("how runs ended", tally.endings),
        ("outcomes", tally.outcomes),
    ):
        lines += ["", title, *(f"  {name:44}{number:>10,}" for name, number in sorted(counted.items()))]
    missing = never_met(tally)
    lines += ["", "never met: " + (", ".join(missing) or "nothing")]
    for seed, found in sorted(tally.violations.items())[:_SHOWN]:
        lines.append(_told(seed, found).rstrip())
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
