"""A command line from its beginning to its exit code, whoever has understood it."""

import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

from reconciler.signals import terminate


def ended(perform: Callable[[], Any], arguments: Sequence[str]) -> int:
    """Do what a command line asks for and return its exit code; nothing is ever raised."""
    previous = signal.signal(signal.SIGTERM, terminate)
    try:
        return int(perform() or 0)
    except BaseException as error:  # noqa: BLE001 - the one place where every end is turned into an exit code
        from reconciler.cli.ending import report

        return report(error, arguments)
    finally:
        signal.signal(signal.SIGTERM, previous)
        _flush()


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue
