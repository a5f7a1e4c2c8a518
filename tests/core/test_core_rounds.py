"""Which sequences a look with a budget reads: none is left alone for longer than docs/drift.md says."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.rounds import chosen, coverage, longest_wait, weight
from reconciler.model.look import Look, Standing
from reconciler.model.sequence import Record
from reconciler.model.settings import RateLimit
from reconciler.model.state import State
from tests.core.core_values import PATIENT, payload, record, where

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
STATUSES = st.sampled_from([None, "active", "pending", "complete", "canceled", "odd"])


def moment(minutes: float) -> str:
    return (BEGIN + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def records(count: int) -> dict[str, Record]:
    return {f"s{n:03}": record(f"s{n:03}") for n in range(count)}


LOOKS = st.builds(
    Look,
    read=st.none() | st.integers(-5000, -1).map(moment),
    tried=st.none() | st.integers(-5000, -1).map(moment),
    standing=st.sampled_from(Standing),
    drifted=st.none() | st.just(moment(-9)),
    status=STATUSES,
)


@PATIENT
@given(
    count=st.integers(1, 30),
    budget=st.integers(1, 35),
    gap=st.integers(1, 10_000),
    data=st.data(),
)
def test_every_sequence_is_tried_within_the_promised_number_of_looks(
    count: int, budget: int, gap: int, data: st.DataObject
) -> None:
    """Whatever was found before, whichever look fails, whatever the weights; looks lie a moment apart."""
    known = records(count)
    looks = {each.id: data.draw(LOOKS) for each in known.values() if data.draw(st.booleans())}
    now = State(lineage="l", serial=1, records=known, looks=looks)
    left = set(known)
    for turn in range(longest_wait(count, budget)):
        at = moment(turn * gap)
        names = chosen(known, now, now=at, budget=budget)
        assert len(set(names)) == len(names) == min(budget, count)
        left -= set(names)
        fresh = {}
        for name in names:
            before = now.looks.get(known[name].id, Look())
            fails = data.draw(st.booleans())
            tried = at if fails else None
            read = before.read if fails else at
            found = data.draw(st.sampled_from(Standing))
            fresh[known[name].id] = Look(read=read, tried=tried, standing=found, drifted=before.drifted or at)
        now = State(lineage="l", serial=1, records=known, looks={**now.looks, **fresh})
    assert left == set()


def test_half_of_the_budget_goes_where_drift_matters_most() -> None:
    known = {f"s{n}": record(f"s{n}") for n in range(10)}
    looks = {each.id: Look(read=moment(n), status="complete") for n, each in enumerate(known.values())}
    urgent = {
        known["s7"].id: Look(read=moment(7), status="active"),
        known["s8"].id: Look(read=moment(8), status="complete", standing=Standing.DRIFTED, drifted=moment(8)),
    }
    now = State(lineage="l", serial=1, records=known, looks={**looks, **urgent})
    assert chosen(known, now, now=moment(20), budget=4) == ("s0", "s1", "s7", "s8")
    assert chosen(["s3", "s9"], now, now=moment(20), budget=4) == ("s3", "s9")
    assert chosen(known, now, now=moment(20), budget=None)[0] == "s0"


def test_what_was_never_read_comes_first_and_a_moment_that_lies_ahead_counts_as_none() -> None:
    known = records(3)
    looks = {known["s000"].id: Look(read=moment(1)), known["s001"].id: Look(read=moment(99))}
    now = State(lineage="l", serial=1, records=known, looks=looks)
    assert chosen(known, now, now=moment(2), budget=1) == ("s001",)
    assert chosen(known, now, now=moment(100), budget=1) == ("s002",)


def test_weights_follow_status_risk_and_past_drift() -> None:
    plain = record()
    everyone = Record(id="i", applied=payload(filter=where({"type": "all_contacts"})), status="active")
    assert weight(plain, None) == 4
    assert weight(everyone, None) == 8
    assert weight(plain, Look(status="canceled")) == 1
    assert weight(plain, Look(status="pending")) == 2
    assert weight(plain, Look(status="active", drifted=moment(0))) == 8
    assert weight(plain, Look(status="active", drifted=moment(0), standing=Standing.DRIFTED)) == 12


def test_coverage_says_what_was_read_within_which_time_and_how_long_a_round_takes() -> None:
    known = records(400)
    ids = [each.id for each in known.values()]
    before = {id_: Look(read=moment(-3 * 24 * 60)) for id_ in ids[:300]}
    fresh = {id_: Look(read=moment(0)) for id_ in ids[250:350]} | {ids[399]: Look(tried=moment(0))}
    now = State(lineage="l", serial=1, records=known, looks=before)
    found = coverage(now, fresh, now=moment(1), budget=100, limit=RateLimit(requests=100, seconds=60))
    assert (found.recorded, found.read, found.ever, found.oldest, found.is_whole) == (400, 100, 350, None, False)
    assert found.within == ((86_400, 100), (604_800, 350), (2_592_000, 350))
    assert (found.sweeps, found.seconds) == (8, 240.0)
    assert found.pace == 3 * 24 * 3600 + 59
    whole = coverage(now, dict.fromkeys(ids, Look(read=moment(0))), now=moment(1), budget=None, limit=RateLimit())
    assert (whole.oldest, whole.sweeps, whole.is_whole) == (moment(0), 1, True)
