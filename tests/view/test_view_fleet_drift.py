"""A fleet's drift as it is drawn: what is the same once, what only some have apart, within every budget."""

from dataclasses import replace

import pytest

from reconciler.core.codec.drift_set import from_document, head_document, part_documents
from reconciler.errors import ExitCode
from reconciler.model.change import Action
from reconciler.model.drift import Drifted, DriftedField, Known, Left, Report, Unread, Vanished
from reconciler.model.drift_set import Correction, DriftPart, DriftSet
from reconciler.model.jsonvalue import MaybeJson
from reconciler.model.look import Standing
from reconciler.model.outcome import Outcome, Status
from reconciler.model.plan import Violation
from reconciler.model.plan_set import Failure
from reconciler.model.risk import RiskClass
from reconciler.view.fleet.drift_groups import asides, drift_groups
from reconciler.view.fleet.drift_markdown import fleet_drift_markdown
from reconciler.view.fleet.drift_page import fleet_drift_html
from reconciler.view.fleet.drift_text import fleet_drift_text
from reconciler.view.fleet.drift_words import coverage_sentences, verdict
from reconciler.view.plan_text import Drawing
from reconciler.view.terminal import Paint
from tests.view.forge_markdown import outside_of_fences
from tests.view.test_view_drift import HOSTILE, covered

DRAWING = Drawing(paint=Paint(False), width=100)
MOMENT = "2026-11-24T12:00:00Z"
UNDONE = Failure(kind="credentials", exit_code=ExitCode.REFUSED_CONFIGURATION, message="the key was refused", hint="h")


def drifted(custom_id: str, live: MaybeJson = "Theirs", recorded: MaybeJson = "Ours", **more: object) -> Drifted:
    field = DriftedField(path=("name",), recorded=recorded, live=live, risk=RiskClass.R0)
    values = {"id": "i", "status": "active", "read_before": None, "fields": (field,), "risk": RiskClass.R1, **more}
    return Drifted(custom_id=custom_id, **values)  # type: ignore[arg-type]


def report(*found: Drifted, **more: object) -> Report:
    values = {"lineage": "l", "serial": 1, "moment": MOMENT, "coverage": covered(len(found) or 1), **more}
    return Report(environment="clients/x", drifted=found, **values)  # type: ignore[arg-type]


def part(name: str, look: Report | None = None, **more: object) -> DriftPart:
    return DriftPart(organisation=name, labels=("eu",), look=look, **more)  # type: ignore[arg-type]


def fleet(*parts: DriftPart) -> DriftSet:
    return DriftSet(fleet="clients", moment=MOMENT, parts=parts)


def names(number: int) -> list[str]:
    return [f"org-{n:04}" for n in range(number)]


def shared(number: int, live: str = "Theirs") -> tuple[DriftPart, ...]:
    return tuple(part(name, report(drifted("welcome", live))) for name in names(number))


def test_the_same_drift_is_one_group_and_an_odd_one_stands_apart() -> None:
    *many, last = shared(30)
    odd = replace(last, look=report(drifted("welcome", "Hers")))
    first, second = drift_groups(fleet(*many, odd))
    assert (len(first.organisations), first.is_odd, first.shown.fields[0].live) == (29, False, "Theirs")
    assert (second.organisations, second.is_odd, second.shown.fields[0].live) == (("org-0029",), True, "Hers")
    text = fleet_drift_text(fleet(*many, odd), DRAWING)
    assert text.count("! welcome") == 2
    assert "in 29 of 30 organisations; status active\n" in text
    assert "in 1 of 30 organisations; status active, apart from the others\n        org-0029\n" in text
    assert text.index('"Theirs"') < text.index('"Hers"')


def test_where_nothing_is_common_to_many_nothing_is_apart() -> None:
    parts = [part(name, report()) for name in names(30)]
    parts[3] = replace(parts[3], look=report(drifted("welcome")))
    [group] = drift_groups(fleet(*parts))
    assert (group.organisations, group.is_odd) == (("org-0003",), False)


def test_the_order_of_keys_makes_no_other_drift_and_values_of_ones_own_no_thirty() -> None:
    one, other = {"a": 1, "b": 2}, {"b": 2, "a": 1}
    parts = [part("a", report(drifted("s", one))), part("b", report(drifted("s", other)))]
    assert [group.organisations for group in drift_groups(fleet(*parts))] == [("a", "b")]
    own = tuple(part(name, report(drifted("welcome", f"Theirs {name}"))) for name in names(30))
    [group] = drift_groups(fleet(*own))
    assert (len(group.organisations), group.varies) == (30, ("name",))
    assert "each with values of its own for name; those of org-0000 are shown" in fleet_drift_text(fleet(*own), DRAWING)


def test_what_is_said_beside_is_said_once_whatever_ids_and_moments_it_names() -> None:
    looks = [
        report(
            unsettled=(Unread(custom_id="s", id="i", reason=f"its update of 2026-11-24T12:00:0{n}Z got no answer"),),
            unreadable=(Unread(custom_id=f"u{n}", id="i", reason="HTTP 500"),),
            gone=(Vanished(custom_id="welcome", id="i", read_before=None),),
            known=(Known(custom_id="k", id="i", read=MOMENT, standing=Standing.DRIFTED, paths=("/name",)),),
            warnings=(Violation(rule="w", message="careful"),),
        )
        for n in range(3)
    ]
    told = asides(fleet(*(part(f"o{n}", look) for n, look in enumerate(looks))))
    assert [each.word for each in told] == ["gone", "unreadable", "unsettled", "not read now", "warning"]
    assert {each.organisations for each in told} == {("o0", "o1", "o2")}
    assert told[1].custom_ids == ("u0", "u1", "u2")
    text = fleet_drift_text(fleet(*(part(f"o{n}", look) for n, look in enumerate(looks))), DRAWING)
    assert "unreadable in 3 organisations: u0, u1, u2: HTTP 500\n        o0, o1, o2\n" in text


def test_who_could_not_be_looked_at_is_told_first_and_not_counted_as_seen() -> None:
    drift = fleet(*shared(2), part("x", failure=UNDONE, code=UNDONE.exit_code))
    text = fleet_drift_text(drift, DRAWING)
    assert text.startswith(
        "Drift of fleet clients: 3 organisations\n2 with drift, 1 not looked at\n\nnot looked at in x:"
    )
    assert text.index("not looked at in x: the key was refused\n    hint: h\n") < text.index("! welcome")
    assert "in all 2 organisations" in text
    assert "1 organisation could not be looked at: what is recorded there is not in these counts." in text
    assert "**Not looked at** (1 organisation)" in fleet_drift_markdown(drift)
    assert drift.exit_code(detailed=True) is ExitCode.REFUSED_CONFIGURATION
    assert fleet(*shared(2)).exit_code(detailed=True) is ExitCode.DIFFERENCES
    assert fleet(*shared(2)).exit_code(detailed=False) is ExitCode.DONE
    assert not drift.is_settled


def test_a_look_that_was_cut_short_keeps_what_it_has_and_says_so() -> None:
    cut = Failure(kind="stopped", exit_code=ExitCode.INTERRUPTED, message="stopped by Ctrl-C", hint=None)
    refused = Failure(kind="refused", exit_code=ExitCode.REFUSED, message="nobody knows", hint=None)
    one, other = shared(2)
    drift = fleet(
        replace(one, failure=cut, code=cut.exit_code), replace(other, failure=refused, code=refused.exit_code)
    )
    text = fleet_drift_text(drift, DRAWING)
    assert "cut short in org-0000: stopped by Ctrl-C\n" in text
    assert "not set back in org-0001: nobody knows\n" in text
    assert "! welcome" in text


def test_coverage_is_summed_up_and_never_rounded_up_to_all() -> None:
    whole = replace(covered(1000), read=10, within=((86_400, 999), (604_800, 1000)), sweeps=7)
    some = replace(covered(1000), read=0, ever=1, within=((86_400, 0), (604_800, 1)), seconds=600.0)
    drift = fleet(
        part("a", report(coverage=whole)), part("b", report(coverage=some)), part("c", report(coverage=whole))
    )
    first, second, third = coverage_sentences(drift)
    assert first == "20 of 3,000 recorded sequences read now; 999 were never read, in 1 organisation."
    assert second == "Looked at: 66 % within 24 hours, 66 % within 7 days."
    assert third == (
        "A full round takes at most 1,000 looks with this budget, and about 10 minutes of requests at the limit, "
        "where it takes longest."
    )
    nearly = replace(covered(10_000), read=1, within=((86_400, 9_999),))
    assert "99 % within" in " ".join(coverage_sentences(fleet(part("a", report(coverage=nearly)))))
    barely = replace(covered(10_000), read=1, within=((86_400, 1),))
    assert "less than 1 % within" in " ".join(coverage_sentences(fleet(part("a", report(coverage=barely)))))


def outcome(custom_id: str, status: Status, detail: str = "") -> Outcome:
    return Outcome(custom_id=custom_id, id="i", action=Action.UPDATE, status=status, detail=detail)


def corrected() -> DriftSet:
    digest = "sha256:" + "0" * 64
    well = Correction(digest=digest, outcomes=(outcome("welcome", Status.APPLIED),))
    badly = Correction(
        left=(Left(custom_id="news", reason="it is R3"),),
        digest=digest,
        outcomes=(outcome("welcome", Status.REJECTED, "HTTP 422"),),
    )
    refused = Correction(digest=digest, violations=(Violation(rule="freeze", message="frozen"),))
    one, two, three = shared(3)
    return fleet(
        replace(one, correction=well),
        replace(two, correction=badly, code=ExitCode.REFUSED),
        replace(three, correction=refused, code=ExitCode.REFUSED),
    )


def test_what_was_set_back_is_told_by_organisation_what_went_badly_first() -> None:
    drift = corrected()
    text = fleet_drift_text(drift, DRAWING)
    assert "Set back: 2 organisations, 1 applied, 1 rejected\n" in text
    assert text.index("org-0001: 1 rejected\n        welcome: rejected, HTTP 422\n") < text.index("org-0000: 1 applied")
    assert "refused in org-0002: frozen [freeze]\n" in text
    assert "not set back in org-0001: news: it is R3\n" in text
    assert verdict(drift) == "2 with drift left, 1 without drift"
    assert [each.has_differences for each in drift.parts] == [False, True, True]


@pytest.mark.parametrize("drift", [corrected(), fleet(*shared(2), part("x", failure=UNDONE, code=UNDONE.exit_code))])
def test_a_document_is_what_its_schema_says_and_draws_as_it_did(drift: DriftSet) -> None:
    document = {**head_document(drift), "organisations": list(part_documents(drift))}
    again = from_document(document)
    assert {**head_document(again), "organisations": list(part_documents(again))} == document
    for draw in (fleet_drift_markdown, fleet_drift_html):
        assert draw(again) == draw(drift)
    assert fleet_drift_text(again, DRAWING) == fleet_drift_text(drift, DRAWING)


def test_nothing_of_anybody_elses_words_is_obeyed() -> None:
    field = DriftedField(path=("filter", "or", 0, "and", 0, "email_in"), recorded=["ann@example.com"], live=[])
    hostile = drifted("welcome", HOSTILE, fields=(field,), reasons=(HOSTILE,), status=HOSTILE)
    look = report(
        drifted("s", HOSTILE),
        hostile,
        unreadable=(Unread(custom_id="u", id="u", reason=HOSTILE),),
        warnings=(Violation(rule="r", message=HOSTILE),),
    )
    undone = replace(UNDONE, message=HOSTILE)
    bad = Correction(digest="sha256:" + "0" * 64, outcomes=(outcome("s", Status.UNKNOWN, HOSTILE),))
    drift = fleet(part("a", look, correction=bad), part("b", failure=undone))
    text = fleet_drift_text(drift, DRAWING)
    assert not {"\x1b", "\u202e"} & set(text)
    assert "##[" not in text
    assert [line for line in text.splitlines() if line.lstrip().startswith("::")] == []
    page = fleet_drift_html(drift)
    assert "<img" not in page
    assert "ann@example.com" not in page
    outside = outside_of_fences(fleet_drift_markdown(drift).splitlines())
    assert "@ann" not in outside
    assert "<img" not in outside


def test_a_thousand_organisations_with_everything_wrong_stay_within_the_budgets() -> None:
    long = [f"organisation-with-a-very-long-name-for-a-table-{n:04}" for n in range(1000)]
    looks = [
        report(
            *(drifted(f"seq-{n % 50}-{k}", "word " * 400, f"{k} " * 400) for k in range(3)),
            gone=(Vanished(custom_id=f"gone-{n % 60}", id="i", read_before=None),),
            unreadable=(Unread(custom_id="u", id="i", reason=f"HTTP {n % 60} " + "why " * 200),),
            unsettled=(Unread(custom_id="u", id="i", reason=f"{n % 60} " + "why " * 200),),
            known=(Known(custom_id=f"k{n % 60}", id="i", read=None, standing=Standing.GONE, paths=()),),
            warnings=(Violation(rule=f"w{n % 60}", message="why " * 200),),
        )
        for n in range(1000)
    ]
    bad = Correction(
        left=(Left(custom_id="s", reason="because " * 80),),
        digest="sha256:" + "0" * 64,
        outcomes=tuple(outcome(f"s{n}", Status.UNKNOWN, "why " * 200) for n in range(10)),
    )
    parts = [part(name, look, correction=bad) for name, look in zip(long, looks, strict=True)]
    parts += [part(f"x{n}", failure=replace(UNDONE, message=f"{n} " + "why " * 200)) for n in range(60)]
    drift = fleet(*parts)
    markdown = fleet_drift_markdown(drift)
    assert len(markdown) <= 60_000
    assert markdown.startswith("### Drift of fleet `clients`: 3,000 drifted, 1,000 gone, ")
    assert "_Too long to be shown here: " in markdown
    assert len(fleet_drift_html(drift)) < 12 * 2**20
    # What is the same in all of them needs no more room than it would in three.
    alike = fleet_drift_markdown(fleet(*(part(name, report(drifted("welcome"))) for name in long)))
    assert len(alike) < 2_000
    assert "all 1,000" in alike
