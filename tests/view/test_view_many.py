"""Large plans: readable in a terminal, within their bounds elsewhere, and honest about what is left out."""

import re
from dataclasses import replace
from typing import Any

import pytest

from reconciler.model.plan import Plan, Violation
from reconciler.model.sequence import Desired, Payload
from reconciler.view.html.plan import plan_html
from reconciler.view.markdown.plan import LONGEST, plan_markdown
from reconciler.view.plan_text import Drawing, plan_text
from reconciler.view.terminal import Paint
from tests.view.drawn_plans import DIGEST, PLANS, desired, email, payload, plan, reaching
from tests.view.markdown_parser import rendered


def drawn(plan: Plan, width: int = 80, *, verbose: bool = False) -> str:
    return plan_text(plan, DIGEST, Drawing(paint=Paint(), width=width, verbose=verbose))


def many_alike(number: int, **changes: Any) -> tuple[list[Desired], dict[str, Payload]]:
    names = [f"s-{n:03}" for n in range(number)]
    wanted = [desired(name, **{"steps": [email(f"New {name}", 5)], **changes}) for name in names]
    return wanted, {name: payload(name, steps=[email("Old", 5)]) for name in names}


def test_many_changes_that_say_the_same_are_told_once_and_each_with_v() -> None:
    wanted, records = many_alike(500)
    # One of them is sent at another time as well, and one to everyone: they are not like the others.
    wanted[7] = desired("s-007", steps=[email("New", 60)])
    wanted[8] = desired("s-008", steps=[email("New", 5)], filter=reaching({"type": "all_contacts"}))
    made = plan(*wanted, records=records)
    text = drawn(made, 80)
    assert len(text.splitlines()) < 60
    assert "    and 497 more like it, which -v shows one by one:" in text.splitlines()
    assert "\n~ s-007  update  R2" in text
    assert "\n~ s-008  update  R4" in text
    assert text.count("\n~ s-") == 3
    named = len(re.findall(r"(?<=[ ])s-\d{3}(?= |$)", text, re.M)) - 3
    assert f"        ... and {497 - named:,} more" in text.splitlines()
    assert drawn(made, 80, verbose=True).count("\n~ s-") == 500


def test_of_grave_changes_every_one_is_named() -> None:
    wanted, records = many_alike(200, filter=reaching({"type": "all_contacts"}))
    text = drawn(plan(*wanted, records=records), 80)
    assert all(each.custom_id in text for each in wanted)
    assert "... and" not in text


def test_few_changes_are_each_told() -> None:
    wanted, records = many_alike(20)
    assert drawn(plan(*wanted, records=records), 80).count("\n~ s-") == 20


def test_where_two_long_texts_begin_to_differ_is_not_cut_off() -> None:
    before = "The same words for a good while, " * 5 + "and then the end"
    for old, new in ((before, before + " of it"), (f"{before}\nx", f"{before} of it\nx")):
        made = plan(desired("a", name=new), records={"a": payload("a", name=old)})
        lines = [line.strip() for line in drawn(made, 60).splitlines()]
        assert [line for line in lines if line.startswith("- …") and "and then the end" in line]
        assert [line for line in lines if line.startswith("+ …") and "and then the end of it" in line]


@pytest.mark.parametrize("crowded", ["violations", "warnings", "affected"])
def test_thousands_of_refusals_warnings_or_affected_sequences_leave_the_verdict_to_be_seen(crowded: str) -> None:
    followed = PLANS["followed"]
    said = tuple(Violation(rule="vanished", message="x" * 500, custom_id=f"s{n}") for n in range(5_000))
    many = {
        "violations": {"violations": said},
        "warnings": {"warnings": said},
        "affected": {"affected": tuple(replace(followed.affected[0], custom_id=f"s{n}") for n in range(5_000))},
    }
    made = replace(followed, **many[crowded])  # type: ignore[arg-type]
    text = plan_markdown(made, DIGEST, None)
    assert len(text) <= LONGEST
    assert text.startswith("### Plan for")
    assert DIGEST in text.splitlines()[-1]
    assert [tag for tag, _ in rendered(text).tags].count("details") < 100
    html = plan_html(made, DIGEST, None)
    # Of findings the first few stand open, so that the changes are not far below.
    before = html.partition("<main>")[0]
    assert before.partition("<details>")[0].count("<li>") <= 30
    assert html.count("<li>") + html.count("data-kind") > 5_000
