"""Every way a command can end badly: one root, one tree, one exit code each.

The numbers are a contract (design, section 8). A bug is never one of these classes: it stays an unhandled exception
and ends in exit code 1.
"""

from collections.abc import Iterable
from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What a command's end means to the program that called it."""

    DONE = 0
    INTERNAL = 1
    DIFFERENCES = 2
    INVALID = 3
    REFUSED_CONFIGURATION = 4
    STATE_UNUSABLE = 5
    LOCKED = 6
    REFUSED = 7
    PARTIAL = 8
    UNKNOWN = 9
    UNAVAILABLE = 10
    USAGE = 64
    INTERRUPTED = 130
    TERMINATED = 143


# The gravest first; a code that is not named here is milder than all that are.
GRAVITY = (
    ExitCode.UNKNOWN,
    ExitCode.STATE_UNUSABLE,
    ExitCode.PARTIAL,
    ExitCode.REFUSED,
    ExitCode.REFUSED_CONFIGURATION,
    ExitCode.UNAVAILABLE,
)


def gravest(codes: Iterable[ExitCode]) -> ExitCode:
    """Return the code that wins where several things went wrong; DONE where nothing did."""
    given = list(codes)
    for code in GRAVITY:
        if code in given:
            return code
    return max(given, default=ExitCode.DONE)


class ReconcilerError(Exception):
    """An expected failure: what, where and why in `message`, what to do in `hint`."""

    exit_code: ClassVar[ExitCode] = ExitCode.INTERNAL
    kind: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ReconcilerError):
    """The command line asks for something that cannot be meant."""

    exit_code = ExitCode.USAGE
    kind = "usage"


class ConfigurationError(ReconcilerError):
    """The configuration, the credentials or the endpoint cannot be used."""

    exit_code = ExitCode.REFUSED_CONFIGURATION
    kind = "configuration"


class CredentialsError(ConfigurationError):
    """The API refused the key, or there is none."""

    kind = "credentials"


class StateError(ReconcilerError):
    """State is corrupt, truncated, foreign, newer than this tool, or cannot be written."""

    exit_code = ExitCode.STATE_UNUSABLE
    kind = "state"


class LockedError(ReconcilerError):
    """Somebody else is writing this state right now."""

    exit_code = ExitCode.LOCKED
    kind = "locked"


class RefusedError(ReconcilerError):
    """The tool could go on and will not: stale plan, wrong organisation, a violation."""

    exit_code = ExitCode.REFUSED
    kind = "refused"


class StaleError(RefusedError):
    """What was reviewed is not what would be done by now, or was begun before: it is to be reviewed anew."""


class UnavailableError(ReconcilerError):
    """The API did not answer in a way that can be used; nothing was changed."""

    exit_code = ExitCode.UNAVAILABLE
    kind = "unavailable"


class InterruptedRunError(ReconcilerError):
    """Ctrl-C ended it."""

    exit_code = ExitCode.INTERRUPTED
    kind = "stopped"


class TerminatedRunError(InterruptedRunError):
    """SIGTERM ended it."""

    exit_code = ExitCode.TERMINATED
