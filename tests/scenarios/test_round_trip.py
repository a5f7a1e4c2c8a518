"""For any drift, each of the three answers leads to an empty plan: revert, keep, and ignore."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from reconciler.sandbox.simulator import Simulator
from reconciler.sandbox.switches import Switches
from tests.scenarios.test_keeping import BODY, MANIFEST
from tests.scenarios.workbench import SCHEMA, SEGMENT, Document, Repository, email, manifest, reaching, sms

TEXTS = st.sampled_from(
    ["Hello", "yes", "0123", "a: b # c", "two\nlines\n", " - x", "it's", "é“…”", "{$file: x}", "x" * 200, "*a", "!b"]
)
LINES = st.sampled_from(["Hello", "yes", "0123", "a: b # c", "it's", "é“…”", "{x}", "*a", "&b", "2026-01-01"])
CONDITIONS = st.one_of(
    st.just(SEGMENT),
    st.builds(
        lambda names: {"type": "contacts_name_in", "name_in": names},
        st.lists(LINES, min_size=1, max_size=3, unique=True),
    ),
    st.sampled_from(
        [
            {"type": "contacts_created_at_between", "after": "2026-01-01T00:00:00Z"},
            {"type": "contacts_created_at_between", "before": "2027-01-01T00:00:00Z"},
            {"type": "all_contacts"},
        ]
    ),
)
STEPS = st.one_of(
    st.builds(sms, TEXTS, st.sampled_from([0, 1.5, 60])),
    st.builds(email, LINES, st.sampled_from([0, 5])),
    st.builds(lambda text: {"action": sms(text)["action"]}, TEXTS),
)
FILTERS = st.one_of(
    st.none(),
    st.builds(
        lambda groups: {"or": [{"and": group} for group in groups]},
        st.lists(st.lists(CONDITIONS, min_size=1, max_size=3), min_size=1, max_size=2),
    ),
)


@st.composite
def drifts(draw: st.DrawFn, before: Document) -> Document:
    """What somebody makes of a sequence in the dashboard: one or several fields of it."""
    changes: Document = {}
    kinds = draw(st.sets(st.sampled_from(["name", "continuous", "filter", "steps", "text", "condition"]), min_size=1))
    if "name" in kinds:
        changes["/name"] = draw(LINES)
    if "continuous" in kinds:
        changes["/is_continuous"] = not before["is_continuous"]
    if "filter" in kinds:
        changes["/filter"] = draw(FILTERS)
    elif "condition" in kinds:
        group = before["filter"]["or"][0]["and"]
        kept = draw(st.lists(st.sampled_from(group), unique_by=json.dumps))
        changes["/filter"] = {"or": [{"and": [*kept, draw(CONDITIONS)]}]}
    steps = before["steps"]
    if "steps" in kinds:
        order = draw(st.permutations(range(len(steps))))
        chosen = [steps[at] for at in order[: draw(st.integers(0, len(steps)))]]
        steps = [*chosen, draw(STEPS)]
        steps = [steps[at] for at in draw(st.permutations(range(len(steps))))]
    if "text" in kinds:
        at = draw(st.integers(0, len(steps) - 1))
        data = dict(steps[at]["action"]["data"])
        key = draw(st.sampled_from([key for key in data if key in ("message", "email_subject", "email_body")]))
        data[key] = draw(LINES if key == "email_subject" else TEXTS)
        steps = [*steps[:at], {**steps[at], "action": {**steps[at]["action"], "data": data}}, *steps[at + 1 :]]
    if steps is not before["steps"]:
        changes["/steps"] = steps
    return changes


EXAMPLES = 8

STYLES = {
    "comments, anchors and files": MANIFEST,
    "JSON": json.dumps(manifest("welcome", steps=[email(), sms("two\nlines"), email("Third", 3)]), indent=1) + "\n",
    "one line": json.dumps(manifest("welcome", filter=reaching(SEGMENT))) + "\n",
    "Windows": MANIFEST.replace("\n", "\r\n"),
    "shared blocks": """\
custom_id: welcome
name: &name Hello
is_continuous: false
filter: {or: [{and: [{type: contact_belongs_to_segment, segment_id: {$var: vip}}]}]}
steps:
- &one
  action: &action
    type: send_sms_messages
    data: {message: *name}
  delay_in_minutes: 0
- action: *action
- *one
- action:
    type: send_sms_messages
    data:
      message: >-
        folded text
        of two lines
""",
}


def repository_with(root: Path, text: str, simulator: Simulator) -> Repository:
    repository = Repository(root=root, simulator=simulator)
    (root / "sequences" / "welcome.yaml").write_bytes(text.encode())
    (root / "sequences" / "welcome.html").write_text(BODY, encoding="utf-8")
    repository.configure(
        '[environments.sandbox]\napi = "sandbox"\n[environments.sandbox.variables]\nvip = "segment-1"\n'
    )
    repository.applied()
    return repository


def content(repository: Repository) -> Document:
    found = dict(repository.simulator.find("welcome") or {})
    found["steps"] = [
        {key: step[key] for key in step if key in ("action", "delay_in_minutes")} for step in found["steps"]
    ]
    return found


def assert_empty(repository: Repository) -> None:
    for refresh in ("none", "all"):
        plan = repository.plan("--refresh", refresh)
        assert (plan["changes"], plan["violations"]) == ([], []), plan


def reverted(repository: Repository, _changes: Document) -> None:
    refused = [each["rule"] for each in repository.plan("--refresh", "all")["violations"]]
    # A one-off that somebody made of it has ended by now: that it is written to is a person's decision.
    meant = ["--override", "ended", "--reason", "it is made what it was"] if refused == ["ended"] else []
    repository.applied("--refresh", "all", *meant)


def kept(repository: Repository, _changes: Document) -> None:
    live = content(repository)
    result = repository.run("import", "--update", "welcome", "--format", "json")
    assert result.code == 0, result
    assert result.json["sequences"][0]["left"] == []
    assert content(repository) == live


def ignored(repository: Repository, changes: Document) -> None:
    path = repository.root / "sequences" / "welcome.yaml"
    text = path.read_text(encoding="utf-8")
    entries = [{"path": pointer, "reason": "theirs", "until": "9999-12-31"} for pointer in changes]
    block = {"ignore": entries}
    if text.startswith("{"):
        path.write_text(json.dumps({**json.loads(text), "reconciler": block}), encoding="utf-8")
    elif "reconciler:\n" in text:
        path.write_text(text + f"  ignore: {json.dumps(entries)}\n", encoding="utf-8")
    else:
        path.write_text(text + f"reconciler: {json.dumps(block)}\n", encoding="utf-8")
    live = content(repository)
    repository.applied("--refresh", "all")
    assert content(repository) == live


ANSWERS = {"revert": reverted, "keep": kept, "ignore": ignored}


@pytest.mark.parametrize("style", STYLES)
@given(data=st.data(), switch=st.sampled_from(["lists=kept", "lists=reordered", "strings=trimmed", "numbers=floats"]))
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
def test_each_answer_to_any_drift_leads_to_an_empty_plan(
    tmp_path_factory: pytest.TempPathFactory, style: str, data: Any, switch: str
) -> None:
    root = tmp_path_factory.mktemp("drift")
    (root / "sequences").mkdir()
    (root / ".reconciler").mkdir()
    with Simulator(root / ".reconciler" / "sandbox.sqlite3", schema=SCHEMA) as simulator:
        simulator.switches = Switches.parse([switch])
        repository = repository_with(root, STYLES[style], simulator)
        changes = data.draw(drifts(content(repository)))
        answer = data.draw(st.sampled_from(sorted(ANSWERS)))
        simulator.edit("welcome", changes)
        ANSWERS[answer](repository, changes)
        assert_empty(repository)
        assert repository.run("validate").code == 0
