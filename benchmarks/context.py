"""What every row is given: where it works, how often it measures, and the repositories that rows share."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measure import Ended, run
from benchmarks.repository import Repository

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """One run of the benchmarks. With `quick` the sizes are a fiftieth, and no bound is judged."""

    folder: Path
    runs: int
    quick: bool
    silence: "Silence"
    repositories: dict[int, Repository] = field(default_factory=dict)

    def size(self, count: int) -> int:
        """Return how many there shall be of something that there should be `count` of."""
        return max(count // 50, 5) if self.quick else count

    def recorded(self, count: int) -> Repository:
        """Return a repository of so many manifests, all of them recorded, made once in a run."""
        if count not in self.repositories:
            made = Repository.create(self.folder / f"recorded-{count}", count, api=self.silence.url)
            self.repositories[count] = made.record_all()
        return self.repositories[count]

    def floor(self, name: str, *arguments: str | Path) -> Ended:
        """Run one of the programs in `floors`, in a process of its own."""
        return run([sys.executable, "-m", f"benchmarks.floors.{name}", *arguments], cwd=ROOT)


class Silence:
    """An address at which nobody must knock: it listens, so that every attempt to connect is seen."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener

    @property
    def url(self) -> str:
        """The address, to be configured as the API's."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def check(self) -> None:
        """Raise RuntimeError if anybody has tried to connect."""
        try:
            self._listener.accept()[0].close()
        except BlockingIOError:
            return
        raise RuntimeError("a command that must not send anything has connected to the API")


@contextmanager
def silence() -> Iterator[Silence]:
    """Open such an address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0)
        yield Silence(listener)
