"""One request and what came of it: the seam between what decides about requests and what carries them."""

from typing import Protocol

from reconciler.core.classify import Reply
from reconciler.core.normalise import ID_SHAPE
from reconciler.core.sent import NoReply
from reconciler.errors import RefusedError


class Exchange(Protocol):
    """Carries requests to one API with one key. Safe to share between threads."""

    def exchange(self, method: str, path: str, body: bytes | None) -> Reply | NoReply:
        """Send one request once, without a limit; never raises for what the network or the API does."""
        ...


def path_of(sequence_id: str) -> str:
    """Return the path of a sequence; RefusedError for an id that would lead to another path."""
    if not ID_SHAPE.fullmatch(sequence_id):
        raise RefusedError("an id holds characters that no id has; no request was made with it")
    return f"/sequences/{sequence_id}"
