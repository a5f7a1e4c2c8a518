"""Stories of drift: people edit live, and the tool sees it, tells it, and sets back what it may."""

import json

from reconciler.errors import ExitCode
from reconciler.sandbox.switches import Switches
from tests.scenarios.workbench import Door, Repository, email, writes

SUBJECT = "/steps/0/action/data/email_subject"


def recorded(repository: Repository, *names: str) -> None:
    for name in names:
        repository.write(name)
    repository.applied()


def ids(repository: Repository) -> dict[str, str]:
    return {name: record["id"] for name, record in repository.state["records"].items()}


def drifted(repository: Repository, *arguments: str) -> dict[str, set[str]]:
    found = repository.json("drift", *arguments)["drifted"]
    return {each["custom_id"]: {field["path"] for field in each["fields"]} for each in found}


def test_what_a_person_changed_in_the_dashboard_is_told_field_by_field(repository: Repository) -> None:
    recorded(repository, "news", "welcome")
    assert repository.run("drift", "--detailed-exitcode").code == 0
    repository.simulator.edit("welcome", {"/name": "Theirs", SUBJECT: "Hej"})
    result, seen = repository.requests("drift", "--format", "json")
    assert (result.code, writes(seen), len(seen)) == (0, [], 2)
    [found] = result.json["drifted"]
    assert (found["custom_id"], found["risk"], found["orphan"]) == ("welcome", "R1", False)
    assert found["read_before"] is not None
    assert [(each["path"], each["risk"], each["recorded"], each["live"]) for each in found["fields"]] == [
        ("/name", "R0", "Welcome", "Theirs"),
        (SUBJECT, "R1", "Hello", "Hej"),
    ]
    assert repository.run("drift", "--detailed-exitcode").code == ExitCode.DIFFERENCES
    assert repository.run("drift", "--only", "news", "--detailed-exitcode", "--format", "json").json["drifted"] == []


def test_what_somebody_canceled_is_named_though_no_field_differs(embedded: Repository) -> None:
    recorded(embedded, "news", "welcome")
    embedded.simulator.cancel("welcome")
    for format_ in ("text", "json", "markdown", "html"):
        result = embedded.run("drift", "--format", format_)
        assert result.code == 0
        assert "canceled since it was recorded" in " ".join(result.out.split()), format_
    [warning] = embedded.json("drift")["warnings"]
    assert (warning["rule"], "welcome" in warning["message"], "news" in warning["message"]) == ("canceled", True, False)
    embedded.write("welcome", reconciler={"retire": "cancel"})
    embedded.applied()
    assert embedded.json("drift")["warnings"] == []


def test_every_format_tells_the_same(repository: Repository) -> None:
    recorded(repository, "news", "welcome")
    repository.simulator.edit("welcome", {"/name": "Theirs"})
    repository.simulator.delete("news")
    assert repository.run("drift", "--out", "look.json", "--format", "terraform").json == {
        "create": 0,
        "update": 1,
        "delete": 0,
    }
    for format_ in ("text", "markdown", "html"):
        drawn = repository.run("show", "look.json", "--format", format_)
        assert drawn.code == 0
        for word in ("welcome", "Theirs", "R0", "1 drifted, 1 gone, 0 as recorded", "state forget news"):
            assert word in drawn.out
    whole = json.loads((repository.root / "look.json").read_text())
    assert repository.run("show", "look.json", "--format", "json").json == whole
    del whole["coverage"]["pace"]
    (repository.root / "look.json").write_text(json.dumps(whole))
    assert repository.run("show", "look.json").code == ExitCode.USAGE


def test_drift_is_told_while_the_manifests_are_invalid_or_gone(repository: Repository) -> None:
    path = repository.write("welcome", reconciler={"ignore": ["/name"]})
    repository.applied()
    repository.simulator.edit("welcome", {"/name": "Theirs"})
    found = repository.json("drift")
    assert (found["drifted"], [each["custom_id"] for each in found["handed_off"]]) == ([], ["welcome"])
    assert repository.run("drift", "--detailed-exitcode").code == 0
    path.write_text("custom_id: [", encoding="utf-8")
    found = repository.json("drift")
    assert [each["rule"] for each in found["warnings"]] == ["manifests-unreadable"]
    assert found["drifted"][0]["orphan"] is None
    refused = repository.run("drift", "--correct", "--yes")
    assert refused.code == ExitCode.REFUSED
    assert "nobody knows which fields are handed off" in refused.err
    path.unlink()
    found = repository.json("drift")
    assert (found["drifted"][0]["orphan"], found["warnings"]) == (True, [])


def test_what_cannot_be_read_is_not_called_gone_and_ends_in_10(behind: Repository, door: Door) -> None:
    recorded(behind, "news", "welcome")
    bad = ids(behind)["news"]
    door.before = lambda method, path, nth: (502, "text/html", b"x") if path.endswith(bad) else None
    result = behind.run("drift", "--detailed-exitcode", "--format", "json")
    assert result.code == ExitCode.UNAVAILABLE
    assert ([each["custom_id"] for each in result.json["unreadable"]], result.json["gone"]) == (["news"], [])
    assert result.json["summary"]["in_step"] == 1
    door.before = lambda method, path, nth: None
    behind.simulator.delete("news")
    assert behind.run("drift").code == 0
    assert behind.run("drift", "--detailed-exitcode").code == ExitCode.DIFFERENCES


def test_a_key_of_another_organisation_is_refused_before_anything_is_compared(behind: Repository, door: Door) -> None:
    recorded(behind, "welcome")
    before = behind.state_file.read_bytes()

    def theirs(method: str, path: str, nth: int) -> tuple[int, str, bytes]:
        whole = json.loads(behind.simulator.answer(door.last).body)
        return 200, "application/json", json.dumps({**whole, "org_id": "theirs", "name": "Theirs"}).encode()

    door.before = theirs
    ended = behind.run("drift")
    assert (ended.code, ended.out) == (ExitCode.REFUSED, "")
    assert "the key belongs to organisation theirs" in ended.err
    assert behind.state_file.read_bytes() == before


def test_without_state_there_is_nothing_to_compare_with(repository: Repository) -> None:
    ended = repository.run("drift")
    assert (ended.code, ended.out) == (ExitCode.STATE_UNUSABLE, "")
    assert "there is no state yet" in ended.err


def test_what_is_recorded_is_selected_by_custom_id_alone(embedded: Repository) -> None:
    recorded(embedded, "welcome")
    for pattern in ("owner:me", "path:sequences/**"):
        ended = embedded.run("drift", "--only", pattern)
        assert (ended.code, ended.out) == (ExitCode.USAGE, "")
        assert "neither owner nor path" in ended.err


def test_what_the_server_makes_of_values_is_no_drift(repository: Repository) -> None:
    repository.simulator.switches = Switches.parse(["strings=trimmed", "timestamps=reformatted"])
    repository.write("welcome", steps=[email("  Hello ")])
    repository.apply()
    assert drifted(repository) == {}
    repository.simulator.edit("welcome", {SUBJECT: "Hej"})
    assert drifted(repository) == {"welcome": {SUBJECT}}


def test_a_plan_that_was_reviewed_is_not_made_stale_by_looking(repository: Repository) -> None:
    recorded(repository, "welcome")
    repository.write("welcome", name="Better")
    repository.run("plan", "--out", "plan.json")
    serial = repository.state["serial"]
    repository.run("drift")
    assert repository.state["serial"] == serial + 1
    assert repository.state["unmoved_since"] == serial
    assert repository.apply("plan.json").code == 0
    assert "unmoved_since" not in repository.state
    assert repository.run("plan", "--detailed-exitcode", "--refresh", "all").code == 0
