"""A text that has passed in a place passes there in every manifest, so that none has to be judged twice for it."""

import json
from pathlib import Path

from reconciler.adapters.schemas.checker import ManifestChecker
from reconciler.adapters.schemas.schema import subschemas
from tests.adapters.manifests.manifest_files import load_all, manifest, said, write

SCHEMA = Path(__file__).parents[3] / "schemas" / "sequence.schema.json"
CHECKER = ManifestChecker(SCHEMA)
# What makes nothing of a value depend on anything but the value itself, the keys above it and a mapping's `type`.
OF_THE_VALUE_ALONE = {
    "$comment", "$defs", "$ref", "$schema", "additionalProperties", "allOf", "const", "enum", "format", "if", "items",
    "maxProperties", "minItems", "minLength", "minProperties", "minimum", "not", "pattern", "properties",
    "propertyNames", "required", "then", "type",
    "default", "deprecated", "description", "examples", "title",
}  # fmt: skip


def test_by_the_schema_a_text_is_judged_by_its_place_alone() -> None:
    schema = json.loads(SCHEMA.read_bytes())
    named = [each for each in subschemas(schema) for key in ("properties", "$defs") if key in each]
    holders = [id(each[key]) for each in named for key in ("properties", "$defs") if key in each]
    used = {key for each in subschemas(schema) if id(each) not in holders for key in each}
    assert used <= OF_THE_VALUE_ALONE
    asked = [each["if"] for each in subschemas(schema) if isinstance(each.get("if"), dict)]
    assert asked
    assert {(*each["properties"],) for each in asked} == {("type",)}
    assert all(set(each["properties"]["type"]) == {"const"} for each in asked)


def judged(root: Path, files: dict[str, str]) -> list[str]:
    write(root, files)
    return said(load_all(root, check=CHECKER.check, variables={"v": "hello"}, processes=1))


CONDITION = "type: contact_belongs_to_segment\n          segment_id: some-segment"
BY_MAIL = "type: contacts_email_in\n          email_in: [{$var: v}]"


def test_a_text_that_fits_in_one_place_is_still_judged_in_another(tmp_path: Path) -> None:
    fits = manifest("one", body="{$var: v}")
    fails = manifest("two").replace(CONDITION, BY_MAIL)
    assert judged(tmp_path, {"a.yaml": fits, "b.yaml": fails}) == ["sequences/b.yaml:7:22 OCX107"]


def test_a_text_that_failed_fails_again(tmp_path: Path) -> None:
    assert len(judged(tmp_path, {f"{name}.yaml": manifest(name).replace(CONDITION, BY_MAIL) for name in "ab"})) == 2


def test_an_instruction_where_none_may_stand_is_refused_though_its_text_would_fit(tmp_path: Path) -> None:
    wrong = manifest("one").replace("custom_id: one", "custom_id: {$var: v}")
    right = manifest("hello")
    assert [each.partition(":")[0] for each in judged(tmp_path, {"a.yaml": right, "b.yaml": wrong})][-1] == (
        "sequences/b.yaml"
    )
