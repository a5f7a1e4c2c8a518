"""Images that say nothing to those who do not see them: many mail programs load images only when they are asked to."""

import re
from collections.abc import Iterator
from typing import Final

from reconciler.core.lint.remark import Remark
from reconciler.core.lint.text import Text
from reconciler.model import rules

_WITH_ALT: Final = re.compile(r"""<img\b[^<>"']*(?:(?:"[^"<>]*"|'[^'<>]*')[^<>"']*)*?(?<=[\s"'/])alt\s*=""")


def is_clean(text: Text) -> bool:
    """Tell whether every image surely has an `alt`."""
    if not text.is_html or "<img" not in text.lowered:
        return True
    images = text.tag_names.count("img")
    return images > 0 and images == len(_WITH_ALT.findall(text.seen_lowered))


def look(text: Text) -> Iterator[Remark]:
    """Return the images without an `alt`."""
    for image in text.page.images_without_alt if text.is_html else ():
        yield Remark(
            rules.IMAGE_WITHOUT_ALT,
            "this image has no `alt`: who reads with images off, or by ear, gets nothing in its place",
            'say what it shows, `alt="A potted fern"`, or write `alt=""` if it is only decoration',
            image.start,
            image.length,
        )
