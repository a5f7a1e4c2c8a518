"""One source, two organisations: what is tried in staging is promoted to production, and then nothing differs."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import jsonschema
import pytest

from reconciler.sandbox.keys import FULL_KEY
from reconciler.sandbox.simulator import Simulator
from tests.scenarios.workbench import ROOT, SCHEMA, Door, Repository, after_sequence, email, reaching

COMPARISON = json.loads((ROOT / "schemas" / "compare.schema.json").read_bytes())
SEGMENTS = {"staging": "segment-of-staging", "production": "segment-of-production"}
SENDERS = {"staging": "test@example.com", "production": "hello@example.com"}


class Two:
    """The same folder of manifests, once for each environment."""

    def __init__(self, root: Path, simulators: dict[str, Simulator], urls: dict[str, str]) -> None:
        self.staging = Repository(root=root, simulator=simulators["staging"], environment="staging")
        self.production = Repository(root=root, simulator=simulators["production"], environment="production")
        self.configure(urls, "")
        self.urls = urls

    def configure(self, urls: dict[str, str], guards: str) -> None:
        self.staging.configure(
            "".join(
                f'[environments.{name}]\napi = "{url}"\nrate_limit = {{ requests = 0, seconds = 1 }}\n'
                f'variables = {{ vip = "{SEGMENTS[name]}", sender = "{SENDERS[name]}" }}\n{guards}'
                for name, url in urls.items()
            )
        )

    def write(self, custom_id: str, *, subject: str = "Hello", sender: object = None, **changes: object) -> None:
        step = email(subject)
        step["action"]["data"]["from_email"] = sender or {"$var": "sender"}
        segment = {"type": "contact_belongs_to_segment", "segment_id": {"$var": "vip"}}
        self.staging.write(custom_id, **{"steps": [step], "filter": reaching(segment), **changes})

    def compare(self, *arguments: str) -> dict:
        document = self.staging.json("compare", "staging", "production", *arguments)
        jsonschema.Draft202012Validator(COMPARISON).validate(document)
        return document


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Two]:
    root = tmp_path / "a repository"
    (root / "sequences").mkdir(parents=True)
    monkeypatch.setenv("OPENCX_API_KEY", FULL_KEY)
    with ExitStack() as stack:
        simulators = {
            name: stack.enter_context(Simulator(tmp_path / f"{name}.sqlite3", schema=SCHEMA))
            for name in ("staging", "production")
        }
        doors = {name: Door(simulator) for name, simulator in simulators.items()}
        for door in doors.values():
            stack.callback(door.close)
        yield Two(root, simulators, {name: door.url for name, door in doors.items()})


def actions(plan: dict) -> dict[str, str]:
    return {change["custom_id"]: change["action"] for change in plan["changes"]}


def test_what_was_tried_in_staging_is_promoted_to_production_from_the_same_source(two):
    two.write("welcome")
    two.write("follow-up", filter=reaching(after_sequence("welcome")))
    two.staging.applied()
    two.production.applied()
    recorded = [repository.state["records"] for repository in (two.staging, two.production)]
    assert recorded[0]["welcome"]["id"] != recorded[1]["welcome"]["id"]
    assert recorded[0]["welcome"]["applied"] != recorded[1]["welcome"]["applied"]  # another segment, another sender
    assert two.compare()["summary"] == {"different": 0, "only_in_first": 0, "only_in_second": 0, "same": 2}

    # An edit and a new sequence are tried in staging first: that is what production lacks.
    two.write("welcome", subject="Good morning")
    two.write("win-back")
    assert actions(two.staging.plan()) == {"welcome": "update", "win-back": "create"}
    two.staging.applied()
    assert two.staging.plan()["changes"] == []
    compared = two.compare()
    assert compared["only_in_first"] == ["win-back"]
    [welcome] = compared["differences"]
    path = "/steps/0/action/data/email_subject"
    assert welcome["fields"] == [{"path": path, "first": "Good morning", "second": "Hello"}]

    # The plan for production shows just that, with production's own ids and values.
    promoted = {change["custom_id"]: change for change in two.production.plan()["changes"]}
    assert {name: change["action"] for name, change in promoted.items()} == {"welcome": "update", "win-back": "create"}
    assert [field["path"] for field in promoted["welcome"]["fields"]] == [path]
    sent = promoted["win-back"]["operation"]["body"]
    assert sent["steps"][0]["action"]["data"]["from_email"] == SENDERS["production"]
    assert sent["filter"]["or"][0]["and"][0]["segment_id"] == SEGMENTS["production"]
    two.production.applied()
    assert two.compare()["summary"] == {"different": 0, "only_in_first": 0, "only_in_second": 0, "same": 3}


def test_comparing_makes_no_request_and_needs_no_key(two, monkeypatch):
    two.write("welcome")
    two.staging.applied()
    two.production.applied()
    monkeypatch.delenv("OPENCX_API_KEY")
    with two.staging.watched() as here, two.production.watched() as there:
        assert two.staging.run("compare", "staging", "production", "--detailed-exitcode").code == 0
    assert (here, there) == ([], [])


def test_only_what_differs_in_meaning_is_shown_with_names_for_ids(two):
    two.write("first")
    two.write("second")
    two.write("names", filter=reaching(after_sequence("first")))
    two.staging.applied()
    two.write("names", filter=reaching(after_sequence("second")))
    two.write("second", sender="hello@example.com")  # the same text as production's variable, in both
    two.production.applied()
    differences = {each["custom_id"]: each["fields"] for each in two.compare()["differences"]}
    assert differences == {
        "names": [{"path": "/filter/or/0/and/0/sequence_id", "first": "$sequence first", "second": "$sequence second"}]
    }
    # The id of another organisation's segment is a mistake that equal texts would hide.
    two.write("first", filter=reaching({"type": "contact_belongs_to_segment", "segment_id": SEGMENTS["staging"]}))
    two.staging.applied("--only", "first")
    two.production.applied("--only", "first")
    [first] = two.compare("--only", "first")["differences"]
    assert [(each["first"], each["second"]) for each in first["fields"]] == [("$var vip", SEGMENTS["staging"])]


def test_how_two_environments_differ_is_drawn_for_people(two):
    two.write("welcome")
    two.write("old")
    two.staging.applied()
    two.write(
        "welcome",
        subject="::set-output name=x:: `@everyone`",
        filter=reaching({"type": "contacts_email_in", "email_in": ["a@example.com"]}),
    )
    two.production.applied("--only", "welcome")
    text = two.staging.run("compare", "staging", "production", "--detailed-exitcode")
    assert text.code == 2
    assert text.out.startswith(
        "staging and production (what is recorded; ids as names)\n- staging  + production\n\n~ welcome\n"
    )
    assert "only in staging\n    old\n" in text.out
    assert text.out.endswith("1 sequence differs, 1 only in staging, 0 the same.\n")
    assert not any(word.startswith("::") for word in text.out.split())
    markdown = two.staging.run("compare", "staging", "production", "--format", "markdown")
    assert markdown.code == 0
    assert markdown.out.startswith("### `staging` and `production`: differences\n\n1 sequence differs, ")
    assert "**`welcome`**\n\n````diff\n" in markdown.out
    assert "a@example.com" not in markdown.out
    same = two.staging.run("compare", "staging", "staging")
    assert (same.code, same.out.splitlines()[-1]) == (0, "No difference: 2 sequences the same in both.")


def test_a_long_comparison_still_fits_a_comment(two):
    for number in range(40):
        two.write(f"sequence-{number}")
    two.staging.applied()
    for number in range(40):
        two.write(f"sequence-{number}", name="N", steps=[email(f"{number} " + "word " * 400)])
    two.production.applied()
    markdown = two.staging.run("compare", "staging", "production", "--format", "markdown").out
    assert len(markdown) <= 60_000
    assert "`sequence-39`" in markdown


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("staging", "production"), 5, "`production` has no state yet: nothing was ever applied there"),
        (("staging", "prodution"), 4, "did you mean `production`?"),
        (("staging",), 64, "missing argument `ENV`"),
        (("staging", "staging", "--only", "owner:me"), 64, "only what is recorded is compared"),
    ],
)
def test_what_cannot_be_compared_is_said(two, arguments, code, said):
    two.write("welcome")
    two.staging.applied()
    result = two.staging.run("compare", *arguments)
    assert (result.code, result.out) == (code, "")
    assert said.lower() in result.err.lower()


# --- selecting --------------------------------------------------------------------------------------------------------


def test_a_plan_and_an_apply_can_be_about_one_team_or_one_folder(two):
    two.write("welcome", reconciler={"owner": "lifecycle-team"})
    two.write("win-back", reconciler={"owner": "sales"})
    folder = two.staging.root / "sequences" / "onboarding"
    folder.mkdir()
    (two.staging.root / "sequences" / "win-back.yaml").rename(folder / "win-back.yaml")
    assert actions(two.staging.plan("--only", "owner:lifecycle-team")) == {"welcome": "create"}
    assert actions(two.staging.plan("--only", "path:sequences/onboarding/**")) == {"win-back": "create"}
    assert two.staging.plan("--only", "path:sequences/onboarding", "--only", "owner:life*")["summary"]["create"] == 2
    # A plan that was saved brings its selection along.
    plan = two.staging.root / "plan.json"
    two.staging.run("plan", "--only", "owner:sales", "--out", str(plan))
    assert json.loads(plan.read_text())["basis"]["only"] == ["owner:sales"]
    assert [each["custom_id"] for each in two.staging.applied(str(plan))["outcomes"]] == ["win-back"]
    assert sorted(two.staging.state["records"]) == ["win-back"]


def test_who_selects_by_owner_is_told_of_a_slip_and_of_what_has_no_manifest(two):
    two.write("welcome", reconciler={"owner": "lifecycle-team"})
    two.write("gone")
    two.staging.applied()
    two.staging.remove("gone")
    warned = {each["rule"]: each["message"] for each in two.staging.plan("--only", "owner:lifecyle-team")["warnings"]}
    assert "did you mean `lifecycle-team`?" in warned["matches-nothing"]
    assert warned["orphans-left-out"].startswith("no manifest asks for `gone`, so no owner or path selects them")
    by_name = two.staging.plan("--only", "owner:lifecycle-team", "--only", "gone")
    assert (actions(by_name), by_name["warnings"]) == ({"gone": "orphan"}, [])
