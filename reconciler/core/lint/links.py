"""Links in any message that must not go out: without encryption, or to a place that only the team can see."""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from reconciler.core.lint.remark import Remark, shortened, shown_url
from reconciler.core.lint.text import Text
from reconciler.model import rules

_HOST: Final = re.compile(r"://(?:[^\s/?#\"'<>@]*@)?(\[[0-9a-f:.]+\]|[^\s/?#:\"'<>()\\]+)")
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
# fmt: on
# Below a country, these belong to everybody: of `test.co.uk` the name is `test`.
_SECOND: Final = frozenset({"ac", "co", "com", "edu", "gov", "net", "org"})
_OF_A_COUNTRY: Final = 2
_PRIVATE: Final = re.compile(
    r"(?:0|10|127)(?:\.\d{1,3}){3}|192\.168(?:\.\d{1,3}){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}|\[::1?\]"
)


def is_clean(text: Text) -> bool:
    """Tell whether there is surely no link of that kind."""
    lowered = text.lowered
    if "://" not in lowered:
        return True
    if "http://" in lowered:
        return False
    known = text.settings.staging_hosts
    return not any(is_staging(host, known) for host in _HOST.findall(lowered))


def look(text: Text) -> Iterator[Remark]:
    """Return the links that are not encrypted or lead to a staging host."""
    for link in text.links:
        url = link.url.lower()
        host = _HOST.search(url)
        if host is not None and is_staging(host[1], text.settings.staging_hosts):
            yield Remark(
                rules.STAGING_LINK,
                f"`{shortened(host[1])}` looks like a place that only your team can see",
                "link to the host that your customers use",
                link.start,
                link.length,
            )
        elif url.startswith("http://"):
            yield Remark(
                rules.INSECURE_LINK,
                f"`{shown_url(link.url)}` is not encrypted: browsers warn of it, and some mail filters too",
                "write `https://`",
                link.start,
                len("http://"),
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
    return any(part.rstrip("0123456789") in _STAGES for label in labels[:-named] for part in label.split("-"))
