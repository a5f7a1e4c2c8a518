"""Bodies: all that the contract takes, and everything else refused."""

import copy
import json
import random
import re
from typing import Any

import jsonschema
import pytest
import yaml

from reconciler.sandbox.contract import Contract
from reconciler.sandbox.jsonbody import BodyError
from reconciler.sandbox.shape import Compiler
from reconciler.sandbox.switches import UnknownKeys
from tests.sandbox.sandbox_bodies import (
    ACTIONS,
    BUTTON,
    CALL,
    CONTACT,
    EMAIL,
    FILTERS,
    SCHEMA,
    SMS,
    body,
    every,
    step,
    whatsapp,
)


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
def test_every_action_is_accepted_and_answered_as_written(api, action):
    sequence_id = api.create(body(is_continuous=False, steps=[step(action), step(action, 1.5)]))
    assert api.get(sequence_id)["steps"] == [step(action), step(action, 1.5)]
    api.patch(sequence_id, body(is_continuous=False, steps=[step(action, 7)]))
    assert api.get(sequence_id)["steps"] == [step(action, 7)]


@pytest.mark.parametrize("rule", FILTERS, ids=lambda rule: rule["type"])
def test_every_filter_is_accepted_and_answered_as_written(api, rule):
    sequence_id = api.create(body(filter=every(rule, rule)))
    assert api.get(sequence_id)["filter"] == every(rule, rule)
    two_groups = {"or": [{"and": []}, {"and": [rule]}]}
    api.patch(sequence_id, body(filter=two_groups))
    assert api.get(sequence_id)["filter"] == two_groups


def test_the_bodies_of_these_tests_cover_the_whole_contract():
    schemas = yaml.safe_load(SCHEMA.read_text())["components"]["schemas"]
    kinds = {branch["properties"]["type"]["const"] for branch in schemas["ContactsFilter"]["anyOf"]}
    assert kinds == {rule["type"] for rule in FILTERS}
    actions = SCHEMA.read_text().partition("components:")[0]
    assert {action["type"] for action in ACTIONS.values()} == set(
        re.findall(r"- (send_\w+|make_phone_calls)$", actions, re.MULTILINE)
    )


def without(value: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: child for name, child in value.items() if name != key}


def email(**data: Any) -> dict[str, Any]:
    return {"type": "send_emails", "data": {**EMAIL["data"], **data}}


WRONG: dict[str, tuple[Any, str]] = {
    "a list": ([], "`/` must be an object"),
    "null": (None, "`/` must be an object"),
    "a name that is null": (body(name=None), "`/name` must be a string"),
    "a custom_id that is null": (body(custom_id=None), "`/custom_id` must be a string"),
    "a custom_id that is a number": (body(custom_id=5), "`/custom_id` must be a string"),
    "a number for a boolean": (body(is_continuous=1), "`/is_continuous` must be a boolean"),
    "a text for a boolean": (body(is_continuous="true"), "`/is_continuous` must be a boolean"),
    "a filter without or": (body(filter={}), "`/filter` lacks `or`"),
    "a filter of no groups": (body(filter={"or": []}), "`/filter/or` must have at least 1 element"),
    "a group without and": (body(filter={"or": [{}]}), "`/filter/or/0` lacks `and`"),
    "a filter without type": (body(filter=every({})), "`/filter/or/0/and/0` lacks `type`"),
    "a filter of no known type": (
        body(filter=every({"type": "nobody"})),
        "`/filter/or/0/and/0/type` is not one that the contract names",
    ),
    "a filter with a key too many": (
        body(filter=every({"type": "all_contacts", "contact_ids": []})),
        "`/filter/or/0/and/0/contact_ids` is not a key that the contract names",
    ),
    "a contact that is no uuid": (
        body(filter=every({"type": "contact_id_in", "contact_ids": [CONTACT, "ann"]})),
        "`/filter/or/0/and/0/contact_ids/1` must match",
    ),
    "a contact with a line feed": (
        body(filter=every({"type": "contact_id_in", "contact_ids": [CONTACT + "\n"]})),
        "`/filter/or/0/and/0/contact_ids/0` must match",
    ),
    "an instant without an offset": (
        body(filter=every({"type": "last_contacted_at_between", "after": "2026-01-01T00:00:00"})),
        "`/filter/or/0/and/0/after` must be a date-time",
    ),
    "an instant that does not exist": (
        body(filter=every({"type": "last_contacted_at_between", "before": "2026-02-30T00:00:00Z"})),
        "`/filter/or/0/and/0/before` must be a date-time",
    ),
    "an attribute that is a number": (
        body(filter=every({"type": "contacts_attributes_in", "attributes": [{"age": 5}]})),
        "`/filter/or/0/and/0/attributes/0/age` must be a string",
    ),
    "no steps": (body(steps=[]), "`/steps` must have at least 1 element"),
    "steps that are null": (body(steps=None), "`/steps` must be an array"),
    "a step without an action": (body(steps=[{"delay_in_minutes": 1}]), "`/steps/0` lacks `action`"),
    "a delay below zero": (body(steps=[step(delay=-1)]), "`/steps/0/delay_in_minutes` must be at least 0"),
    "a delay that is a text": (body(steps=[step(delay="5")]), "`/steps/0/delay_in_minutes` must be a number"),
    "a delay that is true": (body(steps=[step(delay=True)]), "`/steps/0/delay_in_minutes` must be a number"),
    "an action of no known type": (
        body(steps=[step({"type": "fax", "data": {}})]),
        "`/steps/0/action/type` is not one that the contract names",
    ),
    "the data of another action": (
        body(steps=[step({"type": "send_sms_messages", "data": CALL["data"]})]),
        "`/steps/0/action/data` lacks `message`",
    ),
    "an action without data": (body(steps=[step(without(SMS, "data"))]), "lacks `data`"),
    "a subject that is null": (
        body(steps=[step(email(email_subject=None))]),
        "`/steps/0/action/data/email_subject` must be a string",
    ),
    "a template without a language": (
        body(
            steps=[
                step(
                    {
                        "type": "send_whatsapp_messages",
                        "data": {"phone_number_id": "1", "template": {"name": "n", "parameters": {}}},
                    }
                )
            ]
        ),
        "`/steps/0/action/data/template` lacks `language`",
    ),
    "a button with an index of ten": (
        body(steps=[step(whatsapp(buttons=[{**BUTTON, "index": "10"}]))]),
        "buttons/0/index` must be `0` or `1`",
    ),
    "a template parameter too many": (
        body(steps=[step(whatsapp(footer={}))]),
        "`/steps/0/action/data/template/parameters/footer` is not a key that the contract names",
    ),
    "a variable that mixes two kinds": (
        body(
            steps=[
                step(
                    whatsapp(
                        body={
                            "type": "body",
                            "parameters": [{"type": "text", "text": {"type": "CONSTANT", "value": "v", "ref": "r"}}],
                        }
                    )
                )
            ]
        ),
        "text/ref` is not a key that the contract names",
    ),
}


@pytest.mark.parametrize("name", EMAIL["data"])
def test_an_e_mail_without_one_of_its_five_fields_is_refused(api, name):
    wrong = body(steps=[step({"type": "send_emails", "data": without(EMAIL["data"], name)})])
    response = api.request("POST", "/sequences", json=wrong)
    assert (response.status_code, response.json()["message"]) == (400, f"`/steps/0/action/data` lacks `{name}`")


@pytest.mark.parametrize(("wrong", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_body_is_400_says_where_and_changes_nothing(api, wrong, message):
    sequence_id = api.create(body())
    before = api.simulator.sequences()
    for method, path in [("POST", "/sequences"), ("PATCH", f"/sequences/{sequence_id}")]:
        response = api.request(method, path, content=json.dumps(wrong))
        assert response.status_code == 400
        assert message in response.json()["message"]
    assert api.simulator.sequences() == before


@pytest.mark.parametrize("name", ["filter", "steps"])
def test_only_a_new_sequence_must_state_its_filter_and_steps(api, name):
    response = api.request("POST", "/sequences", json=body(**{name: ...}))
    assert (response.status_code, response.json()["message"]) == (400, f"`/` lacks `{name}`")
    api.patch(api.create(body()), body(**{name: ...}))


def _reference(document: Any) -> jsonschema.Draft202012Validator:
    """The same contract by another validator: its components where they stand, without their illegal ids."""
    patch = document["paths"]["/sequences/{sequence_id}"]["patch"]["requestBody"]["content"]["application/json"]
    schemas = {
        name: {key: value for key, value in schema.items() if key not in {"$id", "$schema"}}
        for name, schema in document["components"]["schemas"].items()
    }
    formats = jsonschema.FormatChecker(formats=())
    formats.checks("date-time")(lambda value: not isinstance(value, str) or value.startswith("2026-"))
    whole = {**patch["schema"], "components": {"schemas": schemas}}
    return jsonschema.Draft202012Validator(whole, format_checker=formats)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every container and key in a value."""
    match value:
        case dict():
            return [place for key, child in value.items() for place in ((value, key), *_places(child))]
        case list():
            return [place for key, child in enumerate(value) for place in ((value, key), *_places(child))]
        case _:
            return []


def _mutant(rng: random.Random, whole: Any) -> Any:
    mutant = copy.deepcopy(whole)
    for _ in range(rng.choice([1, 1, 2])):
        holder, key = rng.choice(_places(mutant))
        change = rng.choice(["remove", "replace", "copy", "add"])
        if change == "remove":
            del holder[key]
        elif change == "replace":
            holder[key] = rng.choice([None, True, 0, -1, 1.5, "", "text", [], {}, [None], {"type": "all_contacts"}])
        elif change == "copy":
            other, from_key = rng.choice(_places(whole))
            holder[key] = copy.deepcopy(other[from_key])
        elif isinstance(holder, dict):
            holder[rng.choice(["type", "extra", "data", "after", "ref"])] = rng.choice(["text", 5, {}])
    return mutant


def test_another_validator_agrees_on_thousands_of_mutants():
    reference = _reference(yaml.safe_load(SCHEMA.read_text()))
    contract = Contract(SCHEMA)
    rng = random.Random(20260101)  # noqa: S311 - mutants, not secrets
    whole = body(filter=every(*FILTERS), steps=[step(action, 5) for action in ACTIONS.values()])
    verdicts = {True: 0, False: 0}
    for _ in range(3000):
        small = {**whole, "filter": every(rng.choice(FILTERS)), "steps": [step(rng.choice(list(ACTIONS.values())), 5)]}
        mutant = _mutant(rng, small)
        try:
            contract.accept(mutant, unknown_keys=UnknownKeys.KEPT, creating=False)
            accepted = True
        except BodyError:
            accepted = False
        assert accepted == reference.is_valid(mutant), mutant
        verdicts[accepted] += 1
    assert min(verdicts.values()) > 300, verdicts


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "maxLength": 5},
        {"type": "object", "patternProperties": {}},
        {"type": "object", "propertyNames": {"type": "string", "pattern": "^a"}},
        {"type": ["string", "null"]},
        {"type": "string", "format": "ipv4"},
        {"anyOf": [{"type": "string"}], "minLength": 1},
        {},
    ],
)
def test_a_newer_contract_is_not_checked_by_halves(schema):
    with pytest.raises(ValueError, match="sandbox does not know"):
        Compiler(definitions={}, closed=False).compile(schema)


def test_a_value_that_fits_two_forms_of_which_it_must_be_one_is_refused():
    number, whole = {"type": "number"}, {"type": "integer"}
    shape = Compiler(definitions={}, closed=False).compile({"oneOf": [number, whole]})
    assert (shape.problem(1.5), str(shape.problem(1))) == (None, "`/` fits several forms, of which it must be one")
