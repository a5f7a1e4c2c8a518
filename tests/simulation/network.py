"""The network and the server as a process meets them: an Exchange whose requests get lost, late, twice told or garbled.

The sandbox's simulator is the server. A request that was delivered is applied whatever becomes of whoever sent it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from reconciler.core.classify import Reply
from reconciler.core.sent import Failure, NoReply, no_reply
from reconciler.sandbox.api import Request
from reconciler.sandbox.keys import FULL_KEY
from reconciler.sandbox.ledger import Mutation
from reconciler.sandbox.simulator import Simulator
from tests.simulation.faults import Faults
from tests.simulation.replies import UNDELIVERED, instead, reply, spoilt
from tests.simulation.scheduler import Process, Scheduler

if TYPE_CHECKING:
    from tests.simulation.world import Run

# Status, body, headers.
Answered: TypeAlias = tuple[int, bytes, tuple[tuple[str, str], ...]]
# What an API that answers at all is believed to tell the truth about.
_LIES = frozenset({"404", "another id"})


@dataclass
class Sent:
    """One request that left. `number` is its place in the ledger once it has arrived there."""

    process: Process
    run: str
    method: str
    path: str
    body: bytes | None
    left: float
    phase: str
    fault: str | None = None
    number: int | None = None
    arrived: float | None = None
    mutation: Mutation | None = None
    sequence_id: str | None = None
    # The content of the sequence before and after a PATCH.
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    is_late: bool = False

    @property
    def writes(self) -> bool:
        return self.method != "GET"


@dataclass
class Server:
    """The simulator with its place in time, and what was sent to it by whom."""

    scheduler: Scheduler
    simulator: Simulator
    sent: list[Sent] = field(default_factory=list)
    # Entries in the ledger so far, as nobody else writes it.
    entries: int = 0

    def answer(self, sent: Sent) -> Answered:
        """Have a request arrive."""
        if sent.method == "PATCH":
            sent.before = self.simulator.find(sent.path.rpartition("/")[2])
        request = Request(method=sent.method, path=sent.path, authorization=f"Bearer {FULL_KEY}", body=sent.body or b"")
        answer = self.simulator.answer(request)
        self.entries += 1
        sent.number, sent.arrived = self.entries, self.scheduler.now
        if sent.writes and answer.status < 300:
            if sent.method == "POST":
                sent.mutation, sent.sequence_id = "create", json.loads(answer.body)["id"]
            else:
                sent.mutation, sent.sequence_id = "update", sent.path.rpartition("/")[2]
                sent.after = self.simulator.find(sent.sequence_id)
        return answer.status, answer.body, answer.headers

    def poke(self, do: Callable[[], object]) -> bool:
        """Let a person do something in the dashboard; False where it cannot be done."""
        try:
            do()
        except (LookupError, ValueError):
            return False
        self.entries += 1
        return True


class Network:
    """An Exchange for one run of one process."""

    def __init__(
        self,
        server: Server,
        faults: Faults,
        process: Process,
        *,
        run: "Run",
        settle: float,
        timeout: float,
    ) -> None:
        self._server = server
        self._scheduler = server.scheduler
        self._faults = faults
        self._process = process
        self._run = run
        self._settle = settle
        self._timeout = timeout

    def exchange(self, method: str, path: str, body: bytes | None) -> Reply | NoReply:
        """Carry one request (an Exchange)."""
        scheduler = self._scheduler
        task = scheduler.current
        assert task is not None
        phase = self._phase(method, task.note)
        scheduler.seam(f"request in {phase}, before")
        fault = self._fault(method, path, phase)
        sent = Sent(self._process, self._run.name, method, path, body, scheduler.now, phase, fault)
        if fault is not None:
            scheduler.tell(f"{self._process.name}: {method} {path} in {phase} meets: {fault}")
        if fault != "refused connection":
            self._server.sent.append(sent)
        if sent.writes:
            task.note["wrote"] = "probe"
        seen = self._carried(sent)
        scheduler.seam(f"request in {phase}, after")
        if sent.writes and isinstance(seen, Reply) and seen.status < 300:
            task.note["wrote"] = "readback"
        return seen

    def _fault(self, method: str, path: str, phase: str) -> str | None:
        kind = self._faults.of_request(phase, writes=method != "GET", now=self._scheduler.now)
        if kind in _LIES and method == "GET" and "-" not in path:
            # An API that lies about single names, and tells the truth about all others, cannot be helped.
            return None
        if kind == "another id" and method == "POST":
            return "no id"
        return kind

    def _phase(self, method: str, note: dict[str, Any]) -> str:
        if method != "GET":
            return "write"
        if self._run.stage == "plan":
            return "plan"
        return str(note.get("wrote", "look"))

    def _carried(self, sent: Sent) -> Reply | NoReply:
        scheduler, random, fault = self._scheduler, self._scheduler.random, sent.fault
        there, back = random.uniform(0.01, 0.3), random.uniform(0.01, 0.3)
        if fault == "slow":
            there, back = random.uniform(0, self._timeout * 0.5), random.uniform(0, self._timeout * 0.4)
        if fault == "refused connection":
            scheduler.sleep(there)
            return no_reply(Failure.REFUSED, "cannot connect: refused")
        if fault is not None and fault.startswith("no answer"):
            return self._unanswered(sent, fault, there)
        if fault in UNDELIVERED:
            scheduler.sleep(there + back)
            return instead(fault, random.randrange(1 << 30), scheduler.moment())
        answers: list[Answered] = []
        scheduler.at(there, lambda: answers.append(self._arrive(sent)))
        scheduler.sleep(there + back)
        if fault == "reset after delivery":
            return no_reply(Failure.READ, "the connection was reset")
        status, body, headers = answers[0]
        if fault is None or fault == "slow":
            return reply(status, body, dict(headers))
        return spoilt(fault, status, body, random.randrange(1 << 30))

    def _unanswered(self, sent: Sent, fault: str, there: float) -> NoReply:
        sent.is_late = fault == "no answer, delivered late"
        if sent.is_late:
            there = self._timeout + self._scheduler.random.uniform(0.0, self._settle * 0.9)
        if fault != "no answer, not delivered":
            self._scheduler.at(there, lambda: self._arrive(sent))
        self._scheduler.sleep(self._timeout)
        return no_reply(Failure.READ_TIMEOUT, "no complete answer in time")

    def _arrive(self, sent: Sent) -> Answered:
        answered = self._server.answer(sent)
        if sent.mutation is not None:
            late = ", late" if sent.is_late else ""
            self._scheduler.tell(f"server: {sent.mutation} {sent.sequence_id} for {sent.run}{late}")
        return answered
