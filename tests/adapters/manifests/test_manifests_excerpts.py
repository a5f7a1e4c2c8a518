"""The lines that diagnostics point at: the right part of the right line, and nothing personal in it."""

import re
from pathlib import Path

import pytest

from reconciler.adapters.manifests.document import Malformed
from reconciler.adapters.manifests.excerpts import excerpts
from reconciler.adapters.manifests.privacy import Shield
from reconciler.adapters.manifests.reader import locate
from reconciler.model.diagnostic import FILE_START, Span
from reconciler.model.excerpt import Excerpt

ROOT = Path(__file__).parents[3]


def lines_of(text: str, *, is_manifest: bool = True) -> list[str]:
    """Every line as an excerpt would show it; an empty text for what has none."""
    spans = [Span(line=n, column=1, end_line=n, end_column=2) for n in range(1, text.count("\n") + 2)]
    found = excerpts(text.encode(), spans, is_manifest=is_manifest)
    return ["" if each is None else each.text for each in found]


PEOPLE = """\
custom_id: welcome  # ask ada@example.org
name: For +1 (555) 123-4567
filter:
  or:
    - and:  # Ada and Bob
        - {type: contacts_name_in, name_in: [Ada King, "Zoë 日", null], after: "2026-01-01T00:00:00Z"}  # Ada
        - type: contact_id_in
          contact_ids: ["6d0f3c52-8a41-4f0e-9b7d-2f5f6a1c9e01"]
        - type: contact_belongs_to_segment
          segment_id: 12345678-8a41-4f0e-9b7d-2f5f6a1c9e01
        - type: contacts_attributes_in
          attributes: {city: {in: [Berlin]}}
        - email_in: &them
            - bob@example.org
          phone_number_in: *them
        - name_in:
            - "Ada
              King"
        - Ada King
nmae: Ada King
Ada King: x
k49151: x
"on": x
fitler:
  name_in: [Ada King]
steps:
  - action:
      type: send_emails
      data: {from_email: hello@example.com, email_subject: Hello}
    delay_in_minutes: 12345678901
"""

BLANKED = """\
custom_id: welcome  # ask ***************
name: For ** ***** ***-****
filter:
  or:
    - and:  # *** *** ***
        - {type: contacts_name_in, name_in: [*** ****, "*** *", null], after: "2026-01-01T00:00:00Z"}  # ***
        - type: contact_id_in
          contact_ids: ["********-****-****-****-************"]
        - type: contact_belongs_to_segment
          segment_id: 12345678-8a41-4f0e-9b7d-2f5f6a1c9e01
        - type: contacts_attributes_in
          attributes: {city: {in: [******]}}
        - email_in: &****
            - ***************
          phone_number_in: *****
        - name_in:
            - "***
              ****"
        - *** ****
nmae: Ada King
*** ****: x
******: x
"on": x
fitler:
  name_in: [*** ****]
steps:
  - action:
      type: send_emails
      data: {from_email: *****************, email_subject: Hello}
    delay_in_minutes: 12345678901
"""


def test_what_is_personal_is_blanked_and_the_rest_is_there() -> None:
    assert lines_of(PEOPLE) == BLANKED.split("\n")


def test_where_reading_stopped_a_filter_is_blanked_all_the_same() -> None:
    filter_ = "filter:\n  or:\n  - type: x\n    name_in: [Ada\n\tBob: King, b@example.org\n  - type: ok # Ada\n"
    broken = "name: Hello Ada\n" + filter_
    assert isinstance(locate(broken.encode()).result, Malformed)
    assert lines_of(broken) == [
        "name: Hello Ada",
        "filter:",
        "  or:",
        "  - type: x",
        "    name_in: [***",
        "\tBob: ****, *************",
        "  - type: ok # ***",
        "",
    ]


@pytest.mark.parametrize("start", ["{", "[", "? ", '"filter": {', "- "])
def test_a_file_whose_keys_cannot_be_told_is_a_filter_throughout(start: str) -> None:
    assert "Ada" not in "".join(lines_of(f"{start}\n name_in: [Ada,\n  Ada\n a@b: @\n"))


def test_no_person_of_the_examples_is_shown_in_any_excerpt() -> None:
    seen = 0
    for path in sorted((ROOT / "sequences").rglob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        people = set(re.findall(r"[\w.+-]+@[\w.-]+|\+\d{8,}", text))
        for cut in (text, text.replace("steps:", "steps: ]"), "\t" + text):
            shown = "\n".join(lines_of(cut))
            assert [each for each in people if each in shown] == []
        seen += len(people)
    assert seen > 5


def test_other_files_have_only_addresses_and_numbers_blanked() -> None:
    body = (
        "<p>Hello Ada, write to me@example.org\n@media x { color: #1234567 }\r\n<b>+49 30 1234567</b> since 2026-01-01"
    )
    assert lines_of(body, is_manifest=False) == [
        "<p>Hello Ada, write to **************",
        "@media x { color: #******* }",
        "<b>*** ** *******</b> since 2026-01-01",
    ]


def test_an_address_with_a_space_in_it_is_blanked_and_an_at_alone_is_not() -> None:
    assert lines_of("steps: anna @secret.example\n")[0] == "steps: **** ***************"
    assert lines_of("steps: anna @ secret.example\n")[0] == "steps: **** * **************"
    assert lines_of("steps: lunch @ noon\n")[0] == "steps: lunch @ noon"


def one(data: bytes, span: Span) -> Excerpt | None:
    return next(excerpts(data, [span], is_manifest=True))


def span(line: int, column: int, end_line: int, end_column: int) -> Span:
    return Span(line=line, column=column, end_line=end_line, end_column=end_column)


def test_a_span_over_several_lines_is_shown_by_its_first_one_to_its_end() -> None:
    data = b"\xef\xbb\xbfcustom_id: x\r\nsteps:  \r\n  - 1\r\n"
    assert one(data, span(1, 1, 1, 10)) == Excerpt(line=1, text="custom_id: x", start=0, end=9)
    assert one(data, span(2, 1, 3, 6)) == Excerpt(line=2, text="steps:  ", start=0, end=6)
    assert one(data, span(3, 5, 9, 1)) == Excerpt(line=3, text="  - 1", start=4, end=5)


def test_a_place_behind_the_last_character_stays_there_and_one_outside_the_file_has_no_excerpt() -> None:
    assert one(b"a: [", span(1, 5, 1, 6)) == Excerpt(line=1, text="a: [", start=4, end=4)
    assert one(b"a: [", span(1, 9, 1, 10)) == Excerpt(line=1, text="a: [", start=4, end=4)
    assert one(b"", FILE_START) is None
    assert one(b"a: 1\n\n", span(2, 1, 2, 2)) is None
    assert one(b"a: 1", span(3, 1, 3, 2)) is None


def test_a_file_that_is_not_utf8_is_shown_up_to_there_and_beyond() -> None:
    assert one(b"name: caf\xe9 no", span(1, 10, 1, 11)) == Excerpt(line=1, text="name: caf\ufffd no", start=9, end=10)


@pytest.mark.parametrize("piece", ["x", "x@", "@", "1", "1 ", "1(", "(", "+", "-1", "x@y ", "1a", "a.b", "# ", "k: "])
def test_a_line_of_a_megabyte_is_shown_in_a_time_that_grows_with_its_length_alone(piece: str) -> None:
    # A pattern that looks again at all that follows, or went before, would need minutes here.
    text = "name: " + piece * (900_000 // len(piece))
    assert len(lines_of(text)[0]) == len(text)
    assert len(lines_of(text, is_manifest=False)[0]) == len(text)


class Lines(list[str]):
    """Lines that count how often one of them is asked for."""

    asked = 0

    def __getitem__(self, at: object) -> str:  # type: ignore[override]
        self.asked += 1
        return super().__getitem__(at)  # type: ignore[call-overload, no-any-return]


def test_what_a_line_stands_under_is_not_looked_for_line_by_line() -> None:
    text = "steps:\n" + "  - x\n" * 500 + "  - no # Ada\n" * 50 + "filters:\n  - Ada no: no: no\n"
    lines = Lines(text.split("\n"))
    layout = locate(text.encode())
    assert isinstance(layout.result, Malformed)
    shield = Shield(lines, layout)
    shown = [shield.shown(number) for number in range(502, 554)]
    assert set(shown[:50]) == {"  - no # Ada"}
    assert "Ada" not in shown[51]
    assert lines.asked == 52
