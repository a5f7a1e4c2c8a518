"""The last looks at live as bytes, and back: in state one line each, in the journal all those of one run together."""

from collections.abc import Mapping

import msgspec

from reconciler.model.jsonvalue import Json, canonical
from reconciler.model.look import Look, Standing


class LookDocument(msgspec.Struct):
    """A look as it is written; what is as it mostly is, is left out."""

    read: str | None = None
    tried: str | None = None
    standing: Standing = Standing.IN_STEP
    paths: tuple[str, ...] = ()
    drifted: str | None = None
    status: str | None = None
    corrected: dict[str, str] = {}


def encode_look(look: Look) -> bytes:
    """Return a look's JSON object, on one line."""
    facts: dict[str, Json] = {
        "read": look.read,
        "tried": look.tried,
        "standing": None if look.standing is Standing.IN_STEP else look.standing.value,
        "paths": list(look.paths) or None,
        "drifted": look.drifted,
        "status": look.status,
        "corrected": dict(look.corrected) or None,
    }
    return canonical({key: value for key, value in facts.items() if value is not None})


def read_look(document: LookDocument) -> Look:
    """Return the look that a decoded document holds."""
    return Look(
        read=document.read,
        tried=document.tried,
        standing=document.standing,
        paths=document.paths,
        drifted=document.drifted,
        status=document.status,
        corrected=document.corrected,
    )


def encode_looks(looks: Mapping[str, Look]) -> bytes:
    """Return the JSON object of many looks, on one line."""
    return b"{" + b",".join(canonical(id_) + b":" + encode_look(look) for id_, look in looks.items()) + b"}"
