"""Whatever ends a run early, what is told is what the sandbox's ledger shows: both ways."""

import threading
from dataclasses import dataclass, field

import pytest

from reconciler.app.apply import Applied, apply_plan
from reconciler.app.gate import Gate, GatedSession, GatedWriter
from reconciler.app.means import Means
from reconciler.app.plan import make_plan
from reconciler.core.snapshot import Request
from reconciler.errors import StateError
from reconciler.model.outcome import NotSent
from reconciler.model.plan import Refresh
from reconciler.model.state import Entry, Intended, State
from reconciler.wiring.api import connect
from reconciler.wiring.clock import SystemClock
from reconciler.wiring.workspace import load_manifests, open_workspace
from tests.scenarios.workbench import Repository, after_sequence, reaching, writes


@dataclass
class FullDisk:
    """A session on a disk that is full after so many entries."""

    room: int
    entries: list[Entry] = field(default_factory=list)

    def append(self, entry: Entry) -> None:
        if len(self.entries) >= self.room:
            raise StateError("cannot write state: no space left on device")
        self.entries.append(entry)

    def finish(self) -> State:
        raise AssertionError("whoever opened the session ends it")


def run(repository: Repository, session: FullDisk) -> Applied:
    workspace = open_workspace(repository.root, None)
    request = Request(environment="sandbox", endpoint="sandbox", schema="s", refresh=Refresh.CHANGED)
    with connect(workspace) as api:
        plan = make_plan(request, desired=load_manifests(workspace).desired, state=None, reader=api.reader)
        means = Means(
            reader=api.reader, writer=api.writer, session=session, clock=SystemClock(), org_id=None, settle=0.0
        )
        return apply_plan(plan, means, ids={}, settled=lambda _: None, stopping=lambda _: None)


@pytest.mark.parametrize(
    ("room", "status", "created"), [(0, "not_sent", 0), (1, "unknown", 1), (2, "applied", 1), (3, "applied", 1)]
)
def test_where_an_outcome_cannot_be_recorded_it_is_told_and_nothing_more_is_sent(embedded, room, status, created):
    embedded.write("first")
    embedded.write("second", filter=reaching(after_sequence("first")))
    with embedded.watched() as seen:
        applied = run(embedded, FullDisk(room))
    first, second = applied.outcomes
    assert (first.status, second.status, len(writes(seen))) == (status, "not_sent", created)
    assert applied.error is not None
    assert "no space left" in applied.error.message
    assert "no space left" in (second.detail if room == 3 else first.detail)


def test_after_the_end_of_a_run_its_threads_can_neither_write_nor_record():
    gate, session = Gate(), FullDisk(10)
    entry = Intended(custom_id="late", payload=None, since="")  # type: ignore[arg-type]
    GatedSession(session, gate).append(entry)
    gate.close()
    with pytest.raises(StateError):
        GatedSession(session, gate).append(entry)
    writer = GatedWriter(None, gate, "late")  # type: ignore[arg-type]
    assert isinstance(writer.create(b"{}"), NotSent)
    assert isinstance(writer.update("id", b"{}"), NotSent)
    assert (len(session.entries), gate.begun) == (1, set())


@dataclass
class Rendezvous(FullDisk):
    """A session in which each entry waits until as many as there are threads have come, and until it is let go."""

    come: threading.Barrier = field(default_factory=lambda: threading.Barrier(3))
    leave: threading.Event = field(default_factory=threading.Event)

    def append(self, entry: Entry) -> None:
        self.come.wait(30)
        assert self.leave.wait(30)
        super().append(entry)


def test_threads_bring_their_entries_side_by_side_and_the_end_of_the_run_waits_for_them():
    """The session can make them durable together only if nobody keeps one waiting for another."""
    gate, session = Gate(), Rendezvous(10)
    entry = Intended(custom_id="one", payload=None, since="")  # type: ignore[arg-type]
    threads = [threading.Thread(target=GatedSession(session, gate).append, args=(entry,)) for _ in range(2)]
    for thread in threads:
        thread.start()
    session.come.wait(30)
    ended: list[int] = []
    closing = threading.Thread(target=lambda: (gate.close(), ended.append(len(session.entries))))
    closing.start()
    while not gate._closed:
        pass
    with pytest.raises(StateError):
        GatedSession(session, gate).append(entry)
    session.leave.set()
    for thread in (*threads, closing):
        thread.join(30)
    assert ended == [2]


def test_what_opens_a_run_is_recorded_before_anything_else_of_it():
    opening = Intended(custom_id="opening", payload=None, since="")  # type: ignore[arg-type]
    gate, session = Gate(opening), FullDisk(10)
    entry = Intended(custom_id="one", payload=None, since="")  # type: ignore[arg-type]
    threads = [threading.Thread(target=GatedSession(session, gate).append, args=(entry,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert session.entries == [opening, *[entry] * 4]


def test_a_pattern_that_matches_nothing_is_warned_of(embedded):
    embedded.write("welcome")
    assert [each["rule"] for each in embedded.plan("--only", "wlecome")["warnings"]] == ["matches-nothing"]
    assert embedded.plan("--only", "wel*")["warnings"] == []


def test_where_no_recorded_sequence_can_be_read_nothing_is_created(behind, door):
    behind.write("known")
    behind.applied()
    behind.write("new")
    known = "/sequences/" + behind.state["records"]["known"]["id"]
    door.before = lambda method, path, nth: (503, "text/html", b"") if path == known else None
    result, seen = behind.requests("apply", "--yes")
    assert (result.code, writes(seen)) == (10, [])
