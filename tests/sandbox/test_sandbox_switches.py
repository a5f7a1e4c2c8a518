"""Every switch, thrown and seen from outside."""

from itertools import product

import pytest

from reconciler.sandbox.switches import Omitted
from tests.sandbox.sandbox_bodies import CONTACT, CONTACT_2, EMAIL, FILTERS, SMS, body, every, step

MANAGED = ("name", "custom_id", "is_continuous", "filter", "steps")


def managed(answer):
    return {name: answer[name] for name in MANAGED}


@pytest.mark.parametrize(
    ("setting", "reset"),
    [
        ("kept", {}),
        ("defaulted", {"name": "New Sequence", "is_continuous": True}),
        ("nulled", {"name": "New Sequence", "is_continuous": True, "custom_id": None, "filter": None}),
    ],
)
@pytest.mark.parametrize("stated", MANAGED)
def test_omitted_fields_of_a_patch(api, setting, reset, stated):
    whole = body(is_continuous=False)
    other = body(
        name="Other", custom_id="other", filter=every(), is_continuous=False, steps=[step(SMS, 1), step(SMS, 2)]
    )
    sequence_id = api.create(whole)
    api.throw(f"omitted={setting}", "lookup=off")
    api.patch(sequence_id, {stated: other[stated]})
    answer = api.get(sequence_id)
    assert managed({**answer, "steps": [without_times(each) for each in answer["steps"]]}) == {
        **whole,
        **reset,
        stated: other[stated],
    }


def without_times(written):
    return {key: value for key, value in written.items() if key not in {"started_at", "ended_at"}}


def test_an_empty_patch_is_valid_and_may_rename(api):
    sequence_id = api.create(body())
    api.patch(sequence_id, {})
    assert api.get(sequence_id)["name"] == "New Sequence"


def test_a_whole_body_means_the_same_however_omitted_fields_are_treated(api):
    sequence_id = api.create(body())
    for setting in Omitted:
        api.throw(f"omitted={setting}")
        api.patch(sequence_id, body(name=setting.value, is_continuous=False, steps=[step(SMS, 60)]))
        answer = api.get(sequence_id)
        assert managed(answer) == body(name=setting.value, is_continuous=False, steps=[step(SMS, 60)])


LISTS = {
    "contact_id_in": ("contact_ids", [CONTACT, CONTACT_2]),
    "contacts_email_domain_name_in": ("domain_name_in", ["b.example", "a.example", "c.example"]),
    "contacts_name_in": ("name_in", ["Ann", "Bob", "Ann"]),
    "contacts_phone_number_in": ("phone_number_in", ["+1", "+2"]),
    "contacts_email_in": ("email_in", ["a@a.example", "b@b.example"]),
}


@pytest.mark.parametrize(("kind", "key", "values"), [(kind, *rest) for kind, rest in LISTS.items()], ids=LISTS)
def test_the_set_like_lists_come_back_in_another_order_with_the_same_elements(api, kind, key, values):
    sequence_id = api.create(body(filter=every({"type": kind, key: values})))
    assert api.get(sequence_id)["filter"] == every({"type": kind, key: values})
    api.throw("lists=reordered")
    answered = api.get(sequence_id)["filter"]["or"][0]["and"][0][key]
    if values != values[::-1]:
        assert answered != values
    assert sorted(answered) == sorted(values)


def test_steps_groups_rules_and_attributes_keep_their_order(api):
    attributes = {"type": "contacts_attributes_in", "attributes": [{"plan": "a"}, {"plan": "b"}]}
    ordered = {"or": [{"and": [attributes, {"type": "all_contacts"}]}, {"and": []}]}
    steps = [step(EMAIL, 60), step(SMS, 60)]
    api.throw("lists=reordered")
    answer = api.get(api.create(body(filter=ordered, steps=steps)))
    assert (answer["filter"], answer["steps"]) == (ordered, steps)


INSTANTS = [
    ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z", "2026-01-01T02:00:00+02:00"),
    ("2026-01-01t00:00:00z", "2026-01-01T00:00:00.000Z", "2026-01-01T02:00:00+02:00"),
    ("2025-12-31T19:30:00.5-05:30", "2026-01-01T01:00:00.500Z", "2026-01-01T03:00:00.5+02:00"),
    ("2026-01-01T00:00:00.123456789Z", "2026-01-01T00:00:00.123456789Z", "2026-01-01T02:00:00.123456789+02:00"),
    ("0099-01-01T00:00:00Z", "0099-01-01T00:00:00.000Z", "0099-01-01T02:00:00+02:00"),
    ("9999-12-31T23:00:00Z", "9999-12-31T23:00:00.000Z", "9999-12-31T23:00:00Z"),
]


@pytest.mark.parametrize(("sent", "milliseconds", "offset"), INSTANTS)
def test_timestamps_change_their_form_and_not_their_instant(api, sent, milliseconds, offset):
    rule = {"type": "contacts_created_at_between", "after": sent, "before": sent}
    sequence_id = api.create(body(filter=every(rule)))
    for setting, expected in [("kept", sent), ("reformatted", milliseconds), ("offset", offset)]:
        api.throw(f"timestamps={setting}")
        assert api.get(sequence_id)["filter"] == every({**rule, "after": expected, "before": expected})


def test_the_servers_own_timestamps_follow_the_switch(api):
    sequence_id = api.create(body())
    api.throw("timestamps=offset")
    answer = api.get(sequence_id)
    assert (answer["started_at"], answer["steps"][0]["started_at"]) == ("2026-01-01T02:00:00+02:00",) * 2


def test_strings_are_kept_or_trimmed_everywhere(api):
    padded = body(
        name="  Welcome\n",
        custom_id=" welcome ",
        filter=every({"type": "contacts_name_in", "name_in": [" Ann ", "Bob"]}),
        steps=[step({"type": "send_sms_messages", "data": {"message": "\tHello  you "}}, 60)],
    )
    assert managed(api.get(api.create(padded))) == padded
    api.throw("strings=trimmed")
    answer = api.get(api.create(padded))
    assert managed(answer) == body(
        filter=every({"type": "contacts_name_in", "name_in": ["Ann", "Bob"]}),
        steps=[step({"type": "send_sms_messages", "data": {"message": "Hello  you"}}, 60)],
    )
    assert api.get("welcome") == answer
    api.patch(answer["id"], {"name": " again "})
    assert api.get("welcome")["name"] == "again"


def test_whole_numbers_are_answered_with_a_fraction_of_zero(api):
    sequence_id = api.create(body(steps=[step(SMS, 5), step(SMS, 2.5), step(SMS)]))
    text = api.request("GET", f"/sequences/{sequence_id}").text
    assert '"delay_in_minutes":5}' in text
    api.throw("numbers=floats")
    text = api.request("GET", f"/sequences/{sequence_id}").text
    assert '"delay_in_minutes":5.0}' in text
    assert '"delay_in_minutes":2.5}' in text
    assert text.count("delay_in_minutes") == 2


def test_look_up_by_custom_id_can_be_off(api):
    sequence_id = api.create(body())
    assert api.get("welcome")["id"] == sequence_id
    api.throw("lookup=off")
    assert api.request("GET", "/sequences/welcome").status_code == 404
    assert api.get(sequence_id)["custom_id"] == "welcome"


TYPOS = {
    "in the body": (body(is_continous=False), "/is_continous"),
    "what only the server writes": (body(status="canceled", ended_at=None), "/status"),
    "in the filter": (body(filter={**every(), "not": []}), "/filter/not"),
    "in a group": (body(filter={"or": [{"and": [], "or": []}]}), "/filter/or/0/or"),
    "in a step": (body(steps=[{**step(SMS), "delay_minutes": 5}]), "/steps/0/delay_minutes"),
    "in an action": (body(steps=[step({**SMS, "on": True})]), "/steps/0/action/on"),
    "in the data": (
        body(steps=[step({**SMS, "data": {**SMS["data"], "sender": "x"}})]),
        "/steps/0/action/data/sender",
    ),
}


@pytest.mark.parametrize(("typo", "pointer"), TYPOS.values(), ids=TYPOS)
def test_a_key_that_nobody_named_is_dropped_refused_or_kept(api, typo, pointer):
    sequence_id = api.create(body())
    api.patch(sequence_id, typo)
    dropped = api.get(sequence_id)

    api.throw("unknown_keys=refused")
    for method, path in [("PATCH", f"/sequences/{sequence_id}"), ("POST", "/sequences")]:
        response = api.request(method, path, json=typo)
        assert response.status_code == 400
        assert response.json()["message"] == f"`{pointer}` is not a key that the contract names"
    assert api.get(sequence_id) == dropped

    api.throw("unknown_keys=kept")
    kept = api.get(api.create(typo))
    for part in pointer.split("/")[1:-1]:
        dropped, kept = (each[int(part)] if part.isdigit() else each[part] for each in (dropped, kept))
    name = pointer.split("/")[-1]
    if name == "status":
        assert kept["status"] == "active"
    else:
        assert name in kept
        assert name not in dropped


def test_the_free_names_of_attributes_are_not_unknown_keys(api):
    rule = {"type": "contacts_attributes_in", "attributes": [{"plan": "pro", "anything": "at all"}]}
    for setting in ("dropped", "refused", "kept"):
        api.throw(f"unknown_keys={setting}")
        stray = {"stray": 1} if setting != "refused" else {}  # so that what is dropped is looked at too
        assert api.get(api.create(body(filter=every(rule), **stray)))["filter"] == every(rule)


def test_a_custom_id_may_be_taken_twice_and_look_up_then_finds_the_oldest(api):
    first = api.create(body(name="first"))
    second = api.create(body(name="second"))
    assert api.get("welcome")["id"] == first
    assert api.simulator.find("welcome") == api.get(first)
    api.patch(first, body(custom_id="renamed"))
    assert api.get("welcome")["id"] == second
    api.patch(first, body())
    assert api.get("welcome")["id"] == first


def test_a_duplicate_custom_id_can_be_refused(api):
    api.throw("duplicates=refused")
    api.create(body())
    other = api.create(body(custom_id="other"))
    assert api.request("POST", "/sequences", json=body()).status_code == 409
    assert api.request("PATCH", f"/sequences/{other}", json=body()).status_code == 409
    api.patch(other, body(custom_id="other", name="its own custom_id is no duplicate"))
    api.create(body(custom_id=...))
    api.create(body(custom_id=...))
    assert [each["custom_id"] for each in api.simulator.sequences()] == ["welcome", "other", None, None]


def test_a_finished_sequence_takes_changes_or_refuses_them(api, clock):
    canceled = api.create(body())
    api.request("PUT", f"/sequences/{canceled}/cancel")
    complete = api.create(body(is_continuous=False))
    api.request("PUT", f"/sequences/{complete}/start")
    active, pending = api.create(body()), api.create(body(is_continuous=False))
    for sequence_id in (canceled, complete, active, pending):
        api.patch(sequence_id, body(name="accepted", is_continuous=False))
    api.throw("finished=refused")
    for sequence_id, status in [(canceled, 409), (complete, 409), (pending, 200)]:
        response = api.request("PATCH", f"/sequences/{sequence_id}", json=body(name="refused"))
        assert response.status_code == status
    assert [api.get(sequence_id)["name"] for sequence_id in (canceled, complete)] == ["accepted"] * 2


def test_a_missing_sequence_may_be_a_500_that_says_404_inside(api):
    api.throw("missing=wrapped")
    response = api.request("GET", f"/sequences/{CONTACT}")
    assert (response.status_code, response.json()["statusCode"]) == (500, 404)


def test_a_new_version_is_seen_only_after_as_many_reads_as_the_lag(api):
    sequence_id = api.create(body(name="one"))
    api.throw("lag=2")
    api.patch(sequence_id, body(name="two"))
    assert [api.get(sequence_id)["name"] for _ in range(4)] == ["one", "one", "two", "two"]
    api.patch(sequence_id, body(name="three"))
    api.patch(sequence_id, body(name="four"))
    assert [api.get(sequence_id)["name"] for _ in range(3)] == ["three", "three", "four"]


def test_a_new_sequence_is_not_there_until_the_lag_has_passed(api):
    api.throw("lag=2")
    sequence_id = api.create(body())
    assert [api.request("GET", f"/sequences/{sequence_id}").status_code for _ in range(3)] == [404, 404, 200]
    api.create(body(custom_id="other"))
    assert [api.request("GET", "/sequences/other").status_code for _ in range(3)] == [404, 404, 200]


def test_under_lag_the_old_custom_id_finds_the_old_version(api):
    sequence_id = api.create(body())
    api.throw("lag=1")
    api.patch(sequence_id, body(custom_id="renamed"))
    assert api.get("welcome")["custom_id"] == "welcome"
    assert api.request("GET", "/sequences/welcome").status_code == 404
    assert api.get("renamed")["id"] == sequence_id


def test_writes_and_the_dashboard_see_through_the_lag(api):
    sequence_id = api.create(body(is_continuous=False, steps=[step(SMS, 60)]))
    api.throw("lag=5", "omitted=kept")
    api.request("PUT", f"/sequences/{sequence_id}/start")
    assert api.request("PUT", f"/sequences/{sequence_id}/start").status_code == 409
    api.patch(sequence_id, {"name": "new"})
    api.patch(sequence_id, {"custom_id": "renamed"})
    found = api.simulator.find("renamed")
    assert (found["name"], found["status"]) == ("new", "active")
    assert api.simulator.sequences() == [found]


def test_a_client_that_states_everything_reads_back_what_it_meant_under_every_shape(api):
    whole = body(is_continuous=True, filter=every(*FILTERS), steps=[step(EMAIL, 60), step(SMS, 60.5)])
    sequence_id = api.create(whole)
    answers = set()
    for combination in product(*(("kept", other) for other in ("reordered", "reformatted", "trimmed", "floats"))):
        names = ("lists", "timestamps", "strings", "numbers")
        api.throw(*(f"{name}={value}" for name, value in zip(names, combination, strict=True)))
        api.patch(sequence_id, whole)
        answer = api.get(sequence_id)
        assert answer["steps"] == whole["steps"]
        assert [rule["type"] for rule in answer["filter"]["or"][0]["and"]] == [rule["type"] for rule in FILTERS]
        answers.add(api.request("GET", f"/sequences/{sequence_id}").text)
    assert len(answers) == 8  # nothing here is there to trim
