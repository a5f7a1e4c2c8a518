"""How it is said that a signal stopped what was going on, also before the command line is there."""

from reconciler.errors import InterruptedRunError, ReconcilerError, TerminatedRunError
from reconciler.signals import Terminated, signal_behind


def stopped(signal: BaseException) -> ReconcilerError:
    """Return the ending of what a signal stopped."""
    if isinstance(signal_behind(signal), Terminated):
        return TerminatedRunError("stopped by SIGTERM")
    return InterruptedRunError("stopped by Ctrl-C")
