"""The network and the server as a process meets them: an Exchange whose requests get lost, late, twice told or garbled.

The sandbox's simulator is the server. A request that was delivered is applied whatever becomes of whoever sent it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from reconciler.core.classify import Reply
from reconciler.core.sent import Failure, NoReply, no_reply
from reconciler.sandbox.api import Request
from reconciler.sandbox.keys import FULL_KEY
from reconciler.sandbox.ledger import Mutation
from reconciler.sandbox.simulator import Simulator

from tests.simulation.faults import Faults
from tests.simulation.scheduler import Process, Scheduler

# What a server quotes back of somebody, and what must therefore never be shown or kept.
CANARIES = ("ann.canary@example.org", "+15550100123", FULL_KEY)
_WHOSE = "nobody is called ann.canary@example.org or can be called at +15550100123"
_OTHER_ID = "11111111-2222-4333-8444-555555555555"
_REASONS: dict[str, int] = {
    "429 with seconds": 429,
    "429 with a date": 429,
    "429 without a header": 429,
    "429 with rubbish": 429,
    "429 with a huge wait": 429,
}
_RUBBISH = ("soon", "-5", "1e9", "٣", "", "Thu, 99 Foo 2026 25:61:61 GMT")


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

    def answer(self, sent: Sent) -> tuple[int, bytes, tuple[tuple[str, str], ...]]:
        """Have a request arrive."""
        if sent.method == "PATCH":
            sent.before = self.simulator.find(sent.path.rpartition("/")[2])
        request = Request(
            method=sent.method, path=sent.path, authorization=f"Bearer {FULL_KEY}", body=sent.body or b""
        )
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
        run: str,
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
        sent = Sent(self._process, self._run, method, path, body, scheduler.now, phase, fault)
        if fault is not None:
            scheduler.tell(f"{self._process.name}: {method} {self._shown(path)} in {phase} meets: {fault}")
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
        if self._process.stage == "plan":
            return "plan"
        return str(note.get("wrote", "look"))

    def _shown(self, path: str) -> str:
        return path

    def _carried(self, sent: Sent) -> Reply | NoReply:
        scheduler, random, fault = self._scheduler, self._scheduler.random, sent.fault
        there, back = random.uniform(0.01, 0.3), random.uniform(0.01, 0.3)
        match fault:
            case "refused connection":
                scheduler.sleep(there)
                return no_reply(Failure.REFUSED, "cannot connect: refused")
            case "no answer, not delivered":
                scheduler.sleep(self._timeout)
                return no_reply(Failure.READ_TIMEOUT, "no complete answer in time")
            case "no answer, delivered late":
                late = self._timeout + random.uniform(0.0, self._settle * 0.9)
                scheduler.at(late, lambda: self._arrive(sent, []))
                sent.is_late = True
                scheduler.sleep(self._timeout)
                return no_reply(Failure.READ_TIMEOUT, "no complete answer in time")
            case "slow":
                there, back = random.uniform(0, self._timeout * 0.5), random.uniform(0, self._timeout * 0.4)
        if fault is not None and fault in _UNDELIVERED:
            scheduler.sleep(there + back)
            return _instead(fault, sent, random.randrange(1 << 30), scheduler.moment())
        answers: list[tuple[int, bytes, tuple[tuple[str, str], ...]]] = []
        scheduler.at(there, lambda: self._arrive(sent, answers))
        if fault == "no answer, delivered":
            scheduler.sleep(self._timeout)
            return no_reply(Failure.READ_TIMEOUT, "no complete answer in time")
        scheduler.sleep(there + back)
        status, body, headers = answers[0]
        if fault is None or fault == "slow":
            return _reply(status, body, dict(headers))
        if fault == "reset after delivery":
            return no_reply(Failure.READ, "the connection was reset")
        return _spoilt(fault, status, body, sent, random.randrange(1 << 30))

    def _arrive(self, sent: Sent, answers: list[tuple[int, bytes, tuple[tuple[str, str], ...]]]) -> None:
        answers.append(self._server.answer(sent))
        if sent.mutation is not None:
            late = ", late" if sent.is_late else ""
            self._scheduler.tell(f"server: {sent.mutation} {sent.sequence_id} for {sent.run}{late}")


_LIES = frozenset({"404", "another id"})

# Faults in which the server never acts on the request.
_UNDELIVERED = frozenset(
    {
        *_REASONS,
        *("429 as HTML", "500 before", "502 before", "503 before", "504 before", "401", "403", "404", "408 before"),
        *("409", "412", "422", "400", "redirect", "HTML instead"),
    }
)


def _reply(status: int, body: bytes, headers: dict[str, str] | None = None) -> Reply:
    given = {key.lower(): value for key, value in (headers or {}).items()}
    if not body:
        return Reply(status=status, body=None, is_json=False, is_empty=True, trouble=f"the answer ({status}) is empty")
    return Reply(
        status=status, body=json.loads(body), is_json=True, retry_after=given.get("retry-after"), date=given.get("date")
    )


def _html(status: int) -> Reply:
    return Reply(status=status, body=None, is_json=False, trouble=f"the answer ({status}) is text/html, not JSON")


def _error(status: int, **headers: str) -> Reply:
    body = {"statusCode": status, "message": _WHOSE, "error": "Error"}
    return _reply(status, json.dumps(body).encode(), {key.replace("_", "-"): value for key, value in headers.items()})


def _instead(fault: str, sent: Sent, chance: int, now: float) -> Reply:
    """Return what comes in the place of an answer, from a proxy or from the API before it acts."""
    match fault:
        case "429 with seconds":
            return _error(429, retry_after=str(chance % 20))
        case "429 with a date":
            return _error(429, retry_after=formatdate(now + chance % 20, usegmt=True), date=formatdate(now, usegmt=True))
        case "429 without a header":
            return _error(429)
        case "429 with rubbish":
            return _error(429, retry_after=_RUBBISH[chance % len(_RUBBISH)])
        case "429 with a huge wait":
            return _error(429, retry_after="99999")
        case "429 as HTML":
            return _html(429)
        case "redirect":
            return Reply(
                status=(301, 302, 303, 307, 308)[chance % 5],
                body=None,
                is_json=False,
                is_empty=True,
                trouble="the answer is empty",
                location="https://login.example.org/",
            )
        case "HTML instead":
            return _html((200, 403, 503)[chance % 3])
        case _:
            status = int(fault.split()[0])
            # A proxy's own errors are HTML, the API's are JSON; a 4xx of the API says that it did nothing.
            return _html(status) if status in (502, 503, 504, 408) and chance % 2 else _error(status)


def _spoilt(fault: str, status: int, body: bytes, sent: Sent, chance: int) -> Reply:
    """Return what is left of an answer after the server has acted."""
    match fault:
        case "redirect after":
            return Reply(
                status=303, body=None, is_json=False, is_empty=True, trouble="the answer is empty", location="/login"
            )
        case "HTML after":
            return _html((200, 403, 502)[chance % 3])
        case "not JSON":
            return Reply(status=status, body=None, is_json=False, trouble=f"the answer ({status}) is not valid JSON")
        case "cut off":
            return Reply(status=status, body=None, is_json=False, trouble="the answer was cut off")
        case "empty":
            return _reply(status, b"")
        case "wrong shape":
            return Reply(status=status, body=([], {"id": 7}, "ok", {"data": {}})[chance % 4], is_json=True)
        case "another id" | "no id":
            found = json.loads(body)
            if fault == "another id":
                found["id"] = _OTHER_ID
            else:
                found.pop("id", None)
            return Reply(status=status, body=found, is_json=True)
        case _:
            code = int(fault.split()[0])
            return _html(code) if chance % 2 else _error(code)
