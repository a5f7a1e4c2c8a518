"""What holds for any input: nothing but an answer comes back, JSON is read as JSON, and both ways agree."""

import json
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from reconciler.adapters.manifests.builder import Builder
from reconciler.adapters.manifests.document import Document, Malformed
from reconciler.adapters.manifests.events import PureParser
from reconciler.adapters.manifests.instructions import resolve
from reconciler.adapters.manifests.invisible import find_invisible
from reconciler.adapters.manifests.lean import read_lean
from reconciler.adapters.manifests.plain import read_plain
from reconciler.adapters.manifests.reader import locate, read
from reconciler.adapters.schemas.checker import ManifestChecker
from reconciler.model.jsonvalue import canonical

ROOT = Path(__file__).parents[3]
CHECKER = ManifestChecker(ROOT / "schemas" / "sequence.schema.json")
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
# Lines of block YAML, most of them such as people write: what the plain way takes, and what looks very much like it.
INDENTS = st.sampled_from(("", "", "  ", "  ", "    ", "    ", " ", "      "))
DASHES = st.sampled_from(("", "", "- ", "- ", "- - ", "-", "-  "))
NAMES = st.sampled_from(("a:", "b: ", "c: ", "d: ", "$var: ", "name: ", "", "on: ", "null: ", "e:  ", "é: ", '"f": '))
FLAT = ("text", "two words", '"q"', "'it''s'", "|", ">-", "|-", ">", "-1", "1.5", "true", "null", "[]", "{}", "[a, b]")
ODD = (
    "",
    "{a: b}",
    "{a: b, a: c}",
    "{a: [b]}",
    "no",
    "010",
    "<<",
    "~",
    "2024-01-02",
    "a: b",
    "a:",
    "a:b",
    "- x",
    '"q" r',
)
ENDS = st.sampled_from(("", "", "", " ", " # why", "#", " #", "\t", "\r", "\u00a0"))
LINES = st.builds("".join, st.tuples(INDENTS, DASHES, NAMES, st.sampled_from((*FLAT, *FLAT, *ODD)), ENDS))
BLOCKS = st.builds(
    "".join, st.tuples(st.lists(LINES, max_size=9).map("\n".join), st.sampled_from(("\n", "\n", "\n\n", "")))
)


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


@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BLOCKS | SOUP | st.text(max_size=60))
# A tab behind a value is white space to YAML 1.2; and an escape outside of quotes is text.
@example("A: \\uD8\t")
@example("A: \\ud83d \t# why\n")
@example("A: \\ud83d\tb\n")
def test_the_fast_ways_read_only_what_the_careful_way_reads_and_alike(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    plain, lean, careful = read_plain(data), read_lean(data), locate(data).result
    if isinstance(careful, Malformed):
        assert careful.problems
    for fast in (plain, lean):
        assert fast is None or repr(fast) == repr(careful)


PLAIN = ("text", "two words", '"q: #"', "'it''s'", "-1", "1.5", "true", "null", "[]", "{a: b}", "\u00e9", "e\u0301")
CALLED = ("{$var: v}", "{$file: none}", "{$sequence: s}", '{$var: "$file"}', "a $var", '{$var: "v"}', "{$var: v, a: b}")
SCALAR_LINES = st.sampled_from((*PLAIN, *CALLED))
BODIES = st.lists(st.sampled_from(("<p>", "  <b>", "", "word", "# no comment", "- a: b")), min_size=1, max_size=4)


@st.composite
def plain_lines(draw: st.DrawFn, depth: int = 3) -> list[str]:
    """The lines of a mapping, written as people write them."""
    lines: list[str] = []
    for name in draw(st.lists(st.sampled_from("abcdef"), unique=True, min_size=1, max_size=3)):
        kind = draw(st.integers(0, 5 if depth else 2))
        if kind <= 1:
            lines.append(f"{name}: {draw(SCALAR_LINES)}")
        elif kind == 2:
            lines += [
                f"{name}: {draw(st.sampled_from(('|', '|-', '>', '>-')))}",
                *(f"  {each}" for each in draw(BODIES)),
            ]
        else:
            inner = draw(plain_lines(depth - 1))
            indented = [f"  {each}" for each in inner]
            item = [f"- {inner[0]}", *indented[1:]]
            lines += [f"{name}:", *{3: indented, 4: [f"  {each}" for each in item], 5: [*item, *item]}[kind]]
    return lines


@SLOW_START
@given(plain_lines())
def test_what_is_written_plainly_is_read_the_plain_way(lines: list[str]) -> None:
    data = ("\n".join(lines) + "\n").encode()
    plain, careful = read_plain(data), locate(data).result
    if plain is None:
        # A folded text with an empty or an indented line, or a block that begins with one.
        assert any(each.lstrip("- ")[3:4] in "|>" for each in lines)
    else:
        assert repr(plain) == repr(careful)


@SLOW_START
@given(
    plain_lines(),
    st.sampled_from(("", "g:\n  $var: v\n", 'name: " ends"\n', "name: |\n  Ends\n", "h: [x, {$var: v}]\n")),
)
def test_what_the_plain_way_tells_besides_is_so(lines: list[str], rest: str) -> None:
    plain = read_plain(("\n".join(lines) + "\n" + rest).encode())
    if plain is None:
        return
    walked = resolve(plain.value, folder=ROOT / "docs", manifest="x.yaml", variables={"v": "V"})
    if plain.instructions is not None:
        given_paths = resolve(
            plain.value, folder=ROOT / "docs", manifest="x.yaml", variables={"v": "V"}, paths=plain.instructions
        )
        assert given_paths == walked
    if plain.is_as_it_looks:
        assert find_invisible(canonical(plain.value), plain.value) == ()


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


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, child in inner for place in places(child, (*path, key)))]


def is_garbled(data: bytes, value: Any) -> bool:
    """PyYAML does not always write what it was given: of `0" ` and a no-break space it folds the escape itself."""
    try:
        return bool(yaml.safe_load(data) != value)
    except yaml.YAMLError:
        return False


EXAMPLES = [json.dumps(yaml.safe_load(path.read_bytes())) for path in sorted((ROOT / "sequences").rglob("*.yaml"))]
STYLES = st.fixed_dictionaries(
    {
        "default_flow_style": st.sampled_from((None, True, False)),
        "allow_unicode": st.booleans(),
        "width": st.sampled_from((20, 80, 10_000)),
        "indent": st.sampled_from((2, 4)),
        "default_style": st.sampled_from((None, None, '"', "'", "|", ">")),
    }
)


@settings(SLOW_START, max_examples=200)
@given(st.sampled_from(EXAMPLES), st.lists(st.tuples(st.integers(0, 10_000), VALUES), max_size=3), STYLES)
def test_an_example_that_was_edited_is_read_as_it_was_written_in_any_style(
    example: str, edits: list[tuple[int, Any]], style: dict[str, Any]
) -> None:
    value = json.loads(example)
    for number, new in edits:
        where = places(value)
        *above, last = where[1:][number % (len(where) - 1)]
        parent = value
        for part in above:
            parent = parent[part]
        parent[last] = new
    data = yaml.safe_dump(value, sort_keys=False, **style).encode()
    assume(not is_garbled(data, value))
    result = read(data)
    if isinstance(result, Document):
        assert repr(result.value) == repr(value)
    else:
        assert result.problems
    plain = read_plain(data)
    assert plain is None or repr(plain) == repr(result)
    assert CHECKER.check(value) == () or CHECKER.check(value)[0].message
