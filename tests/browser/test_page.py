"""The HTML plan in a real Chromium: nothing leaves, nothing runs, and everybody can read and use it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from reconciler.view.html.page import POLICY
from reconciler.view.html.plan import plan_html
from reconciler.view.markdown.plan import plan_markdown
from tests.browser.conftest import Listener
from tests.browser.hostile import frames_alone, hostile_page, hostile_plan
from tests.view.drawn_plans import DIGEST, PLANS

BUNDLES = Path(__file__).parents[2] / ".venv" / "npm-browser"


class Opened:
    """A page, and what came of opening it: messages in the console, requests that are not the file's own, new pages."""

    def __init__(self, page: Page, file: Path) -> None:
        self.page = page
        self.console: list[str] = []
        self.requests: list[str] = []
        self.pages: list[Page] = []
        page.on("console", lambda message: self.console.append(message.text))
        page.on("pageerror", lambda error: self.console.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.context.on("page", lambda other: self.pages.append(other))  # noqa: PLW0108 - it marks the handler
        page.goto(file.as_uri(), wait_until="load")
        self.address = file.as_uri()

    @property
    def asked(self) -> list[str]:
        return [each for each in self.requests if not each.startswith(("data:", "about:")) and each != self.address]


@contextmanager
def opened(browser: Browser, file: Path, **options: Any) -> Iterator[Opened]:
    context = browser.new_context(**{"viewport": {"width": 1200, "height": 900}, **options})
    try:
        yield Opened(context.new_page(), file)
    finally:
        context.close()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    page = tmp_path_factory.mktemp("hostile") / "plan.html"
    page.write_text(hostile_page("http://127.0.0.1:9"), encoding="utf-8")
    return page


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every kind of change there is, refusals and warnings, in one page."""
    whole = replace(
        PLANS["create"],
        changes=tuple(change for each in PLANS.values() for change in each.changes),
        affected=tuple(affected for each in PLANS.values() for affected in each.affected),
        violations=PLANS["violations"].violations * 20,
        warnings=PLANS["violations"].violations,
    )
    page = tmp_path_factory.mktemp("mixed") / "plan.html"
    page.write_text(plan_html(whole, DIGEST, None), encoding="utf-8")
    return page


def scrolled(page: Page) -> None:
    """Open what is folded, and have every frame loaded that waits for being seen."""
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    page.evaluate("document.querySelectorAll('iframe').forEach(each => each.loading = 'eager')")
    page.wait_for_function("frames.length === document.querySelectorAll('iframe').length")
    page.wait_for_load_state("load")


def is_owned(page: Page) -> bool:
    return bool(page.evaluate("'owned' in window"))


def test_the_example_says_nothing_in_the_console_and_asks_for_nothing(browser: Browser, example: Path) -> None:
    with opened(browser, example) as seen:
        scrolled(seen.page)
        assert len(seen.page.frames) > 3
        assert (seen.console, seen.asked) == ([], [])


def test_a_hostile_plan_asks_for_nothing_and_runs_nothing(browser: Browser, listener: Listener, tmp_path: Path) -> None:
    file = tmp_path / "plan.html"
    file.write_text(hostile_page(listener.url), encoding="utf-8")
    with opened(browser, file) as seen:
        scrolled(seen.page)
        # Clicking from outside is a script to the frames, which they say they do not run.
        assert seen.console == []
        for frame in seen.page.frames[1:]:
            # As a reader would: every link and every button is clicked.
            for each in frame.locator("a, button, summary").all():
                each.dispatch_event("click")
        assert not is_owned(seen.page)
        assert seen.page.url == file.as_uri()
        assert (seen.asked, seen.pages, listener.heard) == ([], [], [])


@pytest.mark.parametrize(
    ("protection", "policy", "sandbox", "is_still", "fetches"),
    [
        ("the policy", POLICY, False, False, False),
        ("the sandbox", None, True, False, True),
        ("the bodies held still", None, False, True, False),
    ],
)
def test_each_protection_alone_holds_what_it_is_for(
    browser: Browser,
    listener: Listener,
    tmp_path: Path,
    protection: str,
    policy: str | None,
    sandbox: bool,
    is_still: bool,
    fetches: bool,
) -> None:
    file = tmp_path / "page.html"
    file.write_text(frames_alone(listener.url, policy=policy, sandbox=sandbox, is_still=is_still), encoding="utf-8")
    with opened(browser, file) as seen:
        assert not is_owned(seen.page), protection
        # A sandbox keeps scripts from running; only the other two keep pictures from being fetched.
        assert bool(listener.heard) is fetches, listener.heard


def test_without_any_protection_the_bodies_do_what_they_are_made_for(
    browser: Browser, listener: Listener, tmp_path: Path
) -> None:
    file = tmp_path / "page.html"
    file.write_text(frames_alone(listener.url, policy=None, sandbox=False, is_still=False), encoding="utf-8")
    with opened(browser, file) as seen:
        assert is_owned(seen.page)
        assert {"/script", "/src.js", "/img.png", "/import.css", "/iframe"} <= set(listener.heard)


@pytest.mark.parametrize("is_scripted", [True, False])
def test_the_boxes_filter_without_script(browser: Browser, example: Path, is_scripted: bool) -> None:
    with opened(browser, example, java_script_enabled=is_scripted) as seen:
        shown = seen.page.locator("details.change:visible")
        count = shown.count()
        assert count == 6
        for box in ("risk-R0", "kind-create"):
            hidden = seen.page.locator(f"details.change[data-{box.replace('-', '=')}]")
            seen.page.locator(f"#{box}").uncheck()
            assert hidden.locator("visible=true").count() == 0
        assert shown.count() == count - 3
        seen.page.locator("#risk-R0").check()
        assert shown.count() == count - 1


def test_the_keyboard_reaches_every_box_every_section_and_every_frame(browser: Browser, example: Path) -> None:
    with opened(browser, example) as seen:
        page = seen.page
        scrolled(page)
        wanted = page.evaluate("document.querySelectorAll('input,summary,iframe,[tabindex]').length")
        page.evaluate(
            "window.reached = new Set(); document.addEventListener('focusin', each => reached.add(each.target), true);"
        )
        for _ in range(3 * wanted):
            page.keyboard.press("Tab")
        missed = page.evaluate(
            "[...document.querySelectorAll('input,summary,[tabindex]')]"
            ".filter(each => !reached.has(each)).map(each => each.outerHTML)"
        )
        assert missed == []
        page.locator("#phone").focus()
        page.keyboard.press("Space")
        assert page.locator("#phone").is_checked()
        assert {each.bounding_box()["width"] for each in page.locator("iframe").all()} == {375}  # type: ignore[index]


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        ("example", 375, "light"),
        ("example", 1200, "dark"),
        ("mixed", 375, "dark"),
        ("mixed", 1200, "light"),
        ("hostile", 375, "dark"),
    ],
)
def test_axe_finds_nothing_and_the_page_never_scrolls_sideways(
    browser: Browser, request: pytest.FixtureRequest, name: str, width: int, scheme: str
) -> None:
    file: Path = request.getfixturevalue(name)
    with opened(browser, file, viewport={"width": width, "height": 900}, color_scheme=scheme) as seen:
        seen.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
        seen.page.evaluate((BUNDLES / "axe-core" / "package" / "axe.min.js").read_text(encoding="utf-8"))
        # What stands in a frame is the sender's own e-mail; whether it is accessible is not the page's to say.
        found = seen.page.evaluate("axe.run({exclude: ['iframe']}, {iframes: false, resultTypes: ['violations']})")
        assert [(each["id"], [node["html"][:200] for node in each["nodes"]][:3]) for each in found["violations"]] == []


def test_every_diagram_of_the_markdown_is_one_to_mermaid(browser: Browser, tmp_path: Path) -> None:
    plans = [*PLANS.values(), hostile_plan("http://127.0.0.1:9")]
    drawn = [plan_markdown(each, DIGEST, None, longest=10**7) for each in plans]
    diagrams = [part.partition("\n```")[0] for text in drawn for part in text.split("```mermaid\n")[1:]]
    assert len(diagrams) > 10
    file = tmp_path / "empty.html"
    file.write_text("<!doctype html><title>x</title>", encoding="utf-8")
    with opened(browser, file) as seen:
        seen.page.add_script_tag(path=BUNDLES / "mermaid" / "package" / "dist" / "mermaid.min.js")
        for each in set(diagrams):
            assert (
                seen.page.evaluate("text => mermaid.parse(text).then(found => found.diagramType)", each)
                == "flowchart-v2"
            )
        assert seen.page.evaluate("mermaid.parse('flowchart LR\\n a[', {suppressErrors: true})") is False
