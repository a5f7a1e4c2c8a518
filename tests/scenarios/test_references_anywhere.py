"""`$sequence` is legal wherever the schema has a string, sensible or not: nothing that reads texts stumbles over it."""

import shutil
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import yaml

from tests.scenarios.workbench import ROOT, Repository


def texts(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every text, and of everything that stands for one."""
    if isinstance(value, str) or (isinstance(value, dict) and any(key.startswith("$") for key in value)):
        yield path
        return
    for key, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from texts(each, (*path, key))


def referring(manifest: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The manifest with a reference in the place of each of its texts in turn."""
    for path in texts(manifest):
        changed = deepcopy(manifest)
        inner: Any = changed
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = {"$sequence": "named"}
        yield changed


def examples() -> Iterator[dict[str, Any]]:
    """Every example with a reference in the place of each of its texts in turn."""
    for path in sorted((ROOT / "sequences").rglob("*.yaml")):
        yield from referring(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_a_reference_in_the_place_of_any_text_ends_in_a_plan_or_in_diagnostics(embedded: Repository) -> None:
    embedded.configure((ROOT / "reconciler.toml").read_text(encoding="utf-8"))
    embedded.write("named")
    (embedded.root / "sequences/bodies").mkdir()
    for body in (ROOT / "sequences").rglob("*.html"):
        shutil.copy(body, embedded.root / "sequences/bodies")
    changed = list(examples())
    for number, each in enumerate(changed):
        embedded.write(f"s-{number}", **{key: value for key, value in each.items() if key != "custom_id"})
    result = embedded.run("validate", "--format", "json")
    assert result.code == 3, result.err
    for file in {each["file"] for each in result.json["diagnostics"] if each["severity"] == "error"}:
        (embedded.root / file).unlink()
    assert len(list((embedded.root / "sequences").glob("*.yaml"))) > len(changed) / 3
    for format_ in ("text", "markdown", "html", "json", "terraform"):
        assert embedded.run("plan", "--format", format_).code in (0, 7), format_
