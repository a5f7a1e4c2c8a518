"""Hosts that only a team can see, by their names alone: nothing is looked up."""

import re
from functools import lru_cache
from typing import Final

_INSIDE: Final = (
    ".internal",
    ".invalid",
    ".lan",
    ".local",
    ".localdomain",
    ".localhost",
    ".lvh.me",
    ".ngrok.app",
    ".ngrok.io",
    ".ngrok-free.app",
    ".test",
    ".trycloudflare.com",
)
# fmt: off
_STAGES: Final = frozenset({
    "dev", "devel", "development", "int", "integration", "localhost", "preprod", "preview", "qa", "sandbox",
    "stage", "staging", "stg", "test", "testing", "uat",
})
# These are ordinary words as well, and before such a word a stage all the same: `test-prep` teaches, `test-api` is one.
_WORDS: Final = frozenset({"int", "integration", "preview", "stage", "test", "testing"})
_SYSTEMS: Final = frozenset({
    "", "admin", "api", "app", "cdn", "env", "portal", "pr", "server", "shop", "site", "store", "web", "www",
})
# fmt: on
# Below a country, these belong to everybody: of `test.co.uk` the name is `test`.
_SECOND: Final = frozenset({"ac", "co", "com", "edu", "gov", "net", "org"})
_OF_A_COUNTRY: Final = 2
_PRIVATE: Final = re.compile(
    r"(?:0|10|127)(?:\.\d{1,3}){3}|(?:192\.168|169\.254)(?:\.\d{1,3}){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}|"
    r"\[(?:::1?|f[cd][0-9a-f]{2}:[0-9a-f:.]*|fe[89ab][0-9a-f]:[0-9a-f:.]*)\]"
)


@lru_cache(maxsize=4096)
def is_staging(host: str, known: tuple[str, ...]) -> bool:
    """Tell whether a host in lower case is one of a team's own: by its name, or since it or one above it is known."""
    host = host.rstrip(".")
    if any(host == each or host.endswith(f".{each}") for each in known):
        return True
    if host == "localhost" or host.endswith(_INSIDE) or _PRIVATE.fullmatch(host):
        return True
    # Not the name itself: `dev.to` and `test.de` are what they are called.
    labels = host.split(".")
    named = 3 if len(labels[-1]) == _OF_A_COUNTRY and not _SECOND.isdisjoint(labels[-2:-1]) else 2
    return any(map(_is_stage, labels[:-named]))


def is_everybodys(host: str) -> bool:
    """Tell whether a name has so few parts that hosts of anybody lie below it: `com`, or `co.uk`."""
    labels = host.split(".")
    return len(labels) == 1 or (len(labels) == _OF_A_COUNTRY == len(labels[1]) and labels[0] in _SECOND)


def _is_stage(label: str) -> bool:
    parts = [part.rstrip("0123456789") for part in label.split("-")]
    return any(
        part in _STAGES and (part not in _WORDS or below in _SYSTEMS)
        for part, below in zip(parts, (*parts[1:], ""), strict=True)
    )
