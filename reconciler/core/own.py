"""A sequence that names itself: as what it was renamed from, or as the sequence whose people it is for."""

from collections.abc import Iterator
from typing import Any

from reconciler.model import rules
from reconciler.model.diagnostic import Finding
from reconciler.model.jsonvalue import JsonObject
from reconciler.model.sequence import Instructions


def check_own(payload: JsonObject, instructions: Instructions) -> tuple[Finding, ...]:
    """Refuse what names the sequence itself. `{$sequence: ...}` is looked at where all manifests are seen together."""
    found = list(_named_in_filter(payload))
    if instructions.renamed_from == payload["custom_id"]:
        found.append(
            Finding(
                rule=rules.SELF_REFERENCE,
                message="the sequence is renamed from its own custom_id",
                path=("reconciler", "renamed_from"),
                hint="name the custom_id that it had before, or remove `renamed_from`",
            )
        )
    return tuple(found)


def _named_in_filter(payload: Any) -> Iterator[Finding]:
    for branch, group in enumerate((payload["filter"] or {}).get("or", ())):
        for position, condition in enumerate(group["and"]):
            if condition.get("sequence_id") == payload["custom_id"]:
                yield Finding(
                    rule=rules.SELF_REFERENCE,
                    message="the sequence refers to itself",
                    path=("filter", "or", branch, "and", position, "sequence_id"),
                    hint="name another sequence, as `{$sequence: ITS_CUSTOM_ID}`",
                )
