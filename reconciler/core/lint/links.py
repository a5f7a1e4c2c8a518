"""Links in any message that must not go out: without encryption, or to a place that only the team can see."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from reconciler.core.lint.remark import Remark, shortened, shown_url
from reconciler.core.lint.staging import is_staging
from reconciler.core.lint.text import Text
from reconciler.model import rules

if TYPE_CHECKING:
    from reconciler.core.lint.parts import Link

_NAME: Final = r"(\[[0-9a-f:.]+\]|[^\s/?#:\"'<>()\\]+)"
_HOST: Final = re.compile(r"://(?:[^\s/?#\"'<>@]*@)?" + _NAME)
# A host alone, where an address is clicked: some mail programs lead there, and it was meant. Not the name of a file.
_BARE: Final = r"(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+){2,}|\[[0-9a-f:.]+\])"
_BARE_HOST: Final = re.compile(rf"({_BARE})(?:[/?#:]|\Z)")
_FILES: Final = (".aspx", ".gif", ".htm", ".html", ".jpeg", ".jpg", ".pdf", ".php", ".png", ".txt", ".webp")
# In HTML as it is written: an address that begins with `//`, and one that is clicked and begins with a host.
_WRITTEN: Final = (re.compile(r"[\"'=(,\s]//" + _NAME), re.compile(rf"href\s*=\s*[\"']?\s*({_BARE})"))
# Its beginning with entities in it: only the parser tells what it is.
_HIDDEN: Final = re.compile(r"[=(,]\s*[\"']?[^\"'<>\s]{0,8}&(?:#|colon|sol|period)")
# `://` inside an address that redirects.
_ENCODED: Final = "%3a%2f"


def is_clean(text: Text) -> bool:
    """Tell whether there is surely no link of that kind."""
    lowered = text.lowered
    if "http://" in lowered or _ENCODED in lowered:
        return False
    known = text.settings.staging_hosts
    for host in _HOST.findall(lowered):
        if is_staging(host, known):
            return False
    if not text.is_html:
        return True
    if "&" in lowered and _HIDDEN.search(lowered) is not None:
        return False
    # Where each `//` follows a colon, none begins an address: then there is no need to look at each of them.
    written = _WRITTEN if lowered.count("//") != lowered.count("://") else _WRITTEN[1:]
    return not any(is_staging(host, known) for pattern in written for host in pattern.findall(lowered))


def look(text: Text) -> Iterator[Remark]:
    """Return the links that are not encrypted or lead to a staging host."""
    known = text.settings.staging_hosts
    for link in text.links:
        url = link.url.lower()
        host = next((each for each in _hosts(url, link) if is_staging(each, known)), None)
        if host is not None:
            yield Remark(
                rules.STAGING_LINK,
                f"`{shortened(host)}` looks like a place that only your team can see",
                "link to the host that your customers use",
                link.start,
                link.length,
            )
        elif url.startswith("http://"):
            is_as_written = text.raw.startswith(link.url, link.start)
            yield Remark(
                rules.INSECURE_LINK,
                f"`{shown_url(link.url)}` is not encrypted: browsers warn of it, and some mail filters too",
                "write `https://`",
                link.start,
                len("http://") if is_as_written else link.length,
            )


def _hosts(url: str, link: "Link") -> Iterator[str]:
    """Return the hosts that an address in lower case leads to: its own, and those that it redirects to."""
    if url.startswith("//"):
        url = f"https:{url}"
    elif link.is_clicked and (bare := _BARE_HOST.match(url)) is not None and not bare[1].endswith(_FILES):
        yield bare[1]
    if "%" in url:
        # Imported where it is needed: hardly any address that is looked at has one.
        from urllib.parse import unquote

        url = unquote(url)
    yield from _HOST.findall(url)
