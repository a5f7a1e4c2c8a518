"""Words about words: which known one someone probably meant, and the first of many."""

from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """Return `did you mean ...?` for the known word that is spelled most like this one, None where none is near."""
    found = nearest(word, known, likeness=likeness)
    return f"did you mean `{found}`?" if found else None


def nearest(word: str, known: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """Return the known word that was probably meant; case, dashes and underscores hardly count."""
    plain = {_plain(each): each for each in known}
    wanted = _plain(word)
    if wanted in plain:
        return plain[wanted]
    # A ratio says little about short words: in them one slip is already half of the word.
    # Nobody misspells a single sign: any other would be as near.
    words = [each for each in plain if len(each) > 1]
    close = [each for each in words if is_one_slip(wanted, each)]
    close = close or [_plain(each) for each in _with_part(word, plain.values())]
    if close:
        return plain[max(close, key=lambda each: (sorted(each) == sorted(wanted), each))]
    # Imported where it is needed: whoever makes no mistake does not pay for it.
    from difflib import get_close_matches

    found = get_close_matches(word, [plain[each] for each in words], n=1, cutoff=likeness)
    return found[0] if found else None


def _with_part(word: str, known: Iterable[str]) -> list[str]:
    """Return the one known word that the word is a part of, as `subject` is of `email_subject`, in a list."""
    found = [each for each in known if len(word) > 3 and word.lower() in each.lower().split("_")]
    return found if len(found) == 1 else []


def is_one_slip(word: str, meant: str) -> bool:
    """Tell whether one letter too many, too few, another, or two that changed places make one word of the other."""
    if word == meant or abs(len(word) - len(meant)) > 1:
        return False
    same = 0
    while same < min(len(word), len(meant)) and word[same] == meant[same]:
        same += 1
    rest, other = word[same:], meant[same:]
    swapped = rest[1:2] + rest[:1] + rest[2:]
    return rest[1:] == other or rest == other[1:] or rest[1:] == other[1:] or (len(rest) > 1 and swapped == other)


def first_few(words: list[str], most: int) -> str:
    """Return the words with commas between them; of more than so many, the first ones and how many more there are."""
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more


def _plain(word: str) -> str:
    return word.lower().replace("-", "").replace("_", "")
