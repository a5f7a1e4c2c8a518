"""The pictures of the docs, of the example plan: `python -m tests.browser.pictures FOLDER`."""

import sys
import tempfile
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM, QUIET
from tests.browser.example import example_plan

# Name, width, height, colours, and the text whose section is shown at the top; None for the top of the page.
PICTURES: Final = (
    ("review.png", 1200, 1180, "light", None),
    ("review-email.png", 1200, 1000, "light", "onboarding-welcome"),
    ("review-phone.png", 375, 1000, "dark", None),
)


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        file = Path(scratch) / "plan.html"
        file.write_text(example_plan(Path(scratch), format_="html"), encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        for name, width, height, scheme, section in PICTURES:
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
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
            page.screenshot(path=folder / name)
            context.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
