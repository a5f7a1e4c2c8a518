"""Each guard at, below and above its limit, on small sets and on none; and what an override makes of its refusals."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.core.codec.comparison import differences
from reconciler.core.codec.plan import from_document, plan_digest, to_document
from reconciler.core.guarding.acknowledgement import Acknowledgement, acknowledgement, risk_of, unacknowledged
from reconciler.core.guarding.amount import share
from reconciler.core.guarding.judging import GUARDS
from reconciler.core.guarding.overriding import LONGEST_REASON, checked_overrides
from reconciler.core.guarding.senders import domain_of
from reconciler.core.guarding.writing import WriteGuards
from reconciler.core.planner import build_plan
from reconciler.core.snapshot import Snapshot
from reconciler.errors import ExitCode, UsageError
from reconciler.model.guards import NO_GUARDS, Adoption, Guards, Override, Period, Rule, Senders
from reconciler.model.plan import Plan, Refresh
from reconciler.model.state import Pending
from tests.core.core_values import BERLIN, PATIENT, at, desired, live, local, payload, record, snapshot

FROZEN = Period(begin=local("2026-12-24T00:00"), end=local("2027-01-02T00:00"), zone=BERLIN)
IN_IT = at("2026-12-25T12:00:00+01:00")
EMAIL = {
    "action": {"type": "send_emails", "data": {"from_email": "ada@Example.com", "email_sender_name": "Ada"}},
    "delay_in_minutes": 0,
}


def edited(number: int, *, recorded: int, **asked: Any) -> Snapshot:
    """So many sequences of those that are recorded have another name than they had."""
    names = [f"s{each:03}" for each in range(recorded)]
    return snapshot(
        *(desired(name, name="B" if place < number else "A") for place, name in enumerate(names)),
        records={name: record(name) for name in names},
        refresh=Refresh.NONE,
        **asked,
    )


def rules(plan: Plan) -> list[tuple[str, str | None]]:
    return [(each.rule, each.custom_id) for each in plan.violations]


def refused(taken: Snapshot) -> list[tuple[str, str | None]]:
    plan = build_plan(taken)
    assert all(each.exit_code is ExitCode.REFUSED for each in plan.violations)
    assert all("--override" in each.message or each.rule == "adoption" for each in plan.violations)
    return rules(plan)


def said(taken: Snapshot) -> str:
    (violation,) = build_plan(taken).violations
    return violation.message


# How much.


@pytest.mark.parametrize(
    ("limit", "writes", "fits"), [(3, 2, True), (3, 3, True), (3, 4, False), (0, 0, True), (0, 1, False)]
)
def test_so_many_changes_are_allowed_and_no_more(limit: int, writes: int, fits: bool) -> None:
    taken = edited(writes, recorded=6, guards=Guards(max_changes=limit))
    assert refused(taken) == ([] if fits else [("max-changes", None)])
    if not fits:
        assert f"writes to {writes} sequence" in said(taken)
        assert f"`max_changes` allows {limit} " in said(taken)


@pytest.mark.parametrize(
    ("percent", "recorded", "allowed"),
    [
        ("10", 0, 1),
        ("10", 1, 1),
        ("10", 3, 1),
        ("10", 10, 1),
        ("10", 11, 2),
        ("10", 20, 2),
        ("10", 21, 3),
        ("5.6", 125, 7),  # as floats this is 7.000000000000001
        ("0.01", 100, 1),
        ("100", 4, 4),
    ],
)
def test_a_share_is_rounded_up_exactly_and_is_at_least_one(percent: str, recorded: int, allowed: int) -> None:
    assert share(recorded, Fraction(percent)) == allowed
    guards = Guards(max_changes_percent=Fraction(percent))
    for writes in {min(allowed, recorded), min(allowed + 1, recorded)}:
        expected = [] if writes <= allowed else [("max-changes-percent", None)]
        assert refused(edited(writes, recorded=recorded, guards=guards)) == expected


def test_a_share_of_nothing_lets_one_be_created_and_no_more() -> None:
    guards = Guards(max_changes_percent=Fraction(50))
    assert refused(snapshot(desired("a"), guards=guards)) == []
    assert refused(snapshot(desired("a"), desired("b"), guards=guards)) == [("max-changes-percent", None)]
    assert "of 0 recorded allows 1 " in said(snapshot(desired("a"), desired("b"), guards=guards))


def test_number_and_share_both_hold() -> None:
    both = Guards(max_changes=2, max_changes_percent=Fraction(10))
    assert refused(edited(3, recorded=10, guards=both)) == [("max-changes", None), ("max-changes-percent", None)]
    assert refused(edited(2, recorded=10, guards=both)) == [("max-changes-percent", None)]
    assert refused(edited(3, recorded=100, guards=both)) == [("max-changes", None)]


def test_only_what_is_sent_counts_as_a_change() -> None:
    guards = Guards(max_changes=0)
    follows = snapshot(desired(name="B"), records={"a": record()}, readings={"a": live(name="B")}, guards=guards)
    plan = build_plan(follows)
    assert (plan.has_work, rules(plan)) == (True, [])
    assert refused(snapshot(records={"a": record()}, guards=guards)) == []  # an orphan


# Who, which, and when.


def mails(**guards: Any) -> Snapshot:
    return snapshot(desired(steps=[EMAIL]), guards=Guards(senders=Senders(**guards)))


@pytest.mark.parametrize(
    ("domains", "fits"), [(("example.com",), True), (("mail.example.com",), False), (("com",), False), ((), False)]
)
def test_a_domain_stands_for_itself_in_any_case(domains: tuple[str, ...], fits: bool) -> None:
    assert refused(mails(domains=domains)) == ([] if fits else [("senders", "a")])


@pytest.mark.parametrize(("names", "fits"), [(("Ada", "Bob"), True), (("ada",), False), ((), False)])
def test_a_senders_name_is_the_very_one(names: tuple[str, ...], fits: bool) -> None:
    assert refused(mails(names=names)) == ([] if fits else [("senders", "a")])


def test_a_strange_sender_is_named_by_its_domain_and_never_by_its_address() -> None:
    message = said(mails(domains=("one.example", "two.example")))
    assert "step 1 sends from the domain `example.com`, and `senders` allows 2: `one.example`" in message
    assert "ada@" not in message.lower()
    assert "Ada" not in said(mails(names=("Bob",)))


def test_other_channels_have_no_sender_and_what_is_kept_is_not_judged() -> None:
    guards = Guards(senders=Senders(domains=()))
    assert refused(snapshot(desired(), guards=guards)) == []
    kept = snapshot(desired(steps=[EMAIL]), records={"a": record(steps=[EMAIL])}, guards=guards, refresh=Refresh.NONE)
    assert refused(kept) == []


@pytest.mark.parametrize("address", ["nobody", "a@b@example.com", "a@", "a@exa mple.com", "a@example.com\n", None, 5])
def test_what_is_no_address_has_no_domain(address: Any) -> None:
    assert domain_of(address) is None


@pytest.mark.parametrize(
    ("patterns", "fits"), [(("a",), False), (("b", "?"), False), (("*",), False), (("b*", "A"), True), ((), True)]
)
def test_a_protected_sequence_is_not_written(patterns: tuple[str, ...], fits: bool) -> None:
    taken = snapshot(
        desired(name="B"), records={"a": record()}, refresh=Refresh.NONE, guards=Guards(protected=patterns)
    )
    assert refused(taken) == ([] if fits else [("protected", "a")])
    untouched = replace(taken, desired=(desired(),))
    assert refused(untouched) == []


def test_a_protected_sequence_does_not_get_away_by_a_rename() -> None:
    renamed = desired("b", renamed_from="a")
    taken = snapshot(renamed, records={"a": record()}, refresh=Refresh.NONE, guards=Guards(protected=("a",)))
    assert refused(taken) == [("protected", "b")]
    assert "`a`, which it is recorded as" in said(taken)


@pytest.mark.parametrize(("status", "fits"), [("canceled", False), ("complete", False), ("active", True), (None, True)])
def test_what_has_ended_is_not_written_whether_or_not_anybody_asked_for_that_guard(
    status: str | None, fits: bool
) -> None:
    seen = replace(live(), status=status)
    expected = [] if fits else [("ended", "a")]
    read = snapshot(desired(name="B"), records={"a": record()}, readings={"a": seen})
    offline = snapshot(desired(name="B"), records={"a": replace(record(), status=status)}, refresh=Refresh.NONE)
    assert (refused(read), refused(offline)) == (expected, expected)
    allowed = replace(read, request=replace(read.request, guards=Guards(ended=Rule.ALLOW)))
    plan = build_plan(allowed)
    assert (rules(plan), [each.rule for each in plan.warnings]) == ([], [] if fits else ["ended"])


@pytest.mark.parametrize(
    ("status", "claim"), [("canceled", "nobody;"), ("complete", "nobody, unless it makes it send again;")]
)
def test_what_is_complete_is_not_said_to_reach_nobody_for_sure(status: str, claim: str) -> None:
    read = snapshot(desired(name="B"), records={"a": record()}, readings={"a": replace(live(), status=status)})
    assert f"would be written to it: that reaches {claim}" in said(read)


def test_what_is_read_says_more_about_an_end_than_what_is_recorded() -> None:
    ended = replace(record(), status="canceled")
    taken = snapshot(desired(name="B"), records={"a": ended}, readings={"a": live()})
    assert refused(taken) == []


@pytest.mark.parametrize(
    ("policy", "asked", "fits"),
    [
        (Adoption.ASKED, False, False),
        (Adoption.ASKED, True, True),
        (Adoption.ALLOW, False, True),
        (Adoption.ALLOW, True, True),
        (Adoption.REFUSE, False, False),
        (Adoption.REFUSE, True, False),
    ],
)
def test_adopting_needs_the_policy(policy: Adoption, asked: bool, fits: bool) -> None:
    guards = Guards(adoption=policy)
    taken = snapshot(desired(name="B"), readings={"a": live()}, adopt=asked, guards=guards)
    assert refused(taken) == ([] if fits else [("adoption", "a")])
    pending = {"a": Pending(payload=payload(name="B"), since="T")}
    ours = snapshot(desired(name="B"), pending=pending, readings={"a": live(name="B")}, adopt=asked, guards=guards)
    assert refused(ours) == []


@pytest.mark.parametrize(("rule", "fits"), [(Rule.ALLOW, True), (Rule.REFUSE, False)])
def test_drift_is_overwritten_only_where_that_is_allowed(rule: Rule, fits: bool) -> None:
    guards = Guards(drift=rule)
    drifted = snapshot(desired(), records={"a": record()}, readings={"a": live(name="L")}, guards=guards)
    assert refused(drifted) == ([] if fits else [("drift", "a")])
    conflict = snapshot(desired(name="D"), records={"a": record()}, readings={"a": live(name="L")}, guards=guards)
    assert refused(conflict) == ([] if fits else [("drift", "a")])
    authored = snapshot(desired(name="D"), records={"a": record()}, readings={"a": live()}, guards=guards)
    assert refused(authored) == []
    if not fits:
        assert "1 field that somebody changed in live would be overwritten (`/name`)" in said(drifted)


def test_nothing_is_written_within_a_freeze_and_what_writes_nothing_may_be_planned() -> None:
    guards = Guards(freeze=(FROZEN,))
    assert refused(edited(1, recorded=1, guards=guards, now=IN_IT)) == [("freeze", None)]
    assert refused(edited(1, recorded=1, guards=guards, now=at("2027-01-02T00:00:00+01:00"))) == []
    assert refused(edited(0, recorded=1, guards=guards, now=IN_IT)) == []
    assert "in Europe/Berlin it is 2026-12-25 12:00, and freeze 1 of 1 lasts until 2027-01-02 00:00" in said(
        edited(1, recorded=1, guards=guards, now=IN_IT)
    )


@pytest.mark.parametrize("now", [None, "", "yesterday", "2026-12-25T12:00:00"])
def test_a_freeze_that_cannot_be_judged_refuses(now: str | None) -> None:
    assert refused(edited(1, recorded=1, guards=Guards(freeze=(FROZEN,)), now=now)) == [("freeze", None)]
    assert WriteGuards(Guards(freeze=(FROZEN,))).forbidden(now or "", "active") is not None


# Risk.


def test_a_plan_of_some_risk_is_applied_only_by_whoever_names_it() -> None:
    plan = build_plan(edited(2, recorded=3))
    digest = plan_digest(plan)

    def answer(threshold: str | None, given: Acknowledgement | None) -> str | None:
        found = unacknowledged(plan, threshold, digest, given)
        return None if found is None else found.message

    other = "sha256:" + "0" * 64
    assert answer(None, None) is None
    gravest = max(risk_of(change) for change in plan.changes)
    asked = answer(gravest, None)
    assert asked is not None
    assert f"`--acknowledge={gravest}:{digest}`" in asked
    assert "for 2 sequences (`s000`" in asked
    assert answer(gravest, Acknowledgement(risk=gravest, digest=digest)) is None
    assert answer("R0", Acknowledgement(risk="R4", digest=digest)) is None
    assert answer(gravest, Acknowledgement(risk=gravest, digest=other)) is not None
    assert answer(None, Acknowledgement(risk=gravest, digest=other)) is not None
    nothing = build_plan(edited(0, recorded=3))
    assert unacknowledged(nothing, "R0", digest, None) is None


@pytest.mark.parametrize(
    "text", ["", "R3", "R3:", "R5:sha256:" + "0" * 64, "R3:sha256:" + "0" * 63, "R3:" + "0" * 64 + "\n"]
)
def test_an_acknowledgement_is_a_class_and_a_whole_digest(text: str) -> None:
    with pytest.raises(UsageError, match="--acknowledge"):
        acknowledgement(text)


def test_an_acknowledgement_may_leave_the_name_of_the_digest_out() -> None:
    whole = "sha256:" + "a" * 64
    assert (
        acknowledgement(f"R3:{whole}") == acknowledgement("R3:" + "a" * 64) == Acknowledgement(risk="R3", digest=whole)
    )


# Overrides.


EVERYTHING = Guards(
    max_changes=0,
    max_changes_percent=Fraction(1),
    senders=Senders(domains=()),
    protected=("*",),
    freeze=(FROZEN,),
    adoption=Adoption.REFUSE,
    drift=Rule.REFUSE,
)


def everything(**asked: Any) -> Snapshot:
    """A plan that each guard has something against."""
    return snapshot(
        desired("a", steps=[EMAIL]),
        desired("b"),
        desired("c", name="B"),
        desired("d"),
        records={"b": record("b"), "c": record("c"), "gone": record("gone")},
        readings={"a": live("a"), "b": live("b", name="L"), "c": replace(live("c"), status="canceled")},
        now=IN_IT,
        guards=EVERYTHING,
        **asked,
    )


def test_every_guard_can_be_met_and_each_is_overridden_by_its_own_name_alone() -> None:
    plain = build_plan(everything())
    assert {each.rule for each in plain.violations} == {guard.id for guard in GUARDS}
    for guard in GUARDS:
        plan = build_plan(everything(overrides=(Override(guard=guard.id, reason="because"),)))
        assert {each.rule for each in plan.violations} == {each.id for each in GUARDS} - {guard.id}
        told = [each for each in plan.warnings if each.rule == "overridden"]
        assert len(told) == sum(each.rule == guard.id for each in plain.violations)
        assert all(each.message.startswith(f"`{guard.id}` is overridden (because): ") for each in told)


def test_an_override_is_part_of_what_was_reviewed() -> None:
    def document(*overrides: Override) -> dict[str, Any]:
        return to_document(build_plan(edited(2, recorded=2, guards=Guards(max_changes=1), overrides=overrides)))

    because, otherwise = (Override(guard="max-changes", reason=reason) for reason in ("because", "otherwise"))
    plain, reviewed = document(), document(because)
    assert len({each["digest"] for each in (plain, reviewed, document(otherwise))}) == 3
    assert reviewed["basis"]["overrides"] == [{"guard": "max-changes", "reason": "because"}]
    assert "overrides" not in plain["basis"]
    assert from_document(reviewed).basis.overrides == (because,)
    assert differences(plain, reviewed) == ["the overrides (none then, max-changes now)"]


def test_guards_are_part_of_what_a_plan_was_decided_from_where_there_are_any() -> None:
    bare, few, fewer = (
        to_document(build_plan(edited(1, recorded=1, guards=each)))
        for each in (NO_GUARDS, Guards(max_changes=5), Guards(max_changes=4))
    )
    assert "guards" not in bare["basis"]
    assert len({each["digest"] for each in (bare, few, fewer)}) == 3
    assert differences(few, fewer)[0].startswith("the guards (sha256:")
    assert from_document(few).basis.guards == few["basis"]["guards"]


def test_a_plan_that_was_made_in_a_freeze_is_the_same_plan_afterwards() -> None:
    guards = Guards(freeze=(FROZEN,))
    for overrides in ((), (Override(guard="freeze", reason="because"),)):
        then, now = (
            to_document(build_plan(edited(1, recorded=1, guards=guards, overrides=overrides, now=moment)))
            for moment in (IN_IT, at("2027-02-01T00:00:00Z"))
        )
        assert then["violations"] + then["warnings"] != now["violations"] + now["warnings"]
        assert differences(then, now) == []


def test_an_override_that_overrides_nothing_is_pointed_out() -> None:
    plan = build_plan(edited(1, recorded=1, overrides=(Override(guard="drift", reason="because"),)))
    assert [each.rule for each in plan.warnings] == ["idle-override"]
    # Whether a freeze begins before the last write, nobody knows yet.
    frozen = edited(1, recorded=1, guards=Guards(freeze=(FROZEN,)), now=at("2026-01-01T00:00:00Z"))
    awaited = replace(frozen, request=replace(frozen.request, overrides=(Override(guard="freeze", reason="because"),)))
    assert build_plan(awaited).warnings == ()


@pytest.mark.parametrize(
    ("guards", "reasons", "words"),
    [
        (["freez"], ["x"], "did you mean `freeze`?"),
        (["nonsense"], ["x"], "there are: `max-changes`"),
        (["max_changes"], ["x"], "did you mean `max-changes`?"),
        (["vanished"], ["x"], "`reconciler state forget CUSTOM_ID`"),
        (["wrong-organisation"], ["x"], "key of the organisation"),
        (["unreadable"], ["x"], "try again"),
        (["outcome-unknown"], ["x"], "`reconciler state resolve CUSTOM_ID`"),
        (["acknowledge"], ["x"], "--acknowledge"),
        (["freeze"], [], "in the same order"),
        ([], ["x"], "in the same order"),
        (["freeze", "drift"], ["x"], "in the same order"),
        (["freeze", "freeze"], ["x", "y"], "one `--override`"),
        (["freeze"], [" \n "], "it is recorded"),
        (["freeze"], ["x" * (LONGEST_REASON + 1)], "say it shorter"),
        (["freeze"], ["said ada@example.org"], "name a ticket"),
    ],
)
def test_an_override_needs_a_known_guard_and_a_reason(guards: list[str], reasons: list[str], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        checked_overrides(guards, reasons)
    assert words in (caught.value.hint or "")


def test_overrides_come_sorted_and_on_one_line() -> None:
    found = checked_overrides(["protected", "freeze"], [" two\nlines ", "x" * LONGEST_REASON])
    assert found == (
        Override(guard="freeze", reason="x" * LONGEST_REASON),
        Override(guard="protected", reason="two lines"),
    )


# Right before a write.


@pytest.mark.parametrize(
    ("now", "status", "overridden", "stops"),
    [
        (IN_IT, "active", (), True),
        (IN_IT, "canceled", (), True),
        (IN_IT, "canceled", ("freeze",), False),
        (IN_IT, "canceled", ("freeze", "ended"), None),
        (IN_IT, "active", ("freeze",), None),
        (IN_IT, "active", ("ended",), True),
        ("2026-01-01T00:00:00Z", "complete", (), False),
        ("2026-01-01T00:00:00Z", "active", (), None),
        ("2026-01-01T00:00:00Z", None, (), None),
    ],
)
def test_what_is_still_asked_right_before_a_write(
    now: str, status: str | None, overridden: tuple[str, ...], stops: bool | None
) -> None:
    overrides = tuple(Override(guard=each, reason="because") for each in overridden)
    found = WriteGuards(Guards(freeze=(FROZEN,)), overrides).forbidden(now, status)
    assert (None if found is None else found.stops) is stops


# Together.


LIMITS = st.fixed_dictionaries(
    {},
    optional={
        "max_changes": st.integers(0, 4),
        "max_changes_percent": st.fractions(Fraction(1, 10), 100),
        "senders": st.just(Senders(domains=("elsewhere.example",))),
        "protected": st.sampled_from([("a",), ("b*", "c"), ("*",)]),
        "freeze": st.just((FROZEN,)),
        "adoption": st.just(Adoption.REFUSE),
        "drift": st.just(Rule.REFUSE),
    },
)


@PATIENT
@given(fewer=LIMITS, more=LIMITS, adopt=st.booleans())
def test_a_further_guard_never_takes_a_refusal_away(fewer: dict[str, Any], more: dict[str, Any], adopt: bool) -> None:
    plain = everything(adopt=adopt)

    def found(fields: dict[str, Any]) -> set[tuple[str, str | None]]:
        return set(rules(build_plan(replace(plain, request=replace(plain.request, guards=Guards(**fields))))))

    assert found(fewer) <= found({**more, **fewer})
