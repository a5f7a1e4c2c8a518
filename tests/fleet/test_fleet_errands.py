"""Errands: one organisation each, done for real over HTTP; and stopped in the middle, with every outcome true."""

import json
import os
import signal
import threading
from collections.abc import Iterator

import pytest

from reconciler.app.ending import ending_of
from reconciler.app.executing import HANDS, InTurn, Threads
from reconciler.app.stop import Stop
from reconciler.app.watching import NOBODY
from reconciler.core.codec.errand import done_document, errand_document, read_done, read_errand
from reconciler.errors import ExitCode, StaleError, TerminatedRunError
from reconciler.model.errand import INTERNAL, NOT_BEGUN, STALE, STOPPED, Done, Errand, Planned, ToApply, ToPlan
from reconciler.model.guards import Override
from reconciler.model.outcome import Status
from reconciler.model.plan import Refresh
from reconciler.model.plan_set import Failure
from reconciler.ports import Crew, Watch
from reconciler.signals import Terminated, diverted, terminate
from tests.fleet.errand_bench import Errands, carried, written
from tests.fleet.fleet_bench import FarmServer, FleetRepository, behind_a_farm

NAMES = ("acme", "globex", "initech")
MANY = 24
STOP = Failure.of(TerminatedRunError("stopped by SIGTERM"))


@pytest.fixture
def errands(fleet: FleetRepository, farm: FarmServer, monkeypatch: pytest.MonkeyPatch) -> Errands:
    behind_a_farm(fleet, farm, monkeypatch.setenv, *NAMES)
    return Errands(fleet)


@pytest.fixture(params=["local", "engine"])
def anywhere(errands: Errands, request: pytest.FixtureRequest) -> Errands:
    """Errands that are done here, and by workers of an engine, which have keys of their own."""
    if request.param != "local":
        errands.engine = request.getfixturevalue("cluster").address
    return errands


@pytest.fixture
def many(errands: Errands) -> Errands:
    """Enough sequences that a run has a middle."""
    for number in range(MANY):
        errands.fleet.sequence(f"news-{number:02}")
    errands.reopen()
    return errands


@pytest.fixture
def heeding() -> Iterator[None]:
    """SIGTERM does here what it does to the command."""
    before = signal.signal(signal.SIGTERM, terminate)
    yield
    signal.signal(signal.SIGTERM, before)


def test_each_organisation_gets_its_plan_and_the_next_plan_is_empty(anywhere: Errands, farm: FarmServer) -> None:
    found = anywhere.run(anywhere.to_apply(name) for name in NAMES)
    for name, done in found.items():
        assert (done.exit_code, done.failure, done.is_begun) == (ExitCode.DONE, None, True)
        assert [each.status for each in carried(done).outcomes] == [Status.APPLIED]
        assert written(farm.farm.simulators[name]) == ["welcome"]
        assert anywhere.state(name).org_id == farm.farm.org_id(name)
        assert not anywhere.planned(name, refresh=Refresh.ALL).plan.has_differences
    assert "canary" not in json.dumps([done_document(done) for done in found.values()])


def test_a_plan_is_applied_once_and_only_as_it_was_reviewed(anywhere: Errands, farm: FarmServer) -> None:
    first, unlike = anywhere.to_apply("acme"), anywhere.to_apply("globex")
    assert anywhere.run([first])["acme"].exit_code is ExitCode.DONE
    again = anywhere.run([first])["acme"].failure
    assert again is not None
    assert "applied already" in again.message
    anywhere.fleet.sequence("welcome", name="Another")
    anywhere.reopen()
    other = anywhere.run([unlike])["globex"].failure
    assert other is not None
    assert (other.exit_code, "stale" in other.message) == (ExitCode.REFUSED, True)
    by_digest = anywhere.errand("globex", ToApply(digest="sha256:" + "0" * 64))
    assert anywhere.run([by_digest])["globex"].exit_code is ExitCode.REFUSED
    assert written(farm.farm.simulators["globex"]) == []


def test_where_nothing_is_to_do_the_plan_comes_back(anywhere: Errands) -> None:
    anywhere.run([anywhere.to_apply("acme")])
    result = anywhere.run([anywhere.to_apply("acme")])["acme"].result
    assert isinstance(result, Planned)
    assert not result.plan.has_work


def test_what_fails_in_one_is_that_ones_own(errands: Errands, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = [errands.to_apply(name) for name in NAMES]
    monkeypatch.delenv("OPENCX_GLOBEX")
    errands.reopen()
    found = errands.run(prepared)
    lost = found["globex"].failure
    assert lost is not None
    assert (lost.kind, lost.message) == ("credentials", "organisation `globex` has no key: $OPENCX_GLOBEX is not set")
    assert {found[name].exit_code for name in ("acme", "initech")} == {ExitCode.DONE}


def test_a_signal_in_the_middle_of_a_run_leaves_every_outcome_true(
    many: Errands, farm: FarmServer, heeding: None
) -> None:
    prepared = [many.to_apply(name) for name in NAMES]
    posts: list[str] = []
    told = threading.Event()
    executor = many.threads(parallel=1)

    def tell(came: BaseException) -> None:
        executor.stop(ending_of(came))
        told.set()

    def heard(method: str, key: str) -> None:
        if method == "POST":
            posts.append(key)
            if len(posts) == 3:
                os.kill(os.getpid(), signal.SIGTERM)
                # Nothing is answered until the main thread, in which it arrives, has had its turn.
                told.wait()

    farm.heard = heard
    found = []
    with diverted(tell):
        found += executor.run(prepared)
    assert sorted(each.organisation for each in found) == sorted(NAMES)
    by_name = {each.organisation: each for each in found}
    stopped = by_name["acme"]
    assert stopped.is_stopped, stopped
    assert stopped.exit_code is ExitCode.TERMINATED
    outcomes = carried(stopped).outcomes
    # What was in flight has a moment to be read back, which a busy machine may let pass.
    done = (Status.APPLIED, Status.UNVERIFIED)
    assert {each.status for each in outcomes} - {Status.UNVERIFIED} == {Status.APPLIED, Status.NOT_SENT}
    assert {each.detail for each in outcomes if each.status is Status.NOT_SENT} == {"stopped by SIGTERM"}
    applied = {each.custom_id for each in outcomes if each.status in done}
    assert sorted(written(farm.farm.simulators["acme"])) == sorted(applied)
    state = many.state("acme")
    assert (set(state.records), dict(state.pending)) == (applied, {})
    for name in ("globex", "initech"):
        assert not by_name[name].is_begun
        assert by_name[name].exit_code is ExitCode.TERMINATED
        assert written(farm.farm.simulators[name]) == []
    # What is left of the reviewed plan may go on, and nothing is doubled.
    farm.heard = lambda _method, _key: None
    first = prepared[0].task
    assert isinstance(first, ToApply)
    left = many.errand("acme", ToApply(digest=first.digest, document=first.document, is_resumed=True))
    assert many.run([left])["acme"].exit_code is ExitCode.DONE
    assert sorted(written(farm.farm.simulators["acme"])) == sorted(["welcome", *(f"news-{n:02}" for n in range(MANY))])


def test_a_stop_while_all_is_read_ends_it_with_nothing_written(many: Errands, farm: FarmServer) -> None:
    prepared = [many.to_apply("acme")]
    executor = many.threads()
    farm.heard = lambda _method, _key: executor.stop(STOP)
    (done,) = executor.run(prepared)
    assert done.failure == Failure(kind=STOPPED, exit_code=ExitCode.TERMINATED, message="stopped by SIGTERM", hint=None)
    assert written(farm.farm.simulators["acme"]) == []
    assert [each.failure.kind for each in executor.run(prepared) if each.failure] == [NOT_BEGUN]


def test_a_resumed_run_goes_on_with_nothing_that_was_not_reviewed(anywhere: Errands, farm: FarmServer) -> None:
    reviewed = anywhere.to_apply("acme").task
    assert isinstance(reviewed, ToApply)
    anywhere.fleet.sequence("farewell")
    anywhere.reopen()
    resumed = anywhere.errand("acme", ToApply(digest=reviewed.digest, document=reviewed.document, is_resumed=True))
    failure = anywhere.run([resumed])["acme"].failure
    assert failure is not None
    assert (failure.exit_code, failure.kind) == (StaleError.exit_code, STALE)
    assert written(farm.farm.simulators["acme"]) == []


def test_a_second_signal_does_not_wait(heeding: None) -> None:
    first: list[BaseException] = []
    with diverted(first.append):
        signal.raise_signal(signal.SIGTERM)
        assert [type(each) for each in first] == [Terminated]
        with pytest.raises(Terminated):
            signal.raise_signal(signal.SIGTERM)
    assert len(first) == 1
    assert signal.getsignal(signal.SIGTERM) is terminate


def test_one_that_waits_for_its_limit_gives_way_to_another(errands: Errands) -> None:
    others_ended = threading.Event()

    def perform(errand: Errand, *, watch: Watch, stop: Stop) -> Done:
        del stop
        if errand.organisation == "acme":
            watch.waiting(3600, "the limit is reached")
            others_ended.wait(20)  # for ever, where nobody is let by
        return Done(organisation=errand.organisation, result=STOP)

    asked = [errands.errand(name, ToPlan()) for name in NAMES]
    ended = []
    for done in Threads(perform, NOBODY, parallel=1).run(asked):
        ended.append(done.organisation)
        if len(ended) == len(NAMES) - 1:
            others_ended.set()
    assert ended == ["globex", "initech", "acme"]


@pytest.mark.parametrize(("parallel", "hands"), [(1, 3), (HANDS // 2, 2), (1000, 1)])
def test_the_more_organisations_at_a_time_the_fewer_threads_has_each(
    errands: Errands, parallel: int, hands: int
) -> None:
    all_are_there = threading.Barrier(hands)
    threads: set[int] = set()

    def work() -> None:
        threads.add(threading.get_ident())
        all_are_there.wait(timeout=60)

    def perform(errand: Errand, *, watch: Watch, stop: Stop) -> Done:
        del watch
        crew: Crew[None] = stop.crew(3)
        for _ in range(6):
            crew.submit(work)
        assert list(crew.results()) == [None] * 6
        crew.stop()
        return Done(organisation=errand.organisation, result=STOP)

    done = list(Threads(perform, NOBODY, parallel=parallel).run([errands.errand("acme", ToPlan())]))
    assert [each.failure for each in done] == [STOP]
    assert len(threads) == hands


def test_whatever_ends_an_errand_there_is_one_end_of_it(errands: Errands) -> None:
    def perform(errand: Errand, *, watch: Watch, stop: Stop) -> Done:
        del watch, stop
        raise SystemExit(errand.variables["common"])

    found = list(Threads(perform, NOBODY).run([errands.errand(name, ToPlan()) for name in NAMES]))
    assert len(found) == len(NAMES)
    assert {each.failure and each.failure.kind for each in found} == {INTERNAL}
    assert "segment-1" not in str(found)
    executor = InTurn(perform, NOBODY)
    executor.stop(STOP)
    assert [each.is_begun for each in executor.run([errands.errand("acme", ToPlan())])] == [False]


def test_errands_and_what_came_of_them_go_through_json(errands: Errands, farm: FarmServer) -> None:
    override = Override(guard="freeze", reason="agreed")
    asked = errands.errand("acme", ToPlan(), refresh=Refresh.ALL, adopt=True, overrides=(override,))
    prepared = errands.to_apply("acme")
    for errand in (asked, prepared):
        assert read_errand(json.loads(json.dumps(errand_document(errand)))) == errand
    assert "canary" not in json.dumps(errand_document(prepared))
    applied = errands.run([prepared])["acme"]
    for done in (applied, Done(organisation="acme", result=STOP)):
        assert read_done(json.loads(json.dumps(done_document(done)))) == done_rounded(done)
    planned = Done(organisation="globex", result=errands.planned("globex"))
    document = json.loads(json.dumps(done_document(planned)))
    assert done_document(read_done(document)) == document


def done_rounded(done: Done) -> Done:
    """Seconds are told to the hundredth."""
    return read_done(done_document(done))
