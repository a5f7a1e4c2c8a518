"""A repository behind the fault proxy: the real command line is run, and what it says held against the ledger."""

import base64
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from reconciler.sandbox.ledger import Entry
from reconciler.sandbox.switches import Switches
from tests.faults.fault_proxy import Exchange, Fault, FaultProxy
from tests.scenarios.workbench import Document, Repository, Result, reaching, writes

# Signs that URL-encoding and base64 change, so that the key would be found in each of its disguises.
KEY = "canary-KEY/4711+x=="
EMAIL = "ada.canary@example.org"
PHONE = "+15550199473"
TIMEOUTS = "connect = 0.5, request = 1, settle = 0.1, run = 30"
WRITTEN = ("create", "update")


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How one `apply --format json` ended: its exit code, its document, and what the sandbox did meanwhile."""

    code: int
    document: Document
    ledger: list[Entry]

    @property
    def statuses(self) -> dict[str, str]:
        return {each["custom_id"]: each["status"] for each in self.document.get("outcomes", ())}

    @property
    def said(self) -> str:
        """All that is told to people: details, refusals, the error and its hint."""
        error = self.document.get("error", {})
        told = [each["detail"] for each in self.document.get("outcomes", ())]
        told += [each["message"] for each in self.document.get("violations", ())]
        return "\n".join([*told, error.get("message") or "", error.get("hint") or ""])

    def by(self, names: Mapping[str, str]) -> dict[str, str]:
        """Return the status of each fault's sequence, by the fault's name."""
        return {fault: self.statuses.get(name, "nothing") for fault, name in names.items()}

    def detail(self, custom_id: str) -> str:
        return next(str(each["detail"]) for each in self.document["outcomes"] if each["custom_id"] == custom_id)

    def done(self, custom_id: str) -> list[str]:
        """Which mutations of one sequence happened, in order."""
        return [each.mutation for each in self.ledger if each.custom_id == custom_id and each.mutation in WRITTEN]


@dataclass
class Bench:
    """One repository whose API is the sandbox behind the proxy. The key, an e-mail and a number are canaries."""

    repository: Repository
    proxy: FaultProxy
    names: dict[str, str] = field(default_factory=dict)

    def configure(self, *, api: str | None = None, timeouts: str = TIMEOUTS, rate: str = "requests = 0") -> None:
        self.repository.configure(
            f'[environments.remote]\napi = "{api or self.proxy.url}"\n'
            f"rate_limit = {{ {rate} }}\ntimeouts = {{ {timeouts} }}\n"
        )

    def write(self, custom_id: str, **changes: Any) -> None:
        """Write a manifest whose audience has the e-mail address and the phone number in it."""
        audience = reaching(
            {"type": "contacts_email_in", "email_in": [EMAIL]},
            {"type": "contacts_phone_number_in", "phone_number_in": [PHONE]},
        )
        self.repository.write(custom_id, **{"filter": audience, **changes})
        self.names[custom_id] = changes.get("name", custom_id.title())

    def recorded(self, *names: str) -> None:
        """Create these with no fault, then give each manifest another name; the proxy forgets all of it."""
        for name in names:
            self.write(name)
        ended = self.apply()
        assert ended.code == 0, ended
        for name in names:
            self.write(name, name=f"{name} edited")
        self.proxy.forget()

    def id_of(self, custom_id: str) -> str:
        return str(self.state()["records"][custom_id]["id"])

    def each(self, method: str, faults: Mapping[str, Fault], *, nth: Collection[int] | None = (1,)) -> dict[str, str]:
        """Have every fault strike a sequence of its own in the same run, and return each fault's sequence.

        The sequences are recorded and then edited; for POST they are new.
        """
        names = {fault: f"s{number:02}" for number, fault in enumerate(faults)}
        if method == "POST":
            for name in names.values():
                self.write(name)
        else:
            self.recorded(*names.values())
        for fault, name in names.items():
            self.proxy.on(method, faults[fault], nth=nth, of=name if method == "POST" else self.id_of(name))
        return names

    def switch(self, *settings: str) -> None:
        simulator = self.repository.simulator
        simulator.switches = Switches.parse(settings, base=simulator.switches)

    def requests(self, method: str, custom_id: str) -> list[Exchange]:
        """Return the requests about one recorded sequence, in order; those of POST by its custom_id."""
        sequence = custom_id if method == "POST" else self.id_of(custom_id)
        return [each for each in self.proxy.requests(method) if each.is_about(sequence)]

    def run(self, *arguments: str) -> Result:
        result = self.repository.run(*arguments)
        keeps_secrets(self.repository, result, people="json" in arguments)
        return result

    def plan(self, *arguments: str) -> tuple[int, Document]:
        result = self.run("plan", "--format", "json", *arguments)
        assert result.err == ""
        return result.code, result.json

    def apply(self, *arguments: str) -> Ended:
        with self.repository.watched() as seen:
            result = self.run("apply", "--yes", "--format", "json", *arguments)
        assert result.err == ""
        ended = Ended(code=result.code, document=result.json, ledger=seen)
        self.is_true(ended)
        return ended

    def is_true(self, ended: Ended) -> None:
        """What is told is what happened, and state keeps what was told."""
        simulator, state = self.repository.simulator, self.state()
        pending = state.get("pending", {})
        entries = simulator.ledger()
        for name in self.names:
            created = [each.sequence_id for each in entries if each.custom_id == name and each.mutation == "create"]
            assert len(created) <= 1, (name, created)
            # Each id that was born is in state, or state knows that it may have been.
            if created:
                assert name in pending or state["records"][name]["id"] == created[0], (name, state)
        for name, status in ended.statuses.items():
            match status:
                case "applied":
                    assert simulator.find(name)["name"] == self.names[name], name
                    assert name in state["records"]
                    assert name not in pending
                case "not_sent" | "skipped" | "rejected":
                    assert ended.done(name) == [], (name, ended)
                    assert name not in pending
                case "unknown":
                    assert name in pending, (name, state)
        if any(status == "unknown" for status in ended.statuses.values()):
            assert ended.code == 9, ended
        bodies: dict[tuple[str, str], set[bytes | None]] = {}
        for entry in writes(ended.ledger):
            bodies.setdefault((entry.method, entry.path), set()).add(entry.body)
        # What is sent once more is the same, byte for byte. Creates share their path, so they are counted above.
        assert all(len(each) == 1 for (method, _), each in bodies.items() if method == "PATCH"), bodies

    def state(self) -> Mapping[str, Any]:
        """State as it stands in its file; without one, what an empty one would hold."""
        return self.repository.state if self.repository.state_file.exists() else {"records": {}}

    def settles(self, *, creates: int | None = None) -> Ended:
        """With no fault any more, one apply ends clean, and a plan that reads everything finds nothing left to do."""
        self.proxy.forget()
        ended = self.apply()
        assert ended.code == 0, ended
        assert {name: self.repository.simulator.find(name)["name"] for name in self.names} == self.names
        assert "pending" not in self.state()
        if creates is not None:
            assert len(self.created()) == creates
        assert self.plan("--refresh", "all", "--detailed-exitcode")[0] == 0
        return ended

    def created(self) -> list[str | None]:
        return [each.custom_id for each in self.repository.simulator.ledger() if each.mutation == "create"]


def disguises(secret: str) -> Iterator[bytes]:
    """Yield what a secret looks like raw, in JSON, in a URL, in hexadecimal and in base64 at each of its offsets."""
    data = secret.encode()
    yield from (data, json.dumps(secret)[1:-1].encode(), quote(secret, safe="").encode(), data.hex().encode())
    for offset in range(3):
        # What does not depend on the bytes around it.
        whole = base64.b64encode(b"\0" * offset + data)
        yield whole[4 if offset else 0 : len(whole) // 4 * 4 - 4]


def keeps_secrets(repository: Repository, result: Result, *, people: bool = True) -> None:
    """The key stands in no output and in no file, a person's address in no output but the diff of that very field."""
    told = (result.out + result.err).encode("utf-8", "replace")
    kept = b"".join(path.read_bytes() for path in repository.root.rglob("*") if path.is_file())
    for disguise in disguises(KEY):
        assert disguise not in told, disguise
        assert disguise not in kept, disguise
    for secret in (EMAIL, PHONE) if people else ():
        for disguise in disguises(secret):
            assert disguise not in told, disguise
