"""A world of values behind the ports, on a clock that only waiting moves: what a run does is told second by second."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from reconciler.app.apply import Applied, apply_plan
from reconciler.app.means import Means
from reconciler.core.ledger import fold
from reconciler.core.planner import build_plan
from reconciler.core.snapshot import Snapshot
from reconciler.model.outcome import Accepted, Answer, Outcome
from reconciler.model.plan import Plan
from reconciler.model.sequence import Gone, Live, Payload, Reading
from reconciler.model.state import Entry, Intended, Settled, State
from tests.core.core_values import live, uuid

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


def at(seconds: float) -> str:
    return (BEGINNING + timedelta(seconds=int(seconds))).isoformat().replace("+00:00", "Z")


class VirtualClock:
    """A Clock of the ports: it is as late as everybody has waited."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds

    def moment(self) -> str:
        return at(self.seconds)

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.seconds += seconds


@dataclass
class World:
    """Reader, writer and recorder in one. `sequences` are live; `answers` is asked before a write is done.

    `log` has every request and every entry with its moment (in seconds since the run began).
    """

    clock: VirtualClock = field(default_factory=VirtualClock)
    sequences: dict[str, Live] = field(default_factory=dict)
    answers: Callable[[str, str, Payload], Answer | None] = lambda _method, _name, _body: None
    readings: Callable[[str], Reading | None] = lambda _name: None
    entries: list[Entry] = field(default_factory=list)
    log: list[tuple[float, str]] = field(default_factory=list)

    def _note(self, what: str) -> None:
        self.log.append((round(self.clock.seconds - 1000, 3), what))

    def read(self, sequence_id: str) -> Reading:
        return self._look(next((each for each in self.sequences if uuid(each) == sequence_id), sequence_id))

    def find(self, custom_id: str) -> Reading:
        return self._look(custom_id)

    def _look(self, name: str) -> Reading:
        self._note(f"GET {name}")
        own = self.readings(name)
        return own if own is not None else self.sequences.get(name, Gone())

    def create(self, body: bytes) -> Answer:
        return self._write("POST", Payload(body))

    def update(self, sequence_id: str, body: bytes) -> Answer:
        return self._write("PATCH", Payload(body))

    def _write(self, method: str, body: Payload) -> Answer:
        name = str(body.value["custom_id"])
        self._note(f"{method} {name}")
        own = self.answers(method, name, body)
        if own is not None:
            return own
        self.do(name, body)
        return Accepted(uuid(name) if method == "POST" else None)

    def do(self, name: str, body: Payload) -> None:
        self.sequences[name] = replace(live(name), payload=body)

    def append(self, entry: Entry) -> None:
        what = "intent" if isinstance(entry, Intended) else "settled"
        self._note(f"{what} {entry.custom_id}" if isinstance(entry, Intended | Settled) else "begun")
        self.entries.append(entry)

    def means(self, **changes: Any) -> Means:
        return Means(
            **{"reader": self, "writer": self, "session": self, "clock": self.clock, "org_id": None, **changes}
        )

    def run(self, plan: Plan, *, settle: float = 5.0, state: State | None = None) -> Applied:
        means = self.means(settle=settle)
        ids = {} if state is None else {name: record.id for name, record in state.records.items()}
        return apply_plan(plan, means, ids=ids, settled=lambda _: None, stopping=lambda _: None)

    def only(self, snapshot: Snapshot, *, settle: float = 5.0) -> Outcome:
        """Carry out the plan of a snapshot, which has one change, and hand back what came of it."""
        plan = build_plan(snapshot)
        assert plan.can_apply, plan.violations
        (outcome,) = self.run(plan, settle=settle, state=snapshot.state).outcomes
        return outcome

    def folded(self, state: State) -> State:
        return fold(state, self.entries)

    def seconds_of(self, what: str) -> list[float]:
        return [seconds for seconds, each in self.log if each == what]
