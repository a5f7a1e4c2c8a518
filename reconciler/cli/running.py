"""A command line from its beginning to its exit code, whoever has understood it."""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

from reconciler.adapters.telemetry.mentioned import is_mentioned
from reconciler.signals import terminate


def ended(perform: Callable[[], Any], arguments: Sequence[str], words: Sequence[str]) -> int:
    """Do what a command line asks for and return its exit code; nothing is ever raised.

    `words` are those of the command, once it has ended.
    """
    previous = signal.signal(signal.SIGTERM, terminate)
    observed = None
    try:
        if is_mentioned(os.environ):
            from reconciler.cli.observed import Observed

            observed = Observed(arguments)
        code = int(perform() or 0)
    except BaseException as error:  # noqa: BLE001 - the one place where every end is turned into an exit code
        from reconciler.cli.ending import report

        code = report(error, arguments)
    finally:
        signal.signal(signal.SIGTERM, previous)
        flush()
    if observed is not None:
        observed.end(words, code)
    return code


def flush() -> None:
    """Hand on what was written; whoever was reading may be gone."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue
