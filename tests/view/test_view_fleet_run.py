"""What came of applying a fleet, in every format: the verdict and the outliers first, and nothing in it is obeyed."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from reconciler.core.codec.fleet_run import from_document, read_result, result_document, to_document
from reconciler.model.fleet_run import FleetRun, Seen, Standing
from reconciler.view.fleet.run_markdown import run_markdown
from reconciler.view.fleet.run_page import run_html
from reconciler.view.fleet.run_text import run_text
from reconciler.view.markdown.plan import LONGEST
from reconciler.view.plan_text import Drawing
from reconciler.view.terminal import Paint
from tests.cli.test_documents import check
from tests.view.fleet_runs import large_run, small_run

PLAIN = Drawing(paint=Paint(enabled=False), width=100)
LARGE = large_run()


def test_a_large_run_fits_its_schema_and_each_part_comes_back() -> None:
    document = json.loads(json.dumps(to_document(LARGE)))
    check("fleet-apply", document)
    assert document["summary"]["organisations"] == 1002
    assert document["summary"]["failed"] == 4
    assert document["summary"]["not_begun"] == 920
    assert document["summary"]["requests"] == 75 * 6 + 90 + 6
    assert document["waves"][1]["gate"]["open"] is False
    again = from_document(document)
    assert run_html(again) == run_html(LARGE)
    for each in LARGE.results:
        read = read_result(result_document("clients", each))
        assert (read.standing, read.wave, read.spent, read.seen) == (
            each.standing,
            each.wave,
            each.spent,
            each.seen,
        )
        assert [(one.custom_id, one.status) for one in read.outcomes] == [
            (one.custom_id, one.status) for one in each.outcomes
        ]


def test_the_text_begins_with_the_verdict_and_names_who_stands_out() -> None:
    text = run_text(LARGE, PLAIN)
    lines = text.splitlines()
    assert lines[0] == "Applied to fleet clients: 1,002 organisations (run 01234567)"
    assert "what became of 1 of 60 organisations is unknown, and none may." in lines[1]
    assert lines[2].startswith("1 unknown, 4 failed, 1 came back for review, 1 refused, 74 applied, 1 unchanged, 920")
    assert (
        text.index("unknown in org-") < text.index("failed in 4 organisations: the key of `org-") < text.index("wave 1")
    )
    assert "hint: give it a new key" in text
    assert "moved in org-" in text
    assert re.search(r"^wave 1 \(canaries\), 20 organisations: 20 applied$", text, re.M)
    assert re.search(r"^    gate open: 20 applied$", text, re.M)
    assert re.search(r"^wave 3, 180 organisations: 180 not begun$", text, re.M)
    assert "Slowest: org-" in text
    assert "50 s, 90 requests, 7 answered 429, 41 s waited" in " ".join(text.split())
    assert lines[-1] == "Go on with: reconciler fleet apply clients --resume 01234567"
    assert max(map(len, lines)) <= 100
    assert len(lines) < 60
    assert "org-0999" in run_text(LARGE, replace(PLAIN, verbose=True))


def test_a_run_that_went_well_is_told_in_a_few_lines() -> None:
    text = run_text(small_run(Standing.APPLIED, Standing.APPLIED), PLAIN)
    assert text == (
        "Applied to fleet clients: 2 organisations (run 01234567)\n"
        "All 2 organisations with changes applied.\n"
        "2 applied.\n"
        "\n"
        "wave 1 (canaries), 1 organisation: 1 applied\n"
        "wave 2, 1 organisation: 1 applied\n"
        "\n"
        "4 sequences: 4 applied.\n"
        "12 requests.\n"
        "Digest sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
    )


def test_the_comment_holds_a_thousand_organisations_and_keeps_the_verdict() -> None:
    text = run_markdown(LARGE)
    assert len(text) <= LONGEST
    assert text.startswith("### 🚨 Applied to fleet `clients`: 1 unknown, 4 failed")
    first = "\n".join(text.splitlines()[:5])
    assert "Verdict" in first
    assert "--resume 01234567" in first
    assert "| 1 (canaries) | 20 | 20 applied | ✅ 20 applied |" in text
    assert text.index("Not as reviewed") < text.index("| wave |") < text.index("Slowest")
    short = run_markdown(LARGE, longest=6000)
    assert len(short) <= 6000
    assert "the organisations one by one are left out" in short
    many = run_markdown(large_run(20_000))
    assert len(many) <= LONGEST
    assert "Verdict" in many


class Page(HTMLParser):
    """The tags of a page and its headings, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, list[tuple[str, str | None]]]] = []
        self.headings: list[str] = []
        self.open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, attrs))
        self.open = tag

    def handle_endtag(self, tag: str) -> None:
        self.open = "" if tag == self.open else self.open

    def handle_data(self, data: str) -> None:
        if self.open in ("h1", "h2", "h3"):
            self.headings.append(data)


def test_the_page_begins_with_the_verdict_and_the_outliers_and_stands_alone() -> None:
    text = run_html(LARGE)
    page = Page(text)
    assert page.headings == [
        "Applied to fleet clients",
        "Outliers",
        "Slowest",
        "Most 429s and waits",
        "Waves (5)",
        "1,002 organisations",
    ]
    assert text.index("<b>Stopped</b>") < text.index("Outliers")
    assert {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "a", "form"} == set()
    assert "http" not in text.replace("http-equiv", "")
    assert "Content-Security-Policy" in text
    rows = [tag for tag, _ in page.tags].count("tr")
    assert rows == 1 + 5 + 1 + 1 + 1002
    assert text.index("org-0000") > 0
    assert len(text) < 600_000


def test_a_page_of_a_run_that_went_well_says_so() -> None:
    text = run_html(small_run(Standing.APPLIED, Standing.UNCHANGED))
    assert "<b>Done</b>" in text
    assert "Nobody stands out." in text
    assert "blocked" not in text.partition("</style>")[2]


@pytest.mark.parametrize(
    "word",
    [
        "<script>x</script>",
        "@everyone",
        "`; ![x](http://e.vil)",
        "\n::error::x",
        "##[group]x",
        "\u202e",
        "</details>",
        "|",
    ],
)
def test_no_words_of_a_server_are_obeyed(word: str) -> None:
    run = large_run(140, word)
    texts = [run_text(run, replace(PLAIN, verbose=True)), run_markdown(run), run_html(run)]
    for text in texts:
        assert "\u202e" not in text
        assert "##[" not in text
        assert not re.search(r"^\s*::", text, re.M)
    markdown = re.sub(r"`[^`\n]*`", "", re.sub(r"^(````+).*?^\1$", "", texts[1], flags=re.M | re.S))
    # What is ours has one of each of these.
    assert markdown.count(word) == (1 if word == "</details>" else 0) or word == "|"
    assert "<script>" not in texts[2]
    assert texts[2].count("</details>") == [tag for tag, _ in Page(texts[2]).tags].count("details")


def test_a_verdict_that_is_not_of_our_making_is_shown_as_code() -> None:
    run: FleetRun = replace(LARGE, stopped="see [this](http://e.vil) and @everyone <b>")
    assert "- **Verdict**: `see [this](http://e.vil) and @everyone <b>`" in run_markdown(run)
    assert "- **Verdict**: the gate after wave 2" in run_markdown(LARGE)


def test_what_could_not_be_looked_at_says_why() -> None:
    seen = Seen(reason="the key was refused")
    document = result_document("clients", replace(LARGE.results[0], seen=seen))
    assert read_result(document).seen == seen
    assert not seen.is_complete
