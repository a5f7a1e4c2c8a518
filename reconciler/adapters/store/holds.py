"""The lock as bytes, and back: one JSON object, easy to read for whoever opens the file or the ref by hand."""

from dataclasses import asdict

import msgspec

from reconciler.adapters.store.backend import Backend
from reconciler.errors import LockedError
from reconciler.model.hold import Hold
from reconciler.model.jsonvalue import canonical
from reconciler.model.plan import FORMAT_VERSION


def encode_hold(hold: Hold) -> bytes:
    """Return the lock's document; what is not known is left out."""
    known = {key: value for key, value in asdict(hold).items() if value is not None}
    return canonical({"format_version": FORMAT_VERSION, **known}) + b"\n"


def decode_hold(data: bytes, *, where: str) -> Hold:
    """Return whose lock it is; LockedError where nobody can tell, since a lock is there all the same."""
    try:
        return msgspec.json.decode(data, type=Hold)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise LockedError(
            f"{where} is locked, and the lock cannot be read: it is damaged, or another program wrote it",
            hint="be sure that no run is writing there, then remove the lock by hand",
        ) from error


def let_go(backend: Backend, nonce: str) -> None:
    """Let go of the lock if it is still the one with this nonce."""
    held = backend.read_lock()
    if held is not None and decode_hold(held.data, where=backend.where).nonce == nonce:
        backend.swap_lock(None, expected=held.version)


def locked(hold: Hold, *, where: str) -> LockedError:
    """Return the error for whoever finds the lock held: by whom, where, since when, for what, and what to do."""
    run = "" if hold.url is None else f", see {hold.url}"
    return LockedError(
        f"{where} is locked by {hold.who} on {hold.host} since {hold.since} ({hold.purpose}{run})",
        hint=f"wait until that run has ended; if it is gone for good: `reconciler state unlock {hold.nonce}`",
    )
