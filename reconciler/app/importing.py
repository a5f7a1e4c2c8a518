"""Importing: each live sequence gets a manifest and a record, one after the other; what is done stays done.

Nothing is sent to the API. A sequence that cannot be imported is refused alone, and the others go on.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from reconciler.core.classify import FOREIGN
from reconciler.core.composing import Check, Composed, Inexpressible, compose, referred_ids
from reconciler.core.guards import what_to_type
from reconciler.core.normalise import is_uuid
from reconciler.core.proof import Proof, prove
from reconciler.core.snapshot import Request
from reconciler.errors import ExitCode, ReconcilerError
from reconciler.model.diagnostic import Diagnostic, Finding
from reconciler.model.imported import Imported, ImportStatus
from reconciler.model.pointer import shown_pointer
from reconciler.model.sequence import Desired, Gone, Live, Reading, Unreadable
from reconciler.model.state import Pending, Settled, State
from reconciler.ports import Reader

_MOST_TOLD: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A manifest that is not there yet: what it asks for, and its files by their path in the manifests folder."""

    desired: Desired
    files: Mapping[str, bytes]


class Recording(Protocol):
    """What is recorded, one after the other."""

    def shown(self, path: str) -> str:
        """Return the path of a file in the manifests folder as it is from the repository's root."""
        ...

    def record(self, entry: Settled) -> None:
        """Make a record durable."""
        ...

    def ready(self) -> None:
        """See that a record can be written, before anything is; LockedError, StateError where it cannot."""
        ...


class Desk(Recording, Protocol):
    """Where manifests are written. Paths are relative to the repository's root."""

    def draft(self, composed: Composed) -> Draft | tuple[Diagnostic, ...]:
        """Return what would be written, read back from what it would be; or what is wrong with it."""
        ...

    def put(self, draft: Draft) -> tuple[str, ...]:
        """Write the files where nothing is, all or none, and return their paths; RefusedError where something is."""
        ...


class Importing:
    """One run. What is known grows with each sequence that is imported."""

    def __init__(
        self,
        *,
        request: Request,
        desired: Iterable[Desired],
        state: State | None,
        reader: Reader,
        desk: Desk,
        check: Check,
        dry: bool,
    ) -> None:
        self._request = request
        self._desired = {each.custom_id: each for each in desired}
        self._records = dict(state.records) if state else {}
        self._pending: Mapping[str, Pending] = state.pending if state else {}
        self._org_id = state.org_id if state else None
        self._reader = reader
        self._desk = desk
        self._check = check
        self._dry = dry
        self.tell: Callable[[Imported], None] = lambda _: None
        self.results: list[Imported] = []

    def run(self, asked: Sequence[str]) -> None:
        """Import what was asked for; `results` has one entry for each, also when this raises."""
        left = list(dict.fromkeys(each.lower() if is_uuid(each) else each for each in asked))
        put_off: list[tuple[str, Live]] = []
        try:
            while left:
                self._reached(left, put_off)
            self._rest(put_off)
        except ReconcilerError as error:
            self._stopped([*(each for each, _ in put_off), *left], error.message, error.exit_code)
        except BaseException:
            self._stopped([*(each for each, _ in put_off), *left], "the run was stopped before", ExitCode.DONE)
            raise

    def _reached(self, left: list[str], put_off: list[tuple[str, Live]]) -> None:
        asked = left[0]
        known = self._known(asked)
        if known is not None:
            del left[0]
            self._done(known)
            return
        reading = self._reader.read(asked) if is_uuid(asked) else self._reader.find(asked)
        refusal = self._refusal(asked, reading)
        if refusal is None and isinstance(reading, Live) and referred_ids(reading) & set(left[1:]):
            # What it refers to comes first, so that it can be referred to by name.
            put_off.append((asked, reading))
        else:
            self._done(refusal or self._taken(asked, reading))
        del left[0]

    def _rest(self, put_off: list[tuple[str, Live]]) -> None:
        while put_off:
            waiting = {live.id for _, live in put_off}
            ready = next((each for each in put_off if not referred_ids(each[1]) & (waiting - {each[1].id})), put_off[0])
            self._done(self._taken(*ready))
            put_off.remove(ready)

    def _done(self, result: Imported) -> None:
        self.results.append(result)
        self.tell(result)

    def _stopped(self, names: Sequence[str], why: str, code: ExitCode) -> None:
        for name in names:
            status = ImportStatus.NOT_REACHED
            self._done(Imported(asked=name, status=status, detail=why, exit_code=code))

    def _known(self, asked: str) -> Imported | None:
        """Return what becomes of one that needs no look, since it is recorded and has its manifest."""
        name = next((name for name, each in self._records.items() if asked in (each.id, name)), None)
        if name is None:
            return None
        if name not in self._desired:
            return self._renamed(asked, name)
        return Imported(
            asked=asked,
            status=ImportStatus.IN_STEP,
            custom_id=name,
            id=self._records[name].id,
            files=(self._desired[name].source.file,),
            detail="it is recorded already and has its manifest",
        )

    def _renamed(self, asked: str, name: str) -> Imported | None:
        """Refuse one that has its manifest under another name: a second one would make of the rename a new sequence."""
        claims = [each for each in self._desired.values() if each.instructions.renamed_from == name]
        renamed = next((each for each in claims if each.custom_id not in self._records), None)
        if renamed is None:
            return None
        why = f"it is recorded as `{name}`, and {renamed.source.file} renames it to `{renamed.custom_id}`: apply that"
        return _refused(asked, why)

    def _refusal(self, asked: str, reading: Reading) -> Imported | None:
        match reading:
            case Gone() if is_uuid(asked):
                return _refused(asked, "the API knows no such sequence for this key: check the id and the environment")
            case Gone():
                return _refused(
                    asked, "the API knows no such custom_id, or answers no look-up by it: name the sequence by its uuid"
                )
            case Unreadable():
                code = ExitCode.REFUSED if reading.reason == FOREIGN else ExitCode.UNAVAILABLE
                return _refused(asked, f"it could not be read: {reading.reason}", code)
        if self._org_id is not None and reading.org_id != self._org_id:
            organisation = reading.org_id or "(unknown)"
            return _refused(asked, f"it belongs to organisation {organisation}, state to {self._org_id}", live=reading)
        waiting = [name for name, each in self._pending.items() if each.id == reading.id or name == reading.custom_id]
        if waiting:
            is_recorded = any(each.id == reading.id for each in self._records.values())
            told = what_to_type(waiting[0], reading.id)
            told = "`reconciler plan` reads it and says what is left to do" if is_recorded else told
            why = f"a write of it got no answer: {told}"
            return _refused(asked, why, ExitCode.UNKNOWN, live=reading)
        return None

    def _taken(self, asked: str, reading: Reading) -> Imported:
        assert isinstance(reading, Live)  # noqa: S101 - whatever else it is was refused
        former = next((name for name, each in self._records.items() if each.id == reading.id), None)
        composed = compose(reading, names=self._names(), is_free=self._is_free, check=self._check)
        if isinstance(composed, Inexpressible):
            return _refused(asked, f"no manifest can say what is live: {_told(composed.findings)}", live=reading)
        name = composed.custom_id
        if former is not None and former != name:
            move = f"`reconciler state move {former} {name}` records it so"
            return _refused(asked, f"it is recorded as `{former}`, and live calls it `{name}`: {move}", live=reading)
        if name in self._records and self._records[name].id != reading.id:
            other = self._records[name].id
            return _refused(asked, f"`{name}` is recorded as another sequence, {other}", live=reading)
        if name in self._desired:
            return self._joined(asked, reading, self._desired[name])
        return self._written(asked, reading, composed)

    def _written(self, asked: str, live: Live, composed: Composed) -> Imported:
        alike = next((each for each in self._desired if each.casefold() == composed.custom_id.casefold()), None)
        if alike is not None:
            why = f"`{composed.custom_id}` differs from the custom_id `{alike}` only in case"
            return _refused(asked, why, live=live)
        draft = self._desk.draft(composed)
        if isinstance(draft, tuple):
            return _refused(asked, f"no manifest can say what is live: {_told(draft)}", live=live)
        proof = self._proof(draft.desired, live, is_of_live=True)
        result = Imported(
            asked=asked,
            status=ImportStatus.WOULD_WRITE,
            custom_id=composed.custom_id,
            id=live.id,
            files=tuple(map(self._desk.shown, draft.files)),
            notes=composed.notes,
            left=proof.left,
        )
        if not self._dry:
            try:
                self._desk.ready()
                result = replace(result, status=ImportStatus.WRITTEN, files=self._desk.put(draft))
            except ReconcilerError as error:
                if error.exit_code is not ExitCode.REFUSED:
                    raise
                return _refused(asked, error.message, live=live)
        self._recorded(draft.desired, live, proof)
        return result

    def _joined(self, asked: str, live: Live, desired: Desired) -> Imported:
        """Record a sequence whose manifest is there already, if that asks for what is live."""
        retire = desired.instructions.retire
        if retire is not None:
            why = (
                f"{desired.source.file} is there and gives it up: take `reconciler.retire: {retire.value}` out, "
                "if it is to be recorded"
            )
            return _refused(asked, why, live=live)
        proof = self._proof(desired, live, is_of_live=False)
        if proof.left:
            why = (
                f"{desired.source.file} is there and asks for something else: "
                "`reconciler plan --adopt` shows what it would take over"
            )
            return replace(_refused(asked, why, live=live), left=proof.left)
        if not self._dry:
            self._desk.ready()
        self._recorded(desired, live, proof)
        status = ImportStatus.WOULD_WRITE if self._dry else ImportStatus.RECORDED
        detail = "its manifest was there already"
        files = (desired.source.file,)
        return Imported(asked=asked, status=status, custom_id=desired.custom_id, id=live.id, files=files, detail=detail)

    def _recorded(self, desired: Desired, live: Live, proof: Proof) -> None:
        if not self._dry:
            self._desk.record(Settled(custom_id=desired.custom_id, record=proof.record, org_id=live.org_id))
        self._desired[desired.custom_id] = desired
        self._records[desired.custom_id] = proof.record
        self._org_id = self._org_id or live.org_id

    def _proof(self, desired: Desired, live: Live, *, is_of_live: bool) -> Proof:
        return prove(
            desired,
            live,
            request=self._request,
            desired_by_name=self._desired,
            records=self._records,
            is_of_live=is_of_live,
        )

    def _names(self) -> dict[str, str]:
        """Return what a manifest can refer to: sequences that are recorded and have a manifest, by id."""
        return {each.id: name for name, each in self._records.items() if name in self._desired}

    def _is_free(self, custom_id: str) -> bool:
        taken = {each.casefold() for names in (self._desired, self._records, self._pending) for each in names}
        return custom_id.casefold() not in taken


def _refused(asked: str, why: str, code: ExitCode = ExitCode.REFUSED, *, live: Live | None = None) -> Imported:
    return Imported(
        asked=asked, status=ImportStatus.REFUSED, id=None if live is None else live.id, detail=why, exit_code=code
    )


def _told(findings: Sequence[Finding | Diagnostic]) -> str:
    """Return what is wrong, and where; places are those of the sequence, since there is no manifest."""
    told = [
        f"`{each.path if isinstance(each.path, str) else shown_pointer(each.path)}`: {each.message}"
        for each in findings[:_MOST_TOLD]
    ]
    more = len(findings) - len(told)
    return "; ".join([*told, *([f"and {more} more"] if more else [])])
