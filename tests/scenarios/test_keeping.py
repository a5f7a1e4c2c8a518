"""Keeping what was changed in live: a small edit of the manifest, a record, and a next plan that is empty."""

from typing import Any

import pytest

from tests.cli.test_documents import check
from tests.scenarios.workbench import Repository, email, reaching, sms, writes

MANIFEST = """\
# About the file.

custom_id: welcome  # an id
name: 'Welcome'  # as in the dashboard
filter:
  or:
    - and:
        # Only the segment.
        - type: contact_belongs_to_segment
          segment_id: {$var: vip}
        - type: contacts_name_in
          name_in: ["Ann", "Bob"]  # two of them
steps:
  # The first mail.
  - action:
      type: send_emails
      data:
        from_email: hello@example.com
        email_subject: "Hello"  # short
        email_body: {$file: welcome.html}
        email_sender_name: &sender Example
        email_is_transactional: false
    delay_in_minutes: 0
  # Then a text.
  - action:
      type: send_sms_messages
      data:
        message: |
          Two lines
          of text
    delay_in_minutes: 60
  - action:
      type: send_sms_messages
      data:
        message: *sender
reconciler:
  owner: team  # who to ask
"""
BODY = "<p>Hello</p>\n"


@pytest.fixture
def kept(repository: Repository) -> Repository:
    (repository.root / "sequences" / "welcome.yaml").write_text(MANIFEST, encoding="utf-8")
    (repository.root / "sequences" / "welcome.html").write_text(BODY, encoding="utf-8")
    text = (repository.root / "reconciler.toml").read_text() if (repository.root / "reconciler.toml").exists() else ""
    name = repository.environment
    head = text or f'[environments.{name}]\napi = "sandbox"\n'
    repository.configure(head + f'[environments.{name}.variables]\nvip = "segment-1"\n')
    repository.applied()
    return repository


def text_of(repository: Repository, name: str = "welcome.yaml") -> str:
    return (repository.root / "sequences" / name).read_text(encoding="utf-8")


def keep(repository: Repository, *arguments: str, code: int = 0) -> dict[str, Any]:
    result, seen = repository.requests("import", "--update", "welcome", *arguments, "--format", "json")
    assert result.code == code, result
    assert writes(seen) == []
    check("import", result.json)
    one: dict[str, Any] = result.json["sequences"][0]
    return one


def edited(repository: Repository, **changes: Any) -> None:
    repository.simulator.edit("welcome", {key.replace("__", "/"): value for key, value in changes.items()})


EDITS = {
    "a name": ({"/name": "Hi: there"}, {"name: 'Welcome'": "name: 'Hi: there'"}),
    "a subject": (
        {"/steps/0/action/data/email_subject": "Good morning"},
        {'email_subject: "Hello"': 'email_subject: "Good morning"'},
    ),
    "a delay": ({"/steps/1/delay_in_minutes": 90}, {"delay_in_minutes: 60": "delay_in_minutes: 90"}),
    "one that was left out": (
        {"/is_continuous": False},
        {"# as in the dashboard\n": "# as in the dashboard\nis_continuous: false\n"},
    ),
    "a block text": (
        {"/steps/1/action/data/message": "Three\nlines\nof text\n"},
        {"          Two lines\n          of text\n": "          Three\n          lines\n          of text\n"},
    ),
    "a list in a line": (
        {"/filter/or/0/and/1/name_in": ["Ann", "Bob", "no"]},
        {'["Ann", "Bob"]': '[Ann, Bob, "no"]'},
    ),
    "a variable that no longer means it": (
        {"/filter/or/0/and/0/segment_id": "segment-2"},
        {"segment_id: {$var: vip}": "segment_id: segment-2"},
    ),
    "an alias": ({"/steps/2/action/data/message": "Another"}, {"message: *sender": "message: Another"}),
    "what has aliases": (
        {"/steps/0/action/data/email_sender_name": "Ours"},
        {"email_sender_name: &sender Example": "email_sender_name: Ours", "message: *sender": "message: Example"},
    ),
    "a step at the end": (
        {"/steps/-": sms("Bye", 5)},
        {
            "        message: *sender\n": "        message: *sender\n  - action:\n      type: send_sms_messages\n"
            "      data:\n        message: Bye\n    delay_in_minutes: 5\n"
        },
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_what_moved_is_edited_and_nothing_else(kept, name):
    changes, replacements = EDITS[name]
    kept.simulator.edit("welcome", changes)
    one = keep(kept)
    assert (one["status"], one["left"]) == ("written", [])
    expected = MANIFEST
    for old, new in replacements.items():
        assert expected.count(old) == 1
        expected = expected.replace(old, new)
    assert text_of(kept) == expected
    assert text_of(kept, "welcome.html") == BODY
    plan = kept.plan("--refresh", "all")
    assert (plan["changes"], plan["violations"]) == ([], [])


def test_a_text_in_a_file_changes_there(kept):
    kept.simulator.edit("welcome", {"/steps/0/action/data/email_body": "<p>New</p>\n"})
    assert keep(kept)["files"] == ["sequences/welcome.html"]
    assert (text_of(kept), text_of(kept, "welcome.html")) == (MANIFEST, "<p>New</p>\n")
    assert kept.plan("--refresh", "all")["changes"] == []


def test_a_file_that_another_manifest_brings_in_is_left_alone(kept):
    kept.write("other", steps=[{**email(), "action": {**email()["action"]}}])
    other = text_of(kept, "other.yaml").replace('"<p>Hello</p>"', '{"$file": "welcome.html"}')
    (kept.root / "sequences" / "other.yaml").write_text(other, encoding="utf-8")
    kept.applied()
    kept.simulator.edit("welcome", {"/steps/0/action/data/email_body": "<p>New</p>\n"})
    keep(kept)
    assert text_of(kept, "welcome.html") == BODY
    assert "email_body: {$file: welcome-2.html}" in text_of(kept)
    assert kept.plan("--refresh", "all")["changes"] == []


def test_steps_that_were_removed_added_and_moved_keep_the_comments_of_the_others(kept):
    found = kept.simulator.find("welcome")["steps"]
    steps = [{key: step[key] for key in step if key in ("action", "delay_in_minutes")} for step in found]
    kept.simulator.edit("welcome", {"/steps": [steps[1], sms("New first", 1), steps[0]]})
    one = keep(kept)
    assert any("removed" in note or "moved" in note for note in one["notes"])
    assert "# The first mail." in text_of(kept)
    assert "          Two lines\n" in text_of(kept)
    assert kept.plan("--refresh", "all")["changes"] == []


def test_a_conflict_is_shown_with_its_three_values_and_refused_unless_live_is_taken(kept):
    mine = MANIFEST.replace("'Welcome'", "Mine").replace('"Hello"', '"Mine too"')
    (kept.root / "sequences" / "welcome.yaml").write_text(mine, encoding="utf-8")
    kept.simulator.edit("welcome", {"/name": "Theirs", "/steps/1/delay_in_minutes": 90})
    one = keep(kept, code=7)
    assert one["contested"] == [{"path": "/name", "recorded": "Welcome", "desired": "Mine", "live": "Theirs"}]
    assert text_of(kept) == mine
    shown = kept.run("import", "--update", "welcome")
    assert all(word in shown.out for word in ("Welcome", "Mine", "Theirs"))
    one = keep(kept, "--take-live")
    # The subject is the manifest's own change: it is left for the next apply.
    assert one["left"] == ["/steps/0/action/data/email_subject"]
    assert "name: Theirs" in text_of(kept)
    assert "delay_in_minutes: 90" in text_of(kept)
    (change,) = kept.plan("--refresh", "all")["changes"]
    assert [(each["path"], each["origin"]) for each in change["fields"]] == [(one["left"][0], "authored")]


def test_nothing_to_keep_a_dry_run_and_what_cannot_be_kept(kept):
    assert keep(kept)["status"] == "in_step"
    kept.simulator.edit("welcome", {"/name": "Theirs"})
    assert keep(kept, "--dry-run")["status"] == "would_write"
    assert text_of(kept) == MANIFEST
    kept.simulator.edit("welcome", {"/name": "Theirs", "/custom_id": "another"})
    assert "revert" in keep(kept, code=7)["detail"]
    kept.simulator.delete("another")
    assert keep(kept, code=7)["status"] == "refused"
    assert kept.run("import", "--update", "nobody").code == 7
    assert kept.run("import", "welcome", "--take-live").code == 64


def test_one_that_was_retired_stays_so_where_an_edit_of_it_is_kept(kept):
    path = kept.root / "sequences" / "welcome.yaml"
    path.write_text(MANIFEST + "  retire: cancel\n", encoding="utf-8")
    digest = kept.run("plan", "--format", "json").json["digest"]
    kept.applied("--acknowledge", f"R4:{digest}")
    kept.simulator.edit("welcome", {"/name": "Theirs"})
    assert keep(kept)["left"] == []
    assert kept.state["records"]["welcome"]["retired"] is True
    assert kept.run("plan", "--refresh", "all", "--detailed-exitcode").code == 0
    assert kept.run("drift", "--detailed-exitcode").code == 0


def test_a_reference_is_kept_by_name_where_that_closes_no_circle(kept):
    condition = {"type": "contacts_affected_by_sequence", "sequence_id": {"$sequence": "welcome"}}
    kept.write("free")
    kept.write("bound", filter=reaching(condition))
    kept.applied()
    ids = {name: kept.simulator.find(name)["id"] for name in ("free", "bound")}
    for name, written in (("free", "sequence_id: {$sequence: free}"), ("bound", f'sequence_id: "{ids["bound"]}"')):
        moved = {"type": "contacts_affected_by_sequence", "sequence_id": ids[name]}
        kept.simulator.edit("welcome", {"/filter/or/0/and/1": moved})
        assert keep(kept)["left"] == []
        assert written.replace('"', "") in text_of(kept).replace('"', "")
        assert kept.plan("--refresh", "all")["changes"] == []


def test_what_is_written_anew_as_a_whole_says_too_that_it_reaches_everyone(kept: Repository) -> None:
    # The anchor that the first message stood for is gone with the step that had it.
    first = {"action": sms("Example")["action"]}
    steps = [first, sms("é“…”", 60), sms("*a")]
    kept.simulator.edit("welcome", {"/name": "0123", "/is_continuous": False, "/filter": None, "/steps": steps})
    assert kept.run("import", "--update", "welcome").code == 0
    text = (kept.root / "sequences" / "welcome.yaml").read_text(encoding="utf-8")
    assert "audience: everyone" in text
    assert "owner: team" in text
    assert kept.plan("--refresh", "all")["changes"] == []
