"""What state remembers of looking at live: when each sequence was read last, what was found, what was set back.

Nothing is decided about a sequence from it but when it is read again, and whether it may be set back yet. Moments are
RFC 3339.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Standing(StrEnum):
    """What the last look that could be believed has found."""

    IN_STEP = "in step"
    DRIFTED = "drifted"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """The last look at one sequence. `read` is when an answer was last believed, None where none ever was.

    `tried` is when the last look failed, where that was after `read`. `paths` are the pointers of the fields that had
    drifted, `drifted` is when any last had, ever. `status` is the server's word. `corrected` is when each field was
    last set back, by pointer.
    """

    read: str | None = None
    tried: str | None = None
    standing: Standing = Standing.IN_STEP
    paths: tuple[str, ...] = ()
    drifted: str | None = None
    status: str | None = None
    corrected: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """Tell whether the last look found everything as recorded, and did not fail."""
        return self.read is not None and self.tried is None and self.standing is Standing.IN_STEP
