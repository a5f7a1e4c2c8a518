"""Shards: each machine does its own part of the organisations, and together they do all of them once."""

import json
from pathlib import Path

import pytest

from reconciler.core.fleet.sharding import in_shard, read_shard
from reconciler.errors import UsageError
from reconciler.model.fleet import Organisation
from reconciler.model.settings import Environment
from tests.cli.test_documents import check
from tests.fleet.fleet_bench import FarmServer, FleetRepository, behind_a_farm

NAMES = tuple(f"org-{number}" for number in range(40))
SHARDS = 8


def organisations(*names: str) -> list[Organisation]:
    environment = Environment(name="production", api="sandbox", state="file:state.json")
    return [Organisation(name=name, base="production", environment=environment, key=None) for name in names]


def shards_of(*names: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for number in range(1, SHARDS + 1):
        for each in in_shard(organisations(*names), read_shard(f"{number}/{SHARDS}")):
            assert each.name not in found
            found[each.name] = number
    return found


def test_every_organisation_is_in_one_shard_and_another_one_moves_nobody() -> None:
    found = shards_of(*NAMES)
    assert set(found) == set(NAMES)
    assert len(set(found.values())) == SHARDS
    more = shards_of(*NAMES, "another", "one-more")
    assert {name: more[name] for name in NAMES} == found
    # The same on every machine and in every version: legs of one matrix need not run the same one.
    assert {name: found[name] for name in ("org-0", "org-1", "org-2")} == {"org-0": 1, "org-1": 5, "org-2": 8}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0/8", "there is no shard 0 of 8"),
        ("9/8", "there is no shard 9 of 8"),
        ("0/0", "`--shard 0/0` divides the fleet into none"),
        ("two/eight", "`--shard` needs two numbers, K/N"),
        ("2", "`--shard` needs two numbers, K/N"),
        ("-1/8", "`--shard` needs two numbers, K/N"),
        ("2/8/1", "`--shard` needs two numbers, K/N"),
        ("", "`--shard` needs two numbers, K/N"),
    ],
)
def test_what_is_no_shard_is_refused(fleet: FleetRepository, text: str, message: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_shard(text)
    assert refused.value.message == message
    fleet.organisations("acme")
    for command in ("validate", "plan", "apply", "drift"):
        result = fleet.run("fleet", command, "clients", "--shard", text)
        assert (result.code, result.out) == (64, "")
        assert message in result.err


def test_the_parts_of_all_shards_are_the_whole_plan(fleet: FleetRepository) -> None:
    fleet.organisations(*NAMES)
    whole = {each["name"]: each for each in fleet.plan("--format", "json").json["organisations"]}
    parts: dict[str, object] = {}
    digests = set()
    for number in range(1, SHARDS + 1):
        document = fleet.plan("--format", "json", "--shard", f"{number}/{SHARDS}").json
        check("fleet-plan", document)
        assert document["shard"] == f"{number}/{SHARDS}"
        digests.add(document["digest"])
        parts.update({each["name"]: each for each in document["organisations"]})
    assert parts == whole
    assert len(digests) == SHARDS
    assert "shard" not in fleet.plan("--format", "json").json


def test_a_shard_is_told_and_is_kept_with_a_saved_plan(fleet: FleetRepository, tmp_path: Path) -> None:
    fleet.organisations(*NAMES)
    saved = tmp_path / "plan.json"
    told = fleet.plan("--shard", "02/08", "--out", str(saved)).out
    assert told.startswith("Plan for fleet clients, shard 2/8: ")
    for format_ in ("markdown", "html"):
        assert "shard 2/8" in fleet.plan("--shard", "2/8", "--format", format_).out
    assert fleet.run("show", str(saved)).out == told
    document = json.loads(saved.read_text())
    saved.write_text(json.dumps({**document, "shard": "9/8"}))
    assert fleet.run("show", str(saved)).code == 7
    checked = fleet.validate("--shard", "2/8", "--format", "json").json
    check("fleet-validate", checked)
    assert (checked["shard"], checked["organisations"]) == ("2/8", document["summary"]["organisations"])
    assert "Fleet clients, shard 2/8: " in fleet.validate("--shard", "2/8").err


def test_a_shard_of_nobody_has_nothing_to_do(fleet: FleetRepository) -> None:
    fleet.organisations("acme")
    empty = [each for each in ("1/2", "2/2") if "0 organisations" in fleet.plan("--shard", each).out]
    assert len(empty) == 1
    result = fleet.plan("--shard", empty[0], "--detailed-exitcode")
    assert (result.code, "nothing to plan" in result.out) == (0, True)


def test_only_and_shard_are_both_meant(fleet: FleetRepository) -> None:
    fleet.organisations(*NAMES)
    document = fleet.plan("--shard", "1/8", "--only", "org-0", "--only", "org-1", "--format", "json").json
    assert [each["name"] for each in document["organisations"]] == ["org-0"]


def test_each_leg_applies_its_own_part_and_together_they_do_all_once(
    fleet: FleetRepository, farm: FarmServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = ("acme", "globex", "hooli", "initech", "umbrella", "vandelay")
    behind_a_farm(fleet, farm, monkeypatch.setenv, *names)
    done: list[str] = []
    for leg in ("1/2", "2/2"):
        report = tmp_path / f"{leg[0]}.json"
        saved = tmp_path / f"{leg[0]}-plan.json"
        fleet.plan("--shard", leg, "--out", str(saved))
        applied = fleet.run("fleet", "apply", "clients", str(saved), "--yes", "--out", str(report))
        assert (applied.code, f"Applied to fleet clients, shard {leg}: " in applied.out) == (0, True), (
            applied.out + applied.err
        )
        document = json.loads(report.read_text())
        check("fleet-apply", document)
        assert document["shard"] == leg
        drawn = fleet.run("show", str(report), "--format", "markdown").out
        assert f"shard {leg}" in drawn
        done += [each["name"] for each in document["organisations"]]
        for name in names:
            created = [each.custom_id for each in farm.farm.simulators[name].ledger() if each.mutation]
            assert created == (["welcome"] if name in done else [])
    assert sorted(done) == sorted(names)
    looked = []
    for leg in ("1/2", "2/2"):
        document = fleet.run("fleet", "drift", "clients", "--shard", leg, "--format", "json").json
        check("fleet-drift", document)
        assert document["shard"] == leg
        looked += [each["name"] for each in document["organisations"]]
    assert sorted(looked) == sorted(names)
    refused = fleet.run("fleet", "apply", "clients", str(saved), "--yes", "--shard", "1/2")
    assert (refused.code, "leave --only and --shard out" in refused.err) == (64, True)
