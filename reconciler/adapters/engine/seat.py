"""The seat of a worker in an engine of Dask's, and the engine's word on whether another worker is gone.

The word is that of the scheduler alone, and only of the very one that the hold names: a scheduler that was started
anew knows nobody of before, and that is no proof. Nor is silence, from it or from a worker.
"""

import re
from asyncio import CancelledError
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Final, NamedTuple

from distributed.utils import sync
from distributed.worker import Worker, get_worker

# The scheduler's id, the folder that this process of a worker has made for itself, and where it listens.
_NAME: Final = re.compile(r"dask/([^/\s]+)/([^/\s]+)/(\S+)", re.ASCII)
# Seconds to wait for the scheduler's word.
_PATIENCE: Final = 30.0


class _Named(NamedTuple):
    scheduler: str
    folder: str
    address: str


@dataclass(slots=True)
class Seat:
    """This worker's place in its engine."""

    worker: Worker
    _name: str | None = field(default=None, init=False)

    @property
    def name(self) -> str | None:
        """What names this process of a worker for good; None where the scheduler does not say that it knows it."""
        if self._name is None and (said := self._ask()) is not None:
            self._name = f"dask/{said['id']}/{_folder(self.worker.local_directory)}/{self.worker.address}"
        return self._name

    def shares_engine(self, other: str) -> bool:
        """Tell whether a name is that of a worker of this engine, as it runs now."""
        mine, theirs = _named(self.name or ""), _named(other)
        return mine is not None and theirs is not None and mine.scheduler == theirs.scheduler

    def proof(self, other: str) -> str | None:
        """Return what proves that the worker of this name is gone, as the rest of a sentence; None where nothing does.

        A worker that the scheduler has given up never comes back to it: it ends, and a new one has another folder.
        """
        named, said = _named(other), self._ask()
        if named is None or said is None or said["id"] != named.scheduler:
            return None
        there = said["workers"].get(named.address)
        if there is None:
            return "the engine says that its worker is gone"
        if _folder(there["local_directory"]) != named.folder:
            return "the engine has another worker in the place of its worker"
        return None

    def _ask(self) -> Mapping[str, Any] | None:
        """Return what the scheduler says of itself and its workers; None where it says nothing, or gave us up too."""

        async def asked() -> Mapping[str, Any]:
            said: Mapping[str, Any] = await self.worker.scheduler.identity(n_workers=-1)
            return said

        try:
            # The worker's connections belong to its event loop; this is a thread in which it does a task.
            said = sync(self.worker.loop, asked, callback_timeout=_PATIENCE)
        except (OSError, TimeoutError, RuntimeError, ValueError, CancelledError):
            return None
        us = said["workers"].get(self.worker.address)
        return said if us is not None and us["local_directory"] == self.worker.local_directory else None


def current_seat() -> Seat | None:
    """Return the seat of the worker that does a task in this thread; None outside of one."""
    try:
        return Seat(get_worker())
    except ValueError:
        return None


def _folder(path: str) -> str:
    return PurePath(path).name


def _named(name: str) -> _Named | None:
    match = _NAME.fullmatch(name)
    return None if match is None else _Named(*match.groups())
