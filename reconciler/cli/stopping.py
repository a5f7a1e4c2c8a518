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
    return "--format=json" in arguments or any(pair == ("--format", "json") for pair in pairwise(arguments))
