"""What time, start, cancel and PATCH make of a sequence; times are answered by the simulator's own clock."""

from tests.sandbox.sandbox_bodies import SMS, body, step

T0 = "2026-01-01T00:00:00.000Z"
ONE_OFF = body(is_continuous=False, steps=[step(delay=0), step(SMS, 10), step(SMS), step(SMS, 20)])


def put(api, sequence_id: str, verb: str) -> None:
    assert api.request("PUT", f"/sequences/{sequence_id}/{verb}").status_code == 200


def life(answer) -> tuple[str, str | None, str | None, str | None]:
    return answer["status"], answer["started_at"], answer["canceled_at"], answer["ended_at"]


def steps(answer) -> list[tuple[str | None, str | None]]:
    return [(each.get("started_at"), each.get("ended_at")) for each in answer["steps"]]


def test_a_one_off_waits_for_its_start_however_long(api, clock):
    sequence_id = api.create(ONE_OFF)
    clock.move(minutes=100_000)
    answer = api.get(sequence_id)
    assert life(answer) == ("pending", None, None, None)
    assert answer["steps"] == ONE_OFF["steps"]


def test_a_one_off_passes_through_its_steps_and_completes_with_the_last(api, clock):
    sequence_id = api.create(ONE_OFF)
    put(api, sequence_id, "start")
    ten, thirty = "2026-01-01T00:10:00.000Z", "2026-01-01T00:30:00.000Z"
    never = (None, None)
    assert steps(api.get(sequence_id)) == [(T0, T0), never, never, never]
    clock.move(minutes=10, seconds=-1)
    assert steps(api.get(sequence_id)) == [(T0, T0), never, never, never]
    clock.move(seconds=1)
    assert steps(api.get(sequence_id)) == [(T0, T0), (ten, ten), (ten, ten), never]
    assert life(api.get(sequence_id)) == ("active", T0, None, None)
    clock.move(minutes=500)
    assert steps(api.get(sequence_id)) == [(T0, T0), (ten, ten), (ten, ten), (thirty, thirty)]
    assert life(api.get(sequence_id)) == ("complete", T0, None, thirty)


def test_a_continuous_sequence_is_active_at_once_and_never_ends(api, clock):
    sequence_id = api.create(body(steps=[step(delay=5), step(SMS, 5)]))
    assert steps(api.get(sequence_id)) == [(None, None), (None, None)]
    clock.move(minutes=100_000)
    assert steps(api.get(sequence_id)) == [("2026-01-01T00:05:00.000Z", None), ("2026-01-01T00:10:00.000Z", None)]
    assert life(api.get(sequence_id)) == ("active", T0, None, None)


def test_cancel_is_terminal_and_stops_the_steps_that_have_not_begun(api, clock):
    sequence_id = api.create(ONE_OFF)
    put(api, sequence_id, "start")
    clock.move(minutes=10)
    put(api, sequence_id, "cancel")
    clock.move(minutes=500)
    ten = "2026-01-01T00:10:00.000Z"
    answer = api.get(sequence_id)
    assert life(answer) == ("canceled", T0, ten, None)
    assert steps(answer) == [(T0, T0), (ten, ten), (ten, ten), (None, None)]
    put(api, sequence_id, "cancel")
    assert api.get(sequence_id) == answer
    api.patch(sequence_id, body(is_continuous=True))
    assert life(api.get(sequence_id)) == ("canceled", T0, ten, None)


def test_what_was_canceled_is_not_complete_when_it_becomes_a_one_off_of_steps_that_all_began(api):
    sequence_id = api.create(body())
    put(api, sequence_id, "cancel")
    api.patch(sequence_id, body(is_continuous=False))
    assert life(api.get(sequence_id)) == ("canceled", T0, T0, None)


def test_a_pending_sequence_can_be_canceled_before_it_ever_starts(api):
    sequence_id = api.create(ONE_OFF)
    put(api, sequence_id, "cancel")
    assert life(api.get(sequence_id)) == ("canceled", None, T0, None)


def test_a_complete_sequence_cannot_be_canceled(api, clock):
    sequence_id = api.create(ONE_OFF)
    put(api, sequence_id, "start")
    clock.move(minutes=30)
    answer = api.get(sequence_id)
    assert api.request("PUT", f"/sequences/{sequence_id}/cancel").status_code == 409
    assert api.get(sequence_id) == answer


def test_what_is_complete_stays_so_when_a_patch_adds_a_later_step(api, clock):
    sequence_id = api.create(ONE_OFF)
    put(api, sequence_id, "start")
    clock.move(minutes=30)
    api.patch(sequence_id, {**ONE_OFF, "steps": [*ONE_OFF["steps"], step(SMS, 60)]})
    clock.move(minutes=500)
    answer = api.get(sequence_id)
    assert life(answer) == ("complete", T0, None, "2026-01-01T00:30:00.000Z")
    assert steps(answer)[-1] == (None, None)


def test_a_pending_one_off_that_becomes_continuous_starts_to_send(api, clock):
    sequence_id = api.create(ONE_OFF)
    clock.move(minutes=1)
    api.patch(sequence_id, body(is_continuous=True))
    assert life(api.get(sequence_id)) == ("active", "2026-01-01T00:01:00.000Z", None, None)
    clock.move(minutes=1)
    api.patch(sequence_id, body(is_continuous=True, name="again"))
    assert life(api.get(sequence_id)) == ("active", "2026-01-01T00:01:00.000Z", None, None)


def test_a_delay_beyond_all_numbers_never_comes(api, clock):
    sequence_id = api.create(body(is_continuous=False, steps=[step(delay=10**400)]))
    api.throw("numbers=floats")
    put(api, sequence_id, "start")
    clock.move(minutes=10**9)
    answer = api.get(sequence_id)
    assert life(answer) == ("active", T0, None, None)
    assert answer["steps"] == [step(delay=10**400)]
