"""Which known name someone probably meant, where there may be ten thousand of them."""

from collections.abc import Iterable

from reconciler.core import spelling


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return `did you mean ...?` for the known name that is spelled most like this one, None where none is near."""
    near = sorted(each for each in known if abs(len(each) - len(name)) <= 3)
    return spelling.did_you_mean(name, near, likeness=0.7)
