"""Manifests that between them use everything the contract has, and ways to break them. Written by hand, not derived."""

import copy
import json
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from reconciler.adapters.schemas.bundled import REQUEST_SCHEMA, SEQUENCE_SCHEMA
from reconciler.adapters.schemas.checker import ManifestChecker, RequestValidator

SCHEMAS = Path(__file__).resolve().parents[3] / "schemas"
CHECKER = ManifestChecker(SCHEMAS / SEQUENCE_SCHEMA)
REQUESTS = RequestValidator(SCHEMAS / REQUEST_SCHEMA)

UUID = "123e4567-e89b-42d3-a456-426614174000"
CONSTANT = {"type": "CONSTANT", "value": "fixed"}
DYNAMIC = {"type": "DYNAMIC", "ref": "order_number", "fallback": ""}
GLOBAL_DYNAMIC = {"type": "GLOBAL_DYNAMIC", "ref": "CONTACT_NAME", "fallback": "friend"}
VARIABLES = {"CONSTANT": CONSTANT, "DYNAMIC": DYNAMIC, "GLOBAL_DYNAMIC": GLOBAL_DYNAMIC}

HEADERS = {
    "text": {"type": "text", "text": GLOBAL_DYNAMIC, "parameter_name": "first"},
    "image": {"type": "image", "image": {"link": CONSTANT}},
    "video": {"type": "video", "video": {"link": DYNAMIC}},
    "document": {"type": "document", "document": {"link": CONSTANT}},
    "location": {
        "type": "location",
        "location": {"latitude": CONSTANT, "longitude": CONSTANT, "name": DYNAMIC, "address": CONSTANT},
    },
}
BODY = {"type": "body", "parameters": [{"type": "text", "text": DYNAMIC, "parameter_name": "number"}]}
BUTTON = {"type": "button", "index": "0", "sub_type": "url", "parameters": [{"type": "text", "text": CONSTANT}]}

BETWEEN = {"after": "2026-01-01T00:00:00Z", "before": "2026-02-01t00:00:00.250+02:00"}
FILTERS: dict[str, dict[str, Any]] = {
    "all_contacts": {},
    "contact_id_in": {"contact_ids": [UUID]},
    "contacts_created_at_between": BETWEEN,
    "contacts_email_domain_name_in": {"domain_name_in": ["example.com"]},
    "contacts_affected_by_sequence": {"sequence_id": UUID},
    "contacts_name_in": {"name_in": ["Ann"]},
    "contacts_phone_number_in": {"phone_number_in": ["+15550100"]},
    "contacts_email_in": {"email_in": ["ann@example.com"]},
    "contacts_attributes_in": {"attributes": [{"plan": "pro", "city": ""}]},
    "contacts_sessions_attributes_in": {"attributes": [{"channel": "web"}]},
    "contact_belongs_to_segment": {"segment_id": "vip"},
    "last_contacted_at_between": BETWEEN,
    "last_contacted_at_with_handoff_between": BETWEEN,
}
ACTIONS: dict[str, dict[str, Any]] = {
    "send_emails": {
        "from_email": "hello@example.com",
        "email_subject": "Welcome",
        "email_body": "<p>Hello</p>",
        "email_sender_name": "Example",
        "email_is_transactional": False,
    },
    "make_phone_calls": {"aiPhoneAgentId": "agent"},
    "send_sms_messages": {"message": "Hello"},
    "send_whatsapp_messages": {
        "phone_number_id": "number",
        "template": {
            "name": "welcome",
            "language": "en",
            "parameters": {
                "header": {"type": "header", "parameters": list(HEADERS.values())},
                "body": BODY,
                "buttons": [BUTTON],
            },
        },
    },
}
HAND_OFF = {"path": "/steps/0", "reason": "support edits it", "until": "2026-12-31"}
RECONCILER = {"audience": "everyone", "ignore": ["/name", HAND_OFF], "renamed_from": "hello", "owner": "team"}
OPTIONAL = {"is_continuous", "delay_in_minutes", "after", "before", "attributes", "header", "body", "buttons"} | {
    "parameter_name",
    "reconciler",
    "audience",
    "ignore",
    "renamed_from",
    "owner",
    "until",
}
INSTRUCTIONS: tuple[dict[str, str], ...] = ({"$file": "texts/welcome.html"}, {"$var": "vip"}, {"$sequence": "other"})


def unshared(value: Any) -> Any:
    """Copy a value so that no part of it is the same object as another part."""
    return json.loads(json.dumps(value))


def filter_of(kind: str) -> dict[str, Any]:
    kept: dict[str, Any] = unshared({"type": kind, **FILTERS[kind]})
    return kept


def step_of(kind: str) -> dict[str, Any]:
    kept: dict[str, Any] = unshared({"action": {"type": kind, "data": ACTIONS[kind]}, "delay_in_minutes": 0.5})
    return kept


def manifest(*, filters: list[Any] | None = None, steps: list[Any] | None = None) -> dict[str, Any]:
    return {
        "custom_id": "welcome",
        "name": "Welcome",
        "is_continuous": True,
        "filter": {"or": [{"and": filters if filters is not None else [filter_of("all_contacts")]}]},
        "steps": steps if steps is not None else [step_of("send_sms_messages")],
    }


def full_manifest() -> Any:
    whole = manifest(filters=[filter_of(kind) for kind in FILTERS], steps=[step_of(kind) for kind in ACTIONS])
    whole["reconciler"] = dict(RECONCILER)
    return unshared(whole)


def body_of(whole: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in whole.items() if key != "reconciler"}


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    yield path, value
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in pairs:
        yield from places(child, (*path, key))


def at(document: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        document = document[part]
    return document


def put(document: Any, path: tuple[str | int, ...], value: Any) -> Any:
    if not path:
        return value
    at(document, path[:-1])[path[-1]] = value
    return document


def whole_samples() -> list[Any]:
    """Return manifests that between them use everything."""
    samples = [full_manifest(), *(manifest(filters=[filter_of(kind)]) for kind in FILTERS)]
    return samples + [manifest(steps=[step_of(kind)]) for kind in ACTIONS]


def mutants(seed: int, count: int, *, instructions: bool = True, samples: Sequence[Any] | None = None) -> Iterator[Any]:
    """Yield copies of the samples with one to three random changes; seeds are repeatable."""
    chance = random.Random(seed)  # noqa: S311 - a test's choice, not a secret
    strange: list[Any] = [None, True, 0, 1, -1, 0.5, -0.0, 1e300, "", " ", "5", "true", UUID, UUID + "\n", [], {}, [1]]
    strange += ["2026-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-01-01t00:00:00z", "2026-01-01T00:00:00Z\n"]
    strange += ["welcome\n", "a" * 50, "a" * 51, "\u0663", "/name", "\u2028", "send_emails", "text", "CONSTANT"]
    strange += [
        {"type": "text"},
        {"type": "nope"},
        {"type": 5},
        {"type": None},
        {"$file": 5},
        {"$file": "a", "$var": "b"},
    ]
    strange += [{"$file": "/etc/passwd"}, {"$var": "9"}, {"$sequence": UUID}, {"$other": "a"}]
    strange += [copy.deepcopy(each) for each in INSTRUCTIONS] if instructions else []
    changes: list[Callable[[Any], Any]] = [
        lambda document: _replace(document, chance, lambda _: copy.deepcopy(chance.choice(strange))),
        lambda document: _replace(document, chance, _as_text),
        lambda document: _swap(document, chance),
        lambda document: _drop(document, chance),
        lambda document: _add(document, chance, strange),
        lambda document: _rename(document, chance),
        lambda document: _nest(document, chance),
    ]
    begin_with = whole_samples() if samples is None else samples
    for _ in range(count):
        document = unshared(chance.choice(begin_with))
        for _ in range(chance.randint(1, 3)):
            document = chance.choice(changes)(document)
        yield document


def _replace(document: Any, chance: random.Random, change: Callable[[Any], Any]) -> Any:
    path, value = chance.choice(list(places(document)))
    return put(document, path, change(value))


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) else 5 if isinstance(value, str) else value


def _swap(document: Any, chance: random.Random) -> Any:
    (one, first), (other, second) = chance.choice(list(places(document))), chance.choice(list(places(document)))
    shorter, longer = sorted((one, other), key=len)
    if longer[: len(shorter)] == shorter:
        return document
    return put(put(document, one, copy.deepcopy(second)), other, copy.deepcopy(first))


def _drop(document: Any, chance: random.Random) -> Any:
    path, _ = chance.choice(list(places(document)))
    if path:
        del at(document, path[:-1])[path[-1]]
    return document


def _rename(document: Any, chance: random.Random) -> Any:
    """Misspell a key, or give a value the key of another place."""
    keys = [(path, key) for path, value in places(document) if isinstance(value, dict) for key in value]
    if not keys:
        return document
    path, key = chance.choice(keys)
    new = chance.choice([key + "s", key[1:], key.upper(), chance.choice(keys)[1]])
    at(document, path)[new] = at(document, path).pop(key)
    return document


def _nest(document: Any, chance: random.Random) -> Any:
    """Put a value one level deeper, or bring what is below it up."""
    path, value = chance.choice(list(places(document)))
    below = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    wrapped = [[value], {"and": value}, {"data": value}, {"or": [value]}]
    return put(document, path, chance.choice([*wrapped, *below, *below]))


def _add(document: Any, chance: random.Random, strange: list[Any]) -> Any:
    _, value = chance.choice(list(places(document)))
    addition = copy.deepcopy(chance.choice(strange))
    if isinstance(value, dict):
        value[chance.choice(["type", "name", "after", "$file", "$var", "filters", "value", "Name"])] = addition
    elif isinstance(value, list):
        value.insert(0, addition)
    return document
