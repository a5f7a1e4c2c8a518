"""What a manifest says for a time only: an entry of `reconciler.ignore` whose last day has passed."""

from collections.abc import Iterator
from typing import Final

from reconciler.adapters.manifests.across import Files, Locator
from reconciler.model import rules
from reconciler.model.diagnostic import Diagnostic, Finding
from reconciler.model.pointer import Path
from reconciler.model.sequence import Desired

_IGNORE: Final[Path] = ("reconciler", "ignore")


def check_expired(readings: Files, locator: Locator, today: str) -> list[Diagnostic]:
    """Return an error for each entry that held until a day before `today` (`YYYY-MM-DD`, in UTC)."""
    found: list[Diagnostic] = []
    for file, reading in readings.items():
        if reading.desired is not None and (findings := list(_expired(reading.desired, today))):
            found += locator.place(file, findings)
    return found


def _expired(desired: Desired, today: str) -> Iterator[Finding]:
    for each in desired.instructions.hand_offs:
        # Days that are written alike come in the order of their texts.
        if each.until is not None and each.until < today:
            yield Finding(
                rule=rules.EXPIRED,
                message=f"this field is handed off until {each.until}, which has passed",
                path=(*_IGNORE, each.position, "until"),
                hint="remove the entry, so that the manifest counts again, or give it another day",
            )
