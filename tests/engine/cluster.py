"""A real cluster on loopback: a scheduler and workers, each a process of its own, to be killed and cut off."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Final, Self

ROOT: Final = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Member:
    """A process of the cluster, and where it listens. What it logs goes to the file `log`."""

    process: "subprocess.Popen[str]"
    address: str
    log: Path

    def end(self) -> None:
        """Kill it, as a machine does that runs out of memory."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


@dataclass
class Cluster:
    """A scheduler with workers, all of which end with the block."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    workers: list[Member] = field(default_factory=list)
    _stack: ExitStack = field(default_factory=ExitStack)
    _numbers: Iterator[int] = field(default_factory=count)

    def __enter__(self) -> Self:
        self.scheduler = self.start("scheduler", name="scheduler")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.close()

    @property
    def address(self) -> str:
        return self.scheduler.address

    @property
    def logs(self) -> str:
        """All that any process of it has said."""
        return "".join(path.read_text(encoding="utf-8") for path in sorted(self.folder.glob("*.log")))

    def add_workers(
        self,
        number: int,
        *,
        threads: int = 2,
        through: str | None = None,
        port: str = "0",
        folder: Path = ROOT,
        **environment: str,
    ) -> list[Member]:
        """Start workers, all at once, and wait until the scheduler knows them."""
        names = [f"worker-{next(self._numbers)}" for _ in range(number)]
        asked = ("worker", through or self.address, str(threads), port)
        begun = [self._begin(name, *asked, folder=folder, **environment) for name in names]
        added = [self._listening(process, name) for name, process in zip(names, begun, strict=True)]
        self.workers += added
        return added

    def mend(self, number: int = 2) -> None:
        """Start workers in the place of those that were killed."""
        self.workers = [each for each in self.workers if each.process.poll() is None]
        self.add_workers(number - len(self.workers))

    def start(self, *arguments: str, name: str, **environment: str) -> Member:
        return self._listening(self._begin(name, *arguments, **environment), name)

    def _begin(self, name: str, *arguments: str, folder: Path = ROOT, **environment: str) -> "subprocess.Popen[str]":
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.engine.engine_process", *arguments],
                cwd=folder,
                env={**os.environ, **self.settings, **environment},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def _listening(self, process: "subprocess.Popen[str]", name: str) -> Member:
        assert process.stdout is not None
        member = Member(process, process.stdout.readline().strip(), self.folder / f"{name}.log")
        self._stack.callback(member.end)
        assert member.address, member.log.read_text(encoding="utf-8")
        return member


class Wire:
    """A way to an address that keeps every byte that passes, and that can be cut."""

    def __init__(self, address: str) -> None:
        host, _, port = address.removeprefix("tcp://").rpartition(":")
        self._there = (host, int(port))
        self.seen = bytearray()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Let nothing through any more."""
        self._listener.close()
        for pair in self._pairs:
            for each in pair:
                try:
                    each.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # it was closed already

    def _accept(self) -> None:
        while True:
            try:
                here, _ = self._listener.accept()
                there = socket.create_connection(self._there)
            except OSError:
                return
            self._pairs.append((here, there))
            for one, other in ((here, there), (there, here)):
                threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        try:
            while data := one.recv(65536):
                self.seen += data
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            return
        finally:
            one.close()
