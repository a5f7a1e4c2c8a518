"""A stretch that one signal does not interrupt: in it, an exception out of nowhere would leave things half done."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hold Ctrl-C and SIGTERM back until the block has ended; a second one does not wait.

    Only the main thread runs handlers at all.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore() -> None:
        for number, handler in handlers.items():
            if handler is not None:
                signal.signal(number, handler)

    def note(number: int, _: object) -> None:
        came.append(number)
        if len(came) > 1:
            restore()
            os.kill(os.getpid(), number)

    for number, handler in handlers.items():
        if handler is not None:
            signal.signal(number, note)
    try:
        yield
    finally:
        if len(came) <= 1:
            restore()
        for arrived in came[:1]:
            os.kill(os.getpid(), arrived)
