"""What a signal does to a process of ours. It imports next to nothing, so that it is there from the start."""

import _thread
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class Terminated(BaseException):
    """SIGTERM came: end like Ctrl-C, saving what there is to save."""


# The signals that came, the first one first.
_arrived: list[int] = []


def terminate(number: int, frame: FrameType | None) -> None:
    """Raise what SIGTERM ends a command with, as its handler."""
    del frame
    _arrived.append(number)
    raise Terminated


def interrupt(number: int, frame: FrameType | None) -> None:
    """Raise what Ctrl-C ends a command with, as its handler."""
    del frame
    _arrived.append(number)
    raise KeyboardInterrupt


def heed() -> None:
    """Have SIGTERM end this process in order, as Ctrl-C does, and neither of them be lost."""
    _arrived.clear()
    signal.signal(signal.SIGTERM, terminate)
    # A shell that starts a job in the background has it ignore Ctrl-C: that is left as it is.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)
    sys.unraisablehook = _not_lost


def signal_behind(error: BaseException) -> BaseException | None:
    """Return the signal that an error comes from, None where none has come.

    A library in another language may turn what a handler raised inside of it into a failure of its own.
    """
    if isinstance(error, KeyboardInterrupt | Terminated):
        return error
    if not _arrived:
        return None
    return Terminated() if _arrived[0] == signal.SIGTERM else KeyboardInterrupt()


@contextmanager
def diverted(to: Callable[[BaseException], None]) -> Iterator[None]:
    """Hand the first signal that comes to whoever winds things up, instead of raising it; a second one is raised.

    Only the main thread runs handlers at all.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def divert(number: int, _: object) -> None:
        restore()
        to(Terminated() if number == signal.SIGTERM else KeyboardInterrupt())

    for number, handler in before.items():
        # One that is ignored, as Ctrl-C by what a shell has started in the background, is left alone.
        if callable(handler):
            signal.signal(number, divert)
    try:
        yield
    finally:
        restore()


def heed_no_more() -> None:
    """Let no signal change how a process ends that is about to."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _not_lost(lost: "sys.UnraisableHookArgs") -> None:
    """Raise a signal once more that came where Python drops every exception, as while it collects garbage."""
    if isinstance(lost.exc_value, KeyboardInterrupt):
        _thread.start_new_thread(_once_more, (signal.SIGINT,))
    elif isinstance(lost.exc_value, Terminated):
        _thread.start_new_thread(_once_more, (signal.SIGTERM,))
    else:
        sys.__unraisablehook__(lost)


def _once_more(number: int) -> None:
    time.sleep(0.001)  # until whoever dropped it is through
    os.kill(os.getpid(), number)  # a real one, since it must wake a main thread that waits
