"""Removing: a manifest that goes, one that says what is to become of its sequence, and a sequence that vanished."""

import json

import jsonschema
import pytest

from tests.scenarios.workbench import ROOT, Repository, after_sequence, email, reaching, sms, writes
from tests.stories.story import SERVERS, actions, answering, is_quiet, refusals, sent, warned

FORMATS = ("text", "json", "markdown", "html")


def applied(repository: Repository, custom_id: str = "welcome", **changes: object) -> str:
    repository.write(custom_id, **changes)
    repository.applied()
    return str(repository.state["records"][custom_id]["id"])


def live(repository: Repository) -> dict[str, str]:
    return {each["custom_id"]: each["status"] for each in repository.simulator.sequences()}


def test_a_manifest_that_goes_leaves_an_orphan_in_every_plan_and_drawing_with_what_it_may_still_send(
    repository: Repository,
) -> None:
    applied(repository, steps=[email(), sms(delay=60)])
    repository.remove("welcome")
    for refresh in ("none", "changed", "all"):
        assert actions(repository.plan("--refresh", refresh)) == {"welcome": "orphan"}
    for format_ in FORMATS:
        unread = repository.run("plan", "--refresh", "none", "--format", format_).out
        read = repository.run("plan", "--refresh", "all", "--format", format_).out
        for words in ("in a segment", "1 e-mail", "2 SMS", "reconciler state forget"):
            assert words in unread, (format_, words)
        assert "when it was last read, and may be sending" in unread, format_
        assert "it is active and is sending" in read, format_
        assert "2 SMS (not begun)" in read, format_
        assert "1 e-mail (began on " in read, format_
    assert sent(repository) == []
    assert live(repository) == {"welcome": "active"}


def test_a_record_is_forgotten_by_its_exact_name_alone(repository: Repository) -> None:
    id_ = applied(repository)
    repository.remove("welcome")
    for wrong in ("wel*", "*", "WELCOME", id_):
        assert repository.run("state", "forget", wrong).code == 64, wrong
        assert "welcome" in repository.state["records"]
    with repository.watched() as seen:
        assert repository.run("state", "forget", "welcome").code == 0
    assert seen == []
    assert is_quiet(repository)


@pytest.mark.parametrize("server", SERVERS)
def test_retire_cancel_stops_a_sequence_for_good_and_its_file_may_go_then(embedded: Repository, server: str) -> None:
    embedded.simulator.reset(SERVERS[server])
    id_ = applied(embedded)
    embedded.write("welcome", reconciler={"retire": "cancel"})
    # The plan shows the very call, in the gravest class, and nobody gets it done without naming the plan.
    plan = embedded.plan()
    (change,) = plan["changes"]
    assert change["operation"] == {"method": "PUT", "path": f"/sequences/{id_}/cancel"}
    assert (change["action"], change["retire"], change["risk"]) == ("update", "cancel", "R4")
    jsonschema.validate(plan, json.loads((ROOT / "schemas/plan.schema.json").read_text()))
    # What nothing takes back is counted where a merge request shows what is lost.
    counted = embedded.run("plan", "--format", "terraform").json
    assert counted == {"create": 0, "update": 0, "delete": 1}
    with embedded.watched() as seen:
        assert embedded.apply().code == 7
    assert writes(seen) == []
    with embedded.watched() as seen:
        ended = answering(embedded)
    assert ended.code == 0, ended
    assert [(each.method, each.path, each.body) for each in writes(seen)] == [("PUT", f"/sequences/{id_}/cancel", None)]
    # State says what became of it, and every plan after that is silent, with the file and without it.
    record = embedded.state["records"]["welcome"]
    assert (record["status"], record["retired"]) == ("canceled", True)
    jsonschema.validate(embedded.state, json.loads((ROOT / "schemas/state.schema.json").read_text()))
    assert is_quiet(embedded)
    embedded.remove("welcome")
    assert is_quiet(embedded)
    assert live(embedded) == {"welcome": "canceled"}


def test_an_undo_says_that_nothing_takes_a_cancel_back(embedded: Repository) -> None:
    applied(embedded)
    embedded.write("welcome", reconciler={"retire": "cancel"})
    answering(embedded)
    plan = embedded.run("undo", "last")
    assert plan.code == 7
    assert "it was canceled, which nothing undoes" in plan.out
    assert live(embedded) == {"welcome": "canceled"}


def test_what_was_canceled_by_hand_is_only_recorded(repository: Repository) -> None:
    repository.simulator.cancel(applied(repository))
    repository.write("welcome", reconciler={"retire": "cancel"})
    assert actions(repository.plan()) == {"welcome": "keep"}
    assert sent(repository) == []
    assert is_quiet(repository)


def test_a_one_off_that_has_run_to_its_end_is_only_recorded(repository: Repository) -> None:
    id_ = applied(repository, is_continuous=False)
    repository.simulator.start(id_)
    repository.write("welcome", is_continuous=False, reconciler={"retire": "cancel"})
    assert sent(repository) == []
    assert live(repository) == {"welcome": "complete"}
    assert is_quiet(repository)


def test_other_edits_beside_retire_are_not_sent_and_that_is_said(embedded: Repository) -> None:
    applied(embedded)
    embedded.write("welcome", name="Edited", reconciler={"retire": "cancel"})
    plan = embedded.plan()
    assert (plan["changes"][0]["fields"], warned(plan)) == ([], {"retire-edits"})
    assert answering(embedded).code == 0
    found = embedded.simulator.find("welcome")
    assert found is not None
    assert (found["name"], found["status"]) == ("Welcome", "canceled")


def test_what_was_canceled_does_not_come_back_by_taking_retire_out(embedded: Repository) -> None:
    applied(embedded)
    embedded.write("welcome", reconciler={"retire": "cancel"})
    answering(embedded)
    embedded.write("welcome")
    plan = embedded.plan()
    assert (plan["changes"], warned(plan)) == ([], {"retired-for-good"})


def test_what_is_not_recorded_is_never_canceled(embedded: Repository) -> None:
    applied(embedded)
    embedded.lose_state()
    embedded.write("welcome", reconciler={"retire": "cancel"})
    assert list(refusals(embedded.plan())) == ["retire-unrecorded"]
    assert embedded.apply("--adopt").code == 7
    assert live(embedded) == {"welcome": "active"}
    # Neither is it created to be canceled.
    embedded.simulator.delete("welcome")
    assert is_quiet(embedded)
    assert sent(embedded) == []


@pytest.mark.parametrize("guard", ["protected", "max-changes", "freeze"])
def test_the_guards_of_an_environment_hold_for_a_cancel(embedded: Repository, guard: str) -> None:
    applied(embedded)
    rules = {
        "protected": 'protected = ["welcome"]',
        "max-changes": "max_changes = 0",
        "freeze": 'freeze = [{ zone = "UTC", from = "2020-01-01T00:00", to = "2100-01-01T00:00" }]',
    }
    embedded.configure(f'[environments.sandbox]\napi = "sandbox"\nguards = {{ {rules[guard]} }}\n')
    embedded.write("welcome", reconciler={"retire": "cancel"})
    assert guard in refusals(embedded.plan())
    assert answering(embedded).code == 7
    assert live(embedded) == {"welcome": "active"}


@pytest.mark.parametrize("server", SERVERS)
def test_retire_release_lets_go_of_a_sequence_and_says_that_it_goes_on(embedded: Repository, server: str) -> None:
    embedded.simulator.reset(SERVERS[server])
    applied(embedded)
    embedded.write("welcome", reconciler={"retire": "release"})
    plan = embedded.plan()
    assert (actions(plan), warned(plan)) == ({"welcome": "orphan (release)"}, {"released"})
    jsonschema.validate(plan, json.loads((ROOT / "schemas/plan.schema.json").read_text()))
    assert sent(embedded) == []
    assert (embedded.state["records"], live(embedded)) == ({}, {"welcome": "active"})
    assert is_quiet(embedded)
    embedded.remove("welcome")
    assert is_quiet(embedded)
    # Whoever wants it back says so.
    embedded.write("welcome")
    assert actions(embedded.plan()) == {"welcome": "adopt"}


def test_what_others_name_is_not_released(embedded: Repository) -> None:
    applied(embedded)
    applied(embedded, "next", filter=reaching(after_sequence("welcome")))
    embedded.write("welcome", reconciler={"retire": "release"})
    assert "`next`" in refusals(embedded.plan())["still-referenced"]
    assert embedded.apply().code == 7
    assert set(embedded.state["records"]) == {"next", "welcome"}


def test_a_sequence_is_retired_under_the_name_that_it_is_recorded_by(embedded: Repository) -> None:
    applied(embedded, "hello")
    embedded.remove("hello")
    embedded.write("welcome", reconciler={"renamed_from": "hello", "retire": "cancel"})
    assert list(refusals(embedded.plan())) == ["retire-renamed"]


def test_a_live_sequence_that_vanished_is_refused_and_each_way_out_works(embedded: Repository) -> None:
    for way in ("anew", "given-up"):
        id_ = applied(embedded, way)
        embedded.simulator.delete(id_)
        embedded.write(way, name="Edited")
        message = refusals(embedded.plan("--only", way))["vanished"]
        assert f"reconciler state forget {way}" in message
        with embedded.watched() as seen:
            assert embedded.apply("--only", way).code == 7
        assert writes(seen) == []
        assert embedded.run("state", "forget", way).code == 0
        if way == "anew":
            assert [method for method, _ in sent(embedded)] == ["POST"]
        else:
            embedded.remove(way)
        assert is_quiet(embedded)
