"""Waves and gates: everybody goes once, never many first, and nothing goes on where nobody promised that it may."""

from dataclasses import replace
from itertools import pairwise
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.fleet.ending import after
from reconciler.core.fleet.gate import judged
from reconciler.core.fleet.standing import standing
from reconciler.core.fleet.waves import read_canaries, read_most, read_share, waves
from reconciler.errors import ExitCode
from reconciler.model.change import Action
from reconciler.model.fleet_run import FleetRun, Result, Seen, Spent, Standing, Wave
from reconciler.model.outcome import Outcome, Status
from reconciler.model.waves import DEFAULT_WAVES, Most, WaveSettings
from tests.core.core_values import PATIENT

DIGEST = "sha256:" + "1" * 64
NAMES = st.sets(st.text("abcdefgh123", min_size=1, max_size=6), max_size=60)
LABELS = st.sampled_from([(), ("eu",), ("canary",), ("canary", "eu")])
FLEETS = NAMES.flatmap(lambda names: st.fixed_dictionaries(dict.fromkeys(sorted(names), LABELS)))
CANARIES = st.sampled_from([(), ("label:canary",), ("a*",), ("nobody",), ("label:eu", "b")])
SETTINGS = st.builds(
    WaveSettings,
    canaries=CANARIES,
    share=st.floats(min_value=0.1, max_value=100),
    growth=st.floats(min_value=1, max_value=10),
)


# --- who goes when ----------------------------------------------------------------------------------------------------


@PATIENT
@given(fleet=FLEETS, settings=SETTINGS)
def test_each_organisation_is_in_exactly_one_wave_and_no_wave_is_empty(fleet, settings):
    formed = waves(fleet, settings, digest=DIGEST)
    listed = [name for wave in formed for name in wave.organisations]
    assert sorted(listed) == sorted(fleet)
    assert all(wave.organisations == tuple(sorted(wave.organisations)) for wave in formed)
    assert all(wave.organisations for wave in formed)
    assert [wave.number for wave in formed] == list(range(1, len(formed) + 1))
    assert [wave.is_canary for wave in formed] == [number == 0 for number in range(len(formed))]


@PATIENT
@given(fleet=FLEETS, settings=SETTINGS)
def test_each_wave_but_the_last_is_so_many_times_as_large_as_the_one_before(fleet, settings):
    sizes = [len(wave.organisations) for wave in waves(fleet, settings, digest=DIGEST)]
    for smaller, larger in pairwise(sizes[:-1]):
        assert larger == ceil(smaller * settings.growth)
    if len(sizes) > 1:
        assert sizes[-1] <= ceil(sizes[-2] * settings.growth)


@PATIENT
@given(fleet=FLEETS, settings=SETTINGS)
def test_the_order_of_the_table_decides_nothing(fleet, settings):
    formed = waves(fleet, settings, digest=DIGEST)
    assert waves(dict(reversed(fleet.items())), settings, digest=DIGEST) == formed


@PATIENT
@given(fleet=FLEETS)
def test_named_canaries_alone_go_first_and_a_small_share_where_none_of_them_has_work(fleet):
    formed = waves(fleet, WaveSettings(canaries=("label:canary",), share=100), digest=DIGEST)
    named = sorted(name for name, labels in fleet.items() if "canary" in labels)
    if named:
        assert list(formed[0].organisations) == named
    elif fleet:
        assert len(formed[0].organisations) == ceil(len(fleet) * 0.02)


def test_a_thousand_go_in_five_waves_and_another_plan_has_other_canaries():
    fleet = dict.fromkeys((f"org-{number:04}" for number in range(1000)), ())
    formed = waves(fleet, DEFAULT_WAVES, digest=DIGEST)
    assert [len(wave.organisations) for wave in formed] == [20, 60, 180, 540, 200]
    assert waves(fleet, DEFAULT_WAVES, digest="sha256:" + "2" * 64)[0] != formed[0]
    assert formed[0].organisations != tuple(sorted(fleet))[:20]


@pytest.mark.parametrize(
    ("text", "share"),
    [("2%", 2), ("0.5 %", 0.5), ("100%", 100), ("0%", None), ("101%", None), ("2", None), ("-1%", None), ("%", None)],
)
def test_a_share_is_more_than_nothing_and_at_most_all(text, share):
    assert read_share(text) == share


@pytest.mark.parametrize(
    ("text", "total", "most"),
    [("3", 60, 3), ("0", 60, 0), ("5%", 60, 3), ("5%", 59, 2), ("0%", 60, 0), ("7%", 100, 7), ("100%", 7, 7)],
)
def test_how_many_may_is_a_number_or_a_share_rounded_down(text, total, most):
    read = read_most(text)
    assert read is not None
    assert read.of(total) == most
    assert read_most(str(read)) == read


@pytest.mark.parametrize("text", ["", "x", "-1", "1.5", "101%", "\uff15", "1e3", "5%%"])
def test_what_says_neither_is_not_guessed_at(text):
    assert read_most(text) is None


def test_canaries_are_named_or_a_share_but_never_both():
    assert read_canaries(["acme", "label:eu", "acme"]) == (("acme", "label:eu"), None)
    assert read_canaries(["5%"]) == ((), 5)
    assert read_canaries(["5%", "acme"]) is None
    assert read_canaries(["5%", "6%"]) is None
    assert read_canaries(["0%"]) is None


# --- gates ------------------------------------------------------------------------------------------------------------


def result(name: str, where: Standing, seen: Seen | None = None) -> Result:
    code = ExitCode.DONE if where is Standing.APPLIED else ExitCode.REFUSED
    return Result(organisation=name, wave=2, standing=where, exit_code=code, seen=seen)


def gate(*stands: Standing, number: int = 2, settings: WaveSettings = DEFAULT_WAVES, seen: Seen | None = None):
    names = [f"org-{number:03}" for number, _ in enumerate(stands)]
    given = [
        result(name, each, seen if not n else None) for n, (name, each) in enumerate(zip(names, stands, strict=True))
    ]
    return judged(Wave(number=number, organisations=tuple(names)), given, settings)


FINE, FAILED, UNKNOWN, RETURNED = Standing.APPLIED, Standing.FAILED, Standing.UNKNOWN, Standing.RETURNED


@pytest.mark.parametrize("where", [FAILED, UNKNOWN, Standing.REFUSED])
def test_one_canary_in_trouble_closes_the_gate(where):
    found = gate(*[FINE] * 99, where, number=1)
    assert not found.is_open
    assert "1 of 100 organisations" in found.reason
    assert found.reason.endswith("none may")


def test_of_a_later_wave_a_few_may_fail_but_nothing_may_be_unknown():
    assert gate(*[FINE] * 19, FAILED).is_open
    assert gate(*[FINE] * 19, FAILED).reason == "19 applied, 1 failed"
    shut = gate(*[FINE] * 18, FAILED, FAILED)
    assert (shut.is_open, shut.reason) == (False, "2 of 20 organisations failed, and at most 1 may (5%)")
    doubt = gate(*[FINE] * 19, UNKNOWN)
    assert (doubt.is_open, doubt.reason) == (False, "what became of 1 of 20 organisations is unknown, and none may")


def test_one_of_a_small_later_wave_may_fail_but_not_all_of_it():
    assert gate(FINE, FAILED).is_open
    assert not gate(FINE, FAILED, FAILED).is_open
    assert not gate(FAILED).is_open


def test_what_was_said_holds_for_the_canaries_too():
    settings = WaveSettings(failures=Most(number=1), unknowns=Most(number=50, is_share=True))
    assert gate(FINE, FAILED, UNKNOWN, number=1, settings=settings).is_open
    assert not gate(FINE, FAILED, FAILED, number=1, settings=settings).is_open
    assert not gate(FINE, UNKNOWN, UNKNOWN, number=1, settings=settings).is_open


def test_what_comes_back_for_review_is_no_failure_but_proves_nothing_either():
    assert gate(FINE, RETURNED, RETURNED, number=1).is_open
    none = gate(RETURNED, RETURNED, number=1)
    assert (none.is_open, none.reason) == (
        False,
        "none of its 2 organisations was applied, so nothing is proved by them",
    )
    assert not gate(RETURNED, number=1).is_open
    assert gate(Standing.UNCHANGED, number=1).is_open


def test_what_had_moved_again_after_the_pause_closes_the_gate_and_so_does_what_nobody_could_look_at():
    moved = gate(FINE, FINE, seen=Seen(read=3, moved=("welcome",)))
    assert (moved.is_open, moved.reason) == (False, "after the pause, what was written had moved again in `org-000`")
    unread = gate(FINE, FINE, number=1, seen=Seen(read=0, reason="the key was refused"))
    assert not unread.is_open
    assert unread.reason == "after the pause, 1 of 2 organisations could not be looked at; none may"
    fine = gate(FINE, FINE, seen=Seen(read=3))
    assert (fine.is_open, fine.reason) == (True, "2 applied; 3 of their sequences read again, none moved")


@pytest.mark.parametrize("where", [Standing.NOT_BEGUN, Standing.STOPPED])
def test_a_wave_that_did_not_come_to_its_end_opens_nothing(where):
    settings = WaveSettings(failures=Most(number=100, is_share=True), unknowns=Most(number=100, is_share=True))
    assert not gate(FINE, where, settings=settings).is_open


@PATIENT
@given(
    stands=st.lists(st.sampled_from(list(Standing)), min_size=1, max_size=30),
    number=st.integers(min_value=1, max_value=3),
    settings=st.builds(
        WaveSettings,
        failures=st.none() | st.builds(Most, number=st.integers(0, 5), is_share=st.booleans()),
        unknowns=st.builds(Most, number=st.integers(0, 5), is_share=st.booleans()),
    ),
)
def test_a_gate_is_open_only_where_everything_that_was_said_holds(stands, number, settings):
    found = gate(*stands, number=number, settings=settings)
    total = len(stands)
    failed = sum(each in (FAILED, Standing.REFUSED) for each in stands)
    promised = (
        stands.count(UNKNOWN) <= settings.unknowns.of(total)
        and failed <= settings.most_failures(is_canary=number == 1).of(total)
        and not {Standing.NOT_BEGUN, Standing.STOPPED} & set(stands)
        and (FINE in stands or set(stands) == {Standing.UNCHANGED})
    )
    assert found.is_open == promised
    assert found.reason


# --- where an organisation stands -------------------------------------------------------------------------------------


def done(status: Status, cause: ExitCode = ExitCode.REFUSED, **more) -> Outcome:
    return Outcome(custom_id="a", id="id", action=Action.UPDATE, status=status, cause=cause, **more)


@pytest.mark.parametrize(
    ("outcomes", "code", "where"),
    [
        ([done(Status.APPLIED)], 0, Standing.APPLIED),
        ([done(Status.DIFFERENT, harmless=True)], 0, Standing.APPLIED),
        ([], 0, Standing.UNCHANGED),
        ([done(Status.DIFFERENT)], 8, Standing.FAILED),
        ([done(Status.UNVERIFIED)], 8, Standing.FAILED),
        ([done(Status.APPLIED), done(Status.UNKNOWN)], 9, Standing.UNKNOWN),
        ([done(Status.APPLIED), done(Status.NOT_SENT)], 8, Standing.RETURNED),
        ([done(Status.NOT_SENT), done(Status.SKIPPED)], 7, Standing.RETURNED),
        ([done(Status.NOT_SENT, stops=True)], 7, Standing.FAILED),
        ([done(Status.NOT_SENT, ExitCode.UNAVAILABLE)], 10, Standing.FAILED),
        ([done(Status.REJECTED, ExitCode.PARTIAL), done(Status.SKIPPED)], 8, Standing.FAILED),
        ([], 4, Standing.FAILED),
        ([done(Status.APPLIED)], 5, Standing.FAILED),
    ],
)
def test_outcomes_say_where_an_organisation_stands(outcomes, code, where):
    assert standing(outcomes, ExitCode(code), is_stopped=False) is where


def test_one_that_was_stopped_is_done_only_where_all_of_it_is():
    assert standing([done(Status.APPLIED)], ExitCode.INTERRUPTED, is_stopped=True) is Standing.APPLIED
    assert standing([done(Status.NOT_SENT)], ExitCode.INTERRUPTED, is_stopped=True) is Standing.STOPPED
    assert standing([], ExitCode.INTERRUPTED, is_stopped=True) is Standing.STOPPED
    assert standing([done(Status.UNKNOWN)], ExitCode.UNKNOWN, is_stopped=True) is Standing.UNKNOWN


# --- what a run comes to ----------------------------------------------------------------------------------------------


def run(*results: Result, **more) -> FleetRun:
    return FleetRun(run="1", fleet="clients", digest=DIGEST, waves=(), results=results, **more)


def ended(where: Standing, code: int, *outcomes: Outcome) -> Result:
    return Result(organisation="o", wave=1, standing=where, exit_code=ExitCode(code), outcomes=outcomes)


APPLIED = ended(Standing.APPLIED, 0, done(Status.APPLIED))
LEFT = ended(Standing.NOT_BEGUN, 0)


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (run(APPLIED), 0),
        (run(APPLIED, ended(Standing.FAILED, 4)), 8),
        (run(ended(Standing.FAILED, 4)), 4),
        (run(APPLIED, ended(Standing.UNKNOWN, 9)), 9),
        (run(APPLIED, ended(Standing.FAILED, 5)), 5),
        (run(APPLIED, LEFT, stopped="the gate"), 8),
        (run(ended(Standing.FAILED, 10), LEFT, stopped="the gate"), 7),
        (run(APPLIED, LEFT, stopped="a signal", cause=ExitCode.TERMINATED), 143),
        (run(ended(Standing.UNKNOWN, 9), LEFT, stopped="a signal", cause=ExitCode.INTERRUPTED), 9),
        (run(ended(Standing.STOPPED, 130), LEFT, stopped="a signal", cause=ExitCode.INTERRUPTED), 130),
        (run(APPLIED, ended(Standing.RETURNED, 7)), 8),
        (run(), 0),
    ],
)
def test_a_run_comes_to_the_gravest_and_a_shut_gate_to_at_least_a_refusal(found, code):
    assert found.exit_code == code


def test_a_run_can_go_on_where_something_of_its_waves_is_not_settled():
    assert run(APPLIED, LEFT).is_resumable
    assert not run(APPLIED).is_resumable
    outside = Result(organisation="o", standing=Standing.REFUSED, exit_code=ExitCode.REFUSED)
    assert not run(APPLIED, outside).is_resumable


# --- what was tried before --------------------------------------------------------------------------------------------


def tried(where: Standing, *outcomes: Outcome, requests: int = 3) -> Result:
    found = ended(where, 0, *outcomes)
    return replace(found, digest="sha256:" + str(requests) * 64 if outcomes else None, spent=Spent(requests=requests))


def named(custom_id: str, status: Status = Status.APPLIED) -> Outcome:
    return replace(done(status), custom_id=custom_id)


def test_a_later_try_tells_what_an_earlier_one_had_done_too():
    before = tried(Standing.STOPPED, named("a"), named("b", Status.NOT_SENT))
    both = after(before, tried(Standing.APPLIED, named("b"), requests=4))
    assert [each.custom_id for each in both.outcomes] == ["a", "b"]
    assert {each.status for each in both.outcomes} == {Status.APPLIED}
    assert (both.standing, both.spent.requests, both.digest) == (Standing.APPLIED, 7, "sha256:" + "4" * 64)
    nothing = after(before, tried(Standing.UNCHANGED))
    assert (nothing.standing, [each.custom_id for each in nothing.outcomes]) == (Standing.APPLIED, ["a"])
    assert nothing.digest == before.digest


def test_a_later_try_that_was_not_begun_leaves_the_earlier_one_as_it_was():
    before = tried(Standing.FAILED)
    assert after(before, ended(Standing.NOT_BEGUN, 0)) is before
