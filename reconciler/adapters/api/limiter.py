"""Who may send when, over all threads of a run and over all that share its slots. Nothing here waits.

The decisions are `core.budget`'s; here they are taken one after the other, on slots that are this process's alone or
every process's of the machine.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from reconciler.core.budget import Limit, Turn, added, held, next_turn, slot_of


@dataclass(slots=True)
class Page:
    """The uses of all slots, and the moment before which nothing may leave: all of it in monotonic seconds.

    `touched` has the slots that were written.
    """

    uses: list[float] = field(default_factory=list)
    hold: float = 0.0
    touched: set[int] = field(default_factory=set)

    def put(self, slot: int, use: float) -> None:
        """Give a slot another use."""
        self.uses[slot] = use
        self.touched.add(slot)

    def extend(self, uses: Sequence[float]) -> None:
        """Add slots."""
        self.touched.update(range(len(self.uses), len(self.uses) + len(uses)))
        self.uses.extend(uses)


class Slots(Protocol):
    """Where the slots are kept."""

    def opened(self, now: float) -> AbstractContextManager[Page]:
        """Give the page to one alone; what is made of it inside the block is kept."""
        ...


class OwnSlots:
    """Slots that whoever has this object shares."""

    def __init__(self, page: Page | None = None) -> None:
        self._page = page or Page()
        self._lock = threading.Lock()

    @contextmanager
    def opened(self, now: float) -> Iterator[Page]:  # noqa: ARG002 - a Slots
        """Give the page to one thread alone."""
        with self._lock:
            yield self._page


class Limiter:
    """Hands out turns to send. 0 requests means no limit, but a hold is obeyed all the same. Threads may share it."""

    def __init__(self, limit: Limit, *, slots: Slots | None = None) -> None:
        self.limit = limit
        self._slots = slots or OwnSlots()
        # Those who found every slot out, in the order in which they came; read and written with the slots open.
        self._queue: list[object] = []
        # How many turns are out, and those that are over but not written down yet. Opening the slots takes several
        # calls of the system, and with each a thread gives way to the others: it is done once for a request, not twice.
        self._out = 0
        self._over: list[tuple[Turn, float]] = []
        self._counting = threading.Lock()

    def take(self, who: object, now: float) -> Turn | float:
        """Return a turn, or the moment at which to ask again; whoever asked first is served first.

        `who` stands in the queue from the first time that it asks until it is served, or leaves.
        """
        with self._slots.opened(now) as page:
            if not self.limit.requests:
                return Turn(at=max(now, page.hold), use=now, before=now, slot=0)
            self._write_down(page)
            page.extend(added(page.uses, self.limit.requests))
            ahead = self._queue.index(who) if who in self._queue else len(self._queue)
            turn = next_turn(page.uses, self.limit, now=now, hold=page.hold, ahead=ahead)
            if isinstance(turn, Turn):
                page.put(turn.slot, turn.use)
                self._leave(who)
                with self._counting:
                    self._out += 1
            elif who not in self._queue:
                self._queue.append(who)
            return turn

    def leave(self, who: object, now: float) -> None:
        """Give up one's place in the queue."""
        with self._slots.opened(now):
            self._leave(who)

    def confirm(self, turn: Turn, now: float) -> Turn:
        """Return the turn, at a later moment where everybody was held up meanwhile."""
        with self._slots.opened(now) as page:
            later = held(turn, self.limit, page.hold)
            if later is not turn:
                self._put(page, turn, later.use)
            return later

    def settle(self, turn: Turn, now: float) -> None:
        """Note that the request of a turn is over: the server saw it no later than now."""
        self._end(turn, now, now)

    def cancel(self, turn: Turn, now: float) -> None:
        """Give back a turn of which the server saw nothing."""
        self._end(turn, turn.before, now)

    def lose(self, turn: Turn, now: float) -> None:
        """Give up a turn of which nobody knows when the server sees its request: it counts as long as it may last."""
        self._end(turn, turn.use, now)

    def hold(self, until: float, now: float) -> None:
        """Have nobody send before that moment."""
        with self._slots.opened(now) as page:
            page.hold = max(page.hold, until)

    def _end(self, turn: Turn, use: float, now: float) -> None:
        """Leave it to those who are still out to write this down with their own; until then the slot counts as out."""
        if not self.limit.requests:
            return
        with self._counting:
            self._over.append((turn, use))
            self._out -= 1
            if self._out > 0:
                return
        with self._slots.opened(now) as page:
            self._write_down(page)

    def _write_down(self, page: Page) -> None:
        with self._counting:
            over, self._over = self._over, []
        for turn, use in over:
            self._put(page, turn, use)

    def _put(self, page: Page, turn: Turn, use: float) -> None:
        slot = slot_of(page.uses, turn) if self.limit.requests else None
        if slot is not None:
            page.put(slot, use)

    def _leave(self, who: object) -> None:
        if who in self._queue:
            self._queue.remove(who)
