"""Texts without quotes that end where a ` #` begins a comment: `name: Welcome #1` is read as `Welcome`, silently.

Whoever writes a comment puts a space behind its `#`; a sign that a word or a number follows belonged to the text.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from reconciler.adapters.manifests.characters import BOM
from reconciler.model import rules
from reconciler.model.diagnostic import Finding, Severity
from reconciler.model.pointer import Path, value_at

# It begins with what is rarest, so that nearly all of the bytes are passed over at once.
_SIGN: Final = re.compile(rb"#(?<=[ \t]#)")
# A line with such a sign behind a value that may be without quotes, as lines of bodies in blocks hold as well: only
# where everything stands tells which it is, and that is slow. So `color: #333` and a line of HTML are no suspects.
_SUSPECT: Final = re.compile(
    rb"""^[ -]*+(?:[\w$."'-]++:[ ]++)?+[^\s"'|>#&*<][^\n]*?(?<![:\s])[ \t]++#[^\s#=*-]""", re.MULTILINE
)
_CUT: Final = re.compile(r"[ \t]+#(?![\s#=*-]|reconciler)")
_OF_TEXT: Final = frozenset("\"'|>*[{")


def find_cut(data: bytes, value: dict[str, Any]) -> tuple[Finding, ...]:
    """Return a warning for each text of a manifest that a comment cuts off; `value` is what the bytes were read as."""
    is_possible = _SIGN.search(data) is not None and _SUSPECT.search(data) is not None
    return tuple(_cut(data, value)) if is_possible else ()


def _cut(data: bytes, root: dict[str, Any]) -> Iterator[Finding]:
    from reconciler.adapters.manifests.reader import locate

    lines = data.decode("utf-8").removeprefix(BOM).split("\n")
    for path, (_, place) in locate(data).places.items():
        is_plain = lines[place.line - 1][place.column - 1 : place.column] not in _OF_TEXT
        if is_plain and _CUT.match(lines[place.end_line - 1], place.end_column - 1) and _is_text(root, path):
            yield Finding(
                rule=rules.TEXT_CUT,
                severity=Severity.WARNING,
                message="this text ends before the `#`, which begins a comment",
                path=path,
                hint="put the whole text in quotes; or write a space behind the `#` of a comment",
            )


def _is_text(root: dict[str, Any], path: Path) -> bool:
    return isinstance(value_at(root, path), str)
