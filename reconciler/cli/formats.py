"""Which format was asked for, also where the command line could not be understood any further."""

from collections.abc import Sequence
from itertools import pairwise


def wants_json(arguments: Sequence[str]) -> bool:
    """Tell whether JSON was asked for."""
    return asked_format(arguments) == "json"


def asked_format(arguments: Sequence[str]) -> str | None:
    """Return the last format that was asked for, whether or not there is one of that name."""
    asked = [following for each, following in pairwise(["", *arguments]) if each == "--format"]
    asked += [each.partition("=")[2] for each in arguments if each.startswith("--format=")]
    return asked[-1] if asked else None
