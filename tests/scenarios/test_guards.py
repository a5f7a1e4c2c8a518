"""Every guard through the command line, on the sandbox: what it refuses, what its override says, and what is sent.

The sandbox's ledger is the oracle: refused means that no write left.
"""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from reconciler.core.codec.plan import document_checksum
from tests.cli.test_documents import check
from tests.scenarios.workbench import SEGMENT, Repository, Result, after_sequence, email, reaching, sms, writes

ALWAYS = 'freeze = [{ from = "2000-01-01T00:00", to = "2999-01-01T00:00", zone = "Europe/Berlin" }]'
NEVER = 'freeze = [{ from = "2000-01-01T00:00", to = "2001-01-01T00:00", zone = "Europe/Berlin" }]'
BECAUSE = "approved in ticket 12"


def guarded(repository: Repository, text: str) -> None:
    path = repository.root / "reconciler.toml"
    before = path.read_text() if path.exists() else '[environments.sandbox]\napi = "sandbox"\n'
    head = before.partition("\n[environments")[0] if "guards" in before else before
    repository.configure(f"{head}\n[environments.{repository.environment}.guards]\n{text}\n")


def overriding(guard: str) -> list[str]:
    return ["--override", guard, "--reason", BECAUSE]


def refused(repository: Repository, *options: str) -> list[tuple[str, str | None]]:
    """Plan and apply, both of which end with 7 and send no write; return what refuses."""
    before = repository.state_file.read_bytes() if repository.state_file.exists() else None
    with repository.watched() as seen:
        planned = repository.run("plan", "--format", "json", *options)
        applied = repository.run("apply", "--yes", "--format", "json", *options)
        text = repository.run("apply", "--yes", *options)
    assert (planned.code, applied.code, text.code, writes(seen)) == (7, 7, 7, [])
    check("plan", planned.json)
    check("apply", applied.json)
    assert applied.json["violations"] == planned.json["violations"]
    assert "Nothing was sent." in text.out
    assert (repository.state_file.read_bytes() if repository.state_file.exists() else None) == before
    return [(each["rule"], each.get("custom_id")) for each in planned.json["violations"]]


def sent(repository: Repository, *options: str) -> list[str]:
    """Apply, which must do all of it, and return the methods of what was written."""
    with repository.watched() as seen:
        result = repository.run("apply", "--yes", "--format", "json", *options)
    assert (result.code, result.err) == (0, ""), result
    return [entry.method for entry in writes(seen)]


def recorded(repository: Repository) -> list[tuple[str, str]]:
    check("state", repository.state)
    return [(each["guard"], each["reason"]) for each in repository.state.get("overrides", [])]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A repository in which one guard refuses: how it is made, and which sequence it is about."""

    guards: str
    about: str | None
    before: tuple[str, ...] = ()
    after: dict[str, dict[str, Any]] = field(default_factory=dict)
    live: dict[str, Any] = field(default_factory=dict)
    cancels: bool = False
    forgets: bool = False
    options: tuple[str, ...] = ()
    methods: tuple[str, ...] = ("PATCH",)


EDITED = {"welcome": {"name": "Edited"}}
CASES = {
    "max-changes": Case(guards="max_changes = 1", about=None, after={"one": {}, "two": {}}, methods=("POST", "POST")),
    "max-changes-percent": Case(
        guards="max_changes_percent = 10", about=None, after={"one": {}, "two": {}}, methods=("POST", "POST")
    ),
    "senders": Case(
        guards='senders = { domains = ["elsewhere.example"] }', about="welcome", before=("welcome",), after=EDITED
    ),
    "protected": Case(guards='protected = ["wel*"]', about="welcome", before=("welcome",), after=EDITED),
    "freeze": Case(guards=ALWAYS, about=None, before=("welcome",), after=EDITED),
    "ended": Case(guards="", about="welcome", before=("welcome",), after=EDITED, cancels=True),
    "adoption": Case(
        guards='adoption = "refuse"',
        about="welcome",
        before=("welcome",),
        after=EDITED,
        forgets=True,
        options=("--adopt",),
    ),
    "drift": Case(
        guards='drift = "refuse"',
        about="welcome",
        before=("welcome",),
        live={"/name": "Theirs"},
        options=("--refresh", "all"),
    ),
}


def build(repository: Repository, case: Case) -> None:
    for custom_id in case.before:
        repository.write(custom_id)
        repository.applied()
    for custom_id, changes in case.after.items():
        repository.write(custom_id, **changes)
    if case.live:
        repository.simulator.edit("welcome", case.live)
    if case.cancels:
        repository.simulator.cancel("welcome")
    if case.forgets:
        assert repository.run("state", "forget", "welcome").code == 0
    guarded(repository, case.guards)


@pytest.mark.parametrize("guard", CASES)
def test_a_guard_refuses_and_its_override_is_recorded(repository, guard):
    case = CASES[guard]
    build(repository, case)
    assert refused(repository, *case.options) == [(guard, case.about)]
    assert f"--override {guard}" in repository.run("plan", *case.options).out.replace("\n    ", " ")
    options = [*case.options, *overriding(guard)]
    plan = repository.plan(*options)
    check("plan", plan)
    assert (plan["violations"], plan["basis"]["overrides"]) == ([], [{"guard": guard, "reason": BECAUSE}])
    assert BECAUSE in next(each["message"] for each in plan["warnings"] if each["rule"] == "overridden")
    assert sent(repository, *options) == list(case.methods)
    assert recorded(repository) == [(guard, BECAUSE)]
    assert repository.state["overrides"][0]["plan"] == plan["digest"]
    listed = repository.json("state", "list")
    check("state-list", listed)
    assert listed["overrides"] == repository.state["overrides"]
    assert f"overridden: {guard} ({BECAUSE})" in repository.run("state", "list").out
    assert repository.plan(*case.options[:2])["changes"] == []  # and the next one has nothing to do


@pytest.mark.parametrize("guard", CASES)
def test_no_override_but_the_guards_own_lets_anything_through(embedded, guard):
    case = CASES[guard]
    build(embedded, case)
    others = [option for other in CASES if other != guard for option in overriding(other)]
    assert refused(embedded, *case.options, *others) == [(guard, case.about)]


# What was reviewed is what is carried out.


def saved(repository: Repository, *options: str) -> str:
    repository.run("plan", "--out", "plan.json", *options)
    return "plan.json"


def test_a_saved_plan_brings_its_overrides_along(repository):
    build(repository, CASES["protected"])
    plan = saved(repository, *overriding("protected"))
    usage = repository.run("apply", plan, "--yes", *overriding("protected"))
    assert (usage.code, "brings its own" in usage.err) == (64, True)
    assert "`protected` is overridden" in repository.run("show", plan).out
    assert sent(repository, plan) == ["PATCH"]
    assert recorded(repository) == [("protected", BECAUSE)]


def test_a_saved_plan_that_was_refused_is_not_carried_out(repository):
    build(repository, CASES["protected"])
    plan = saved(repository)
    result, seen = repository.requests("apply", plan, "--yes")
    assert (result.code, writes(seen)) == (7, [])
    guarded(repository, "")  # nor where somebody takes the guard away meanwhile
    result, seen = repository.requests("apply", plan, "--yes")
    assert (result.code, writes(seen)) == (7, [])


def test_a_digest_names_the_overrides_and_their_reasons_too(repository):
    build(repository, CASES["protected"])
    digest = repository.plan(*overriding("protected"))["digest"]
    for options in ([], ["--override", "protected", "--reason", "another"]):
        result, seen = repository.requests("apply", "--yes", "--expect", digest, *options)
        assert (result.code, writes(seen)) == (7, [])
    assert sent(repository, "--expect", digest, *overriding("protected")) == ["PATCH"]


def test_a_plan_of_other_guards_is_stale(repository):
    repository.write("welcome")
    guarded(repository, "max_changes = 5")
    plan = saved(repository)
    guarded(repository, "max_changes = 6")
    result, seen = repository.requests("apply", plan, "--yes")
    assert (result.code, writes(seen)) == (7, [])
    assert "the guards (sha256:" in result.err


def test_a_plan_that_was_edited_to_override_is_refused(embedded):
    build(embedded, CASES["protected"])
    path = embedded.root / saved(embedded)
    document = json.loads(path.read_text())
    document["basis"]["overrides"] = [{"guard": "protected", "reason": "x"}]
    path.write_text(json.dumps(document))
    result, seen = embedded.requests("apply", str(path), "--yes")
    assert (result.code, writes(seen)) == (7, [])
    assert "was edited" in result.err


def test_what_somebody_canceled_since_the_plan_was_made_is_left_alone(repository):
    for name in ("first", "second"):
        repository.write(name)
    repository.applied()
    for name in ("first", "second"):
        repository.write(name, name="Edited")
    repository.simulator.cancel("first")
    with repository.watched() as seen:
        result = repository.run("apply", "--yes", "--refresh", "none", "--format", "json")
    assert [(each["custom_id"], each["status"]) for each in result.json["outcomes"]] == [
        ("first", "not_sent"),
        ("second", "applied"),
    ]
    assert (result.code, len(writes(seen))) == (8, 1)


# Freezes pass, and so does what a plan says of them.


def test_a_plan_that_was_made_in_a_freeze_is_applied_after_it(embedded):
    embedded.write("welcome")
    embedded.configure(f'[environments.sandbox]\napi = "sandbox"\n[environments.sandbox.guards]\n{NEVER}\n')
    path = embedded.root / saved(embedded)
    document = json.loads(path.read_text())
    assert document["violations"] == []
    frozen = {"rule": "freeze", "message": "nothing is written now: ..."}
    then = {**document, "violations": [frozen]}  # as it would have been written then
    path.write_text(json.dumps({**then, "checksum": document_checksum(then)}))
    assert sent(embedded, "plan.json") == ["POST"]


def test_where_live_has_moved_a_freeze_still_refuses_what_is_left(repository):
    for name in ("first", "second"):
        repository.write(name)
    repository.applied()
    for name in ("first", "second"):
        repository.write(name, name="Edited")
    guarded(repository, ALWAYS)
    plan = saved(repository, "--refresh", "all")
    repository.simulator.edit("first", {"/name": "Theirs"})
    result, seen = repository.requests("apply", plan, "--yes")
    assert (result.code, writes(seen)) == (7, [])
    assert "It cannot be applied: 1 refusal above." in result.out


# Risk.


def test_risk_is_applied_only_by_whoever_names_the_plan(repository):
    repository.write("welcome", steps=[email(), sms()])
    guarded(repository, 'acknowledge = "R3"')
    assert refused(repository) == [("acknowledge", None)]
    digest = repository.plan()["digest"]
    other = "sha256:" + "0" * 64
    for answer in (f"R4:{other}", f"R0:{digest}"):
        result, seen = repository.requests("apply", "--yes", "--acknowledge", answer)
        assert (result.code, writes(seen)) == (7, [])
    plan = saved(repository)
    assert sent(repository, plan, "--acknowledge", f"R4:{digest}") == ["POST"]
    assert recorded(repository) == []


def test_only_risk_from_the_named_class_on_needs_an_answer(repository):
    repository.write("welcome", steps=[email(delay=60)])
    repository.applied()
    guarded(repository, 'acknowledge = "R3"')
    repository.write("welcome", steps=[email("Another subject", delay=90)])  # copy and timing
    assert sent(repository) == ["PATCH"]
    repository.write("welcome", steps=[sms(delay=90)])
    assert refused(repository) == [("acknowledge", None)]
    plan = repository.plan()
    assert plan["summary"]["risk"] == "R3"
    assert sent(repository, "--acknowledge", f"R3:{plan['digest']}") == ["PATCH"]


def test_an_audience_that_moves_without_a_change_needs_an_answer_as_well(embedded):
    narrow = {"type": "contact_belongs_to_segment", "segment_id": "segment-2"}
    embedded.write("first", filter=reaching(SEGMENT, after_sequence("zeroth")))
    embedded.write("zeroth", filter=reaching(SEGMENT, narrow))
    embedded.applied()
    guarded(embedded, 'acknowledge = "R3"')
    embedded.write("zeroth")
    (violation,) = embedded.plan()["violations"]
    assert "`zeroth`" in violation["message"]
    assert "`first`" in violation["message"]


def test_a_wrong_acknowledgement_is_refused_also_where_none_is_needed(embedded):
    embedded.write("welcome")
    result, seen = embedded.requests("apply", "--yes", "--acknowledge", "R3:" + "0" * 64)
    assert (result.code, writes(seen)) == (7, [])


# Mistakes.


def told(result: Result) -> tuple[int, str]:
    return result.code, result.err.splitlines()[-1]


@pytest.mark.parametrize("command", ["plan", "apply"])
def test_mistakes_with_overrides_are_wrong_usage(embedded, command):
    embedded.write("welcome")
    yes = ["--yes"] if command == "apply" else []
    for options, hint in [
        (["--override", "freez", "--reason", "x"], "did you mean `freeze`?"),
        (["--override", "freeze"], "each override needs its own reason"),
        (["--reason", "x"], "each override needs its own reason"),
        (["--override", "outcome-unknown", "--reason", "x"], "state resolve"),
        (["--override", "freeze", "--reason", " "], "it is recorded"),
    ]:
        result, seen = embedded.requests(command, *yes, *options)
        code, last = told(result)
        assert (code, hint in last, seen) == (64, True, []), result


@pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"], ["validate"], ["state", "list"]])
def test_guards_that_cannot_be_read_refuse_everything(embedded, command):
    embedded.write("welcome")
    guarded(embedded, 'max_changes = "many"')
    result, seen = embedded.requests(*command)
    assert (result.code, seen) == (4, [])
    assert "`max_changes` must be a whole number" in result.err


def test_an_override_that_overrides_nothing_does_no_harm(embedded):
    embedded.write("welcome")
    assert [each["rule"] for each in embedded.plan(*overriding("drift"))["warnings"]] == ["idle-override"]
    assert sent(embedded, *overriding("drift")) == ["POST"]


def test_an_acknowledgement_is_recorded_with_its_plan_and_a_state_without_one_still_loads(repository):
    guarded(repository, 'acknowledge = "R3"')
    repository.write("one")
    plan = repository.plan()
    assert repository.run("apply", "--yes", "--acknowledge", f"R4:{plan['digest']}").code == 0
    (used,) = repository.state["plans"]
    assert (used["digest"], used["acknowledged"]) == (plan["digest"], "R4")
    (told,) = repository.json("state", "list")["acknowledgements"]
    assert (told["risk"], told["plan"]) == ("R4", plan["digest"])
    assert "acknowledged: R4" in repository.run("state", "list").out
    guarded(repository, "")
    repository.write("two")
    repository.applied()
    assert [each.get("acknowledged") for each in repository.state["plans"]] == ["R4", None]


def test_a_pattern_that_protects_nothing_is_warned_of(embedded):
    guarded(embedded, 'protected = ["billing-*", "welc*", "terms"]')
    embedded.write("welcome")
    said = [each["message"] for each in embedded.plan()["warnings"] if each["rule"] == "matches-nothing"]
    assert said == [
        f"`{pattern}` in `protected` matches no custom_id, so it protects nothing: see how it is spelled"
        for pattern in ("billing-*", "terms")
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--override", "freeze"), "`--override` is given once and `--reason` never"),
        (("--reason", "x"), "`--override` is given never and `--reason` once"),
        (("--override", "freeze", "--override", "drift", "--reason", "x"), "given twice and `--reason` once"),
    ],
)
def test_each_override_has_its_reason(embedded, given, said):
    told = embedded.run("plan", *given)
    assert (told.code, said in told.err) == (64, True), told


@pytest.mark.parametrize(
    ("policy", "options", "action"),
    [
        ("refuse", ["--adopt"], None),
        ("refuse", [], None),
        ("asked", ["--adopt"], "adopt"),
        ("asked", [], None),
        ("allow", [], "adopt"),
        ("allow", ["--adopt"], "adopt"),
    ],
)
def test_adopting_follows_the_policy_and_what_was_asked(repository, policy, options, action):
    repository.write("welcome")
    repository.applied()
    assert repository.run("state", "forget", "welcome").code == 0
    guarded(repository, f'adoption = "{policy}"')
    plan = repository.plan("--refresh", "all", *options)
    result, seen = repository.requests("apply", "--yes", "--refresh", "all", *options)
    assert writes(seen) == []
    if action is None:
        assert plan["violations"]
        assert (result.code, repository.state["records"]) == (7, {})
    else:
        assert (plan["violations"], [each["action"] for each in plan["changes"]]) == ([], [action])
        assert result.code == 0
        assert list(repository.state["records"]) == ["welcome"]
