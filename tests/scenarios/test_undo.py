"""A run is undone: what stood there before is put back where it still can be, and what cannot be undone is said."""

import json

import jsonschema
import pytest

from reconciler.model.sequence import Payload
from tests.scenarios.workbench import ROOT, Door, Repository, email, reaching, sms, writes

LIST = json.loads((ROOT / "schemas" / "undo-list.schema.json").read_bytes())
PLAN = json.loads((ROOT / "schemas" / "plan.schema.json").read_bytes())
STATE = json.loads((ROOT / "schemas" / "state.schema.json").read_bytes())


def undo(repository: Repository, *arguments: str) -> dict:
    document = repository.json("undo", *arguments)
    jsonschema.Draft202012Validator(PLAN).validate(document)
    return document


def carried_out(repository: Repository, *arguments: str) -> dict:
    result = repository.run("undo", *(arguments or ("last",)), "--apply", "--yes", "--format", "json")
    assert (result.code, result.err) == (0, ""), result
    return result.json


def runs(repository: Repository) -> list[dict]:
    document = repository.json("undo")
    jsonschema.Draft202012Validator(LIST).validate(document)
    jsonschema.Draft202012Validator(STATE).validate(repository.state)
    found: list[dict] = document["runs"]
    return found


def actions(plan: dict) -> dict[str, str]:
    return {change["custom_id"]: change["action"] for change in plan["changes"]}


def said(plan: dict, rule: str, where: str = "warnings") -> dict[str | None, str]:
    return {each.get("custom_id"): each["message"] for each in plan[where] if each["rule"] == rule}


def live(repository: Repository, custom_id: str) -> dict:
    found = repository.simulator.find(custom_id)
    assert found is not None
    return found


@pytest.fixture
def edited(embedded: Repository) -> Repository:
    """Two sequences that were applied, and a run that edited both and created a third one."""
    embedded.write("welcome")
    embedded.write("win-back", steps=[email("One"), email("Two", 60)])
    embedded.applied()
    embedded.write("welcome", name="Edited")
    embedded.write("win-back", steps=[email("Uno"), email("Two", 60)])
    embedded.write("new")
    embedded.applied()
    return embedded


def test_a_run_is_undone_and_redone_and_after_the_manifests_are_reverted_nothing_is_left_to_do(edited):
    before, run = edited.state, runs(edited)[0]
    assert [(each["custom_id"], each["what"]) for each in run["writes"]] == [
        ("new", "created"),
        ("welcome", "updated"),
        ("win-back", "updated"),
    ]
    plan = undo(edited, run["run"])
    assert plan["basis"]["undo"] == run["digest"] == before["plans"][-1]["digest"]
    assert actions(plan) == {"welcome": "update", "win-back": "update"}
    assert "created by that run, and nothing makes it uncreated" in said(plan, "cannot-undo")["new"]
    assert "`sequences/welcome.yaml`, `sequences/win-back.yaml` still ask" in said(plan, "manifests-ask-again")[None]
    assert {each["reason"] for each in plan["changes"]} == {"it is put back as it stood before the run"}
    assert plan["changes"][0]["source"] == {"file": "sequences/welcome.yaml", "line": 2}

    result, seen = edited.requests("undo", "last", "--apply", "--yes", "--format", "json")
    assert result.code == 8  # what was created is still there
    outcomes = {each["custom_id"]: each["status"] for each in result.json["outcomes"]}
    assert outcomes == {"new": "not_sent", "welcome": "applied", "win-back": "applied"}
    assert {entry.body for entry in writes(seen)} == {
        Payload.of(change["operation"]["body"]).encoded for change in plan["changes"]
    }
    assert live(edited, "welcome")["name"] == "Welcome"
    assert live(edited, "win-back")["steps"][0]["action"]["data"]["email_subject"] == "One"

    # The manifests still ask for it; once they are reverted, nothing differs but what was created.
    assert actions(edited.plan()) == {"welcome": "update", "win-back": "update"}
    edited.write("welcome")
    edited.write("win-back", steps=[email("One"), email("Two", 60)])
    assert edited.plan("--refresh", "all")["changes"] == []
    # Undoing is a run like any other, and can be undone.
    assert [each["custom_id"] for each in carried_out(edited)["outcomes"]] == ["welcome", "win-back"]
    assert live(edited, "welcome")["name"] == "Edited"


def test_where_the_manifests_were_reverted_first_nothing_is_said_of_them(edited):
    edited.write("welcome")
    edited.write("win-back", steps=[email("One"), email("Two", 60)])
    plan = undo(edited, "last")
    assert actions(plan) == {"welcome": "update", "win-back": "update"}
    assert said(plan, "manifests-ask-again") == {}


def test_planning_an_undo_reads_what_it_would_put_back_and_writes_nothing(edited):
    before = edited.state_file.read_bytes()
    result, seen = edited.requests("undo", "last", "--detailed-exitcode")
    assert result.code == 2
    assert [entry.method for entry in seen] == ["GET", "GET"]
    assert edited.state_file.read_bytes() == before
    assert result.out.startswith(
        f"Plan to undo run {runs(edited)[0]['run']} in sandbox (what it would put back was read)"
    )
    assert (
        result.err
        == f"Nothing was written. `reconciler --env sandbox undo {runs(edited)[0]['run']} --apply` carries it out.\n"
    )
    run = runs(edited)[0]["run"]
    assert edited.run("undo", run, "--format", "markdown").out.startswith(
        f"### Plan to undo run `{run}` in `sandbox`: "
    )
    assert f"<h1>Plan to undo run {run} in sandbox" in edited.run("undo", run, "--format", "html").out


def test_a_saved_undo_is_applied_as_it_was_reviewed(edited, tmp_path):
    saved = tmp_path / "undo.json"
    assert edited.run("undo", "last", "--only", "w*", "--out", str(saved)).code == 0
    assert edited.run("show", str(saved)).out.startswith("Plan to undo run ")
    # The revert of the manifests may be merged before or after: the undo asks for the same.
    edited.write("welcome")
    outcomes = edited.applied(str(saved))["outcomes"]
    assert {each["custom_id"]: each["status"] for each in outcomes} == {"welcome": "applied", "win-back": "applied"}
    again = edited.apply(str(saved))
    assert (again.code, "was applied already" in again.err) == (7, True)


def test_a_saved_undo_is_refused_after_another_run_and_where_it_was_edited(edited, tmp_path):
    saved = tmp_path / "undo.json"
    edited.run("undo", "last", "--out", str(saved))
    document = json.loads(saved.read_text())
    document["basis"]["undo"] = runs(edited)[1]["digest"]
    forged = tmp_path / "forged.json"
    forged.write_text(json.dumps(document))
    result, seen = edited.requests("apply", "--yes", str(forged))
    assert (result.code, "edited" in result.err, writes(seen)) == (7, True, [])
    edited.write("other")
    edited.applied()
    result, seen = edited.requests("apply", "--yes", str(saved))
    assert (result.code, "the plan is stale" in result.err, writes(seen)) == (7, True, [])


def test_of_a_saved_undo_what_was_edited_since_comes_back_and_the_rest_goes_on(edited, tmp_path):
    saved = tmp_path / "undo.json"
    edited.run("undo", "last", "--only", "w*", "--out", str(saved))
    edited.simulator.edit("welcome", {"/name": "Theirs"})
    result = edited.run("apply", "--yes", "--format", "json", str(saved))
    assert result.code == 8
    assert {each["custom_id"]: each["status"] for each in result.json["outcomes"]} == {
        "welcome": "not_sent",
        "win-back": "applied",
    }
    assert live(edited, "welcome")["name"] == "Theirs"


def test_only_the_expected_undo_is_carried_out(edited):
    plan = undo(edited, "last", "--only", "w*")
    result, seen = edited.requests("undo", "last", "--apply", "--yes", "--expect", plan["digest"])
    assert (result.code, writes(seen)) == (7, [])  # that one was about all of it
    assert carried_out(edited, "last", "--only", "w*", "--expect", plan["digest"])["summary"] == {"applied": 2}


# --- what cannot be undone --------------------------------------------------------------------------------------------


def test_what_is_not_as_the_run_left_it_is_refused_one_by_one(embedded):
    names = ("canceled", "edited", "followed", "gone", "later", "fine", "forgotten")
    for name in names:
        embedded.write(name)
    embedded.applied()
    for name in names:
        embedded.write(name, name="Second")
    embedded.applied()
    run = runs(embedded)[0]["run"]
    embedded.simulator.cancel("canceled")
    embedded.simulator.edit("edited", {"/name": "Theirs"})
    embedded.simulator.delete("gone")
    embedded.write("later", name="Third")
    embedded.simulator.edit("followed", {"/name": "Third"})
    embedded.write("followed", name="Third")
    embedded.applied("--only", "later", "--only", "followed")
    embedded.run("state", "forget", "forgotten")
    plan = undo(embedded, run)
    assert actions(plan) == {"fine": "update"}
    refused = said(plan, "cannot-undo")
    assert refused.pop("later").startswith("run ")
    assert refused == {
        "canceled": "it was canceled, which nothing undoes",
        "edited": "it was edited since, and that edit would be lost: `reconciler plan --refresh all` shows it",
        "followed": "what is recorded of it has changed since, without a run that is kept",
        "forgotten": "it is not recorded any more",
        "gone": "it is gone: someone may have removed it to stop it",
    }
    result, seen = embedded.requests("undo", run, "--apply", "--yes", "--format", "json")
    assert (result.code, result.json["summary"]) == (8, {"applied": 1, "not_sent": 6})
    assert len(writes(seen)) == 1


def test_where_nothing_can_be_undone_the_plan_is_refused(embedded):
    embedded.write("welcome")
    embedded.applied()
    plan = undo(embedded, "last")
    assert (plan["changes"], list(said(plan, "cannot-undo", "violations"))) == ([], ["welcome"])
    for arguments in ((), ("--apply", "--yes")):
        result, seen = embedded.requests("undo", "last", *arguments)
        assert (result.code, writes(seen)) == (7, [])
        assert "nothing makes it uncreated" in " ".join(result.out.split())


def test_where_all_is_as_before_the_run_there_is_nothing_to_do(edited):
    run = runs(edited)[0]["run"]
    edited.run("undo", "last", "--only", "w*", "--apply", "--yes")
    result, seen = edited.requests("undo", run, "--only", "w*", "--apply", "--yes")
    assert (result.code, writes(seen)) == (0, [])
    assert "Nothing to do: all is as it was before that run." in result.out


def test_a_plan_without_anything_to_do_says_no_word_of_carrying_it_out(edited):
    run = runs(edited)[0]["run"]
    edited.run("undo", "last", "--only", "w*", "--apply", "--yes")
    result = edited.run("undo", run, "--only", "w*")
    assert (result.code, result.err) == (0, "")


def test_a_pattern_that_means_nothing_that_the_run_wrote_is_told(edited):
    result = edited.run("undo", "last", "--only", "welcom", "--only", "w*")
    assert result.code == 0
    assert "the run wrote no sequence that `welcom` means; did you mean `welcome`?" in " ".join(result.out.split())
    plan = undo(edited, "last", "--only", "owner:nobody")
    assert list(said(plan, "matches-nothing").values()) == ["the run wrote no sequence that `owner:nobody` means"]
    assert said(undo(edited, "last", "--only", "w*"), "matches-nothing") == {}


def test_steps_that_were_sent_and_people_who_were_taken_in_stay(embedded):
    embedded.write("welcome", filter=reaching({"type": "contact_belongs_to_segment", "segment_id": "a"}))
    embedded.applied()
    embedded.write(
        "welcome", steps=[email("Uno")], filter=reaching({"type": "contact_belongs_to_segment", "segment_id": "b"})
    )
    embedded.applied()
    [sent] = said(undo(embedded, "last"), "already-sent").values()
    assert sent.startswith("what was sent stays sent: step 1 began on ")
    assert sent.endswith("; whom its filter took in meanwhile stays in")


def test_what_is_complete_is_put_back_only_where_that_is_overridden(embedded):
    embedded.write("once", is_continuous=False, steps=[sms("Hi")])
    embedded.applied()
    embedded.write("once", is_continuous=False, steps=[sms("Hello")])
    embedded.applied()
    embedded.simulator.start("once")
    refused = said(undo(embedded, "last"), "cannot-undo", "violations")
    assert refused["once"].startswith("it is complete: what was sent was sent")
    plan = undo(embedded, "last", "--override", "ended", "--reason", "the archive shows it")
    assert (actions(plan), plan["violations"]) == ({"once": "update"}, [])


def test_a_guard_refuses_an_undo_as_it_refuses_any_plan(edited):
    edited.configure(
        '[environments.sandbox]\napi = "sandbox"\n[environments.sandbox.guards]\nprotected = ["welcome"]\n'
    )
    result, seen = edited.requests("undo", "last", "--apply", "--yes")
    assert (result.code, writes(seen)) == (7, [])
    assert "protected" in result.out


# --- what stood there -------------------------------------------------------------------------------------------------


def test_an_edit_in_the_dashboard_that_a_run_wrote_over_comes_back(embedded):
    embedded.write("welcome")
    embedded.applied()
    embedded.simulator.edit("welcome", {"/name": "Theirs"})
    embedded.applied("--refresh", "all")
    assert live(embedded, "welcome")["name"] == "Welcome"
    [change] = undo(embedded, "last")["changes"]
    assert [(field["path"], field["desired"]) for field in change["fields"]] == [("/name", "Theirs")]
    carried_out(embedded)
    assert live(embedded, "welcome")["name"] == "Theirs"


def test_a_rename_is_undone_under_the_former_name(embedded):
    embedded.write("former")
    embedded.applied()
    id_ = embedded.state["records"]["former"]["id"]
    embedded.remove("former")
    embedded.write("new-name", name="New", reconciler={"renamed_from": "former"})
    embedded.applied()
    assert runs(embedded)[0]["writes"][0]["what"] == "renamed"
    assert actions(undo(embedded, "last")) == {"former": "rename"}
    carried_out(embedded)
    assert (list(embedded.state["records"]), live(embedded, "former")["id"]) == (["former"], id_)
    assert live(embedded, "former")["name"] == "Former"


def test_what_was_adopted_is_put_back_and_stays_recorded(embedded):
    embedded.write("welcome")
    embedded.applied()
    embedded.run("state", "forget", "welcome")
    embedded.write("welcome", name="Taken over")
    embedded.applied("--adopt")
    assert runs(embedded)[0]["writes"][0]["what"] == "adopted"
    carried_out(embedded)
    assert live(embedded, "welcome")["name"] == "Welcome"
    assert list(embedded.state["records"]) == ["welcome"]


def test_a_field_that_is_handed_off_is_never_put_back(embedded):
    embedded.write("welcome", reconciler={"ignore": ["/name"]})
    embedded.applied()
    embedded.write("welcome", steps=[email("Uno")], reconciler={"ignore": ["/name"]})
    embedded.applied()
    embedded.simulator.edit("welcome", {"/name": "Theirs"})
    [change] = undo(embedded, "last")["changes"]
    assert [field["path"] for field in change["fields"]] == ["/steps/0/action/data/email_subject"]
    carried_out(embedded)
    assert live(embedded, "welcome")["name"] == "Theirs"


def test_a_sequence_without_a_manifest_is_put_back_too(edited):
    edited.remove("welcome")
    plan = undo(edited, "last", "--only", "welcome")
    assert (actions(plan), "source" in plan["changes"][0]) == ({"welcome": "update"}, False)
    assert plan["warnings"] == []
    carried_out(edited, "last", "--only", "welcome")
    assert live(edited, "welcome")["name"] == "Welcome"


def killed_at_its_update(behind: Repository, door: Door, *, has_landed: bool) -> None:
    """A run that was killed when its one update had left, and had come about or not."""
    behind.write("welcome")
    behind.applied()
    behind.write("welcome", name="Edited")
    process = behind.process("apply", "--yes")

    def kill(method: str, _path: str, _nth: int) -> tuple[int, str, bytes] | None:
        if method != "PATCH":
            return None
        if has_landed:
            door.simulator.answer(door.last)
        process.kill()
        return 500, "text/plain", b""

    door.before = kill
    process.communicate(timeout=60)
    door.before = lambda *_: None
    assert live(behind, "welcome")["name"] == ("Edited" if has_landed else "Welcome")


@pytest.mark.parametrize("has_landed", [True, False])
def test_a_run_that_was_killed_in_the_middle_of_a_write_can_be_undone(behind: Repository, door: Door, has_landed):
    killed_at_its_update(behind, door, has_landed=has_landed)
    assert actions(undo(behind, "last")) == {"welcome": "update" if has_landed else "keep"}
    result, seen = behind.requests("undo", "last", "--apply", "--yes")
    assert (result.code, len(writes(seen))) == (0, int(has_landed))
    assert live(behind, "welcome")["name"] == "Welcome"
    assert "pending" not in behind.state
    behind.write("welcome")
    assert behind.plan("--refresh", "all")["changes"] == []


def test_a_run_that_was_killed_is_kept_like_any_other_once_a_later_one_has_looked(behind: Repository, door: Door):
    killed_at_its_update(behind, door, has_landed=True)
    behind.applied()  # only the record follows: that is no run to undo
    assert [[each["custom_id"] for each in run["writes"]] for run in runs(behind)] == [["welcome"], ["welcome"]]
    assert carried_out(behind)["summary"] == {"applied": 1}
    assert live(behind, "welcome")["name"] == "Welcome"


def test_what_a_later_run_left_in_doubt_is_not_undone_of_an_earlier_one(behind: Repository, door: Door):
    behind.write("welcome", name="First")
    behind.applied()
    killed_at_its_update(behind, door, has_landed=True)
    refused = said(undo(behind, runs(behind)[1]["run"]), "cannot-undo", "violations")
    assert refused["welcome"] == "nobody knows yet what came of its last write: `reconciler plan` looks"


# --- the list ---------------------------------------------------------------------------------------------------------


def test_the_runs_that_are_kept_are_listed_the_newest_first(edited):
    text = edited.run("undo")
    assert (text.code, text.err) == (0, "")
    lines = text.out.splitlines()
    assert lines[0] == "Runs that wrote to sandbox, the newest first"
    assert lines[2] == "    1 created, 2 updated: new, welcome, win-back"
    assert lines[-1] == "2 runs kept. `reconciler undo RUN` plans to put back what stood there."
    assert [len(run["writes"]) for run in runs(edited)] == [3, 2]
    # What only brings the record up to date wrote nothing, and is no run to undo.
    edited.applied()
    assert len(runs(edited)) == 2


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("abc",), 64, "no run is kept whose digest begins with `abc`"),
        (("",), 64, "no run is kept whose digest begins with ``"),
        (("sha256:",), 64, "no run is kept whose digest begins with `sha256:`"),
        (("--apply",), 64, "no run was named"),
        (("--format", "html"), 64, "the runs are listed as text or json"),
        (("last", "--yes"), 64, "are about applying"),
        (("last", "--apply"), 64, "nobody can be asked here"),
        (("last", "--apply", "--yes", "--out", "x"), 64, "a plan is either drawn and saved, or applied"),
        (("last", "--override", "ended"), 64, "reason"),
    ],
)
def test_what_cannot_be_meant_is_said(edited, arguments, code, words):
    result = edited.run("undo", *arguments)
    assert (result.code, result.out) == (code, "")
    assert words in result.err


def test_where_nothing_was_ever_applied_there_is_nothing_to_list(embedded):
    embedded.write("welcome")
    result = embedded.run("undo")
    assert (result.code, "there is no state yet" in result.err) == (5, True)
