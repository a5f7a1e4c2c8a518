"""Planning a fleet: a plan for each organisation under one digest, and what fails in one is that one's own result."""

import json
from pathlib import Path
from typing import Any

import pytest

from reconciler.adapters.store.encoding import encode
from reconciler.core.snapshot import wanted
from reconciler.model.sequence import Record
from reconciler.model.state import State
from reconciler.wiring.fleet import FleetManifests, open_fleet
from tests.cli.test_documents import check
from tests.fleet.fleet_bench import FarmServer, FleetRepository, behind_a_farm
from tests.scenarios.workbench import SEGMENT, after_sequence, reaching, sms

NAMES = ("acme", "globex", "initech")


@pytest.fixture
def behind(fleet: FleetRepository, farm: FarmServer, monkeypatch: pytest.MonkeyPatch) -> FleetRepository:
    """A fleet of three in front of a farm, each with its own key."""
    behind_a_farm(fleet, farm, monkeypatch.setenv, *NAMES)
    return fleet


def record(fleet: FleetRepository, *names: str) -> None:
    """Write the states in which everything has been applied, with ids of each one's own."""
    within = open_fleet(fleet.root, "clients", command=None)
    manifests = FleetManifests(within)
    for number, each in enumerate(within.fleet.organisations):
        if names and each.name not in names:
            continue
        desired = manifests.of(each).desired
        ids = {one.custom_id: f"{number:08}-0000-4000-8000-{n:012}" for n, one in enumerate(desired)}
        records = {
            one.custom_id: Record(id=ids[one.custom_id], applied=wanted(one, ids), status="active") for one in desired
        }
        path = fleet.root / each.environment.state.removeprefix("file:")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(State(lineage=f"line-{number}", serial=1, records=records)))


def test_each_organisation_is_asked_with_its_own_key_and_none_is_shown(
    behind: FleetRepository, farm: FarmServer
) -> None:
    shown = []
    for format_ in ("json", "text", "markdown", "html"):
        result = behind.plan("--format", format_)
        assert (result.code, result.err) == (0, "")
        shown.append(result.out)
    document = json.loads(shown[0])
    check("fleet-plan", document)
    assert [each["name"] for each in document["organisations"]] == list(NAMES)
    assert {each["plan"]["environment"] for each in document["organisations"]} == {f"clients/{name}" for name in NAMES}
    assert "canary" not in "".join(shown)
    for name in NAMES:
        seen = farm.farm.simulators[name].ledger()
        assert {(entry.method, entry.key_name) for entry in seen} == {("GET", name)}
        assert all(entry.path == "/sequences/welcome" for entry in seen)


def test_what_fails_in_one_is_told_of_that_one(
    behind: FleetRepository, farm: FarmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENCX_GLOBEX", "expired")
    state = behind.root / ".reconciler/fleet/clients/initech.json"
    state.parent.mkdir(parents=True)
    state.write_text("{}")
    result = behind.plan("--format", "json")
    assert result.code == 5
    document = result.json
    check("fleet-plan", document)
    parts = {each["name"]: each for each in document["organisations"]}
    assert "plan" in parts["acme"]
    assert (parts["globex"]["error"]["kind"], parts["globex"]["error"]["exit_code"]) == ("credentials", 4)
    assert (parts["initech"]["error"]["kind"], parts["initech"]["error"]["exit_code"]) == ("state", 5)
    assert document["summary"]["failed"] == 2
    assert behind.plan("--only", "acme", "--only", "globex").code == 4
    assert behind.plan("--only", "acme", "--detailed-exitcode").code == 2
    text = behind.plan().out
    assert text.index("failed in globex") < text.index("+ welcome")
    assert "expired" not in text


def test_what_refuses_plans_is_told_once_with_all_that_it_refuses(behind: FleetRepository) -> None:
    record(behind)
    behind.sequence("welcome", name="New")
    parts = behind.planned("--refresh", "all")
    # Nothing of what is recorded is there: each is refused by itself.
    assert {each["plan"]["violations"][0]["rule"] for each in parts.values()} == {"vanished"}
    assert behind.plan("--refresh", "all").code == 7
    assert "refused in 3 organisations" in behind.plan("--refresh", "all").out


def test_without_any_key_it_is_planned_offline(fleet: FleetRepository) -> None:
    fleet.organisations("acme", "globex", globex='key = "file:nowhere"')
    record(fleet)
    result = fleet.plan("--format", "json")
    assert result.code == 0
    assert {each["plan"]["basis"]["refresh"] for each in result.json["organisations"]} == {"none"}
    parts = fleet.planned("--refresh", "changed")
    assert parts["acme"]["error"]["message"] == "organisation `acme` has no key: $OPENCX_ACME is not set"
    assert parts["globex"]["error"]["message"] == "organisation `globex` has no key: there is no file nowhere"


def test_the_digest_is_the_same_whatever_the_order_and_another_for_another_plan(fleet: FleetRepository) -> None:
    fleet.organisations(*NAMES)
    record(fleet)
    fleet.sequence("welcome", name="New")
    first = fleet.plan("--format", "json").json
    fleet.organisations(*reversed(NAMES))
    again = fleet.plan("--format", "json").json
    assert first == again
    other = fleet.plan("--format", "json", "--only", "acme").json
    assert other["only"] == ["acme"]
    fleet.sequence("welcome", name="Newer")
    assert len({first["digest"], other["digest"], fleet.plan("--format", "json").json["digest"]}) == 3


def test_mistakes_come_before_any_request(
    behind: FleetRepository, farm: FarmServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENCX_GLOBEX", "canary-acme")
    result = behind.plan()
    assert result.code == 4
    assert "`env:OPENCX_GLOBEX` of `globex` holds the same key as `env:OPENCX_ACME` of `acme`" in result.err
    monkeypatch.setenv("OPENCX_GLOBEX", "canary-globex")
    behind.sequence("welcome", filter=reaching({**SEGMENT, "segment_id": {"$var": "no"}}))
    assert behind.plan().code == 3
    document = behind.plan("--format", "json")
    assert (document.code, document.json["error"]["kind"]) == (3, "invalid")
    behind.organisations(*NAMES, acme='variables = { no = "segment-9" }')
    assert behind.plan().code == 4
    assert [entry for each in farm.farm.simulators.values() for entry in each.ledger()] == []


def test_a_manifest_for_a_label_is_planned_where_that_is_carried(fleet: FleetRepository) -> None:
    fleet.organisations("acme", "globex", acme='labels = ["eu"]')
    fleet.sequence("vat", reconciler={"only": {"labels": ["eu"]}})
    parts = fleet.planned()
    changes = {name: [change["custom_id"] for change in each["plan"]["changes"]] for name, each in parts.items()}
    assert changes == {"acme": ["vat", "welcome"], "globex": ["welcome"]}
    record(fleet)
    fleet.sequence("vat", reconciler={"only": {"labels": ["us"]}})
    parts = fleet.planned()
    actions = {name: [change["action"] for change in each["plan"]["changes"]] for name, each in parts.items()}
    assert actions == {"acme": ["orphan"], "globex": []}


def test_equal_changes_are_shown_once_and_odd_ones_apart(fleet: FleetRepository) -> None:
    names = [f"org-{number:02}" for number in range(30)]
    fleet.organisations(*names)
    fleet.sequence("welcome", name="Odd")
    record(fleet, "org-07")
    fleet.sequence("welcome", name="Before")
    record(fleet, *(name for name in names if name != "org-07"))
    fleet.sequence("welcome", name="After")
    text = fleet.plan().out
    assert text.count("~ welcome") == 2
    assert "in 29 of 30 organisations\n" in text
    assert "in 1 of 30 organisations, apart from the others\n        org-07\n" in text
    assert text.index('"Before"') < text.index('"Odd"')
    markdown = fleet.plan("--format", "markdown").out
    assert "- **Apart from the others**: 1 organisation: `org-07`" in markdown
    assert markdown.count("<details>") == 2
    html = fleet.plan("--format", "html").out
    assert html.count('<details class="change"') == 2


def test_values_that_are_each_ones_own_are_one_change(fleet: FleetRepository) -> None:
    fleet.sequence("welcome", filter=reaching({**SEGMENT, "segment_id": {"$var": "vip"}}))
    names = [f"org-{number:02}" for number in range(12)]
    fleet.organisations(*names, **{name: f'variables = {{ vip = "segment-{name}" }}' for name in names})
    text = fleet.plan().out
    assert text.count("+ welcome") == 1
    words = " ".join(text.split())
    assert "each with values of its own for filter.or[0].and[0].segment_id; those of org-00 are shown" in words


def test_references_come_to_the_ids_of_each_organisation(fleet: FleetRepository) -> None:
    fleet.organisations("acme", "globex")
    fleet.sequence("second", filter=reaching(after_sequence("welcome")))
    record(fleet)
    fleet.sequence("second", filter=reaching(after_sequence("welcome")), name="New")
    parts = fleet.planned()
    ids = {
        name: each["plan"]["changes"][0]["operation"]["body"]["filter"]["or"][0]["and"][0]["sequence_id"]
        for name, each in parts.items()
    }
    assert ids == {"acme": "00000000-0000-4000-8000-000000000001", "globex": "00000001-0000-4000-8000-000000000001"}
    assert "in all 2 organisations" in fleet.plan().out


def test_a_saved_plan_is_drawn_as_it_was_and_an_edited_one_refused(fleet: FleetRepository, tmp_path: Path) -> None:
    fleet.organisations(*NAMES, globex='key = "file:k"')
    fleet.write("k", "key")
    (fleet.root / "k").chmod(0o600)
    (fleet.root / ".reconciler/fleet/clients").mkdir(parents=True)
    (fleet.root / ".reconciler/fleet/clients/initech.json").write_text("broken")
    saved = tmp_path / "plan.json"
    drawn = {
        format_: fleet.plan("--refresh", "none", "--format", format_, "--out", str(saved)).out
        for format_ in ("json", "text", "markdown", "html")
    }
    assert saved.read_text() == drawn["json"]
    for format_, text in drawn.items():
        shown = fleet.run("show", str(saved), "--format", format_)
        assert (shown.code, shown.err) == (0, "")
        assert shown.out == text
    assert fleet.run("show", str(saved), "--format", "terraform").code == 64
    for edit in _edits(json.loads(saved.read_text())):
        saved.write_text(json.dumps(edit))
        result = fleet.run("show", str(saved))
        assert (result.code, result.out) == (7, ""), edit


def _edits(document: dict[str, Any]) -> list[dict[str, Any]]:
    def edited(**changes: Any) -> dict[str, Any]:
        return {**document, **changes}

    first, *rest = document["organisations"]
    return [
        edited(fleet="other"),
        edited(format_version="2.0"),
        edited(summary={**document["summary"], "failed": 0}),
        edited(organisations=rest),
        edited(organisations=[{**first, "name": "@everyone"}, *rest]),
        edited(organisations=[{**first, "labels": ["x"]}, *rest]),
        edited(organisations=[{**first, "plan": {**first["plan"], "warnings": []}}, *rest]),
        edited(organisations=[first, *rest[:-1], {**rest[-1], "error": {**rest[-1]["error"], "message": "fine"}}]),
        {key: value for key, value in document.items() if key != "checksum"},
    ]


def test_an_organisation_of_the_sandbox_has_a_simulator_of_its_own(fleet: FleetRepository) -> None:
    fleet.configure('[fleets.clients]\nenvironment = "sandbox"\norganisations = "fleet.toml"\n')
    fleet.organisations("acme", "globex")
    assert fleet.plan().code == 0
    made = sorted(path.name for path in (fleet.root / ".reconciler/fleet/clients").glob("*.sqlite3"))
    assert made == ["acme.sqlite3", "globex.sqlite3"]


def test_a_thousand_organisations_stay_within_the_budgets(fleet: FleetRepository) -> None:
    names = [f"organisation-with-a-long-name-{number:04}" for number in range(1000)]
    fleet.organisations(
        *names, **{name: f'labels = ["l{n % 50}"]\nvariables = {{ v = "x{n}" }}' for n, name in enumerate(names)}
    )
    for number in range(50):
        fleet.sequence(
            f"seq-{number}", steps=[sms(f"Dear {number} " * 40)], reconciler={"only": {"labels": [f"l{number}"]}}
        )
    fleet.sequence(
        "own",
        steps=[{"action": {"type": "send_sms_messages", "data": {"message": {"$var": "v"}}}, "delay_in_minutes": 0}],
    )
    markdown = fleet.plan("--format", "markdown").out
    assert len(markdown) <= 60_000
    assert markdown.startswith("### Plan for fleet `clients`: 1,000 organisations, 3,000 to create, 0 unchanged\n")
    assert "_Too long for a comment: " in markdown
    assert all(f"`seq-{number}`" in markdown for number in range(50))
    assert len(fleet.plan("--format", "html").out) < 2**20
    assert fleet.plan("--format", "text").out.count("\n") < 1500
