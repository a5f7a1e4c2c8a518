"""Stories of setting drift back: by class, once a day, through the guards, and never against somebody who insists."""

import pytest

from reconciler.errors import ExitCode
from reconciler.sandbox.switches import Switches
from tests.scenarios.workbench import Door, Repository, email, writes

SUBJECT = "/steps/0/action/data/email_subject"
SENDER = "/steps/0/action/data/from_email"


@pytest.fixture
def one(repository: Repository) -> Repository:
    repository.write("welcome")
    repository.applied()
    return repository


def configured(repository: Repository, text: str) -> None:
    file = repository.root / "reconciler.toml"
    before = file.read_text() if file.exists() else "[environments.sandbox]\n"
    repository.configure(f"{before}\n{text}".replace("NAME", repository.environment))


def test_what_is_recorded_is_written_back_and_the_next_look_and_plan_are_empty(one: Repository) -> None:
    one.simulator.edit("welcome", {"/name": "Theirs", SUBJECT: "Hej"})
    result, seen = one.requests("drift", "--correct", "--yes", "--detailed-exitcode", "--format", "json")
    assert (result.code, [entry.method for entry in writes(seen)]) == (0, ["PATCH"])
    assert result.json["correction"]["summary"] == {"applied": 1}
    assert one.run("drift", "--detailed-exitcode").code == 0
    assert one.run("plan", "--refresh", "all", "--detailed-exitcode").code == 0
    assert one.simulator.find("welcome")["name"] == "Welcome"


def test_what_is_graver_than_allowed_leaves_the_whole_sequence_as_it_is(one: Repository) -> None:
    one.simulator.edit("welcome", {"/name": "Theirs", SENDER: "theirs@example.com"})
    result, seen = one.requests("drift", "--correct", "--yes", "--detailed-exitcode", "--format", "json")
    assert (result.code, writes(seen)) == (ExitCode.DIFFERENCES, [])
    [left] = result.json["correction"]["left"]
    assert left["reason"] == "setting it back is R3, and `drift.correct` of this environment allows R1"
    configured(one, '[environments.NAME.drift]\ncorrect = "R3"\n')
    assert one.run("drift", "--correct", "--yes", "--detailed-exitcode").code == 0


def test_none_sets_nothing_back(one: Repository) -> None:
    configured(one, '[environments.NAME.drift]\ncorrect = "none"\n')
    one.simulator.edit("welcome", {"/name": "Theirs"})
    result, seen = one.requests("drift", "--correct", "--yes")
    assert (result.code, writes(seen)) == (0, [])
    assert '`drift.correct` of this environment is "none"' in result.out


@pytest.mark.parametrize("line", ['correct = "R5"', "correct = true", 'corect = "R1"'])
def test_a_configuration_that_means_nothing_is_an_error(embedded: Repository, line: str) -> None:
    embedded.configure(f"[environments.sandbox.drift]\n{line}\n")
    ended = embedded.run("drift", "--correct", "--yes")
    assert ended.code == ExitCode.REFUSED_CONFIGURATION
    assert "environments.sandbox.drift" in ended.err


def test_somebody_who_insists_is_reported_and_not_fought(one: Repository) -> None:
    one.simulator.edit("welcome", {"/name": "Theirs"})
    assert one.run("drift", "--correct", "--yes").code == 0
    one.simulator.edit("welcome", {"/name": "Theirs again"})
    for _ in range(3):
        result, seen = one.requests("drift", "--correct", "--yes", "--detailed-exitcode")
        assert (result.code, writes(seen)) == (ExitCode.DIFFERENCES, [])
        assert "somebody or the server insists" in " ".join(result.out.split())
    one.simulator.edit("welcome", {"/name": "Welcome", SUBJECT: "Hej"})
    assert one.run("drift", "--correct", "--yes", "--detailed-exitcode").code == 0


def test_a_server_that_stores_it_otherwise_is_written_to_once(one: Repository) -> None:
    one.simulator.edit("welcome", {SUBJECT: "Hej"})
    one.simulator.switches = Switches.parse(["strings=trimmed"])
    assert one.run("drift", "--correct", "--yes").code == 0
    for _ in range(3):
        _, seen = one.requests("drift", "--correct", "--yes")
        assert writes(seen) == []


def test_handed_off_fields_are_sent_as_they_stand(repository: Repository) -> None:
    repository.write("welcome", reconciler={"ignore": ["/name"]})
    repository.applied()
    repository.simulator.edit("welcome", {"/name": "Theirs", SUBJECT: "Hej"})
    found = repository.json("drift")["drifted"][0]
    assert ([each["path"] for each in found["fields"]], [each["path"] for each in found["handed_off"]]) == (
        [SUBJECT],
        ["/name"],
    )
    assert repository.run("drift", "--correct", "--yes", "--detailed-exitcode").code == 0
    live = repository.simulator.find("welcome")
    assert (live["name"], live["steps"][0]["action"]["data"]["email_subject"]) == ("Theirs", "Hello")


def test_one_that_has_ended_is_left_and_keeps_nobody_else_from_being_set_back(one: Repository) -> None:
    one.write("summer", name="Summer")
    one.applied()
    for name in ("welcome", "summer"):
        one.simulator.edit(name, {"/name": "Theirs"})
    one.simulator.cancel("summer")
    result = one.run("drift", "--correct", "--yes", "--format", "json")
    assert result.code == 0, result
    assert [each["custom_id"] for each in result.json["correction"]["left"]] == ["summer"]
    assert one.simulator.find("welcome")["name"] == "Welcome"
    ended = one.run("drift", "--correct", "--yes", "--override", "ended", "--reason", "for the archive")
    assert ended.code == 0, ended
    assert one.simulator.find("summer")["name"] == "Summer"


def test_an_orphan_is_reported_and_left(one: Repository) -> None:
    one.write("another")
    one.applied()
    one.remove("welcome")
    one.simulator.edit("welcome", {"/name": "Theirs"})
    result, seen = one.requests("drift", "--correct", "--yes")
    assert (result.code, writes(seen)) == (0, [])
    assert "no manifest asks for it any more" in result.out


def test_the_guards_of_the_environment_hold_and_an_override_is_recorded(one: Repository) -> None:
    configured(one, '[environments.NAME.guards]\ndrift = "refuse"\n')
    one.simulator.edit("welcome", {"/name": "Theirs"})
    result, seen = one.requests("drift", "--correct", "--yes", "--format", "json")
    assert (result.code, writes(seen)) == (ExitCode.REFUSED, [])
    assert [each["rule"] for each in result.json["correction"]["violations"]] == ["drift"]
    spite = ("--override", "drift", "--reason", "an accident in the dashboard")
    assert one.run("drift", "--correct", "--yes", *spite).code == 0
    assert one.state["overrides"][0]["reason"] == "an accident in the dashboard"


def test_it_asks_where_somebody_can_be_asked_and_refuses_elsewhere(one: Repository) -> None:
    one.simulator.edit("welcome", {"/name": "Theirs"})
    ended = one.command("drift", "--correct")
    assert ended.code == ExitCode.USAGE
    assert "nobody can be asked here" in ended.err
    assert one.run("drift", "--correct", "--yes", "--format", "html").code == ExitCode.USAGE


def test_an_update_without_an_answer_is_settled_first(behind: Repository, door: Door) -> None:
    behind.write("welcome")
    behind.applied()
    behind.write("welcome", name="Ours", steps=[email("New")])
    door.before = lambda method, path, nth: (502, "text/html", b"x") if method == "PATCH" else None
    assert behind.apply().code == ExitCode.UNKNOWN
    door.before = lambda method, path, nth: None
    assert behind.state["pending"]
    result, seen = behind.requests("drift", "--correct", "--yes", "--format", "json")
    assert writes(seen) == []
    assert [each["custom_id"] for each in result.json["unsettled"]] == ["welcome"]


def test_what_was_not_written_may_be_tried_again(behind: Repository, door: Door) -> None:
    behind.write("welcome")
    behind.applied()
    behind.simulator.edit("welcome", {"/name": "Theirs"})
    door.before = lambda method, path, nth: (400, "application/json", b"{}") if method == "PATCH" else None
    assert behind.run("drift", "--correct", "--yes").code == ExitCode.PARTIAL
    door.before = lambda method, path, nth: None
    assert behind.run("drift", "--correct", "--yes", "--detailed-exitcode").code == 0
