"""Importing what exists: the manifest that people would have written, a record, and a next plan that is empty."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.sandbox.api import Request
from reconciler.sandbox.keys import FULL_KEY
from reconciler.sandbox.simulator import Simulator
from reconciler.sandbox.switches import Switches
from tests.cli.test_documents import check
from tests.scenarios.workbench import SCHEMA, SEGMENT, Repository, email, reaching, sms, writes

OTHER_ORG = "5a4d8b0c-0000-4000-8000-00000000beef"


def created(repository: Repository, *, key: str = FULL_KEY, **body: Any) -> str:
    whole = {"name": "Welcome", "filter": reaching(SEGMENT), "steps": [email()], "is_continuous": True, **body}
    data = json.dumps(whole).encode()
    answer = repository.simulator.answer(
        Request(method="POST", path="/sequences", authorization=f"Bearer {key}", body=data)
    )
    assert answer.status == 201, answer.body
    made: str = json.loads(answer.body)["id"]
    return made


def manifest_of(repository: Repository, name: str) -> str:
    return (repository.root / "sequences" / name).read_text(encoding="utf-8")


def files(repository: Repository) -> list[str]:
    return sorted(path.name for path in (repository.root / "sequences").iterdir())


def assert_in_step(repository: Repository) -> None:
    for refresh in ("none", "all"):
        plan = repository.plan("--refresh", refresh)
        assert (plan["changes"], plan["violations"]) == ([], [])
    assert repository.run("fmt", "--check").code == 0


def imported(repository: Repository, *arguments: str, code: int = 0) -> list[dict[str, Any]]:
    result = repository.run("import", *arguments, "--format", "json")
    assert result.code == code, result
    check("import", result.json)
    sequences: list[dict[str, Any]] = result.json["sequences"]
    return sequences


def test_what_is_imported_is_in_step_and_nothing_was_sent(repository):
    body = "<p>Hello</p>\n<p>We are glad that you are here.</p>\n"
    step = email("Hello: a greeting")
    step["action"]["data"]["email_body"] = body
    condition = {"type": "contacts_created_at_between", "after": "2026-01-01T00:00:00Z"}
    first = created(
        repository, custom_id="onboarding", filter=reaching(condition), steps=[step, sms("0123"), sms("yes", 1.5)]
    )
    after = {"type": "contacts_affected_by_sequence", "sequence_id": first}
    second = created(repository, custom_id="second", name="Second", filter=reaching(after), is_continuous=False)
    # The one that is referred to is named last, and still comes first.
    result, seen = repository.requests("import", second, first)
    assert (result.code, writes(seen)) == (0, []), result
    assert {entry.method for entry in seen} == {"GET"}
    assert files(repository) == ["onboarding.html", "onboarding.yaml", "second.yaml"]
    assert manifest_of(repository, "onboarding.html") == body
    assert manifest_of(repository, "onboarding.yaml").splitlines() == [
        "# yaml-language-server: $schema=../schemas/sequence.schema.json",
        "custom_id: onboarding",
        "name: Welcome",
        "is_continuous: true",
        "filter:",
        "  or:",
        "    - and:",
        "        - type: contacts_created_at_between",
        '          after: "2026-01-01T00:00:00Z"',
        "steps:",
        "  - action:",
        "      type: send_emails",
        "      data:",
        "        from_email: hello@example.com",
        '        email_subject: "Hello: a greeting"',
        "        email_body: {$file: onboarding.html}",
        "        email_sender_name: Example",
        "        email_is_transactional: false",
        "    delay_in_minutes: 0",
        "  - action:",
        "      type: send_sms_messages",
        "      data:",
        '        message: "0123"',
        "    delay_in_minutes: 0",
        "  - action:",
        "      type: send_sms_messages",
        "      data:",
        '        message: "yes"',
        "    delay_in_minutes: 1.5",
    ]
    assert "sequence_id: {$sequence: onboarding}" in manifest_of(repository, "second.yaml")
    assert_in_step(repository)
    _, seen = repository.requests("apply", "--yes", "--refresh", "all")
    assert writes(seen) == []


@pytest.mark.parametrize("switch", ["lists=reordered", "timestamps=offset", "strings=trimmed", "numbers=floats"])
def test_a_server_with_its_own_form_is_in_step_as_well(embedded, switch):
    embedded.simulator.switches = Switches.parse([switch])
    names = {"type": "contacts_name_in", "name_in": ["no", "Ann", "1e3"]}
    period = {"type": "last_contacted_at_between", "before": "2026-01-01T00:00:00Z"}
    created(embedded, custom_id="welcome", filter=reaching(names, period), steps=[email("  Hello "), sms("Hi", 3)])
    assert imported(embedded, "welcome")[0]["left"] == []
    assert_in_step(embedded)


def test_one_without_a_custom_id_gets_one_proposed_and_the_plan_writes_it(repository):
    id_ = created(repository, name="Ünïted: spring!", filter=None, is_continuous=False)
    (one,) = imported(repository, id_)
    assert (one["custom_id"], one["left"], one["status"]) == ("united-spring", ["/custom_id"], "written")
    assert any("EVERYONE" in note for note in one["notes"])
    assert "audience: everyone" in manifest_of(repository, "united-spring.yaml")
    (change,) = repository.plan("--refresh", "all")["changes"]
    assert (change["action"], [each["path"] for each in change["fields"]]) == ("update", ["/custom_id"])
    repository.applied("--refresh", "all")
    assert_in_step(repository)


def test_an_interrupted_import_goes_on_where_it_was(repository):
    ids = [created(repository, custom_id=f"s{number}") for number in range(4)]
    imported(repository, *ids[:2])
    listed = repository.root / "ids.txt"
    listed.write_text("# ours\n\n" + "\n".join([*ids, "s3"]) + "  # again\n", encoding="utf-8")
    result, seen = repository.requests("import", "--from", "ids.txt", "--format", "json")
    assert result.code == 0
    assert [each["status"] for each in result.json["sequences"]] == [
        "in_step",
        "in_step",
        "written",
        "written",
        "in_step",
    ]
    assert [entry.path.rpartition("/")[2] for entry in seen] == ids[2:]
    assert_in_step(repository)


def test_a_written_manifest_that_was_not_recorded_yet_is_recorded_by_the_next_import(repository):
    id_ = created(repository, custom_id="welcome")
    imported(repository, id_)
    before = manifest_of(repository, "welcome.yaml")
    repository.lose_state()
    (one,) = imported(repository, id_)
    assert (one["status"], manifest_of(repository, "welcome.yaml")) == ("recorded", before)
    assert_in_step(repository)
    repository.lose_state()
    repository.simulator.edit("welcome", {"/name": "Another"})
    (one,) = imported(repository, id_, code=7)
    assert (one["status"], one["left"]) == ("refused", ["/name"])
    assert not repository.state_file.exists()


@pytest.mark.parametrize("retire", ["release", "cancel"])
def test_one_that_its_manifest_gives_up_is_not_recorded(repository, retire):
    id_ = created(repository, custom_id="welcome")
    imported(repository, id_)
    path = repository.root / "sequences" / "welcome.yaml"
    path.write_text(path.read_text("utf-8") + f"reconciler: {{retire: {retire}}}\n", encoding="utf-8")
    repository.lose_state()
    (one,) = imported(repository, id_, code=7)
    assert one["status"] == "refused"
    assert f"reconciler.retire: {retire}" in one["detail"]
    assert not repository.state_file.exists()


def test_one_that_a_manifest_renames_gets_no_second_manifest(repository):
    repository.write("hello")
    repository.applied()
    repository.remove("hello")
    repository.write("welcome", reconciler={"renamed_from": "hello"})
    for asked in ("hello", repository.state["records"]["hello"]["id"]):
        (one,) = imported(repository, asked, code=7)
        assert "sequences/welcome.yaml renames it to `welcome`" in one["detail"]
    assert files(repository) == ["welcome.yaml"]
    (one,) = imported(repository, "--update", "welcome", code=7)
    assert one["detail"] == "it is recorded as `hello`: apply the rename first"


def test_each_is_refused_alone_and_the_gravest_decides(repository):
    good = created(repository, custom_id="good")
    empty = created(repository, custom_id="empty", steps=[sms("")])
    upper = created(repository, custom_id="Good")
    missing = "00000000-0000-4000-8000-000000000000"
    results = imported(repository, empty, good, missing, "nobody", upper, code=7)
    assert [each["status"] for each in results] == ["refused", "written", "refused", "refused", "refused"]
    assert "`/steps/0/action/data/message`: `message` must not be empty" in results[0]["detail"]
    assert files(repository) == ["good.yaml"]
    assert list(repository.state["records"]) == ["good"]


def test_another_organisation_is_refused(repository):
    mine = created(repository, custom_id="mine")
    imported(repository, mine)
    state = json.loads(repository.run("state", "pull").out)
    assert state["org_id"]
    repository.simulator.add_key("other-key", OTHER_ORG, ["sequences:read", "sequences:write"])
    theirs = created(repository, key="other-key", custom_id="theirs")
    # For our key it is not there at all.
    assert imported(repository, theirs, code=7)[0]["status"] == "refused"


def test_a_key_of_another_organisation_is_refused(http, monkeypatch):
    imported(http, created(http, custom_id="mine"))
    http.simulator.add_key("other-key", OTHER_ORG, ["sequences:read", "sequences:write"])
    theirs = created(http, key="other-key", custom_id="theirs")
    monkeypatch.setenv("OPENCX_API_KEY", "other-key")
    (one,) = imported(http, theirs, code=7)
    assert OTHER_ORG in one["detail"]
    assert files(http) == ["mine.yaml"]


def test_a_refused_key_stops_the_run_and_accounts_for_each(http, monkeypatch):
    ids = [created(http, custom_id=f"s{number}") for number in range(2)]
    monkeypatch.setenv("OPENCX_API_KEY", "no-key-of-theirs")
    results = imported(http, *ids, code=4)
    assert [(each["asked"], each["status"]) for each in results] == [(id_, "not_reached") for id_ in ids]
    assert not http.state_file.exists()


def test_an_answer_with_another_custom_id_is_refused_and_one_without_sense_is_unavailable(door, behind):
    id_ = created(behind, custom_id="welcome")
    answer = dict(behind.simulator.find(id_) or {})
    door.before = lambda _m, _p, _n: (200, "application/json", json.dumps({**answer, "custom_id": "x"}).encode())
    assert imported(behind, "welcome", code=7)[0]["status"] == "refused"
    door.before = lambda _m, _p, _n: (200, "text/html", b"<html>")
    assert imported(behind, id_, code=10)[0]["status"] == "refused"


def test_what_an_older_version_answers_is_reported_and_left_out(door, behind):
    id_ = created(behind, custom_id="welcome", steps=[sms("Hi\r\nthere")])
    answer = json.loads(json.dumps(behind.simulator.find(id_)))
    answer["steps"][0]["template_version"] = 1
    answer["steps"][0]["action"]["data"]["sender"] = None
    door.before = lambda _m, _p, _n: (200, "application/json", json.dumps(answer).encode())
    (one,) = imported(behind, id_)
    assert sum("another version of the API" in note for note in one["notes"]) == 2
    assert one["left"] == []
    assert "template_version" not in manifest_of(behind, "welcome.yaml")
    assert manifest_of(behind, "welcome.txt") == "Hi\nthere"
    assert_in_step(behind)


def test_nothing_is_overwritten_and_nothing_lies_outside(repository):
    id_ = created(repository, custom_id="welcome", steps=[sms("one\ntwo")])
    text = repository.root / "sequences" / "welcome.txt"
    text.write_text("somebody's", encoding="utf-8")
    (one,) = imported(repository, id_, code=7)
    assert "is there already" in one["detail"]
    assert (files(repository), text.read_text(encoding="utf-8")) == (["welcome.txt"], "somebody's")
    assert repository.run("import", id_, "--out", "..").code == 64
    outside = repository.root.parent / "outside"
    outside.mkdir()
    (repository.root / "sequences" / "link").symlink_to(outside)
    assert repository.run("import", id_, "--out", "sequences/link").code == 3
    assert list(outside.iterdir()) == []
    (repository.root / "sequences" / "link").unlink()
    (one,) = imported(repository, id_, "--out", "sequences/new")
    assert one["files"] == ["sequences/new/welcome.txt", "sequences/new/welcome.yaml"]
    assert "$schema=../../schemas/" in manifest_of(repository, "new/welcome.yaml")
    assert_in_step(repository)


def test_a_dry_run_writes_and_records_nothing(repository):
    id_ = created(repository, custom_id="welcome")
    (one,) = imported(repository, id_, "--dry-run")
    assert (one["status"], one["left"], one["files"]) == ("would_write", [], ["sequences/welcome.yaml"])
    assert (files(repository), repository.state_file.exists()) == ([], False)


@pytest.mark.parametrize(
    ("text", "said"), [("welcome\nnot an id\n", "line 2"), ("a b\n\nü\n", "lines 1, 3"), ("# nothing\n", "no sequence")]
)
def test_a_file_of_ids_that_holds_something_else_is_refused_with_its_lines(embedded, text, said):
    (embedded.root / "ids").write_text(text, encoding="utf-8")
    result = embedded.run("import", "--from", "ids")
    assert result.code == 64
    assert said in result.err


TEXTS = st.one_of(
    st.sampled_from(["yes", "010", "1e3", "2026-01-01", "null", "a: b", "a #b", "- x", "{$file: x}", "=", "~", "it's"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30),
    st.text(st.sampled_from("ab \n\t\"'\\:#-{}[]"), min_size=1, max_size=30),
)


@given(st.lists(TEXTS, min_size=1, max_size=4))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_text_reads_back_as_it_was_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    root = Path(tmp_path_factory.mktemp("any"))
    (root / "sequences").mkdir()
    (root / ".reconciler").mkdir()
    with Simulator(root / ".reconciler" / "sandbox.sqlite3", schema=SCHEMA) as simulator:
        repository = Repository(root=root, simulator=simulator)
        names = {"type": "contacts_name_in", "name_in": list(dict.fromkeys(texts))}
        created(repository, custom_id="x", name=texts[0], filter=reaching(names), steps=[sms(each) for each in texts])
        result = repository.run("import", "x", "--format", "json")
        (one,) = result.json["sequences"]
        if one["status"] == "refused":
            assert result.code == 7
            assert files(repository) == []
        else:
            assert_in_step(repository)


def test_ctrl_c_loses_nothing_that_was_written_and_accounts_for_the_rest(door, behind):
    ids = [created(behind, custom_id=f"s{number}") for number in range(4)]

    def stop(_method: str, path: str, _nth: int) -> None:
        if path.endswith(ids[2]):
            os.kill(os.getpid(), signal.SIGINT)

    door.before = stop
    result = behind.run("import", *ids)
    assert result.code == 130, result
    assert "4 sequences: 2 written, 2 not reached" in result.out
    assert files(behind) == ["s0.yaml", "s1.yaml"]
    assert list(behind.state["records"]) == ["s0", "s1"]
    door.before = lambda _m, _p, _n: None
    assert [each["status"] for each in imported(behind, *ids)] == ["in_step", "in_step", "written", "written"]
    assert_in_step(behind)
