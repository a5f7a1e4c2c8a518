"""What each case of the sequence table comes to from the command line, with the ledger as the witness."""

import json

import pytest

from reconciler.model.sequence import Payload
from reconciler.sandbox.api import Request
from reconciler.sandbox.keys import DEFAULT_ORG, FULL_KEY
from reconciler.sandbox.switches import Switches
from tests.scenarios.workbench import Door, Repository, after_sequence, email, reaching, writes

OTHER_ORG = "5a4d8b0c-0000-4000-8000-00000000beef"


def rules(document: dict) -> list[str]:
    return [each["rule"] for each in document["violations"]]


def statuses(document: dict) -> dict[str, str]:
    return {each["custom_id"]: each["status"] for each in document["outcomes"]}


# Laws 2, 3 and 4.


def test_what_the_plan_shows_as_body_is_what_is_sent_byte_for_byte(repository):
    repository.write("welcome", name="Wëlcome ☃", steps=[email("A", 1.5), email("B", 2.0)])
    repository.write("other")
    for subject in ("first", "second"):
        repository.write("other", steps=[email(subject)])
        plan = repository.plan()
        with repository.watched() as seen:
            repository.applied()
        sent = {(entry.method, entry.body) for entry in writes(seen)}
        shown = [change["operation"] for change in plan["changes"]]
        assert {(each["method"], Payload.of(each["body"]).encoded) for each in shown} == sent
        assert [each["path"] for each in shown if each["method"] == "PATCH"] == [
            entry.path for entry in writes(seen) if entry.method == "PATCH"
        ]


def test_a_reference_to_what_the_same_plan_creates_is_shown_by_name_and_sent_as_its_id(repository):
    repository.write("first")
    repository.write("second", filter=reaching(after_sequence("first")))
    shown = {change["custom_id"]: change["operation"]["body"] for change in repository.plan()["changes"]}
    assert shown["second"]["filter"]["or"][0]["and"][0]["sequence_id"] == {"$sequence": "first"}
    with repository.watched() as seen:
        repository.applied()
    first, second = writes(seen)
    expected = json.dumps(shown["second"]).replace('{"$sequence": "first"}', f'"{first.sequence_id}"')
    assert second.body == Payload.of(json.loads(expected)).encoded


def test_the_same_inputs_give_the_same_bytes_whatever_the_order_of_files_and_the_hash_seed(embedded, monkeypatch):
    for name in ("zeta", "alpha", "mid"):
        embedded.write(name, filter=reaching({"type": "contacts_name_in", "name_in": ["c", "a", "b"]}))
    outputs = set()
    for seed in ("0", "1", "4711"):
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        outputs.add(embedded.command("plan", "--refresh", "none", "--format", "json").out)
    (embedded.root / "sequences" / "zeta.yaml").rename(embedded.root / "sequences" / "aaa.yaml")
    moved = embedded.plan("--refresh", "none")
    (only,) = outputs
    assert moved["digest"] == json.loads(only)["digest"]
    assert [change["custom_id"] for change in moved["changes"]] == ["alpha", "mid", "zeta"]


@pytest.mark.parametrize("refresh", ["none", "changed", "all"])
def test_planning_makes_no_request_but_get_and_without_refresh_none_at_all(repository, refresh):
    repository.write("known")
    repository.applied()
    repository.write("known", name="Edited")
    repository.write("new")
    before = repository.state_file.read_bytes()
    _, seen = repository.requests("plan", "--refresh", refresh)
    assert {entry.method for entry in seen} == (set() if refresh == "none" else {"GET"})
    assert repository.state_file.read_bytes() == before


def test_without_refresh_the_embedded_sandbox_is_not_even_made(tmp_path, embedded):
    embedded.write("welcome")
    fresh = Repository(root=tmp_path / "fresh", simulator=embedded.simulator)
    (tmp_path / "fresh").mkdir()
    (embedded.root / "sequences").rename(tmp_path / "fresh" / "sequences")
    assert fresh.run("plan", "--refresh", "none").code == 0
    assert [each.name for each in fresh.root.iterdir()] == ["sequences"]


def test_the_plan_says_how_many_requests_applying_takes_beside_reading(repository):
    repository.write("one")
    repository.write("two")
    plan, reads = repository.plan(), 2
    with repository.watched() as seen:
        repository.applied()
    assert plan["summary"]["requests"] == len(seen) - reads


def test_every_write_states_the_whole_object(repository):
    repository.write("welcome")
    repository.applied()
    repository.write("welcome", name="Only the name")
    with repository.watched() as seen:
        repository.applied()
    (patch,) = writes(seen)
    assert json.loads(patch.body or b"").keys() == {"custom_id", "name", "is_continuous", "filter", "steps"}


# Adoption, vanished, orphan, rename, hand-off.


def test_what_exists_unrecorded_is_taken_over_only_with_adopt(repository):
    repository.write("welcome")
    repository.applied()
    repository.lose_state()
    repository.write("welcome", name="Mine")
    refused, seen = repository.requests("apply", "--yes", "--format", "json")
    assert (refused.code, writes(seen), rules(refused.json)) == (7, [], ["adoption"])
    plan = repository.plan("--adopt")
    (change,) = plan["changes"]
    assert (change["action"], [field["origin"] for field in change["fields"]]) == ("adopt", ["takeover"])
    repository.applied("--adopt")
    found = repository.simulator.find("welcome")
    assert found is not None
    assert (found["name"], len(repository.simulator.sequences())) == ("Mine", 1)
    assert repository.plan("--refresh", "all")["changes"] == []


def test_a_vanished_sequence_is_refused_and_never_created_again(repository):
    repository.write("welcome")
    repository.write("other")
    repository.applied()
    repository.simulator.delete("welcome")
    repository.write("welcome", name="Edited")
    result, seen = repository.requests("apply", "--yes", "--refresh", "all", "--format", "json")
    assert (result.code, writes(seen), rules(result.json)) == (7, [], ["vanished"])


def test_an_orphan_is_reported_in_every_plan_and_never_touched(repository):
    repository.write("welcome")
    repository.write("leaving")
    repository.applied()
    repository.remove("leaving")
    for refresh in ("none", "changed", "all"):
        plan = repository.plan("--refresh", refresh)
        (change,) = plan["changes"]
        assert (change["custom_id"], change["action"], plan["summary"]["orphan"]) == ("leaving", "orphan", 1)
        assert "operation" not in change
        result, seen = repository.requests("apply", "--yes", "--refresh", refresh if refresh != "none" else "all")
        assert (result.code, writes(seen)) == (0, [])
    assert "leaving" in repository.state["records"]
    assert repository.run("plan", "--detailed-exitcode").code == 2


def test_a_rename_keeps_the_sequence_and_its_id(repository):
    repository.write("hello")
    repository.applied()
    known = repository.state["records"]["hello"]["id"]
    repository.remove("hello")
    repository.write("welcome", reconciler={"renamed_from": "hello"})
    assert [change["action"] for change in repository.plan()["changes"]] == ["rename"]
    repository.applied()
    assert {name: record["id"] for name, record in repository.state["records"].items()} == {"welcome": known}
    assert len(repository.simulator.sequences()) == 1
    assert repository.plan("--refresh", "all")["changes"] == []


def test_a_handed_off_field_is_never_written(repository):
    repository.write("welcome", reconciler={"ignore": ["/name"]})
    repository.applied()
    repository.simulator.edit("welcome", {"/name": "Theirs"})
    plan = repository.plan("--refresh", "all")
    assert [(change["action"], change["fields"]) for change in plan["changes"]] == [("keep", [])]
    assert plan["summary"]["requests"] == 0
    repository.write("welcome", reconciler={"ignore": ["/name"]}, steps=[email("New")])
    repository.applied()
    found = repository.simulator.find("welcome")
    assert found is not None
    assert found["name"] == "Theirs"


# Drift and conflict.


def test_a_conflict_shows_all_three_values(repository):
    repository.write("welcome", name="Recorded")
    repository.applied()
    repository.simulator.edit("welcome", {"/name": "Live"})
    repository.write("welcome", name="Desired")
    plan = repository.plan()
    assert plan["changes"][0]["fields"] == [
        {"path": "/name", "origin": "conflict", "recorded": "Recorded", "live": "Live", "desired": "Desired"}
    ]
    assert plan["summary"]["drifted"] == 1


def test_drift_is_seen_with_refresh_all_and_put_right(repository):
    repository.write("welcome", steps=[email(delay=60)])  # what has sent everything would be complete by then
    repository.applied()
    repository.simulator.edit("welcome", {"/is_continuous": False})
    assert repository.plan()["changes"] == []
    plan = repository.plan("--refresh", "all")
    assert [field["origin"] for field in plan["changes"][0]["fields"]] == ["drift"]
    repository.applied("--refresh", "all")
    found = repository.simulator.find("welcome")
    assert found is not None
    assert found["is_continuous"] is True


def test_null_and_absent_are_told_apart_in_a_plan(repository):
    repository.write("welcome", filter=None, reconciler={"audience": "everyone"})
    field = next(each for each in repository.plan()["changes"][0]["fields"] if each["path"] == "/filter")
    assert field == {"path": "/filter", "origin": "new", "desired": None}


# The organisation is pinned.


@pytest.fixture
def foreign(http: Repository) -> str:
    http.simulator.add_key("foreign-key", OTHER_ORG, ["sequences:read", "sequences:write"], name="foreign")
    return "foreign-key"


@pytest.mark.parametrize("refresh", ["changed", "all", "none"])
@pytest.mark.parametrize("what", ["a create", "an update", "an adoption"])
def test_a_key_of_another_organisation_is_refused_before_any_write(http, foreign, monkeypatch, what, refresh):
    http.write("welcome")
    http.applied()
    assert http.state["org_id"] == DEFAULT_ORG
    http.write("welcome" if what == "an update" else "new", name="New")
    monkeypatch.setenv("OPENCX_API_KEY", foreign)
    if what == "an adoption":
        body = {**http.state["records"]["welcome"]["applied"], "custom_id": "new"}
        http.simulator.answer(
            Request(method="POST", path="/sequences", authorization=f"Bearer {foreign}", body=json.dumps(body).encode())
        )
    before = http.state_file.read_bytes()
    result, seen = http.requests("apply", "--yes", "--adopt", "--refresh", refresh)
    assert writes(seen) == []
    assert result.code == 7, result
    assert http.state_file.read_bytes() == before


def test_the_right_organisation_is_proved_by_one_read_before_a_create(http):
    http.write("welcome")
    http.applied()
    http.write("new")
    plan = http.plan()
    with http.watched() as seen:
        http.applied()
    assert len(seen) == plan["summary"]["requests"] + 1
    assert len(writes(seen)) == 1


# What the API does.


def test_a_rejected_create_skips_what_refers_to_it_and_the_others_go_on(repository):
    # The server refuses a taken custom_id that a look-up could not show.
    repository.write("first")
    repository.applied()
    repository.lose_state()
    repository.simulator.switches = Switches.parse(["duplicates=refused", "lookup=off"])
    repository.write("second", filter=reaching(after_sequence("first")))
    repository.write("third", filter=reaching(after_sequence("second")))
    repository.write("alone")
    with repository.watched() as seen:
        result = repository.run("apply", "--yes", "--format", "json")
    assert (result.code, result.err) == (8, "")
    assert statuses(result.json) == {
        "first": "rejected",
        "alone": "applied",
        "second": "skipped",
        "third": "skipped",
    }
    assert result.json["summary"] == {"applied": 1, "rejected": 1, "skipped": 2}
    assert "`first`" in next(each["detail"] for each in result.json["outcomes"] if each["custom_id"] == "second")
    assert [entry.custom_id for entry in writes(seen) if entry.mutation] == ["alone"]
    assert list(repository.state["records"]) == ["alone"]


@pytest.mark.parametrize(
    "answer",
    [
        (500, "application/json", b"{}"),
        (200, "text/html", b"<html>"),
        (200, "application/json", b"{"),
        (429, "a/b", b""),
    ],
)
def test_an_unreadable_sequence_never_becomes_a_create_gone_or_keep(behind, door, answer):
    behind.write("known")
    behind.write("changed")
    behind.applied()
    behind.write("changed", name="Edited")
    behind.write("new")
    door.before = lambda method, path, nth: answer if method == "GET" else None
    result, seen = behind.requests("plan", "--refresh", "all", "--format", "json")
    plan = result.json
    assert (result.code, plan["changes"], plan["summary"]["keep"]) == (10, [], 0)
    assert rules(plan) == ["unreadable"] * 3
    applied, seen = behind.requests("apply", "--yes", "--refresh", "all")
    assert (applied.code, writes(seen)) == (10, [])


def test_what_moved_between_plan_and_write_comes_back_and_the_rest_goes_on(behind, door):
    behind.write("moving")
    behind.write("staying")
    behind.applied()
    behind.write("moving", name="Moving, edited")
    behind.write("staying", name="Staying, edited")
    path = "/sequences/" + behind.state["records"]["moving"]["id"]
    first = door._counted["GET", path]

    def before(method: str, asked: str, nth: int) -> None:
        if (method, asked, nth) == ("GET", path, first + 2):
            door.simulator.edit("moving", {"/steps/0/action/data/email_subject": "Someone else's"})

    door.before = before
    with behind.watched() as seen:
        result = behind.run("apply", "--yes", "--format", "json")
    assert result.code == 8
    assert statuses(result.json) == {"moving": "not_sent", "staying": "applied"}
    assert [entry.custom_id for entry in writes(seen) if entry.actor == "api"] == ["staying"]
    assert "email_subject" in next(each["detail"] for each in result.json["outcomes"] if each["status"] == "not_sent")
    assert behind.plan()["changes"][0]["custom_id"] == "moving"


def test_what_moved_alone_is_a_refusal(behind, door):
    behind.write("moving")
    behind.applied()
    behind.write("moving", name="Edited")
    path = "/sequences/" + behind.state["records"]["moving"]["id"]
    first = door._counted["GET", path]
    door.before = lambda method, asked, nth: (
        door.simulator.edit("moving", {"/name": "Theirs"}) and None
        if (method, asked, nth) == ("GET", path, first + 2)
        else None
    )
    assert behind.apply().code == 7


def test_what_appears_between_plan_and_create_is_not_created_twice(behind, door):
    behind.write("welcome")
    template = behind.plan()["changes"][0]["operation"]["body"]

    def before(method: str, path: str, nth: int) -> None:
        if (method, path, nth) == ("GET", "/sequences/welcome", 3):
            body = json.dumps(template).encode()
            door.simulator.answer(
                Request(method="POST", path="/sequences", authorization=f"Bearer {FULL_KEY}", body=body)
            )

    door.before = before
    result = behind.run("apply", "--yes", "--format", "json")
    assert (result.code, statuses(result.json)) == (7, {"welcome": "not_sent"})
    assert len(door.simulator.sequences()) == 1


def test_an_unanswered_create_is_unknown_and_stays_so_in_the_next_plan(behind, door):
    behind.write("welcome")
    door.before = lambda method, path, nth: (502, "text/html", b"bad gateway") if method == "POST" else None
    result = behind.run("apply", "--yes", "--format", "json")
    assert (result.code, statuses(result.json)) == (9, {"welcome": "unknown"})
    door.before = lambda method, path, nth: None
    plan = behind.run("plan", "--format", "json")
    assert (plan.code, rules(plan.json)) == (9, ["outcome-unknown"])
    again, seen = behind.requests("apply", "--yes")
    assert (again.code, writes(seen)) == (9, [])


def test_a_key_that_is_refused_after_the_write_does_not_make_the_write_undone(behind, door):
    behind.write("welcome")
    behind.applied()
    behind.write("welcome", name="Edited")
    patched: list[str] = []

    def before(method: str, path: str, nth: int) -> tuple[int, str, bytes] | None:
        if method == "PATCH":
            patched.append(path)
        return (401, "application/json", b'{"message": "revoked"}') if patched and method == "GET" else None

    door.before = before
    result = behind.run("apply", "--yes", "--format", "json")
    assert (result.code, statuses(result.json)) == (8, {"welcome": "unverified"})
    door.before = lambda method, path, nth: None
    assert behind.plan("--refresh", "all")["changes"] == []


def test_a_key_that_may_only_read_can_plan_and_cannot_apply(http, monkeypatch):
    monkeypatch.setenv("OPENCX_API_KEY", "sandbox-read-key")
    http.write("welcome")
    assert http.run("plan").code == 0
    result, seen = http.requests("apply", "--yes")
    assert result.code == 4
    assert not [entry for entry in seen if entry.mutation]


def test_three_failures_in_a_row_stop_the_run(behind, door):
    # A chain of pairs: nothing of a later wave starts before the earlier one has ended.
    for number in range(4):
        behind.write(f"base{number}")
    behind.write("later", filter=reaching(after_sequence("base0")))
    behind.write("alone", filter=reaching(after_sequence("known")))
    behind.write("known")
    refusal = (400, "application/json", b'{"message": "no"}')
    door.before = lambda method, path, nth: refusal if method == "POST" else None
    result, seen = behind.requests("apply", "--yes", "--format", "json")
    assert (result.code, writes(seen)) == (8, [])
    found = statuses(result.json)
    assert (found["later"], found["alone"]) == ("not_sent", "not_sent")
    assert sum(status == "rejected" for status in found.values()) >= 3


# Law 5: a plan that is not this very plan.


@pytest.fixture
def planned(repository: Repository, tmp_path) -> Repository:
    repository.write("welcome")
    repository.write("other")
    repository.applied()
    repository.write("welcome", name="Edited")
    assert repository.run("plan", "--out", str(tmp_path / "plan.json")).code == 0
    return repository


def refused(repository: Repository, *arguments: str) -> str:
    before = repository.state_file.read_bytes()
    result, seen = repository.requests("apply", "--yes", *arguments)
    assert (result.code, writes(seen), result.out) == (7, [], "")
    assert repository.state_file.read_bytes() == before
    return result.err


def test_the_same_plan_is_applied_once_and_never_replayed(planned, tmp_path):
    assert planned.apply(str(tmp_path / "plan.json")).code == 0
    assert "applied already" in refused(planned, str(tmp_path / "plan.json"))


def test_a_first_plan_is_not_replayed_either(repository, tmp_path):
    repository.write("welcome")
    repository.run("plan", "--out", str(tmp_path / "plan.json"))
    assert repository.apply(str(tmp_path / "plan.json")).code == 0
    assert "applied already" in refused(repository, str(tmp_path / "plan.json"))


def test_a_plan_is_stale_once_a_manifest_changed(planned, tmp_path):
    planned.write("other", name="Edited too")
    assert "the manifests" in refused(planned, str(tmp_path / "plan.json"))


def test_a_plan_of_which_live_moved_everything_sends_nothing_and_shows_the_new_difference(planned, tmp_path):
    planned.simulator.edit("welcome", {"/name": "Theirs"})
    plan = str(tmp_path / "plan.json")
    before = planned.state_file.read_bytes()
    result, seen = planned.requests("apply", "--yes", plan)
    assert (result.code, writes(seen)) == (7, [])
    assert '- "Theirs"' in result.out
    assert '+ "Edited"' in result.out
    assert "the plan is stale: live has moved since it was made (`welcome`); nothing was sent" in result.err
    document = planned.run("apply", "--yes", "--format", "json", plan).json
    assert document["error"]["exit_code"] == 7
    (outcome,) = document["outcomes"]
    assert (outcome["custom_id"], outcome["status"]) == ("welcome", "not_sent")
    assert [(each["path"], each["live"], each["desired"]) for each in outcome["fields"]] == [
        ("/name", "Theirs", "Edited")
    ]
    assert planned.state_file.read_bytes() == before


def test_what_live_moved_comes_back_and_the_others_go_on(repository, tmp_path):
    for name in ("gone", "moved", "still"):
        repository.write(name)
    repository.applied()
    for name in ("gone", "moved", "still"):
        repository.write(name, name="Edited")
    repository.write("new", filter=reaching(after_sequence("moved")))
    repository.write("other", filter=reaching(after_sequence("still")))
    plan = str(tmp_path / "plan.json")
    assert repository.run("plan", "--out", plan).code == 0
    repository.simulator.edit("moved", {"/name": "Theirs"})
    repository.simulator.delete("gone")
    result, seen = repository.requests("apply", "--yes", "--format", "json", plan)
    assert result.code == 8
    found = {each["custom_id"]: (each["status"], each["detail"]) for each in result.json["outcomes"]}
    assert {name: status for name, (status, _) in found.items()} == {
        "gone": "not_sent",
        "moved": "not_sent",
        "still": "applied",
        "new": "skipped",
        "other": "applied",
    }
    assert "is gone" in found["gone"][1]
    assert sorted(entry.custom_id for entry in writes(seen)) == ["other", "still"]
    assert repository.simulator.find("moved")["name"] == "Theirs"


def test_a_plan_is_stale_once_state_moved(planned, tmp_path):
    planned.write("welcome")
    planned.write("third")
    planned.applied()
    planned.remove("third")
    planned.write("welcome", name="Edited")
    assert "the state's serial" in refused(planned, str(tmp_path / "plan.json"))


@pytest.mark.parametrize(
    "path",
    [
        ("digest",),
        ("changes", 0, "operation", "body", "name"),
        ("changes", 0, "id"),
        ("basis", "serial"),
        ("environment",),
        ("summary", "risk"),
        ("changes", 0, "risk"),
        ("changes", 0, "risk_reasons", 0),
        ("changes", 0, "audience"),
        ("changes", 0, "reach", "people"),
        ("changes", 0, "reach", "status"),
    ],
)
def test_an_edited_plan_is_refused(planned, tmp_path, path):
    file = tmp_path / "plan.json"
    document = json.loads(file.read_bytes())
    place = document
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = 99 if path[-1] == "serial" else "x"
    file.write_text(json.dumps(document))
    refused(planned, str(file))


def test_a_plan_whose_digest_was_made_to_fit_an_edit_is_refused(planned, tmp_path):
    from reconciler.core.codec.plan import document_checksum, document_digest

    file = tmp_path / "plan.json"
    document = json.loads(file.read_bytes())
    document["changes"][0]["operation"]["body"]["name"] = "Evil"
    document["digest"] = document_digest(document)
    file.write_text(json.dumps(document))
    assert "edited" in refused(planned, str(file))
    file.write_text(json.dumps({**document, "checksum": document_checksum(document)}))
    assert "stale" in refused(planned, str(file))


def test_a_risk_that_was_forged_with_its_checksum_carries_nothing_out(planned, tmp_path):
    from reconciler.core.codec.plan import document_checksum

    file = tmp_path / "plan.json"
    document = json.loads(file.read_bytes())
    document["changes"][0]["risk"] = "R1"
    file.write_text(json.dumps({**document, "checksum": document_checksum(document)}))
    before = planned.state_file.read_bytes()
    result, seen = planned.requests("apply", "--yes", str(file))
    assert (result.code, writes(seen), planned.state_file.read_bytes()) == (7, [], before)
    document = planned.run("plan", "--refresh", "none", "--format", "json").json
    document["changes"][0]["risk"] = "R1"
    file.write_text(json.dumps({**document, "checksum": document_checksum(document)}))
    assert "stale" in refused(planned, str(file))


def test_what_became_live_since_comes_back_for_review_and_the_others_go_on(repository, tmp_path):
    for name in ("waiting", "running"):
        repository.write(name, is_continuous=False, steps=[email("One"), email("Two", 1e6)])
    repository.applied()
    repository.simulator.start("running")
    for name in ("waiting", "running"):
        repository.write(name, is_continuous=False, steps=[email("One"), email("Two, edited", 1e6)])
    repository.write("waiting", is_continuous=False, steps=[email("One"), email("New"), email("Two", 1e6)])
    plan = tmp_path / "plan.json"
    assert repository.run("plan", "--out", str(plan)).code == 0
    risks = {each["custom_id"]: each["risk"] for each in json.loads(plan.read_bytes())["changes"]}
    assert risks == {"waiting": "R3", "running": "R1"}
    repository.simulator.start("waiting")
    document = repository.run("apply", "--yes", "--format", "json", str(plan)).json
    assert statuses(document) == {"waiting": "not_sent", "running": "applied"}


def test_a_plan_of_another_environment_is_refused_with_and_without_env(http, tmp_path):
    http.write("welcome")
    http.run("plan", "--out", str(tmp_path / "plan.json"))
    sandbox = Repository(root=http.root, simulator=http.simulator)
    before = len(http.simulator.ledger())
    result = sandbox.apply(str(tmp_path / "plan.json"))
    assert (result.code, "environment `remote`" in result.err) == (7, True)
    assert [entry for entry in http.simulator.ledger()[before:] if entry.mutation] == []


def test_expect_takes_only_the_plan_of_that_digest(planned, tmp_path):
    digest = json.loads((tmp_path / "plan.json").read_bytes())["digest"]
    refused(planned, "--expect", "sha256:" + "0" * 64)
    assert planned.apply("--expect", digest).code == 0
    assert "applied already" in refused(planned, "--expect", digest)


def test_a_plan_brings_its_own_selection_and_refresh(planned, tmp_path):
    planned.simulator.edit("other", {"/name": "Theirs"})
    planned.run("plan", "--refresh", "all", "--only", "other", "--out", str(tmp_path / "only.json"))
    assert planned.apply(str(tmp_path / "only.json"), "--only", "other").code == 64
    document = json.loads(planned.apply(str(tmp_path / "only.json"), "--format", "json").out)
    assert statuses(document) == {"other": "applied"}


def test_a_door_is_really_in_between(behind: Repository, door: Door):
    behind.write("welcome")
    behind.applied()
    assert door._counted["POST", "/sequences"] == 1


def test_a_plan_says_what_is_left_alone_and_why_and_until_when(repository):
    reason = "support renames it, ask bob@corp.example or +49 30 901820"
    hand_off = {"path": "/name", "reason": reason, "until": "9999-12-31"}
    repository.write("welcome", reconciler={"ignore": [hand_off]})
    repository.applied()
    assert repository.plan("--refresh", "all")["warnings"] == []
    repository.simulator.edit("welcome", {"/name": "Renamed by hand"})
    plan = repository.run("plan", "--refresh", "all")
    said = "support renames it, ask (somebody) or (somebody) (until 9999-12-31)"
    assert said in " ".join(plan.out.split())
    assert plan.code == 0
    repository.applied("--refresh", "all")
    assert repository.plan("--refresh", "all")["changes"] == []
    assert [each["rule"] for each in repository.plan("--refresh", "none")["warnings"]] == ["handed-off"]


def test_a_hand_off_that_has_run_out_refuses_validation_and_plans(repository):
    hand_off = {"path": "/name", "reason": "support renames it", "until": "2020-02-29"}
    repository.write("welcome", reconciler={"ignore": [hand_off]})
    for command in ("validate", "plan"):
        document = repository.json(command)
        (diagnostic,) = [each for each in document["diagnostics"] if each["severity"] == "error"]
        assert diagnostic["rule"] == "OCX114"
        assert "2020-02-29" in diagnostic["message"]
        assert repository.run(command).code == 3
