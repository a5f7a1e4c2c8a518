"""The writes, as the API and a person in the dashboard both do them."""

import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from reconciler.sandbox import rewriting, sequences
from reconciler.sandbox.contract import Contract
from reconciler.sandbox.jsonbody import JsonObject
from reconciler.sandbox.lifecycle import Version, born, canceled, changed, is_over, shown, started, status
from reconciler.sandbox.sequences import Stored
from reconciler.sandbox.switches import Duplicates, Finished, Switches, UnknownKeys


class ConflictError(ValueError):
    """The request is well formed, and what the sequence is now forbids it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """What can be done inside one transaction, at one instant, under one setting of the switches.

    A body that breaks the contract is a BodyError; what the sequence's life forbids is a ConflictError.
    """

    connection: sqlite3.Connection
    contract: Contract
    switches: Switches
    now: float

    def create(self, org_id: str, body: Any) -> Stored:
        """Add a sequence."""
        accepted = self.contract.accept(body, unknown_keys=self.switches.unknown_keys, creating=True)
        content = rewriting.created(accepted, self.contract.defaults, self.switches)
        stored = Stored(id=str(uuid.uuid4()), org_id=org_id, version=born(content, self.now))
        self._refuse_duplicate(stored)
        sequences.insert(self.connection, stored, lag=self.switches.lag)
        return stored

    def update(self, old: Stored, body: Any) -> Stored:
        """Change a sequence as a PATCH does."""
        accepted = self.contract.accept(body, unknown_keys=self.switches.unknown_keys, creating=False)
        if self.switches.finished is Finished.REFUSED and is_over(old.version, self.now):
            raise ConflictError(f"the sequence is {status(old.version, self.now)} and takes no changes")
        content = rewriting.patched(old.version.content, accepted, self.contract.defaults, self.switches)
        version = changed(old.version, content, self.now)
        self._refuse_duplicate(Stored(id=old.id, org_id=old.org_id, version=version))
        return self._replace(old, version)

    def edit(self, old: Stored, body: JsonObject) -> Stored:
        """Change a sequence as the dashboard does: by its whole body, and with no key that the API would drop."""
        if self.switches.unknown_keys is UnknownKeys.KEPT:
            return self.update(old, body)
        return replace(self, switches=replace(self.switches, unknown_keys=UnknownKeys.REFUSED)).update(old, body)

    def start(self, old: Stored) -> Stored:
        """Start a pending one-off."""
        return self._replace(old, _allowed(started, old.version, self.now))

    def cancel(self, old: Stored) -> Stored:
        """Cancel a sequence for good; one that already is stays as it is and is returned itself."""
        version = _allowed(canceled, old.version, self.now)
        return old if version is old.version else self._replace(old, version)

    def shown(self, stored: Stored) -> JsonObject:
        """Return a sequence as GET answers it."""
        return shown(stored.version, self.now, self.switches, sequence_id=stored.id, org_id=stored.org_id)

    def _replace(self, old: Stored, version: Version) -> Stored:
        return sequences.replace(self.connection, old, version, lag=self.switches.lag)

    def _refuse_duplicate(self, stored: Stored) -> None:
        if self.switches.duplicates is Duplicates.ACCEPTED or stored.custom_id is None:
            return
        holder = sequences.newest_by_custom_id(self.connection, stored.org_id, stored.custom_id)
        if holder is not None and holder.id != stored.id:
            raise ConflictError(f"the custom_id `{stored.custom_id}` is taken by another sequence")


def _allowed(step: Callable[[Version, float], Version], version: Version, now: float) -> Version:
    try:
        return step(version, now)
    except ValueError as error:
        raise ConflictError(str(error)) from error
