"""Law 10: deleting, nulling, emptying or merging away any key of an example never quietly reaches everyone."""

import json
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from reconciler.adapters.manifests.load import Loaded, load
from reconciler.adapters.schemas.bundled import SEQUENCE_SCHEMA, schemas_folder
from reconciler.adapters.schemas.judge import Judge
from reconciler.core.inspection import inspect
from reconciler.model import rules
from reconciler.model.diagnostic import Finding
from reconciler.model.jsonvalue import ABSENT, Json
from reconciler.model.pointer import Path as Place
from reconciler.model.pointer import replaced, value_at
from reconciler.model.sequence import MANAGED_FIELDS

ROOT = Path(__file__).parents[2]
JUDGE = Judge(json.loads((schemas_folder() / SEQUENCE_SCHEMA).read_bytes()))
SETTINGS = tomllib.loads((ROOT / "reconciler.toml").read_text(encoding="utf-8"))
VARIABLES = SETTINGS["environments"]["sandbox"]["variables"]
EMPTY: dict[type, Any] = {str: "", list: [], dict: {}, bool: False, int: 0, float: 0}
MERGED = "merged-away"
EXAMPLES = sorted(path.relative_to(ROOT / "sequences") for path in (ROOT / "sequences").rglob("*.yaml"))


def spots(value: Any, path: Place = ()) -> Iterator[tuple[Place, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in pairs:
        yield (*path, key), child
        yield from spots(child, (*path, key))


def written(document: Any) -> str:
    return yaml.dump(document, Dumper=yaml.CSafeDumper, sort_keys=False)


def damaged(document: Any) -> Iterator[str]:
    """Yield the text of the document with each key and entry, in turn, gone, null, empty and merged away."""
    for path, value in spots(document):
        for instead in (ABSENT, None, EMPTY[type(value)]) if value is not None else (ABSENT,):
            yield written(replaced(document, path, instead))
        if isinstance(path[-1], str):
            owner = dict(value_at(document, path[:-1]) or {})  # type: ignore[arg-type]
            owner[MERGED] = {path[-1]: owner.pop(path[-1])}
            yield written(replaced(document, path[:-1], owner)).replace(f"{MERGED}:", "<<:")


def loaded(root: Path) -> Loaded:
    return load(root, "sequences", variables=VARIABLES, check=check, inspect=inspect)


def check(value: Json) -> tuple[Finding, ...]:
    """Whether a value is valid is all that matters here, and the screen tells it a hundred times as fast."""
    if JUDGE.passes(value):
        return ()
    fields = ("reconciler", *MANAGED_FIELDS)
    return tuple(Finding(rule=rules.NOT_ALLOWED, message="somewhere in it", path=(field,)) for field in fields)


def leaves_somebody_out(condition: dict[str, Any]) -> bool:
    """A rule of its own, cruder than the tool's: something beside the type is there, and nothing in it is blank."""
    rest = [value for key, value in condition.items() if key != "type"]
    return bool(rest) and not any(is_blank(value) for value in rest)


def is_blank(value: Any) -> bool:
    if isinstance(value, str):
        return not value.strip()
    inside = value.values() if isinstance(value, dict) else value
    return not inside or any(is_blank(each) for each in inside)


def reaches_everyone(filter_: Any) -> bool:
    groups = (filter_ or {}).get("or")
    return not groups or not all(any(map(leaves_somebody_out, group["and"])) for group in groups)


def test_the_rule_of_this_test_tells_everyone_from_some() -> None:
    some = {"or": [{"and": [{"type": "contacts_email_in", "email_in": ["ann@example.com"]}]}]}
    assert not reaches_everyone(some)
    for broken in (None, {}, {"or": []}, {"or": [*some["or"], {"and": []}]}, {"or": [{"and": [{"type": "x"}]}]}):
        assert reaches_everyone(broken)


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_no_damage_to_an_example_quietly_reaches_everyone(example: Path, tmp_path: Path) -> None:
    source = ROOT / "sequences" / example
    document = yaml.safe_load(source.read_text(encoding="utf-8"))
    shutil.copytree(ROOT / "sequences", tmp_path / "sequences")
    meant = document.get("reconciler", {}).get("audience") == "everyone"
    texts = list(damaged(document))
    for number, text in enumerate(texts):
        # Under an id of its own, so that no two damaged copies are refused for having the same.
        renamed = text.replace(f"custom_id: {document['custom_id']}\n", f"custom_id: damaged-{number}\n", 1)
        (tmp_path / "sequences" / example).with_name(f"damaged-{number}.yaml").write_text(renamed, encoding="utf-8")
    result = loaded(tmp_path)
    accepted = [each for each in result.desired if each.custom_id.startswith("damaged-")]
    assert len(accepted) + len({each.file for each in result.diagnostics if "damaged-" in each.file}) >= len(texts)
    quiet = [each.source.file for each in accepted if reaches_everyone(each.payload.value["filter"])]
    assert quiet == [] or meant
    if meant:
        undeclared = [each for each in accepted if each.instructions.audience is None]
        assert not any(reaches_everyone(each.payload.value["filter"]) for each in undeclared)
