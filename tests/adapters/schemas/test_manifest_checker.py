"""What is wrong with a manifest, in words: one mistake gives one finding, at its place, without any value."""

from collections.abc import Callable
from typing import Any

import pytest

from reconciler.core.rulebook.catalogue import RULES
from reconciler.model import rules
from reconciler.model.diagnostic import Finding
from tests.adapters.schemas.schema_samples import (
    ACTIONS,
    BODY,
    BUTTON,
    CHECKER,
    FILTERS,
    HEADERS,
    INSTRUCTIONS,
    OPTIONAL,
    RECONCILER,
    UUID,
    VARIABLES,
    at,
    filter_of,
    full_manifest,
    manifest,
    mutants,
    places,
    put,
    step_of,
    unshared,
)

Path = tuple[str | int, ...]
Change = Callable[[dict[str, Any]], object]


def whatsapp(parameters: dict[str, Any]) -> dict[str, Any]:
    step = step_of("send_whatsapp_messages")
    step["action"]["data"]["template"]["parameters"] = unshared(parameters)
    return manifest(steps=[step])


def header(kind: str) -> dict[str, Any]:
    return whatsapp({"header": {"type": "header", "parameters": [HEADERS[kind]]}})


def variable(kind: str) -> dict[str, Any]:
    return whatsapp({"body": {"type": "body", "parameters": [{"type": "text", "text": VARIABLES[kind]}]}})


FILTER: Path = ("filter", "or", 0, "and", 0)
ACTION: Path = ("steps", 0, "action")
WHATSAPP: Path = (*ACTION, "data", "template", "parameters")
# Each with the place of the part that it is the sample of.
SAMPLES: dict[str, tuple[Path, dict[str, Any]]] = {
    "sequence": ((), {**manifest(), "reconciler": unshared(RECONCILER)}),
    **{f"action {kind}": (ACTION, manifest(steps=[step_of(kind)])) for kind in ACTIONS},
    **{f"filter {kind}": (FILTER, manifest(filters=[filter_of(kind)])) for kind in FILTERS},
    **{f"header {kind}": (WHATSAPP, header(kind)) for kind in HEADERS},
    **{f"variable {kind}": (WHATSAPP, variable(kind)) for kind in VARIABLES},
    "body": (WHATSAPP, whatsapp({"body": BODY})),
    "buttons": (WHATSAPP, whatsapp({"buttons": [BUTTON]})),
}


def parts(name: str) -> list[tuple[Path, Any]]:
    """List the places and values of a sample's own part."""
    start, sample = SAMPLES[name]
    return [(path, value) for path, value in places(sample) if path[: len(start)] == start]


def objects(name: str) -> list[tuple[Path, dict[str, Any]]]:
    """List the objects with keys of their own; the keys of attributes are free."""
    return [(path, value) for path, value in parts(name) if isinstance(value, dict) and "attributes" not in path]


def sample(name: str) -> Any:
    return unshared(SAMPLES[name][1])


def only(findings: tuple[Finding, ...]) -> Finding:
    assert len(findings) == 1, findings
    assert findings[0].rule in RULES
    return findings[0]


@pytest.mark.parametrize("name", SAMPLES)
def test_everything_that_the_contract_has_is_accepted(name: str) -> None:
    assert CHECKER.check(sample(name)) == ()


@pytest.mark.parametrize("name", SAMPLES)
def test_an_unknown_key_in_any_object_is_one_finding_at_that_key(name: str) -> None:
    for path, _ in objects(name):
        broken = sample(name)
        at(broken, path)["zzz"] = 1
        finding = only(CHECKER.check(broken))
        assert (finding.rule, finding.path, finding.at_key) == (rules.UNKNOWN_KEY, (*path, "zzz"), True)
        assert "unknown key `zzz` in " in finding.message


@pytest.mark.parametrize("name", SAMPLES)
def test_a_misspelt_key_in_any_object_is_one_finding_that_names_the_right_one(name: str) -> None:
    for path, key in [(path, key) for path, value in objects(name) for key in value]:
        broken = sample(name)
        wrong = key[:-2] + key[-1] + key[-2] if key[-1] != key[-2] else key[:-1]
        at(broken, path)[wrong] = at(broken, path).pop(key)
        finding = only(CHECKER.check(broken))
        assert (finding.rule, finding.path, finding.at_key) == (rules.UNKNOWN_KEY, (*path, wrong), True)
        assert finding.hint == f"did you mean `{key}`?"


@pytest.mark.parametrize("name", SAMPLES)
def test_a_missing_key_in_any_object_is_one_finding_at_the_object(name: str) -> None:
    for path, key in [(path, key) for path, value in objects(name) for key in value]:
        broken = sample(name)
        del at(broken, path)[key]
        if key in OPTIONAL:
            assert CHECKER.check(broken) == ()
            continue
        finding = only(CHECKER.check(broken))
        assert (finding.rule, finding.path, finding.at_key) == (rules.MISSING_KEY, path, True)
        assert finding.message.endswith(f" needs `{key}`")


@pytest.mark.parametrize("name", SAMPLES)
def test_a_value_of_the_wrong_type_anywhere_is_one_finding_there(name: str) -> None:
    for path, value in parts(name):
        for wrong in ([1], 5, "five", {"a": "b"}, None, True):
            same_type = type(wrong) is type(value) or (type(wrong) is int and type(value) is float)
            may_be_it = isinstance(wrong, dict | str) and path[:-1] == ("reconciler", "ignore")
            if same_type or may_be_it or (wrong is None and path == ("filter",)):
                continue
            finding = only(CHECKER.check(put(sample(name), path, wrong)))
            if isinstance(wrong, dict) and finding.rule == rules.UNKNOWN_KEY:
                assert (finding.path, finding.at_key) == ((*path, "a"), True)
            else:
                assert (finding.rule, finding.path) == (rules.WRONG_TYPE, path)


@pytest.mark.parametrize(
    "path", [("custom_id",), ("steps",), (*FILTER,), (*FILTER, "type"), (*ACTION,), (*ACTION, "type")]
)
@pytest.mark.parametrize("wrong", [None, 5, UUID, "five"])
def test_an_editor_that_reads_the_schema_also_sees_one_error(path: Path, wrong: Any) -> None:
    document = put(manifest(), path, wrong)
    assert len(CHECKER._judge.mistakes(document)) == (0 if (path, wrong) == (("custom_id",), "five") else 1)


@pytest.mark.parametrize("instruction", INSTRUCTIONS, ids=str)
def test_an_instruction_may_stand_for_every_free_string_and_for_nothing_else(instruction: dict[str, str]) -> None:
    fixed = {"custom_id", "type", "index", "sub_type", "audience", "renamed_from", "owner"}
    for path, value in places(full_manifest()):
        if isinstance(value, dict):
            continue
        may = isinstance(value, str) and path[-1] not in fixed and "ignore" not in path
        may = may and value != "CONTACT_NAME"
        findings = CHECKER.check(put(full_manifest(), path, dict(instruction)))
        assert (findings == ()) is may, (path, findings)


@pytest.mark.parametrize("custom_id", ["a", "A9", "a-b_c", "a" * 50, "0", "a--b"])
def test_a_custom_id_of_letters_digits_and_dashes_is_accepted(custom_id: str) -> None:
    assert CHECKER.check({**manifest(), "custom_id": custom_id}) == ()


NO_CUSTOM_IDS = ["\u00e4", "\u0663", "a\u2028", "a\n", "a;b", "a:b", UUID, UUID.upper()]
NO_CUSTOM_IDS += ["", "-a", "a-", "_a", "a_", "a" * 51, "a b", "a/b", "a?x=1", "a#f", "..", ".", "a%2e", "a\\b"]


@pytest.mark.parametrize("custom_id", NO_CUSTOM_IDS)
def test_any_other_custom_id_is_one_finding_wherever_one_is_written(custom_id: str) -> None:
    variants = [
        (("custom_id",), {**manifest(), "custom_id": custom_id}),
        (("reconciler", "renamed_from"), {**manifest(), "reconciler": {"renamed_from": custom_id}}),
        (("name", "$sequence"), {**manifest(), "name": {"$sequence": custom_id}}),
    ]
    for path, document in variants:
        finding = only(CHECKER.check(document))
        assert (finding.rule, finding.path) == (rules.BAD_CUSTOM_ID, path)


@pytest.mark.parametrize(
    "key", ["from_email", "email_subject", "email_body", "email_sender_name", "message", "aiPhoneAgentId", "name"]
)
def test_a_text_that_is_sent_must_not_be_empty(key: str) -> None:
    found = [path for path, _ in places(full_manifest()) if path[-1:] == (key,)]
    texts = [path for path in found if isinstance(at(full_manifest(), path), str)]
    assert texts
    for path in texts:
        finding = only(CHECKER.check(put(full_manifest(), path, "")))
        assert (finding.rule, finding.path) == (rules.EMPTY, path)


def test_what_may_be_meant_to_be_empty_may_be() -> None:
    for path, _ in places(full_manifest()):
        if path[-1:] in (("fallback",), ("value",), ("plan",)):
            assert CHECKER.check(put(full_manifest(), path, "")) == ()


def test_a_null_filter_is_accepted_and_a_missing_one_is_not() -> None:
    assert CHECKER.check({**manifest(), "filter": None}) == ()
    without = manifest()
    del without["filter"]
    assert only(CHECKER.check(without)).message == "the sequence needs `filter`"


@pytest.mark.parametrize("document", [None, [], "welcome", 5, True])
def test_a_document_that_is_no_object_is_one_finding(document: Any) -> None:
    finding = only(CHECKER.check(document))
    assert finding.message.startswith("the manifest must be keys with values, not ")
    assert finding.path == ()


def test_several_mistakes_are_several_findings_in_the_order_of_their_paths() -> None:
    document = manifest(steps=[step_of("send_sms_messages") for _ in range(12)])
    for position in (11, 2):
        document["steps"][position]["delay_in_minutes"] = "5"
    document["name"] = ""
    document["extra"] = 1
    paths = [finding.path for finding in CHECKER.check(document)]
    assert paths == [("extra",), ("name",), ("steps", 2, "delay_in_minutes"), ("steps", 11, "delay_in_minutes")]


def test_a_value_has_one_finding_at_most() -> None:
    for document in mutants(seed=4, count=800):
        at_values = [each.path for each in CHECKER.check(document) if each.rule != rules.MISSING_KEY]
        assert len(at_values) == len(set(at_values))


def test_reading_that_stopped_is_told() -> None:
    document = manifest()
    document["steps"] = [1] * 999
    assert {each.rule for each in CHECKER.check(document)} == {rules.WRONG_TYPE}
    document["steps"] = [1] * 1001
    assert [each.rule for each in CHECKER.check(document)] == [rules.WRONG_TYPE] * 1000 + [rules.TOLD_ENOUGH]
