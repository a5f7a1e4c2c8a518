"""What became of each sequence that was to be imported, or whose live value was to be taken into its manifest."""

from dataclasses import dataclass
from enum import StrEnum

from reconciler.errors import ExitCode
from reconciler.model.jsonvalue import MaybeJson
from reconciler.model.pointer import Path


class ImportStatus(StrEnum):
    """Everything that can become of one."""

    WRITTEN = "written"  # a manifest was written, or one that was there was changed, and it is recorded
    RECORDED = "recorded"  # the manifest was there and asks for what is live: it is recorded
    WOULD_WRITE = "would_write"  # nothing was written, as was asked for
    IN_STEP = "in_step"  # there was nothing to do
    REFUSED = "refused"
    NOT_REACHED = "not_reached"  # the run ended before


@dataclass(frozen=True, slots=True, kw_only=True)
class Contested:
    """A field that the manifest and live have both moved away from what is recorded."""

    path: Path
    recorded: MaybeJson
    desired: MaybeJson
    live: MaybeJson


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of one. `asked` is how it was named; `files` are relative to the repository's root.

    `left` are the fields that the next plan still changes, as JSON pointers. `detail` says why, in a sentence.
    """

    asked: str
    status: ImportStatus
    custom_id: str | None = None
    id: str | None = None
    files: tuple[str, ...] = ()
    detail: str = ""
    notes: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    contested: tuple[Contested, ...] = ()
    exit_code: ExitCode = ExitCode.DONE
