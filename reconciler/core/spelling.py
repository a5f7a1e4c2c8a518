"""Words about words: which known one someone probably meant, and the first of many."""

from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """Return `did you mean ...?` for the known word that is spelled most like this one, None where none is near."""
    # Imported where it is needed: whoever makes no mistake does not pay for it.
    from difflib import get_close_matches

    found = get_close_matches(word, list(known), n=1, cutoff=likeness)
    return f"did you mean `{found[0]}`?" if found else None


def first_few(words: list[str], most: int) -> str:
    """Return the words with commas between them; of more than so many, the first ones and how many more there are."""
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more
