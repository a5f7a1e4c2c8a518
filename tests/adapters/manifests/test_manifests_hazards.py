"""Every hazard of YAML: what is refused, by which rule, at which line and column, and what is read."""

import subprocess
import sys
import time

import pytest

from reconciler.adapters.manifests.builder import Builder
from reconciler.adapters.manifests.characters import unfit_in_source
from reconciler.adapters.manifests.document import MAX_PROBLEMS, Document, Malformed
from reconciler.adapters.manifests.events import PureParser
from reconciler.adapters.manifests.reader import locate, read
from reconciler.core.rulebook.catalogue import RULES
from reconciler.model.diagnostic import Span

WORDS = ("no", "off", "n", "y", "yes", "on", "NO", "Off", "Y", "YES", "oN")
NUMBERS = (
    *("010", "0x1F", "0X1f", "0b11", "0o10", "1_000", "1_0.5", "1_000e5", "12:30:45", "12:30", "09:30", "1:2.5"),
    *("+1", "+15551234567", "0123456701", "00", "-01", "01.5", "1e3", "1E5", "1.5e3"),
    *(".5", "-.5", "+.5", ".5e3", "1.", "1.e5"),
)
TAGS = (
    *("!!python/name:os.system", "!!binary", "!!int", "!!bool", "!!timestamp", "!!str"),
    *("!foo", "!", "!<tag:example.com,2000:x>"),
)
REFUSED = [
    ("a duplicate key", "a: 1\na: 2\n", [("OCX021", 2, 1)]),
    ("a duplicate key in a nested mapping", "a:\n  b: 1\n  b: 2\n", [("OCX021", 3, 3)]),
    ("keys equal in Unicode's normal form", "caf\u00e9: 1\ncafe\u0301: 2\n", [("OCX021", 2, 1)]),
    ("a number and the same as text as keys", "1: a\n'1': b\n", [("OCX022", 1, 1), ("OCX021", 2, 1)]),
    ("an alias inside what it names", "a: &a [*a]\n", [("OCX018", 1, 8)]),
    ("an alias without an anchor", "a: *b\n", [("OCX018", 1, 4)]),
    ("a merge key", "a: &a {b: 1}\nc:\n  <<: *a\n", [("OCX020", 3, 3)]),
    ("a merge sign as a value", "a: <<\n", [("OCX020", 1, 4)]),
    *((f"the word {word}", f"a: {word}\n", [("OCX030", 1, 4)]) for word in WORDS),
    ("a disputed word as a key", "on: 1\n", [("OCX030", 1, 1)]),
    ("a disputed word in a list", "a: [no]\n", [("OCX030", 1, 5)]),
    *((f"the number {number}", f"a: {number}\n", [("OCX031", 1, 4)]) for number in NUMBERS),
    *((f"the number {number}", f"a: {number}\n", [("OCX033", 1, 4)]) for number in (".nan", ".inf", "-.INF", ".NaN")),
    *(
        (f"the date {date}", f"a: {date}\n", [("OCX034", 1, 4)])
        for date in (
            "2024-01-02",
            "2024-02-31",
            "2024-1-2",
            "2024-01-02T03:04:05Z",
            "2024-01-02 03:04:05.123456789 +99:99",
            "2024-01-02t03:04:05-05:00",
        )
    ),
    ("an integer beyond 2^53-1", "a: 9007199254740992\n", [("OCX032", 1, 4)]),
    ("a negative integer beyond it", "a: -9007199254740992\n", [("OCX032", 1, 4)]),
    ("an integer of 5000 digits", f"a: {'9' * 5000}\n", [("OCX032", 1, 4)]),
    ("a float beyond all floats", "a: 1.5e+400\n", [("OCX032", 1, 4)]),
    ("a float that would become zero", "a: 1.5e-400\n", [("OCX032", 1, 4)]),
    ("an equals sign", "a: =\n", [("OCX035", 1, 4)]),
    ("half an escaped character", 'a: "\\ud800"\n', [("OCX038", 1, 4)]),
    ("an escaped pair the wrong way round", 'a: "\\ude00\\ud83d"\n', [("OCX038", 1, 4)]),
    ("an escaped NUL", 'a: "x\\0"\n', [("OCX036", 1, 4)]),
    ("an escaped ESC", 'b: 1\na: "\\e[31m"\n', [("OCX036", 2, 4)]),
    ("an escaped carriage return", 'a: "\\r\\n"\n', [("OCX036", 1, 4)]),
    ("an escaped control of C1", 'a: "\\x9b"\n', [("OCX036", 1, 4)]),
    ("a raw ESC", "a: x\x1b[31m\n", [("OCX036", 1, 5)]),
    ("a raw NUL", "a: \x00\n", [("OCX036", 1, 4)]),
    ("DEL", "a: x\x7f\n", [("OCX036", 1, 5)]),
    ("a raw control of C1", "a: x\x9b\n", [("OCX036", 1, 5)]),
    ("a byte order mark inside", "a: 1\n\ufeffb: 2\n", [("OCX036", 2, 1)]),
    ("a lone carriage return", "a: 1\rb: 2\n", [("OCX036", 1, 5)]),
    ("carriage returns for line breaks", "a: 1\rb: 2\rc: 3\r", [("OCX036", 1, 5)]),
    ("NEL", "a: x\x85y\n", [("OCX037", 1, 5)]),
    ("LS", "a: x\u2028y\n", [("OCX037", 1, 5)]),
    ("PS in quotes", 'a: "x\u2029y"\n', [("OCX037", 1, 6)]),
    ("LS in a comment", "a: 1 # x\u2028b: 2\n", [("OCX037", 1, 9)]),
    ("a reversing character in a key", "a\u202eb: 1\n", [("OCX039", 1, 1)]),
    ("a reversing character in the name", "name: a\u2066b\n", [("OCX039", 1, 7)]),
    ("an escaped one in the custom_id", 'custom_id: "a\\u202eb"\n', [("OCX039", 1, 12)]),
    ("tabs for indentation", "a:\n\tb: 1\n", [("OCX010", 2, 1)]),
    ("an unclosed bracket", "a: [1\n", [("OCX010", 2, 1)]),
    ("a bracket at the end", "a: [", [("OCX010", 1, 5)]),
    ("a colon too many", "a: b: c\n", [("OCX010", 1, 5)]),
    ("an empty file", "", [("OCX011", 1, 1)]),
    ("a byte order mark alone", "\ufeff", [("OCX011", 1, 1)]),
    ("only comments", "# a\n# b\n", [("OCX011", 1, 1)]),
    ("only a document marker", "---\n", [("OCX011", 2, 1)]),
    ("null", "null\n", [("OCX011", 1, 1)]),
    ("a list", "- a\n- b\n", [("OCX012", 1, 1)]),
    ("a single value", "hello\n", [("OCX012", 1, 1)]),
    ("a second document", "a: 1\n---\nb: 2\n", [("OCX013", 2, 1)]),
    ("a second, empty document", "a: 1\n---\n", [("OCX013", 2, 1)]),
    ("a version directive", "%YAML 1.2\n---\na: 1\n", [("OCX014", 1, 1)]),
    ("a tag directive", "%TAG ! tag:example.com,2000:\n---\na: 1\n", [("OCX014", 1, 1)]),
    *((f"the tag {tag}", f"a: {tag} x\n", [("OCX015", 1, 4)]) for tag in TAGS),
    ("the tag !!set", "a: !!set {b}\n", [("OCX015", 1, 4)]),
    ("the tag !!omap", "a: !!omap [b: 1]\n", [("OCX015", 1, 4)]),
    ("a tag on the root", "!!map\na: 1\n", [("OCX015", 1, 1)]),
    ("null as a key", "~: 1\n", [("OCX022", 1, 1)]),
    ("a number as a key", "1: a\n", [("OCX022", 1, 1)]),
    ("a boolean as a key", "true: a\n", [("OCX022", 1, 1)]),
    ("a date as a key", "2024-01-02: a\n", [("OCX034", 1, 1)]),
    ("a list as a key", "[a]: b\n", [("OCX022", 1, 1)]),
    ("a mapping as a key", "? {a: 1}\n: b\n", [("OCX022", 1, 3)]),
    (
        "several mistakes at once",
        "a: no\nb: [010, 2024-01-02]\na: 1\n",
        [("OCX030", 1, 4), ("OCX031", 2, 5), ("OCX034", 2, 10), ("OCX021", 3, 1)],
    ),
    ("a mistake before a syntax error", "a: no\nb: [\n", [("OCX030", 1, 4), ("OCX010", 3, 1)]),
    ("nesting of 65 levels", "a: " + "[" * 64 + "]" * 64, [("OCX016", 1, 67)]),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_hazard_is_refused_at_its_place(text: str, expected: list[tuple[str, int, int]]) -> None:
    result = read(text.encode())
    assert isinstance(result, Malformed)
    assert [(each.rule, each.span.line, each.span.column) for each in result.problems] == expected
    assert all(each.rule in RULES and each.message and each.hint for each in result.problems)


# libyaml and PyYAML's own parser place a few errors differently, and agree on everything else. Characters that no file
# may hold are refused before any parser sees them.
PLACED_OTHERWISE = {"a version directive", "a tag directive", "only a document marker"}
AGREED = [row for row in REFUSED if row[0] not in PLACED_OTHERWISE and not unfit_in_source(row[1], limit=1)]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in AGREED], ids=[row[0] for row in AGREED])
def test_the_parser_in_python_refuses_the_same(text: str, expected: list[tuple[str, int, int]]) -> None:
    text = text.removeprefix("\ufeff")
    result = Builder(text, PureParser(text).get_event).build()
    assert isinstance(result, Malformed)
    assert [(each.rule, each.span.line, each.span.column) for each in result.problems] == expected


def test_manifests_are_read_where_libyaml_is_missing() -> None:
    script = """
import sys
sys.modules["yaml._yaml"] = None
from reconciler.adapters.manifests.reader import read
print(read(b"a: [1, 010]").problems[0].span.column, read(b"# c\\na: [x]"))
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "8 Document(value={'a': ['x']}, line=2)\n"


ACCEPTED = [
    (
        "JSON types",
        "a: [1, -1, 0, 1.5, -0.5, 2.5e+3, true, False, null, ~, NULL, TRUE]\n",
        {"a": [1, -1, 0, 1.5, -0.5, 2500.0, True, False, None, None, None, True]},
    ),
    ("a blank value", "a:\nb: \n", {"a": None, "b": None}),
    (
        "quoted words and numbers",
        'a: ["no", \'010\', "2024-01-02", "+15551234567", \'=\', "<<"]\n',
        {"a": ["no", "010", "2024-01-02", "+15551234567", "=", "<<"]},
    ),
    (
        "texts like numbers on which readers agree",
        "a: [1.2.3, 10.0.0.1, 1-2, 12 apples, 555-0100, nope, onward, '']\n",
        {"a": ["1.2.3", "10.0.0.1", "1-2", "12 apples", "555-0100", "nope", "onward", ""]},
    ),
    ("a uuid of digits", "a: 00000000-0000-0000-0000-000000000000\n", {"a": "00000000-0000-0000-0000-000000000000"}),
    (
        "the largest integers",
        "a: [9007199254740991, -9007199254740991]\n",
        {"a": [9007199254740991, -9007199254740991]},
    ),
    ("an escaped pair", 'a: "\\ud83d\\ude00"\n', {"a": "\U0001f600"}),
    ("a pair after half a one is joined rightly", 'a: "x\\ud83d\\ude00y"\n', {"a": "x\U0001f600y"}),
    ("tabs and line feeds", 'a: "b\\tc\\n"\n', {"a": "b\tc\n"}),
    ("CR LF", "a: |\r\n  b\r\n  c\r\nd: 1\r\n", {"a": "b\nc\n", "d": 1}),
    ("a byte order mark at the start", "\ufeffa: 1\n", {"a": 1}),
    ("a block text with controls of direction", "a: |\n  x\u202ey\n", {"a": "x\u202ey\n"}),
    ("an alias", "a: &x {b: 1}\nc: *x\nd: [*x]\n", {"a": {"b": 1}, "c": {"b": 1}, "d": [{"b": 1}]}),
    ("an alias as a key", "a: &x b\n*x : 1\n", {"a": "b", "b": 1}),
    ("one document between markers", "---\na: 1\n...\n", {"a": 1}),
    ("JSON", '{"a": {"b": [1, "x\\n"]}}', {"a": {"b": [1, "x\n"]}}),
    ("an empty mapping", "{}", {}),
    ("keys and words in quotes", '"on": 1\n"1": 2\n', {"on": 1, "1": 2}),
    ("nesting of 64 levels", "a: " + "[" * 63 + "]" * 63, None),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in ACCEPTED], ids=[row[0] for row in ACCEPTED])
def test_what_all_readers_agree_on_is_read(text: str, expected: object) -> None:
    result = read(text.encode())
    assert isinstance(result, Document)
    if expected is not None:
        assert repr(result.value) == repr(expected)


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [
        (b"a: 1\nb: caf\xe9\n", 2, 7),
        ("a: é".encode() + b"\xff", 1, 5),
        (b"\xff\xfea\x00", 1, 1),
        (b"a: \xed\xa0\x80", 1, 4),
    ],
    ids=["Latin-1", "after two bytes of one character", "UTF-16", "an encoded surrogate"],
)
def test_bytes_that_are_not_utf8_are_refused_at_their_place(data: bytes, line: int, column: int) -> None:
    result = read(data)
    assert isinstance(result, Malformed)
    [problem] = result.problems
    assert (problem.rule, problem.span.line, problem.span.column) == ("OCX004", line, column)


@pytest.mark.parametrize("opening", ["[", "- ", "{a: ", "? "], ids=lambda each: each[:4])
def test_nesting_of_a_hundred_thousand_levels_is_refused_at_once(opening: str) -> None:
    started = time.monotonic()
    result = read((opening * 100_000)[: 2**20].encode())
    assert isinstance(result, Malformed)
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("leaf", ["x", "[]"])
@pytest.mark.parametrize("escape", ["", '"\\ud83d\\ude00"'], ids=["libyaml", "PyYAML's own parser"])
def test_an_alias_bomb_is_refused_at_once(escape: str, leaf: str) -> None:
    lines = [f"z: {escape}", f"a0: &a0 [{', '.join([leaf] * 9)}]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    started = time.monotonic()
    # Only the problems are kept: to show a bomb that was read would never end.
    problems = getattr(read("\n".join(lines).encode()), "problems", ())
    assert [each.rule for each in problems] == ["OCX019"]
    assert time.monotonic() - started < 1


def test_aliases_of_a_large_text_are_refused() -> None:
    text = f"a: &a {'x' * 100_000}\nb: [{', '.join(['*a'] * 99)}]\n"
    result = read(text.encode())
    assert isinstance(result, Malformed)
    assert [each.rule for each in result.problems] == ["OCX019"]


def test_a_hundred_aliases_are_read_and_one_more_is_not() -> None:
    assert isinstance(read(f"a: &a x\nb: [{', '.join(['*a'] * 100)}]\n".encode()), Document)
    assert isinstance(read(f"a: &a x\nb: [{', '.join(['*a'] * 101)}]\n".encode()), Malformed)


def test_more_than_a_hundred_thousand_parts_are_refused() -> None:
    result = read(b"a: [" + b"1," * 100_000 + b"]")
    assert isinstance(result, Malformed)
    assert [each.rule for each in result.problems] == ["OCX017"]
    assert isinstance(read(b"a: [" + b"1," * 99_980 + b"]"), Document)


def test_problems_of_one_file_are_bounded() -> None:
    for data in (b"a: [" + b"no, " * 5000 + b"]", b"a: " + b"\x01" * 5000):
        result = read(data)
        assert isinstance(result, Malformed)
        assert len(result.problems) == MAX_PROBLEMS + 1
        assert result.problems[-1].rule == "OCX008"


def test_a_message_never_repeats_digits() -> None:
    for text in ("a: +15551234567", "a: 0123456701", "a: 15551234567890123456", "a: 2024-01-02", "a: 555:12:34"):
        result = read(text.encode())
        assert isinstance(result, Malformed)
        for problem in result.problems:
            assert text[3:7] not in problem.message + (problem.hint or "")


def test_a_duplicate_key_names_both_places() -> None:
    result = read(b"x: 1\na: 1\nb: 2\na: 3\n")
    assert isinstance(result, Malformed)
    assert "line 2" in result.problems[0].message
    assert result.problems[0].span == Span(line=4, column=1, end_line=4, end_column=2)


def test_the_line_of_a_document_is_that_of_its_first_key() -> None:
    for text, line in (
        ("# c\n\na: 1\n", 3),
        ("---\n# c\na: 1\n", 3),
        ("{\n  a: 1}", 2),
        ("{}", 1),
        ("x: &a 1\nz: *a", 1),
    ):
        result = read(text.encode())
        assert isinstance(result, Document)
        assert result.line == line


def test_places_are_those_of_keys_and_values() -> None:
    text = "# comment\nsteps:\n  - name: é x\n    body: |\n      one\n      two\n\n"
    text += "    flow: {a: [1, 2]}\nblank:\nlast: 'q'\n"
    layout = locate(text.encode())

    def spans(*path: str | int) -> tuple[tuple[int, ...] | None, tuple[int, ...]]:
        key, value = layout.places[path]
        flat = [each and (each.line, each.column, each.end_line, each.end_column) for each in (key, value)]
        assert flat[1] is not None
        return flat[0], flat[1]

    assert spans("steps") == ((2, 1, 2, 6), (3, 3, 8, 22))
    assert spans("steps", 0) == (None, (3, 5, 8, 22))
    assert spans("steps", 0, "name") == ((3, 5, 3, 9), (3, 11, 3, 14))
    assert spans("steps", 0, "body") == ((4, 5, 4, 9), (4, 11, 6, 10))
    assert spans("steps", 0, "flow", "a") == ((8, 12, 8, 13), (8, 15, 8, 21))
    assert spans("blank") == ((9, 1, 9, 6), (9, 7, 9, 7))
    assert layout.place(("steps", 0, "missing", 3)) == layout.place(("steps", 0))
    assert layout.place(("last",), at_key=True).column == 1
    assert layout.place(("missing",), at_key=True) == layout.places[()][1]
