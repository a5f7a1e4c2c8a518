"""A bug in one thread of a run: it stops, and what every change came to is told all the same."""

from dataclasses import dataclass, field

import pytest

from reconciler.app.apply import Applied, apply_plan
from reconciler.app.means import Means
from reconciler.app.plan import make_plan
from reconciler.core.snapshot import Request
from reconciler.errors import ExitCode
from reconciler.model.outcome import Accepted, Answer, Outcome
from reconciler.model.plan import Refresh
from reconciler.model.sequence import Gone, Reading
from reconciler.model.state import Entry, Intended, State
from reconciler.wiring.workspace import load_manifests, open_workspace
from tests.app.small_world import VirtualClock
from tests.scenarios.workbench import Repository, after_sequence, reaching

PERSON = "ada@example.org"


@dataclass
class Buggy:
    """Reader, writer and session in one, with a bug at one call of them."""

    bug_at: str
    calls: list[str] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if f"{name} {self.calls.count(name)}" == self.bug_at:
            raise ZeroDivisionError(PERSON)

    def read(self, sequence_id: str) -> Reading:
        self._call("read")
        return Gone()

    def find(self, custom_id: str) -> Reading:
        self._call("find")
        return Gone()

    def create(self, body: bytes) -> Answer:
        self._call("create")
        return Accepted(id=f"00000000-0000-4000-8000-00000000000{len(self.calls)}")

    def update(self, sequence_id: str, body: bytes) -> Answer:
        raise AssertionError("there is nothing to update")

    def append(self, entry: Entry) -> None:
        self._call("append")
        self.entries.append(entry)

    def finish(self) -> State:
        raise AssertionError("whoever opened the session ends it")

    def settled(self, settled: Outcome) -> None:
        self._call("settled")


def run(repository: Repository, buggy: Buggy) -> Applied:
    workspace = open_workspace(repository.root, None)
    request = Request(environment="sandbox", endpoint="sandbox", schema="s", refresh=Refresh.NONE)
    plan = make_plan(request, desired=load_manifests(workspace).desired, state=None, reader=None)
    means = Means(reader=buggy, writer=buggy, session=buggy, clock=VirtualClock(), org_id=None, settle=0.0)
    return apply_plan(plan, means, ids={}, settled=buggy.settled, stopping=lambda _: None)


@pytest.mark.parametrize(
    ("bug_at", "statuses", "created"),
    [
        ("find 1", ["not_sent", "not_sent"], 0),
        ("append 1", ["not_sent", "not_sent"], 0),  # the intent: nothing has left
        ("create 1", ["unknown", "not_sent"], 1),
        ("append 2", ["unknown", "not_sent"], 1),  # the id that came back
        ("read 1", ["unknown", "not_sent"], 1),
        ("append 3", ["unverified", "not_sent"], 1),  # what was read back
        ("settled 1", ["unverified", "not_sent"], 1),  # whoever watches, in the main thread
        ("find 2", ["unknown", "not_sent"], 1),  # the look-up, since nothing is there under that id
        ("find 3", ["unverified", "not_sent"], 1),
        ("create 2", ["unverified", "unknown"], 2),
    ],
)
def test_a_bug_stops_the_run_and_every_outcome_is_told(embedded, bug_at, statuses, created):
    embedded.write("first")
    embedded.write("second", filter=reaching(after_sequence("first")))
    buggy = Buggy(bug_at)
    applied = run(embedded, buggy)
    assert [(each.custom_id, each.status) for each in applied.outcomes] == list(
        zip(["first", "second"], statuses, strict=True)
    )
    assert isinstance(applied.bug, ZeroDivisionError)
    assert (applied.error, applied.stopped_by, buggy.calls.count("create")) == (None, None, created)
    stopped = next(each for each in applied.outcomes if "ZeroDivisionError" in each.detail)
    assert stopped.cause is ExitCode.INTERNAL or bug_at == "settled 1"
    assert PERSON not in "".join(each.detail for each in applied.outcomes)


def test_the_id_of_a_new_sequence_is_durable_before_anything_else_is_tried(embedded):
    """It is what a run that is killed right then would lose, and with it the sequence."""
    embedded.write("first")
    buggy = Buggy("read 1")
    run(embedded, buggy)
    first, told = buggy.entries
    assert isinstance(first, Intended)
    assert isinstance(told, Intended)
    assert (first.id, told.id, told.payload) == (None, "00000000-0000-4000-8000-000000000003", first.payload)


def test_a_bug_among_many_loses_none_of_the_others(embedded):
    names = [f"s{number:02}" for number in range(40)]
    for name in names:
        embedded.write(name)
    buggy = Buggy("create 20")
    applied = run(embedded, buggy)
    assert sorted(each.custom_id for each in applied.outcomes) == names
    told = {"unverified": 0, "unknown": 0, "not_sent": 0}
    for each in applied.outcomes:
        told[each.status] += 1
    assert told["unknown"] == 1
    assert told["unverified"] + told["unknown"] == buggy.calls.count("create")
