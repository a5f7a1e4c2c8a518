"""Keeping what was changed in live: the manifest takes its value, and it is recorded as applied. Nothing is sent."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from reconciler.app.importing import Recording
from reconciler.core.proof import prove
from reconciler.core.snapshot import Request
from reconciler.core.spelling import did_you_mean
from reconciler.core.taking import Taking, take
from reconciler.errors import ExitCode, ReconcilerError
from reconciler.model.imported import Imported, ImportStatus
from reconciler.model.sequence import Desired, Gone, Live, Reading, Record, Unreadable
from reconciler.model.state import Settled, State
from reconciler.ports import Reader

_NAME = ("custom_id",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """A changed manifest that is not written yet: what it asks for, its files by their path, what they were."""

    desired: Desired
    files: Mapping[str, bytes]
    before: Mapping[str, bytes | None]
    notes: tuple[str, ...] = ()


class Desk(Recording, Protocol):
    """Where manifests are changed."""

    def edit(self, desired: Desired, taking: Taking, names: Mapping[str, str]) -> Edited | str:
        """Return the manifest with what is taken, `names` by id; or why it cannot be changed."""
        ...

    def swap(self, edited: Edited) -> tuple[str, ...]:
        """Put the files in place, all or none, and return their paths; RefusedError where one has changed."""
        ...


class Keeping:
    """One run, over sequences that are recorded and have a manifest. `results` has one entry for each."""

    def __init__(
        self,
        *,
        request: Request,
        desired: Iterable[Desired],
        state: State,
        reader: Reader,
        desk: Desk,
        take_live: bool,
        dry: bool,
    ) -> None:
        self._request = request
        self._desired = {each.custom_id: each for each in desired}
        self._state = state
        self._records = dict(state.records)
        self._reader = reader
        self._desk = desk
        self._take_live = take_live
        self._dry = dry
        self.tell: Callable[[Imported], None] = lambda _: None
        self.results: list[Imported] = []

    def run(self, names: Sequence[str]) -> None:
        """Keep what moved in live of each; `results` has one entry for each, also when this raises."""
        left = list(dict.fromkeys(names))
        try:
            while left:
                self._done(self._kept(left[0]))
                del left[0]
        except ReconcilerError as error:
            self._stopped(left, error.message, error.exit_code)
        except BaseException:
            self._stopped(left, "the run was stopped before", ExitCode.DONE)
            raise

    def _done(self, result: Imported) -> None:
        self.results.append(result)
        self.tell(result)

    def _stopped(self, names: Sequence[str], why: str, code: ExitCode) -> None:
        for name in names:
            self._done(Imported(asked=name, status=ImportStatus.NOT_REACHED, detail=why, exit_code=code))

    def _kept(self, name: str) -> Imported:
        desired, record = self._desired.get(name), self._records.get(name)
        if desired is None:
            near = did_you_mean(name, sorted(self._desired))
            return _refused(
                name, f"no manifest has this custom_id; {near or 'without --update, `reconciler import` writes one'}"
            )
        if record is None and desired.instructions.renamed_from in self._records:
            return _refused(name, f"it is recorded as `{desired.instructions.renamed_from}`: apply the rename first")
        if record is None:
            return _refused(name, "it is not recorded; without --update, `reconciler import` records it")
        if any(each.id == record.id or waiting == name for waiting, each in self._state.pending.items()):
            # A plan looks at an update or a cancel by its id, and says what to type where it cannot tell.
            why = "a write of it got no answer: `reconciler plan` reads it and says what is left to do"
            return _refused(name, why, ExitCode.UNKNOWN)
        reading = self._reader.read(record.id)
        refusal = self._refusal(name, reading)
        if refusal is not None or not isinstance(reading, Live):
            return refusal or _refused(name, "it could not be read", ExitCode.UNAVAILABLE)
        return self._taken(desired, record, reading)

    def _refusal(self, name: str, reading: Reading) -> Imported | None:
        if isinstance(reading, Gone):
            return _refused(name, "it is gone from the API, so there is nothing to keep")
        if isinstance(reading, Unreadable):
            return _refused(name, f"it could not be read: {reading.reason}", ExitCode.UNAVAILABLE)
        if self._state.org_id is not None and reading.org_id != self._state.org_id:
            other = reading.org_id or "(unknown)"
            return _refused(name, f"it belongs to organisation {other}, state to {self._state.org_id}")
        return None

    def _taken(self, desired: Desired, record: Record, live: Live) -> Imported:
        name = desired.custom_id
        ids = {each: record.id for each, record in self._records.items()}
        taking = take(desired, record, live, ids=ids, take_live=self._take_live)
        result = Imported(asked=name, custom_id=name, id=record.id, status=ImportStatus.IN_STEP)
        if _NAME in taking.drifted or any(each.path == _NAME for each in taking.contested):
            return _refused(
                name, "its custom_id was changed in live, which is what a manifest is known by: revert that"
            )
        if taking.contested and not self._take_live:
            why = "the manifest and live both moved: --take-live takes live's value, `apply --refresh all` the other"
            return replace(_refused(name, why), contested=taking.contested)
        if not taking.drifted:
            return replace(result, detail="live was not changed behind the tool's back")
        edited = self._desk.edit(desired, taking, self._names(name))
        if isinstance(edited, str):
            return _refused(name, edited)
        proof = prove(
            edited.desired,
            live,
            request=self._request,
            desired_by_name=self._desired,
            records=self._records,
            is_of_live=False,
        )
        result = replace(
            result,
            status=ImportStatus.WOULD_WRITE,
            files=tuple(map(self._desk.shown, edited.files)),
            notes=edited.notes,
            left=proof.left,
        )
        if not self._dry:
            try:
                self._desk.ready()
                result = replace(result, status=ImportStatus.WRITTEN, files=self._desk.swap(edited))
            except ReconcilerError as error:
                if error.exit_code is not ExitCode.REFUSED:
                    raise
                return _refused(name, error.message)
            self._desk.record(Settled(custom_id=name, record=proof.record, org_id=live.org_id))
        self._records[name], self._desired[name] = proof.record, edited.desired
        return result

    def _names(self, own: str) -> dict[str, str]:
        """Return what this manifest can refer to, by id: what has one, and does not itself wait for this one."""
        return {
            each.id: name
            for name, each in self._records.items()
            if name in self._desired and own not in self._reached(name)
        }

    def _reached(self, name: str) -> set[str]:
        found, left = {name}, [name]
        while left:
            desired = self._desired.get(left.pop())
            new = set(desired.references if desired else ()) - found
            found |= new
            left += new
        return found


def _refused(name: str, why: str, code: ExitCode = ExitCode.REFUSED) -> Imported:
    return Imported(asked=name, custom_id=name, status=ImportStatus.REFUSED, detail=why, exit_code=code)
