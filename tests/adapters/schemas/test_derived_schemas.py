"""The derived schemas: current, closed, complete, titled, and the request's the same as published."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from reconciler.adapters.schemas import bundled
from reconciler.adapters.schemas.build import derived_files, stale, write
from reconciler.adapters.schemas.contract import CONTRACT_FILE
from reconciler.adapters.schemas.formats import FORMATS
from reconciler.adapters.schemas.wording import WORDING
from reconciler.errors import ConfigurationError
from tests.adapters.schemas.schema_samples import (
    ACTIONS,
    CHECKER,
    FILTERS,
    HEADERS,
    INSTRUCTIONS,
    REQUESTS,
    SCHEMAS,
    VARIABLES,
    body_of,
    full_manifest,
    mutants,
)

CONTRACT = SCHEMAS / CONTRACT_FILE
SEQUENCE: dict[str, Any] = json.loads((SCHEMAS / bundled.SEQUENCE_SCHEMA).read_bytes())
REQUEST: dict[str, Any] = json.loads((SCHEMAS / bundled.REQUEST_SCHEMA).read_bytes())


def subschemas(schema: Any, where: str = "") -> list[tuple[str, dict[str, Any]]]:
    """List the subschemas that judge a value, with their places; conditions only choose, and are left out."""
    if not isinstance(schema, dict):
        return []
    found = [(where, schema)]
    for keyword in ("properties", "$defs"):
        for key, child in schema.get(keyword, {}).items():
            found += subschemas(child, f"{where}/{keyword}/{key}")
    for keyword in ("items", "additionalProperties", "then"):
        found += subschemas(schema.get(keyword), f"{where}/{keyword}")
    for position, child in enumerate(schema.get("allOf", ())):
        found += subschemas(child, f"{where}/allOf/{position}")
    return found


def changed_contract(old: str, new: str) -> bytes:
    text = CONTRACT.read_text()
    assert text.count(old) == 1
    return text.replace(old, new).encode()


def test_the_contract_is_byte_for_byte_the_given_one() -> None:
    assert hashlib.sha256(CONTRACT.read_bytes()).hexdigest() == (
        "a7e998d6d86d5422f1c00da9c7417de665850075086c28e630b74fbe5e792afc"
    )


def test_no_derived_file_is_stale() -> None:
    assert stale(SCHEMAS) == []


def test_a_file_that_was_edited_or_is_missing_is_stale_until_it_is_written_again(tmp_path: Path) -> None:
    folder = tmp_path / "schemas"
    shutil.copytree(SCHEMAS / "openapi", folder / "openapi")
    assert stale(folder) == ["request.schema.json", "sequence.schema.json"]
    assert write(folder) == ["request.schema.json", "sequence.schema.json"]
    assert write(folder) == []
    (folder / "sequence.schema.json").write_bytes((folder / "sequence.schema.json").read_bytes() + b" ")
    assert stale(folder) == ["sequence.schema.json"]
    assert write(folder) == ["sequence.schema.json"]
    assert stale(folder) == []


def test_a_changed_contract_makes_both_files_stale(tmp_path: Path) -> None:
    folder = tmp_path / "schemas"
    shutil.copytree(SCHEMAS, folder)
    (folder / CONTRACT_FILE).write_bytes(CONTRACT.read_bytes() + b"# changed\n")
    assert stale(folder) == ["request.schema.json", "sequence.schema.json"]


def test_a_folder_without_the_contract_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"update-sequence\.yaml is missing"):
        stale(tmp_path)


def test_the_files_say_what_they_are_derived_from_and_how() -> None:
    for name, content in derived_files(CONTRACT.read_bytes()).items():
        assert content.endswith(b"}\n"), name
        comment = json.loads(content)["$comment"]
        assert "sha256:a7e998d6" in comment
        assert "reconciler schema build" in comment


def test_the_derived_schemas_are_legal_2020_12_without_a_reference_to_elsewhere() -> None:
    for schema in (SEQUENCE, REQUEST):
        Draft202012Validator.check_schema(schema)
        text = json.dumps(schema)
        assert '"$id"' not in text
        for _, each in subschemas(schema):
            assert str(each.get("$ref", "#/$defs/")).startswith("#/$defs/")


def test_every_object_of_the_manifest_schema_is_closed() -> None:
    objects = [(where, each) for where, each in subschemas(SEQUENCE) if "object" in str(each.get("type"))]
    assert len(objects) > 40
    for where, each in objects:
        if "allOf" in each:
            assert {branch["then"]["$ref"] for branch in each["allOf"]}, where
            assert set(each["properties"]) == {"type"}, where
        elif "propertyNames" in each:
            assert isinstance(each["additionalProperties"], dict), where
        else:
            assert each["additionalProperties"] is False, where


def test_the_manifest_schema_has_no_bare_alternatives() -> None:
    for where, each in subschemas(SEQUENCE):
        assert not {"anyOf", "oneOf"} & each.keys(), where


def test_every_value_that_is_a_string_in_the_contract_may_be_an_instruction() -> None:
    bare = [where for where, each in subschemas(SEQUENCE) if each.get("type") == "string"]
    assert sorted(bare) == sorted(
        [
            "/$defs/custom_id",
            *(f"/$defs/string_or_instruction/properties/{key}" for key in ("$file", "$var")),
            "/properties/reconciler/properties/ignore/items/properties/path",
            "/properties/reconciler/properties/ignore/items/properties/reason",
            "/properties/reconciler/properties/ignore/items/properties/until",
            "/properties/reconciler/properties/only/properties/labels/items",
            "/properties/reconciler/properties/owner",
        ]
    )


def test_every_property_has_a_title_and_a_description() -> None:
    for where, each in subschemas(SEQUENCE):
        for key, child in each.get("properties", {}).items():
            assert child.get("title"), f"{where}/{key}"
            if key != "type":
                assert child.get("description"), f"{where}/{key}"


def test_every_branch_and_list_entry_that_is_an_object_has_a_title() -> None:
    for where, each in subschemas(SEQUENCE):
        if each.get("type") == "object":
            assert each.get("title"), where


def test_no_wording_is_left_over_from_a_place_that_is_gone() -> None:
    said = {(each.get("title"), each.get("description")) for _, each in subschemas(SEQUENCE)}
    assert [place for place, wording in WORDING.items() if wording not in said and not place.endswith("type")] == []


def test_the_published_defaults_stay() -> None:
    assert SEQUENCE["properties"]["is_continuous"]["default"] is True
    assert SEQUENCE["properties"]["name"]["default"] == "New Sequence"
    assert SEQUENCE["required"] == ["custom_id", "name", "filter", "steps"]


def test_the_samples_of_these_tests_use_everything_that_the_contract_has() -> None:
    components = yaml.safe_load(CONTRACT.read_bytes())["components"]["schemas"]
    header = components["WhatsAppTemplateMappingDto"]["properties"]["header"]["properties"]["parameters"]["items"]
    actions = SEQUENCE["properties"]["steps"]["items"]["properties"]["action"]["properties"]["type"]["enum"]
    assert tags(components["ContactsFilter"]["anyOf"]) == list(FILTERS)
    assert tags(header["oneOf"]) == list(HEADERS)
    assert sorted(tags(components["WhatsAppTemplateVariableDto"]["oneOf"])) == sorted(VARIABLES)
    assert actions == list(ACTIONS)
    assert (len(actions), len(FILTERS), len(HEADERS), len(VARIABLES)) == (4, 13, 5, 3)


def tags(branches: list[dict[str, Any]]) -> list[str]:
    return [branch["properties"]["type"]["const"] for branch in branches]


def test_a_filter_that_the_contract_gains_shows_up_by_itself(tmp_path: Path) -> None:
    contract = changed_contract("const: contacts_name_in", "const: contacts_nickname_in")
    schema = json.loads(derived_files(contract)["sequence.schema.json"])
    assert "contacts_nickname_in" in schema["$defs"]["ContactsFilter"]["properties"]["type"]["enum"]
    branch = schema["$defs"]["ContactsFilter.contacts_nickname_in"]
    assert branch["title"] == "Contacts nickname in"
    assert branch["additionalProperties"] is False


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (
            "minimum: 0",
            "minimum: 0\n                        not: {const: 5}",
            "`not` at `steps\\[\\].delay_in_minutes`",
        ),
        ("const: all_contacts", "pattern: a", "no `type` tells apart"),
        ("const: all_contacts", "const: contact_id_in", "no `type` tells apart"),
        ("#/components/schemas/WhatsAppTemplateMappingDto\n", "#/components/schemas/Nowhere\n", "does not hold"),
        ("/sequences/{sequence_id}:", "/elsewhere:", "has no schema of a PATCH"),
    ],
)
def test_a_contract_that_no_rule_knows_is_refused_instead_of_loosened(old: str, new: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        derived_files(changed_contract(old, new))


def resolved(schema: Any, document: dict[str, Any]) -> Any:
    """Put every component where it is referred to: the published schema without any reference or `$id`."""
    if isinstance(schema, list):
        return [resolved(each, document) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return resolved(document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]], document)
    return {key: resolved(value, document) for key, value in schema.items() if key not in ("$id", "$schema")}


def test_the_request_schema_judges_as_the_published_one_resolved_in_place() -> None:
    document = yaml.safe_load(CONTRACT.read_bytes())
    patch = document["paths"]["/sequences/{sequence_id}"]["patch"]
    published = resolved(patch["requestBody"]["content"]["application/json"]["schema"], document)
    formats = FormatChecker(formats=())
    for name, check in FORMATS.items():
        formats.checks(name)(check)
    original = Draft202012Validator(published, format_checker=formats)
    judged = [(original.is_valid(body), REQUESTS.is_valid(body)) for body in mutants(seed=1, count=1200)]
    assert [pair for pair in judged if pair[0] is not pair[1]] == []
    assert 100 < sum(valid for valid, _ in judged) < 1100


def test_what_a_manifest_may_hold_without_instructions_is_always_allowed_by_the_contract() -> None:
    valid = [each for each in mutants(seed=2, count=2000, instructions=False) if CHECKER.is_valid(each)]
    plain = [each for each in valid if not any(f'"{key}"' in json.dumps(each) for one in INSTRUCTIONS for key in one)]
    assert len(plain) > 100
    assert [reason for each in plain if (reason := REQUESTS.check(body_of(each)))] == []


def test_the_whole_sample_is_allowed_by_both() -> None:
    assert CHECKER.check(full_manifest()) == ()
    assert REQUESTS.check(body_of(full_manifest())) is None


def test_the_bundled_folders_are_found_in_a_checkout_and_in_a_wheel(tmp_path: Path) -> None:
    assert bundled.schemas_folder() == SCHEMAS
    package = tmp_path / "site-packages" / "reconciler"
    installed = package / "_bundled" / "schemas"
    installed.mkdir(parents=True)
    assert bundled._folder("schemas", package) == installed


def test_a_missing_bundled_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="the bundled `sequences` folder is missing"):
        bundled._folder("sequences", tmp_path / "reconciler")
