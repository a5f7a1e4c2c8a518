"""When each request leaves: what a run waits for, to the second, and what a signal makes of a wait."""

import threading
from collections.abc import Callable, Iterator

import pytest

from reconciler.app.apply import apply_plan
from reconciler.app.gate import Gate, GatedClock, GatedWriter
from reconciler.app.means import LOOK_AGAIN
from reconciler.app.stop import GRACE
from reconciler.core.planner import build_plan
from reconciler.core.snapshot import Snapshot
from reconciler.errors import CredentialsError, ExitCode
from reconciler.model.outcome import Accepted, Answer, NotSent, Outcome, Rejected, Status, Unanswered
from reconciler.model.sequence import Gone, Payload, Reading, Unreadable
from reconciler.model.state import Intended, Pending, Settled
from tests.app.small_world import VirtualClock, World, at
from tests.core.core_values import desired, live, payload, record, snapshot, state, uuid

SILENT = Unanswered("timed out")


def edited(pending: Pending | None = None, name: str = "B") -> Snapshot:
    return snapshot(
        desired(name=name),
        records={"a": record()},
        pending={} if pending is None else {"a": pending},
        readings={"a": live()},
    )


def world(**changes: object) -> World:
    return World(sequences={"a": live()}, **changes)  # type: ignore[arg-type]


# --- rule 3: what is durable when -----------------------------------------------------------------------------------


def test_an_update_is_intended_before_it_leaves_and_settled_after_it_was_read_back() -> None:
    there = world()
    assert there.only(edited()).status is Status.APPLIED
    assert [what for _, what in there.log] == ["GET a", "intent a", "PATCH a", "GET a", "settled a"]
    (intent, settled) = there.entries
    assert intent == Intended(custom_id="a", payload=payload(name="B"), since=at(1000), id=uuid("a"))
    assert isinstance(settled, Settled)
    assert settled.record is not None


def test_a_create_keeps_its_id_before_it_is_read_back_and_is_recorded_after() -> None:
    there = World()
    assert there.only(snapshot(desired())).status is Status.APPLIED
    assert [what for _, what in there.log] == ["GET a", "intent a", "POST a", "intent a", "GET a", "settled a"]
    assert [each.id for each in there.entries if isinstance(each, Intended)] == [None, uuid("a")]


@pytest.mark.parametrize("entries", [1, 2, 3])
def test_wherever_a_run_is_killed_the_next_one_ends_the_same_and_nothing_is_sent_twice(entries: int) -> None:
    """P3 to P5: state as it is after so many entries, for an update and for a create that was told its id."""
    for readings, records in (({"a": live()}, {"a": record()}), ({}, {})):
        there = World(sequences=dict(readings))
        there.only(snapshot(desired(name="B"), records=records, readings=readings))
        sent = [what for _, what in there.log if what.startswith(("POST", "PATCH"))]
        there.entries = there.entries[:entries]
        left = there.folded(state(records))
        again = snapshot(
            desired(name="B"), records=left.records, pending=left.pending, readings={"a": there.sequences["a"]}
        )
        there.entries = []
        if again.pending or not left.records:
            there.only(again)
        assert [what for _, what in there.log if what.startswith(("POST", "PATCH"))] == sent
        ended = there.folded(left)
        assert (ended.records["a"].applied, dict(ended.pending)) == (payload(name="B"), {})


# --- rule 5: what is accepted and does not show ---------------------------------------------------------------------


@pytest.mark.parametrize("visible", [0.0, 0.3, 3.0, 15.5])
def test_what_shows_late_is_waited_for(visible: float) -> None:
    there = world()
    there.readings = lambda _: live() if there.clock.seconds < 1000 + visible else None
    assert there.only(edited()).status is Status.APPLIED
    assert there.seconds_of("PATCH a") == [0.0]


@pytest.mark.parametrize("shown", [live(), Gone(), Unreadable("502")])
def test_what_never_shows_is_unverified_with_its_moment(shown: Reading) -> None:
    there = world()
    there.readings = lambda _: shown if there.seconds_of("PATCH a") else None
    outcome = there.only(edited())
    assert (outcome.status, there.seconds_of("PATCH a")) == (Status.UNVERIFIED, [0.0])
    assert outcome.record is not None
    waits = 0.0 if isinstance(shown, Unreadable) else sum(LOOK_AGAIN)
    assert (outcome.record.unverified, outcome.record.applied) == (at(1000 + waits), payload(name="B"))
    assert waits in (0.0, pytest.approx(15.6))


def test_an_answer_about_another_sequence_after_the_write_stops_the_run() -> None:
    there = world()
    there.readings = lambda _: (
        Unreadable("asked for A, got B", is_mixed_up=True) if there.seconds_of("PATCH a") else None
    )
    outcome = there.only(edited())
    assert (outcome.status, outcome.stops) == (Status.UNVERIFIED, True)


# --- rule 4: no answer ----------------------------------------------------------------------------------------------


def test_a_silent_server_is_given_its_time_before_it_is_looked_at_and_again_after_the_second_time() -> None:
    there = world(answers=lambda *_: SILENT)
    assert there.only(edited(), settle=30).status is Status.UNKNOWN
    assert (there.seconds_of("PATCH a"), there.seconds_of("GET a")) == ([0.0, 30.0], [0.0, 30.0, 60.0])


def test_the_second_time_sends_the_same_bytes() -> None:
    bodies: list[Payload] = []
    there = world(answers=lambda _method, _name, body: bodies.append(body) or (SILENT if len(bodies) == 1 else None))
    assert there.only(edited()).status is Status.APPLIED
    assert bodies == [payload(name="B")] * 2


@pytest.mark.parametrize(
    ("second", "status", "left"),
    [
        (Accepted(), Status.UNVERIFIED, 0),
        (Rejected(400, "no"), Status.REJECTED, 0),
        (Rejected(404, "no"), Status.REJECTED, 0),
        (NotSent("down"), Status.UNKNOWN, 1),
        (NotSent("revoked", cause=ExitCode.REFUSED_CONFIGURATION), Status.UNKNOWN, 1),
        (SILENT, Status.UNKNOWN, 1),
    ],
)
def test_what_the_second_answer_makes_of_it(second: Answer, status: Status, left: int) -> None:
    there = world()
    there.answers = lambda *_: SILENT if len(there.seconds_of("PATCH a")) == 1 else second
    taken = edited()
    assert taken.state is not None
    assert there.only(taken).status is status
    assert len(there.folded(taken.state).pending) == left


def test_a_look_that_is_refused_after_the_write_makes_nothing_undone() -> None:
    def refuse(_: str) -> Reading | None:
        if there.seconds_of("PATCH a"):
            raise CredentialsError("revoked")
        return None

    there = world(answers=lambda *_: SILENT, readings=refuse)
    assert there.only(edited()).status is Status.UNKNOWN


def test_what_vanished_after_a_silence_is_unknown_and_never_created() -> None:
    there = world(answers=lambda *_: there.sequences.clear() or SILENT)
    outcome = there.only(edited())
    assert (outcome.status, "not created again" in outcome.detail) == (Status.UNKNOWN, True)
    assert there.seconds_of("POST a") == []


def test_a_create_is_looked_up_four_times_over_the_time_that_it_may_take() -> None:
    there = World(sequences={"k": live("k")}, answers=lambda *_: SILENT)
    outcome = there.only(
        snapshot(desired(), desired("k"), records={"k": record("k")}, readings={"k": live("k")}), settle=8
    )
    assert (outcome.status, outcome.stops, "likely not created" in outcome.detail) == (Status.UNKNOWN, True, True)
    assert (there.seconds_of("GET a"), there.seconds_of("POST a")) == ([0.0, 0.0, 2.0, 4.0, 8.0], [0.0])


# --- a killed run ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("since", "waits"), [(1000, 5.0), (997, 3.0), (994, 0.0), (0, 0.0), (2000, 5.0)])
def test_an_update_that_may_land_yet_is_waited_for_before_the_look(since: int, waits: float) -> None:
    """A moment is told to the second, so one more is waited."""
    there = world()
    there.only(edited(Pending(payload=payload(name="X"), since=at(since), id=uuid("a"))))
    assert there.seconds_of("GET a")[0] == waits


def test_an_update_that_lands_meanwhile_is_found_in_place_or_comes_back() -> None:
    for landing, status in (("B", Status.APPLIED), ("X", Status.NOT_SENT)):
        there = world()
        there.readings = lambda _, name=landing, at_=there.clock: live(name=name) if at_.seconds > 1004 else None
        outcome = there.only(edited(Pending(payload=payload(name=landing), since=at(1000), id=uuid("a"))))
        assert (outcome.status, there.seconds_of("PATCH a")) == (status, [])


def test_a_record_does_not_follow_before_an_update_cannot_land_any_more() -> None:
    """The manifest was put back to what is recorded: nothing to send, and the question is open until then."""
    waiting = Pending(payload=payload(name="X"), since=at(1000), id=uuid("a"))
    there = world()
    assert there.only(edited(waiting, name="A")).status is Status.APPLIED
    assert [what for _, what in there.log] == ["GET a", "settled a"]
    assert there.seconds_of("GET a") == [5.0]
    landed = World(sequences={"a": live(name="X")})
    outcome = landed.only(edited(waiting, name="A"))
    assert (outcome.status, outcome.fields[0].live, landed.entries) == (Status.NOT_SENT, "X", [])


def test_an_update_that_renamed_it_is_settled_when_the_rename_is_taken_back() -> None:
    waiting = {"new": Pending(payload=payload("new"), since=at(0), id=uuid("a"))}
    taken = snapshot(desired(), records={"a": record()}, pending=waiting, readings={"a": live()})
    there = world()
    assert there.only(taken).status is Status.APPLIED
    assert taken.state is not None
    assert there.folded(taken.state).pending == {}


# --- the gate -------------------------------------------------------------------------------------------------------


class Writes:
    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)

    def create(self, body: bytes) -> Answer:
        return self.answers.pop(0)

    def update(self, sequence_id: str, body: bytes) -> Answer:
        return self.answers.pop(0)


def test_what_provably_did_not_leave_has_not_begun() -> None:
    gate = Gate()
    writer = GatedWriter(Writes(NotSent("down"), SILENT, NotSent("down")), gate, "a")
    assert isinstance(writer.create(b""), NotSent)
    assert gate.begun == set()
    assert writer.update("id", b"") == SILENT
    assert gate.begun == {"a"}
    assert isinstance(writer.update("id", b""), NotSent)
    assert gate.begun == {"a"}  # the first time it did leave


def test_after_a_stop_only_what_has_begun_is_brought_to_its_end() -> None:
    gate = Gate()
    begun, waiting = (GatedWriter(Writes(SILENT, Accepted(), Accepted()), gate, name) for name in ("a", "b"))
    begun.update("id", b"")
    gate.stop("stopped after `c`", ExitCode.UNAVAILABLE)
    gate.stop("another reason", ExitCode.REFUSED)
    assert waiting.update("id", b"") == NotSent("stopped after `c`", cause=ExitCode.UNAVAILABLE)
    assert begun.update("id", b"") == Accepted()
    gate.hurry()
    assert isinstance(begun.update("id", b""), NotSent)


def test_a_hurried_wait_ends_at_once() -> None:
    gate, clock = Gate(), VirtualClock()
    gated = GatedClock(clock, gate)
    gated.sleep(1.2)
    assert clock.seconds == pytest.approx(1001.2)
    gate.hurry()
    gated.sleep(60)
    assert (clock.seconds, gated.monotonic(), gated.moment()) == (pytest.approx(1001.2), clock.seconds, at(1001))


class SignalError(BaseException):
    """What a signal raises in the main thread."""


class BlockedClock(VirtualClock):
    """Whoever waits is held until `go`."""

    def __init__(self) -> None:
        super().__init__()
        self.asleep, self.go = threading.Event(), threading.Event()

    def sleep(self, seconds: float) -> None:
        self.asleep.set()
        assert self.go.wait(30)
        super().sleep(seconds)


class OneHand:
    """A crew of one thread; a signal comes as soon as that one waits for something."""

    def __init__(self, clock: BlockedClock) -> None:
        self.clock = clock
        self.work: list[Callable[[], Outcome]] = []
        self.lingered = 0.0
        self.thread = threading.Thread(target=self._begin)

    def submit(self, work: Callable[[], Outcome]) -> None:
        self.work.append(work)

    def _begin(self) -> None:
        self.work[0]()

    def results(self) -> Iterator[Outcome]:
        self.thread.start()
        assert self.clock.asleep.wait(30)
        yield from ()
        raise SignalError

    def stop(self) -> int:
        return 1

    def linger(self, seconds: float | None) -> None:
        self.lingered += seconds or 0.0
        self.clock.go.set()
        self.thread.join(30)


@pytest.mark.parametrize(
    ("lands", "answer", "status"),
    [
        (True, SILENT, Status.APPLIED),
        (False, SILENT, Status.UNKNOWN),
        (False, Unanswered("elsewhere", redirected=True), Status.UNKNOWN),  # it may be done yet
    ],
)
def test_a_signal_cuts_a_wait_short_and_nothing_is_told_that_nobody_knows(
    lands: bool, answer: Answer, status: Status
) -> None:
    clock = BlockedClock()
    there = World(clock=clock, sequences={name: live(name) for name in "ab"})
    there.answers = lambda _method, name, body: (there.do(name, body) if lands else None) or answer
    plan = build_plan(
        snapshot(
            *(desired(name, name="B") for name in "ab"),
            records={name: record(name) for name in "ab"},
            readings={name: live(name) for name in "ab"},
        )
    )
    hand, halted = OneHand(clock), []
    means = there.means(settle=5, crew=lambda _: hand, halt=halted.append)
    applied = apply_plan(plan, means, ids={}, settled=lambda _: None, stopping=lambda _: None)
    assert isinstance(applied.stopped_by, SignalError)
    assert [each.status for each in applied.outcomes] == [status, Status.NOT_SENT]
    assert (there.seconds_of("PATCH a"), there.seconds_of("PATCH b")) == ([0.0], [])
    assert clock.seconds < 1001
    assert (halted, hand.lingered) == (["stopped by a signal"], GRACE)
