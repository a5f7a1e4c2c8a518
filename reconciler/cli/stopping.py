"""How a command says that a signal stopped it, also before click is there."""

from collections.abc import Sequence
from itertools import pairwise

from reconciler.cli.signals import Terminated, signal_behind
from reconciler.errors import ExitCode, ReconcilerError


class InterruptedRunError(ReconcilerError):
    """Ctrl-C: nothing was being applied."""

    exit_code = ExitCode.INTERRUPTED
    kind = "stopped"


class TerminatedRunError(InterruptedRunError):
    """SIGTERM: nothing was being applied."""

    exit_code = ExitCode.TERMINATED


def stopped(signal: BaseException) -> ReconcilerError:
    """Return the ending of a command that a signal stopped."""
    if isinstance(signal_behind(signal), Terminated):
        return TerminatedRunError("stopped by SIGTERM")
    return InterruptedRunError("stopped by Ctrl-C")


def wants_json(arguments: Sequence[str]) -> bool:
    """Tell whether JSON was asked for, also where the command line could not be understood any further."""
    return asked_format(arguments) == "json"


def asked_format(arguments: Sequence[str]) -> str | None:
    """Return the last format that was asked for, whether or not there is one of that name."""
    asked = [following for each, following in pairwise(["", *arguments]) if each == "--format"]
    asked += [each.partition("=")[2] for each in arguments if each.startswith("--format=")]
    return asked[-1] if asked else None
