"""Every slip of one letter in a key, or in a word that a key takes, is refused, and what was meant is suggested."""

import json
import string
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from reconciler.adapters.schemas.bundled import SEQUENCE_SCHEMA
from reconciler.adapters.schemas.judge import Judge
from tests.adapters.schemas.schema_samples import (
    ACTIONS,
    CHECKER,
    FILTERS,
    RECONCILER,
    SCHEMAS,
    VARIABLES,
    at,
    filter_of,
    manifest,
    places,
    step_of,
    unshared,
)

LETTERS = string.ascii_lowercase + "_"
RIGHT = 0.95
# One suggestion in so many is looked at: the reference takes milliseconds for each.
STRIDE = 101
# Each is a key whose value is one of a few words.
CHOSEN = {"type", "ref", "sub_type", "audience"}


class Word(NamedTuple):
    """A key, or with `is_value` the word that a key takes, in a manifest where it stands at a path."""

    document: Any
    path: tuple[str | int, ...]
    word: str
    is_value: bool


def samples() -> Iterator[Any]:
    yield {**manifest(), "reconciler": dict(RECONCILER)}
    yield from (manifest(filters=[filter_of(kind)]) for kind in FILTERS)
    yield from (manifest(steps=[step_of(kind)]) for kind in ACTIONS if kind != "send_whatsapp_messages")
    yield manifest(steps=[step_of("send_whatsapp_messages")])
    for variable in VARIABLES.values():
        step = step_of("send_whatsapp_messages")
        step["action"]["data"]["template"]["parameters"] = {
            "body": {"type": "body", "parameters": [{"type": "text", "text": unshared(variable)}]}
        }
        yield manifest(steps=[step])


def words() -> list[Word]:
    found: dict[object, Word] = {}
    for document in samples():
        for path, value in places(document):
            for key, child in value.items() if isinstance(value, dict) else ():
                if path[-2:-1] == ("attributes",):
                    continue  # those names are the author's own
                kind = (*(part for part in path[-2:] if isinstance(part, str)), value.get("type"), key)
                found.setdefault(kind, Word(document, path, key, is_value=False))
                if key in CHOSEN and (key, value.get("type")) != ("ref", "DYNAMIC"):  # that is the author's own
                    found.setdefault((*kind, child), Word(document, (*path, key), child, is_value=True))
    return list(found.values())


def slips(word: str) -> Iterator[str]:
    for i in range(len(word) + 1):
        head, tail = word[:i], word[i:]
        if tail:
            yield head + tail[1:]
            yield from (head + letter + tail[1:] for letter in LETTERS)
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        yield from (head + letter + tail for letter in LETTERS)


@contextmanager
def misspelt(each: Word, slip: str) -> Iterator[Any]:
    """The word's manifest with the slip in it, for this long: a copy for each would take longer than the check."""
    holder = at(each.document, each.path[:-1] if each.is_value else each.path)
    word, other = (each.path[-1], each.path[-1]) if each.is_value else (each.word, slip)
    before = holder.pop(word)
    holder[other] = slip if each.is_value else before
    yield each.document
    del holder[other]
    holder[word] = before


def all_slips() -> Iterator[tuple[Word, str]]:
    taken = {each.word for each in WORDS}
    for each in WORDS:
        yield from ((each, slip) for slip in sorted(set(slips(each.word)) - {each.word} - taken))


WORDS = words()
# What the screen refuses is asked of the reference; where the two disagree, another test says so.
SCREEN = Judge(json.loads((SCHEMAS / SEQUENCE_SCHEMA).read_bytes()))


def test_there_are_words_of_every_kind_to_misspell() -> None:
    assert len(WORDS) > 80
    assert {each.word for each in WORDS} >= {
        *FILTERS,
        *ACTIONS,
        *VARIABLES,
        *RECONCILER,
        "custom_id",
        "delay_in_minutes",
    }


def test_every_slip_of_one_letter_is_refused() -> None:
    passed, count = [], 0
    for each, slip in all_slips():
        count += 1
        with misspelt(each, slip) as document:
            if SCREEN.passes(document):
                passed.append((each.path, slip))
    assert passed == []
    assert count > 40_000


def test_what_was_meant_is_suggested_for_nearly_every_slip() -> None:
    wrong: list[tuple[str, str, str]] = []
    sample = list(all_slips())[::STRIDE]
    for each, slip in sample:
        with misspelt(each, slip) as document:
            found = CHECKER.check(document)
        if [finding.hint for finding in found] != [f"did you mean `{each.word}`?"]:
            wrong.append((each.word, slip, "; ".join(f"{finding.message}: {finding.hint}" for finding in found)))
    assert len(wrong) <= (1 - RIGHT) * len(sample), wrong[:20]
