"""`validate` with nothing but paths and a format, as CI and hooks call it, understood without loading click.

Loading click takes a sixth of the time that checking a thousand manifests may take. Whatever is not of this plainest
shape is left to click, whose command calls the same function; a test holds the two against each other.
"""

import os
from collections.abc import Sequence
from typing import Final, NamedTuple

# The formats of what is wrong with manifests; the first one where none is asked for.
FORMATS: Final = ("text", "concise", "json", "github", "gitlab", "sarif")
# Where a shell puts its question when somebody presses Tab.
COMPLETING: Final = "_RECONCILER_COMPLETE"


class Asked(NamedTuple):
    """What a command line asks of `validate`."""

    paths: tuple[str, ...]
    format_: str


def asked_of(arguments: Sequence[str]) -> Asked | None:
    """Return what a command line asks for, None where that is for click to say."""
    if arguments[:1] != ["validate"] or COMPLETING in os.environ:
        return None
    paths: list[str] = []
    formats: list[str] = []
    words = iter(arguments[1:])
    for word in words:
        if word == "--format":
            formats.append(next(words, ""))
        elif word.startswith("-"):
            return None
        else:
            paths.append(word)
    if len(formats) > 1 or not set(formats) <= set(FORMATS):
        return None
    return Asked(tuple(paths), formats[0] if formats else FORMATS[0])


def run(asked: Asked, arguments: Sequence[str]) -> int:
    """Do what is asked and return the exit code; nothing is ever raised."""
    # Imported here: other commands do not need it.
    from pathlib import Path

    from reconciler.cli.running import ended
    from reconciler.cli.session import Session
    from reconciler.cli.validating import validate

    def perform() -> int:
        session = Session(root=Path().resolve(), environment=None, color="auto", verbose=False, quiet=False)
        return validate(session, asked.paths, asked.format_)

    return ended(perform, arguments, ["validate"])
