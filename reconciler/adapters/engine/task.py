"""What a worker of an engine does: one task at a time in each of its threads, which the scheduler tells of and stops.

Nothing but documents crosses: the function that does the work is named, not sent, and the worker has its own.
"""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from distributed.core import Status
from distributed.utils import sync
from distributed.worker import Worker, get_worker

from reconciler.core.latch import Latch

# What msgpack can carry: texts, numbers, lists and dictionaries.
Document: TypeAlias = dict[str, Any]
Tell: TypeAlias = Callable[[Document], None]

# Where what is told of all runs goes; the scheduler keeps the last thousand events of a topic, and drops no topic.
TOPIC: Final = "reconciler"
# Among the scheduler's metadata, by the run's name: why it is to stop, and which tasks were begun, and where.
RUNS: Final = "reconciler"
STOP: Final = "stop"
BEGUN: Final = "begun"
_PATIENCE: Final = 30.0
_PERIOD: Final = 0.5
# Whether what is under way is to wind up, and why, as a document with a `message`.
Stop: TypeAlias = Latch[Document]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """What a worker is to do. `is_again`: another one had begun it and was lost, and nobody knows how far it came."""

    document: Document
    is_again: bool
    tell: Tell
    stop: Stop


Work: TypeAlias = Callable[[Assignment], Document]


def do(work: Work, run: str, name: str, document: Document) -> Document | None:
    """Do one task of a run on this worker; None where the run was stopped before it began.

    That it begins is known to the scheduler before anything is done: what is not told of was not begun.
    """
    worker = get_worker()
    stop, ended = Stop(), threading.Event()

    async def begin() -> bool | None:
        if await _why(worker, run) is not None:
            return None
        place = [RUNS, run, BEGUN, name]
        before = await worker.scheduler.get_metadata(keys=place, default=None)
        await worker.scheduler.set_metadata(keys=place, value=worker.address)
        await worker.scheduler.log_event(topic=TOPIC, msg={"run": run, "name": name, "told": {BEGUN: worker.address}})
        return before is not None

    is_again = sync(worker.loop, begin, callback_timeout=_PATIENCE)
    if is_again is None:
        return None

    def tell(told: Document) -> None:
        worker.log_event(TOPIC, {"run": run, "name": name, "told": told})

    worker.loop.add_callback(_listen, worker, run, worker.get_current_task(), stop, ended)
    try:
        return work(Assignment(document=document, is_again=is_again, tell=tell, stop=stop))
    finally:
        ended.set()


async def _listen(worker: Worker, run: str, key: Any, stop: Stop, ended: threading.Event) -> None:
    """Pass on that the task is to wind up, until it has ended. This runs in the worker's event loop."""
    while not ended.is_set() and stop.why is None:
        if worker.status in (Status.closing, Status.closed, Status.failed):
            stop.set({"message": "its worker is being closed"})
        elif getattr(worker.state.tasks.get(key), "state", "forgotten") in ("cancelled", "resumed", "forgotten"):
            stop.set({"message": "whoever asked for it has gone"})
        elif (why := await _why(worker, run)) is not None:
            stop.set(why)
        else:
            await asyncio.sleep(_PERIOD)


@dataclass(slots=True)
class _Heard:
    """When the scheduler was last asked whether a run is to stop, and what it said."""

    at: float = float("-inf")
    why: Document | None = None
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)


# By worker and run: many tasks of one worker ask once. Only event loops of workers touch it.
_heard: dict[tuple[str, str], _Heard] = {}


async def _why(worker: Worker, run: str) -> Document | None:
    """Return why a run is to stop; None where it is not, or where the scheduler cannot be asked."""
    heard = _heard.setdefault((worker.id, run), _Heard())
    async with heard.asking:
        now = asyncio.get_running_loop().time()
        if heard.why is None and now - heard.at >= _PERIOD:
            try:
                heard.why = await worker.scheduler.get_metadata(keys=[RUNS, run, STOP], default=None)
            except OSError:
                return None  # the worker is about to notice
            heard.at = now
        return heard.why
