"""Something worth saying about one text, before anyone knows where that text stands in a manifest."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reconciler.model.diagnostic import Finding, Severity
from reconciler.model.pointer import Path


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark; `start` and `length` are the characters that it is about, None where it is about the whole text."""

    rule: str
    message: str
    hint: str
    start: int | None = None
    length: int = 0

    def at(self, path: Path) -> Finding:
        """Return the finding that this is for the text at a path."""
        return Finding(
            rule=self.rule,
            message=self.message,
            hint=self.hint,
            path=path,
            severity=Severity.WARNING,
            start=self.start,
            length=self.length,
        )


def at(path: Path, remarks: Iterable[Remark]) -> Iterator[Finding]:
    """Return the findings that remarks are for the text at a path."""
    return (each.at(path) for each in remarks)


def shown_url(url: str) -> str:
    """Return as much of an address as can be no person's: not what it asks for, and no path with a number in it."""
    bare = re.split(r"[?#]", url, maxsplit=1)[0]
    scheme, _, rest = bare.partition("://")
    host, _, path = rest.rpartition("@")[2].partition("/")
    is_personal = "@" in bare or "%40" in bare or re.search(r"\d(?:[\W_]?\d){6}", path) is not None
    return shortened(f"{scheme}://{host}/…" if is_personal else bare)


def shortened(text: str, most: int = 60) -> str:
    """Return a text as one short line, for a message."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
