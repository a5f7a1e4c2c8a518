"""Manifests as people write them, as many as wanted: the same folder for the same count, always.

They hold every action, filter, header and variable of the contract, use variables and references to each other (never
in a circle), and have about 3 KB each. `python -m benchmarks.generate FOLDER COUNT` makes a whole repository.
"""

import sys
from pathlib import Path
from typing import Final

from benchmarks.prose import NAMES, PRODUCTS, TEAMS, Chooser, html, subject, text

VARIABLES: Final = {
    "segment_new_customers": "6d0f3c52-8a41-4f0e-9b7d-2f5f6a1c9e01",
    "segment_newsletter": "6d0f3c52-8a41-4f0e-9b7d-2f5f6a1c9e02",
    "whatsapp_number": "106540352242922",
    "phone_agent": "a7c1e0de-51b4-4c5f-8d0a-7b3f0e2d4c11",
}
FILTERS: Final = (
    "contact_id_in",
    "contacts_created_at_between",
    "contacts_email_domain_name_in",
    "contacts_affected_by_sequence",
    "contacts_name_in",
    "contacts_phone_number_in",
    "contacts_email_in",
    "contacts_attributes_in",
    "contacts_sessions_attributes_in",
    "contact_belongs_to_segment",
    "last_contacted_at_between",
    "last_contacted_at_with_handoff_between",
)
ACTIONS: Final = ("send_emails", "send_whatsapp_messages", "send_sms_messages", "make_phone_calls")
HEADERS: Final = ("text", "image", "video", "document", "location", None)
_IN_A_FOLDER: Final = 100
_FEW: Final = 3
_LINK: Final = '"https://example.com/media/first-plant"'


def custom_id(number: int) -> str:
    """Return the custom_id of the manifest with a number."""
    return f"bench-{number:05}"


def path_of(number: int) -> str:
    """Return the path of the manifest with a number, relative to the folder."""
    return f"area-{number // _IN_A_FOLDER:03}/{custom_id(number)}.yaml"


def generate(folder: Path, count: int, *, revision: int = 1, changed: int | None = None) -> None:
    """Write the first `count` manifests below a folder; a higher revision changes the name of the first `changed`."""
    for number in range(count):
        path = folder / path_of(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        revised = changed is None or number < changed
        path.write_text(manifest(number, revision=revision if revised else 1), encoding="utf-8")


def write_repository(root: Path, count: int, *, api: str = "http://127.0.0.1:9") -> None:
    """Write a whole repository: the configuration with an environment `bench`, and the manifests."""
    root.mkdir(parents=True, exist_ok=True)
    variables = "".join(f'{name} = "{value}"\n' for name, value in VARIABLES.items())
    (root / "reconciler.toml").write_text(
        'manifests = "sequences"\ndefault_environment = "bench"\n\n'
        f'[environments.bench]\napi = "{api}"\nrate_limit = {{ requests = 0, seconds = 60 }}\n\n'
        f"[environments.bench.variables]\n{variables}",
        encoding="utf-8",
    )
    generate(root / "sequences", count)


def manifest(number: int, *, revision: int = 1) -> str:
    """Return the text of the manifest with a number."""
    choose = Chooser(f"manifest {number}")
    product = choose.one(PRODUCTS)
    everyone = number % 40 in (0, 1)
    lines = ["# yaml-language-server: $schema=../../schemas/sequence.schema.json"]
    if choose.chance(30):
        lines.append(f"# Agreed with {choose.one(TEAMS)}; ask them before you change who gets it.")
    lines += [f"custom_id: {custom_id(number)}", f"name: {product}, part {number} - revision {revision}"]
    if choose.chance(80):
        lines.append(f"is_continuous: {choose.one(('true', 'true', 'false'))}")
    lines += _filter(choose, number, everyone=everyone)
    lines.append("steps:")
    steps = 1 + choose.below(6)
    for position in range(steps):
        # Counting through them makes sure that even a few manifests hold each of them.
        action = ACTIONS[(number + position) % len(ACTIONS)] if position % 2 else choose.one(ACTIONS)
        lines += ["  - action:", *_under(6, _action(choose, action, number + position, product))]
        delay = 0 if position == 0 else choose.one((60, 1440, 4320, 10080, 90.5, 0.25))
        lines.append(f"    delay_in_minutes: {delay}")
    lines.append("reconciler:")
    if everyone:
        lines.append("  audience: everyone")
    lines.append(f"  owner: {choose.one(TEAMS)}")
    return "\n".join(lines) + "\n"


def _under(spaces: int, lines: list[str]) -> list[str]:
    return [" " * spaces + line if line else line for line in lines]


def _filter(choose: Chooser, number: int, *, everyone: bool) -> list[str]:
    if everyone and number % 40 == 0:
        return ["filter: null"]
    lines = ["filter:", "  or:"]
    for group in range(1 if everyone else 1 + choose.below(2)):
        lines.append("    - and:")
        if everyone:
            lines.append("        - type: all_contacts")
            continue
        kinds = {FILTERS[(number + group) % len(FILTERS)], choose.one(FILTERS)}
        for kind in sorted(kinds):
            written = [f"type: {kind}", *_condition(choose, kind, number)]
            lines += [("        - " if line is written[0] else "          ") + line for line in written]
    return lines


def _condition(choose: Chooser, kind: str, number: int) -> list[str]:
    count = 2 + choose.below(_FEW)
    if kind.endswith("_between"):
        return [f'after: "{choose.moment(2025)}"', f'before: "{choose.moment(2030)}"']
    if kind == "contacts_affected_by_sequence":
        # Only ever to a lower number, so that no circle can come about.
        return [f"sequence_id: {f'{{$sequence: {custom_id(choose.below(number))}}}' if number else choose.uuid()}"]
    if kind == "contact_belongs_to_segment":
        return [f"segment_id: {{$var: {choose.one(('segment_new_customers', 'segment_newsletter'))}}}"]
    key, written = _list(choose, kind, count)
    return [f"{key}:", *(f"  - {each}" for each in written)]


def _list(choose: Chooser, kind: str, count: int) -> tuple[str, list[str]]:
    match kind:
        case "contact_id_in":
            return "contact_ids", [choose.uuid() for _ in range(count)]
        case "contacts_email_domain_name_in":
            # With the domain of every address, so that the two can match somebody together.
            domains = [f"{each}.example" for each in choose.some(("acme", "corp", "shop"), count)]
            return "domain_name_in", [*domains, "example.org"]
        case "contacts_name_in":
            return "name_in", choose.some(NAMES, count)
        case "contacts_phone_number_in":
            return "phone_number_in", [f'"+1555555{choose.below(10_000):04}"' for _ in range(count)]
        case "contacts_email_in":
            return "email_in", [f"person{choose.below(10_000)}@example.org" for _ in range(count)]
        case _:
            plans = choose.some(("pro", "business", "free", "education"), count)
            return "attributes", [f"plan: {each}" for each in plans]


def _action(choose: Chooser, action: str, turn: int, product: str) -> list[str]:
    return [f"type: {action}", "data:", *_under(2, _data(choose, action, turn, product))]


def _data(choose: Chooser, action: str, turn: int, product: str) -> list[str]:
    match action:
        case "send_emails":
            return [
                "from_email: hello@example.com",
                f"email_subject: {_quoted(subject(choose, product))}",
                "email_body: |",
                *_under(2, html(choose, product)),
                f"email_sender_name: {product}",
                f"email_is_transactional: {choose.one(('false', 'false', 'true'))}",
            ]
        case "send_sms_messages":
            return ["message: >-", f"  {text(choose, product)}"]
        case "make_phone_calls":
            return ["aiPhoneAgentId: {$var: phone_agent}"]
        case _:
            return _whatsapp(choose, turn)


def _quoted(words: str) -> str:
    if '"' in words:
        return "'" + words.replace("'", "''") + "'"
    return f'"{words}"' if ": " in words else words


def _whatsapp(choose: Chooser, turn: int) -> list[str]:
    return [
        "phone_number_id: {$var: whatsapp_number}",
        "template:",
        f"  name: {choose.one(('welcome_back', 'voucher', 'order_update', 'first_plant'))}_{choose.below(9)}",
        f"  language: {choose.one(('en', 'en_GB', 'de', 'es'))}",
        "  parameters:",
        *_under(4, _header(choose, HEADERS[turn % len(HEADERS)])),
        "    body:",
        "      type: body",
        "      parameters:",
        *_under(8, [line for name in ("first_name", "plant", "shop") for line in _parameter(choose, name)]),
        "    buttons:",
        "      - type: button",
        "        sub_type: url",
        f'        index: "{choose.below(_FEW)}"',
        "        parameters:",
        "          - type: text",
        f"            text: {_variable(choose)}",
    ]


def _parameter(choose: Chooser, name: str) -> list[str]:
    return ["- type: text", f"  parameter_name: {name}", f"  text: {_variable(choose)}"]


def _header(choose: Chooser, kind: str | None) -> list[str]:
    if kind is None:
        return []
    lines = ["header:", "  type: header", "  parameters:", f"    - type: {kind}"]
    if kind == "text":
        return [*lines, "      parameter_name: place", f"      text: {_variable(choose)}"]
    if kind == "location":
        parts = {"latitude": '"52.5200"', "longitude": '"13.4050"', "name": "Our shop", "address": "1 Example Street"}
        return [*lines, "      location:", *(f"        {part}: {_variable(choose, it)}" for part, it in parts.items())]
    return [*lines, f"      {kind}:", f"        link: {_variable(choose, _LINK)}"]


def _variable(choose: Chooser, constant: str = "Fernleaf") -> str:
    match choose.below(3):
        case 0:
            return f"{{type: CONSTANT, value: {constant}}}"
        case 1:
            return f"{{type: DYNAMIC, ref: {choose.one(('favourite_plant', 'nearest_shop'))}, fallback: your plants}}"
        case _:
            name = choose.one(("CONTACT_NAME", "CONTACT_EMAIL", "CONTACT_NUMBER"))
            return f"{{type: GLOBAL_DYNAMIC, ref: {name}, fallback: there}}"


if __name__ == "__main__":
    write_repository(Path(sys.argv[1]), int(sys.argv[2]))
