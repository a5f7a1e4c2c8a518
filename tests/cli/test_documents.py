"""Every JSON document that really comes out, checked against its schema, which is closed and explains itself."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from reconciler.sandbox.switches import Switches
from tests.scenarios.workbench import ROOT, Repository, after_sequence, email, reaching

NAMES = (
    "plan",
    "apply",
    "validate",
    "state",
    "error",
    "state-list",
    "state-show",
    "state-history",
    "compare",
    "undo-list",
    "drift",
    "import",
    "fleet-validate",
    "fleet-plan",
    "fleet-apply",
    "fleet-drift",
)
SCHEMAS = {name: json.loads((ROOT / "schemas" / f"{name}.schema.json").read_bytes()) for name in NAMES}

# A schema may refer to another one that lies beside it.
REGISTRY: Any = Registry(retrieve=lambda uri: Resource.from_contents(json.loads((ROOT / "schemas" / uri).read_bytes())))


def check(name: str, document: Any) -> None:
    jsonschema.Draft202012Validator(
        SCHEMAS[name], registry=REGISTRY, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(document)


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if "properties" in schema and isinstance(schema["properties"], dict):
            yield schema
        for each in schema.values():
            yield from objects(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from objects(each)


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_closed_and_has_a_title_and_a_description_for_everything(name):
    schema = SCHEMAS[name]
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for each in objects(schema):
        assert each["additionalProperties"] is False
        assert {"title", "description"} <= each.keys()
        for key, value in each["properties"].items():
            assert "$ref" in value or {"title", "description"} <= value.keys(), key


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_refuses_another_version_and_any_further_key(embedded, name):
    embedded.write("welcome")
    document = {
        "plan": embedded.plan,
        "apply": embedded.applied,
        "validate": lambda: embedded.json("validate"),
        "state": lambda: embedded.applied() and embedded.state,
        "error": lambda: embedded.json("apply"),
        "state-list": lambda: embedded.applied() and embedded.json("state", "list"),
        "state-show": lambda: embedded.applied() and embedded.json("state", "show", "welcome"),
        "compare": lambda: embedded.applied() and embedded.json("compare", "sandbox", "sandbox"),
        "undo-list": lambda: embedded.applied() and embedded.json("undo"),
        "import": lambda: embedded.json("import", "welcome"),
        "state-history": lambda: embedded.applied() and embedded.json("state", "history"),
        "drift": lambda: embedded.applied() and embedded.json("drift"),
        "fleet-apply": lambda: with_fleet(embedded).json("fleet", "apply", "clients", "--yes"),
        "fleet-drift": lambda: with_fleet(embedded).json("fleet", "drift", "clients"),
        "fleet-plan": lambda: with_fleet(embedded).json("fleet", "plan", "clients"),
        "fleet-validate": lambda: with_fleet(embedded).json("fleet", "validate", "clients"),
    }[name]()
    check(name, document)
    for wrong in ({**document, "format_version": "2.0"}, {**document, "extra": 1}, {**document, "format_version": ...}):
        with pytest.raises(jsonschema.ValidationError):
            check(name, {key: value for key, value in wrong.items() if value is not ...})


def with_fleet(repository: Repository) -> Repository:
    repository.configure('[fleets.clients]\nenvironment = "sandbox"\norganisations = "fleet.csv"\n')
    (repository.root / "fleet.csv").write_text("name,labels\nacme,eu\nglobex,us\n", encoding="utf-8")
    return repository


def states(repository: Repository) -> Iterator[None]:
    yield
    repository.write("welcome", steps=[email("  Hello "), email("Two", 0.5)])
    repository.write("second", filter=reaching(after_sequence("welcome")))
    repository.write("everyone", filter=None, reconciler={"audience": "everyone", "owner": "me"})
    yield
    repository.write("welcome", name="Edited", steps=[email("Hello")])
    repository.simulator.edit("welcome", {"/name": "Theirs", "/filter": None})
    yield
    repository.remove("second")
    yield
    repository.remove("everyone")
    repository.write("all-of-them", filter=None, reconciler={"audience": "everyone", "renamed_from": "everyone"})
    yield
    repository.simulator.delete("welcome")
    yield
    repository.lose_state()
    yield


def test_real_plans_outcomes_and_states_fit_their_schemas(repository):
    repository.simulator.switches = Switches.parse(["strings=trimmed"])
    actions = set()
    for _ in states(repository):
        for refresh in ("none", "changed", "all"):
            plan = repository.plan("--refresh", refresh)
            check("plan", plan)
            actions |= {change["action"] for change in plan["changes"]}
        check("plan", repository.plan("--adopt", "--only", "w*", "--only", "nothing"))
        check("validate", repository.json("validate"))
        is_recorded = repository.state_file.exists()
        check("drift" if is_recorded else "error", repository.json("drift", "--budget", "2", "--correct", "--yes"))
        check("apply", repository.run("apply", "--yes", "--refresh", "all", "--format", "json").json)
        if repository.state_file.exists():
            check("state", repository.state)
    assert actions == {"create", "update", "orphan", "rename", "adopt"}


def test_a_look_that_finds_each_kind_of_difference_fits_its_schema(repository):
    for name in ("welcome", "gone", "insisting"):
        repository.write(name, reconciler={"ignore": ["/name"]} if name == "welcome" else {})
    repository.applied()
    for _ in range(2):
        repository.simulator.edit("insisting", {"/name": "Theirs"})
        found = repository.json("drift", "--correct", "--yes")
        check("drift", found)
    assert "corrected" in found["drifted"][0]["fields"][0]
    repository.simulator.edit("welcome", {"/name": "Theirs"})
    repository.simulator.delete("gone")
    found = repository.json("drift")
    assert (len(found["drifted"]), len(found["handed_off"]), len(found["gone"])) == (1, 1, 1)
    check("drift", found)
    check("drift", repository.run("drift", "--known", "--only", "nothing", "--format", "json").json)


def test_failures_fit_their_schemas_whatever_the_command(behind, door, tmp_path, monkeypatch):
    behind.write("welcome")
    invalid = behind.write("broken", is_continous=True)
    check("validate", behind.json("validate"))
    check("error", behind.json("plan"))
    check("error", behind.json("apply", "--yes"))
    invalid.unlink()
    behind.run("plan", "--out", str(tmp_path / "plan.json"))
    check("plan", behind.json("show", str(tmp_path / "plan.json")))
    check("error", behind.json("apply", "--yes", "--expect", "sha256:0"))
    check("error", behind.json("show", "nothing.json"))
    for answer in ((500, "text/html", b"x"), (401, "application/json", b"{}"), (429, "application/json", b"{}")):
        door.before = lambda method, path, nth, answer=answer: answer if method == "POST" else None
        check("apply", behind.run("apply", "--yes", "--format", "json").json)
        if behind.state.get("pending"):
            check("state", behind.state)
            check("plan", behind.plan())
            behind.lose_state()
        door.before = lambda method, path, nth, answer=answer: answer
        check("error" if answer[0] == 401 else "plan", behind.plan())
    behind.state_file.write_text("{}")
    check("error", behind.json("plan"))
    monkeypatch.delenv("OPENCX_API_KEY")
    check("error", behind.json("plan", "--refresh", "all"))
    behind.configure("x = 1")
    check("error", behind.json("validate"))


def test_the_example_repository_fits(tmp_path: Path, embedded):
    import shutil

    shutil.copytree(ROOT / "sequences", embedded.root / "sequences", dirs_exist_ok=True)
    shutil.copyfile(ROOT / "reconciler.toml", embedded.root / "reconciler.toml")
    check("plan", embedded.plan())
    check("apply", embedded.applied())
    check("state", embedded.state)
    check("plan", embedded.plan("--refresh", "all"))
    assert embedded.plan("--refresh", "all")["changes"] == []


def test_a_plan_with_creates_drift_and_refusals_fits_its_schema_also_when_it_was_saved(repository, tmp_path):
    repository.write("welcome")
    repository.applied()
    repository.simulator.edit("welcome", {"/name": "Theirs"})
    repository.write("another")
    config = repository.root / "reconciler.toml"
    before = config.read_text() if config.exists() else '[environments.sandbox]\napi = "sandbox"\n'
    guards = 'guards = { max_changes = 0, drift = "refuse", protected = ["nothing"], acknowledge = "R1" }\n'
    config.write_text(before + guards)
    path = tmp_path / "plan.json"
    assert repository.run("plan", "--refresh", "all", "--out", str(path)).code == 7
    plan = json.loads(path.read_bytes())
    check("plan", plan)
    check("plan", repository.json("show", str(path)))
    assert {each["rule"] for each in plan["violations"]} == {"max-changes", "drift", "acknowledge"}
    assert {each["action"] for each in plan["changes"]} == {"create", "update"}
    assert (plan["summary"]["drifted"], [each["rule"] for each in plan["warnings"]]) == (1, ["matches-nothing"])
    check("apply", repository.run("apply", "--yes", "--refresh", "all", "--format", "json").json)
