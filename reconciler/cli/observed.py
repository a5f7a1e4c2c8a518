"""What is told of a command as a whole, where telemetry is asked for."""

from collections.abc import Sequence
from contextlib import suppress

from reconciler.cli.session import say
from reconciler.view.terminal import inert_line
from reconciler.wiring.telemetry import Command


class Observed:
    """A command that is told of, from the moment that this is made."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self._is_quiet = not {"-q", "--quiet"}.isdisjoint(arguments)
        self._command = Command()
        self._command.begin()

    def end(self, words: Sequence[str], code: int) -> None:
        """Tell which command it was and how it ended; never raises.

        It has ended: neither what goes wrong with telling of it, nor a signal that comes meanwhile, changes how.
        """
        with suppress(BaseException):
            trouble = self._command.end(" ".join(words), code)
            if trouble is not None and not self._is_quiet:
                say(inert_line(trouble))
