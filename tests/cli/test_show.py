"""`reconciler show`, beyond the plans that the views' own tests draw."""

import json
from typing import Any

import pytest

from tests.scenarios.workbench import Repository


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
