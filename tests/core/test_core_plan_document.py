"""The plan's document and digest: the way there and back, and what the digest does and does not depend on."""

import json
import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.core.codec.comparison import differences, moved_with_live
from reconciler.core.codec.plan import document_checksum, document_digest, from_document, plan_digest, to_document
from reconciler.core.planner import build_plan
from reconciler.core.snapshot import Snapshot
from reconciler.model.change import Action, Change, FieldChange, Operation, Origin
from reconciler.model.jsonvalue import ABSENT, strictly_equal
from reconciler.model.plan import Basis, Plan, Refresh, Violation
from reconciler.model.pointer import replaced
from reconciler.model.sequence import Gone, Payload, Source, StepTimes, Unreadable
from tests.core.core_values import BODIES, PATIENT, STEP, desired, live, record, request, snapshot
from tests.view.drawn_plans import PLANS as DRAWN

ROOT = Path(__file__).parents[2]

TEXTS = st.sampled_from(["a", "b", "é", ""])
PARTS = st.sampled_from(["a", "0", "07", "~/", "", "\u0663"]) | st.integers(0, 12)
MAYBE: st.SearchStrategy[Any] = st.sampled_from([ABSENT, None, True, 1, 1.5, "x", [1], {"a": None}])
FIELDS = st.builds(
    FieldChange,
    path=st.lists(PARTS, min_size=1, max_size=4).map(tuple),
    origin=st.sampled_from(Origin),
    recorded=MAYBE,
    live=MAYBE,
    desired=MAYBE,
)
OPERATIONS = st.builds(Operation, method=TEXTS, path=TEXTS, body=BODIES.map(Payload.of))
CHANGES = st.builds(
    Change,
    custom_id=TEXTS,
    id=st.none() | TEXTS,
    action=st.sampled_from(Action),
    reason=TEXTS,
    source=st.none() | st.builds(Source, file=TEXTS, line=st.integers(1, 9)),
    fields=st.lists(FIELDS, max_size=3).map(tuple),
    operation=st.none() | OPERATIONS,
)
VIOLATIONS = st.lists(st.builds(Violation, rule=TEXTS, message=TEXTS, custom_id=st.none() | TEXTS)).map(tuple)
PLANS = st.builds(
    Plan,
    environment=TEXTS,
    basis=st.builds(
        Basis,
        lineage=st.none() | TEXTS,
        serial=st.integers(0, 9),
        manifests=TEXTS,
        refresh=st.sampled_from(Refresh),
        endpoint=TEXTS,
        schema=TEXTS,
        only=st.lists(TEXTS).map(tuple),
        adopt=st.booleans(),
    ),
    changes=st.lists(CHANGES, max_size=3).map(tuple),
    kept=st.integers(0, 9),
    violations=VIOLATIONS,
    warnings=VIOLATIONS,
    requests=st.integers(0, 9),
)


@PATIENT
@given(PLANS)
def test_reading_a_document_and_writing_it_again_gives_the_same_document(plan: Plan) -> None:
    document = to_document(plan)
    saved = json.loads(json.dumps(document))
    assert strictly_equal(to_document(from_document(saved)), document)
    assert document["digest"] == document_digest(saved) == plan_digest(plan) == plan_digest(from_document(saved))
    assert differences(saved, document) == []


def world(**asked: Any) -> Snapshot:
    """One sequence of each kind."""
    return snapshot(
        desired("authored", name="B"),
        desired("adopted"),
        desired("created", references=("second",)),
        desired("drifted"),
        desired("kept"),
        desired("renamed", renamed_from="former"),
        desired("second"),
        desired("unreadable"),
        desired("vanished"),
        records={name: record(name) for name in ("authored", "drifted", "former", "kept", "orphan", "vanished")},
        readings={
            "adopted": live("adopted", name="theirs"),
            "drifted": live("drifted", filter=None),
            "unreadable": Unreadable("502"),
            "vanished": Gone(),
        },
        **asked,
    )


def test_the_documents_shape_is_the_contracts() -> None:
    document = to_document(build_plan(world()))
    assert list(document) == [
        "format_version", "environment", "digest", "basis", "summary", "changes", "affected", "violations", "warnings",
        "checksum",
    ]  # fmt: skip
    assert document["format_version"] == "1.0"
    assert document["summary"] == {
        "create": 2, "adopt": 1, "update": 2, "rename": 1, "keep": 1, "orphan": 1, "drifted": 1, "requests": 18,
        "risk": "R4",
    }  # fmt: skip
    by_name = {each["custom_id"]: each for each in document["changes"]}
    assert list(by_name) == ["adopted", "authored", "drifted", "renamed", "second", "created", "orphan"]
    assert by_name["authored"]["fields"] == [
        {"path": "/name", "origin": "authored", "recorded": "A", "desired": "B"},
    ]
    assert by_name["drifted"]["fields"][0]["live"] is None
    assert by_name["created"]["id"] is None
    assert by_name["created"]["source"] == {"file": "sequences/created.yaml", "line": 1}
    assert "source" not in by_name["orphan"]
    assert "operation" not in by_name["orphan"]
    assert by_name["authored"]["operation"]["method"] == "PATCH"
    assert by_name["authored"]["operation"]["body"].keys() == {"custom_id", "name", "is_continuous", "filter", "steps"}
    sent = by_name["created"]["operation"]["body"]["filter"]["or"][0]["and"][0]
    assert sent["sequence_id"] == {"$sequence": "second"}
    assert [each["rule"] for each in document["violations"]] == [
        "adoption",
        "probable-rename",
        "unreadable",
        "vanished",
    ]


def test_the_way_back_keeps_a_real_plan_whole() -> None:
    for plan in (build_plan(world()), *DRAWN.values()):
        document = to_document(plan)
        assert to_document(from_document(json.loads(json.dumps(document)))) == document


@settings(PATIENT, max_examples=20)
@given(st.randoms(use_true_random=False))
def test_no_order_of_the_inputs_shows_in_the_document(shuffler: random.Random) -> None:
    whole = world()
    assert whole.state is not None

    def shuffled(mapping: Any) -> dict[str, Any]:
        return dict(shuffler.sample(list(mapping.items()), k=len(mapping)))

    mixed = replace(
        whole,
        desired=tuple(shuffler.sample(whole.desired, k=len(whole.desired))),
        state=replace(whole.state, records=shuffled(whole.state.records)),
        readings=shuffled(whole.readings),
    )
    assert json.dumps(to_document(build_plan(mixed))) == json.dumps(to_document(build_plan(whole)))


def test_where_a_manifest_stands_and_how_a_reason_is_worded_are_not_digested() -> None:
    plan = build_plan(world())
    elsewhere = replace(
        plan,
        changes=tuple(replace(each, source=Source(file="x", line=9), reason="otherwise") for each in plan.changes),
    )
    assert plan_digest(elsewhere) == plan_digest(plan)
    moved = replace(world(), desired=tuple(replace(each, source=Source(file="y", line=3)) for each in world().desired))
    assert plan_digest(build_plan(moved)) == plan_digest(plan)


def with_first_field(plan: Plan, **changes: Any) -> Plan:
    first, *rest = plan.changes
    field, *others = first.fields
    return replace(plan, changes=(replace(first, fields=(replace(field, **changes), *others)), *rest))


def with_first_operation(plan: Plan, **changes: Any) -> Plan:
    first, *rest = plan.changes
    assert first.operation is not None
    return replace(plan, changes=(replace(first, operation=replace(first.operation, **changes)), *rest))


@pytest.mark.parametrize(
    "edited",
    [
        pytest.param(lambda plan: replace(plan, environment="other"), id="the environment"),
        pytest.param(lambda plan: replace(plan, changes=plan.changes[1:]), id="a change less"),
        pytest.param(lambda plan: replace(plan, changes=plan.changes[::-1]), id="the order of changes"),
        pytest.param(lambda plan: with_first_field(plan, desired=ABSENT), id="a desired value"),
        pytest.param(lambda plan: with_first_field(plan, live=None), id="a live value"),
        pytest.param(lambda plan: with_first_field(plan, recorded=None), id="a recorded value, null for absent"),
        pytest.param(lambda plan: with_first_field(plan, origin=Origin.CONFLICT), id="an origin"),
        pytest.param(lambda plan: with_first_operation(plan, method="POST"), id="a method"),
        pytest.param(lambda plan: with_first_operation(plan, path="/sequences/other"), id="a path"),
        pytest.param(lambda plan: with_first_operation(plan, body=Payload.of({})), id="a body"),
        *(
            pytest.param(
                lambda plan, k=key, v=value: replace(plan, basis=replace(plan.basis, **{k: v})), id=f"its {key}"
            )
            for key, value in {
                "lineage": "other",
                "serial": 4,
                "manifests": "other",
                "refresh": Refresh.CHANGED,
                "endpoint": "other",
                "schema": "other",
                "only": ("a",),
                "adopt": True,
            }.items()
        ),
    ],
)
def test_what_would_be_sent_and_what_it_was_decided_from_is_digested(edited: Any) -> None:
    plan = build_plan(world())
    assert plan_digest(edited(plan)) != plan_digest(plan)
    assert differences(to_document(plan), to_document(edited(plan))) != []


def test_instructions_are_part_of_what_a_plan_was_decided_from() -> None:
    assert plan_digest(build_plan(snapshot(desired(owner="x")))) != plan_digest(build_plan(snapshot(desired())))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, []),
        ({"environment": "other"}, ["the environment"]),
        ({"endpoint": "https://api.open.cx"}, ["the endpoint (sandbox then, https://api.open.cx now)"]),
        ({"refresh": Refresh.NONE}, ["what is read from live (all then, none now)"]),
        ({"adopt": True}, ["whether adopting is allowed (none then, True now)"]),
        ({"schema": "sha256:" + "f" * 64}, ["the schema (sha256:s… then, sha256:ffffffffffff… now)"]),
        ({"environment": "o", "endpoint": "p"}, ["the environment", "the endpoint (sandbox then, p now)"]),
    ],
)
def test_a_stale_plan_says_what_moved(asked: dict[str, Any], words: list[str]) -> None:
    given = to_document(build_plan(snapshot(desired())))
    now = build_plan(replace(snapshot(desired()), request=request(**asked)))
    assert differences(given, to_document(now)) == words


def test_a_stale_plan_names_manifests_and_state() -> None:
    given = to_document(build_plan(snapshot(desired())))
    moved = differences(given, to_document(build_plan(snapshot(desired(name="B"), records={}))))
    assert [each.split(" (")[0] for each in moved] == ["the manifests", "the state's lineage", "the state's serial"]


def test_live_that_moved_in_between_is_a_difference_in_what_would_be_done() -> None:
    given, now = (
        to_document(build_plan(snapshot(desired(), records={"a": record()}, readings={"a": live(name=name)})))
        for name in ("B", "C")
    )
    assert differences(given, now) == ["what would be done, or why"]


def test_a_step_that_began_since_is_no_difference_and_a_sequence_that_did_is_one() -> None:
    def document(status: str, *times: StepTimes) -> dict[str, Any]:
        seen = replace(live(), status=status, times=times)
        inserted = desired(steps=[STEP, {**STEP, "delay_in_minutes": 5}])
        return to_document(build_plan(snapshot(inserted, records={"a": record()}, readings={"a": seen})))

    before, began = document("active"), document("active", StepTimes(started_at="2026-05-12T00:00:00Z"))
    waiting = document("pending")
    assert before["digest"] == began["digest"] == waiting["digest"]
    assert (before["changes"][0]["risk"], waiting["changes"][0]["risk"]) == ("R4", "R3")
    assert differences(before, began) == []
    assert differences(waiting, before) == ["what would be done, or why"]
    assert moved_with_live(waiting, before) == {"a"}


def test_no_word_of_a_document_is_outside_its_checksum() -> None:
    document = to_document(build_plan(world()))
    assert document["checksum"] == document_checksum(json.loads(json.dumps(document)))
    for path in strings(document):
        if path != ("checksum",):
            assert document_checksum(replaced(document, path, "other")) != document["checksum"], path


def strings(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, str):
        return [path]
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [each for key, below in inner for each in strings(below, (*path, key))]


def test_another_line_of_the_same_file_is_no_difference() -> None:
    given, now = (to_document(build_plan(snapshot(desired(line=line)))) for line in (1, 7))
    assert differences(given, now) == []


@pytest.mark.parametrize("odd", [{}, {"basis": 1}, {"basis": {}, "changes": [1]}, {"changes": {"a": 1}}])
def test_what_is_no_plan_differs_from_one(odd: dict[str, Any]) -> None:
    assert differences(odd, to_document(build_plan(snapshot(desired())))) != []


SCRIPT = """
import json, sys
from pathlib import Path
from reconciler.adapters.manifests.load import load
from reconciler.adapters.schemas.checker import ManifestChecker
from reconciler.core.audience import check_audience
from reconciler.core.codec.plan import to_document
from reconciler.core.planner import build_plan
from reconciler.core.snapshot import Request, Snapshot
from reconciler.model.plan import Refresh
from reconciler.model.sequence import Live, Payload, Record
from reconciler.model.state import State
import tomllib

root = Path(sys.argv[1])
variables = tomllib.loads((root / "reconciler.toml").read_text())["environments"]["sandbox"]["variables"]
check = ManifestChecker(root / "schemas" / "sequence.schema.json").check
loaded = load(root, "sequences", variables=variables, check=check, inspect=check_audience)
assert loaded.desired and not loaded.diagnostics, loaded.diagnostics
moved = {each.custom_id: {**each.payload.value, "name": "moved", "filter": None} for each in loaded.desired}
records = {name: Record(id="id-" + name, applied=Payload.of(moved[name])) for name in list(moved)[::2]}
readings = {name: Live(id="id-" + name, org_id="o", payload=Payload.of(moved[name])) for name in list(moved)[::3]}
plan = build_plan(Snapshot(
    request=Request(environment="e", endpoint="sandbox", schema="s", refresh=Refresh.ALL),
    desired=loaded.desired,
    state=State(lineage="l", serial=1, org_id="o", records=records),
    readings=readings,
))
assert len(plan.changes) > 5
print(json.dumps(to_document(plan)))
"""


def test_the_hash_seed_does_not_show_in_a_single_byte() -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(ROOT)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("0", "1", "4294967295")
    ]
    outputs = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert len(set(outputs)) == 1
    assert json.loads(outputs[0])["digest"].startswith("sha256:")
