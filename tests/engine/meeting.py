"""Where tasks meet the test that they are part of: each says that it is there, and waits to be told to go on."""

import json
import queue
import socket
import threading
from types import TracebackType
from typing import Final, NamedTuple, Self

PATIENCE: Final = 60.0


class Arrived(NamedTuple):
    """A task that waits, and the process that does it."""

    name: str
    process: int


class Meeting:
    """A server on loopback; whoever comes once `open_to_all` was called is answered at once."""

    def __enter__(self) -> Self:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._arrived: queue.Queue[Arrived] = queue.Queue()
        self._waiting: dict[str, socket.socket] = {}
        self._word: str | None = None
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.open_to_all("go")

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def next(self) -> Arrived:
        return self._arrived.get(timeout=PATIENCE)

    def say(self, name: str, word: str) -> None:
        with self._waiting.pop(name) as there:
            there.sendall(word.encode())

    def open_to_all(self, word: str) -> None:
        self._word = word
        for name in list(self._waiting):
            try:
                self.say(name, word)
            except OSError:
                continue  # its worker is gone

    def _accept(self) -> None:
        while True:
            try:
                there, _ = self._listener.accept()
            except OSError:
                return
            said = json.loads(there.makefile().readline())
            self._waiting[said["name"]] = there
            self._arrived.put(Arrived(said["name"], said["process"]))
            if self._word is not None:
                self.say(said["name"], self._word)


def meet(port: int, name: str, process: int) -> str:
    """Come to a meeting, and return the word that is said there."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as there:
        there.sendall(json.dumps({"name": name, "process": process}).encode() + b"\n")
        return there.makefile().read()
