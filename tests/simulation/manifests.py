"""The repository's side of a schedule: a few small manifests, and what a person does to them."""

from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random
from typing import Any

from reconciler.model.sequence import Desired, Instructions, Payload, Source

FIRST = 5  # custom_ids that a schedule may begin with
NAMES = tuple(f"s{number}" for number in range(8))


@dataclass(frozen=True)
class Manifest:
    """What varies between manifests; everything else is the same in all."""

    custom_id: str
    name: int = 0
    text: int = 0
    delay: int = 0
    steps: int = 1
    reach: int = 0
    continuous: bool = True
    refers_to: str | None = None
    hands_off: bool = False
    renamed_from: str | None = None


@lru_cache(maxsize=50_000)
def desired(manifest: Manifest) -> Desired:
    """Return what the manifest asks for."""
    return Desired(
        custom_id=manifest.custom_id,
        payload=Payload.of(payload(manifest)),
        source=Source(file=f"sequences/{manifest.custom_id}.yaml", line=1),
        references=() if manifest.refers_to is None else (manifest.refers_to,),
        instructions=Instructions(ignore=("/name",) if manifest.hands_off else (), renamed_from=manifest.renamed_from),
    )


def payload(manifest: Manifest) -> dict[str, Any]:
    """Return the manifest's payload, with references still by name."""
    conditions: list[dict[str, Any]] = [_REACH[manifest.reach]]
    if manifest.refers_to is not None:
        conditions.append({"type": "contacts_affected_by_sequence", "sequence_id": {"$sequence": manifest.refers_to}})
    return {
        "custom_id": manifest.custom_id,
        "name": f"Name {manifest.name}",
        "is_continuous": manifest.continuous,
        "filter": {"or": [{"and": conditions}]},
        "steps": [_step(manifest, number) for number in range(manifest.steps)],
    }


# Forms that a server may rewrite: the order of a list, the form of an instant, a number, white space.
_REACH: tuple[dict[str, Any], ...] = (
    {"type": "contact_belongs_to_segment", "segment_id": "segment-1"},
    {"type": "contacts_email_in", "email_in": ["b@example.com", "a@example.com", "c@example.com"]},
    {"type": "contacts_created_at_between", "after": "2026-01-01T00:00:00Z"},
)


def _step(manifest: Manifest, number: int) -> dict[str, Any]:
    message = f"Hello {manifest.text}" + (" " if manifest.text % 3 == 0 else "")
    action = {"type": "send_sms_messages", "data": {"message": message}}
    return {"action": action, "delay_in_minutes": manifest.delay + number}


def first(random: Random) -> dict[str, Manifest]:
    """Return what a repository begins with, by custom_id."""
    found: dict[str, Manifest] = {}
    for name in NAMES[: random.randint(2, FIRST)]:
        found[name] = fresh(name, random, list(found))
    return found


def fresh(name: str, random: Random, others: list[str]) -> Manifest:
    """Return a new manifest, which may refer to one of the others."""
    return Manifest(
        custom_id=name,
        text=random.randrange(9),
        reach=random.randrange(len(_REACH)),
        continuous=random.random() < 0.7,
        refers_to=random.choice(others) if others and random.random() < 0.3 else None,
        hands_off=random.random() < 0.1,
    )


def edit(manifest: Manifest, random: Random) -> Manifest:
    """Return the manifest with one thing changed."""
    match random.randrange(5):
        case 0:
            return replace(manifest, text=manifest.text + 1)
        case 1:
            return replace(manifest, name=manifest.name + 1)
        case 2:
            return replace(manifest, steps=3 - manifest.steps)
        case 3:
            return replace(manifest, reach=(manifest.reach + 1) % len(_REACH))
        case _:
            return replace(manifest, delay=manifest.delay + 5)


def rename(manifests: dict[str, Manifest], name: str, to: str) -> dict[str, Manifest]:
    """Return the manifests with one under another custom_id, which says what it was recorded under."""
    former = manifests[name].renamed_from or name
    renamed = {
        key: replace(each, refers_to=to) if each.refers_to == name else each
        for key, each in manifests.items()
        if key != name
    }
    return {**renamed, to: replace(manifests[name], custom_id=to, renamed_from=former)}


def without(manifests: dict[str, Manifest], name: str) -> dict[str, Manifest]:
    """Return the manifests without one, to which none refers any more."""
    return {
        key: replace(each, refers_to=None) if each.refers_to == name else each
        for key, each in manifests.items()
        if key != name
    }
