"""What a plan is carried out for: what the run is called, and what is recorded of it beside the writes themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from reconciler.model.outcome import Outcome
from reconciler.model.state import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """What a plan is carried out for. `opening` is recorded before anything is written, `closing` after all of it."""

    name: str = "apply"
    opening: Entry | None = None
    closing: Callable[[tuple[Outcome, ...]], Entry | None] = lambda _outcomes: None


APPLYING: Final = Purpose()
