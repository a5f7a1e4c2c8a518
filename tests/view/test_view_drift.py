"""A look at live as it is drawn: anybody's words are only ever words, and it fits wherever it is put."""

import pytest

from reconciler.model.drift import Coverage, Drifted, DriftedField, Known, Left, Report, Unread, Vanished
from reconciler.model.look import Standing
from reconciler.model.plan import Violation
from reconciler.model.risk import RiskClass
from reconciler.view.drift_text import drift_text, left_text
from reconciler.view.html.drift import drift_html
from reconciler.view.markdown.drift import drift_markdown, issue_markdown
from reconciler.view.plan_text import Drawing
from reconciler.view.terminal import Paint
from tests.view.forge_markdown import outside_of_fences

HOSTILE = "@ann ````\n::error::x ##[add-mask]y <img src=x onerror=alert(1)> \x1b[31m\u202e | `"


def covered(count: int) -> Coverage:
    within = ((86_400, count), (604_800, count), (2_592_000, count))
    return Coverage(
        recorded=count, read=1, ever=count, within=within, oldest="T", budget=1, sweeps=count, seconds=60.0, pace=3600.0
    )


def report(count: int = 1, said: str = HOSTILE) -> Report:
    fields = (
        DriftedField(path=("name",), recorded=said, live=said + "!", risk=RiskClass.R0, corrected="T"),
        DriftedField(path=("filter", "or", 0, "and", 0, "email_in"), recorded=["ann@example.com"], live=[]),
    )
    drifted = [
        Drifted(
            custom_id=f"s{n}", id="i", status=said, read_before=None, fields=fields, risk=RiskClass.R1, reasons=(said,)
        )
        for n in range(count)
    ]
    return Report(
        environment="production",
        lineage="l",
        serial=3,
        moment="T",
        coverage=covered(count),
        drifted=tuple(drifted),
        gone=(Vanished(custom_id="gone", id="g", read_before="T"),),
        unreadable=(Unread(custom_id="u", id="u", reason=said),),
        known=(Known(custom_id="k", id="k", read="T", standing=Standing.DRIFTED, paths=("/name",)),),
        warnings=(Violation(rule="r", message=said),),
    )


LEFT = (Left(custom_id="s0", reason=HOSTILE),)


def test_nothing_that_a_log_or_a_terminal_obeys_comes_through() -> None:
    drawing = Drawing(paint=Paint(False), width=100)
    told = drift_text(report(), drawing) + left_text(LEFT, drawing)
    assert not {"\x1b", "\u202e"} & set(told)
    assert "##[" not in told
    assert [line for line in told.splitlines() if line.lstrip().startswith("::")] == []


def test_nothing_that_a_forge_obeys_stands_outside_of_a_fence_or_a_code_span() -> None:
    outside = outside_of_fences(issue_markdown(report()).splitlines() + drift_markdown(report(), LEFT).splitlines())
    assert "@ann" not in outside
    assert "<img" not in outside


def test_a_page_has_words_and_no_elements_of_anybody_else() -> None:
    page = drift_html(report(), LEFT)
    assert "<img" not in page
    assert "<script" not in page
    assert "ann@example.com" not in page


@pytest.mark.parametrize("count", [1, 50, 500, 5_000])
def test_it_fits_into_an_issue_and_keeps_its_counts(count: int) -> None:
    text = issue_markdown(report(count, said="word " * 100))
    assert len(text) <= 61_000
    assert f"{count:,} drifted, 1 gone, 1 unreadable" in text
    assert "A full round takes" in text
