"""What holds for any input: nothing but an answer comes back, JSON is read as JSON, and both ways agree."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.adapters.manifests.builder import Builder
from reconciler.adapters.manifests.document import Document, Malformed
from reconciler.adapters.manifests.events import PureParser
from reconciler.adapters.manifests.lean import read_lean
from reconciler.adapters.manifests.reader import locate, read

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)
KEYS = st.text(st.sampled_from("abcdefghijk_-é"), min_size=1, max_size=8)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=5)
# Pieces from which hazards are made, so that random texts meet them often.
STRUCTURE = (
    "a",
    "b: ",
    "- ",
    "\n",
    "\n  ",
    "  ",
    ": ",
    "[",
    "]",
    "{",
    "}",
    ", ",
    '"',
    "'",
    "\\",
    "#",
    "|\n",
    ">\n",
    "? ",
)
RARE = ("---\n", "%", "&x ", "*x", "!t ", "<<: ", "name: ", "\\u202e", "\\ud83d", "\t", "\r\n", "\r")
SCALAR = ("no", "010", "1e3", "2024-01-02", "~", ".5", "1.5", "12", "=", "true", "x" * 10)
SIGNS = ("é", "\u2028", "\ufeff", "\x85", "\x00", "\u202e")
PIECES = st.sampled_from(STRUCTURE + RARE + SCALAR + SIGNS)
SOUP = st.lists(PIECES, max_size=30).map("".join)


# The first draw builds hypothesis's table of all characters; on a busy machine that takes seconds.
SLOW_START = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


def texts_fit(value: Any) -> bool:
    """Tell whether a value holds only what both YAML and a manifest let stand unescaped in JSON."""
    return not any(mark in json.dumps(value, ensure_ascii=False) for mark in "\u2028\u2029\ufeff\ufffe\uffff\x7f")


@SLOW_START
@given(OBJECTS, st.booleans(), st.sampled_from([None, 2]))
def test_json_means_what_it_means_to_a_json_reader(value: dict[str, Any], ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only or not texts_fit(value), indent=indent)
    result = read(text.encode())
    if isinstance(result, Malformed):
        assert {each.rule for each in result.problems} <= {"OCX021", "OCX039"}  # NFC-equal keys, a reversed name
    else:
        assert repr(result.value) == repr(json.loads(text))


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_read_exactly_or_refused(number: float) -> None:
    result = read(f"a: {number!r}\n".encode())
    if isinstance(result, Document):
        assert result.value == {"a": number}
    else:
        assert "e" in repr(number)


@given(st.binary(max_size=200))
def test_any_bytes_are_answered(data: bytes) -> None:
    assert isinstance(read(data), Document | Malformed)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SOUP | st.text(max_size=60))
def test_the_lean_way_reads_only_what_the_careful_way_reads_and_alike(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    lean, careful = read_lean(data), locate(data).result
    if isinstance(careful, Malformed):
        assert careful.problems
    if lean is not None:
        assert repr(lean) == repr(careful)


@given(SOUP)
def test_every_problem_lies_inside_the_file(text: str) -> None:
    result = read(text.encode())
    if isinstance(result, Malformed):
        for problem in result.problems:
            span = problem.span
            assert 1 <= span.line <= text.count("\n") + 1
            assert (span.line, span.column) <= (span.end_line, span.end_column)


@SLOW_START
@given(OBJECTS)
def test_the_parser_in_python_reads_the_same(value: dict[str, Any]) -> None:
    text = json.dumps(value, indent=1)
    fast = read(text.encode())
    pure = Builder(text, PureParser(text).get_event).build()
    if isinstance(fast, Document):
        assert repr(pure) == repr(fast)
    else:
        assert isinstance(pure, Malformed)
