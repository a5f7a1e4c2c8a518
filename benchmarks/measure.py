"""Measuring whole processes: time from start to end, interleaved with a floor, and the memory of a process tree."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final, TypeAlias

_EVERY_SECONDS: Final = 0.002


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a process ended. `cpu` includes the processes that it has waited for."""

    seconds: float
    cpu: float
    stdout: str


@dataclass(frozen=True, slots=True)
class Series:
    """The figures of several runs, all in one unit."""

    runs: tuple[float, ...]

    @property
    def middle(self) -> float:
        """The median, which is what is judged."""
        return median(self.runs)

    @property
    def best(self) -> float:
        """The minimum: what it takes when nothing else runs on the machine."""
        return min(self.runs)


# One run and what it came to.
Measure: TypeAlias = Callable[[], float]


def interleaved(runs: int, ours: Measure, floor: Measure, *, warm: bool = True) -> tuple[Series, Series]:
    """Measure the two in turn, after one run of each that does not count, so that both meet the same noise.

    Without `warm` the first run counts: for what takes minutes.
    """
    if warm:
        ours(), floor()
    pairs = [(ours(), floor()) for _ in range(runs)]
    return Series(tuple(one for one, _ in pairs)), Series(tuple(other for _, other in pairs))


def run(
    command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str] | None = None, expect: int | None = 0
) -> Ended:
    """Run a command to its end; RuntimeError with what it said if it ends otherwise than expected."""
    started = time.perf_counter()
    with subprocess.Popen(
        list(map(str, command)),
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        said = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
    if expect is not None and process.returncode != expect:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{said[-2000:]}")
    return Ended(seconds=seconds, cpu=usage.ru_utime + usage.ru_stime, stdout=said)


def peak_megabytes(command: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str] | None = None) -> float:
    """Return the most memory that a command and its descendants can have held together.

    The system keeps each process's own peak (VmHWM); the sum of all of them is returned. That is never too little,
    however the peaks lie in time, and counts twice what a forked process shares with its parent. A process's own
    figure is read every 2 ms: what wait4 says of a child also counts the process that started it.
    """
    peaks: dict[int, int] = {}
    with subprocess.Popen(
        list(map(str, command)),
        cwd=cwd,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        while process.poll() is None:
            for each in _tree(process.pid):
                peaks[each] = max(peaks.get(each, 0), _own_peak(each))
            time.sleep(_EVERY_SECONDS)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {process.returncode}")
    return sum(peaks.values()) / 1024


def _tree(pid: int) -> list[int]:
    found = [pid]
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += _tree(int(child))
    return found


def _own_peak(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0
