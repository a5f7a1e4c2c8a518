"""How alike two sequences are: what is nearly the same is found, and the examples are not taken for each other."""

from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from reconciler.core.guarding.proposal import propose
from reconciler.core.guarding.renames import check
from reconciler.core.nearness import likeness
from reconciler.core.resemblance import ALIKE, MOST_ALIKE, pairs, words_of
from reconciler.model.sequence import Payload
from reconciler.wiring.workspace import load_manifests, open_workspace
from tests.core.core_values import snapshot

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def examples() -> dict[str, Payload]:
    return {each.custom_id: each.payload for each in load_manifests(open_workspace(ROOT, None)).desired}


def alike(one: Payload, other: Payload) -> float:
    words, others = words_of(one), words_of(other)
    return likeness(len(words & others), len(words), len(others))


def edited(payload: Payload, old: str, new: str) -> Payload:
    encoded = payload.encoded.decode()
    assert old in encoded
    return replace(payload, encoded=encoded.replace(old, new).encode())


def test_no_two_examples_are_nearly_the_same(examples: dict[str, Payload]) -> None:
    found = {(a, b): alike(examples[a], examples[b]) for a, b in combinations(sorted(examples), 2)}
    assert len(found) > 40
    assert max(found.values()) < 0.5 < ALIKE  # 0.44 when it was measured
    names = sorted(examples)
    for number in range(1, len(names)):
        left, created = names[:number], names[number:]
        assert pairs({name: examples[name] for name in left}, {name: examples[name] for name in created}) == {}


def test_an_example_under_another_custom_id_is_found_whatever_stands_beside_it(examples: dict[str, Payload]) -> None:
    for name, payload in examples.items():
        renamed = edited(payload, f'"custom_id":"{name}"', '"custom_id":"renamed"')
        assert pairs(examples, {"renamed": renamed}) == {"renamed": (name,)}


def test_a_rename_with_another_name_and_subject_is_found(examples: dict[str, Payload]) -> None:
    value = examples["win-back"].value
    value |= {"custom_id": "come-back", "name": "Come back to us"}
    value["steps"][0]["action"]["data"]["email_subject"] = "Something else altogether"
    assert pairs(examples, {"come-back": Payload.of(value)}) == {"come-back": ("win-back",)}


def test_markup_kinds_and_senders_alone_make_nothing_alike() -> None:
    def sequence(words: str) -> Payload:
        body = f"<table class='frame'><tr><td style='color: red'>{words}</td></tr></table>"
        data = {"from_email": "hello@example.com", "email_sender_name": "Example", "email_body": body}
        step = {"action": {"type": "send_emails", "data": data}, "delay_in_minutes": 0}
        return Payload.of({"custom_id": words, "name": words, "is_continuous": True, "filter": None, "steps": [step]})

    assert pairs({"one": sequence("apples pears")}, {"two": sequence("plums cherries")}) == {}


def test_unclosed_markup_costs_no_more_than_its_length() -> None:
    payload = Payload.of({"name": "<style" * 40_000 + "<" * 40_000, "filter": None, "steps": []})
    assert words_of(payload)


def test_of_very_many_that_are_alike_the_first_are_named(examples: dict[str, Payload]) -> None:
    one = examples["win-back"]
    left = {
        f"copy-{number:03}": edited(one, '"custom_id":"win-back"', f'"custom_id":"copy-{number:03}"')
        for number in range(150)
    }
    other = edited(one, "plants", "flowers")
    found = pairs(left, {"same": one, "nearly": other})
    assert found == dict.fromkeys(("same", "nearly"), tuple(sorted(left))[:MOST_ALIKE])
    [rename, _] = [each.fact for each in check(propose(snapshot(), (), found))]
    assert "`copy-004` and many more, which go on" in rename
