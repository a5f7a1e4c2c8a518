"""`reconciler show`, beyond the plans that the views' own tests draw."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from reconciler.core.sticky import mark_of, marked
from reconciler.model.comment import Mark
from tests.scenarios.workbench import Repository, email


def test_the_counts_for_gitlab_and_the_result_of_an_apply_are_drawn(embedded: Repository) -> None:
    for name in ("one", "two"):
        embedded.write(name)
    assert embedded.run("plan", "--format", "terraform").json == {"create": 2, "update": 0, "delete": 0}
    embedded.applied()
    embedded.write("one", name="Another")
    embedded.remove("two")
    plan, result = embedded.root / "plan.json", embedded.root / "result.json"
    assert embedded.run("plan", "--out", str(plan)).code == 0
    assert embedded.run("show", str(plan), "--format", "terraform").json == {"create": 0, "update": 1, "delete": 0}
    result.write_text(embedded.apply("--format", "json").out, encoding="utf-8")
    assert "✅ Applied" in embedded.run("show", str(result), "--format", "markdown").out
    assert embedded.run("show", str(result), "--format", "json").out == result.read_text(encoding="utf-8")
    refused = embedded.run("show", str(result))
    assert (refused.code, "drawn as json or as markdown" in refused.err) == (64, True)


@pytest.mark.parametrize("outcomes", [5, [5], [{"status": "rejected"}], {"a": 1}])
def test_a_result_that_is_none_is_told_and_never_a_traceback(embedded: Repository, outcomes: Any) -> None:
    path = embedded.root / "result.json"
    path.write_text(json.dumps({"outcomes": outcomes}), encoding="utf-8")
    told = embedded.run("show", str(path), "--format", "markdown")
    assert (told.code, told.out) == (64, ""), told
    assert "holds no result" in told.err


@pytest.mark.parametrize("command", [("show",), ("apply", "--yes")])
@pytest.mark.parametrize(
    ("damage", "said"),
    [
        pytest.param(lambda text: text[: len(text) // 2], "is not JSON: it was cut off or edited", id="cut off"),
        pytest.param(lambda _: "", "is not JSON: it was cut off or edited", id="empty"),
        pytest.param(lambda _: "# Notes\n", "is not JSON: it was cut off or edited", id="no JSON"),
        pytest.param(lambda _: '{"a": NaN}', "is not JSON: it was cut off or edited", id="NaN"),
        pytest.param(lambda text: text.replace('"changes"', '"charges"', 1), "holds no whole plan", id="no changes"),
        pytest.param(lambda _: "[]", "holds no whole plan", id="a list"),
        pytest.param(lambda _: "5", "holds no whole plan", id="a number"),
        pytest.param(
            lambda text: text.replace('"changes"', '"changes": [], "changes"', 1),
            "the same key twice",
            id="changes twice",
        ),
        pytest.param(
            lambda text: text.replace('"risk": "R1"', '"risk": "R4", "risk": "R1"', 1),
            "the same key twice",
            id="risk twice",
        ),
        pytest.param(lambda text: text.replace('"R1"', '"R0"', 1), "the plan was edited", id="edited"),
    ],
)
def test_a_plan_that_was_damaged_or_edited_is_refused(
    embedded: Repository, command: tuple[str, ...], damage: Callable[[str], str], said: str
) -> None:
    embedded.write("one")
    embedded.applied()
    path = embedded.root / "plan.json"
    embedded.write("one", steps=[email("Hello again")])
    assert embedded.run("plan", "--out", str(path)).code == 0
    whole = path.read_text(encoding="utf-8")
    path.write_text(damage(whole), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != whole
    told = embedded.run(command[0], str(path), *command[1:])
    assert (told.code, told.out, said in told.err) == (7, "", True), told
    assert embedded.run(command[0], str(path.with_name("nothing.json")), *command[1:]).code == 64


def test_a_mark_with_a_key_twice_is_no_mark() -> None:
    whole = marked(Mark(key="k", digest="sha256:a", commit="c", run=1), "text")
    assert mark_of(whole) is not None
    assert mark_of(whole.replace('"digest"', '"digest": "sha256:b", "digest"', 1)) is None
