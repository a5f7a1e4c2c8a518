"""Which known name someone probably meant."""

from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return `did you mean ...?` for the known name that is spelled most like this one, None where none is near."""
    # Imported where it is needed: valid manifests, nearly all, do not pay for it.
    from difflib import get_close_matches

    near = sorted(each for each in known if abs(len(each) - len(name)) <= 3)
    found = get_close_matches(name, near, n=1, cutoff=0.7)
    return f"did you mean `{found[0]}`?" if found else None
