"""The pictures of the docs, of the example plan: `python -m tests.browser.pictures FOLDER`."""

import sys
import tempfile
from pathlib import Path
from typing import Final, Literal, TypeAlias

from playwright.sync_api import Browser, sync_playwright

from tests.browser.conftest import CHROMIUM, QUIET
from tests.browser.example import FEW, example_plan
from tests.browser.terminal_page import terminal_page

# Name, width, height, colours, and the text whose section is shown at the top; None for the top of the page.
Picture: TypeAlias = tuple[str, int, int, Literal["dark", "light"], str | None]
PICTURES: Final[tuple[Picture, ...]] = (
    ("review.png", 1200, 1180, "light", None),
    ("review-email.png", 1200, 1000, "light", "onboarding-welcome"),
    ("review-phone.png", 375, 1000, "dark", None),
)


TERMINAL: Final[Picture] = ("plan.png", 1000, 900, "dark", None)


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        plan, terminal = Path(scratch) / "plan.html", Path(scratch) / "terminal.html"
        plan.write_text(example_plan(Path(scratch) / "much", format_="html"), encoding="utf-8")
        few = example_plan(Path(scratch) / "few", format_="text", edits=FEW, color="always")
        terminal.write_text(terminal_page("reconciler plan --refresh all", few), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        for picture in PICTURES:
            _take(browser, plan, picture, folder)
        _take(browser, terminal, TERMINAL, folder, whole=True)
        browser.close()


def _take(browser: Browser, file: Path, picture: Picture, folder: Path, *, whole: bool = False) -> None:
    """Take one picture of a page, of the whole of it where that is asked for."""
    name, width, height, scheme, section = picture
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    page.goto(file.as_uri())
    page.evaluate("document.querySelectorAll('iframe').forEach(each => each.loading = 'eager')")
    page.wait_for_function("frames.length === document.querySelectorAll('iframe').length")
    if section is not None:
        page.evaluate(
            "id => [...document.querySelectorAll('.change')]"
            ".find(each => each.querySelector('h3').textContent === id).scrollIntoView()",
            section,
        )
    page.screenshot(path=folder / name, full_page=whole)
    context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
