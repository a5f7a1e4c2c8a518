"""How the words of a fleet's table are written: names, labels, variables, sources of keys, and templates."""

import re
from collections.abc import Iterable
from typing import Final

from reconciler.core.spelling import did_you_mean
from reconciler.model.fleet import KeyKind, KeySource

# A name becomes part of file names, refs and, in capitals, of names of environment variables.
NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?", re.ASCII)
NAME_WORDS: Final = "1 to 63 letters, digits, `_` and `-`, and begin and end with a letter or digit"
LABEL: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?", re.ASCII)
LABEL_WORDS: Final = "1 to 63 letters, digits, `.`, `_` and `-`, and begin and end with a letter or digit"
VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
PLACEHOLDERS: Final = ("org", "ORG", "fleet")
KEY_HINT: Final = 'write "env:NAME", "file:PATH" or "keyring:SERVICE/USER"'
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")


def expand(template: str, *, org: str, fleet: str) -> str:
    """Return a template with `{org}`, `{ORG}` (as environment variables are named) and `{fleet}` filled in."""
    words = {"org": org, "ORG": re.sub(r"[^A-Z0-9]", "_", org.upper()), "fleet": fleet}
    return _PLACEHOLDER.sub(lambda match: words.get(match[1], match[0]), template)


def unknown_placeholder(template: str) -> tuple[str, str] | None:
    """Return the first thing in braces that nobody fills in, and what to do about it."""
    for word in _PLACEHOLDER.findall(template):
        if word not in PLACEHOLDERS:
            listed = ", ".join(f"`{{{each}}}`" for each in PLACEHOLDERS)
            return word, did_you_mean(word, PLACEHOLDERS) or f"there are {listed}"
    return None


def names_the_organisation(template: str) -> bool:
    """Tell whether a template comes to something else for each organisation."""
    return not {"org", "ORG"}.isdisjoint(_PLACEHOLDER.findall(template))


def key_source(text: str) -> KeySource | None:
    """Return where a key comes from; None for a text that does not say it, which may be a key."""
    kind, _, address = text.partition(":")
    known: Iterable[str] = [each.value for each in KeyKind]
    if kind not in known or not address or not address.isprintable() or address != address.strip():
        return None
    if kind == KeyKind.ENV and not VARIABLE.fullmatch(address):
        return None
    service, _, user = address.rpartition("/")
    if kind == KeyKind.KEYRING and not (service and user):
        return None
    return KeySource(kind=KeyKind(kind), address=address)
