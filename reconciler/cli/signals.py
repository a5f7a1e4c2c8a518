"""What a signal does to a process of ours. It imports next to nothing, so that it is there from the start."""

import _thread
import os
import signal
import sys
import time
from types import FrameType


class Terminated(BaseException):
    """SIGTERM came: end like Ctrl-C, saving what there is to save."""


def terminate(number: int, frame: FrameType | None) -> None:
    """Raise what SIGTERM ends a command with, as its handler."""
    del number, frame
    raise Terminated


def heed() -> None:
    """Have SIGTERM end this process in order, as Ctrl-C does, and neither of them be lost."""
    signal.signal(signal.SIGTERM, terminate)
    sys.unraisablehook = _not_lost


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
