"""What nobody sees in a text is said, with its code point and nothing else of the text, and the manifest stands."""

from typing import Any

import pytest

from reconciler.adapters.manifests.invisible import find_invisible
from reconciler.model.diagnostic import Severity
from reconciler.model.sequence import Payload


def found(payload: dict[str, Any]) -> list[tuple[str, str]]:
    findings = find_invisible(Payload.of(payload).encoded, payload)
    assert all(each.rule == "OCX023" and each.severity is Severity.WARNING and each.hint for each in findings)
    return [("/".join(map(str, each.path)), each.message) for each in findings]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Spring ", "the text ends with U+0020, white space that is not seen"),
        (" Spring", "the text begins with U+0020, white space that is not seen"),
        ("Spring\u00a0", "the text ends with U+00A0, white space that is not seen"),
        ("Spring\n", "the text ends with U+000A, white space that is not seen"),
        ("\tSpring", "the text begins with U+0009, white space that is not seen"),
        ("Spr\u200bing", "the text holds U+200B, which is not seen"),
        ("Spr\u00ading", "the text holds U+00AD, which is not seen"),
        ("Spr\u202eing", "the text holds U+202E, which reverses the direction of writing and is not seen"),
        (
            "Cafe\u0301 Fru\u0308hling",
            "a character is written as U+0065 U+0301, which looks like U+00E9 and is not equal to it",
        ),
        ("10 k\u212a", "a character is written as U+212A, which looks like U+004B and is not equal to it"),
    ],
)
def test_a_name_that_differs_from_how_it_looks_is_warned_of(name: str, message: str) -> None:
    assert found({"name": name}) == [("name", message)]
    assert found({"filter": {"or": [{"and": [{"name_in": ["Ann", name]}]}]}}) == [
        ("filter/or/0/and/0/name_in/1", message)
    ]
    assert found({"attributes": [{name: "x"}]}) == [(f"attributes/0/{name}", message)]


@pytest.mark.parametrize(
    "name", ["Spring", "Fr\u00fchling", "\U0001f469\u200d\U0001f4bb", "Spring sale 5 \u20ac", "", "a\u00a0b"]
)
def test_what_is_as_it_looks_is_not(name: str) -> None:
    assert found({"name": name, "steps": [{"action": {"data": {"email_body": "Hello\n"}}}]}) == []


def test_prose_may_end_and_be_written_as_it_likes_but_not_be_reversed() -> None:
    body = " Cafe\u0301 \n"
    assert found({"email_body": body, "message": body, "fallback": " there", "value": "a "}) == []
    assert [path for path, _ in found({"message": "pay \u202e100"})] == ["message"]


def test_a_person_is_not_named() -> None:
    findings = find_invisible(
        Payload.of({"email_in": ["ann@example.org "]}).encoded, {"email_in": ["ann@example.org "]}
    )
    assert "ann" not in "".join(f"{each.message}{each.hint}" for each in findings)


def test_a_hundred_warnings_are_told_and_how_many_more_there_are() -> None:
    *told, (place, message) = found({"name_in": ["Ann "] * 1000})
    assert len(told) == 100
    assert (place, message.partition(" differ")[0]) == ("name_in/100", "900 more texts of this manifest")
