"""What people see of a plan, whole; and that nothing in it is obeyed by a terminal or a log."""

import re

import pytest

from reconciler.model.change import Action
from reconciler.model.diagnostic import Diagnostic, Severity, Span
from reconciler.model.outcome import Outcome, Status
from reconciler.model.plan import Plan
from reconciler.view.apply_text import apply_text, outcome_line
from reconciler.view.diagnostics_text import Telling, diagnostics_text
from reconciler.view.documents import json_text
from reconciler.view.plan_text import Drawing, plan_text
from reconciler.view.terminal import Paint, inert, inert_line, one_line, paragraph
from tests.view.drawn_plans import CREATE, DIGEST, PLANS, desired, email, live, payload, plan

PLAIN = Paint()


def drawn(plan: Plan, width: int = 80, **options: object) -> str:
    return plan_text(plan, DIGEST, Drawing(paint=PLAIN, width=width, **options))  # type: ignore[arg-type]


EXPECTED = {
    ("inserted", 80): """\
Plan for production (live read where something changed)
Risk R4: 1 change can reach someone new

~ welcome  update  R4  sequences/welcome.yaml:2
    the manifest changed (live status: active)
    R4  step 2 is inserted, and the sequence is active
        who could not be reached before may be reached now: by another channel,
        or from an address or number that they have not opted out of
        steps 3, 4: the time of sending changes
        step 3: the copy changes
    it is active: what other steps do to contacts who are in the middle of it is
    not known
    step 2  inserted, phone call, sent after 1 hour
      + agent-1
    step 3 (was step 2)  sent after 1 day 1 hour instead of after 1 day
      email_subject
        - "Water it"
        + "Water them"
    step 4 (was step 3)  sent after 1 day 2 hours instead of after 1 day 1 hour
    (if each delay counts from the step before; what it is measured from is not
    documented)

1 to update, 0 unchanged.
Applying takes 3 requests: at once, within the limit of 100 in 60 s.
Digest sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
""",
    ("followed", 60): """\
Plan for production (live not read)
Risk R4: 1 change can reach everyone, 1 sequence affected
    without a change

~ welcome  update  R4  sequences/welcome.yaml:2
    the manifest changed
    R4  the filter can match every contact
        steps 1, 2: the time of sending changes
    live was not read, so what was sent already is not
    known; its status is not known
    filter.or[0].and[0].segment_id
      - "segment-1"
    filter.or[0].and[0].type
      - "contact_belongs_to_segment"
      + "all_contacts"
    step 1: delay_in_minutes
      - 0
      + 5
    step 1  sent after 5 minutes instead of at once
    step 2  sent after 5 minutes instead of at once
    (if each delay counts from the step before; what it is
    measured from is not documented)

! next  affected  R4
    R4  whether the new audience holds anybody new cannot be
        told (its filter names `welcome`, whose audience
        changes), and the sequence may be active
    live was not read, so what was sent already is not
    known; its status is not known

1 to update, 1 without a change of their own, 1 affected.
Applying takes 3 requests: at once, within the limit of 100 in 60 s.
Digest sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
""",
    ("create", 60): """\
Plan for production (live read where something changed)
Risk R3: 1 change can reach someone new

+ recall  create  R3  sequences/recall.yaml:2
    not recorded; a look-up by its custom_id found none
    R3  it is new: whoever it matches is written to
    it runs once: whether it waits for its start, or begins
    as soon as it is created, is not known
    name      Recall of planters, batch 7, for everybody wh…
    runs      once
    reaches   (listed e-mail addresses (2)) or (listed phon…
    step 1    at once                             e-mail
              Sorry
    step 2    after 1 hour 30 minutes 30 seconds  phone call
              agent-1
    step 3    after 3 days 15 seconds             e-mail
              A subject line that goes on for longer than a…

1 to create, 0 unchanged.
Applying takes 3 requests: at once, within the limit of 100 in 60 s.
Digest sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
""",
    ("create", 80): """\
Plan for production (live read where something changed)
Risk R3: 1 change can reach someone new

+ recall  create  R3  sequences/recall.yaml:2
    not recorded; a look-up by its custom_id found none
    R3  it is new: whoever it matches is written to
    it runs once: whether it waits for its start, or begins as soon as it is
    created, is not known
    name      Recall of planters, batch 7, for everybody who bought one in the …
    runs      once
    reaches   (listed e-mail addresses (2)) or (listed phone numbers (1) and li…
    step 1    at once                             e-mail
              Sorry
    step 2    after 1 hour 30 minutes 30 seconds  phone call
              agent-1
    step 3    after 3 days 15 seconds             e-mail
              A subject line that goes on for longer than any line of a termina…

1 to create, 0 unchanged.
Applying takes 3 requests: at once, within the limit of 100 in 60 s.
Digest sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
""",
    ("create", 100): """\
Plan for production (live read where something changed)
Risk R3: 1 change can reach someone new

+ recall  create  R3  sequences/recall.yaml:2
    not recorded; a look-up by its custom_id found none
    R3  it is new: whoever it matches is written to
    it runs once: whether it waits for its start, or begins as soon as it is created, is not known
    name      Recall of planters, batch 7, for everybody who bought one in the spring of the year b…
    runs      once
    reaches   (listed e-mail addresses (2)) or (listed phone numbers (1) and listed names (1))
    step 1    at once                             e-mail      Sorry
    step 2    after 1 hour 30 minutes 30 seconds  phone call  agent-1
    step 3    after 3 days 15 seconds             e-mail      A subject line that goes on for longe…

1 to create, 0 unchanged.
Applying takes 3 requests: at once, within the limit of 100 in 60 s.
Digest sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
""",
    ("update", 60): """\
Plan for production (live not read)
Risk R4: 1 change can reach someone new

~ welcome  update  R4  sequences/welcome.yaml:2
    the manifest changed
    R4  step 2 is inserted, and the sequence may be active
        who could not be reached before may be reached now:
        by another channel, or from an address or number
        that they have not opted out of
        step 1: the copy changes
    live was not read, so what was sent already is not
    known; its status is not known
    step 1
      email_body
        | Hello
        - ⟦Good⟧ to have you here.
        + ⟦So good⟧ to have you here.
        | Bye
      email_subject
        - "Hello"
        + "A subject line that goes on for longer than any …
    step 2  inserted, phone call, sent after 5 minutes
      + agent-1

? other  orphan  R0
    recorded, but no manifest asks for it; it may still send
    R0  nothing is written: it goes on as it is
    its status is not known, so it may be sending
    its audience: in a segment
    its steps: 1 e-mail
    a manifest with `reconciler.retire: cancel` stops it for
    good, one with `retire: release` lets go of it, and
    `reconciler state forget` drops its record at once

1 to update, 1 orphaned, 0 unchanged.
Applying takes 3 requests: at once, within the limit of 100 in 60 s.
Digest sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
""",
    ("update", 80): """\
Plan for production (live not read)
Risk R4: 1 change can reach someone new

~ welcome  update  R4  sequences/welcome.yaml:2
    the manifest changed
    R4  step 2 is inserted, and the sequence may be active
        who could not be reached before may be reached now: by another channel,
        or from an address or number that they have not opted out of
        step 1: the copy changes
    live was not read, so what was sent already is not known; its status is not
    known
    step 1
      email_body
        | Hello
        - ⟦Good⟧ to have you here.
        + ⟦So good⟧ to have you here.
        | Bye
      email_subject
        - "Hello"
        + "A subject line that goes on for longer than any line of a terminal h…
    step 2  inserted, phone call, sent after 5 minutes
      + agent-1

? other  orphan  R0
    recorded, but no manifest asks for it; it may still send
    R0  nothing is written: it goes on as it is
    its status is not known, so it may be sending
    its audience: in a segment
    its steps: 1 e-mail
    a manifest with `reconciler.retire: cancel` stops it for good, one with
    `retire: release` lets go of it, and `reconciler state forget` drops its
    record at once

1 to update, 1 orphaned, 0 unchanged.
Applying takes 3 requests: at once, within the limit of 100 in 60 s.
Digest sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
""",
    ("update", 100): """\
Plan for production (live not read)
Risk R4: 1 change can reach someone new

~ welcome  update  R4  sequences/welcome.yaml:2
    the manifest changed
    R4  step 2 is inserted, and the sequence may be active
        who could not be reached before may be reached now: by another channel, or from an address
        or number that they have not opted out of
        step 1: the copy changes
    live was not read, so what was sent already is not known; its status is not known
    step 1
      email_body
        | Hello
        - ⟦Good⟧ to have you here.
        + ⟦So good⟧ to have you here.
        | Bye
      email_subject
        - "Hello"
        + "A subject line that goes on for longer than any line of a terminal has room for, and the…
    step 2  inserted, phone call, sent after 5 minutes
      + agent-1

? other  orphan  R0
    recorded, but no manifest asks for it; it may still send
    R0  nothing is written: it goes on as it is
    its status is not known, so it may be sending
    its audience: in a segment
    its steps: 1 e-mail
    a manifest with `reconciler.retire: cancel` stops it for good, one with `retire: release` lets
    go of it, and `reconciler state forget` drops its record at once

1 to update, 1 orphaned, 0 unchanged.
Applying takes 3 requests: at once, within the limit of 100 in 60 s.
Digest sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
""",
    ("drift", 80): """\
Plan for production (all live sequences read)
Risk R4: 1 change can reach someone new

~ welcome  update  R4  sequences/welcome.yaml:2
    live was changed behind the tool's back (live status: active)
    R4  whether the new audience holds anybody new cannot be told, and the
        sequence is active
        its name changes, which no recipient is known to see
    it is active: what becomes of contacts who are in it already is not known
    name  drift
      - "Oops"
      + "Welcome"
    filter  drift
      - null
      + {"or": [{"and": [{"segment_id": "segment-1", "type": "contact_belongs_t…

1 to update, 1 drifted among these, 0 unchanged.
Applying takes 3 requests: at once, within the limit of 100 in 60 s.
Digest sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
""",
    ("conflict", 60): """\
Plan for production (live read where something changed)
Risk R0: 1 change reaches nobody new

~ welcome  update  R0  sequences/welcome.yaml:2
    manifest and live both moved (live status: active)
    R0  its name changes, which no recipient is known to see
    name  conflict
      = "Recorded, A subject line that goes on …  (recorded)
      - "Live"
      + "Desired"

1 to update, 1 drifted among these, 0 unchanged.
Applying takes 3 requests: at once, within the limit of 100 in 60 s.
Digest sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
""",
    ("conflict", 80): """\
Plan for production (live read where something changed)
Risk R0: 1 change reaches nobody new

~ welcome  update  R0  sequences/welcome.yaml:2
    manifest and live both moved (live status: active)
    R0  its name changes, which no recipient is known to see
    name  conflict
      = "Recorded, A subject line that goes on for longer than any …  (recorded)
      - "Live"
      + "Desired"

1 to update, 1 drifted among these, 0 unchanged.
Applying takes 3 requests: at once, within the limit of 100 in 60 s.
Digest sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
""",
    ("conflict", 100): """\
Plan for production (live read where something changed)
Risk R0: 1 change reaches nobody new

~ welcome  update  R0  sequences/welcome.yaml:2
    manifest and live both moved (live status: active)
    R0  its name changes, which no recipient is known to see
    name  conflict
      = "Recorded, A subject line that goes on for longer than any line of a terminal h…  (recorded)
      - "Live"
      + "Desired"

1 to update, 1 drifted among these, 0 unchanged.
Applying takes 3 requests: at once, within the limit of 100 in 60 s.
Digest sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
""",
    ("adopt", 80): """\
Plan for production (live read where something changed)
Risk R0: 1 change reaches nobody new

< welcome  adopt  R0  sequences/welcome.yaml:2
    it exists and is not recorded (live status: active)
    R0  its name changes, which no recipient is known to see
    name  takeover
      - "Theirs"
      + "Mine"

1 to adopt, 0 unchanged.
Applying takes 3 requests: at once, within the limit of 100 in 60 s.
Digest sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
""",
    ("violations", 60): """\
Plan for production (live read where something changed)
Risk R0: 1 change reaches nobody new

< appears  adopt  R0  sequences/appears.yaml:2
    it exists and is not recorded (live status: active)
    R0  its name changes, which no recipient is known to see
    name  takeover
      - "Theirs"
      + "Appears"

refused appears: it exists and is not recorded; adopting
    takes the fields shown over (`--adopt` allows it)
    [adoption]
refused gone: it is recorded as id-gone and is gone: someone
    may have removed it to stop it, so it is not created
    again. If it is to stay gone, remove its manifest and
    run `reconciler state forget gone`; with the manifest
    there, that command has the next plan create it anew
    [vanished]
refused hidden: it could not be read, so nothing can be
    decided about it: the API answered 500 [unreadable]

1 to adopt, 0 unchanged.
It cannot be applied: 3 refusals above.
Digest sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
""",
    ("violations", 80): """\
Plan for production (live read where something changed)
Risk R0: 1 change reaches nobody new

< appears  adopt  R0  sequences/appears.yaml:2
    it exists and is not recorded (live status: active)
    R0  its name changes, which no recipient is known to see
    name  takeover
      - "Theirs"
      + "Appears"

refused appears: it exists and is not recorded; adopting takes the fields shown
    over (`--adopt` allows it) [adoption]
refused gone: it is recorded as id-gone and is gone: someone may have removed it
    to stop it, so it is not created again. If it is to stay gone, remove its
    manifest and run `reconciler state forget gone`; with the manifest there,
    that command has the next plan create it anew [vanished]
refused hidden: it could not be read, so nothing can be decided about it: the
    API answered 500 [unreadable]

1 to adopt, 0 unchanged.
It cannot be applied: 3 refusals above.
Digest sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
""",
    ("violations", 100): """\
Plan for production (live read where something changed)
Risk R0: 1 change reaches nobody new

< appears  adopt  R0  sequences/appears.yaml:2
    it exists and is not recorded (live status: active)
    R0  its name changes, which no recipient is known to see
    name  takeover
      - "Theirs"
      + "Appears"

refused appears: it exists and is not recorded; adopting takes the fields shown over (`--adopt`
    allows it) [adoption]
refused gone: it is recorded as id-gone and is gone: someone may have removed it to stop it, so it
    is not created again. If it is to stay gone, remove its manifest and run `reconciler state
    forget gone`; with the manifest there, that command has the next plan create it anew [vanished]
refused hidden: it could not be read, so nothing can be decided about it: the API answered 500
    [unreadable]

1 to adopt, 0 unchanged.
It cannot be applied: 3 refusals above.
Digest sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
""",
    ("orphan", 80): """\
Plan for production (live read where something changed)
Risk R0: nothing is written

? leaving  orphan  R0
    recorded, but no manifest asks for it; it may still send
    R0  nothing is written: it goes on as it is
    its status is not known, so it may be sending
    its audience: in a segment
    its steps: 1 e-mail
    a manifest with `reconciler.retire: cancel` stops it for good, one with
    `retire: release` lets go of it, and `reconciler state forget` drops its
    record at once

1 orphaned, 1 unchanged.
Nothing to apply: what is listed waits for a decision.
Digest sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
""",
    ("empty", 80): """\
Plan for production (live read where something changed)

Nothing to do: 1 sequence recorded as the manifests ask for; live was not read.
""",
}


@pytest.mark.parametrize(("name", "width"), EXPECTED, ids=str)
def test_a_plan_is_drawn(name, width):
    assert drawn(PLANS[name], width) == EXPECTED[name, width]


def test_every_kind_of_plan_has_its_drawing():
    assert {name for name, _ in EXPECTED} == set(PLANS)


@pytest.mark.parametrize("width", range(60, 121, 5))
@pytest.mark.parametrize("name", PLANS)
def test_no_line_is_longer_than_the_terminal_where_it_can_be_broken(name, width):
    lines = [line for line in drawn(PLANS[name], width).splitlines() if not line.startswith(("Digest", "Applying"))]
    assert [line for line in lines if len(line) > width] == []


def test_colour_adds_nothing_but_colour():
    for each in PLANS.values():
        coloured = plan_text(each, DIGEST, Drawing(paint=Paint(enabled=True), width=80))
        assert "\x1b[" in coloured
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == drawn(each)


def test_the_columns_of_a_portrait_stand_under_each_other_however_long_a_delay_is():
    lines = [line for line in drawn(CREATE).splitlines() if line.strip().startswith("step ")]
    assert len({re.search(r"(e-mail|phone call)", line).start() for line in lines}) == 1  # type: ignore[union-attr]
    assert len({max(line.find(each) for each in ("Sorry", "agent-1", "A sub")) for line in lines}) == 1


@pytest.mark.parametrize("verbose", [False, True])
def test_the_portrait_of_a_create_names_nobody(verbose):
    text = drawn(CREATE, 200, verbose=verbose)
    assert not [person for person in ("ada@", "grace@", "+1555", "Ada") if person in text]
    assert "listed e-mail addresses (2)" in text


def test_verbose_shows_values_whole():
    assert "a little further still" in drawn(CREATE, verbose=True)
    assert "…" not in drawn(CREATE, verbose=True)


HOSTILE = "a\x1b[31mb\x07\r\n::error file=x::boo ##[error]c\u202ed\u2066e\u200bf\x9bg\x7f\t::stop-commands::x"
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069]|##\\[|^\\s*::", re.M)


def test_hostile_names_and_subjects_come_out_inert_in_a_plan():
    texts = []
    for width in (60, 80, 100):
        created = plan(desired("welcome", name=HOSTILE, steps=[email(HOSTILE, 0, "x\n" + HOSTILE)]))
        updated = plan(
            desired("welcome", name=HOSTILE, steps=[email("x", 0, "x\n" + HOSTILE)]),
            records={"welcome": desired("welcome", steps=[email(HOSTILE, 0, HOSTILE + "\ny")]).payload},
        )
        texts += [drawn(each, width, verbose=verbose) for each in (created, updated) for verbose in (False, True)]
    assert not [text for text in texts if OBEYED.search(text)]


def outcomes(detail: str) -> list[Outcome]:
    return [
        Outcome(
            custom_id=f"sequence-{number}",
            id=None,
            action=Action.CREATE if number % 2 else Action.UPDATE,
            status=status,
            detail=detail,
        )
        for number, status in enumerate(Status)
    ]


def test_outcomes_are_told():
    assert (
        apply_text("production", outcomes("why"), Drawing(paint=PLAIN))
        == """\
Applied to production
  applied    update sequence-0  why
  different  create sequence-1  why
  unverified update sequence-2  why
  rejected   create sequence-3  why
  not sent   update sequence-4  why
  skipped    create sequence-5  why
  unknown    update sequence-6  why
7 changes: 1 applied, 1 different, 1 unverified, 1 rejected, 1 not sent, 1 skipped, 1 unknown.
"""
    )
    assert apply_text("production", [], Drawing(paint=PLAIN)) == "Nothing to do in production; nothing was sent.\n"


def test_an_answer_of_the_api_is_inert_in_an_outcome():
    assert not OBEYED.search(apply_text("x", outcomes(HOSTILE), Drawing(paint=PLAIN)))
    assert "\n" not in outcome_line(outcomes(HOSTILE)[0], PLAIN)


def diagnostic(message: str, hint: str | None, severity: Severity = Severity.ERROR) -> Diagnostic:
    return Diagnostic(
        rule="OCX001",
        severity=severity,
        message=message,
        hint=hint,
        file="sequences/welcome.yaml",
        span=Span(line=3, column=5, end_line=3, end_column=9),
        path="/name",
    )


def test_diagnostics_are_told_with_their_place_first():
    found = [diagnostic("`nmae` is no key", "did you mean `name`?"), diagnostic("odd", None, Severity.WARNING)]
    assert (
        diagnostics_text(2, found, [None, None], Telling(paint=PLAIN, width=80))
        == """\
sequences/welcome.yaml:3:5: error: `nmae` is no key [OCX001]
  hint: did you mean `name`?
sequences/welcome.yaml:3:5: warning: odd [OCX001]
2 manifests checked: 1 error, 1 warning.
"""
    )
    assert diagnostics_text(1, [], [], Telling(paint=PLAIN, width=80)) == "1 manifest checked, all valid.\n"


def test_diagnostics_are_broken_into_lines_where_a_person_is_looking():
    found = [diagnostic("a sentence that is longer than a line of sixty", "and a hint " * 6)]
    narrow = Telling(paint=Paint(enabled=True), width=60, breaks=True)
    shown = re.sub("\x1b.*?m", "", diagnostics_text(2, found, [None], narrow))
    assert (
        shown
        == """\
sequences/welcome.yaml:3:5: error: a sentence that is longer
        than a line of sixty [OCX001]
  hint: and a hint and a hint and a hint and a hint and a
        hint and a hint
2 manifests checked: 1 error.
"""
    )


def test_diagnostics_are_inert_and_keep_to_their_lines():
    text = diagnostics_text(1, [diagnostic(HOSTILE, HOSTILE)], [None], Telling(paint=PLAIN, width=80))
    assert not OBEYED.search(text)
    assert len(text.splitlines()) == 3


def test_json_is_ascii_that_no_runner_obeys_and_says_the_same():
    import json

    text = json_text({"name": HOSTILE})
    assert text.isascii()
    assert not OBEYED.search(text)
    assert json.loads(text) == {"name": HOSTILE}


@pytest.mark.parametrize(
    "text", ["plain", "ünï — ☃ 🎉", "a::b", "C# ##", "https://x.example/?a=1&b=[2]", "std::vector"]
)
def test_harmless_text_stays_as_it_is(text):
    assert inert(text) == inert_line(text) == one_line(text, longest=100) == text


def test_a_paragraph_breaks_between_words_and_never_into_a_command():
    assert paragraph("one two three ::error::four", width=9, first="- ", indent="  ") == [
        "- one two",
        "  three",
        "  :\\x3aerror::four",
    ]


def test_steps_that_live_has_in_no_shape_at_all_are_drawn_as_they_are_written() -> None:
    odd = [1, {"action": 2}, {"action": {"type": 3, "data": [4]}}, "\x1b[2J"]
    made = plan(
        desired("welcome"),
        records={"welcome": payload("welcome")},
        readings={"welcome": live("welcome", steps=[email("Hello"), *odd])},
    )
    text = drawn(made)
    assert "step 3 of before is removed" in text
    assert '- {"action": {"data": [4], "type": 3}}' in text
    assert "\x1b" not in text
