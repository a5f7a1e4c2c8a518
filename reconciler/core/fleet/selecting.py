"""Which organisations of a fleet are meant: by name or by label, with patterns."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Final

from reconciler.core.spelling import did_you_mean
from reconciler.errors import UsageError
from reconciler.model.fleet import Organisation

LABEL: Final = "label:"


def select(organisations: Sequence[Organisation], only: Iterable[str]) -> tuple[Organisation, ...]:
    """Return the organisations that any of the words means, all without any; UsageError for a word that means none.

    A word is a name, or `label:` and a label; `*` and `?` match.
    """
    words = list(only)
    if not words:
        return tuple(organisations)
    for word in words:
        if not any(_is_meant(each, word) for each in organisations):
            raise UsageError(f"no organisation is meant by `{word}`", hint=_hint(organisations, word))
    return tuple(each for each in organisations if any(_is_meant(each, word) for word in words))


def means(word: str, name: str, labels: Iterable[str]) -> bool:
    """Tell whether a word means the organisation of this name and with these labels."""
    if word.startswith(LABEL):
        pattern = word.removeprefix(LABEL)
        return any(fnmatchcase(label, pattern) for label in labels)
    return fnmatchcase(name, word)


def _is_meant(organisation: Organisation, word: str) -> bool:
    return means(word, organisation.name, organisation.environment.labels)


def _hint(organisations: Sequence[Organisation], word: str) -> str:
    labels = sorted({label for each in organisations for label in each.environment.labels})
    if word in labels:
        return f"to mean a label, write {LABEL}{word}"
    if word.startswith(LABEL):
        nearest = did_you_mean(word, [f"{LABEL}{each}" for each in labels])
        listed = "there are: " + ", ".join(f"`{each}`" for each in labels[:20])
        return nearest or (listed if labels else "no organisation carries a label")
    names = [each.name for each in organisations]
    return did_you_mean(word, names[:5000]) or f"name an organisation, or {LABEL} and a label"
