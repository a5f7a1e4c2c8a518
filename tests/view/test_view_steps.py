"""Steps that come, go and change places read so in every drawing, and never as a change of every later step."""

import re
from typing import Final

import pytest

from reconciler.model.plan import Plan, Refresh
from reconciler.view.html.plan import plan_html
from reconciler.view.markdown.plan import plan_markdown
from reconciler.view.plan_text import Drawing, plan_text, tally
from reconciler.view.reached import reached
from reconciler.view.terminal import Paint
from tests.view.drawn_plans import DIGEST, PLANS, call, desired, email, live, payload, plan

A, B, C = email("Hello"), email("Water it", 1440), call("agent-1", 60)
NEW = email("Half price until Sunday", 30)


def text(given: Plan) -> str:
    return plan_text(given, DIGEST, Drawing(paint=Paint(), width=100))


def markdown(given: Plan) -> str:
    return plan_markdown(given, DIGEST, None)


def html(given: Plan) -> str:
    return plan_html(given, DIGEST, None)


DRAWINGS: Final = {"text": text, "markdown": markdown, "html": html}


def changed(before: list[object], after: list[object]) -> Plan:
    return plan(
        desired("welcome", steps=after),
        records={"welcome": payload("welcome", steps=before)},
        readings={"welcome": live("welcome", steps=before)},
    )


def what(given: Plan) -> str:
    """The last cell of the table's first row."""
    return markdown(given).splitlines()[8].split("|")[-2].strip()


@pytest.mark.parametrize(
    ("after", "said"),
    [
        pytest.param([NEW, A, B, C], "`step 1 inserted`", id="inserted"),
        pytest.param([A, C], "`step 2 of before removed`", id="removed"),
        pytest.param([B, A, C], "`step 2 moved`", id="moved"),
        pytest.param([A, email("Water them", 1440), C], "`step 2: email_subject`", id="edited"),
        pytest.param([NEW, A, email("Water them", 1440), C], "`step 1 inserted`, `step 3: email_subject`", id="both"),
    ],
)
def test_the_table_says_what_became_of_the_steps(after: list[object], said: str) -> None:
    assert what(changed([A, B, C], after)) == said


@pytest.mark.parametrize("name", DRAWINGS)
def test_an_insertion_shows_no_other_step_as_changed(name: str) -> None:
    drawn = DRAWINGS[name](changed([A, B, C], [NEW, A, B, C]))
    assert re.search(r"step 1(</?\w+>| )*(is )? ?inserted", drawn, re.IGNORECASE)
    assert not re.search(r"step [234][^\n<]*: (email|delay|action)", drawn)


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_step_that_somebody_inserted_in_live_is_one_step_too(name: str) -> None:
    recorded = [A, B, C]
    given = plan(
        desired("welcome", steps=recorded),
        records={"welcome": payload("welcome", steps=recorded)},
        readings={"welcome": live("welcome", steps=[NEW, *recorded])},
        refresh=Refresh.ALL,
    )
    drawn = DRAWINGS[name](given)
    assert re.search("step 1 of before is removed", drawn, re.IGNORECASE)
    assert {"text": "    steps  drift\n", "markdown": "Moved by somebody else", "html": ">drift</td>"}[name] in drawn
    assert not re.search(r"step [234][^\n<]*: (email|delay|action)", drawn)


@pytest.mark.parametrize("name", DRAWINGS)
@pytest.mark.parametrize("of", PLANS)
def test_every_drawing_counts_and_says_who_is_reached_in_the_same_words(name: str, of: str) -> None:
    drawn = DRAWINGS[name](PLANS[of])
    if PLANS[of].changes:
        assert tally(PLANS[of]) in drawn
        assert reached(PLANS[of]) in re.sub(r"\n +", " ", drawn)


def test_who_moves_with_another_is_not_called_unchanged() -> None:
    assert tally(PLANS["followed"]) == "1 to update, 1 without a change of their own, 1 affected"
    assert tally(PLANS["drift"]) == "1 to update, 1 drifted among these, 0 unchanged"


@pytest.mark.parametrize(("refresh", "said"), [(Refresh.ALL, "live too"), (Refresh.CHANGED, "live was not read")])
def test_nothing_to_do_claims_no_more_than_was_read(refresh: Refresh, said: str) -> None:
    given = plan(
        desired("welcome"),
        records={"welcome": payload("welcome")},
        readings={"welcome": live("welcome")} if refresh is Refresh.ALL else {},
        refresh=refresh,
    )
    assert given.changes == ()
    assert said in text(given).splitlines()[-1]


BEFORE = '<table><tr><td class="a">Good to have you here.</td></tr></table>\n<a href="https://a.example">Go</a>'
AFTER = '<table><tr><td class="a">So good to have you here.</td></tr></table>\n<a href="https://b.example">Go</a>'


@pytest.mark.parametrize("more", [[], [call("agent-1", 5)]], ids=["in place", "beside an inserted step"])
def test_a_terminal_shows_the_words_of_a_body_that_differ_and_the_markup_apart(more: list[object]) -> None:
    lines = [
        each.strip()
        for each in text(changed([email("Hello", 0, BEFORE)], [*more, email("Hello", 0, AFTER)])).splitlines()
    ]
    start = lines.index("- ⟦Good⟧ to have you here.")
    assert lines[start : start + 6] == [
        "- ⟦Good⟧ to have you here.",
        "+ ⟦So good⟧ to have you here.",
        "| Go",
        "! markup:",
        '- <a href="https://⟦a⟧.example">',
        '+ <a href="https://⟦b⟧.example">',
    ]
    assert not any("<td" in each for each in lines)


def test_where_a_long_line_of_a_body_differs_is_not_cut_off() -> None:
    long = "a word or two of a very long line " * 9
    drawn = text(changed([email("H", 0, f"<p>{long} old end</p>")], [email("H", 0, f"<p>{long} new end</p>")]))
    assert "⟦old⟧ end" in drawn
    assert "⟦new⟧ end" in drawn
    assert max(map(len, drawn.splitlines())) <= 100
