import re

import pytest
from hypothesis import HealthCheck, assume, given, settings

from reconciler.adapters.manifests.document import Document, Malformed, Value
from reconciler.adapters.manifests.leaves import Order
from reconciler.adapters.manifests.reader import read
from reconciler.adapters.manifests.rewriting import formatted
from reconciler.model.jsonvalue import strictly_equal
from reconciler.model.pointer import Path
from tests.adapters.manifests.yaml_scribe import scribbled


def alphabetical(value: Value, path: Path = ()) -> Order:
    """Every mapping's keys in the order of the alphabet."""
    found: dict[Path, list[str]] = {}
    if isinstance(value, dict):
        found[path] = sorted(value)
        for key, child in value.items():
            found.update(alphabetical(child, (*path, key)))
    elif isinstance(value, list):
        for position, child in enumerate(value):
            found.update(alphabetical(child, (*path, position)))
    return found


def comments_of(text: str) -> list[str]:
    return re.findall(r"# c[0-9]+ it's: \"|# yaml-language-server.*", text)


def is_in_order(value: Value) -> bool:
    if isinstance(value, dict):
        return list(value) == sorted(value) and all(map(is_in_order, value.values()))
    return all(map(is_in_order, value)) if isinstance(value, list) else True


def owner_below(text: str, comment: str) -> str:
    """The key on the first line below a comment that is neither blank nor a comment."""
    lines = text.partition(comment)[2].split("\n")[1:]
    below = next(line for line in lines if line.strip() and not line.strip().startswith("# "))
    return below.strip(" -").partition(":")[0].strip(" \"'")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(scribbled())
def test_any_manifest_keeps_its_value_its_comments_and_their_owners(
    case: tuple[str, list[str], dict[str, str]],
) -> None:
    text, comments, owners = case
    document = read(text.encode())
    assume(isinstance(document, Document))
    assert isinstance(document, Document)
    once = formatted(text.encode(), alphabetical)
    assert isinstance(once, bytes)
    after = read(once)
    assert isinstance(after, Document)
    assert strictly_equal(after.value, document.value)
    assert is_in_order(after.value)
    assert sorted(comments_of(once.decode())) == sorted(comments)
    for comment, owner in owners.items():
        assert owner_below(once.decode(), comment) == owner
    assert formatted(once, alphabetical) == once


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("b: 1\na: 2\n", "a: 2\nb: 1\n"),
        ("a: 1", "a: 1\n"),
        ("a: 1\n\n\n", "a: 1\n"),
        ("\ufeffa: 1\r\nb:  2\r\n", "a: 1\r\nb: 2\r\n"),
        ("---\nb: 1\na: 2\n...\n", "---\na: 2\nb: 1\n...\n"),
        ("# file\nb: 1\n# mine\na: 2\n", "# file\n# mine\na: 2\nb: 1\n"),
        ("# file\n\n# mine\nb: 1\na: 2\n", "# file\n\na: 2\n# mine\nb: 1\n"),
        ("b: 1\n\na: 2\n", "a: 2\n\nb: 1\n"),
        ("a:\n- 1\n-   - 2\n    - 3\n", "a:\n  - 1\n  - - 2\n    - 3\n"),
        ("a:\n    - b: 1\n      # about a\n      a: 2\n", "a:\n  # about a\n  - a: 2\n    b: 1\n"),
        ("a: 'x'\nb: 'it''s'\nc: '\"'\n", "a: \"x\"\nb: 'it''s'\nc: '\"'\n"),
        ("a: {b: 1,a: 2}\nb: [ ]\n", "a: {a: 2, b: 1}\nb: []\n"),
        ("a: {\n  b: 1,\n  a: 2,\n}\n", "a: {\n  a: 2,\n  b: 1,\n}\n"),
        ("a: {b: 1, # why\n  a: 2}\n", "a: {b: 1, # why\n  a: 2}\n"),
        ('{"b": 1,\n "a": {"d": 1, "c": 2}}\n', '{"a": {"c": 2, "d": 1},\n "b": 1}\n'),
        ("a:\n  text\n", "a: text\n"),
        ("b: |\n  x", "b: |-\n  x\n"),
        ("b: |+\n  x\n\na: 1\n", "a: 1\nb: |+\n  x\n\n"),
        ("b: |+\n  x\n  ", "b: |+\n  x\n"),
        ("b: |\n  x\n    ", "b: |-\n  x\n    \n"),
        ("b: 1\n\na: |+\n  x\n", "a: |+\n  x\nb: 1\n"),
        ("a:\n    b: |\n        x\n      \n        y\n", "a:\n  b: |\n      x\n\n      y\n"),
        ("a:\n  b: |2\n      x\n   \n", "a:\n  b: |2\n      x\n"),
        ("b: >2-\n    x\n\n\na: 1\n", "a: 1\n\n\nb: >2-\n    x\n"),
        ("a: &x {k: 1}\nb: &y\n    k: 1\nc: *x\n", "a: &x {k: 1}\nb: &y\n  k: 1\nc: *x\n"),
        ("z: &x 1\na: *x\n", "z: &x 1\na: *x\n"),
        ("? a\n: 1\n", "? a\n: 1\n"),
        ("a:\n  b: 1\n  # below\n# at the end\n", "a:\n  b: 1\n  # below\n# at the end\n"),
    ],
)
def test_what_is_written_how(before: str, after: str) -> None:
    result = formatted(before.encode(), alphabetical)
    assert isinstance(result, bytes)
    assert result.decode() == after
    assert formatted(result, alphabetical) == result


@pytest.mark.parametrize("text", ["a: [", "a: no\n", "- 1\n", "", "a: 1\n---\nb: 1\n"])
def test_what_is_no_manifest_has_its_problems_and_no_form(text: str) -> None:
    expected = read(text.encode())
    assert isinstance(expected, Malformed)
    assert formatted(text.encode(), alphabetical) == expected
