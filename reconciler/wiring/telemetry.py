"""Telemetry, put together where the operator's variables ask for it; nobody is told anything otherwise."""

import atexit
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from reconciler.adapters.telemetry.mentioned import is_mentioned
from reconciler.core.unobserved import UNOBSERVED
from reconciler.errors import ExitCode

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from reconciler.adapters.telemetry.otlp import Sending
    from reconciler.adapters.telemetry.spans import OtlpTelemetry
    from reconciler.ports import Span, Telemetry

# Seconds that a process waits at its end for what is still to be sent.
PATIENCE: Final = 2.0
# The variable by which whoever starts this process hands on its own trace, as W3C's header of that name has it.
_PARENT: Final = "TRACEPARENT"
_within: ContextVar[str | None] = ContextVar("_within", default=None)


class _Process:
    """The telemetry of this process: set up when it is first needed, and ended once. `trouble` is told once."""

    def __init__(self) -> None:
        self.sending: Sending | None = None
        self.is_begun = False
        self.trouble: str | None = None
        self.told: dict[str | None, OtlpTelemetry] = {}
        self.lock = threading.Lock()

    def of(self, environment: str | None) -> "Telemetry":
        """Return the telemetry of one environment, or of what concerns none: the same one each time."""
        if not self.is_begun and not is_mentioned(os.environ):
            return UNOBSERVED
        with self.lock:
            self._begin()
            if self.sending is None:
                return UNOBSERVED
            if environment not in self.told:
                from reconciler.adapters.telemetry.spans import OtlpTelemetry

                self.told[environment] = OtlpTelemetry(self.sending, environment)
            return self.told[environment]

    def end(self, seconds: float) -> str | None:
        """Send what is left, within so many seconds, and return the one thing that went wrong."""
        with self.lock:
            sending, trouble = self.sending, self.trouble
            self.sending, self.is_begun, self.trouble, self.told = None, False, None, {}
        return sending.end(seconds) if sending is not None else trouble

    def _begin(self) -> None:
        if self.is_begun:
            return
        self.is_begun = True
        from reconciler.adapters.telemetry.asked import asked_for

        asked = asked_for(os.environ)
        if asked is None or asked.trouble is not None:
            self.trouble = None if asked is None else f"no telemetry is sent: {asked.trouble}"
            return
        try:
            from reconciler.adapters.telemetry.otlp import Sending

            self.sending = Sending(asked)
        except ImportError:
            self.trouble = (
                f"no telemetry is sent: ${asked.variable} asks for it, and the package for it is not installed; "
                "pip install 'reconciler[otel]'"
            )
        except Exception as error:  # noqa: BLE001 - the SDK raises anything for a variable that it cannot use
            self.trouble = f"no telemetry is sent: it could not be set up ({type(error).__name__}); check $OTEL_*"


_PROCESS: Final = _Process()
# A process that works for others, as one of an engine does, ends without anybody saying so.
atexit.register(_PROCESS.end, PATIENCE)
telemetry_of = _PROCESS.of
end = _PROCESS.end


@contextmanager
def organisation(environment: str) -> "Iterator[Telemetry]":
    """Tell of the work on one environment; a block within another one of the same environment is a part of that."""
    telemetry = telemetry_of(environment)
    if not telemetry.listens or _within.get() == environment:
        yield telemetry
        return
    token = _within.set(environment)
    try:
        with telemetry.span("organisation"):
            yield telemetry
    finally:
        _within.reset(token)


def traceparent() -> str | None:
    """Return what a process elsewhere needs to go on with this trace; None where nothing is told. It is no secret."""
    if not telemetry_of(None).listens:
        return None
    from reconciler.adapters.telemetry.spans import traceparent as written

    return written()


def following(parent: str | None) -> "AbstractContextManager[None]":
    """Have what is told inside the block go on with a trace that was begun elsewhere."""
    if parent is None or not telemetry_of(None).listens:
        return nullcontext()
    from reconciler.adapters.telemetry.spans import following as within

    return within(parent)


class Command:
    """What is told of one command as a whole: a span that all others are within, and a word on what could not be told.

    It is begun before anything is known of the command, so that the reading of its options is a part of it.
    """

    def __init__(self) -> None:
        self._open = ExitStack()
        self._span: Span | None = None

    def begin(self) -> None:
        """Begin to tell, as a part of the trace of whoever started this process, where there is one."""
        telemetry = telemetry_of(None)
        if telemetry.listens:
            self._open.enter_context(following(os.environ.get(_PARENT)))
            self._span = self._open.enter_context(telemetry.span("reconciler"))

    def end(self, words: str, code: ExitCode | int) -> str | None:
        """Tell which command it was and how it ended, send all that is left, and return what went wrong with that."""
        if self._span is not None:
            self._span.rename(f"reconciler {words}".strip())
            self._span.put({"reconciler.command": words, "process.exit.code": int(code)})
            if code not in (ExitCode.DONE, ExitCode.DIFFERENCES):
                self._span.fail(ExitCode(code).name.lower() if code in list(ExitCode) else "other")
            self._open.close()
        return end(PATIENCE)
