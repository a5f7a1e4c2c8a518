"""A run of tasks on an engine: each comes to one ending, whatever becomes of workers, scheduler and connection."""

import asyncio
import pickle
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from queue import Empty, SimpleQueue
from typing import Any, Final

from distributed import Client, Future
from distributed.client import ClosedClientError
from distributed.scheduler import KilledWorker

from reconciler.adapters.engine.connection import ask
from reconciler.adapters.engine.task import BEGUN, RUNS, STOP, TOPIC, Document, Work, do

# Seconds: how often it is looked whether there is anybody to wait for, how long no worker at all is put up with, and
# how long what is under way may take to wind up.
_PERIOD: Final = 2.0
WITHOUT_WORKERS: Final = 300.0
WINDING_UP: Final = 120.0
_ANSWER: Final = 10.0  # for a result that is there to be fetched


class Fate(Enum):
    """How a task ended: with a document, before it began, or nobody knows how, since whoever did it is gone."""

    DONE = "done"
    NOT_BEGUN = "not begun"
    LOST = "lost"
    BROKEN = "broken"  # a bug, or a worker that cannot do it


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What became of one task: its document, or the reason why there is none, as a clause."""

    name: str
    fate: Fate
    document: Document | None = None
    reason: str = ""


class EngineRun:
    """Tasks by name, handed to the engine at once. `hear` is told of what workers tell, in a thread of the client's."""

    def __init__(
        self,
        client: Client,
        run: str,
        *,
        work: Work,
        hear: Callable[[str, Document], None],
        notice: Callable[[str], None],
        without_workers: float = WITHOUT_WORKERS,
        winding_up: float = WINDING_UP,
    ) -> None:
        self._client = client
        self._run = run
        self._work = work
        self._hear = hear
        self._notice = notice
        self._without_workers = without_workers
        self._waiting: dict[str, Future[Any]] = {}
        self._done: SimpleQueue[str] = SimpleQueue()
        self._begun: set[str] = set()
        self._stopped: str | None = None
        self._is_heard = False  # whether the scheduler knows that the run is to stop
        self._idle = 0.0  # seconds without any worker
        self._left = winding_up  # seconds until nobody is waited for any more, once stopped

    def start(self, tasks: Mapping[str, Document]) -> None:
        """Hand the tasks over. Where the engine is gone already, none is, and there is no ending of any."""
        names = list(tasks)
        try:
            futures = self._handed_over(names, tasks)
        except (ClosedClientError, OSError, RuntimeError):
            return
        self._waiting = dict(zip(names, futures, strict=True))
        for name, future in self._waiting.items():
            self._await(name, future)

    def _handed_over(self, names: list[str], tasks: Mapping[str, Document]) -> "list[Future[Any]]":
        self._client.subscribe_topic(TOPIC, self._event)
        return self._client.map(
            do,
            [self._work] * len(names),
            [self._run] * len(names),
            names,
            list(tasks.values()),
            key=[f"{self._run}-{name}" for name in names],
            pure=False,
            retries=0,
        )

    def next_ending(self) -> Ending | None:
        """Wait for the next ending; None once there is none left. An interrupted call loses nothing."""
        while self._waiting:
            try:
                name = self._done.get(timeout=_PERIOD)
            except Empty:
                ending = self._given_up()
            else:
                ending = self._ended(name)
            if ending is not None:
                self._waiting.pop(ending.name).release()
                return ending
        return None

    def stop(self, why: Document) -> None:
        """Begin nothing more, and have what is under way wind up; `why` has a `message`. Safe in a signal's handler."""
        if self._stopped is None:
            self._stopped = why["message"]
            threading.Thread(target=self._announce, args=(why,), daemon=True).start()

    def close(self) -> None:
        """Leave nothing behind at the scheduler."""
        if self._client.status != "running":
            return
        with suppress(OSError, TimeoutError, RuntimeError, ValueError):
            self._client.unsubscribe_topic(TOPIC)
            ask(self._client, "set_metadata", keys=[RUNS, self._run], value={})

    def _announce(self, why: Document) -> None:
        with suppress(OSError, TimeoutError, RuntimeError):
            ask(self._client, "set_metadata", keys=[RUNS, self._run, STOP], value=why)
            self._is_heard = True

    def _await(self, name: str, future: "Future[Any]") -> None:
        future.add_done_callback(lambda _future: self._done.put(name))

    def _event(self, event: tuple[float, Document]) -> None:
        """Hear an event; those of other runs are for others."""
        _, said = event
        if said.get("run") != self._run:
            return
        if BEGUN in said["told"]:
            self._begun.add(said["name"])
        self._hear(said["name"], said["told"])

    def _ended(self, name: str) -> Ending | None:
        """Return the ending of a task of which something was heard; None where it goes on all the same."""
        future = self._waiting.get(name)
        if future is None:
            return None
        try:
            document = future.result(timeout=_ANSWER)
        except TimeoutError:
            # The worker that had it is gone: the engine has it done again.
            self._await(name, future)
            return None
        except (CancelledError, asyncio.CancelledError, OSError):
            return self._without_word(name, "the connection to the engine was lost")
        except KilledWorker as error:
            # Whatever waits at a worker that is lost counts as lost with it, too.
            fate = Fate.LOST if name in self._begun else Fate.NOT_BEGUN
            return Ending(name=name, fate=fate, reason=f"workers that were to do it were lost {_times(error)}")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this one's own, and the others go on
            return Ending(name=name, fate=Fate.BROKEN, reason=_broken(error))
        fate = Fate.NOT_BEGUN if document is None else Fate.DONE
        return Ending(name=name, fate=fate, document=document, reason=self._stopped or "")

    def _without_word(self, name: str, reason: str) -> Ending:
        """Return the ending of one of which nothing more will be heard.

        Only where every worker is kept from beginning it is it known that it was not begun.
        """
        if self._is_heard and name not in self._begun:
            return Ending(name=name, fate=Fate.NOT_BEGUN, reason=self._stopped or reason)
        return Ending(name=name, fate=Fate.LOST, reason=reason)

    def _given_up(self) -> Ending | None:
        """Look whether there is anybody to wait for; return an ending where there is not."""
        if self._has_workers():
            self._idle = 0.0
        else:
            if self._idle == 0.0:
                self._notice("the engine has no worker left; waiting for one")
            self._idle += _PERIOD
        if self._stopped is None:
            if self._idle >= self._without_workers:
                self.stop({"message": "the engine had no worker any more"})
            return None
        self._left -= _PERIOD
        name = next(iter(self._waiting))
        if self._idle:
            return self._without_word(name, "the engine had no worker any more")
        return self._without_word(name, "it did not wind up in time") if self._left <= 0 else None

    def _has_workers(self) -> bool:
        try:
            return bool(ask(self._client, "identity", n_workers=0)["n_workers"])
        except (OSError, TimeoutError, RuntimeError):
            return True  # a connection that is lost ends every task by itself


def _times(error: KilledWorker) -> str:
    times = error.allowed_failures + 1
    return "once" if times == 1 else f"{times} times"


def _broken(error: Exception) -> str:
    """Return what is said of an exception that crossed; its text may hold anything, and is not repeated."""
    if isinstance(error, ModuleNotFoundError | pickle.UnpicklingError | AttributeError):
        return f"a worker does not have this version of the tool ({type(error).__name__})"
    return f"a worker failed on it ({type(error).__name__}), which is a bug; its log says more"
