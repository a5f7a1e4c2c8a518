"""How much of a subject people get to see."""

from collections.abc import Iterator

from reconciler.core.lint.remark import Remark
from reconciler.core.lint.text import Text
from reconciler.model import rules


def is_clean(text: Text) -> bool:
    """Tell whether a subject surely has a fitting length."""
    return len(text.raw) <= text.settings.longest_subject


def look(text: Text) -> Iterator[Remark]:
    """Say that a subject is too long."""
    words = text.raw.strip()
    most = text.settings.longest_subject
    if len(words) > most:
        yield Remark(
            rules.SUBJECT_LENGTH,
            f"this subject has {len(words)} characters, and inboxes cut it off after about {most}",
            "put what matters first, and shorten it; phones show about 40",
        )
